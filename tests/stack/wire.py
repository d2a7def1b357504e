"""A websocket written by hand: whatever bytes one likes, to a real daphne."""

import asyncio
import base64
import os
import struct

TEXT, BINARY, CLOSE, PING = 1, 2, 8, 9


def frame(kind: int, payload: bytes, *, last=True, masked=True, reserved=0, announced: int | None = None) -> bytes:
    """One frame as it travels; `announced`: the length it pretends to have."""
    size = len(payload) if announced is None else announced
    head, mask = bytes([last << 7 | reserved << 4 | kind]), 0x80 if masked else 0
    if size < 126:
        head += bytes([mask | size])
    elif size < 65536:
        head += bytes([mask | 126]) + struct.pack(">H", size)
    else:
        head += bytes([mask | 127]) + struct.pack(">Q", size)
    if not masked:
        return head + payload
    key = os.urandom(4)
    return head + key + _masked(payload, key)


def _masked(payload: bytes, key: bytes) -> bytes:
    if not payload:
        return b""
    pad = (key * (len(payload) // 4 + 1))[: len(payload)]
    return (int.from_bytes(payload, "big") ^ int.from_bytes(pad, "big")).to_bytes(len(payload), "big")


class Wire:
    """`headers` open the door as a browser's do; after that, anything goes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, port: int, path: str, headers: dict[str, str]) -> "Wire":
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        key = base64.b64encode(os.urandom(16)).decode()
        asked = {
            "Host": f"127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": key,
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Extensions": "permessage-deflate",
            **headers,
        }
        lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in asked.items()), "", ""]
        writer.write("\r\n".join(lines).encode())
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
        assert b" 101 " in answer.split(b"\r\n")[0], answer
        assert b"permessage-deflate" not in answer
        return cls(reader, writer)

    async def write(self, data: bytes) -> bool:
        """False: the server has hung up."""
        try:
            self.writer.write(data)
            await self.writer.drain()
        except ConnectionError:
            return False
        return not self.reader.at_eof()

    async def read(self, timeout: float = 5) -> tuple[int, bytes] | None:
        """The next frame: its kind and payload. None: the server has hung up. Raises TimeoutError."""
        try:
            async with asyncio.timeout(timeout):
                head = await self.reader.readexactly(2)
                size = head[1] & 127
                if size == 126:
                    (size,) = struct.unpack(">H", await self.reader.readexactly(2))
                elif size == 127:
                    (size,) = struct.unpack(">Q", await self.reader.readexactly(8))
                return head[0] & 15, await self.reader.readexactly(size)
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    def close(self) -> None:
        self.writer.transport.abort()
