"""A report without a name: sent from the same record, seen by the unit, and followed by a complaint told once."""

import io
import zipfile
from datetime import timedelta

import pikepdf
import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from guichet.audit.models import Line
from guichet.observatory.models import Count
from tests.victims import factory
from victims.enums import EvidenceKind, ReportState
from victims.models import Dossier, Report
from victims.services import blocks, complaints, receipts, reports, retention
from victims.services.bundle import Bundle
from victims.services.deposits import keep_file
from victims.states import REPORT, Refused

pytestmark = pytest.mark.django_db
BEGIN, RECAP, SEND, SENT, WITHDRAW, HOME = (
    reverse(f"dossier:{name}")
    for name in ("report", "report_recap", "report_send", "report_sent", "report_withdraw", "home")
)
FACTS = {"started_on": "24/11/2025", "place": "Bailleul", "story": "On me menace depuis hier."}


def at(section: str) -> str:
    return reverse("dossier:report_section", args=[section])


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def dossier(client):
    found = factory.dossier(factory.SEXTORTION)
    factory.let_in(client, found)
    return found


@pytest.fixture
def begun(client, dossier) -> Report:
    client.post(BEGIN)
    client.post(at("facts"), {**FACTS, "version": 1})
    return reports.current(dossier)


@pytest.fixture
def sent(begun) -> Report:
    return reports.send(report=begun, with_files=False, with_talks=False)


@pytest.fixture
def unit(sent):
    agent = factory.agent("7001")
    agent.service = sent.service
    agent.save()
    return agent


def test_page_says_what_a_report_is_not_before_anything_begins(client, dossier):
    page = text(client.get(BEGIN))

    assert "n’est pas une plainte" in page
    assert "Vous pourrez en faire une plainte depuis ce dossier" in page
    assert "démonstration" in page
    assert reports.current(dossier) is None


def test_report_asks_what_happened_and_never_who(client, dossier):
    client.post(BEGIN)

    page = text(client.get(at("facts")))

    assert "Mes réponses au guichet" in page
    assert client.get(at("declarant")).status_code == 404
    assert client.get(at("declarations")).status_code == 404


def test_nothing_is_sent_while_something_is_missing(client, dossier):
    client.post(BEGIN)

    response = client.post(SEND)

    assert response.status_code == 422
    assert "Indiquez une date" in text(response)
    assert reports.current(dossier).state == ReportState.DRAFT


def test_report_is_sent_with_number_receipt_and_no_reference_of_the_dossier(client, begun):
    assert "Envoyer mon signalement" in text(client.get(RECAP))

    page = text(client.post(SEND, follow=True))

    found = reports.current(begun.dossier)
    receipt = found.pieces.get(kind=EvidenceKind.REPORT_RECEIPT)
    assert found.number.startswith("SG-")
    assert found.number in page
    assert "Commissariat de Bailleul" in page
    for paper in (receipt, found.pieces.get(kind=EvidenceKind.REPORT)):
        printed = client.get(reverse("dossier:piece", args=[paper.pk])).content
        words = "".join(leaf.extract_text() for leaf in PdfReader(io.BytesIO(printed)).pages)
        assert found.number in words
        assert begun.dossier.reference not in words
        with pikepdf.open(io.BytesIO(printed)) as opened:
            assert opened.Root.MarkInfo.Marked
            assert str(opened.Root.Lang) == "fr-FR"
    known = receipts.receipt_known(number=found.number, digest=receipts.short_digest(found))
    assert known.what == "Accusé de réception"
    assert Count.objects.get(key="signalement").n == 1


def test_files_and_conversations_go_only_if_wanted(client, begun):
    keep_file(dossier=begun.dossier, name="capture.txt", content=b"ce qui est recu\n")
    page = text(client.get(RECAP))

    client.post(SEND, {"files": "on"})

    kinds = {piece.kind for piece in reports.current(begun.dossier).pieces.all()}
    assert "Joindre mes fichiers" in page
    assert "transcription" not in page
    assert kinds == {EvidenceKind.FILE, EvidenceKind.REPORT, EvidenceKind.REPORT_RECEIPT}


def test_without_a_wish_no_file_goes(client, begun):
    keep_file(dossier=begun.dossier, name="capture.txt", content=b"ce qui est recu\n")

    client.post(SEND)

    assert not reports.current(begun.dossier).pieces.filter(kind=EvidenceKind.FILE).exists()


def test_report_becomes_a_complaint_told_once(client, sent):
    client.post(reverse("dossier:complaint"), {"read": "on"})

    typed = complaints.read_form(complaints.current(sent.dossier))
    filed = complaints.file_complaint(complaint=factory.ready_complaint(sent.dossier))

    sent.refresh_from_db()
    assert typed["facts"]["story"] == FACTS["story"]
    assert typed["facts"]["started_on"] == FACTS["started_on"]
    assert sent.state == ReportState.BECAME_COMPLAINT
    assert sent.complaint == filed
    assert filed.number in text(client.get(SENT))
    assert {"signalement", "accuse-signalement", "plainte", "recepisse"} <= set(
        filed.pieces.values_list("kind", flat=True)
    )
    assert Count.objects.get(key="signalement-devenu-plainte").n == 1


def test_unit_reads_it_takes_note_once_and_the_person_sees_both(client, client_factory, sent, unit):
    console = client_factory()
    console.force_login(unit)
    address = reverse("console:filed_report", args=[sent.pk])

    listed, page = text(console.get(reverse("console:complaints"))), text(console.get(address))
    done = text(console.post(reverse("console:take_note", args=[sent.pk]), follow=True))
    again = console.post(reverse("console:take_note", args=[sent.pk]))

    home = text(client.get(HOME))
    assert sent.number in listed
    assert "On me menace depuis hier." in page
    assert sent.dossier.reference not in page
    assert "Pris en compte par Agent 7001" in done
    assert (again.status_code, "déjà pris en compte" in text(again)) == (422, True)
    assert "Une unité a pris votre signalement en compte" in home
    assert "a lu votre signalement" in home


def test_report_opens_nothing_else_of_the_dossier(client_factory, sent, unit):
    hidden = keep_file(dossier=sent.dossier, name="autre.txt", content=b"pas pour eux\n")
    console, stranger = client_factory(), client_factory()
    console.force_login(unit)
    stranger.force_login(factory.agent("7002"))

    paper = sent.pieces.get(kind=EvidenceKind.REPORT)

    assert console.get(reverse("console:report_piece", args=[sent.pk, paper.pk])).content.startswith(b"%PDF")
    assert console.get(reverse("console:report_piece", args=[sent.pk, hidden.pk])).status_code == 404
    assert console.get(reverse("console:pieces", args=[sent.dossier_id])).status_code == 404
    assert stranger.get(reverse("console:filed_report", args=[sent.pk])).status_code == 404


def test_draft_of_a_report_is_seen_by_no_agent(client_factory, begun):
    agent = factory.agent("7001")
    agent.service = factory.service()
    agent.save()
    console = client_factory()
    console.force_login(agent)

    assert console.get(reverse("console:filed_report", args=[begun.pk])).status_code == 404


def test_report_is_withdrawn_only_while_nobody_has_it(client, sent, unit):
    reports.take_note(report=sent, agent=unit)

    refused = client.post(WITHDRAW)

    assert refused.status_code == 422
    assert "ne peut plus être retiré" in text(refused)


def test_withdrawn_report_leaves_room_for_another(client, sent):
    page = text(client.post(WITHDRAW, follow=True))
    client.post(BEGIN)

    assert "Vous avez retiré votre signalement" in page
    assert reports.current(sent.dossier).state == ReportState.DRAFT


@pytest.mark.parametrize("name", ["report", "report_recap", "report_sent"])
def test_report_is_for_who_holds_the_key(client, client_factory, sent, name):
    other, nobody = client_factory(), client_factory()
    factory.let_in(other, factory.dossier(opening="b" * 32))

    answers = [text(each.get(reverse(f"dossier:{name}"), follow=True)) for each in (client, other, nobody)]

    assert sent.number in answers[0]
    assert sent.number not in answers[1]
    assert "Retrouver mon dossier" in answers[2]


def test_what_was_typed_is_sealed(begun):
    assert b"menace" not in bytes(Report.objects.get().sealed_form)


def test_old_draft_goes_and_a_sent_report_keeps_the_dossier_three_years(begun):
    later = timezone.now() + timedelta(days=31)

    assert retention.purge(now=later)["report_draft"] == 1
    report = reports.start(dossier=begun.dossier)
    report.dossier.diagnosis.refresh_from_db()
    blocks.save_section(
        record=report, section=reports.report_sections_of(report.dossier.diagnosis)[0], typed=FACTS, version=1
    )
    reports.send(report=Report.objects.get(), with_files=False, with_talks=False)
    assert retention.purge(now=timezone.now() + timedelta(days=800))["dossier"] == 0
    assert retention.purge(now=timezone.now() + timedelta(days=1200))["dossier"] == 1
    assert Dossier.objects.count() == 0


def test_victim_erases_a_report_that_no_unit_holds(client, sent):
    assert retention.can_be_erased(sent.dossier)

    client.post(reverse("dossier:erase"), {"confirm": "oui"})

    assert Report.objects.count() == 0


def test_report_that_a_unit_holds_is_kept(sent, unit):
    reports.take_note(report=sent, agent=unit)

    assert not retention.can_be_erased(sent.dossier)


def test_bundle_holds_the_report_and_its_papers(sent):
    archive = b"".join(Bundle(dossier=sent.dossier, actor="victime").parts())

    names = zipfile.ZipFile(io.BytesIO(archive)).namelist()

    assert f"signalement/{sent.number}.json" in names
    assert sum(name.startswith("signalement/") and name.endswith(".pdf") for name in names) == 2


def test_every_change_is_on_the_audit_chain(sent, unit):
    reports.take_note(report=sent, agent=unit)

    verbs = list(Line.objects.filter(target=str(sent.pk)).values_list("verb", flat=True))

    assert verbs == ["signalement commencé", "signalement envoyé", "signalement pris en compte"]


@pytest.mark.parametrize("state", ReportState.values)
@pytest.mark.parametrize("act", list(REPORT.acts))
def test_an_act_out_of_its_state_is_refused(act, state):
    who = REPORT.acts[act].by[0]
    if REPORT.allows(act, state, who):
        assert REPORT.after(act, state, who) == REPORT.acts[act].to
        return
    with pytest.raises(Refused) as refusal:
        REPORT.after(act, state, who)
    assert refusal.value.text == REPORT.refusals[act]
