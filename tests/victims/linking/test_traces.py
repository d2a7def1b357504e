"""One trace has one normal form, however it is spelled; two traces never share one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from victims.linking import money, reach, web
from victims.linking.enums import TraceKind
from victims.linking.keccak import keccak256
from victims.linking.plain import plain, refanged
from victims.linking.traces import Trace, about_author, scan

IBAN = "FR7630006000011234567890189"
IBAN_SPELLINGS = [
    "FR7630006000011234567890189",
    "FR76 3000 6000 0112 3456 7890 189",
    "fr76 3000 6000 0112 3456 7890 189",
    "FR76-3000-6000-0112-3456-7890-189",
    "FR76.3000.6000.0112.3456.7890.189",
    "FR76\u00a03000\u202f6000\u00a00112\u202f3456\u00a07890\u00a0189",
    "ＦＲ７６ ３０００ ６０００ ０１１２ ３４５６ ７８９０ １８９",
    "IBAN : FR 76 3000 6000 0112 3456 7890 189",
    "F\u200bR76–3000–6000–0112–3456–7890–189",
    "Nickel, au nom de Paul : FR76 3000 6000 0112 3456 7890 189.",
    "  FR76  3000  6000  0112  3456  7890  189  ",
    "Fr76/3000/6000/0112/3456/7890/189",
]


@pytest.mark.parametrize("typed", IBAN_SPELLINGS)
def test_account_is_one_however_it_is_spelled(typed):
    assert list(scan(typed)) == [Trace(TraceKind.IBAN, IBAN)]


@pytest.mark.parametrize(
    "typed", ["FR7630006000011234567890188", "FR76 3000 6000", "FR76 3000 6000 0112 3456 7890 1890", "", "FR76"]
)
def test_account_with_a_slip_links_nobody(typed):
    assert Trace(TraceKind.IBAN, IBAN) not in list(scan(typed))
    assert money.iban(typed) == ""


PHONES = {
    "+33612345678": ["06 12 34 56 78", "0612345678", "+33 6 12 34 56 78", "+33 (0)6 12 34 56 78", "0033612345678",
                     "00 33 (0)6.12.34.56.78", "(+33) 6 12 34 56 78", "06-12-34-56-78", "06/12/34/56/78",
                     "tél : 06.12.34.56.78", "０６ １２ ３４ ５６ ７８", "+33 06 12 34 56 78", "https://wa.me/33612345678"],
    "+262692123456": ["0692 12 34 56", "+262 692 12 34 56", "+262 (0)692 12 34 56", "00262692123456",
                      "+33 692 12 34 56", "+262 0692 12 34 56"],
    "+262269123456": ["0269 12 34 56", "+262 269 12 34 56"],
    "+590690123456": ["0690 12 34 56", "+590 690 12 34 56", "+590 0690 12 34 56"],
    "+594694123456": ["0694 12 34 56", "+594 694 12 34 56"],
    "+596696123456": ["0696 12 34 56", "00596 696 12 34 56"],
    "+2250701020304": ["+225 07 01 02 03 04", "00225 07 01 02 03 04"],
    "+442071234567": ["+44 (0)20 7123 4567", "+44 20 7123 4567"],
}  # fmt: skip


@pytest.mark.parametrize(("value", "typed"), [(value, typed) for value, all_ in PHONES.items() for typed in all_])
def test_number_is_one_however_it_is_dialled(value, typed):
    assert list(scan(typed)) == [Trace(TraceKind.PHONE, value)]


@pytest.mark.parametrize(
    "typed", ["3018", "17", "36700", "12 34 56 78 90", "06 12 34 56", "le 24/11/2026", "500 000 €"]
)
def test_what_is_no_whole_number_links_nobody(typed):
    assert list(scan(typed)) == []


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("Lola.Martin+paiement@Exemple.FR", "lola.martin+paiement@exemple.fr"),
        ("mailto:lola@exemple.fr", "lola@exemple.fr"),
        ("Banque <lola@exemple.fr>,", "lola@exemple.fr"),
        ("lola [at] exemple [.] fr", "lola@exemple.fr"),
        ("lola@société-générale.example", "lola@xn--socit-gnrale-eebbcb.example"),
        ("lola@xn--socit-gnrale-eebbcb.example", "lola@xn--socit-gnrale-eebbcb.example"),
    ],
)
def test_mail_keeps_dots_and_tags_and_folds_case(typed, value):
    assert list(scan(typed)) == [Trace(TraceKind.EMAIL, value)]


def test_mail_with_other_dots_is_another_box():
    assert list(scan("l.ola@exemple.fr")) != list(scan("lola@exemple.fr"))


@pytest.mark.parametrize("typed", ["info@ameli.fr", "no-reply@impots.gouv.fr", "pas une adresse", "a@b"])
def test_mail_of_a_borrowed_name_links_nobody(typed):
    assert list(scan(typed)) == []


PAGES = {
    "faux-site.example/payer/ici": [
        "https://faux-site.example/payer/ici", "http://www.faux-site.example:80/payer/ici/",
        "faux-site.example/payer/ici",
        "HTTPS://FAUX-SITE.EXAMPLE:443/payer/ici?utm_source=sms&fbclid=1#haut", "hxxps://faux-site[.]example/payer/ici",
        "hxxp[:]//faux-site(.)example/payer/ici", "https://faux-site.example/payer/./la/../ici",
        "https://faux-site.example//payer//ici", "https://faux-site.example/%70ayer/%69ci", "«https://faux-site.example/payer/ici».",
        "https://impots.gouv.fr@faux-site.example/payer/ici", "https://faux-site.example\\payer\\ici",
    ],
    "faux-site.example/fiche?id=12": ["https://faux-site.example/fiche?utm_id=9&id=12&sid=abc"],
    "faux-site.example:8443/a": ["https://faux-site.example:8443/a"],
    "xn--t-9fab.example/%C3%A9t%C3%A9": ["https://été.example/été", "https://xn--t-9fab.example/%c3%a9t%c3%a9"],
}  # fmt: skip


@pytest.mark.parametrize(("page", "typed"), [(page, typed) for page, all_ in PAGES.items() for typed in all_])
def test_address_is_one_however_it_is_pasted(page, typed):
    host = page.partition("/")[0]

    assert list(scan(typed)) == [Trace(TraceKind.PAGE, page), Trace(TraceKind.SITE, host)]


def test_host_alone_counts_where_addresses_are_asked_only():
    assert list(scan("faux-site.example", bare=True)) == [Trace(TraceKind.SITE, "faux-site.example")]
    assert list(scan("J'ai payé.Merci", bare=False)) == []


@pytest.mark.parametrize(
    "typed", ["leboncoin.fr", "https://www.impots.gouv.fr/payer", "www.amazon.fr/dp/123", "bit.ly"]
)
def test_what_everybody_may_name_links_nobody(typed):
    assert list(scan(typed, bare=True)) == []


def test_shared_host_links_by_its_page_only():
    assert list(scan("https://bit.ly/3xYz")) == [Trace(TraceKind.PAGE, "bit.ly/3xYz")]


ACCOUNTS = {
    "instagram:lola_59": ["@lola_59 sur Instagram", "Insta : Lola_59", "https://www.instagram.com/lola_59/?igsh=abc",
                          "lola_59 (instagram)", "instagram.com/Lola_59"],
    "snapchat:lola59000": ["https://snapchat.com/add/lola59000?share_id=x", "snap lola59000"],
    "tiktok:lola.tok": ["https://www.tiktok.com/@lola.tok?lang=fr", "TikTok @lola.tok"],
    "telegram:gain_rapide": ["t.me/gain_rapide", "télégram @gain_rapide"],
}  # fmt: skip


@pytest.mark.parametrize(("value", "typed"), [(value, typed) for value, all_ in ACCOUNTS.items() for typed in all_])
def test_account_needs_its_name_and_its_platform(value, typed):
    assert list(scan(typed, accounts=True)) == [Trace(TraceKind.ACCOUNT, value)]


@pytest.mark.parametrize("typed", ["@lola_59", "Lola sur Instagram", "Instagram", "Lola Martin, Facebook"])
def test_name_without_platform_or_too_common_links_nobody(typed):
    assert list(scan(typed, accounts=True)) == []


BITCOIN, TAPROOT = (
    "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
    "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
)
SEGWIT = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
ETHER = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        (BITCOIN, BITCOIN),
        (f"bitcoin:{BITCOIN}?amount=0.02", BITCOIN),
        (SEGWIT, SEGWIT),
        (SEGWIT.upper(), SEGWIT),
        (TAPROOT, TAPROOT),
        (ETHER, ETHER.lower()),
        (ETHER.lower(), ETHER.lower()),
        (f"USDT : {TRON}", TRON),
    ],
)
def test_wallet_is_kept_when_its_check_holds(typed, value):
    assert list(scan(typed)) == [Trace(TraceKind.WALLET, value)]


@pytest.mark.parametrize(
    "typed",
    [BITCOIN[:-1] + "3", BITCOIN.lower(), SEGWIT[:-1] + "p", SEGWIT[:10] + SEGWIT[10:].upper(),
     ETHER.replace("5aAe", "5AAe"), TRON[:-1] + "u"],
)  # fmt: skip
def test_wallet_with_a_slip_links_nobody(typed):
    assert list(scan(typed)) == []


def test_keccak_is_the_one_of_ethereum():
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak256(b"abc").hex() == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"


# --- what is the author's, and what is the victim's

OWN = {"declarant": {"mobile": "06 12 34 56 78", "email": "chloe@exemple.fr", "address": "IBAN " + IBAN}}


def test_only_the_block_about_the_author_and_the_payments_link():
    sections = {
        "facts": {"story": f"J'ai viré sur {IBAN}", "site": "faux.example"},
        "traces": {"phones": "07 98 76 54 32\n07 11 22 33 44", "ibans": "DE89 3704 0044 0532 0130 00"},
        "loss": {"payments": [{"iban": IBAN, "amount": "200"}, {"amount": "10"}], "insurer": "06 99 99 99 99"},
    }

    assert set(about_author(sections)) == {
        Trace(TraceKind.PHONE, "+33798765432"),
        Trace(TraceKind.PHONE, "+33711223344"),
        Trace(TraceKind.IBAN, "DE89370400440532013000"),
        Trace(TraceKind.IBAN, IBAN),
    }


def test_what_is_the_victims_own_never_links():
    typed = {
        "phones": "+33 6 12 34 56 78",
        "emails": "Chloe@exemple.fr",
        "ibans": IBAN,
        "sites": "exemple.fr\nfaux.example",
    }

    assert about_author({**OWN, "traces": typed}) == (Trace(TraceKind.SITE, "faux.example"),)


def test_kinds_never_collide():
    found = [*scan(IBAN), *scan("0612345678"), *scan("a.b@exemple.fr"), *scan("https://exemple.fr/a"), *scan(ETHER)]

    assert len({each.value for each in found}) == len(found)
    assert len({each.kind for each in found}) == 6


# --- whatever is typed


MESSY = st.text(max_size=120) | st.text(alphabet="fFrR0123456789 -./+()@:\u00a0\u200b[]xhtp_éＦ１%?&=#", max_size=80)


@given(MESSY)
def test_any_text_is_read_without_harm_and_twice_is_once(text):
    assert plain(plain(text)) == plain(text)
    once = refanged(plain(text))
    for trace in scan(text, bare=True, accounts=True):
        assert trace.value == plain(trace.value)
        again = list(
            scan(
                trace.value.replace(":", " : ") if trace.kind == TraceKind.ACCOUNT else trace.value,
                bare=True,
                accounts=True,
            )
        )
        assert trace in again, (once, trace, again)


@given(
    st.text(alphabet="0123456789", min_size=23, max_size=23),
    st.lists(st.sampled_from([" ", "-", ".", "\u00a0", "\u200b", ""]), min_size=27, max_size=27),
)
def test_account_made_valid_links_in_any_spelling(digits, gaps):
    check = 98 - int(digits + "152700") % 97
    code = f"FR{check:02d}{digits}"
    typed = "".join(letter + gap for letter, gap in zip(code, gaps, strict=True))

    assert list(money.ibans(plain(typed.lower()))) == [code]


@given(st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True), st.sampled_from([" ", ".", "-", "", "/"]))
def test_number_links_in_any_spelling(digits, gap):
    pairs = gap.join(digits[at : at + 2] for at in range(0, 10, 2))
    national = gap.join([digits[1], *(digits[at : at + 2] for at in range(2, 10, 2))])
    spelled = [pairs, f"+33 {national}", f"0033{national}", f"+33 (0){national}"]

    assert len({tuple(reach.phones(plain(each))) for each in spelled}) == 1
    assert len(list(reach.phones(plain(pairs)))) == 1


@given(st.from_regex(r"[a-z]{3,12}\.example", fullmatch=True), st.text(max_size=30))
def test_page_is_one_after_one_reading(host, path):
    first = web.read(f"{host}/{path}")
    if first and first.page:
        assert web.read(first.page) == first
