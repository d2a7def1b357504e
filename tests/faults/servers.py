"""PostgreSQL and Redis of the fault suite: started, paused, killed and restarted on purpose, in a folder of their own.

Nothing here touches a process it did not start.
"""

import glob
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import psycopg

from tests.places import free_port


def wait_port(port: int, timeout: float = 20) -> None:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"port {port} never listened")


class Redis:
    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder / "redis", free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> "Redis":
        self.process = subprocess.Popen(
            ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
             "--dir", str(self.folder)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        wait_port(self.port)
        return self

    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def command(self, *arguments: str) -> None:
        subprocess.run(["redis-cli", "-p", str(self.port), *arguments], stdout=subprocess.DEVNULL, check=False)

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        if self.alive():
            self.process.send_signal(signal.SIGCONT)
            self.process.kill()
            self.process.wait()


class Postgres:
    """Its server refuses to run as root: it then runs as the user « postgres ».

    `prepared`: the folder of another one, stopped, that it begins as a copy of.
    """

    def __init__(self, folder: Path, prepared: Path | None = None) -> None:
        self.folder, self.port, self.prepared = folder / "pg", free_port(), prepared
        found = sorted(glob.glob("/usr/lib/postgresql/*/bin"))
        on_path = shutil.which("pg_ctl")
        self.bin = Path(on_path).parent if on_path else Path(found[-1])
        self.prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []

    @property
    def url(self) -> str:
        return f"postgres://chaos@127.0.0.1:{self.port}/postgres"

    def _run(self, *arguments) -> None:
        subprocess.run([*self.prefix, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL, cwd="/")

    def query(self, sql: str, values: list) -> list[tuple]:
        with psycopg.connect(self.url, connect_timeout=2) as connection:
            return connection.execute(sql, values).fetchall()

    def execute(self, sql: str, values: list) -> None:
        with psycopg.connect(self.url, connect_timeout=2) as connection:
            connection.execute(sql, values)

    def _create(self) -> None:
        if self.prepared:
            subprocess.run(["cp", "-a", str(self.prepared), str(self.folder)], check=True)
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.prefix:
            shutil.chown(self.folder, "postgres", "postgres")
            self.folder.parent.chmod(0o755)
        self._run(self.bin / "initdb", "-D", self.folder, "-U", "chaos", "-A", "trust", "-E", "UTF8", "--no-sync")

    def start(self) -> "Postgres":
        if not (self.folder / "PG_VERSION").exists():
            self._create()
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=100"
        self._run(self.bin / "pg_ctl", "-D", self.folder, "-w", "-l", "/dev/null", "-o", options, "start")
        return self

    def stop(self, mode: str = "fast") -> None:
        self._run(self.bin / "pg_ctl", "-D", self.folder, "-m", mode, "-w", "stop")

    def _pids(self) -> list[int]:
        postmaster = (self.folder / "postmaster.pid").read_text().split()[0]
        children = subprocess.run(["pgrep", "-P", postmaster], capture_output=True, text=True, check=False).stdout
        return [int(postmaster), *map(int, children.split())]

    def pause(self) -> None:
        for pid in self._pids():
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        for pid in self._pids():
            os.kill(pid, signal.SIGCONT)

    def crash_backend(self) -> None:
        """kill -9 one client's backend: PostgreSQL then resets all of them, as after a real crash."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(
                "SELECT pid FROM pg_stat_activity "
                "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() LIMIT 1"
            ).fetchone()
        if row:
            os.kill(row[0], signal.SIGKILL)
