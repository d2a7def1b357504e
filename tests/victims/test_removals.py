"""A file sent by mistake is taken back before anybody is given it: gone for good, with a line that says so."""

import hashlib

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from guichet.audit.models import Line
from tchat.models import Desk
from tchat.services.conversations import claim, open_conversation
from tchat.services.messages import messages_after
from tests.victims import factory
from victims.models import Evidence
from victims.services import complaints, deposits, uploads

pytestmark = pytest.mark.django_db
CONTENT = b"Mauvais fichier, envoy\xc3\xa9 par erreur.\n"
DIGEST = hashlib.sha256(CONTENT).hexdigest()
PIECES = reverse("dossier:pieces")


@pytest.fixture(autouse=True)
def _no_limit_kept():
    cache.clear()


@pytest.fixture
def piece(client):
    dossier = factory.dossier(factory.SEXTORTION)
    factory.let_in(client, dossier)
    return deposits.keep_file(dossier=dossier, name="paie de Chloé.txt", content=CONTENT)


def address(piece) -> str:
    return reverse("dossier:remove_piece", args=[piece.pk])


def test_file_is_asked_about_then_gone_with_a_line_that_names_its_digest(
    client, piece, tmp_path, django_capture_on_commit_callbacks
):
    assert address(piece) in client.get(PIECES).content.decode()
    assert "paie de Chloé.txt" in client.get(address(piece)).content.decode()
    assert Evidence.objects.filter(pk=piece.pk).exists()

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(address(piece))

    page = client.get(answer.headers["Location"].partition("#")[0]).content.decode()
    assert "Le fichier est retiré" in page
    assert f"Vous avez retiré un fichier de {len(CONTENT)}" in page
    assert DIGEST in page
    assert "paie de" not in page
    assert [each for each in (tmp_path / "files").rglob("*") if each.is_file()] == []
    line = Line.objects.get(chain=piece.dossier.chain, verb="pièce retirée")
    assert (line.actor, line.target, line.detail) == (
        "victime",
        str(piece.pk),
        {"sha256": DIGEST, "taille": len(CONTENT)},
    )
    assert client.post(address(piece)).status_code == 404


def test_file_that_was_filed_stays_and_the_page_says_why(client, piece):
    complaints.file_complaint(complaint=factory.ready_complaint(piece.dossier))

    asked, done = client.get(address(piece)), client.post(address(piece))

    assert (asked.status_code, done.status_code) == (409, 409)
    assert "Il est parti avec votre plainte" in done.content.decode()
    assert Evidence.objects.filter(pk=piece.pk).exists()
    assert address(piece) not in client.get(PIECES).content.decode()


def test_file_in_quarantine_stays(client, piece):
    Evidence.objects.filter(pk=piece.pk).update(quarantined=True)

    assert client.post(address(piece)).status_code == 409
    assert Evidence.objects.filter(pk=piece.pk).exists()


def test_papers_of_the_guichet_and_files_of_others_cannot_be_removed(client, piece):
    complaint = complaints.file_complaint(complaint=factory.ready_complaint(piece.dossier))
    stranger = Client()
    factory.let_in(stranger, factory.dossier(factory.SCAM))

    assert client.post(address(complaint.pieces.get(kind="recepisse"))).status_code == 404
    assert stranger.post(address(piece)).status_code == 404
    assert Client().post(address(piece)).status_code == 302
    assert Evidence.objects.filter(pk=piece.pk).exists()


def test_removed_file_can_be_sent_again(client, piece):
    client.post(address(piece))
    begun = uploads.begin(dossier=piece.dossier, name="a.txt", size=len(CONTENT), sha256=DIGEST)
    uploads.add_part(upload=begun, offset=0, data=CONTENT)

    again = uploads.finish(upload=begun)

    assert (again.sha256, again.pk != piece.pk) == (DIGEST, True)


def test_open_conversation_says_it(client, piece, django_capture_on_commit_callbacks):
    agent = factory.agent()
    for desk in Desk.objects.all():
        desk.agents.add(agent)
    talk = open_conversation(dossier=piece.dossier)
    claim(agent=agent, conversation_id=talk.pk)
    talk.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        client.post(address(piece))

    said = [line.body for line in messages_after(conversation=talk, seq=0)]
    assert said[-1] == f"La victime a retiré un fichier : paie de Chloé.txt.\nEmpreinte SHA-256 : {DIGEST}"
