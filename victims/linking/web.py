"""Addresses of the web as host and page, so that two spellings of one address agree. Nothing is ever opened."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_TOKEN = re.compile(r"(?P<scheme>https?://)?(?P<rest>[^\s<>\"«»|]{4,2000})", re.IGNORECASE)
_EDGES = "<([{«\"'`.,;:!?)]}»…*"
_HOST = re.compile(r"(?=.{4,253}$)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+(?:[a-z]{2,24}|xn--[a-z0-9-]{2,59})")
_FOUR = re.compile(r"(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?:25[0-5]|2[0-4]\d|1?\d?\d)){3}")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})|(.)", re.DOTALL)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SAFE = "/:@!$&'()*+,;=~"
# What names a page on its own; everything else in a query is tracking, or the visitor's.
_NAMING = frozenset({"id", "v", "story_fbid", "item", "product", "product_id", "annonce"})
MOST = 2000


@dataclass(frozen=True, slots=True)
class Address:
    """`page` is empty where the address is a host alone."""

    host: str
    page: str

    @property
    def steps(self) -> list[str]:
        return [step for step in self.page.partition("?")[0].split("/")[1:] if step]


def ascii_host(host: str) -> str:
    """Lower case, IDN as punycode; empty when it is none."""
    try:
        found = host.casefold().strip(".").encode("idna").decode().lower()
    except UnicodeError:
        return ""
    return found if _HOST.fullmatch(found) or _FOUR.fullmatch(found) else ""


def addresses(text: str, *, bare: bool = False) -> Iterator[tuple[Address, int, int]]:
    """(address, start, end). Without a scheme only « www. » or a path tells an address, unless `bare`."""
    for found in _TOKEN.finditer(text):
        scheme, rest = found["scheme"] or "", found["rest"].rstrip(_EDGES)
        cut = 0 if scheme else len(rest) - len(rest.lstrip(_EDGES))
        address = read(rest[cut:])
        told = scheme or bare or rest[cut:].lower().startswith("www.") or (address and address.page)
        if address and told and (scheme or "@" not in rest.partition("/")[0]):
            yield address, found.start() + (0 if scheme else cut), found.start() + len(scheme) + len(rest)


def read(text: str) -> Address | None:
    """`text` has no scheme. Who is before an « @ » is not the host, whatever it looks like."""
    try:
        parts = urlsplit("//" + text.replace("\\", "/")[:MOST])
        port = parts.port
    except ValueError:
        return None
    host = ascii_host(parts.hostname or "")
    while host.startswith("www.") and host.count(".") >= 2:
        host = host[4:]
    if not host:
        return None
    place = host if port in (None, 80, 443) else f"{host}:{port}"
    path, query = _path(parts.path), _query(parts.query)
    return Address(place, f"{place}{path or '/'}{query}" if path or query else "")


def _path(path: str) -> str:
    kept: list[str] = []
    for step in _PERCENT.sub(_spelled, path).split("/"):
        if step == "..":
            kept = kept[:-1]
        elif step not in ("", "."):
            kept.append(step)
    return "".join(f"/{step}" for step in kept)


def _spelled(found: re.Match[str]) -> str:
    """One spelling per character: what needs no percent has none, the others have capitals."""
    if found[1]:
        letter = chr(int(found[1], 16))
        return letter if letter in _UNRESERVED else f"%{found[1].upper()}"
    return quote(found[2], safe=_SAFE)


def _query(query: str) -> str:
    named = sorted(part for part in query.split("&") if part.partition("=")[0].lower() in _NAMING and "=" in part)
    return "?" + "&".join(_PERCENT.sub(_spelled, part) for part in named) if named else ""
