"""What a pasted message holds: addresses, phones, bank accounts, e-mails, amounts. Each with one normal form.

Text in, findings out: nothing is looked up, opened or kept. A bank account counts only when its check digits are right.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice

URL, EMAIL, IBAN, PHONE, AMOUNT = "url", "email", "iban", "phone", "amount"
KINDS = (URL, EMAIL, IBAN, PHONE, AMOUNT)
MAX_CHARS = 20_000
MOST, TRIED = 50, 300

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"(?:{_LABEL}\.){{1,8}}"
# Endings that are never a French word, so « merci.Je » is not an address; the others need « www. » or a path.
_SURE = (
    r"(?:fr|com|net|org|eu|info|biz|io|gouv|xyz|online|store|icu|vip|cc|tk|ml|cf|gq|ru|cn|uk|site|website|shop|club|"
    r"click|app|dev|example|bzh|tech|space|support|cloud)"
)
_REST = r"(?:[/?#][^\s<>\"'«»\u00a0]{0,500})?"
_SCHEME = re.compile(
    rf"\b(?P<scheme>h(?:tt|xx|XX)ps?)\s?(?::|\[:\])\s?//\s?(?P<host>(?:[\w-]{{1,63}}(?:\.|\[\.\]|\(\.\))){{1,8}}[a-z]{{2,24}})"
    rf"(?P<port>:\d{{2,5}})?(?P<rest>{_REST})",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"(?<![\w@.-])(?:(?P<www>www\.{_HOST}[a-z]{{2,24}})|(?P<sure>{_HOST}{_SURE})|(?P<path>{_HOST}[a-z]{{2,24}}(?=/[^\s])))"
    rf"(?![\w@-])(?P<rest>{_REST})",
    re.IGNORECASE,
)
_EMAIL = re.compile(rf"(?<![\w.+-])([\w.%+-]{{1,64}})@({_HOST}[a-z]{{2,24}})(?![\w-])", re.IGNORECASE)
_IBAN_START = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?=[ \u00a0.-]?[A-Za-z0-9])")
IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20,
    "ES": 24, "FI": 18, "FR": 27, "GB": 22, "GI": 23, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IS": 26, "IT": 27,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "MA": 28, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25,
    "RO": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "SA": 24, "IL": 23, "RS": 22,
}  # fmt: skip
_GAP = r"[\s.\-/\u00a0]?"
_PHONE = re.compile(
    rf"(?<![\w+])(?:(?P<french>(?:(?:\+|00){_GAP}33{_GAP}(?:\(0\){_GAP})?|0)[1-9](?:{_GAP}\d\d){{4}})"
    rf"|(?P<abroad>(?:\+|00)[1-9]\d{{0,2}}(?:{_GAP}\d){{6,12}}))(?![\w])"
)
# A ten-digit number that starts so belongs to an overseas territory and its own country code.
_OVERSEAS = {
    "0262": "262", "0263": "262", "0269": "262", "0692": "262", "0693": "262", "0639": "262", "0590": "590",
    "0690": "590", "0691": "590", "0594": "594", "0694": "594", "0596": "596", "0696": "596", "0697": "596",
}  # fmt: skip
_NUMBER = r"\d{1,3}(?:[ .\u00a0\u202f]\d{3}){1,4}(?:,\d{1,2})?|\d{1,3}(?:,\d{3}){1,3}\.\d{2}|\d{1,9}(?:[.,]\d{1,2})?"
_AMOUNT = re.compile(
    rf"(?<![\w.,])(?:(?:€|EUR)\s?(?P<after>{_NUMBER})"
    rf"|(?P<before>{_NUMBER})\s?(?P<times>k|mille|millions?|milliards?)?(?:\s?d['’e])?"
    rf"(?:\s?(?:€|euros?\b|eur\b|balles\b)|(?<=\d\d\d)e\b))",
    re.IGNORECASE,
)
_TIMES = {"k": 1_000, "mille": 1_000, "million": 1_000_000, "milliard": 1_000_000_000}
_TRAILING = ".,;:!?)]}»'\"…"


@dataclass(frozen=True, slots=True)
class Found:
    """`value` is the normal form; `shown` is what a person may read and copy without opening anything."""

    kind: str
    text: str
    value: str
    shown: str
    start: int
    end: int


def extract(text: str) -> tuple[Found, ...]:
    """In the order of the text, one per value, never two on the same characters."""
    left = text = text[:MAX_CHARS]
    kept: list[Found] = []
    for finder in (_urls, _emails, _ibans, _phones, _amounts):
        for found in islice(finder(left), MOST):
            if all(found.end <= other.start or found.start >= other.end for other in kept):
                kept.append(found)
                left = left[: found.start] + "|" * (found.end - found.start) + left[found.end :]
    first: dict[tuple[str, str], Found] = {}
    for found in sorted(kept, key=lambda found: found.start):
        first.setdefault((found.kind, found.value), found)
    return tuple(first.values())


def masked(text: str, found: Iterable[Found]) -> str:
    """The text where each finding is one plain word, so that digits and addresses do not read as words."""
    words = {URL: "lien", EMAIL: "", IBAN: "iban", PHONE: "", AMOUNT: "euros"}
    for item in sorted(found, key=lambda item: item.start, reverse=True):
        text = f"{text[: item.start]} {words[item.kind]} {text[item.end :]}"
    return text


def _urls(text: str) -> Iterable[Found]:
    for match in islice(_SCHEME.finditer(text), TRIED):
        scheme = match["scheme"].lower().replace("x", "t")
        host = match["host"].replace("[.]", ".").replace("(.)", ".").lower()
        yield _url(match, f"{scheme}://{host}{match['port'] or ''}", match["rest"])
    for match in islice(_BARE.finditer(text), TRIED):
        host = (match["www"] or match["sure"] or match["path"]).lower()
        yield _url(match, f"http://{host}", match["rest"])


def _url(match: re.Match[str], base: str, rest: str) -> Found:
    cut = len(rest) - len(rest.rstrip(_TRAILING))
    value = base + (rest[:-cut] if cut else rest)
    scheme, _, after = value.partition("://")
    host, slash, path = after.partition("/")
    shown = f"{scheme.replace('t', 'x')}://{host.replace('.', '[.]')}{slash}{path}"
    end = match.end() - cut
    return Found(URL, match.string[match.start() : end], value, shown, match.start(), end)


def _emails(text: str) -> Iterable[Found]:
    for match in islice(_EMAIL.finditer(text), TRIED):
        value = f"{match[1].rstrip('.')}@{match[2].lower()}"
        yield Found(EMAIL, match[0], value, value.replace("@", "[@]"), match.start(), match.end())


def _ibans(text: str) -> Iterable[Found]:
    for match in islice(_IBAN_START.finditer(text), TRIED):
        length = IBAN_LENGTHS.get(match[0][:2].upper())
        end, code = match.start(), ""
        while length and end < len(text) and len(code) < length:
            if text[end].isascii() and text[end].isalnum():
                code += text[end].upper()
            elif text[end] not in " \u00a0.-" or text[end - 1] in " \u00a0.-":
                break
            end += 1
        closed = end == len(text) or not text[end].isalnum()
        if length == len(code) and closed and is_iban(code):
            shown = " ".join(code[at : at + 4] for at in range(0, len(code), 4))
            yield Found(IBAN, text[match.start() : end], code, shown, match.start(), end)


def is_iban(code: str) -> bool:
    """Right length for its country, and check digits that hold (ISO 13616, modulo 97)."""
    if len(code) != IBAN_LENGTHS.get(code[:2]) or not (code.isascii() and code.isalnum()):
        return False
    return int("".join(str(int(letter, 36)) for letter in code[4:] + code[:4])) % 97 == 1


def _phones(text: str) -> Iterable[Found]:
    for match in islice(_PHONE.finditer(text), TRIED):
        digits = re.sub(r"\D", "", match[0].replace("(0)", ""))
        if match["french"]:
            value = french_phone("0" + digits[-9:])
        else:
            value = "+" + (digits[2:] if match[0].startswith("00") else digits)
        if 8 <= len(value) - 1 <= 15:
            yield Found(PHONE, match[0], value, _phone_shown(value), match.start(), match.end())


def french_phone(national: str) -> str:
    """Ten digits as E.164."""
    return f"+{_OVERSEAS.get(national[:4], '33')}{national[1:]}"


def _phone_shown(value: str) -> str:
    if not value.startswith("+33") or len(value) != 12:
        return value
    national = "0" + value[3:]
    return " ".join(national[at : at + 2] for at in range(0, 10, 2))


def _amounts(text: str) -> Iterable[Found]:
    for match in islice(_AMOUNT.finditer(text), TRIED):
        written = match["after"] or match["before"]
        times = _TIMES.get((match["times"] or "").lower().rstrip("s"), 1)
        value = (_number(written) * times).quantize(Decimal("0.01"))
        yield Found(AMOUNT, match[0], str(value), amount_shown(value), match.start(), match.end())


def _number(written: str) -> Decimal:
    """« 1 800,50 », « 1.800 », « 1,800.50 » and « 1800.5 » are the same kind of number."""
    bare = re.sub(r"[ \u00a0\u202f]", "", written)
    if "," in bare and "." in bare:
        thousands, point = (",", ".") if bare.rindex(".") > bare.rindex(",") else (".", ",")
        return Decimal(bare.replace(thousands, "").replace(point, "."))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", bare):
        return Decimal(bare.replace(".", ""))
    return Decimal(bare.replace(",", "."))


def amount_shown(value: Decimal) -> str:
    whole, _, cents = f"{value:,.2f}".partition(".")
    whole = whole.replace(",", "\u202f")
    return f"{whole},{cents}\u00a0€" if cents != "00" else f"{whole}\u00a0€"
