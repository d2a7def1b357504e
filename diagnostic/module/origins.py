"""The sites that may frame the module, one origin per line. What goes in a header is rebuilt, never copied."""

import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

MOST = 12
LOOPBACK = ("localhost", "127.0.0.1")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")
BAD = "« %(line)s » n’est pas l’adresse d’un site. Écrivez par exemple https://www.exemple.fr, sans rien après."
NOT_SECURE = "« %(line)s » doit commencer par https://."
TOO_MANY = f"Écrivez {MOST} adresses au plus."
NOTHING = "Écrivez au moins une adresse."


def origins_of(text: str) -> tuple[str, ...]:
    """The origins of a text, in its order, none twice. Raises ValidationError at the first line that is none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise ValidationError(NOTHING, code="nothing")
    if len(lines) > MOST:
        raise ValidationError(TOO_MANY, code="too_many")
    return tuple(dict.fromkeys(_origin(line) for line in lines))


def _origin(line: str) -> str:
    """No path, no user, no wildcard, no bare address; http only for this machine, in the demonstration."""
    bad = ValidationError(BAD, code="bad", params={"line": line[:80]})
    try:
        found = urlsplit(line)
        host = (found.hostname or "").encode("idna").decode()
        port = found.port
    except (ValueError, UnicodeError):
        raise bad from None
    if found.path not in ("", "/") or found.query or found.fragment or "@" in found.netloc or port == 0:
        raise bad
    if found.scheme == "http":
        if not (settings.DEMO and host in LOOPBACK):
            raise ValidationError(NOT_SECURE, code="not_secure", params={"line": line[:80]})
    elif found.scheme != "https" or not _HOST.fullmatch(host) or len(host) > 253:
        raise bad
    usual = {"http": 80, "https": 443}[found.scheme]
    return f"{found.scheme}://{host}" + (f":{port}" if port and port != usual else "")
