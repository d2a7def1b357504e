import pytest

from diagnostic import advice
from diagnostic.catalogue import WHENS
from diagnostic.engine import resolve

PERSON = {"q_audience": ("a2",)}
FALSE_ADVISER = PERSON | {
    "q_p_sujet": ("a3",),
    "q_argent": ("a3",),
    "q_argent_contact": ("a1",),
    "q_appel_banque": ("a2",),
}
BLACKMAIL = PERSON | {"q_p_sujet": ("a6",), "q_personne": ("a4",), "q_chantage": ("a1",)}
CHECK = PERSON | {"q_p_sujet": ("a10",), "q_conseil": ("a1",), "q_verifier": ("a1",)}
SMS = PERSON | {"q_p_sujet": ("a2",), "q_msg_canal": ("a2",), "q_msg_sms": ("a1",)}


@pytest.fixture
def plan_of(catalogue):
    return lambda answers, **known: advice.plan(catalogue, resolve(catalogue, answers, **known))


def ids(actions):
    return [action.id for action in actions]


YESTERDAY = {"quand": ("hier",)}


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        (SMS | {"f_donnees": ()}, 1),
        (SMS | {"f_donnees": ("password_given",)}, 2),
        (SMS | {"f_donnees": ("card_given",)}, 3),
        (SMS | {"f_donnees": ("money_lost", "code_given"), **YESTERDAY}, 4),
        (FALSE_ADVISER | {"f_banque": ()}, 3),
        (FALSE_ADVISER | {"f_banque": ("paid_transfer",), **YESTERDAY}, 4),
        (CHECK | {"f_general": ()}, 1),
        (CHECK | {"f_general": ("money_lost",)}, 3),
        (BLACKMAIL | {"f_chantage": ()}, 4),
    ],
)
def test_severity_is_the_default_raised_by_what_is_true(plan_of, answers, level):
    assert plan_of(answers).severity == level


def test_chat_is_offered_from_level_3_with_priority_at_4(plan_of):
    low, grave, critical = (
        plan_of(SMS | {"f_donnees": facts} | when)
        for facts, when in (
            (("password_given",), {}),
            (("card_given",), {}),
            (("money_lost", "code_given"), YESTERDAY),
        )
    )

    assert [(p.chat_offered, p.priority) for p in (low, grave, critical)] == [
        (False, False),
        (True, False),
        (True, True),
    ]
    assert "tchat" not in ids(low.actions)


def test_first_actions_are_three_to_five_in_the_order_of_the_families(catalogue, plan_of):
    plan = plan_of(BLACKMAIL | {"f_chantage": ("money_lost",)})

    places = [catalogue.families[action.family] for action in plan.first if action.when == "immediat"]
    assert 3 <= len(plan.first) <= 5
    assert places == sorted(places)
    assert ids(plan.first) == ["c3018", "nopay", "stop", "banque", "nodelete"]


def test_transfer_that_just_left_brings_its_recall_first(plan_of):
    plan = plan_of(FALSE_ADVISER | {"f_banque": ("paid_transfer",), **YESTERDAY})

    assert ids(plan.first) == ["hangup", "banque", "recall", "opposition", "nodelete"]


def test_nothing_is_dropped_and_nothing_stands_twice(plan_of):
    answers = PERSON | {"q_p_sujet": ("a4",), "q_compte": ("a5", "a6", "a8"), "f_compte": ("contacts_contacted",)}

    plan = plan_of(answers)

    assert [threat.id for threat in plan.threats] == ["piratage-messagerie", "piratage-reseau-social"]
    assert len(set(ids(plan.actions))) == len(plan.actions)
    assert {"regles", "unbank", "contacts"} <= set(ids(plan.actions))
    assert [fold.when for fold in plan.folds] == [when for when in WHENS if when in {f.when for f in plan.folds}]


def test_merged_action_comes_at_its_earliest_time(catalogue, plan_of):
    """« plainte_min » is for the week by default, for the day with intimate images."""
    alone = PERSON | {"q_p_sujet": ("a3",), "q_argent": ("a4",), "q_argent_proche": ("a1",), "f_paiement": ("minor",)}
    both = PERSON | {"q_p_sujet": ("a8",), "q_mineur": ("a4", "a10"), "f_mineur": ()}

    whens = [{a.id: a.when for a in plan_of(answers).actions}.get("plainte_min") for answers in (alone, both)]

    assert whens == ["semaine", "24h"]


def test_same_id_has_the_same_words_everywhere(catalogue, plan_of):
    one, two = plan_of(BLACKMAIL | {"f_chantage": ()}), plan_of(FALSE_ADVISER | {"f_banque": ()})

    shared = set(ids(one.actions)) & set(ids(two.actions))
    assert {a.id: a.text for a in one.actions if a.id in shared} == {
        a.id: a.text for a in two.actions if a.id in shared
    }


def test_calm_situation_hides_what_nothing_supports(plan_of):
    plan = plan_of(CHECK | {"f_general": ("aucun",)})

    assert (plan.severity, plan.chat_offered, plan.calm) == (1, False, True)
    assert not {"banque", "opposition", "codes", "pwd", "pwdall", "plainte", "tchat", "nopay"} & set(ids(plan.actions))
    assert plan.offences == ()
    assert plan.pages[0].title == "C’est peut-être vraiment votre banque"


def test_one_true_fact_ends_the_calm(plan_of):
    plan = plan_of(CHECK | {"f_general": ("money_lost",)})

    assert not plan.calm
    assert {"banque", "plainte", "tchat"} <= set(ids(plan.actions))


def test_partner_is_never_warned(plan_of):
    answers = PERSON | {"q_p_sujet": ("a5",), "q_appareil": ("a4",), "f_personne": ("author_partner",)}

    plan = plan_of(answers)

    assert ids(plan.first)[:2] == ["discretion", "c3919"]
    assert not {"stop", "bloquer", "pwd", "pwdall", "sessions", "2fa", "maj"} & set(ids(plan.actions))


@pytest.mark.parametrize(
    ("answers", "known", "action"),
    [
        (FALSE_ADVISER | {"f_banque": ("courier_waiting",)}, (), "coursier"),
        (FALSE_ADVISER | {"f_banque": ()}, ("abroad",), "consulat"),
        (BLACKMAIL | {"q_audience": ("a6",), "f_chantage": ()}, (), "presence"),
        (SMS | {"f_donnees": ("suicidal",)}, ("suicidal",), "suicide"),
        (SMS | {"f_donnees": ()}, ("cheque_given",), "cheque"),
        (SMS | {"f_donnees": ()}, ("young_author",), "jeune_auteur"),
    ],
)
def test_some_actions_come_whatever_the_threat(plan_of, answers, known, action):
    assert action in ids(plan_of(answers, known=known).actions)


def test_deadline_says_how_long_and_from_when(catalogue):
    texts = {key: catalogue.actions[key].deadline.text for key in ("banque", "contest", "plainte72", "mediateur")}

    assert texts == {
        "banque": "dans l’heure après la découverte",
        "contest": "dans les 13 mois après le débit",
        "plainte72": "dans les 72 heures après la découverte",
        "mediateur": "dans l’année après la réclamation écrite",
    }
    assert catalogue.actions["plainte72"].deadline.kind == "legal"
    assert catalogue.actions["banque"].deadline.kind == "practical"


def test_phones_in_the_words_can_be_called(plan_of):
    plan = plan_of(BLACKMAIL | {"f_chantage": ()})

    helpline = next(action for action in plan.first if action.id == "c3018")
    assert ("3018", "tel:3018") in helpline.parts


def test_incomplete_journey_has_no_plan(catalogue):
    with pytest.raises(ValueError, match="not complete"):
        advice.plan(catalogue, resolve(catalogue, PERSON))
