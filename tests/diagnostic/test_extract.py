"""Each finding in its normal form, whatever the way it is written; and never a finding where there is none."""

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostic.extract import KINDS, extract, is_iban, masked


def values(text: str) -> list[tuple[str, str]]:
    return [(found.kind, found.value) for found in extract(text)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Cliquez https://colis-suivi.example/x?a=1.", "https://colis-suivi.example/x?a=1"),
        ("lien : HTTP://Colis-Suivi.example", "http://colis-suivi.example"),
        ("allez sur www.ameli-carte.com/renouveler, vite", "http://www.ameli-carte.com/renouveler"),
        ("antai-amende.info", "http://antai-amende.info"),
        ("hxxps://evil[.]example/a", "https://evil.example/a"),
        ("bit.ly/3abc", "http://bit.ly/3abc"),
        ("http://203.0.113.5.example:8080/p", "http://203.0.113.5.example:8080/p"),
    ],
)
def test_web_address_has_one_normal_form(text, value):
    assert values(text) == [("url", value)]


def test_web_address_is_shown_so_that_nothing_opens():
    assert extract("https://colis.example/payer")[0].shown == "hxxps://colis[.]example/payer"


@pytest.mark.parametrize("text", ["C’est fini.je pars", "merci.Bonjour", "il a dit non.me voilà", "etc..."])
def test_missing_space_after_a_full_stop_is_no_address(text):
    assert extract(text) == ()


@pytest.mark.parametrize(
    "text",
    ["06 12 34 56 78", "0612345678", "06.12.34.56.78", "06-12-34-56-78", "+33 6 12 34 56 78", "+33 (0)6 12 34 56 78",
     "0033612345678"],
)  # fmt: skip
def test_french_phone_is_one_e164_number(text):
    assert values(f"appelez le {text} vite") == [("phone", "+33612345678")]
    assert extract(text)[0].shown == "06 12 34 56 78"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0262 12 34 56", "+262262123456"),
        ("0692 12 34 56", "+262692123456"),
        ("0590123456", "+590590123456"),
        ("+225 07 07 07 07 07", "+2250707070707"),
        ("0044 20 7946 0958", "+442079460958"),
    ],
)
def test_overseas_and_foreign_phones_keep_their_country(text, value):
    assert values(text) == [("phone", value)]


@pytest.mark.parametrize("text", ["le 12/03/2024 à 10h30", "référence 0612345678901", "1 234 567 890 123"])
def test_other_digits_are_no_phone(text):
    assert extract(text) == ()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("FR76 3000 6000 0112 3456 7890 189 merci", "FR7630006000011234567890189"),
        ("fr7630006000011234567890189", "FR7630006000011234567890189"),
        ("IBAN:DE89-3704-0044-0532-0130-00.", "DE89370400440532013000"),
        ("GB29 NWBK 6016 1331 9268 19", "GB29NWBK60161331926819"),
    ],
)
def test_bank_account_whose_check_digits_hold(text, value):
    assert values(text) == [("iban", value)]


@pytest.mark.parametrize("text", ["FR76 3000 6000 0112 3456 7890 188", "FR76 3000", "XX76300060000112345678901"])
def test_bank_account_whose_check_digits_fail_is_not_reported(text):
    assert not any(kind == "iban" for kind, _ in values(text))


def test_one_wrong_digit_is_always_caught():
    good = "FR7630006000011234567890189"

    wrong = [good[:at] + digit + good[at + 1 :] for at in range(2, 27) for digit in "0123456789" if digit != good[at]]

    assert is_iban(good)
    assert not any(map(is_iban, wrong))


def test_email_is_shown_so_that_nothing_opens():
    found = extract("répondez à Commissaire.General@Outlook.COM.")

    assert [(f.kind, f.value, f.shown) for f in found] == [
        ("email", "Commissaire.General@outlook.com", "Commissaire.General[@]outlook.com")
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 800,50 €", "1800.50"), ("1.800 €", "1800.00"), ("1,800.50 eur", "1800.50"), ("950€", "950.00"),
        ("€ 950", "950.00"), ("12000 euro", "12000.00"), ("2,99 euros", "2.99"), ("120e de frais", "120.00"),
        ("600 balles", "600.00"), ("3k€", "3000.00"), ("2 millions d'euros", "2000000.00"), ("10,5 €", "10.50"),
    ],
)  # fmt: skip
def test_amount_in_euros_has_one_normal_form(text, value):
    assert values(text) == [("amount", value)]


@pytest.mark.parametrize("text", ["la 3e fois", "élève de 5e", "1200 $", "30 ans", "20e siècle", "3 enfants"])
def test_number_without_euros_is_no_amount(text):
    assert extract(text) == ()


def test_message_with_everything_is_read_once_and_in_order():
    text = (
        "Réglez 2,99€ sur https://colis.example/p ou appelez 06 12 34 56 78 150€ de frais, "
        "virement FR76 3000 6000 0112 3456 7890 189, aide@colis.example, 2,99 €"
    )

    assert [kind for kind, _ in values(text)] == ["amount", "url", "phone", "amount", "iban", "email"]


def test_masked_text_keeps_the_words_only():
    text = "payez 2,99€ sur https://colis.example ou 0612345678"

    assert masked(text, extract(text)).split() == ["payez", "euros", "sur", "lien", "ou"]


@given(st.text(max_size=400))
def test_any_text_is_read_and_findings_never_overlap(text):
    found = extract(text)

    assert all(each.kind in KINDS and text[each.start : each.end] == each.text for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    "piece", ["a.", "0 ", "FR76 ", "1 ", "a@", "a/", "-", "1.000.", "+1", "www.", "9", "a.fr ", "1€", "http://a.", "é"]
)
def test_hostile_text_is_read_in_time(piece):
    began = time.perf_counter()

    extract(piece * (20_000 // len(piece)))

    assert time.perf_counter() - began < 1


@settings(max_examples=50)
@given(st.integers(1, 99_999_999), st.integers(0, 99))
def test_amount_written_in_french_comes_back_the_same(euros, cents):
    text = f"{euros:,}".replace(",", " ") + f",{cents:02d} €"

    assert values(text) == [("amount", f"{euros}.{cents:02d}")]
