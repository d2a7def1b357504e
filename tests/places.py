"""The guichet as real processes, for tests that look at it from outside: the laptop shape and the production shape.

Ports are below the range of outgoing connections, loopback only; only processes started here are stopped.
"""

import atexit
import functools
import itertools
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from guichet import stack
from tests import services

ROOT = Path(__file__).resolve().parent.parent
FIRST_PORT, LAST_PORT = 21000, 24000
SERVER = ("guichet.server",)


# Each run begins elsewhere: two runs at once on one machine must not find the same port free, even when their
# process ids follow each other.
_begin = FIRST_PORT + os.getpid() * 61 % (LAST_PORT - FIRST_PORT)
_ports = itertools.cycle([*range(_begin, LAST_PORT), *range(FIRST_PORT, _begin)])


def free_port() -> int:
    for port in _ports:
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


def manage(environment: dict[str, str], *arguments: str) -> str:
    return _run(environment, "manage.py", *arguments)


def run_module(environment: dict[str, str], module: str, *arguments: str) -> str:
    return _run({"DJANGO_SETTINGS_MODULE": "guichet.settings", **environment}, "-m", module, *arguments)


def _run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{arguments}: {done.stdout}\n{done.stderr}"
    return done.stdout


class Seeder:
    """A module that makes people in a prepared guichet, kept open: for each line it reads, it prints one of JSON."""

    def __init__(self, environment: dict[str, str], module: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", module], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env={"DJANGO_SETTINGS_MODULE": "guichet.settings", **environment},
        )  # fmt: skip

    def ask(self, line: str = "") -> dict:
        print(line, file=self.process.stdin, flush=True)
        answer = self.process.stdout.readline()
        assert answer, f"{self.process.args} ended; what it said stands above"
        return json.loads(answer)

    def stop(self) -> None:
        self.process.communicate(timeout=20)


class Daphne:
    """One of our daphne processes serving pages and sockets, with its output in a file."""

    def __init__(self, environment: dict[str, str], port: int, log: Path, served_by: tuple[str, ...]) -> None:
        self.environment, self.port, self.log, self.served_by = environment, port, log, served_by
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> "Daphne":
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *self.served_by, "-b", "127.0.0.1", "-p", str(self.port), "-v", "0",
                 "guichet.asgi:application"],
                cwd=ROOT, env=self.environment, stdout=output, stderr=output,
            )  # fmt: skip
        stack.wait_until_ready(f"{self.url}/sante/live")
        return self

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait(10)

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


class Place:
    """A prepared guichet: data, demo people, and daphne processes on their own ports.

    `shared`: on the machine's own database server; else on one that the test may break. `territory`: with France.
    """

    def __init__(
        self,
        environment: dict[str, str],
        processes: int,
        *,
        shared: bool = True,
        territory: bool = True,
        served_by: tuple[str, ...] = SERVER,
    ) -> None:
        self.shared, self.territory = shared, territory
        self.folder = Path(tempfile.mkdtemp(prefix="guichet-"))
        ports = [free_port() for _ in range(processes)]
        self.environment = {
            **os.environ,
            "GUICHET_VAR_DIR": str(self.folder),
            "GUICHET_DEMO": "1",
            "GUICHET_DB_PATIENT": "",  # the tests themselves may have it; who serves people must not
            "GUICHET_ORIGINS": ",".join(f"http://127.0.0.1:{port}" for port in ports),
            **environment,
        }
        self.log = self.folder / "server.log"
        self.daphnes = [Daphne(self.environment, port, self.log, served_by) for port in ports]

    def start(self) -> "Place":
        url = self.environment["DATABASE_URL"]
        if not self.shared:
            _fill(self.environment, territory=self.territory)
        else:
            ready = _ready(url.rpartition("/")[0], self.territory)
            shutil.copytree(ready.folder, self.folder, dirs_exist_ok=True)
            if url:
                _copy_database(ready.url, url)
        for daphne in self.daphnes:
            daphne.start()
        return self

    def stop(self) -> None:
        for daphne in self.daphnes:
            daphne.stop()
        if self.shared and (url := self.environment["DATABASE_URL"]):
            stack.drop_database(url)
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return self.daphnes[0].url

    def manage(self, *arguments: str) -> str:
        return manage(self.environment, *arguments)


@dataclass(frozen=True)
class Ready:
    """A database with its tables, its demonstration people and, if wanted, France: what places are copied from."""

    folder: Path
    url: str


@functools.cache
def _ready(server: str, territory: bool) -> Ready:
    """Made once per process, the first time a place asks; gone with the process. `server`: "" is SQLite."""
    folder = Path(tempfile.mkdtemp(prefix="guichet-ready-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    url = f"{server}/guichet_ready_{os.getpid()}_{int(territory)}" if server else ""
    if url:
        stack.drop_database(url)
        stack.create_database(url)
        atexit.register(stack.drop_database, url)
    settings = {"GUICHET_VAR_DIR": str(folder), "GUICHET_DEMO": "1", "DATABASE_URL": url, "REDIS_URL": ""}
    _fill({**os.environ, **settings}, territory=territory)
    return Ready(folder, url)


def _fill(environment: dict[str, str], *, territory: bool) -> None:
    loading = [("load_reference",)] if territory else []
    for arguments in (("migrate", "--verbosity", "0"), *loading, ("demo",)):
        manage({**environment, "GUICHET_DB_PATIENT": "1"}, *arguments)


def _copy_database(of: str, to: str) -> None:
    stack.drop_database(to)
    server, _, name = to.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(of.rpartition("/")[2])))


def laptop() -> Place:
    """SQLite, everything in one process."""
    return Place({"DATABASE_URL": "", "REDIS_URL": ""}, processes=1)


def on_own_servers(database_url: str, redis_url: str, processes: int = 2, served_by: tuple[str, ...] = SERVER) -> Place:
    """The production shape on a PostgreSQL and a Redis that the test may break."""
    environment = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "GUICHET_DB_POOL": "1"}
    return Place(environment, processes, shared=False, territory=False, served_by=served_by)


def production(processes: int = 2, *, territory: bool = True) -> Place:
    """PostgreSQL and Redis, several daphne processes; the database is made anew."""
    server, _, _ = services.DATABASE_URL.rpartition("/")
    return Place(
        {
            "DATABASE_URL": f"{server}/guichet_place_{os.getpid()}",
            "REDIS_URL": services.REDIS_URL,
            "GUICHET_REDIS_PREFIX": f"place{os.getpid()}",
            "GUICHET_DB_POOL": "1",
        },
        processes,
        territory=territory,
    )
