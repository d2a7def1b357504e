"""The format of the tree, rule by rule, on small trees; then the real one where it matters."""

import pytest

from diagnostic import engine
from diagnostic.engine import question_at, resolve

UNKNOWN = {"t": "Je ne sais pas", "diag": "situation-indeterminee", "facts": "f_x"}
FACTS = {"kind": "facts", "q": "Les faits ?", "facts": ["for_other", "money_lost", "minor", "business_stopped"]}
WHO = {
    "q": "Qui ?",
    "a": [
        {"id": "a1", "t": "Moi", "set": {"audience": "particulier"}, "go": "q_what"},
        {"id": "a2", "t": "Une mairie", "set": {"audience": "collectivite"}, "go": "q_what"},
        {"id": "a3", "t": "Je ne sais pas", "set": {"audience": "particulier"}, "go": "q_what"},
    ],
}
MULTI = {
    "kind": "multi",
    "q": "Quoi ?",
    "a": [
        {"id": "a1", "t": "Un danger", "set": {"physical_danger": True}, "urgent": ["danger"]},
        {"id": "a2", "t": "Un chantage", "go": "q_more", "as_second": "chantage-en-ligne", "urgent": ["chantage"]},
        {"id": "a3", "t": "Des menaces", "diag": "menaces-en-ligne", "facts": "f_x", "also": ["injure-diffamation"]},
        {"id": "a4", "t": "Une entreprise", "only": ["entreprise"], "diag": "faux-avis", "facts": "f_x"},
        {"id": "a5", "alone": True, **UNKNOWN},
    ],
    "else": {"diag": "cyberharcelement", "facts": "f_x", "page": "p_panne"},
}
MORE = {"q": "Encore ?", "a": [{"id": "a1", "t": "Oui", "diag": "sextorsion", "facts": "f_x"}, {"id": "a2", **UNKNOWN}]}


@pytest.fixture
def tree(compiled):
    return compiled({"q_who": WHO, "q_what": MULTI, "q_more": MORE, "f_x": FACTS}, facts_visible=3)


def end(tree, **answers):
    return resolve(tree, {"q_who": ("a1",), "f_x": (), **answers})


def test_first_question_when_nothing_is_answered(tree):
    resolution = resolve(tree, {})

    assert resolution.question.node.id == "q_who"
    assert [row.text for row in resolution.question.rows] == ["Moi", "Une mairie", "Je ne sais pas"]
    assert (resolution.question.step, resolution.question.at_most) == (1, 4)
    assert not resolution.complete


@pytest.mark.parametrize("given", [(), ("a1", "a2"), ("a9",), ("",)])
def test_single_answer_must_be_one_of_the_rows(tree, given):
    resolution = resolve(tree, {"q_who": given})

    assert resolution.question.node.id == "q_who"
    assert resolution.question.given == given


def test_first_ticked_row_that_leads_decides_and_the_others_are_secondary(tree):
    resolution = end(tree, q_what=("a3", "a2", "a1"), q_more=("a1",))

    assert resolution.threats == ("sextorsion", "injure-diffamation", "menaces-en-ligne")
    assert "physical_danger" in resolution.facts
    assert resolution.path[1].labels == ("Un danger", "Un chantage", "Des menaces")


def test_also_comes_in_any_case_and_second_row_gives_its_own_threat(tree):
    resolution = end(tree, q_what=("a1", "a3"))

    assert resolution.threats == ("menaces-en-ligne", "injure-diffamation")


def test_else_when_no_ticked_row_leads(tree):
    resolution = end(tree, q_what=("a1",))

    assert resolution.threats == ("cyberharcelement",)
    assert resolution.pages == ("p_panne",)


def test_unknown_row_counts_only_when_alone(tree):
    assert end(tree, q_what=("a5",)).threats == ("situation-indeterminee",)
    assert end(tree, q_what=("a5", "a3")).threat == "menaces-en-ligne"


def test_nothing_ticked_is_the_same_as_unknown(tree):
    resolution = end(tree, q_what=())

    assert resolution.threats == ("situation-indeterminee",)
    assert resolution.path[1].labels == ("Rien de coché",)


def test_row_of_another_audience_is_neither_shown_nor_accepted(tree):
    shown = resolve(tree, {"q_who": ("a2",)}).question
    refused = resolve(tree, {"q_who": ("a2",), "q_what": ("a4",)})

    assert "Une entreprise" not in [row.text for row in shown.rows]
    assert refused.question.node.id == "q_what"


def test_urgent_messages_stay_until_the_result_in_the_order_of_the_content(tree):
    asked = resolve(tree, {"q_who": ("a1",), "q_what": ("a2", "a1")})
    done = end(tree, q_what=("a2", "a1"), q_more=("a1",))

    assert asked.urgent == done.urgent == ("danger", "chantage")


def test_three_urgent_messages_at_most(catalogue):
    answers = {"q_audience": ("a1",), "q_danger": ("a1", "a2", "a4", "a5"), "q_danger_cause": ("a2",)}

    assert resolve(catalogue, answers).urgent == ("danger", "suicide", "conjoint")


def test_message_of_a_node_is_for_that_screen_only(catalogue):
    here = resolve(catalogue, {"q_audience": ("a2",), "q_p_sujet": ("a3",)})
    after = resolve(catalogue, {"q_audience": ("a2",), "q_p_sujet": ("a3",), "q_argent": ("a5",)})

    assert here.urgent == ("argent",)
    assert after.urgent == ()


def test_fact_rules_call_a_message_on_the_result(catalogue):
    answers = {"q_audience": ("a2",), "q_p_sujet": ("a3",), "q_argent": ("a10",), "f_paiement": ("suicidal",)}

    assert resolve(catalogue, answers).urgent == ("suicide",)


def test_fact_implies_what_the_content_says(catalogue):
    answers = {
        "q_audience": ("a2",),
        "q_p_sujet": ("a3",),
        "q_argent": ("a10",),
        "f_paiement": ("cash_or_card_handed",),
    }

    assert {"cash_or_card_handed", "card_given"} <= resolve(catalogue, answers).facts


def test_known_facts_are_counted_without_being_asked(catalogue):
    answers = {"q_audience": ("a2",), "q_p_sujet": ("a3",), "q_argent": ("a10",), "f_paiement": ()}

    assert "abroad" in resolve(catalogue, answers, known=["abroad"]).facts


def test_swap_makes_the_threat_fairer(catalogue):
    answers = {
        "q_audience": ("a2",),
        "q_p_sujet": ("a6",),
        "q_personne": ("a10",),
        "q_harcelement": ("a3", "a6"),
        "f_personne": (),
    }

    assert resolve(catalogue, answers).threat == "cyberharcelement-mineur"


# --- the facts screen ---------------------------------------------------------------------------------
def test_facts_screen_shows_for_other_first_and_folds_the_rest(tree):
    question = resolve(tree, {"q_who": ("a1",), "q_what": ("a3",)}).question
    asked = tree.threats["menaces-en-ligne"].facts_to_ask

    assert question.rows[0].id == "for_other"
    assert [row.id for row in question.rows[1:]] == list(asked[:3])
    assert question.is_last
    assert not {row.id for row in question.rows} & {row.id for row in question.folded}


def test_facts_screen_never_asks_what_was_said_or_what_is_for_another_audience(tree):
    person = resolve(tree, {"q_who": ("a1",), "q_what": ("a1", "a3")}).question
    town = resolve(tree, {"q_who": ("a2",), "q_what": ("a3",)}).question

    assert "physical_danger" not in {row.id for row in (*person.rows, *person.folded)}
    assert "business_stopped" not in {row.id for row in (*person.rows, *person.folded)}
    assert "for_other" not in {row.id for row in (*town.rows, *town.folded)}
    assert "business_stopped" in {row.id for row in (*town.rows, *town.folded)}


def test_facts_asked_by_a_question_are_never_asked_again(catalogue):
    answers = {"q_audience": ("a3",), "q_o_secteur": ("a4",), "q_o_sujet": ("a6",), "q_o_donnees": ("a2",)}

    question = resolve(catalogue, answers).question

    assert "health_entity" not in {row.id for row in (*question.rows, *question.folded)}


def test_facts_have_the_words_of_the_audience(catalogue):
    person = resolve(catalogue, {"q_audience": ("a2",), "q_p_sujet": ("a3",), "q_argent": ("a10",)}).question
    company = resolve(
        catalogue, {"q_audience": ("a3",), "q_o_secteur": ("a5",), "q_o_sujet": ("a4",), "q_o_argent": ("a6",)}
    ).question

    assert "J’ai fait un virement" in [row.text for row in person.rows]
    assert "Nous avons fait un virement" in [row.text for row in company.rows]


def test_means_of_payment_stand_beside_the_money(catalogue):
    question = resolve(catalogue, {"q_audience": ("a2",), "q_p_sujet": ("a3",), "q_argent": ("a10",)}).question
    places = [place for place, row in enumerate(question.rows) if row.id in catalogue.money_facts]

    assert len(places) > 2
    assert places == list(range(places[0], places[0] + len(places)))


@pytest.mark.parametrize(
    ("ticked", "label"),
    [
        ((), "Rien de coché"),
        (("aucun",), "Aucun de ces cas"),
        (("inconnu",), "Je ne sais pas"),
        (("aucun", "inconnu"), "Aucun de ces cas"),
    ],
)
def test_none_of_these_and_unknown_leave_the_facts_false(tree, ticked, label):
    resolution = end(tree, q_what=("a3",), f_x=ticked)

    assert resolution.complete
    assert resolution.facts == frozenset()
    assert resolution.path[-1].labels == (label,)


def test_fact_no_longer_offered_is_dropped(tree):
    resolution = end(tree, q_what=("a3",), f_x=("money_lost", "business_stopped", "rien"))

    assert resolution.facts == {"money_lost"}
    assert resolution.path[-1].ids == ("money_lost",)


# --- going back, changing -----------------------------------------------------------------------------
def test_question_already_answered_can_be_asked_again_with_its_answer(tree):
    answers = {"q_who": ("a1",), "q_what": ("a3",), "f_x": ("money_lost",)}

    resolution, question = question_at(tree, answers, "q_what")

    assert question.given == ("a3",)
    assert question.step == 2
    assert [step.node for step in resolution.path] == ["q_who"]


def test_question_off_the_path_is_not_asked(tree):
    assert question_at(tree, {"q_who": ("a1",), "q_what": ("a3",)}, "q_more") is None


def test_changed_answer_keeps_the_later_ones_that_still_hold(tree):
    answers = {"q_who": ("a2",), "q_what": ("a3",), "f_x": ("money_lost",)}

    resolution = resolve(tree, answers)

    assert resolution.complete
    assert resolution.audience == "collectivite"
    assert resolution.facts == {"money_lost"}


def test_answers_off_the_path_change_nothing(tree):
    straight = end(tree, q_what=("a3",))
    cluttered = end(tree, q_what=("a3",), q_more=("a1",), q_gone=("a1",))

    assert straight == cluttered


# --- calm ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("facts", "calm"), [((), True), (("for_other",), True), (("money_lost",), False), (("for_other", "minor"), False)]
)
def test_calm_only_while_nothing_supports_a_harm(catalogue, facts, calm):
    answers = {"q_audience": ("a2",), "q_p_sujet": ("a10",), "q_conseil": ("a4",), "f_general": facts}

    resolution = resolve(catalogue, answers)

    assert resolution.calm is calm
    assert ("calm" in resolution.scene_facts) is calm


def test_engine_is_pure():
    assert not any(name.startswith("django") for name in vars(engine))
