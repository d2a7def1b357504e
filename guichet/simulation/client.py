"""The client's rules, as static/js/tchat.js has them: the same vectors prove both.

Keep what is not acknowledged and send it again with the same id; at most ten in flight; resume after the last sequence;
ignore what is already shown; a gap or a silent link means a new connection; back off with jitter, elsewhere each time.
"""

import asyncio
import contextlib
import json
import random
import time
import uuid
from dataclasses import dataclass

import websockets

WINDOW = 10
RESEND_SECONDS = 3.0
PING_SECONDS = 1.8
SILENCE_SECONDS = 4.0
LONGEST_WAIT = 2.0
DROPPED = 1006  # no word of farewell came


@dataclass
class Outgoing:
    body: str
    first: float
    last: float = 0.0


class Client:
    ping_seconds, silence_seconds, longest_wait = PING_SECONDS, SILENCE_SECONDS, LONGEST_WAIT
    query, source = "", ""

    def __init__(self, conversation: str, role: str, addresses: list[str], headers: dict):
        self.conversation, self.role, self.addresses, self.headers = conversation, role, addresses, headers
        self.shown: list[tuple[int, str, str]] = []
        self.waiting: dict[str, Outgoing] = {}
        self.acknowledged: dict[str, int] = {}
        self.delays: list[float] = []
        self.close_codes: list[int] = []
        self.reconnects = 0
        self.refused: list[str] = []
        self._socket = None
        self._random = random.Random(f"{conversation}{role}")  # noqa: S311

    @property
    def last(self) -> int:
        return self.shown[-1][0] if self.shown else 0

    @property
    def connected(self) -> bool:
        return self._socket is not None

    async def run(self) -> None:
        wait = 0.1
        while True:
            with contextlib.suppress(OSError, TimeoutError, websockets.WebSocketException):
                async with websockets.connect(
                    self._address(), additional_headers=self.headers, open_timeout=3, ping_interval=None,
                    close_timeout=0.5, proxy=None, **({"local_addr": (self.source, 0)} if self.source else {}),
                ) as socket:  # fmt: skip
                    wait = 0.1
                    await self._talk(socket)
            self._socket = None
            self.reconnects += 1
            await asyncio.sleep(wait * (0.5 + self._random.random()))
            wait = min(wait * 2, self.longest_wait)

    def _address(self) -> str:
        return f"{self._random.choice(self.addresses)}/ws/tchat/{self.conversation}/{self.query}"

    async def _talk(self, socket) -> None:
        await socket.send(json.dumps({"t": "resume", "after": self.last}))
        self._socket = socket
        heart = asyncio.create_task(self._beat(socket))
        try:
            await self._send_waiting(everything=True)
            while True:
                async with asyncio.timeout(self.silence_seconds):  # wait_for may swallow the end of the task
                    text = await socket.recv()
                self.on(json.loads(text))
                await self._send_waiting()
        except websockets.ConnectionClosed as closed:
            self.close_codes.append(closed.rcvd.code if closed.rcvd else DROPPED)
        finally:
            self._socket = None
            heart.cancel()

    async def _beat(self, socket) -> None:
        with contextlib.suppress(websockets.WebSocketException, OSError):
            while True:
                await asyncio.sleep(self.ping_seconds)
                await socket.send(json.dumps({"t": "ping", "seq": self.last}))
                await self._send_waiting()

    def on(self, frame: dict) -> None:
        if frame["t"] == "ack":
            self._settle(frame)
        elif frame["t"] == "msg":
            self._show(frame)
        elif frame["t"] == "pong" and frame["seq"] > self.last:
            raise ConnectionError("gap")
        elif frame["t"] == "err" and frame["code"] not in {"retry", "too-fast"}:
            self.refused.append(frame["code"])
            self.waiting.pop(frame.get("id", ""), None)

    def _show(self, frame: dict) -> None:
        if frame["seq"] <= self.last:
            return
        if frame["seq"] != self.last + 1:
            raise ConnectionError("gap")
        self.shown.append((frame["seq"], frame["id"], frame["body"]))
        self._settle(frame)

    def _settle(self, frame: dict) -> None:
        """Acknowledged, or shown although the acknowledgement was lost: in both cases it is stored."""
        outgoing = self.waiting.pop(frame["id"], None)
        if outgoing:
            self.acknowledged[frame["id"]] = frame["seq"]
            self.delays.append(time.monotonic() - outgoing.first)

    def due(self, now: float, *, everything: bool = False) -> list[str]:
        """Those to send now, oldest first; `everything`: a new connection."""
        window = list(self.waiting.items())[:WINDOW]
        return [name for name, outgoing in window if everything or now - outgoing.last >= RESEND_SECONDS]

    async def _send_waiting(self, *, everything: bool = False) -> None:
        for name in self.due(time.monotonic(), everything=everything):
            await self._send(name, self.waiting[name])

    async def _send(self, name: str, outgoing: Outgoing) -> None:
        outgoing.last = time.monotonic()
        if self._socket:
            with contextlib.suppress(websockets.WebSocketException, OSError):
                await self._socket.send(json.dumps({"t": "send", "id": name, "body": outgoing.body}))

    async def say(self, body: str) -> str:
        name = str(uuid.uuid4())
        self.waiting[name] = Outgoing(body, time.monotonic())
        if len(self.waiting) <= WINDOW:
            await self._send(name, self.waiting[name])
        return name
