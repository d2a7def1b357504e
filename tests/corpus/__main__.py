"""Every hostile file by the form, thousands of mutated ones by the service, in one process whose memory is measured.

Each is kept sealed, as received, or refused in words; nothing of it is ever shown. The last line gives the figures.
"""

import hashlib
import logging
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from itertools import chain
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="guichet-corpus-"))
os.environ.update(
    DATABASE_URL="", REDIS_URL="", GUICHET_CLAMAV="", GUICHET_VAR_DIR=str(FOLDER),
    DJANGO_SETTINGS_MODULE="guichet.settings",
)  # fmt: skip

import django  # noqa: E402 (the place of the data is told first)

django.setup()

from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.core.files.storage import storages  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils.html import escape  # noqa: E402

from tests.corpus.hostile import corpus, heaviest, mutated  # noqa: E402
from tests.victims import factory  # noqa: E402
from victims import upload_views  # noqa: E402
from victims.enums import EvidenceKind  # noqa: E402
from victims.services import deposits, evidence  # noqa: E402
from victims.vault.exceptions import WORDS, Refused  # noqa: E402
from victims.vault.filetypes import BY_MEDIA_TYPE  # noqa: E402

wrong: list[str] = []
said = (*WORDS.values(), upload_views.NOT_READ)


def check(holds: bool, name: str, what: str) -> None:
    if not holds:
        wrong.append(f"{name[:60]!a}: {what}")


def peak() -> int:
    """Megabytes that this process took at most. Linux counts what started us too in `ru_maxrss`: ask for ours alone."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def is_sealed(piece, content: bytes) -> bool:
    with storages["evidence"].open(piece.stored_at) as stored:
        head = stored.read(4096)
    same = hashlib.sha256(evidence.content_of(piece)).digest() == hashlib.sha256(content).digest()
    return same and (len(content) < 16 or content[:64] not in head)


def posted(client, each):
    """The form as a server hands it over: a stream, of which this process holds nothing yet."""
    name = each.name.encode("utf-8", "surrogatepass").replace(b'"', b"%22").replace(b"\r\n", b"%0D%0A")
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="' + name + b'"\r\nContent-Type: '
    with tempfile.TemporaryFile() as body:
        body.write(head + each.claimed.encode() + b"\r\n\r\n")
        body.write(each.content)
        body.write(b"\r\n--x--\r\n")
        length = body.tell()
        body.seek(0)
        return client.request(
            **{"REQUEST_METHOD": "POST", "PATH_INFO": reverse("dossier:pieces"), "wsgi.input": body,
               "CONTENT_LENGTH": str(length), "CONTENT_TYPE": "multipart/form-data; boundary=x"}
        )  # fmt: skip


def by_the_form(each) -> bool:
    """Sent as a browser does, on a dossier of its own; kept pieces come back as files that can run nothing."""
    cache.clear()
    client, dossier = Client(raise_request_exception=False), factory.dossier(factory.SCAM)
    factory.let_in(client, dossier)
    response = posted(client, each)
    piece = dossier.pieces.filter(kind=EvidenceKind.FILE).first()
    if piece is None:
        page = response.content.decode()
        check(response.status_code == 422, each.name, f"answered {response.status_code}")
        check(any(escape(words) in page for words in said), each.name, "refused without words")
        return False
    check(response.status_code == 302, each.name, f"kept, and answered {response.status_code}")
    check(is_sealed(piece, each.content), each.name, "is not sealed as received")
    page = client.get(reverse("dossier:pieces")).content.decode()
    check(
        "<img src=x" not in page and "\u202e" not in page and "\x00" not in page, each.name, "its name acts on the page"
    )
    _given_as_a_file(client, piece, each)
    return True


def _given_as_a_file(client, piece, each) -> None:
    given = client.get(reverse("dossier:piece", args=[piece.pk]))
    headers = given.headers
    check(headers["Content-Type"] == piece.media_type in BY_MEDIA_TYPE, each.name, "has a type of its own")
    check(headers["Content-Disposition"].startswith("attachment"), each.name, "is shown by the browser")
    check("sandbox" in headers["Content-Security-Policy"], each.name, "could run")
    check(headers["X-Content-Type-Options"] == "nosniff", each.name, "would be guessed")


def by_the_service(dossier, each) -> bool:
    try:
        piece = deposits.keep_file(dossier=dossier, name=each.name, content=each.content)
    except Refused as refusal:
        check(refusal.words.endswith((".", "!")), each.name, "refused without words")
        return False
    check(is_sealed(piece, each.content), each.name, "is not sealed as received")
    check(piece.media_type in BY_MEDIA_TYPE, each.name, "has a type of its own")
    return True


def main(times: int, seed: int) -> int:
    setup_test_environment()
    logging.disable(logging.CRITICAL)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a dossier a file: be quick
    # Apart: who serves never migrates, and what that takes is not what a file takes.
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], check=True)
    hostile = kept = 0
    before = peak()
    for each in chain(corpus(), heaviest()):
        hostile += 1
        kept += by_the_form(each)
    kept_mutated = 0
    for number, each in enumerate(mutated(times, seed)):
        if number % 90 == 0:
            dossier = factory.dossier(factory.SCAM)
        kept_mutated += by_the_service(dossier, each)
    for each in wrong:
        print("wrong:", each)
    print(
        f"hostile={hostile} kept={kept} mutated={times} kept_mutated={kept_mutated} wrong={len(wrong)}"
        f" before_mb={before} peak_mb={peak()}"
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    try:
        sys.exit(main(int(os.environ.get("N") or "2000"), int(os.environ.get("SEED") or "1")))
    finally:
        shutil.rmtree(FOLDER, ignore_errors=True)
