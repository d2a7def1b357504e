"""How often one key does one thing, on the cache: approximate by design, and never a wall. Callers answer 429 with the
seconds to wait, or let those of one crowded network come after the others."""

import logging
import time
from ipaddress import ip_address, ip_network

from django.core.cache import cache
from redis.exceptions import RedisError

from guichet.lib.crypto import fingerprint

log = logging.getLogger("guichet.ratelimit")


def wait_before(purpose: str, key: str, *, allowed: int, seconds: int) -> int:
    """0 and one token taken, or the seconds to wait. The key is stored as a fingerprint only.

    Without its cache the limit lets people through: a victim is never locked out because Redis is down.
    """
    try:
        return _take(purpose, key, allowed, seconds)
    except (RedisError, OSError) as error:
        log.warning("no limit applied: %s", type(error).__name__)
        return 0


def give_back(purpose: str, key: str, *, seconds: int) -> None:
    """The token taken last was for something that is not to be counted: never more than there were before it."""
    name = _name("rate", purpose, key)
    try:
        if kept := cache.get(name):
            cache.set(name, (kept[0] + 1, kept[1]), timeout=seconds * 2)
    except (RedisError, OSError) as error:
        log.warning("nothing given back: %s", type(error).__name__)


def count_lately(purpose: str, key: str, *, seconds: int) -> int:
    """How many times since the first one of these seconds, this one included; 0 without the cache."""
    name = _name("count", purpose, key)
    try:
        cache.add(name, 0, timeout=seconds)
        return cache.incr(name)
    except ValueError:  # those seconds ended between the two
        return 1
    except (RedisError, OSError) as error:
        log.warning("nothing counted: %s", type(error).__name__)
        return 0


def _name(kind: str, purpose: str, key: str) -> str:
    return f"{kind}:{purpose}:{fingerprint('rate', key)[:32]}"


def _take(purpose: str, key: str, allowed: int, seconds: int) -> int:
    name = _name("rate", purpose, key)
    now = time.time()
    tokens, at = cache.get(name, (float(allowed), now))
    tokens = min(allowed, tokens + (now - at) * allowed / seconds)
    if tokens < 1:
        return int((1 - tokens) * seconds / allowed) + 1
    cache.set(name, (tokens - 1, now), timeout=seconds * 2)
    return 0


def client_address(request) -> str:
    """The address seen by our own proxy (last hop), used for limits only and never stored."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return forwarded.rsplit(",", 1)[-1].strip() or request.META.get("REMOTE_ADDR", "")


def network_of(request) -> str:
    """The public network somebody comes from: an IPv4 address or the /64 of an IPv6 one, never stored either.

    Empty for an address that is not public: behind a proxy that does not tell, everybody would be one.
    """
    try:
        address = ip_address(client_address(request))
    except ValueError:
        return ""
    address = getattr(address, "ipv4_mapped", None) or address
    if not address.is_global:
        return ""
    return str(address) if address.version == 4 else str(ip_network((address, 64), strict=False))
