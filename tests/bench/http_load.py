"""A closed-loop HTTP client on keep-alive connections: exchanges per second and the 99th percentile."""

import asyncio
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def encoded(self, port: int) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        if self.method == "POST":
            lines.append(f"Content-Length: {len(self.body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + self.body


@dataclass(frozen=True)
class Case:
    """One exchange is every request of `requests`, in order (a step of a wizard may need two)."""

    name: str
    requests: tuple[Request, ...]
    statuses: tuple[int, ...]


@dataclass(frozen=True)
class Measure:
    per_second: float
    p99_ms: float


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    status, length, chunked = int(head[9:12]), 0, False
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
        elif name.lower() == b"transfer-encoding":
            chunked = b"chunked" in value
    if chunked:
        while size := int(await reader.readline(), 16):
            await reader.readexactly(size + 2)
        await reader.readexactly(2)
    elif length:
        await reader.readexactly(length)
    return status


async def _worker(case: Case, port: int, until: float, times: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    encoded = [request.encoded(port) for request in case.requests]
    while time.perf_counter() < until:
        started = time.perf_counter()
        for data, expected in zip(encoded, case.statuses, strict=True):
            try:
                writer.write(data)
                status = await _answer(reader)
            except (asyncio.IncompleteReadError, ConnectionError):
                # gunicorn's sync worker closes after each answer: the reconnection is part of what is measured
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(data)
                status = await _answer(reader)
            assert status == expected, f"{case.name}: {status} instead of {expected}"
        times.append(time.perf_counter() - started)
    writer.close()


def measure(case: Case, port: int, *, connections: int, seconds: float) -> Measure:
    times: list[float] = []

    async def everyone() -> None:
        until = time.perf_counter() + seconds
        await asyncio.gather(*(_worker(case, port, until, times) for _ in range(connections)))

    asyncio.run(everyone())
    times.sort()
    return Measure(len(times) / seconds, times[int(len(times) * 0.99)] * 1000)
