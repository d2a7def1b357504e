"""Many sockets held open by one process that is not the server, as browsers hold them.

python -m tests.stack.holders FILE COUNT: the addresses and cookies are in FILE. On its input, one order a line:
« idle SECONDS » keeps them quiet, then says how many fell meanwhile; « back SECONDS » says how long until all are there
again after a fall, within the time given; « end ».
"""

import asyncio
import json
import random
import sys
import time
from collections import Counter
from pathlib import Path

import websockets

from guichet.simulation.client import LONGEST_WAIT

PING_SECONDS, SILENCE_SECONDS = 10, 25
FIRST_WAIT = 0.5
AT_ONCE = 40


class Holder:
    """Pings as static/js/tchat.js does; comes back as guichet/simulation/client.py does, sooner than the script."""

    def __init__(self, url: str, headers: dict) -> None:
        self.url, self.headers = url, headers
        self.open, self.falls = False, []

    async def run(self, gate: asyncio.Semaphore) -> None:
        wait = FIRST_WAIT
        while True:
            try:
                async with gate:
                    socket = await websockets.connect(
                        self.url, additional_headers=self.headers, ping_interval=None, open_timeout=6, proxy=None,
                        compression=None,
                    )  # fmt: skip
                    await socket.send('{"t":"resume","after":0}')
                    async with asyncio.timeout(6):
                        await socket.recv()
                self.open, wait = True, FIRST_WAIT
                await self._hold(socket)
            except (OSError, TimeoutError, websockets.WebSocketException) as error:
                if self.open:
                    self.falls.append(str(error) or type(error).__name__)
                self.open = False
            await asyncio.sleep(wait * (0.5 + random.random()))
            wait = min(wait * 2, LONGEST_WAIT)

    async def _hold(self, socket) -> None:
        pinging = asyncio.create_task(self._ping(socket))
        try:
            while True:
                async with asyncio.timeout(SILENCE_SECONDS):  # wait_for may swallow the end of the task
                    await socket.recv()
        finally:
            pinging.cancel()

    async def _ping(self, socket) -> None:
        await asyncio.sleep(PING_SECONDS * random.random())
        while True:
            await socket.send('{"t":"ping","seq":0}')
            await asyncio.sleep(PING_SECONDS)


async def all_open(holders: list[Holder], within: float) -> float:
    started = time.monotonic()
    while not all(holder.open for holder in holders) and time.monotonic() - started < within:
        await asyncio.sleep(0.02)
    return time.monotonic() - started


async def obey(holders: list[Holder], order: str, seconds: float) -> dict:
    took = await all_open(holders, seconds)
    for holder in holders:
        holder.falls.clear()
    if order == "idle":
        await asyncio.sleep(seconds)
    falls = Counter(why for holder in holders for why in holder.falls)
    return {"open": sum(holder.open for holder in holders), "fell": falls, "took": round(took, 2)}


async def main(path: str, count: int) -> None:
    seats = json.loads(Path(path).read_text())
    holders = [Holder(*seat) for seat in seats[:count]]
    gate = asyncio.Semaphore(AT_ONCE)
    tasks = [asyncio.create_task(holder.run(gate)) for holder in holders]
    while (line := await asyncio.to_thread(sys.stdin.readline)).strip() not in {"", "end"}:
        order, seconds = line.split()
        print(json.dumps(await obey(holders, order, float(seconds))), flush=True)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
