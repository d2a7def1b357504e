"""A guichet whose filing is struck at a chosen step: two processes that serve, a scanner, a worker, and who files."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psycopg
from celery import Celery

from tests import places
from tests.faults.chaos import new_folder
from tests.faults.servers import Postgres, Redis, wait_port

DRAFT = ("brouillon", [], 0)
FILED = ("deposee", ["fichier", "plainte", "recepisse", "transcription", "transcription-donnees"], 1)
WITHIN = 40
TOKEN = "a" * 32


def wait_for(condition, seconds: float = WITHIN):
    """What the condition gives, once it is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, condition
        time.sleep(0.02)
    return found


@dataclass(frozen=True)
class Answer:
    """What the person has on the screen; status 0: the line was cut."""

    status: int
    path: str
    page: str


class Office:
    def __init__(self, prepared: Path, count: int) -> None:
        self.folder, self.steps = new_folder(), new_folder()
        self.postgres, self.redis = Postgres(self.folder, prepared).start(), Redis(self.folder).start()
        self.place = places.on_own_servers(self.postgres.url, self.redis.url, served_by=("tests.faults.steps",))
        self.scanner_port, self.scanner, self.worker = places.free_port(), None, None
        self.place.environment.update(
            {
                "GUICHET_STEPS": str(self.steps),
                "GUICHET_CLAMAV": f"tcp://127.0.0.1:{self.scanner_port}",
                "DJANGO_SETTINGS_MODULE": "guichet.settings",
            }
        )
        self._starting: threading.Thread | None = None
        with ThreadPoolExecutor() as pool:
            starting = [pool.submit(daphne.start) for daphne in self.place.daphnes]
            self.made = self.ask("make", str(count))
        assert all(each.result() for each in starting)

    def ask(self, *arguments: str):
        environment = {**self.place.environment, "GUICHET_DB_POOL": "", "GUICHET_DB_PATIENT": "1"}
        return json.loads(places.run_module(environment, "tests.faults.filing", *arguments).splitlines()[-1])

    # --- struck

    def strike(self, made: dict, step: str, fault) -> Answer:
        """What the person has on the screen when the fault comes at this step of filing."""
        (self.steps / step).touch()
        answers: list[Answer] = []
        filing = threading.Thread(target=lambda: answers.append(self.file(made)))
        filing.start()
        wait_for((self.steps / "reached").exists)
        fault(self)
        (self.steps / "go").touch()
        filing.join(WITHIN + 5)
        for name in ("go", "reached"):
            (self.steps / name).unlink(missing_ok=True)
        return answers[0]

    def kill_server(self) -> None:
        """kill -9 of the process that files; the other one takes over, as behind the proxy, and it starts again."""
        if self._starting:
            self._starting.join()
        killed = self.place.daphnes[0]
        killed.kill()
        self.place.daphnes.reverse()
        self._starting = threading.Thread(target=killed.start)
        self._starting.start()

    # --- what the database and the file store hold

    def look(self, sql: str, values: list) -> list[tuple]:
        """As soon as PostgreSQL answers again."""

        def rows():
            with contextlib.suppress(psycopg.OperationalError):
                return [self.postgres.query(sql, values)]
            return []

        return wait_for(rows)[0]

    def seen(self, made: dict) -> tuple:
        """State, kinds of pieces, and how often the journal says that it was filed."""
        key = [made["complaint"]]
        state = self.look("SELECT state FROM victims_complaint WHERE id = %s", key)[0][0]
        kinds = self.look(
            "SELECT e.kind FROM victims_complaint_pieces p JOIN victims_evidence e ON e.id = p.evidence_id"
            " WHERE p.complaint_id = %s ORDER BY 1",
            key,
        )
        told = self.look("SELECT count(*) FROM audit_line WHERE verb = 'plainte déposée' AND target = %s", key)
        return state, [kind for (kind,) in kinds], told[0][0]

    def scans(self, made: dict) -> dict[str, str]:
        """Digest of each file of this person -> what the guichet says of it."""
        sql = "SELECT sha256, scan FROM victims_evidence WHERE kind = 'fichier' AND dossier_id = %s"
        return dict(self.look(sql, [made["dossier"]]))

    def scan_lines(self, *made: dict) -> int:
        """How many answers of the scanner the journal tells of, for the files of these people."""
        sql = (
            "SELECT count(*) FROM audit_line l JOIN victims_evidence e ON l.target = e.id::text"
            " WHERE l.verb = 'pièce analysée' AND e.dossier_id::text = ANY(%s)"
        )
        return self.look(sql, [[each["dossier"] for each in made]])[0][0]

    def stored(self) -> set[str]:
        store = Path(self.place.environment["GUICHET_VAR_DIR"]) / "files"
        return {str(path.relative_to(store)) for path in store.rglob("*") if path.is_file()}

    def named(self) -> set[str]:
        return {place for (place,) in self.look("SELECT stored_at FROM victims_evidence", [])}

    # --- what the person does

    def open(self, made: dict, path: str, data: bytes | None = None, *, kind: str = "") -> Answer:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.place.daphnes[0].port}{path}",
            data,
            {"Cookie": f"{made['cookie']}={made['key']}; csrf={TOKEN}", **({"Content-Type": kind} if kind else {})},
        )
        try:
            with urllib.request.urlopen(request, timeout=WITHIN) as answer:
                return Answer(answer.status, urllib.parse.urlsplit(answer.url).path, answer.read().decode())
        except urllib.error.HTTPError as error:
            return Answer(error.code, urllib.parse.urlsplit(error.url).path, error.read().decode())
        except OSError:
            return Answer(0, "", "")

    def file(self, made: dict) -> Answer:
        form = urllib.parse.urlencode({"csrfmiddlewaretoken": TOKEN}).encode()
        return self.open(made, "/dossier/plainte/deposer/", form)

    def file_at_last(self, made: dict) -> Answer:
        """Again and again, as one who reads « réessayez »."""

        def filed():
            answer = self.file(made)
            return answer if answer.path.endswith("/plainte/deposee/") and answer.status == 200 else None

        return wait_for(filed)

    def give(self, made: dict, name: str, content: bytes) -> Answer:
        """A file, with the plain form."""
        edge = uuid.uuid4().hex
        parts = (
            f'--{edge}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{TOKEN}\r\n'
            f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        )
        body = parts.encode() + content + f"\r\n--{edge}--\r\n".encode()
        return self.open(made, "/dossier/pieces/", body, kind=f"multipart/form-data; boundary={edge}")

    # --- scanner and worker

    def start_scanner(self, *, stall: bool = False) -> None:
        (self.steps / "stall").touch() if stall else (self.steps / "stall").unlink(missing_ok=True)
        (self.steps / "reached").unlink(missing_ok=True)
        command = [sys.executable, "-m", "tests.faults.clamd", str(self.scanner_port), str(self.steps)]
        self.scanner = subprocess.Popen(command, cwd=places.ROOT)
        wait_port(self.scanner_port)

    def kill_scanner(self) -> None:
        if self.scanner and self.scanner.poll() is None:
            self.scanner.kill()
            self.scanner.wait(10)

    def scanned(self) -> set[str]:
        """The digests of what the scanner read to the end."""
        told = self.steps / "scanned"
        return set(told.read_text().split()) if told.exists() else set()

    def start_worker(self) -> None:
        command = [sys.executable, "-m", "celery", "-A", "guichet", "worker", "--loglevel", "WARNING",
                   "--concurrency", "1"]  # fmt: skip
        with self.place.log.open("ab") as output:
            self.worker = subprocess.Popen(
                command, cwd=places.ROOT, env=self.place.environment, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip

    def kill_worker(self) -> None:
        """With its children, as when a container dies."""
        if self.worker and self.worker.poll() is None:
            os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait(10)

    def ask_for_a_scan(self) -> None:
        """What beat does every five minutes."""
        with Celery(broker=self.redis.url) as app:
            app.conf.broker_transport_options = {"global_keyprefix": "guichet:celery:"}
            app.send_task("victims.scan")

    def stop(self) -> None:
        if self._starting:
            self._starting.join()
        self.kill_worker()
        self.kill_scanner()
        for daphne in self.place.daphnes:
            daphne.kill()  # nobody talks any more: no draining
        self.place.stop()
        self.redis.kill()
        with contextlib.suppress(Exception):
            self.postgres.stop("immediate")
        for folder in (self.folder, self.steps):
            shutil.rmtree(folder, ignore_errors=True)
