"""Who complains for somebody else is asked in what capacity and for the proof before anything is filed."""

import html
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guichet.accounts.models import Agent
from guichet.audit.models import Line
from tests.victims import factory, files
from tests.victims.test_complaints import words_of
from victims import capacities
from victims.complaint_form import scene_of
from victims.enums import EvidenceKind
from victims.services import bundle, complaints, deposits, follow_up, removals, standing

pytestmark = pytest.mark.django_db
BEGIN, CAPACITY, RECAP, FILED = (reverse(f"dossier:{name}") for name in ("complaint", "capacity", "recap", "filed"))
MANDATED = {"read": "on", "quality": "mandataire"}


def text(response) -> str:
    return html.unescape(response.content.decode())


@pytest.fixture
def dossier(client):
    found = factory.dossier(factory.SCAM)
    factory.let_in(client, found)
    return found


@pytest.fixture
def company(client):
    found = factory.dossier(factory.COMPANY)
    factory.let_in(client, found)
    return found


def draft(dossier):
    return complaints.current(dossier)


def send(client, dossier, **typed):
    return client.post(CAPACITY, {"version": draft(dossier).version, "action": "next", **typed})


def test_list_is_closed_dated_and_each_entry_has_its_source():
    assert capacities.CAPACITIES.checked_on.year >= 2026
    assert all(each.source for each in capacities.CAPACITIES.capacities)
    assert [each.id for each in capacities.CAPACITIES.capacities if each.proof is None] == ["victime"]


@pytest.mark.parametrize(
    ("audience", "facts", "offered"),
    [
        ("particulier", [], ["victime", "parent", "tuteur", "ad-hoc", "mandataire", "avocat"]),
        ("particulier", ["minor"], ["parent", "tuteur", "ad-hoc"]),
        ("entreprise", [], ["avocat", "representant-organisation", "mandataire-organisation"]),
        ("collectivite", [], ["avocat", "representant-organisation", "mandataire-organisation"]),
    ],
)
def test_situation_closes_what_it_cannot_be(audience, facts, offered):
    scene = scene_of(facts=facts, audience=audience, severity=2)

    assert [each.id for each in capacities.open_to(scene)] == offered


def test_what_each_capacity_wants_is_told_before_anything_begins(client, dossier):
    page = text(client.get(BEGIN))

    assert "Le mandat écrit, daté et signé, qui dit qui et pour quels faits" in page
    assert "à joindre à la plainte" in page
    assert draft(dossier) is None


def test_who_speaks_for_oneself_is_asked_nothing_more(client, dossier):
    response = client.post(BEGIN, {"read": "on", "quality": "victime"})

    assert response.url == reverse("dossier:section", args=["declarant"])
    assert standing.missing(draft(dossier)) == []
    assert "Qui porte plainte" in text(client.get(RECAP))


def test_organisation_says_who_acts_for_it(client, company):
    refused = client.post(BEGIN, {"read": "on"})

    assert refused.status_code == 422
    assert "Dites à quel titre vous portez plainte." in text(refused)
    assert draft(company) is None


def test_mandate_is_a_piece_or_the_complaint_is_not_filed(client, dossier):
    assert client.post(BEGIN, MANDATED).url == CAPACITY
    assert "Code civil, articles 1984 et 1985" in text(client.get(CAPACITY))

    refused = send(client, dossier, represented="Petit Ana, 03/02/1950", proof="unite")
    page = text(refused)

    assert refused.status_code == 422
    assert "Ajoutez ce document à vos pièces, ou cochez-le s’il y est déjà." in page
    assert "Petit Ana, 03/02/1950" in page
    assert "montrerai à l’unité" not in page
    assert "Ajoutez ce document" in text(client.get(RECAP))
    assert text(client.post(reverse("dossier:file"))).count("Ajoutez ce document") == 1
    assert draft(dossier).number is None


def test_mandate_added_from_there_comes_back_ticked_and_stands_on_the_paper(client, dossier):
    client.post(BEGIN, MANDATED)
    away = send(client, dossier, represented="Petit Ana, 03/02/1950", entitled="sa fille", action="add")
    assert away.url == reverse("dossier:pieces") + "?suite=mandat"
    assert CAPACITY in text(client.get(away.url))

    sent = io.BytesIO(files.pdf())
    sent.name = "mandat.pdf"
    added = client.post(away.url, {"files": sent})
    assert "suite=mandat" in added.url
    page = text(client.get(CAPACITY))
    piece = dossier.pieces.get(kind=EvidenceKind.FILE)
    assert f'value="{piece.pk}"' in page
    assert "checked" in page.split(f'value="{piece.pk}"')[1].split(">")[0]
    assert send(client, dossier, represented="Petit Ana, 03/02/1950", pieces=[str(piece.pk)]).status_code == 302

    filed = complaints.file_complaint(complaint=factory.ready_complaint(dossier))
    words = words_of(filed.pieces.get(kind=EvidenceKind.COMPLAINT))
    assert "mandataire de la victime, par écrit" in words
    assert "Petit Ana, 03/02/1950" in words
    assert piece.sha256[:16] in words
    assert complaints.begun_with(filed)["capacity"]["id"] == "mandataire"


def test_proof_shown_at_the_unit_is_written_on_the_paper_where_the_law_lets_it(client, company):
    client.post(BEGIN, {"read": "on", "quality": "representant-organisation"})

    assert send(client, company, proof="unite").url == reverse("dossier:section", args=["declarant"])

    filed = complaints.file_complaint(complaint=factory.ready_complaint(company))
    words = words_of(filed.pieces.get(kind=EvidenceKind.COMPLAINT))
    assert "représentant légal de l’organisation" in words
    assert "Sera montré à l’unité" in words
    assert "Kbis" in words


def test_document_taken_back_is_missing_again(client, dossier):
    piece = deposits.keep_file(dossier=dossier, name="mandat.pdf", content=files.pdf())
    client.post(BEGIN, MANDATED)
    send(client, dossier, represented="Petit Ana", pieces=[str(piece.pk)])
    assert standing.missing(draft(dossier)) == []

    removals.remove_file(piece=piece)

    assert [each.field for each in standing.missing(draft(dossier))] == ["pieces"]


def test_piece_of_another_dossier_proves_nothing(client, dossier, company):
    theirs = deposits.keep_file(dossier=company, name="kbis.pdf", content=files.pdf())
    factory.let_in(client, dossier)
    client.post(BEGIN, MANDATED)

    assert send(client, dossier, represented="Petit Ana", pieces=[str(theirs.pk)]).status_code == 422
    assert [each.field for each in standing.missing(draft(dossier))] == ["pieces"]


def test_another_tab_replaces_nothing_in_silence(client, dossier):
    client.post(BEGIN, MANDATED)
    old = draft(dossier).version
    send(client, dossier, represented="Petit Ana", action="later")

    page = client.post(CAPACITY, {"version": old, "represented": "Grand Ali", "action": "next"})

    assert page.status_code == 409
    assert "Petit Ana" in text(page)
    assert "Grand Ali" in text(page)
    assert standing.stored(draft(dossier))["represented"] == "Petit Ana"


def test_changing_the_capacity_asks_for_its_own_proof(client, dossier):
    client.post(BEGIN, MANDATED)
    send(client, dossier, represented="Petit Ana", action="later")

    assert client.post(CAPACITY + "?changer=1", {"quality": "tuteur"}).url == CAPACITY
    page = text(client.get(CAPACITY))

    assert "Petit Ana" in page
    assert "Je le montrerai à l’unité" in page
    assert client.post(CAPACITY + "?changer=1", {"quality": "roi"}).status_code == 422
    assert client.post(CAPACITY + "?changer=1", {"quality": "victime"}).url.endswith("/declarant/")


# --- shown at the unit


@pytest.fixture
def filed(client, company):
    return complaints.file_complaint(complaint=factory.ready_complaint(company))


def console_of(agent, **changes):
    for name, value in changes.items():
        setattr(agent, name, value)
    agent.save()
    browser = Client()
    browser.force_login(agent)
    return browser


def test_agent_who_handles_the_complaint_notes_the_proof_seen_and_the_victim_reads_it(client, filed):
    desk = console_of(factory.agent("7001"), service=filed.service)
    page, note = (reverse(f"console:{name}", args=[filed.pk]) for name in ("complaint", "see_proof"))
    assert "À montrer à l’unité : Un extrait Kbis" in text(client.get(FILED))
    assert "Pas encore vu." in text(desk.get(page))

    after = text(desk.post(note, follow=True))

    assert "Le justificatif est noté comme vu à l’unité." in after
    assert after.count("Vu à l’unité le") == 2  # on its own, and in what was filed
    assert "Sera montré" not in after
    assert "Noter : justificatif vu" not in after
    filed.refresh_from_db()
    when = timezone.localtime(filed.proof_seen_at).strftime("%d/%m/%Y à %H h %M")
    assert f"vu à l’unité le {when}, agent 7001, police nationale" in text(client.get(FILED)).lower()
    assert "a vu votre justificatif à l'unité" in text(client.get(reverse("dossier:home")))
    line = Line.objects.get(verb="justificatif vu à l'unité")
    assert (line.actor, line.target, line.chain_id) == ("agent:7001", str(filed.pk), filed.dossier.chain)
    shown = bundle._complaint(filed)["shown"][0]["groups"][0]["rows"]
    assert {"label": "Preuve", "value": f"Vu à l’unité le {when}, Agent 7001, police nationale"} in shown


def test_proof_is_noted_once_and_by_nobody_else(filed):
    desk = console_of(factory.agent("7001"), service=filed.service)
    note = reverse("console:see_proof", args=[filed.pk])
    for number, place in (("7002", factory.service("Lille")), ("7003", None)):
        assert console_of(factory.agent(number), service=place).post(note).status_code == 404
    assert Client().post(note).status_code in (302, 403)
    with pytest.raises(follow_up.Refused):
        follow_up.see_proof(complaint=filed, agent=Agent.objects.get(service_number="7002"))

    assert [desk.post(note).status_code for _ in "12"] == [302, 422]
    assert Line.objects.filter(verb="justificatif vu à l'unité").count() == 1


def test_nothing_to_note_where_the_proof_is_a_piece_or_the_complaint_withdrawn(filed):
    other = complaints.file_complaint(complaint=factory.ready_complaint(factory.dossier(factory.SCAM)))
    desk = console_of(factory.agent("7001"), service=filed.service)
    follow_up.withdraw(complaint=filed)

    for complaint in (other, filed):
        page = text(desk.get(reverse("console:complaint", args=[complaint.pk])))
        refused = desk.post(reverse("console:see_proof", args=[complaint.pk]))
        assert "Noter : justificatif vu" not in page
        assert refused.status_code == 422
        assert "Aucun justificatif n'est à montrer" in text(refused) or "elle est retirée" in text(refused)
    assert not Line.objects.filter(verb="justificatif vu à l'unité").exists()
