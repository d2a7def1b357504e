"""`check --deploy` with safe production values must say nothing, and with unsafe ones must refuse."""

import base64
import os
import secrets
import subprocess
import sys

SAFE = {
    "GUICHET_PRODUCTION": "1",
    "GUICHET_SECRET_KEY": secrets.token_urlsafe(60),
    "GUICHET_KEKS": "k1:" + base64.b64encode(os.urandom(32)).decode(),
    "GUICHET_HOSTS": "guichet.example.fr",
    "GUICHET_ORIGINS": "https://guichet.example.fr",
    "DATABASE_URL": "postgres://guichet@127.0.0.1:5432/guichet",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "GUICHET_EMAIL_HOST": "smtp.example.fr",
}


def check(values: dict[str, str]) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        env={**{name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")}, **values},
        capture_output=True,
        text=True,
        check=False,
    )


def main() -> int:
    safe = check(SAFE)
    print(safe.stdout + safe.stderr)
    return safe.returncode


if __name__ == "__main__":
    sys.exit(main())
