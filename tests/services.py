"""Which services the tests can talk to on this machine, and where."""

import getpass
import os
import shutil
import socket
from urllib.parse import urlparse

DATABASE_URL = os.environ.get("TEST_DATABASE_URL") or f"postgres://{getpass.getuser()}@127.0.0.1:5432/postgres"
REDIS_URL = os.environ.get("TEST_REDIS_URL") or "redis://127.0.0.1:6379/9"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
CADDY = shutil.which("caddy")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def listens(url: str) -> bool:
    parts = urlparse(url)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 5432), timeout=1):
            return True
    except OSError:
        return False


def missing(*needs: str) -> list[str]:
    """The services among « postgresql », « redis », « chromium », « caddy » that are not here."""
    have = {
        "postgresql": lambda: listens(DATABASE_URL),
        "redis": lambda: listens(REDIS_URL),
        "chromium": lambda: bool(CHROMIUM),
        "caddy": lambda: bool(CADDY),
    }
    return [need for need in needs if not have[need]()]
