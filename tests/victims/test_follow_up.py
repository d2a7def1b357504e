"""After filing: the unit takes over, the victim adds or withdraws, a complaint without a unit is not lost."""

import pytest
from django.urls import reverse

from guichet.accounts.enums import Role
from guichet.audit.models import Line
from tests.victims import factory
from victims import follow_up_views
from victims.enums import ComplaintState
from victims.models import Complaint
from victims.services import complaints, follow_up

pytestmark = pytest.mark.django_db
ADD, WITHDRAW, FILED, HOME = (reverse(f"dossier:{name}") for name in ("addition", "withdraw", "filed", "home"))


@pytest.fixture
def filed():
    return complaints.file_complaint(complaint=factory.ready_complaint(factory.dossier(factory.SEXTORTION)))


@pytest.fixture
def victim(client, filed):
    factory.let_in(client, filed.dossier)
    return client


@pytest.fixture
def investigator(filed):
    agent = factory.agent("7001")
    agent.service = filed.service
    agent.save()
    return agent


@pytest.fixture
def console(filed, investigator):
    from django.test import Client

    browser = Client()
    browser.force_login(investigator)
    return browser


def at(name: str, filed) -> str:
    return reverse(f"console:{name}", args=[filed.pk])


def text(response) -> str:
    return response.content.decode()


def refused(code: str, act, **arguments) -> bool:
    with pytest.raises(follow_up.Refused) as refusal:
        act(**arguments)
    return refusal.value.code == code


def test_unit_takes_over_once_and_the_victim_sees_who_and_when(console, victim, filed, investigator):
    page = text(console.get(at("complaint", filed)))
    assert "Personne ne l’a encore prise en charge" in page

    done = text(console.post(at("take_over", filed), follow=True))
    again = console.post(at("take_over", filed))

    assert "Prise en charge par Agent 7001" in done
    assert (again.status_code, "déjà prise en charge" in text(again)) == (422, True)
    assert "Votre plainte est prise en charge" in text(victim.get(HOME))
    assert "a pris votre plainte en charge" in text(victim.get(HOME))


def test_another_unit_sees_nothing(filed, client):
    stranger = factory.agent("7002")
    client.force_login(stranger)

    assert client.get(at("complaint", filed)).status_code == 404
    assert client.post(at("take_over", filed)).status_code == 404
    assert refused("not-yours", follow_up.take_over, complaint=filed, agent=stranger)


def test_victim_adds_and_sees_that_it_was_read_and_the_complaint_stays(victim, console, filed):
    before = complaints.read_form(filed)

    victim.post(ADD, {"text": "Il m'a écrit de nouveau.\nIl demande 300 €."})
    victim.post(ADD, {"text": "Il m'a écrit de nouveau.\nIl demande 300 €."})
    assert "lu par le service" not in text(victim.get(FILED))
    page = text(console.get(at("complaint", filed)))

    assert page.count("Il demande 300 €.") == 1
    assert "nouveau</p>" in page
    assert "lu par le service" in text(victim.get(FILED))
    assert complaints.read_form(filed) == before
    assert b"300" not in bytes(filed.additions.get().sealed_text)


@pytest.mark.parametrize(
    ("typed", "told"), [("", "Écrivez ce que vous voulez ajouter"), ("a" * 10_001, "dépasse"), ("\x01", "Écrivez")]
)
def test_bad_addition_is_told_beside_the_field_and_kept(victim, filed, typed, told):
    answer = victim.post(ADD, {"text": typed})

    assert answer.status_code == 422
    assert told in text(answer)
    assert typed in text(answer)


def test_victim_withdraws_and_may_begin_another(victim, console, filed):
    assert victim.post(WITHDRAW).status_code == 422
    victim.post(WITHDRAW, {"confirm": "oui"})

    filed.refresh_from_db()
    assert filed.state == ComplaintState.WITHDRAWN
    assert "Vous avez retiré votre plainte" in text(victim.get(HOME))
    assert "Votre plainte est retirée" in text(victim.get(FILED))
    assert "Retirée par la victime" in text(console.get(at("complaint", filed)))
    assert victim.post(ADD, {"text": "encore"}).url == HOME
    another = complaints.start(dossier=filed.dossier)
    assert another.pk != filed.pk
    assert victim.get(reverse("dossier:complaint")).status_code == 200


def test_second_of_two_withdrawals_at_once_leads_to_the_same_page(victim, filed, monkeypatch):
    before = follow_up_views._filed

    def meanwhile(request):
        found = before(request)
        follow_up.withdraw(complaint=found)
        return found

    monkeypatch.setattr(follow_up_views, "_filed", meanwhile)

    assert victim.post(WITHDRAW, {"confirm": "oui"}).url == HOME


def test_complaint_without_a_unit_is_seen_by_supervisors_until_they_name_one(filed, client, investigator):
    Complaint.objects.filter(pk=filed.pk).update(service=None)
    chief = factory.agent("7003")
    chief.role = Role.SUPERVISOR
    chief.save()
    client.force_login(chief)

    assert filed.number in text(client.get(reverse("console:complaints")))
    wrong = client.post(at("entrust", filed), {"service": "nulle part"})
    assert (wrong.status_code, "Aucune unité ne porte ce nom" in text(wrong)) == (422, True)
    client.post(at("entrust", filed), {"service": "commissariat de bailleul"})

    filed.refresh_from_db()
    assert filed.service_id == investigator.service_id
    assert client.get(at("complaint", filed)).status_code == 404
    assert follow_up.take_over(complaint=filed, agent=investigator).taken_over_by == investigator
    assert Line.objects.filter(verb="plainte confiée", actor=chief.audit_name).exists()


def test_agent_who_is_no_supervisor_does_not_entrust(filed, investigator):
    Complaint.objects.filter(pk=filed.pk).update(service=None)
    filed.refresh_from_db()

    assert refused("not-yours", follow_up.entrust, complaint=filed, agent=investigator, service=investigator.service)


def test_unit_asks_one_precision_and_the_victim_answers(console, victim, filed, investigator):
    follow_up.take_over(complaint=filed, agent=investigator)

    console.post(at("ask", filed), {"text": "Quel était le pseudonyme ?"})
    twice = console.post(at("ask", filed), {"text": "Et le prix ?"})
    asked, home = text(victim.get(FILED)), text(victim.get(HOME))
    victim.post(ADD, {"text": "Il se disait Max."})

    filed.refresh_from_db()
    assert "Quel était le pseudonyme ?" in asked
    assert "Le service vous demande une précision" in home
    assert (twice.status_code, "Et le prix ?" in text(twice)) == (422, True)
    assert filed.state == ComplaintState.TAKEN_OVER
    assert "Quel était le pseudonyme ?" not in text(victim.get(FILED))
    assert "Il se disait Max." in text(console.get(at("complaint", filed)))
    assert b"pseudonyme" not in bytes(filed.sealed_question)


def test_unit_forwards_once_and_the_victim_sees_it_dated(console, victim, filed, investigator):
    early = console.post(at("forward", filed))
    follow_up.take_over(complaint=filed, agent=investigator)

    console.post(at("forward", filed))

    filed.refresh_from_db()
    assert (early.status_code, "abord cette plainte en charge" in text(early)) == (422, True)
    assert filed.state == ComplaintState.FORWARDED
    assert "Votre plainte est transmise au procureur" in text(victim.get(HOME))
    assert "Transmise au procureur le" in text(victim.get(FILED))
    assert refused("forward", follow_up.forward, complaint=filed, agent=investigator)


def test_stranger_neither_asks_nor_forwards(client, filed, investigator):
    follow_up.take_over(complaint=filed, agent=investigator)
    client.force_login(factory.agent("7009"))

    assert client.post(at("ask", filed), {"text": "Qui ?"}).status_code == 404
    assert client.post(at("forward", filed)).status_code == 404
