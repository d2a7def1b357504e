"""Who helps a relative never reads words that make them the victim; somebody under 18 is never told « vous »."""

import re

import pytest

from diagnostic import advice, content, door, recorded
from diagnostic.catalogue import FACTS, MULTI
from diagnostic.compiler import compile_document
from diagnostic.engine import resolve

CATALOGUE = content.published()
SELF, RELATIVE, CHILD = "a2", "a6", "a7"
UNSURE = "Je ne sais pas"

# « je », « mon », « votre »… say who the victim is; « Pensez-vous ? » and « Appelez » speak to the helper.
OWN = re.compile(
    r"(?<![\w’-])(?:[jmt]’|(?:je|moi|me|mon|ma|mes|nous|notre|nos|votre|vos|vôtre|tu|ton|ta|tes|toi)(?!\w))", re.I
)
DONE_TO_YOU = re.compile(
    r"\bvous (?:avez (?:subi|payé|perdu|reçu|donné|vu|été)|a-t-on|ont|fait\b|demand|menac|accus|réclam|vol|appell"
    r"|contact|propos|racont|n’êtes pas|connaissez l’auteur|êtes (?:majeur|victime))",
    re.I,
)
FORMAL = re.compile(r"(?<![\w’])(?:vous|votre|vos)(?!\w)|\b\w+ez\b", re.I)
NAMES = re.compile(r"«[^»]*»|Ma Sécurité|Mon Compte Formation|rendez-vous|chez|assez|\b(?:regardez|dites)\b")


def said_words(resolution) -> list[str]:
    """All a screen shows, in one list: the urgent messages, then the question or the result."""
    urgent = CATALOGUE.notices(resolution.urgent, resolution.voice)
    found = [text for each in urgent for text in (each.title, "".join(words for words, _ in each.parts))]
    if question := resolution.question:
        rows = [row.text for row in (*question.rows, *question.folded) if row.id != "for_other"]
        return [*found, question.text, question.help, *rows, *(ask.label for ask in question.asks)]
    plan = advice.plan(CATALOGUE, resolution)
    doors = door.choose(CATALOGUE, resolution, plan)
    lines = ["".join(words for words, _ in line) for page in plan.pages for line in page.lines]
    return [
        *found,
        plan.forgiving,
        *(text for threat in plan.threats for text in (threat.name, threat.definition)),
        *(page.title for page in plan.pages),
        *lines,
        *(text for action in plan.actions for text in (action.text, action.who)),
        *(text for each in (doors.first, *doors.others) for text in (each.title, each.reason)),
        *plan.evidence,
    ]


def steps(answers):
    """Each screen of a journey, and its result."""
    known = {}
    for node in answers:
        resolution = resolve(CATALOGUE, known)
        if resolution.question is None:
            break
        yield resolution
        known[node] = answers[node]
    yield resolve(CATALOGUE, known)


def wrong_for_a_helper(resolutions) -> list[str]:
    heard = {text for each in resolutions if each.voice == "proche" for text in said_words(each)} - {UNSURE}
    spoken = {text: NAMES.sub("", text) for text in heard}
    return sorted(text for text, kept in spoken.items() if OWN.search(kept) or DONE_TO_YOU.search(kept))


def of_a_person() -> list:
    return [j for j in recorded.read() if j.answers[CATALOGUE.start] in ((SELF,), (RELATIVE,))]


@pytest.mark.parametrize("journey", of_a_person(), ids=lambda journey: journey.id)
def test_journey_acted_for_a_relative_never_makes_the_helper_the_victim(journey):
    acted = steps({**journey.answers, CATALOGUE.start: (RELATIVE,)})

    assert wrong_for_a_helper(acted) == []


def test_no_screen_behind_a_relative_makes_the_helper_the_victim():
    assert wrong_for_a_helper(walk(RELATIVE)) == []


def walk(first):
    """Every screen and every result behind one answer to the first question; each fact ticked alone, and all."""
    todo, seen = [{CATALOGUE.start: (first,)}], set()
    while todo:
        answers = todo.pop()
        resolution = resolve(CATALOGUE, answers)
        yield resolution
        question = resolution.question
        if question is None:
            continue
        mark = (question.node.id, resolution.facts, resolution.path[-1:] if question.is_last else ())
        if mark in seen:
            continue
        seen.add(mark)
        rows = [row.id for row in (*question.rows, *question.folded) if row.id != "for_other"]
        choices = [(row,) for row in rows]
        if question.node.kind in (FACTS, MULTI):
            choices += [(), tuple(rows)]
        todo += [{**answers, question.node.id: chosen} for chosen in choices]


def test_child_is_spoken_to_as_a_child_and_led_to_the_3018():
    formal, results = set(), 0

    for resolution in walk(CHILD):
        assert resolution.voice == "jeune"
        formal |= {text for text in said_words(resolution) if FORMAL.search(NAMES.sub("", text))}
        if resolution.complete:
            results += 1
            plan = advice.plan(CATALOGUE, resolution)
            assert "c3018" in {action.id for action in plan.actions}, resolution.path
            assert "adulte_confiance" in {action.id for action in plan.actions}, resolution.path
            first = door.choose(CATALOGUE, resolution, plan).first.channel.id
            assert first in {"3018", "17", "3114", "signalconso"}, resolution.path

    assert sorted(formal) == []
    assert results > 500


def test_words_fall_back_on_the_persons_own_when_none_are_given(document):
    document.data["nodes"]["q_argent"].pop("words")
    catalogue = compile_document(document)

    asked = resolve(catalogue, {"q_audience": (RELATIVE,), "q_p_sujet": ("a3",)}).question

    assert asked.text == "Pour quelle raison a-t-on pris ou demandé votre argent\u00a0?"
