import threading

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.victims import factory
from victims.complaint_form import BLOCKS
from victims.enums import ComplaintState, EvidenceKind
from victims.models import Complaint
from victims.services import complaints

pytestmark = pytest.mark.django_db


def at(section: str) -> str:
    return reverse("dossier:section", args=[section])


@pytest.fixture
def dossier(client):
    found = factory.dossier(factory.SEXTORTION)
    factory.let_in(client, found)
    return found


@pytest.fixture
def begun(client, dossier):
    client.post(reverse("dossier:complaint"), {"read": "on"})
    return complaints.current(dossier)


def test_complaint_begins_with_the_notices(client, dossier):
    page = client.get(reverse("dossier:complaint")).content.decode()

    assert "pas une obligation" in page
    assert "D8-2-2" in page
    assert "démonstration" in page
    assert complaints.current(dossier) is None


def test_complaint_cannot_begin_before_the_notices_are_read(client, dossier):
    response = client.post(reverse("dossier:complaint"), {})

    assert response.status_code == 422
    assert "Lisez ces informations, puis cochez cette case." in response.content.decode()
    assert complaints.current(dossier) is None
    assert client.get(at("declarant")).url == reverse("dossier:complaint")


def test_complaint_begins_once_the_notices_are_read(client, dossier):
    response = client.post(reverse("dossier:complaint"), {"read": "on"})

    assert response.url == at("declarant")
    assert complaints.current(dossier).notices_read_at


def test_draft_prepared_by_an_agent_waits_for_the_notices(client, dossier):
    complaints.prepare(agent=factory.agent(), dossier=dossier)

    assert client.get(reverse("dossier:recap")).url == reverse("dossier:complaint")
    assert client.get(reverse("dossier:complaint")).status_code == 200


def test_section_saves_and_goes_on(client, begun):
    response = client.post(at("declarant"), {**factory.DECLARANT, "version": begun.version})

    assert response.url == at("facts")
    assert complaints.read_form(complaints.current(begun.dossier))["declarant"]["birth_name"] == "Lefèvre"


def test_wrong_field_is_told_beside_and_everything_is_kept(client, begun):
    data = {**factory.DECLARANT, "birth_date": "un jour", "email": "chloe@", "version": begun.version}

    response = client.post(at("declarant"), data)

    page = response.content.decode()
    assert response.status_code == 422
    assert "Écrivez la date en chiffres, par exemple 24/11/2026." in page
    assert 'value="un jour"' in page
    assert 'value="Lefèvre"' in page
    kept = complaints.read_form(complaints.current(begun.dossier))["declarant"]
    assert kept["birth_name"] == "Lefèvre"
    assert kept["birth_date"] == "un jour"


def test_later_keeps_what_is_not_finished(client, begun):
    response = client.post(at("declarant"), {"birth_name": "Lef", "action": "later", "version": begun.version})

    assert response.url == reverse("dossier:home")
    page = client.get(at("declarant")).content.decode()
    assert 'value="Lef"' in page


def test_payment_can_be_added_without_script(client, begun):
    data = {"payments-0-amount": "200", "action": "add", "version": begun.version}

    response = client.post(at("loss"), data)

    assert response.url == f"{at('loss')}?lignes=2#payments-1"
    page = client.get(response.url.partition("#")[0]).content.decode()
    assert 'name="payments-1-amount"' in page
    assert 'value="200"' in page


def test_two_tabs_show_both_texts(client, begun):
    client.post(at("declarant"), {**factory.DECLARANT, "version": begun.version})

    response = client.post(at("declarant"), {**factory.DECLARANT, "birth_name": "Autre", "version": begun.version})

    page = response.content.decode()
    assert response.status_code == 409
    assert "Lefèvre" in page
    assert 'value="Autre"' in page
    assert complaints.read_form(complaints.current(begun.dossier))["declarant"]["birth_name"] == "Lefèvre"


def test_choice_after_two_tabs_is_kept(client, begun):
    client.post(at("declarant"), {**factory.DECLARANT, "version": begun.version})
    now = complaints.current(begun.dossier).version

    response = client.post(at("declarant"), {**factory.DECLARANT, "birth_name": "Autre", "version": now})

    assert response.url == at("facts")
    assert complaints.read_form(complaints.current(begun.dossier))["declarant"]["birth_name"] == "Autre"


def test_errors_then_correction_is_no_conflict(client, begun):
    page = client.post(at("declarant"), {"birth_name": "A", "version": begun.version}).content.decode()
    shown = complaints.current(begun.dossier).version

    assert f'name="version" value="{shown}"' in page
    assert client.post(at("declarant"), {**factory.DECLARANT, "version": shown}).status_code == 302


def test_section_that_is_not_asked_does_not_exist(client, begun):
    assert client.get(at("organisation")).status_code == 404
    assert client.post(at("nulle-part"), {}).status_code == 404


def test_recap_lists_what_is_missing_and_hides_filing(client, begun):
    page = client.get(reverse("dossier:recap")).content.decode()

    assert "Il reste à compléter" in page
    assert "Complétez : nom de naissance." in page
    assert f"{at('declarant')}#id_birth_name" in page
    assert "Déposer ma plainte" not in page
    assert "Commissariat de Bailleul" in page


def test_filing_an_incomplete_draft_is_refused(client, begun):
    response = client.post(reverse("dossier:file"))

    assert response.status_code == 422
    assert "Il reste à compléter" in response.content.decode()


def test_complaint_is_filed_with_its_receipt(client, dossier):
    factory.ready_complaint(dossier)
    assert "Déposer ma plainte" in client.get(reverse("dossier:recap")).content.decode()

    response = client.post(reverse("dossier:file"))

    page = client.get(response.url).content.decode()
    filed = complaints.current(dossier)
    receipt = filed.pieces.get(kind=EvidenceKind.RECEIPT)
    assert filed.number in page
    assert 0 < page.find("Ceci est une démonstration") < page.find("Télécharger le récépissé")
    assert receipt.sha256 in page
    assert client.get(reverse("dossier:piece", args=[receipt.pk])).content.startswith(b"%PDF")
    assert filed.number in client.get(reverse("dossier:home")).content.decode()


def test_filing_again_and_editing_lead_to_the_receipt(client, dossier):
    factory.ready_complaint(dossier)
    client.post(reverse("dossier:file"))

    assert client.post(reverse("dossier:file")).url == reverse("dossier:filed")
    assert client.post(at("declarant"), factory.DECLARANT).url == reverse("dossier:filed")
    assert client.get(reverse("dossier:complaint")).url == reverse("dossier:filed")
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize("name", ["complaint", "recap", "filed"])
def test_complaint_is_for_who_holds_the_key(client, client_factory, dossier, name):
    filed = complaints.file_complaint(complaint=factory.ready_complaint(dossier))
    other, nobody = client_factory(), client_factory()
    factory.let_in(other, factory.dossier(opening="b" * 32))

    answers = [each.get(reverse(f"dossier:{name}"), follow=True).content.decode() for each in (client, other, nobody)]

    assert filed.number in answers[0]
    assert filed.number not in answers[1]
    assert "Retrouver mon dossier" in answers[2]


def test_complaint_of_an_organisation_asks_for_it(client):
    dossier = factory.dossier(factory.COMPANY)
    factory.let_in(client, dossier)
    begin = {"read": "on", "quality": "representant-organisation"}
    client.post(reverse("dossier:complaint"), begin)

    assert "Votre organisation" in client.get(at("declarant")).content.decode()
    assert client.get(at("organisation")).status_code == 200


def test_person_says_whether_the_organisation_is_theirs(client):
    dossier = factory.dossier(factory.COMPANY)
    factory.let_in(client, dossier)

    page = client.get(reverse("dossier:complaint")).content.decode()

    assert "Pour une organisation" in page
    assert "72 heures" in page


@pytest.mark.django_db(transaction=True)
def test_filing_twice_at_once_files_once():
    dossier = factory.dossier()
    complaint = factory.ready_complaint(dossier)
    start, numbers, failed = threading.Barrier(4), [], []

    def file() -> None:
        try:
            start.wait(5)
            numbers.append(complaints.file_complaint(complaint=complaint).number)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=file) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert failed == []
    assert len(numbers) == 4
    assert len(set(numbers)) == 1
    assert Complaint.objects.get().state == ComplaintState.FILED
    assert dossier.pieces.count() == 2


NAMES = [question.id for section in BLOCKS.sections for question in section.fields]
NAMES += [f"payments-{row}-{name}" for row in (0, 3, 9, 99) for name in ("amount", "date", "iban", "outcome")]
VALUES = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    ["oui", "x" * 20_000, "-1"]
)
POSTS = st.dictionaries(st.sampled_from([*NAMES, "version", "action", "read", "suite", "lignes"]), VALUES, max_size=12)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sampled_from([section.id for section in BLOCKS.sections]), POSTS)
def test_any_post_is_answered(client, begun, section, data):
    response = client.post(at(section), data)

    assert response.status_code in {302, 404, 409, 422}
    assert client.get(reverse("dossier:recap")).status_code == 200
    assert client.post(reverse("dossier:complaint"), data).status_code in {302, 422}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(POSTS, st.sampled_from(["open", "keys", "sign_in", "renew", "leave", "file"]))
def test_any_post_to_the_dossier_is_answered(client, dossier, data, name):
    factory.let_in(client, dossier)

    response = client.post(
        reverse(f"dossier:{name}"), {**data, "reference": data.get("site", ""), "code": data.get("paid", "")}
    )

    assert response.status_code in {200, 302, 422, 429}
