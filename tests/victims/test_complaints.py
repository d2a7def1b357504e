import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from pypdf import PdfReader

from guichet.audit import services as audit
from guichet.audit.models import Line
from tests.victims import factory
from victims.enums import ComplaintState, EvidenceKind
from victims.services import complaints, evidence

pytestmark = pytest.mark.django_db


def section_of(complaint, name: str):
    return next(each for each in complaints.sections_of(complaint.dossier.diagnosis) if each.id == name)


def save(complaint, name: str, version: int | None = None, **typed):
    return complaints.save_section(
        complaint=complaint,
        section=section_of(complaint, name),
        typed=typed,
        version=complaint.version if version is None else version,
    )


def words_of(piece) -> str:
    paper = evidence.read_piece(piece=piece, actor="victime")
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages).split())


def test_start_takes_up_answers_and_commune():
    dossier = factory.dossier(factory.SEXTORTION)

    complaint = complaints.start(dossier=dossier)

    typed = complaints.read_form(complaint)
    assert typed["capacity"]["quality"] == "victime"
    assert typed["facts"]["place"] == "Bailleul (59)"
    assert "Mes réponses au guichet :" in typed["facts"]["story"]
    answers = [answer for step in dossier.diagnosis.path for answer in step["answers"]]
    assert answers
    assert all(answer in typed["facts"]["story"] for answer in answers)


def test_start_twice_gives_one_draft():
    dossier = factory.dossier()

    first, second = complaints.start(dossier=dossier), complaints.start(dossier=dossier)

    assert first.pk == second.pk
    assert dossier.complaints.count() == 1


def test_draft_of_thirty_days_is_begun_anew():
    dossier, past = factory.dossier(), timezone.now() - timedelta(days=31)
    old = complaints.start(dossier=dossier, now=past)

    new = complaints.start(dossier=dossier)

    assert new.pk != old.pk
    assert dossier.complaints.count() == 1


def test_save_keeps_what_was_typed():
    complaint = complaints.start(dossier=factory.dossier())

    complaint = save(complaint, "declarant", birth_name="Lefèvre 😀")

    assert complaints.read_form(complaint)["declarant"] == {"birth_name": "Lefèvre 😀"}
    assert complaint.version == 2


def test_save_from_an_older_page_is_refused_with_both_texts():
    complaint = complaints.start(dossier=factory.dossier())
    save(complaint, "declarant", birth_name="Premier")

    with pytest.raises(complaints.Conflict) as refusal:
        save(complaint, "declarant", version=1, birth_name="Second")

    assert refusal.value.stored == {"birth_name": "Premier"}
    assert complaints.read_form(complaints.current(complaint.dossier))["declarant"] == {"birth_name": "Premier"}


def test_save_twice_the_same_is_one_save():
    complaint = complaints.start(dossier=factory.dossier())

    first = save(complaint, "declarant", birth_name="Même")
    again = save(complaint, "declarant", version=1, birth_name="Même")

    assert first.version == again.version == 2


def test_save_of_two_blocks_in_two_tabs_keeps_both():
    complaint = complaints.start(dossier=factory.dossier())
    save(complaint, "declarant", birth_name="Lefèvre")

    complaint = save(complaint, "traces", version=1, names="Inconnu")

    typed = complaints.read_form(complaint)
    assert typed["declarant"] == {"birth_name": "Lefèvre"}
    assert typed["traces"] == {"names": "Inconnu"}


def message(body: str, author: str = "victime"):
    return SimpleNamespace(author=author, body=body, at=timezone.now())


def test_prepare_adds_the_conversation_and_its_traces():
    dossier, agent = factory.dossier(factory.SCAM), factory.agent()
    said = [
        message("Le site était https://faux-colis.test/pay?x=1."),
        message("Donnez-moi son IBAN", author="agent"),
        message("FR76 3000 6000 0112 3456 7890 189 et bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
    ]

    complaint = complaints.prepare(agent=agent, dossier=dossier, messages=said)

    typed = complaints.read_form(complaint)
    assert "Le site était https://faux-colis.test/pay?x=1." in typed["facts"]["story"]
    assert "Donnez-moi" not in typed["facts"]["story"]
    assert typed["traces"]["sites"] == "https://faux-colis.test/pay?x=1"
    assert typed["traces"]["ibans"] == "FR76 3000 6000 0112 3456 7890 189"
    assert typed["traces"]["wallets"] == "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
    assert complaint.prepared_by == agent


def test_prepare_keeps_what_the_victim_typed_and_adds_once():
    dossier, agent = factory.dossier(), factory.agent()
    save(complaints.start(dossier=dossier), "facts", story="Mon récit.", place="Lille")

    complaints.prepare(agent=agent, dossier=dossier, messages=[message("Il me menace.")])
    complaint = complaints.prepare(agent=agent, dossier=dossier, messages=[message("Il me menace.")])

    story = complaints.read_form(complaint)["facts"]["story"]
    assert story.startswith("Mon récit.")
    assert story.count("Il me menace.") == 1
    assert complaints.read_form(complaint)["facts"]["place"] == "Lille"


def test_prepare_is_seen_as_a_conflict_by_an_open_page():
    dossier = factory.dossier()
    complaint = complaints.start(dossier=dossier)
    complaints.prepare(agent=factory.agent(), dossier=dossier, messages=[message("Il me menace.")])

    with pytest.raises(complaints.Conflict):
        save(complaint, "facts", version=1, story="Autre texte")


def test_file_needs_every_required_field():
    complaint = complaints.start(dossier=factory.dossier())
    complaints.note_notices_read(complaint=complaint)

    with pytest.raises(complaints.Incomplete) as refusal:
        complaints.file_complaint(complaint=complaint)

    asked = {(each.section, each.field) for each in refusal.value.missing}
    assert ("declarant", "birth_name") in asked
    assert ("declarations", "truth") in asked
    complaint.refresh_from_db()
    assert complaint.state == ComplaintState.DRAFT


def test_file_needs_the_notices_read():
    complaint = factory.ready_complaint(factory.dossier())
    type(complaint).objects.filter(pk=complaint.pk).update(notices_read_at=None)

    with pytest.raises(complaints.Incomplete):
        complaints.file_complaint(complaint=complaint)


def test_file_gives_number_service_and_pieces():
    dossier = factory.dossier()
    complaint = factory.ready_complaint(dossier)

    filed = complaints.file_complaint(complaint=complaint)

    assert filed.state == ComplaintState.FILED
    assert filed.number.startswith(f"PL-{timezone.localdate().year}-")
    assert str(filed.service) == "Commissariat de Bailleul"
    assert {each.kind for each in filed.pieces.all()} == {EvidenceKind.COMPLAINT, EvidenceKind.RECEIPT}
    assert Line.objects.filter(chain=dossier.chain, verb="plainte déposée").count() == 1
    assert audit.verify(dossier.chain) == ""


def test_filed_papers_say_what_was_typed_and_the_digests():
    filed = complaints.file_complaint(complaint=factory.ready_complaint(factory.dossier()))

    paper = filed.pieces.get(kind=EvidenceKind.COMPLAINT)
    complaint, receipt = words_of(paper), words_of(filed.pieces.get(kind=EvidenceKind.RECEIPT))
    for word in ("Lefèvre", "Chloé Œdipe", "12 rue de l'Église", "J'ai payé 200 €.", "434-26", "D8-2-2", filed.number):
        assert word in complaint
    assert paper.sha256 in receipt
    assert filed.number in receipt
    assert "Commissariat de Bailleul" in receipt
    assert "démonstration" in receipt


def test_file_again_changes_nothing():
    complaint = factory.ready_complaint(factory.dossier())
    first = complaints.file_complaint(complaint=complaint)

    again = complaints.file_complaint(complaint=complaint)

    assert (again.pk, again.number) == (first.pk, first.number)
    assert complaint.dossier.pieces.count() == 2


def test_filed_complaint_cannot_be_changed():
    complaint = factory.ready_complaint(factory.dossier())
    complaints.file_complaint(complaint=complaint)

    with pytest.raises(complaints.AlreadyFiled):
        save(complaint, "declarant", birth_name="Autre")
    with pytest.raises(complaints.AlreadyFiled):
        complaints.prepare(agent=factory.agent(), dossier=complaint.dossier)


def test_file_stops_when_a_receiver_fails(monkeypatch):
    complaint = factory.ready_complaint(factory.dossier())
    monkeypatch.setattr(complaints.complaint_filing, "send", lambda **kwargs: 1 / 0)

    with pytest.raises(ZeroDivisionError):
        complaints.file_complaint(complaint=complaint)

    complaint.refresh_from_db()
    assert complaint.state == ComplaintState.DRAFT
    assert complaint.dossier.pieces.count() == 0


def test_every_audience_can_file():
    complaint = factory.ready_complaint(factory.dossier(factory.COMPANY))

    filed = complaints.file_complaint(complaint=complaint)

    assert "Les Ateliers" in words_of(filed.pieces.get(kind=EvidenceKind.COMPLAINT))
