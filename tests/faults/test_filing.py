"""A complaint filed while something dies, at each step of filing: filed once with all its pieces, or clearly not filed.

Then the person reads what is sure, finds what they typed, and a second try files it, once.
"""

import contextlib
import hashlib
import os
import signal
import time

import psycopg
import pytest

from tests.faults import clamd
from tests.faults.office import DRAFT, FILED, Office, wait_for

pytestmark = pytest.mark.faults
NOT = "Votre plainte n’a pas été déposée"
UNSURE = "Nous ne savons pas encore si votre plainte est déposée"
DONE = "Votre plainte est déposée"
CUT_OFF = ""  # nothing of ours answers: the proxy shows its own page
SAID = (NOT, UNSURE, DONE)


# --- what dies


def connections(office) -> None:
    with psycopg.connect(office.postgres.url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )


def backend(office) -> None:
    """kill -9 of one: PostgreSQL then resets all of them, this connection too."""
    with psycopg.connect(office.postgres.url, autocommit=True) as witness:
        (other,) = witness.execute(
            "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
        ).fetchone()
        os.kill(other, signal.SIGKILL)
        with contextlib.suppress(psycopg.OperationalError):
            while witness.execute("SELECT 1"):
                time.sleep(0.01)


def postgresql(office) -> None:
    office.postgres.stop("immediate")


def server(office) -> None:
    office.kill_server()


def redis(office) -> None:
    office.redis.kill()


def redis_freezes(office) -> None:
    office.redis.pause()


def mended(office) -> None:
    """What was broken is whole again before the next case."""
    if not office.redis.alive():
        office.redis.start()
    office.redis.resume()
    with contextlib.suppress(FileNotFoundError):
        if not (office.postgres.folder / "postmaster.pid").exists():
            office.postgres.start()


CASES = (
    # what dies, at which step, what the database then says, what the person may read
    (connections, "before the row lock", DRAFT, {NOT}),
    (server, "complaint on paper", DRAFT, {CUT_OFF}),
    (redis, "state changed", FILED, {DONE}),
    (connections, "transcripts kept", DRAFT, {NOT}),
    (connections, "receipt kept", DRAFT, {NOT}),
    (connections, "line in the journal", DRAFT, {NOT}),
    (server, "before the commit", DRAFT, {CUT_OFF}),
    (connections, "before the commit", DRAFT, {UNSURE}),
    (connections, "the commit's answer is lost", FILED, {UNSURE}),
    (connections, "committed", FILED, {DONE}),
    (server, "committed", FILED, {CUT_OFF}),
    (connections, "before the page that says so", FILED, {UNSURE}),
    (redis_freezes, "before the commit", FILED, {DONE}),
    (backend, "transcripts kept", DRAFT, {NOT}),
    (postgresql, "receipt kept", DRAFT, {NOT}),
    (postgresql, "committed", FILED, {UNSURE}),
    (postgresql, "entered", DRAFT, {UNSURE}),
)
OTHERS = 3


@pytest.fixture(scope="module")
def office(prepared):
    found = Office(prepared, count=len(CASES) + OTHERS)
    try:
        yield found
    finally:
        found.stop()


@pytest.fixture
def made(office):
    """Somebody whose complaint is ready to be filed."""
    yield office.made.pop()
    mended(office)


def name(value) -> str:
    return getattr(value, "__name__", value) if callable(value) or isinstance(value, str) else ""


@pytest.mark.parametrize(("fault", "step", "state", "said"), CASES, ids=name)
def test_filing_is_whole_or_clearly_not(office, made, fault, step, state, said):
    answer = office.strike(made, step, fault)
    mended(office)

    assert next((words for words in SAID if words in answer.page), CUT_OFF) in said, answer
    assert answer.status == (200 if DONE in answer.page else 503 if answer.page else 0)
    assert office.seen(made) == state
    if state == DRAFT:
        draft = wait_for(lambda: _served(office.open(made, "/dossier/plainte/relire/")))
        assert made["story"] in draft.page
        assert "Déposer ma plainte" in draft.page
    assert DONE in office.file_at_last(made).page
    assert office.seen(made) == FILED
    assert DONE in office.file(made).page
    assert office.seen(made) == FILED


def _served(answer):
    """Once the guichet answers again."""
    return answer if answer.status == 200 else None


def test_sealed_files_of_a_filing_that_never_was_are_swept(office, made):
    office.strike(made, "receipt kept", server)
    left = office.stored() - office.named()

    swept = office.ask("sweep")

    assert len([place for place in left if place.startswith(made["dossier"].replace("-", ""))]) == 4
    assert swept == len(left)
    assert office.stored() == office.named()
    assert DONE in office.file_at_last(made).page


def test_scanner_and_worker_that_die_in_the_middle_lose_no_piece_and_call_none_clean(office):
    first, second = office.made.pop(), office.made.pop()
    virus = clamd.EICAR + second["story"].encode()
    office.start_scanner(stall=True)
    office.start_worker()

    # The scanner dies in the middle of a file, and she files.
    assert office.give(first, "photo.txt", b"je garde cette preuve " * 20_000).status == 200
    wait_for((office.steps / "reached").exists)
    office.kill_scanner()
    filed = office.file_at_last(first)
    assert DONE in filed.page
    assert "photo.txt" in filed.page
    assert set(office.scans(first).values()) == {"attente"}
    assert "Pas encore analysée par l’antivirus" in office.open(first, "/dossier/pieces/").page

    # The worker dies in the middle of another one.
    office.start_scanner(stall=True)
    assert office.give(second, "virus.txt", virus).status == 200
    wait_for((office.steps / "reached").exists)
    office.kill_worker()
    office.start_worker()
    assert DONE in office.file_at_last(second).page
    assert set(office.scans(second).values()) == {"attente"}
    assert office.scanned() == set()

    # Both return: beat asks again for all that waits.
    office.kill_scanner()
    office.start_scanner()
    office.ask_for_a_scan()
    refused = hashlib.sha256(virus).hexdigest()
    wait_for(lambda: "attente" not in {**office.scans(first), **office.scans(second)}.values())
    found = {**office.scans(first), **office.scans(second)}
    assert found == {digest: "refusee" if digest == refused else "saine" for digest in found}
    assert len(found) == 4
    assert set(found) <= office.scanned()
    assert office.scan_lines(first, second) == len(found)
