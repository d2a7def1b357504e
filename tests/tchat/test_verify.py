import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tchat.enums import Outcome
from tchat.services import conversations
from tests.tchat import people

pytestmark = pytest.mark.django_db
ADDRESS = "/verifier/"


@pytest.fixture
def talk():
    return people.talking(people.agent("policier", "police"), people.commune())


def asked(client, reference: str, code: str):
    return client.post(ADDRESS, {"reference": reference, "code": code})


def test_code_of_the_conversation_is_confirmed_however_it_is_typed(client, talk):
    digits = talk.verification.replace(" · ", "")

    for spelling in (talk.verification, digits, f" {digits[:2]}-{digits[2:]} "):
        assert "Oui, ce code est le bon" in asked(client, talk.dossier.reference.lower(), spelling).content.decode()


def test_wrong_code_unknown_reference_and_closed_conversation_get_the_same_no(client, talk):
    digits = talk.verification.replace(" · ", "")
    wrong = f"{(int(digits) + 1) % 10000:04d}"
    other = people.dossier(people.commune())

    answers = [asked(client, talk.dossier.reference, wrong), asked(client, other.reference, digits)]
    conversations.close_conversation(agent=talk.agent, conversation_id=talk.pk, outcome=Outcome.ADVICE)
    answers.append(asked(client, talk.dossier.reference, digits))

    for answer in answers:
        assert "n’est pas celui de votre conversation" in answer.content.decode()
        assert talk.agent.service_number not in answer.content.decode()


def test_tries_are_counted_per_reference(client, talk):
    codes = [asked(client, talk.dossier.reference, f"{number:04d}").status_code for number in range(11)]

    assert codes == [200] * 10 + [429]


def test_tries_are_counted_however_the_reference_is_written(client, talk):
    spellings = [f"{talk.dossier.reference.lower()}{'-' * number}" for number in range(11)]

    codes = [asked(client, reference, f"{number:04d}").status_code for number, reference in enumerate(spellings)]

    assert codes == [200] * 10 + [429]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reference=st.text(max_size=60), code=st.text(max_size=40))
def test_anything_typed_gets_an_answer_and_stays_on_the_page(client, reference, code):
    answer = client.post(reverse("verify"), {"reference": reference, "code": code})

    assert answer.status_code in {200, 422, 429}
