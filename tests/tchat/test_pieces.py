"""The victim’s files in the console: who may, the colleague, the stranger; what is closed stays closed."""

import pytest
from django.urls import reverse

from guichet.accounts.enums import Role
from guichet.audit.models import Line
from tests.tchat import people
from tests.victims import factory, files
from victims.enums import Scan
from victims.journal import visits_of
from victims.models import Evidence
from victims.services import complaints, deposits, dossiers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {**settings.STORAGES["evidence"], "OPTIONS": {"location": tmp_path, "base_url": None}},
    }


@pytest.fixture
def agent():
    return people.agent("alpha", "police", service=factory.service())


@pytest.fixture
def dossier(agent):
    found = factory.dossier(factory.SCAM)
    dossiers.assign(dossier=found, agent=agent)
    found.refresh_from_db()
    return found


@pytest.fixture
def piece(dossier):
    return deposits.keep_file(dossier=dossier, name="relevé.pdf", content=files.pdf())


def address(dossier, piece=None) -> str:
    if piece:
        return reverse("console:dossier_piece", args=[dossier.pk, piece.pk])
    return reverse("console:pieces", args=[dossier.pk])


def opened(client, agent, url):
    client.force_login(agent)
    return client.get(url)


def text(response) -> str:
    return response.content.decode()


def test_agent_in_charge_lists_and_opens_and_the_victim_sees_it(client, agent, dossier, piece):
    page = text(opened(client, agent, address(dossier)))
    response = client.get(address(dossier, piece))

    assert "relevé.pdf" in page
    assert piece.sha256 in page
    assert "Non analysée. À ouvrir sur un poste isolé." in page
    assert response.content == files.pdf()
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert Line.objects.filter(verb="pièce ouverte", actor=agent.audit_name, target=str(piece.pk)).count() == 1
    said = [visit.what for visit in visits_of(dossier)]
    assert said[:2] == ["a ouvert une pièce", "a lu la liste de vos pièces"]


def test_colleague_supervisor_and_stranger_find_nothing(client, dossier, piece):
    for person in (people.agent("collegue", "police"), people.agent("chef", "police", role=Role.SUPERVISOR)):
        assert opened(client, person, address(dossier)).status_code == 404
        assert client.get(address(dossier, piece)).status_code == 404
    client.logout()
    assert client.get(address(dossier, piece)).status_code == 302
    assert not Line.objects.filter(verb="pièce ouverte").exists()


def test_competent_unit_opens_it_once_the_complaint_is_filed(client, dossier, piece):
    unit = people.agent("unite", service=factory.service())
    assert opened(client, unit, address(dossier, piece)).status_code == 404

    filed = complaints.file_complaint(complaint=factory.ready_complaint(dossier))

    assert client.get(address(dossier, piece)).content == files.pdf()
    assert client.get(reverse("console:piece", args=[filed.pk, piece.pk])).content == files.pdf()
    assert "relevé.pdf" in text(client.get(reverse("console:complaint", args=[filed.pk])))


def test_piece_of_another_dossier_is_not_found_here(client, agent, dossier):
    other = deposits.keep_file(dossier=factory.dossier(factory.COMPANY), name="a.txt", content=b"a")

    assert opened(client, agent, address(dossier, other)).status_code == 404


@pytest.mark.parametrize(
    ("state", "words"),
    [({"quarantined": True}, "OFMIN"), ({"scan": Scan.REFUSED}, "Un virus est reconnu")],
)
def test_closed_piece_is_never_given_by_any_door(client, agent, dossier, piece, state, words):
    Evidence.objects.filter(pk=piece.pk).update(**state)
    filed = complaints.file_complaint(complaint=factory.ready_complaint(dossier))

    for url in (address(dossier, piece), reverse("console:piece", args=[filed.pk, piece.pk])):
        response = opened(client, agent, url)
        assert response.status_code == 403
        assert words in text(response)
        assert b"%PDF" not in response.content
    assert address(dossier, piece) not in text(client.get(address(dossier)))
    assert not Line.objects.filter(verb="pièce ouverte").exists()


def test_agent_waits_for_a_scanner_that_is_there(client, agent, dossier, piece, settings):
    settings.GUICHET_CLAMAV = "tcp://127.0.0.1:9"
    response = opened(client, agent, address(dossier, piece))
    assert response.status_code == 403
    assert "Analyse en cours" in text(response)

    Evidence.objects.filter(pk=piece.pk).update(scan=Scan.CLEAN)

    assert client.get(address(dossier, piece)).content == files.pdf()
    assert "Aucun virus connu." in text(client.get(address(dossier)))


def test_damaged_piece_is_told(client, agent, dossier, piece, monkeypatch):
    Evidence.objects.filter(pk=piece.pk).update(sha256="0" * 64)

    response = opened(client, agent, address(dossier, piece))

    assert response.status_code == 500
    assert "ne correspond plus à son empreinte" in text(response)
    assert address(dossier) in text(response)


def test_erased_dossier_shows_nothing(client, agent, dossier, piece):
    dossiers.erase(dossier=dossier)

    assert opened(client, agent, address(dossier)).status_code == 404
    assert client.get(address(dossier, piece)).status_code == 404


def test_conversation_leads_to_the_pieces(client, agent):
    people.desks()
    dossier = factory.dossier(factory.SEXTORTION)
    dossiers.assign(dossier=dossier, agent=agent)
    conversation = people.conversations.open_conversation(dossier=dossier)
    client.force_login(agent)
    conversation.desk.agents.add(agent)
    room = reverse("console:conversation", args=[conversation.pk])
    dossiers.withdraw(dossier=dossier, agent=agent)
    assert address(dossier) not in text(client.get(room))

    people.conversations.claim(agent=agent, conversation_id=conversation.pk)

    assert address(dossier) in text(client.get(room))
