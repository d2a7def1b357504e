"""Two people per conversation over websockets: messages per second when busy, delay when calm.

Throughput: a fixed number of messages in flight among random conversations; a message counts when the other side has
it. Delay: arrivals at a fixed rate, timed from the instant they were due, so that a stall is not forgiven.
"""

import asyncio
import gc
import random
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import websockets

IN_FLIGHT = 64
PING_SECONDS = 10


@dataclass(frozen=True)
class Protocol:
    """How one kind of socket speaks. `said` gives the mark of a message meant for the other side, or nothing."""

    name: str
    encode: Callable[[str], str]
    said: Callable[[str], str]
    hello: str = ""
    ping: str = ""


@dataclass(frozen=True)
class Measure:
    per_second: float
    p50_ms: float
    p99_ms: float
    lost: int


class Talk:
    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.pairs: list[tuple] = []
        self.waiting: dict[str, tuple[float, asyncio.Future]] = {}
        self.delays: list[float] = []
        self._readers: list[asyncio.Task] = []

    async def open(self, addresses: list[tuple[str, dict, str, dict]]) -> None:
        gate = asyncio.Semaphore(20)

        async def connect(url: str, headers: dict):
            async with gate:
                socket = await websockets.connect(
                    url, additional_headers=headers, ping_interval=None, max_queue=None, compression=None, proxy=None
                )
                if self.protocol.hello:
                    await socket.send(self.protocol.hello)
                    await asyncio.wait_for(socket.recv(), 60)  # seated: what is measured is talk, not arrivals
                return socket

        for start in range(0, len(addresses), 50):
            opened = await asyncio.gather(
                *(
                    asyncio.gather(connect(left, left_headers), connect(right, right_headers))
                    for left, left_headers, right, right_headers in addresses[start : start + 50]
                )
            )
            self.pairs += [tuple(pair) for pair in opened]
        for pair in self.pairs:
            for side in (0, 1):
                self._readers.append(asyncio.create_task(self._listen(pair[side], side)))
        if self.protocol.ping:
            self._readers.append(asyncio.create_task(self._keep_alive()))

    async def _keep_alive(self) -> None:
        """Each socket in its turn, as browsers that came one by one: a burst of all would measure the burst."""
        sockets = [socket for pair in self.pairs for socket in pair]
        began, sent = time.perf_counter(), 0
        while True:
            await asyncio.sleep(0.02)
            due = int((time.perf_counter() - began) * len(sockets) / PING_SECONDS)
            for turn in range(sent, due):
                await sockets[turn % len(sockets)].send(self.protocol.ping)
            sent = due

    async def _listen(self, socket, side: int) -> None:
        try:
            async for text in socket:
                mark = self.protocol.said(text)
                if mark and mark[0] != str(side) and mark in self.waiting:
                    due, future = self.waiting.pop(mark)
                    self.delays.append(time.perf_counter() - due)
                    if not future.done():
                        future.set_result(None)
        except websockets.ConnectionClosed:
            return

    async def say(self, due: float) -> asyncio.Future:
        pair, side = random.choice(self.pairs), random.randrange(2)
        mark = f"{side}{uuid.uuid4().hex}"
        future = asyncio.get_running_loop().create_future()
        self.waiting[mark] = (due, future)
        await pair[side].send(self.protocol.encode(mark))
        return future

    async def throughput(self, seconds: float) -> tuple[float, int]:
        self.delays.clear()
        until = time.perf_counter() + seconds

        async def one_after_the_other() -> int:
            lost = 0
            while time.perf_counter() < until:
                try:
                    await asyncio.wait_for(await self.say(time.perf_counter()), 10)
                except TimeoutError:
                    lost += 1
            return lost

        lost = sum(await asyncio.gather(*(one_after_the_other() for _ in range(IN_FLIGHT))))
        return len(self.delays) / seconds, lost

    async def delay(self, rate: float, seconds: float) -> tuple[float, float, int]:
        self.delays.clear()
        futures, due = [], time.perf_counter()
        until = due + seconds
        while due < until:
            due += random.expovariate(rate)
            await asyncio.sleep(max(0, due - time.perf_counter()))
            futures.append(await self.say(due))
        _, late = await asyncio.wait(futures, timeout=10)
        found = sorted(self.delays)
        return found[len(found) // 2] * 1000, found[int(len(found) * 0.99)] * 1000, len(late)

    async def close(self) -> None:
        for task in self._readers:
            task.cancel()
        await asyncio.gather(*(socket.close() for pair in self.pairs for socket in pair), return_exceptions=True)


async def measure(protocol: Protocol, addresses: list, *, seconds: float, rate: float, calm_seconds: float) -> Measure:
    """This side collects no garbage meanwhile: its own pauses would count as the server's."""
    talk = Talk(protocol)
    await talk.open(addresses)
    gc.collect()
    gc.disable()
    try:
        await talk.throughput(1.0)
        per_second, lost = await talk.throughput(seconds)
        p50, p99, late = await talk.delay(rate, calm_seconds)
    finally:
        gc.enable()
        await talk.close()
    return Measure(per_second, p50, p99, lost + late)
