"""The network between a person and a daphne, breakable: cut, black hole one way or both, slow."""

import asyncio
import contextlib


class Proxy:
    def __init__(self, port: int, target: int, *, source: str = "") -> None:
        """`source`: the address from which the person seems to come."""
        self.port, self.target = port, target
        self._from = (source, 0) if source else None
        self.hole: set[str] = set()
        self.delay = 0.0
        self._pairs: set[tuple] = set()
        self._lost: set[tuple] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> "Proxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.port)
        return self

    async def _accept(self, reader, writer) -> None:
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target, local_addr=self._from)
        except OSError:
            writer.close()
            return
        pair = (writer, there_writer)
        self._pairs.add(pair)
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(
                self._pump(reader, there_writer, "up", pair), self._pump(there_reader, writer, "down", pair)
            )
        self._pairs.discard(pair)
        self._lost.discard(pair)

    async def _pump(self, reader, writer, way: str, pair: tuple) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if way in self.hole or pair in self._lost:  # swallowed: no end, no reset, no byte
                    continue
                writer.write(data)
                await writer.drain()
        if not self.hole:
            writer.close()

    def lose(self) -> None:
        """The connections of this moment never say anything again; those that come pass."""
        self._lost |= self._pairs

    def cut(self) -> None:
        for pair in list(self._pairs):
            for writer in pair:
                writer.transport.abort()

    def stop(self) -> None:
        self._server.close()
        self.cut()
