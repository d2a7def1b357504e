"""From which pages a websocket may be opened: scheme, host and port must be ours, a cookie alone proves nothing."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

PORTS = {"http": 80, "https": 443}


def _parts(origin: str) -> tuple[str, str, int] | None:
    """(scheme, host, port), or None for what is not an origin: « null », user information, a path, a broken port."""
    try:
        found = urlsplit(origin)
        port = found.port
    except ValueError:
        return None
    if found.scheme not in PORTS or not found.hostname or found.path or found.query or found.fragment or found.username:
        return None
    return found.scheme, found.hostname, port or PORTS[found.scheme]


def is_ours(scope) -> bool:
    """The listed origins; on a laptop, where none is listed, the very host that was asked for, if it is one of ours."""
    headers = [(name, value.decode("latin-1")) for name, value in scope["headers"]]
    origins = [value for name, value in headers if name == b"origin"]
    origin = _parts(origins[0]) if len(origins) == 1 else None
    if origin is None:
        return False
    if settings.ORIGINS:
        return origin in {_parts(each) for each in settings.ORIGINS}
    host = next((value for name, value in headers if name == b"host"), "")
    domain, _ = split_domain_port(host)
    scheme = "https" if scope.get("scheme") == "wss" else "http"
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS) and origin == _parts(f"{scheme}://{host}")
