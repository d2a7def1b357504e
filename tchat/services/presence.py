"""Which agents have the console open, as leases in the cache: for information only, nothing is decided on it."""

import logging

from django.core.cache import cache
from redis.exceptions import RedisError

log = logging.getLogger("tchat.presence")
LEASE = 45


def _name(agent_id: int) -> str:
    return f"present:{agent_id}"


def touch(agent_ids: set[int]) -> None:
    try:
        cache.set_many({_name(agent_id): 1 for agent_id in agent_ids}, LEASE)
    except (RedisError, OSError) as error:
        log.warning("presence not kept: %s", type(error).__name__)


def present(agent_ids: set[int]) -> set[int]:
    """Those whose lease runs; none when the cache does not answer."""
    try:
        found = cache.get_many([_name(agent_id) for agent_id in agent_ids])
    except (RedisError, OSError):
        return set()
    return {agent_id for agent_id in agent_ids if _name(agent_id) in found}
