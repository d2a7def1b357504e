"""Somebody helps in the dossier by a code of their own: reads and types, leaves a trace, and is put out at once."""

import re

import pytest
from django.urls import reverse

from guichet.audit.models import Line
from tests.victims import factory
from victims.enums import ComplaintState
from victims.models import Companion
from victims.services import access, companions, complaints

pytestmark = pytest.mark.django_db
HOME, INVITE, JOIN = (reverse(f"dossier:{name}") for name in ("home", "companions", "join"))
CLOSED = ["file", "withdraw", "erase", "bundle", "companions", "address", "report_send", "complaint", "report"]


def text(response) -> str:
    return response.content.decode()


def code_in(page: str) -> str:
    return " ".join(re.findall(r"<b>(\d{4})</b>", page))


@pytest.fixture
def dossier(client):
    found = factory.dossier(factory.SEXTORTION)
    factory.let_in(client, found)
    return found


@pytest.fixture
def helper(client, client_factory, dossier):
    """Another browser, let in by the code that the victim gave."""
    code = code_in(text(client.post(INVITE, {"name": "Marie"})))
    browser = client_factory()
    assert browser.post(JOIN, {"reference": dossier.reference, "code": code}).url == HOME
    return browser


def test_code_is_told_once_and_only_its_hash_stays(client, dossier):
    code = code_in(text(client.post(INVITE, {"name": "Marie"})))

    companion = Companion.objects.get()
    assert code not in text(client.get(INVITE))
    assert code.replace(" ", "") not in companion.code_hash
    assert b"Marie" not in bytes(companion.sealed_name)
    assert "Marie" in text(client.get(INVITE))


def test_helper_reads_and_types_and_the_victim_sees_who(client, helper, dossier):
    client.post(reverse("dossier:complaint"), {"read": "on"})

    saved = helper.post(reverse("dossier:section", args=["declarant"]), {**factory.DECLARANT, "version": 1})

    assert saved.status_code == 302
    assert complaints.read_form(complaints.current(dossier))["declarant"]["birth_name"] == "Lefèvre"
    home = text(client.get(HOME))
    assert "<b>Accompagnant 1</b> est venu vous aider" in home
    assert "<b>Accompagnant 1</b> a écrit ou coché dans votre dossier" in home
    assert Line.objects.get(actor="accompagnant:1", verb="a agi dans le dossier").detail == {"page": "section"}


@pytest.mark.parametrize("name", CLOSED)
def test_what_is_the_victims_own_stays_closed_to_the_helper(helper, dossier, name):
    complaint = factory.ready_complaint(dossier)

    answers = [helper.get(reverse(f"dossier:{name}")), helper.post(reverse(f"dossier:{name}"), {"confirm": "oui"})]

    assert {answer.status_code for answer in answers} <= {403, 405}
    assert any("réservée à la personne que vous aidez" in text(answer) for answer in answers)
    complaint.refresh_from_db()
    assert complaint.state == ComplaintState.DRAFT


def test_helper_has_no_voice_in_the_tchat(helper, dossier):
    asked = helper.post(reverse("tchat:ask"))

    assert asked.status_code == 403
    assert access.access_of_token(helper.cookies[access.COOKIE].value) is None
    assert not dossier.conversations.exists()


def test_helper_is_not_shown_what_they_cannot_do(helper, dossier):
    factory.ready_complaint(dossier)

    home, recap = text(helper.get(HOME)), text(helper.get(reverse("dossier:recap")))

    assert "Vous aidez quelqu’un dans son dossier" in home
    assert "Demander le tchat" not in home
    assert "Effacer mon dossier" not in home
    assert "Déposer ma plainte" not in recap


def test_file_of_the_helper_is_theirs_in_the_journal(client, helper, dossier):
    from django.core.files.uploadedfile import SimpleUploadedFile

    helper.post(reverse("dossier:pieces"), {"files": SimpleUploadedFile("note.txt", b"vu chez elle\n")})

    assert "Accompagnant 1 l’a ajoutée." in text(client.get(reverse("dossier:pieces")))


def test_helper_is_put_out_at_once(client, helper, dossier):
    companion = Companion.objects.get()

    client.post(reverse("dossier:end_companion", args=[companion.pk]))

    assert helper.get(HOME).status_code == 302
    assert "retiré le" in text(client.get(INVITE))


def test_code_of_one_who_was_put_out_opens_nothing(client, client_factory, dossier):
    code = code_in(text(client.post(INVITE, {"name": "Marie"})))
    companions.end(dossier=dossier, companion_id=Companion.objects.get().pk)

    answer = client_factory().post(JOIN, {"reference": dossier.reference, "code": code})

    assert answer.status_code == 422
    assert "ou ce code ne sert plus" in text(answer)


def test_helper_put_out_while_the_code_is_compared_stays_out(client, client_factory, dossier, monkeypatch):
    code = code_in(text(client.post(INVITE, {"name": "Marie"})))
    compare = companions.check_password

    def put_out_meanwhile(*given) -> bool:
        companions.end(dossier=dossier, companion_id=Companion.objects.get().pk)
        return compare(*given)

    monkeypatch.setattr(companions, "check_password", put_out_meanwhile)
    browser = client_factory()
    answer = browser.post(JOIN, {"reference": dossier.reference, "code": code})

    assert answer.status_code == 422
    assert browser.get(HOME).status_code == 302
    assert Companion.objects.get().joined_at is None


def test_code_of_a_helper_is_not_the_victims(client, client_factory, dossier):
    code = code_in(text(client.post(INVITE, {"name": "Marie"})))

    answer = client_factory().post(reverse("dossier:sign_in"), {"reference": dossier.reference, "code": code})

    assert answer.status_code == 422


def test_helper_of_one_dossier_ends_nobody_elsewhere(client, client_factory, dossier):
    client.post(INVITE, {"name": "Marie"})
    other = client_factory()
    factory.let_in(other, factory.dossier(opening="b" * 32))

    other.post(reverse("dossier:end_companion", args=[Companion.objects.get().pk]))

    assert Companion.objects.get().ended_at is None


def test_three_at_most(client, dossier):
    for name in ("Anne", "Béa", "Chloé"):
        client.post(INVITE, {"name": name})

    refused = client.post(INVITE, {"name": "Dora"})

    assert refused.status_code == 422
    assert "Trois personnes vous aident déjà" in text(refused)
    assert 'value="Dora"' in text(refused)
    assert Companion.objects.count() == 3


def test_guessing_is_slowed_down(client_factory, dossier):
    browser = client_factory()

    answers = [
        browser.post(JOIN, {"reference": dossier.reference, "code": "0000 0000 0000 0000"}).status_code
        for _ in range(6)
    ]

    assert answers[-1] == 429
