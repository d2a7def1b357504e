"""A server that ends while somebody is coming in."""

import asyncio
import contextlib
import signal
import time

import pytest

from tests import places

pytestmark = pytest.mark.stack
RESTART = (4012).to_bytes(2, "big")


async def test_handshake_that_ends_during_the_drain_is_sent_elsewhere_at_once():
    place = places.production(processes=1)
    await asyncio.to_thread(place.start)
    daphne = place.daphnes[0]
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", daphne.port)
        writer.write(
            b"GET /ws/console/ HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: %s\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            % (daphne.port, daphne.url.encode())
        )
        await writer.drain()
        await asyncio.sleep(0.5)

        daphne.process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.3)
        started = time.monotonic()
        writer.write(b"Sec-WebSocket-Version: 13\r\n\r\n")
        said = b""
        with contextlib.suppress(TimeoutError, OSError):
            async with asyncio.timeout(10):
                while RESTART not in said and (more := await reader.read(4096)):
                    said += more
        assert RESTART in said
        writer.close()
        await asyncio.to_thread(daphne.process.wait, 20)
        assert time.monotonic() - started < 6
    finally:
        await asyncio.to_thread(place.stop)
