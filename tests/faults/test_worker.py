"""The nightly purge in a real Celery worker, killed in the middle: the next one finishes, nothing is done twice."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import places
from tests.faults.chaos import new_folder
from tests.faults.servers import Postgres, Redis

pytestmark = pytest.mark.faults
OLD, WITHIN = 300, 60
AGE = (
    "UPDATE tchat_conversation SET state = 'close', closed_at = now() - interval '400 days'",
    "UPDATE victims_dossier SET touched_at = now() - interval '400 days'",
)


class Guichet:
    """A database and a broker of its own, and workers that begin when the test says so."""

    def __init__(self, prepared: Path) -> None:
        self.folder = new_folder()
        self.postgres = Postgres(self.folder, prepared).start()
        self.redis = Redis(self.folder).start()
        self.place = places.on_own_servers(self.postgres.url, self.redis.url)
        self.workers: list[subprocess.Popen] = []

    def celery(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "celery", "-A", "guichet", *arguments]

    def start_worker(self) -> subprocess.Popen:
        command = self.celery("worker", "--loglevel", "WARNING", "--concurrency", "2")
        with self.place.log.open("ab") as output:
            worker = subprocess.Popen(
                command, cwd=places.ROOT, env=self.place.environment, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        self.workers.append(worker)
        return worker

    def kill_worker(self, worker: subprocess.Popen) -> None:
        """With its children, as when a container dies."""
        if worker.poll() is None:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait(10)

    def ask_for_the_purge(self) -> None:
        """What beat does every night."""
        subprocess.run(self.celery("call", "victims.purge"), cwd=places.ROOT, env=self.place.environment, check=True)

    def left(self) -> int:
        return self.postgres.query("SELECT count(*) FROM victims_dossier", [])[0][0]

    def wait_for(self, condition, seconds: float = WITHIN) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.place.log.read_text()
            time.sleep(0.01)

    def stop(self) -> None:
        for worker in self.workers:
            self.kill_worker(worker)
        self.redis.kill()
        self.postgres.stop("immediate")
        self.place.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def guichet(prepared):
    found = Guichet(prepared)
    try:
        yield found
    finally:
        found.stop()


def test_purge_killed_in_the_middle_is_finished_by_the_next_worker(guichet):
    places.run_module(guichet.place.environment, "tests.faults.seed", str(OLD - 1), "0", "0")
    for statement in AGE:
        guichet.postgres.execute(statement, [])
    worker = guichet.start_worker()
    guichet.ask_for_the_purge()
    guichet.wait_for(lambda: guichet.left() < OLD)

    guichet.kill_worker(worker)
    left = guichet.left()
    guichet.start_worker()
    guichet.ask_for_the_purge()
    guichet.wait_for(lambda: guichet.left() == 0)

    erased = guichet.postgres.query(
        "SELECT count(*), count(DISTINCT chain_id) FROM audit_line WHERE verb = 'dossier effacé'", []
    )
    assert 0 < left < OLD
    assert erased == [(OLD, OLD)]
    assert "broken=0" in guichet.place.manage("verify_audit")
