"""`make stack`: run the processes of docker-compose.yml natively, on the local PostgreSQL and Redis.

The commands are read from docker-compose.yml itself, with ports on loopback, so that what the containers would run
is what runs here. Needs `caddy` on the PATH (Debian: apt-get install caddy), PostgreSQL and Redis listening.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psycopg
import psycopg.sql
import yaml

from guichet import env

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("pages", "sockets-a", "sockets-b", "worker", "beat", "proxy")
VARIABLE = re.compile(r"\$\{(\w+)(?::[-?]([^}]*))?\}")


def _ports() -> dict[str, str]:
    base = env.whole("STACK_PORT", 8080)
    return {
        "PROXY_PORT": str(base),
        "PAGES_PORT": str(base + 1),
        "SOCKETS_A_PORT": str(base + 2),
        "SOCKETS_B_PORT": str(base + 3),
    }


def environment() -> dict[str, str]:
    """What every process gets: the production shape on loopback, in demo mode, plain HTTP."""
    ports, var = _ports(), Path(env.text("STACK_VAR_DIR") or ROOT / "var" / "stack")
    var.mkdir(parents=True, exist_ok=True)
    site = f"http://127.0.0.1:{ports['PROXY_PORT']}"
    return {
        **os.environ,
        **ports,
        "PATH": f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        "BIND": "127.0.0.1",
        "PAGES_WORKERS": "2",
        "GUICHET_DEMO": "1",
        "GUICHET_VAR_DIR": str(var),
        "GUICHET_ORIGINS": site,
        "DATABASE_URL": env.text("DATABASE_URL", "postgres://root@127.0.0.1:5432/guichet_stack"),
        "REDIS_URL": env.text("REDIS_URL", "redis://127.0.0.1:6379/3"),
        "SITE_ADDRESS": site,
        "PAGES": f"127.0.0.1:{ports['PAGES_PORT']}",
        "SOCKETS": f"127.0.0.1:{ports['SOCKETS_A_PORT']} 127.0.0.1:{ports['SOCKETS_B_PORT']}",
        "ERRORS": str(ROOT / "static" / "erreurs"),
        "CADDYFILE": str(ROOT / "Caddyfile"),
        "BEAT_SCHEDULE": str(var / "beat"),
        "XDG_DATA_HOME": str(var),
        "XDG_CONFIG_HOME": str(var),
    }


def commands(values: dict[str, str]) -> dict[str, list[str]]:
    """Service -> argv, from docker-compose.yml, its ${NAME:-default} replaced."""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]

    def replaced(text: str) -> str:
        return VARIABLE.sub(lambda found: values.get(found[1]) or found[2] or "", text)

    return {name: shlex.split(replaced(compose[name]["command"])) for name in (*SERVICES, "setup")}


def _process_environment(name: str, values: dict[str, str]) -> dict[str, str]:
    pooled = {"GUICHET_DB_POOL": "1"} if name.startswith("sockets") else {}
    return {**values, **pooled}


def create_database(url: str) -> None:
    """Create the database of this URL when it does not exist yet."""
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if not known:
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


def drop_database(url: str) -> None:
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        statement = psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        connection.execute(statement.format(psycopg.sql.Identifier(name)))


def prepare(values: dict[str, str]) -> None:
    create_database(values["DATABASE_URL"])
    patient = {**values, "GUICHET_DB_PATIENT": "1"}
    for arguments in (["migrate", "--verbosity", "0"], ["load_reference"], ["demo"]):
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=patient, check=True)


def start(values: dict[str, str], names=SERVICES) -> dict[str, subprocess.Popen]:
    found = commands(values)
    return {name: subprocess.Popen(found[name], cwd=ROOT, env=_process_environment(name, values)) for name in names}


def wait_until_ready(url: str, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


def stop(processes: dict[str, subprocess.Popen]) -> None:
    for process in processes.values():
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes.values():
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def main() -> int:
    if not shutil.which("caddy"):
        print("caddy manque : apt-get install caddy (ou un autre proxy, voir docs/operations.md).", file=sys.stderr)
        return 1
    values = environment()
    prepare(values)
    processes = start(values)
    try:
        wait_until_ready(values["SITE_ADDRESS"] + "/sante/ready")
        print(f"Guichet : {values['SITE_ADDRESS']}/   (Ctrl+C pour arrêter)")
        while all(process.poll() is None for process in processes.values()):
            time.sleep(0.5)
        dead = [name for name, process in processes.items() if process.poll() is not None]
        print(f"Un processus s'est arrêté : {', '.join(dead)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        stop(processes)


if __name__ == "__main__":
    sys.exit(main())
