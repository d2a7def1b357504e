"""Our daphne: it drains on SIGTERM and bounds what one socket, or one posted body, may hold in memory.

Stock daphne drops every socket with 1006 on SIGTERM, runs no `disconnect`, and queues without limit in both
directions (notes of docs/decisions/0004). Here: stop listening, close each socket with 4012 (« come back now »), wait a
bounded time; a socket that does not read, or that floods, is cut. Frames above 64 KiB are refused, dead peers are
found by a ping within ten seconds.
"""

import gc
import io
import sys
import time

import daphne.http_protocol
import daphne.ws_protocol
from autobahn.exception import Disconnected
from daphne import cli
from daphne.http_protocol import WebRequest
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer, reactor, task

from guichet.bodies import EXTENSION, body_for

RESTART = 4012
MAX_FRAMES_IN = 64
MAX_BYTES_OUT = 1 << 20
FRAME_LIMIT = 64 * 1024
DRAIN_SECONDS = 8
GRACE_SECONDS = 1
CHECK_SECONDS = 1
SWITCH_SECONDS = 0.001  # the loop waits less for a thread that computes
# A full collection over two thousand people holds them all for a quarter of a second: ten times more seldom.
COLLECT = (700, 10, 100)
DEFAULTS = {
    "--ping-interval": "4",
    "--ping-timeout": "5",
    "--websocket-max-message-size": str(FRAME_LIMIT),
    "--websocket_timeout": "28800",
    "--application-close-timeout": "5",
    "--verbosity": "0",  # its access log would hold addresses
}


class SpooledRequest(WebRequest):
    """Its body waits in a file of ours; nobody parses or queues it on the way to the page."""

    body = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._parsePOSTFormSubmission = False

    def gotLength(self, length):
        if not length and length is not None:
            return super().gotLength(length)
        self.content = self.body = body_for(self.channel._path, length)
        return None

    def process(self):
        if self.body is None or self.requestHeaders.hasHeader(b"Upgrade"):
            return super().process()
        self.content = io.BytesIO()
        return super().process()

    def connectionLost(self, reason):
        super().connectionLost(reason)
        if self.body is not None and self.application_queue is None:
            self.body.close()  # it never came to a page


class GuardedProtocol(WebSocketProtocol):
    last_pong = 0.0

    def onPong(self, payload):
        self.last_pong = time.monotonic()
        return super().onPong(payload)

    def onOpen(self):
        """A handshake that ends while we drain is sent elsewhere at once."""
        super().onOpen()
        if self.server.is_draining:
            self.serverClose(code=RESTART)

    def onMessage(self, payload, isBinary):
        if self.application_queue.qsize() >= MAX_FRAMES_IN:
            self.muted = False
            return self.dropConnection(abort=True)
        return super().onMessage(payload, isBinary)

    def serverSend(self, content, binary=False):
        transport = self.transport
        unsent = len(getattr(transport, "dataBuffer", b"")) + getattr(transport, "_tempDataLen", 0) if transport else 0
        if unsent > MAX_BYTES_OUT:
            return self.dropConnection(abort=True)
        try:
            return super().serverSend(content, binary)
        except Disconnected:
            return None  # gone meanwhile; its `disconnect` is on the way

    def sendData(self, data, sync=False, chopsize=None):
        """Written at once where nothing waits before it: the reactor's turn to write costs more than the frame."""
        transport = self.transport
        waits = self.send_queue or transport.dataBuffer or transport._tempDataBuffer
        if sync or chopsize or waits or not transport.connected or transport.disconnecting:
            return super().sendData(data, sync, chopsize)
        written = transport.writeSomeData(data)
        rest = data[written:] if isinstance(written, int) else data
        return super().sendData(rest) if rest else None

    def connectionLost(self, reason):
        """What was never sent goes at once: the collector would find this circle of objects much later."""
        transport = self.transport
        super().connectionLost(reason)
        transport.dataBuffer, transport._tempDataBuffer, transport._tempDataLen = b"", [], 0


class DrainingServer(Server):
    ports: tuple = ()
    is_draining = False

    def listen_success(self, port):
        self.ports = (*self.ports, port)
        super().listen_success(port)
        if len(self.ports) == 1:
            from guichet import chores  # the applications are loaded by now

            chores.start()
            gc.collect()
            gc.freeze()  # what is loaded stays: a full collection then looks at the people only, in a tenth of the time
            gc.set_threshold(*COLLECT)

    def create_application(self, protocol, scope):
        body = getattr(protocol, "body", None)
        if body is not None and scope["type"] == "http":
            body.seek(0)
            scope["extensions"] = {EXTENSION: body}
        if scope["type"] == "websocket":
            scope["last_pong"] = lambda: protocol.last_pong
        return super().create_application(protocol, scope)

    def timeout_checker(self):
        """Every second, not every two: the time between two signs of a peer is a part of what is promised (0008)."""
        for each in list(self.connections):
            each.check_timeouts()
        reactor.callLater(CHECK_SECONDS, self.timeout_checker)

    def _websockets(self) -> list:
        return [each for each in self.connections if isinstance(each, WebSocketProtocol)]

    def kill_all_applications(self):
        """Called by daphne on shutdown; the deferred holds the process until it fires. Requests on their way are
        answered, those that wait for a line at once."""
        self.is_draining = True
        done = defer.Deferred()
        for port in self.ports:
            port.stopListening()
        from tchat import waits  # the applications are loaded by now

        waits.let_go()
        for socket in self._websockets():
            if socket.state == socket.STATE_OPEN:
                socket.serverClose(code=RESTART)
        started, closed_at = time.monotonic(), []

        def poll():
            now = time.monotonic()
            left = [each for each, details in self.connections.items() if "disconnected" not in details]
            late = now - started > DRAIN_SECONDS
            if left and not late:
                return
            if not closed_at:
                closed_at.append(now)
            if late or now - closed_at[0] > GRACE_SECONDS:
                loop.stop()
                self._cancel_what_lingers()
                done.callback(None)

        loop = task.LoopingCall(poll)
        loop.start(0.05, now=False)
        return done

    def _cancel_what_lingers(self) -> None:
        for details in self.connections.values():
            application = details.get("application_instance")
            if application and not application.done():
                application.cancel()


def main() -> None:
    sys.setswitchinterval(SWITCH_SECONDS)
    daphne.http_protocol.WebRequest = SpooledRequest
    daphne.ws_protocol.WebSocketFactory.protocol = GuardedProtocol
    cli.CommandLineInterface.server_class = DrainingServer
    given = sys.argv[1:]
    for option, value in DEFAULTS.items():
        if option not in given:
            given = [option, value, *given]
    cli.CommandLineInterface().run([*given, "--no-server-name"] if "--no-server-name" not in given else given)


if __name__ == "__main__":
    main()
