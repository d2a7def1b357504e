"""The next best question, drawn from the tree: what may raise the severity first, then what was not known."""

import re

import pytest
from django.urls import reverse

from diagnostic import content
from diagnostic.advice import plan
from diagnostic.catalogue import FACTS
from diagnostic.engine import resolve
from tchat import guard, guidance
from tchat.enums import Author
from tchat.models import Message
from tests.tchat import pages, people
from tests.tchat.pages import words
from victims.services import ticks

SCAM = "faux-site-vente-particulier"


def answers_of(name: str) -> dict:
    return dict(next(each for each in people.RECORDED() if each.id == name).answers)


def leads_of(name: str) -> list[guidance.Lead]:
    return guidance.leads(content.published(), answers_of(name))


def test_what_may_raise_the_severity_is_asked_first():
    found = leads_of(SCAM)

    assert (found[0].key, found[0].why) == ("fait:paid_card", "Si oui : gravité 3.")
    for name in (SCAM, "sextorsion-particulier"):
        weights = [lead.weight for lead in leads_of(name) if lead.key.startswith("fait:")]
        assert weights == sorted(weights, reverse=True)


def test_promise_of_a_raised_severity_is_kept_by_the_plan():
    catalogue, answers = content.published(), answers_of(SCAM)
    facts_node = next(
        step.node for step in resolve(catalogue, answers).path if catalogue.nodes[step.node].kind == FACTS
    )

    for lead in leads_of(SCAM):
        key = lead.key.removeprefix("fait:")
        if lead.weight[0] > 0:
            told = resolve(catalogue, answers | {facts_node: (*answers[facts_node], key)})
            assert lead.why == f"Si oui : gravité {plan(catalogue, told).severity}."


def test_nothing_known_is_asked_again():
    for recorded in people.RECORDED():
        resolution = resolve(content.published(), recorded.answers)
        asked = {lead.key.removeprefix("fait:") for lead in guidance.leads(content.published(), recorded.answers)}
        assert asked & resolution.scene_facts == set(), recorded.id


def test_every_journey_has_sound_questions():
    """On every recorded journey: no repetition, words the guard lets an agent send."""
    for recorded in people.RECORDED():
        found = guidance.leads(content.published(), recorded.answers)
        assert len({lead.key for lead in found}) == len(found) <= guidance.MOST, recorded.id
        for lead in found:
            guard.check(lead.text, Author.AGENT)


def test_i_do_not_know_is_asked_again_with_the_words_of_the_question():
    catalogue = content.published()
    unknown = {node.id for node in catalogue.nodes.values() if any(answer.unknown for answer in node.answers)}
    recorded = next(
        each
        for each in people.RECORDED()
        if each.spec.expect.chat
        and any(
            answer.unknown and answer.id in each.answers.get(node, ())
            for node in unknown
            for answer in catalogue.nodes[node].answers
        )
    )

    found = [lead for lead in guidance.leads(catalogue, recorded.answers) if lead.why == guidance.NOT_KNOWN]

    assert found
    told = {step.question for step in resolve(catalogue, recorded.answers).path}
    assert all(lead.text in told for lead in found)


def test_unfinished_answers_give_the_question_where_the_person_stopped():
    catalogue = content.published()
    resolution = resolve(catalogue, {})

    found = guidance.leads(catalogue, {})

    assert [lead.text for lead in found] == [resolution.question.text or resolution.question.node.question]


def test_danger_and_despair_are_not_asked_by_reading_a_box():
    texts = {lead.key: lead.text for lead in leads_of("sextorsion-particulier")}

    assert texts["fait:physical_danger"] == "Êtes-vous en sécurité, là où vous êtes, en ce moment ?"
    assert "mourir" not in texts["fait:suicidal"]


# --- in the console


@pytest.fixture
def officer(db):
    return people.agent("policier", "police")


@pytest.fixture
def talk(officer):
    return people.talking(officer, people.commune())


@pytest.fixture
def browser(officer):
    return pages.signed_in(officer)


def composer(response) -> str:
    return re.search(r"<textarea[^>]*>(.*?)</textarea>", response.content.decode(), re.DOTALL)[1].lstrip("\n")


def test_question_goes_into_the_composer_and_is_not_sent(browser, talk):
    page = browser.get(reverse("console:conversation", args=[talk.pk]))
    key = re.search(r'name="question" value="([^"]+)"', page.content.decode())[1]

    asked = browser.post(reverse("console:reply", args=[talk.pk]), {"text": "Merci.", "question": key})

    assert composer(asked).startswith("Merci.\n")
    assert len(composer(asked)) > len("Merci.\n")
    assert not Message.objects.filter(author=Author.AGENT).exists()


def test_unknown_question_leaves_the_draft(browser, talk):
    asked = browser.post(reverse("console:reply", args=[talk.pk]), {"text": "Merci.", "question": "fait:rien"})

    assert composer(asked) == "Merci."


def test_what_the_victim_ticked_is_seen_with_its_hour(browser, talk):
    first = talk.dossier.diagnosis.plan[0]
    address = reverse("console:conversation", args=[talk.pk])
    before = words(browser.get(address))

    ticks.keep(dossier=talk.dossier, shown=[first["id"]], ticked=[first["id"]])
    after = words(browser.get(address))

    assert f"0 sur {len(talk.dossier.diagnosis.plan)} cochés par la victime" in before
    assert f"1 sur {len(talk.dossier.diagnosis.plan)} cochés par la victime" in after
    assert "fait le" not in before
    assert "fait le" in after


def test_preview_asks_nothing(browser):
    waiting = people.waiting(people.commune())

    assert "Question suivante" not in words(browser.get(reverse("console:conversation", args=[waiting.pk])))
