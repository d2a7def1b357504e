"""Our daphne: it drains on SIGTERM and bounds what one socket may hold in memory.

Stock daphne drops every socket with 1006 on SIGTERM, runs no `disconnect`, and queues without limit in both
directions (notes of docs/decisions/0004). Here: stop listening, close each socket with 4012 (« come back now »), wait a
bounded time; a socket that does not read, or that floods, is cut. Frames above 64 KiB are refused, dead peers are
found by a ping within ten seconds.
"""

import sys
import time

import daphne.ws_protocol
from autobahn.exception import Disconnected
from daphne import cli
from daphne.server import Server
from daphne.ws_protocol import WebSocketProtocol
from twisted.internet import defer, task

RESTART = 4012
MAX_FRAMES_IN = 64
MAX_BYTES_OUT = 1 << 20
FRAME_LIMIT = 64 * 1024
DRAIN_SECONDS = 8
GRACE_SECONDS = 1
DEFAULTS = {
    "--ping-interval": "5",
    "--ping-timeout": "5",
    "--websocket-max-message-size": str(FRAME_LIMIT),
    "--websocket_timeout": "28800",
    "--application-close-timeout": "5",
    "--verbosity": "0",  # its access log would hold addresses
}


class GuardedProtocol(WebSocketProtocol):
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

    def connectionLost(self, reason):
        """What was never sent goes at once: the collector would find this circle of objects much later."""
        transport = self.transport
        super().connectionLost(reason)
        transport.dataBuffer, transport._tempDataBuffer, transport._tempDataLen = b"", [], 0


class DrainingServer(Server):
    ports: tuple = ()

    def listen_success(self, port):
        self.ports = (*self.ports, port)
        super().listen_success(port)
        if len(self.ports) == 1:
            from guichet import chores  # the applications are loaded by now

            chores.start()

    def _websockets(self) -> list:
        return [each for each in self.connections if isinstance(each, WebSocketProtocol)]

    def kill_all_applications(self):
        """Called by daphne on shutdown; the deferred holds the process until it fires."""
        done = defer.Deferred()
        for port in self.ports:
            port.stopListening()
        for socket in self._websockets():
            if socket.state == socket.STATE_OPEN:
                socket.serverClose(code=RESTART)
        started, closed_at = time.monotonic(), []

        def poll():
            now = time.monotonic()
            left = [s for s in self._websockets() if not self.connections.get(s, {}).get("disconnected")]
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
    daphne.ws_protocol.WebSocketFactory.protocol = GuardedProtocol
    cli.CommandLineInterface.server_class = DrainingServer
    given = sys.argv[1:]
    for option, value in DEFAULTS.items():
        if option not in given:
            given = [option, value, *given]
    cli.CommandLineInterface().run([*given, "--no-server-name"] if "--no-server-name" not in given else given)


if __name__ == "__main__":
    main()
