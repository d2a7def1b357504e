"""Forget in time: what is too old goes, what is in use stays, and the victim may erase at once."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from diagnostic.models import Diagnosis
from guichet.audit.models import Line
from guichet.observatory.models import Count
from tchat.enums import State
from tchat.models import Conversation, Desk, Message
from tchat.services.conversations import claim, close_conversation, open_conversation
from tests.victims import factory
from victims.enums import EvidenceKind
from victims.models import Complaint, Dossier, Evidence
from victims.retention import SCHEDULE
from victims.services import access, complaints, deposits, dossiers, evidence, retention

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ERASE = reverse("dossier:erase")


@pytest.fixture(autouse=True)
def _files_of_test(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {**settings.STORAGES["evidence"], "OPTIONS": {"location": tmp_path}},
    }


def after(days: float):
    return timezone.now() + days * DAY


def talked(dossier, *, closed: bool = True) -> Conversation:
    agent = factory.agent()
    for desk in Desk.objects.all():
        desk.agents.add(agent)
    conversation = open_conversation(dossier=dossier)
    claim(agent=agent, conversation_id=conversation.pk)
    if closed:
        close_conversation(agent=agent, conversation_id=conversation.pk, outcome="conseil")
    return conversation


def files() -> int:
    store = storages["evidence"]
    folders, _ = store.listdir("")
    return sum(len(store.listdir(folder)[1]) for folder in folders)


def test_idle_dossier_goes_after_a_year_with_all_it_held(django_capture_on_commit_callbacks):
    dossier = factory.dossier(factory.SEXTORTION)
    talked(dossier)
    figures = Count.objects.exclude(key="conservation").count()

    assert retention.purge(now=after(364))["dossier"] == 0
    with django_capture_on_commit_callbacks(execute=True):
        retention.purge(now=after(366))

    for model in (Dossier, Diagnosis, Conversation, Message, Evidence):
        assert not model.objects.exists()
    assert files() == 0
    assert Line.objects.filter(chain__name=dossier.chain).exists()
    assert Count.objects.exclude(key="conservation").count() == figures


def test_filed_complaint_keeps_its_dossier_and_pieces_until_its_term(django_capture_on_commit_callbacks):
    dossier = factory.dossier(factory.SEXTORTION)
    talked(dossier)
    filed = complaints.file_complaint(complaint=factory.ready_complaint(dossier))
    pieces = filed.pieces.count()

    done = retention.purge(now=after(3 * 365))
    assert (done["dossier"], done["piece"], done["talk"]) == (0, 0, 0)
    assert filed.pieces.count() == pieces > 0

    with django_capture_on_commit_callbacks(execute=True):
        done = retention.purge(now=after(SCHEDULE.life("complaint").days + 1))
    assert done["dossier"] == 1
    assert files() == 0


def test_conversation_without_complaint_goes_after_three_months_with_its_transcript():
    dossier = factory.dossier(factory.SEXTORTION)
    talked(dossier)

    assert retention.purge(now=after(89))["talk"] == 0
    done = retention.purge(now=after(91))

    assert (done["talk"], done["piece"] > 0) == (1, True)
    assert Dossier.objects.count() == 1


def test_states_that_keep_a_dossier_are_those_of_an_open_conversation():
    named = dict(retention.OPEN.children)["conversations__state__in"]

    assert {*named, State.CLOSED} == set(State.values)


def test_open_conversation_keeps_its_dossier():
    talked(factory.dossier(factory.SEXTORTION), closed=False)

    assert not +retention.purge(now=after(400))


def test_second_conversation_that_is_open_keeps_its_dossier(victim):
    talked(victim.dossier)
    again = open_conversation(dossier=victim.dossier)

    assert "ne peut pas être effacé ici" in text(victim.post(ERASE, {"confirm": "oui"}))
    assert not retention.purge(now=after(400))["dossier"]
    assert list(victim.dossier.conversations.all()) == [again]


def test_draft_goes_after_thirty_days_and_can_be_begun_again():
    dossier = factory.dossier(factory.SEXTORTION)
    complaints.start(dossier=dossier)

    assert retention.purge(now=after(29))["draft"] == 0
    assert retention.purge(now=after(31))["draft"] == 1
    assert not Complaint.objects.exists()
    assert complaints.start(dossier=dossier)


def meanwhile(monkeypatch, act) -> None:
    """`act` runs once, between the reading of a batch and the first deletion."""
    each, done = retention._each, []

    def read_then_act(rows):
        batch = list(each(rows))
        if batch and not done:
            done.append(act())
        yield from batch

    monkeypatch.setattr(retention, "_each", read_then_act)


def test_piece_that_is_filed_while_the_purge_runs_stays(monkeypatch):
    dossier = factory.dossier(factory.SEXTORTION)
    piece = deposits.keep_file(dossier=dossier, name="note.txt", content=b"une note\n")
    Evidence.objects.update(added_at=timezone.now() - 400 * DAY)
    meanwhile(monkeypatch, lambda: complaints.file_complaint(complaint=factory.ready_complaint(dossier)))

    assert retention.purge()["piece"] == 0

    assert Complaint.objects.get().pieces.filter(pk=piece.pk).exists()
    assert evidence.content_of(piece) == b"une note\n"


def test_dossier_that_is_opened_again_while_the_purge_runs_stays(monkeypatch):
    dossier = factory.dossier(factory.SEXTORTION)
    Dossier.objects.update(touched_at=timezone.now() - 400 * DAY)
    meanwhile(monkeypatch, lambda: dossiers.touch(dossier=dossier))

    assert retention.purge()["dossier"] == 0

    assert Dossier.objects.get().erased_at is None


def test_orphan_file_is_swept_and_a_named_one_is_not(tmp_path):
    dossier = factory.dossier(factory.SEXTORTION)
    evidence.add_piece(
        dossier=dossier, kind=EvidenceKind.TRANSCRIPT, source="essai", file_name="a.txt", media_type="text/plain",
        content=b"a", actor="victime",
    )  # fmt: skip
    lost = tmp_path / dossier.pk.hex / "perdu"
    lost.write_bytes(b"?")

    assert retention.delete_orphans(now=timezone.now()) == 0
    assert retention.delete_orphans(now=after(2)) == 1
    assert not lost.exists()
    assert files() == 1


def test_dry_run_says_and_deletes_nothing(capsys, monkeypatch):
    dossier = factory.dossier(factory.SEXTORTION)
    Dossier.objects.filter(pk=dossier.pk).update(touched_at=timezone.now() - 400 * DAY)

    call_command("purge_expired", "--dry-run")
    assert "dossier=1" in capsys.readouterr().out
    assert Dossier.objects.count() == 1

    call_command("purge_expired")
    assert not Dossier.objects.exists()


@pytest.fixture
def victim(client):
    dossier = factory.dossier(factory.SEXTORTION)
    client.cookies[access.COOKIE] = access.grant_access(dossier=dossier)
    client.dossier = dossier
    return client


def text(response) -> str:
    return response.content.decode()


def test_victim_erases_the_dossier_for_ever(victim):
    assert "rien ne pourra revenir" in text(victim.get(ERASE))
    assert victim.post(ERASE).status_code == 422
    assert Dossier.objects.exists()

    done = victim.post(ERASE, {"confirm": "oui"})

    assert "Votre dossier est effacé" in text(done)
    assert not Dossier.objects.exists()
    assert victim.get(reverse("dossier:home")).status_code == 302


def test_filed_complaint_cannot_be_erased_by_the_victim(victim):
    complaints.file_complaint(complaint=factory.ready_complaint(victim.dossier))

    assert "ne peut pas être effacé ici" in text(victim.post(ERASE, {"confirm": "oui"}))
    assert Dossier.objects.exists()


def test_page_on_data_says_the_same_as_the_schedule(client):
    page = text(client.get(reverse("data")))

    for rule in SCHEDULE.rules:
        assert f"{rule.words} {rule.from_fr}".replace("'", "&#x27;") in page


def test_beat_names_a_task_that_the_worker_knows():
    from guichet.celery import app

    app.loader.import_default_modules()

    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= set(app.tasks)


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_dossier_erased_while_its_complaint_is_filed_keeps_the_complaint(monkeypatch):
    dossier = factory.dossier(factory.SEXTORTION)
    complaint = factory.ready_complaint(dossier)
    filing, join = threading.Event(), deposits.join_complaint

    def slow(each):
        filing.set()
        time.sleep(0.5)
        join(each)

    def apart(act):
        try:
            return act()
        finally:
            connection.close()

    monkeypatch.setattr(deposits, "join_complaint", slow)
    with ThreadPoolExecutor(1) as pool:
        filed = pool.submit(apart, lambda: complaints.file_complaint(complaint=complaint))
        filing.wait(30)
        erased = retention.erase_now(dossier=dossier)
        filed.result(60)

    assert not erased
    assert Complaint.objects.get().number
