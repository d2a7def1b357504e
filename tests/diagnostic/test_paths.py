"""Every edge of the real tree, walked; and answers nobody would give, which must not break anything."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostic import advice, content, door, recorded
from diagnostic.catalogue import FACTS, MULTI
from diagnostic.engine import resolve
from diagnostic.presentation import result_context

CATALOGUE = content.published()
NODES = [*sorted(CATALOGUE.nodes), "quand", "somme"]
NOW = datetime(2026, 11, 25, 14, 41, tzinfo=UTC)
IDS = [
    "hier",
    "date",
    "j2026-02-31",
    "a2026-13-01T00:00",
    "nombre",
    "n12",
    "n٣",
    "plus",
    "a1",
    "a2",
    "a3",
    "a5",
    "a9",
    "a13",
    "aucun",
    "inconnu",
    "",
    "a99",
    "money_lost",
    "for_other",
    "minor",
]
ANSWERS = st.dictionaries(
    st.sampled_from(NODES), st.lists(st.sampled_from([*IDS, *CATALOGUE.facts]), max_size=6).map(tuple), max_size=25
)


def choices(node, audience) -> list[tuple[str, ...]]:
    """Each row alone; for several answers also nothing, everything, and each pair of neighbours."""
    if node.kind == FACTS:
        return [(), ("aucun",), ("inconnu",), tuple(CATALOGUE.facts)]
    rows = [answer.id for answer in node.visible(audience)]
    alone = [(row,) for row in rows]
    if node.kind != MULTI:
        return alone
    return [*alone, (), tuple(rows), *pairwise(rows)]


def walk():
    """All paths; those that stand at the same node with the same facts go on once, but each answer meets its facts."""
    todo, seen, done, edges = [{}], set(), [], set()
    while todo:
        answers = todo.pop()
        resolution = resolve(CATALOGUE, answers)
        edges |= {(step.node, row) for step in resolution.path for row in step.ids}
        if resolution.complete:
            done.append((answers, resolution))
            continue
        question = resolution.question
        last = resolution.path[-1:] if question.is_last else ()
        mark = (question.node.id, resolution.audience, resolution.facts, last)
        if mark in seen:
            continue
        seen.add(mark)
        todo += [{**answers, question.node.id: chosen} for chosen in choices(question.node, resolution.audience)]
    return done, edges


def test_every_edge_leads_to_advice_and_a_door():
    met, longest = set(), 0
    done, edges = walk()

    for answers, resolution in done:
        plan = advice.plan(CATALOGUE, resolution)
        doors = door.choose(CATALOGUE, resolution, plan)
        met |= {(threat.id, resolution.audience) for threat in plan.threats[:1]}
        longest = max(longest, len(answers))
        assert len(plan.first) <= 5, answers
        assert plan.first or (plan.calm and plan.pages), answers
        assert len({action.id for action in plan.actions}) == len(plan.actions), answers
        assert len(resolution.urgent) <= 3, answers
        assert not doors.first.channel.internal, answers
        assert result_context(resolution, plan, doors, now=NOW)["door"]["title"], answers
        assert plan.chat_offered == (plan.severity >= 3 and any(threat.chat for threat in plan.threats)), answers
        assert set(resolution.facts) <= set(CATALOGUE.facts), answers

    assert met >= {(threat.id, audience) for threat in CATALOGUE.threats.values() for audience in threat.audiences}
    assert edges >= {
        (node.id, answer.id) for node in CATALOGUE.nodes.values() for answer in node.answers if node.kind != FACTS
    }
    assert longest == 7


def test_step_is_never_beyond_the_most_announced():
    for answers, _ in walk()[0][:400]:
        known, most = {}, 7
        for node in answers:
            question = resolve(CATALOGUE, known).question
            assert question.node.id == node
            assert question.step <= question.at_most <= most
            most = question.at_most
            known[node] = answers[node]


def test_recorded_journeys_pass():
    failures = {j.id: found for j in recorded.read() if (found := list(recorded.faults(CATALOGUE, j)))}

    assert failures == {}


def test_each_threat_has_a_recorded_journey_for_each_of_its_audiences():
    journeys = recorded.read()
    covered = {(j.spec.expect.threat, j.spec.expect.audience) for j in journeys}

    assert covered >= {(threat.id, audience) for threat in CATALOGUE.threats.values() for audience in threat.audiences}
    assert len({j.id for j in journeys}) == len(journeys)


def test_each_threat_has_at_least_three_recorded_journeys():
    counted = Counter(threat for j in recorded.read() for threat in (j.spec.expect.threat, *(j.spec.expect.also or ())))

    assert {threat for threat in CATALOGUE.threats if counted[threat] < 3} == set()


# The question that separates two threats, and what each side of it leads to (docs: the look-alikes of the field).
PAIRS = [
    ("q_chantage_preuve", "faux-chantage-webcam", "sextorsion"),
    ("q_fichiers", "rancongiciel-particulier", "faux-support-technique"),
    ("q_reseau", "piratage-reseau-social", "faux-profil-reseau-social"),
    ("q_carte", "fraude-carte-bancaire", "faux-conseiller-bancaire"),
    ("q_virement", "piratage-compte-bancaire", "faux-rib"),
    ("q_o_argent", "faux-rib", "fraude-president"),
    ("q_o_argent", "piratage-compte-bancaire", "fraude-president"),
    ("q_achat_site", "faux-site-vente", "litige-consommation"),
    ("q_achat", "petite-annonce-faux-vendeur", "faux-site-vente"),
    ("q_o_site", "defiguration-site", "deni-de-service"),
    ("q_o_site", "piratage-site-internet", "deni-de-service"),
    ("q_o_rancon", "rancongiciel-organisation", "extorsion-vol-donnees"),
    ("q_harcelement", "cyberharcelement", "injure-diffamation"),
    ("q_msg_mail", "spam-courriel", "hameconnage-courriel"),
    ("q_ligne", "echange-sim", "usurpation-numero-telephone"),
    ("q_espion", "logiciel-espion", "piratage-equipement"),
    ("q_argent_contact", "faux-conseiller-bancaire", "faux-recouvrement-fonds"),
]


@pytest.mark.parametrize(("node", "one", "other"), PAIRS)
def test_look_alikes_are_told_apart_by_one_question(node, one, other):
    """Two recorded journeys that answer alike up to this question, and otherwise at it."""
    asked = [j for j in recorded.read() if j.file == "journeys/voisines.yaml" and node in j.answers]
    sides = {threat: [j.answers for j in asked if j.spec.expect.threat == threat] for threat in (one, other)}

    def before(answers):
        return {key: answers[key] for key in list(answers)[: list(answers).index(node)]}

    assert any(before(a) == before(b) and a[node] != b[node] for a in sides[one] for b in sides[other])


def test_my_data_elsewhere_and_the_data_we_hold_are_told_apart():
    found = {j.id: j.spec.expect for j in recorded.read()}

    assert found["mes-donnees-ailleurs"].threat == "fuite-donnees-personnelles"
    assert found["nos-donnees-chez-nous"].threat == "violation-donnees-organisation"
    assert "cnil72" in found["nos-donnees-chez-nous"].has


def test_recorded_journey_that_no_longer_leads_there_is_told():
    journey = next(j for j in recorded.read() if j.id == "sextorsion-particulier")
    wrong = journey.spec.model_copy(
        update={"expect": journey.spec.expect.model_copy(update={"severity": 1, "has": ("thesee", "isoler")})}
    )

    found = list(recorded.faults(CATALOGUE, recorded.Recorded("x", "x.yaml", wrong)))

    assert found == ["severity : attendu 1, obtenu 4", "gestes absents : isoler"]


@given(ANSWERS)
@settings(max_examples=300, deadline=None)
def test_any_answers_give_a_question_or_a_plan(answers):
    resolution = resolve(CATALOGUE, answers)

    if resolution.complete:
        plan = advice.plan(CATALOGUE, resolution)
        assert 1 <= plan.severity <= 4
        assert door.choose(CATALOGUE, resolution, plan).first.title
    else:
        assert resolution.question.rows


@given(ANSWERS)
@settings(max_examples=100, deadline=None)
def test_replaying_the_path_gives_the_same_resolution(answers):
    resolution = resolve(CATALOGUE, answers)

    again = resolve(CATALOGUE, {step.node: step.ids for step in resolution.path})

    assert again.path == resolution.path
    assert again.facts == resolution.facts
