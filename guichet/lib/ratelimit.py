"""Token bucket on the cache: how often one key may do one thing. Approximate by design, and never a wall:
callers answer 429 with the seconds to wait."""

import logging
import time

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


def _take(purpose: str, key: str, allowed: int, seconds: int) -> int:
    name = f"rate:{purpose}:{fingerprint('rate', key)[:32]}"
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
