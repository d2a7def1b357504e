import contextlib
from datetime import date, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from victims import typed

TODAY = date(2026, 11, 25)


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("3/4/1984", date(1984, 4, 3)),
        ("03.04.84", date(1984, 4, 3)),
        ("24 11 26", date(2026, 11, 24)),
        ("2026-11-24", date(2026, 11, 24)),
        (" 25/11/2026 ", date(2026, 11, 25)),
    ],
)
def test_date_is_read_as_people_write_it(words, read):
    assert typed.read_date(words, today=TODAY) == read


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("hier", "Écrivez la date en chiffres, par exemple 24/11/2026."),
        ("31/02/2026", "Cette date n’existe pas. Écrivez-la en chiffres, par exemple 24/11/2026."),
        ("26/11/2026", "Choisissez une date passée."),
        ("01/01/1066", "Relisez l’année, par exemple 24/11/2026."),
    ],
)
def test_date_that_cannot_be_read_says_what_to_write(words, said):
    with pytest.raises(typed.Unreadable) as refusal:
        typed.read_date(words, today=TODAY)

    assert str(refusal.value) == said


@pytest.mark.parametrize(
    ("reader", "words", "read"),
    [
        (typed.read_time, "21 h 30", time(21, 30)),
        (typed.read_time, "9h", time(9, 0)),
        (typed.read_time, "09:05", time(9, 5)),
        (typed.read_amount, "1 234,50 €", Decimal("1234.50")),
        (typed.read_amount, "200 euros", Decimal("200")),
        (typed.read_phone, "+33 (0)6 12 34 56 78", "+330612345678"),
        (typed.read_iban, "fr76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
        (typed.read_siren, "732 829 320", "732829320"),
        (typed.read_siren, "35600000000048", "35600000000048"),
        (typed.read_email, " chloe@exemple.fr", "chloe@exemple.fr"),
    ],
)
def test_number_is_read_as_people_write_it(reader, words, read):
    assert reader(words) == read


@pytest.mark.parametrize(
    ("reader", "words"),
    [
        (typed.read_time, "25 h"),
        (typed.read_amount, "deux cents"),
        (typed.read_amount, "٣٤"),
        (typed.read_phone, "06 12"),
        (typed.read_iban, "FR76 3000 6000 0112 3456 7890 188"),
        (typed.read_siren, "732829321"),
        (typed.read_email, "chloe@"),
    ],
)
def test_number_that_cannot_be_read_is_told(reader, words):
    with pytest.raises(typed.Unreadable):
        reader(words)


@given(st.text(max_size=60), st.sampled_from(sorted(typed.READERS)))
def test_any_text_is_read_or_told(words, kind):
    with contextlib.suppress(typed.Unreadable):
        typed.READERS[kind](words)
