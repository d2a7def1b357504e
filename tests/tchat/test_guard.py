import pytest
from hypothesis import given
from hypothesis import strategies as st

from tchat import guard
from tchat.enums import Author
from tchat.exceptions import Refusal

CARDS = ["4970100000000014", "4970 1000 0000 0014", "5555-5555-5555-4444", "378282246310005"]


@pytest.mark.parametrize("card", CARDS)
@pytest.mark.parametrize("sentence", ["Ma carte est {} valable", "{}", "n° {}, code 123"])
def test_card_number_is_refused_from_both_sides(card, sentence):
    for author in (Author.VICTIM, Author.AGENT):
        with pytest.raises(Refusal) as refused:
            guard.check(sentence.format(card), author)

        assert refused.value.code == "card-number"


@pytest.mark.parametrize(
    "text",
    [
        "Il m'a demandé 4970 euros le 10/10/2026",
        "Son numéro : 06 12 34 56 78, puis 01 23 45 67 89",
        "IBAN FR14 2004 1010 0505 0001 3M02 606",
        "Commande 1234567890123456",
        "4970100000000015",
    ],
)
def test_other_numbers_pass(text):
    guard.check(text, Author.VICTIM)


@pytest.mark.parametrize(
    "text",
    [
        "Donnez-moi votre mot de passe.",
        "Bonjour, envoyez moi le code reçu par SMS",
        "Quel est votre code secret ?",
        "Pour vérifier, indiquez votre numéro de carte",
    ],
)
def test_agent_asking_for_a_secret_is_refused_and_a_victim_quoting_it_is_not(text):
    with pytest.raises(Refusal) as refused:
        guard.check(text, Author.AGENT)

    assert refused.value.code == "asks-secret"
    guard.check(text, Author.VICTIM)


@pytest.mark.parametrize(
    "text",
    [
        "Ne donnez jamais votre mot de passe.",
        "N'envoyez pas le code reçu par SMS.",
        "Changez vos mots de passe depuis un autre appareil.",
        "Avez-vous donné votre numéro de carte ?",
    ],
)
def test_agent_giving_advice_passes(text):
    guard.check(text, Author.AGENT)


@given(st.integers(min_value=10**14, max_value=10**15 - 1))
def test_every_number_with_a_right_check_digit_is_found_and_its_neighbours_are_not(body):
    digits = "4" + str(body)[1:]
    right = [check for check in "0123456789" if guard.luhn(digits + check)]

    assert len(right) == 1
    assert [guard.has_card_number(f"voici {digits}{check}") for check in "0123456789"].count(True) == 1
