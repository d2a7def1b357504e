"""The bell: tells sockets, wherever they are, that a conversation has changed. It never carries content.

One registry of sockets per process, and one Redis subscription per process when REDIS_URL is set. A bell may be
lost, doubled or late: every socket reads the database again on a bell, on a tick and when the link to Redis comes
back. So Redis down slows delivery to the tick and loses nothing. Why not a channel layer: docs/decisions/0003.
"""

import asyncio
import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable

import redis
import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

log = logging.getLogger("tchat.hub")
Wake = Callable[[str], None]
RECOVERED = "recovered"
SEND_TIMEOUT = 1.0
# After a bell that could not be sent, the next ones are not tried for a while: no commit waits for a Redis that hangs.
MUTE = 2.0
QUIET, PONG_WITHIN = 5.0, 2.0


class Hub:
    """Groups of sockets in this process. `join` and `leave` run on the loop; `ring` from any thread."""

    def __init__(self) -> None:
        self._members: dict[str, dict[Wake, asyncio.AbstractEventLoop]] = defaultdict(dict)
        self._lock = threading.Lock()

    def join(self, group: str, wake: Wake) -> None:
        with self._lock:
            self._members[group][wake] = asyncio.get_running_loop()

    def leave(self, group: str, wake: Wake) -> None:
        with self._lock:
            members = self._members.get(group, {})
            members.pop(wake, None)
            if not members:
                self._members.pop(group, None)

    def groups(self) -> list[str]:
        with self._lock:
            return list(self._members)

    def ring(self, *groups: str, kind: str = "changed", here: bool = True) -> None:
        """`here=False`: the sockets of this process were already told what changed."""
        if here:
            self._ring_here(groups, kind)

    def _ring_here(self, groups, kind: str) -> None:
        with self._lock:
            found = [pair for group in groups for pair in self._members.get(group, {}).items()]
        for wake, loop in found:
            if not loop.is_closed():
                loop.call_soon_threadsafe(wake, kind)


class RedisHub(Hub):
    """The same over every process: one publishing connection pool, one subscription, both allowed to fail."""

    def __init__(self, url: str, channel: str) -> None:
        super().__init__()
        self._url, self._channel = url, channel
        self._origin = uuid.uuid4().hex[:12]
        self._publisher = redis.Redis.from_url(url, socket_timeout=SEND_TIMEOUT, socket_connect_timeout=SEND_TIMEOUT)
        self._listening: asyncio.Task | None = None
        self._mute_until = 0.0

    def join(self, group: str, wake: Wake) -> None:
        super().join(group, wake)
        if self._listening is None or self._listening.done():
            self._listening = asyncio.get_running_loop().create_task(self._listen())

    def ring(self, *groups: str, kind: str = "changed", here: bool = True) -> None:
        super().ring(*groups, kind=kind, here=here)
        if time.monotonic() < self._mute_until:
            return
        try:
            self._publisher.publish(self._channel, "|".join((self._origin, kind, *groups)))
        except (RedisError, OSError) as error:
            self._mute_until = time.monotonic() + MUTE
            log.warning("bell not sent: %s", type(error).__name__)

    async def _listen(self) -> None:
        delay = 0.1
        while True:
            client = redis.asyncio.Redis.from_url(self._url, socket_timeout=None, socket_connect_timeout=2)
            try:
                async with client.pubsub() as subscription:
                    await subscription.subscribe(self._channel)
                    self._ring_here(self.groups(), RECOVERED)
                    delay = 0.1
                    await self._hear(subscription)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bell link lost: %s", type(error).__name__)
            finally:
                await client.aclose()
            await asyncio.sleep(delay)
            delay = min(delay * 2, 2.0)

    async def _hear(self, subscription) -> None:
        """Until the link breaks. A ping after 5 s of silence, answered within 2, finds a link that only looks open."""
        asked = False
        while True:
            message = await subscription.get_message(timeout=PONG_WITHIN if asked else QUIET)
            if message is None and asked:
                raise TimeoutError("no answer to the ping")
            asked = message is None
            if asked:
                await asyncio.wait_for(subscription.ping(), PONG_WITHIN)
            elif message["type"] == "message":
                self._heard(message["data"])

    def _heard(self, data: bytes) -> None:
        """A bell that cannot be read rings nobody, and the next one is heard all the same."""
        try:
            origin, kind, *groups = data.decode().split("|")
        except ValueError:
            log.warning("bell not read")
            return
        if origin != self._origin:
            self._ring_here(groups, kind)


def _make() -> Hub:
    if settings.REDIS_URL:
        return RedisHub(settings.REDIS_URL, f"{settings.REDIS_PREFIX}:bell")
    return Hub()


hub = _make()
