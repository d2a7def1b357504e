"""A paper sealed while the time-stamping authority was away is dated later, and does not change for it."""

import io
import json
import subprocess
import sys
import zipfile
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from tests.victims import factory, time_authority
from tests.victims.test_pdf_seals import filed, papers_of
from victims import tasks, verifier
from victims.models import Stamp
from victims.services import bundle, complaints, evidence, late_stamps, pdf_seals, receipts
from victims.services.bundle import Bundle

pytestmark = [pytest.mark.django_db, pytest.mark.once]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def _authority_asked_again():
    pdf_seals._asked_again_at = 0.0


@pytest.fixture(scope="module")
def listening():
    with time_authority.listening() as found:
        yield found


@pytest.fixture
def authority(listening, settings):
    settings.GUICHET_TSA_URL, found = listening
    found.mode, found.asked = "refuses", 0
    return found


@pytest.fixture
def complaint(authority):
    """Filed while the authority was away."""
    return filed()


def taken(complaint) -> bytes:
    return b"".join(Bundle(dossier=complaint.dossier, actor="victime").parts())


def manifest_of(archive: bytes) -> dict:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return json.loads(opened.read(verifier.MANIFEST))


def verdict(archive: bytes, folder) -> tuple[int, str]:
    """By the stand-alone verifier, in a process without the project."""
    (folder / "verify.py").write_bytes(bundle.VERIFIER.read_bytes())
    (folder / "dossier.zip").write_bytes(archive)
    done = subprocess.run(
        [sys.executable, "-I", "verify.py", "dossier.zip"], cwd=folder, capture_output=True, text=True
    )
    return done.returncode, done.stdout


def test_filing_owes_the_dates_that_were_not_given(complaint):
    assert {stamp.piece.kind for stamp in Stamp.objects.filter(answer=None)} == set(papers_of(complaint))


def test_nothing_is_owed_without_an_authority_or_when_it_answered(authority, settings):
    authority.mode = "good"
    filed()
    settings.GUICHET_TSA_URL = ""
    complaints.file_complaint(complaint=factory.ready_complaint(factory.dossier(opening="b" * 32)))

    assert Stamp.objects.count() == 0
    assert late_stamps.tend(now=timezone.now() + HOUR) == 0


def test_date_comes_later_and_the_paper_and_its_receipt_stay_what_they_were(complaint, authority, client):
    before, digest = papers_of(complaint), receipts.short_digest(complaint)
    authority.mode = "good"

    assert late_stamps.tend(now=timezone.now() + 2 * MINUTE) == 2

    assert papers_of(complaint) == before
    assert receipts.receipt_known(number=complaint.number, digest=digest)
    for stamp in Stamp.objects.all():
        at = late_stamps.check(bytes(stamp.answer), stamp.piece.sha256)
        assert at == stamp.dated_at
        assert abs((at - timezone.now()).total_seconds()) < 60
    factory.let_in(client, complaint.dossier)
    assert client.get(reverse("dossier:pieces")).content.decode().count("Un tiers l’a datée, après coup.") == 2
    assert late_stamps.tend(now=timezone.now() + HOUR) == 0


@pytest.mark.parametrize("mode", ["refuses", "nonsense", "away"])
def test_authority_that_stays_away_is_asked_less_and_less_and_once_a_round(complaint, authority, settings, mode):
    authority.mode = mode
    good, authority.asked = settings.GUICHET_TSA_URL, 0
    if mode == "away":
        settings.GUICHET_TSA_URL = "http://127.0.0.1:9/"
    now, tries = timezone.now(), []
    for minute in range(2, 64):
        late_stamps.tend(now=now + minute * MINUTE)
        tries.append(sum(Stamp.objects.values_list("tries", flat=True)))

    assert tries[0] == 1
    assert tries[-1] <= 12
    assert authority.asked == (0 if mode == "away" else tries[-1])
    authority.mode, settings.GUICHET_TSA_URL = "good", good
    assert late_stamps.tend(now=now + 10 * HOUR) == 2


def test_answer_over_another_digest_dates_nothing(complaint, authority, monkeypatch):
    authority.mode = "good"
    honest = authority.answer

    def lying(raw: bytes) -> bytes:
        asked = time_authority.tsp.TimeStampReq.load(raw)
        asked["message_imprint"]["hashed_message"] = b"\0" * 32
        return honest(asked.dump(force=True))

    monkeypatch.setattr(authority, "answer", lying)

    assert late_stamps.tend(now=timezone.now() + 2 * MINUTE) == 0
    assert Stamp.objects.filter(answer=None).count() == 2


def test_bundle_tells_what_is_awaited_then_holds_the_date(complaint, authority, tmp_path):
    waiting = [each for each in manifest_of(taken(complaint))["files"] if "dated_later" in each]
    assert [each["dated_later"] for each in waiting] == [{"file": "", "at": "attendue"}] * 2
    authority.mode = "good"
    late_stamps.tend(now=timezone.now() + 2 * MINUTE)

    archive = taken(complaint)

    listed = {each["path"]: each for each in manifest_of(archive)["files"]}
    dates = [each for each in listed.values() if each["role"] == verifier.STAMP]
    assert [listed[each["of"]]["dated_later"]["file"] for each in dates] == [each["path"] for each in dates]
    code, said = verdict(archive, tmp_path)
    assert code == 0
    assert said.count("daté par un tiers (2") == 2
    (tmp_path / "dossier.zip").write_bytes(archive)
    call_command("verify_bundle", str(tmp_path / "dossier.zip"))


@pytest.mark.parametrize("change", ["swapped", "cut", "signature"])
def test_date_that_is_not_of_this_paper_is_found(complaint, authority, tmp_path, change):
    """Even in a bundle signed with the guichet's own key."""
    authority.mode = "good"
    late_stamps.tend(now=timezone.now() + 2 * MINUTE)
    first, second = Stamp.objects.order_by("pk")
    answer = bytes(first.answer)
    forged = {
        "swapped": bytes(second.answer),
        "cut": answer[:40],
        "signature": answer[:-1] + bytes([answer[-1] ^ 1]),
    }[change]
    Stamp.objects.filter(pk=first.pk).update(answer=forged)
    archive = taken(complaint)
    (tmp_path / "dossier.zip").write_bytes(archive)

    code, said = verdict(archive, tmp_path)
    with pytest.raises(CommandError):
        call_command("verify_bundle", str(tmp_path / "dossier.zip"))

    assert code == (0 if change == "signature" else 1)
    assert {"swapped": "celle d'un autre fichier", "cut": "illisibles", "signature": "openssl ts"}[change] in said


def test_date_goes_with_the_piece(complaint):
    for piece in complaint.pieces.all():
        assert evidence.content_of(piece)
        piece.delete()

    assert Stamp.objects.count() == 0


def test_periodic_task_dates(complaint, authority):
    authority.mode = "good"
    Stamp.objects.update(next_at=timezone.now())

    tasks.stamp_late()

    assert Stamp.objects.filter(answer=None).count() == 0
