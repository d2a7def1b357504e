import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnostic.conditions import Scene, parse
from diagnostic.exceptions import ConditionError

TABLE = [
    ("always", [], "", 0, True),
    ("money_lost", ["money_lost"], "", 0, True),
    ("money_lost", [], "", 0, False),
    ("not money_lost", [], "", 0, True),
    ("not not money_lost", ["money_lost"], "", 0, True),
    ("a and b", ["a"], "", 0, False),
    ("a and b", ["a", "b"], "", 0, True),
    ("a or b and c", ["a"], "", 0, True),
    ("(a or b) and c", ["a"], "", 0, False),
    ("not a and b", ["b"], "", 0, True),
    ("not (a and b)", ["a"], "", 0, True),
    ("audience == 'particulier'", [], "particulier", 0, True),
    ("audience != 'particulier'", [], "particulier", 0, False),
    ("audience != 'particulier' and a", ["a"], "entreprise", 0, True),
    ("severity >= 3", [], "", 3, True),
    ("severity >= 3", [], "", 2, False),
    ("not severity >= 2", [], "", 1, True),
    ("  a   or\n b ", ["b"], "", 0, True),
    ("orange and andes", ["orange", "andes"], "", 0, True),
]


@pytest.mark.parametrize(("text", "facts", "audience", "severity", "expected"), TABLE)
def test_condition_holds_as_written(text, facts, audience, severity, expected):
    scene = Scene(frozenset(facts), audience, severity)

    assert parse(text).holds(scene) is expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "and",
        "a and",
        "a b",
        "(a",
        "a)",
        "not",
        "audience == 'voisin'",
        "audience = 'particulier'",
        "audience > 'particulier'",
        "severity > 3",
        "severity >= a",
        "severity",
        "a == 'b'",
        "a & b",
        "__import__('os')",
        "a.b",
        "'a'",
        "3",
        "Money_lost",
    ],
)
def test_condition_outside_the_language_is_refused_and_quoted(text):
    with pytest.raises(ConditionError) as refusal:
        parse(text)

    assert f"« {text} »" in str(refusal.value)


def test_condition_names_its_facts():
    assert parse("a and (not b or audience == 'entreprise') and severity >= 2").facts == {"a", "b"}


@given(st.text(alphabet="ab ()'=!>0andortseviy", max_size=60))
def test_any_text_parses_or_is_refused(text):
    try:
        condition = parse(text)
    except ConditionError:
        return

    assert condition.holds(Scene(frozenset())) in (True, False)
