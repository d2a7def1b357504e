"""Words as people type them: a folded form to compare, a clean form to keep."""

import re
import unicodedata

LIGATURES = str.maketrans({"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss"})
SAINTS = {"st": "saint", "ste": "sainte"}
NOT_A_WORD = re.compile(r"[^a-z0-9]+")
NEWLINES = re.compile("\r\n|[\r\u0085\u2028\u2029]")
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def fold(text: str) -> str:
    """« Ste-Colombe d'Œil » becomes « sainte colombe d oeil »: no accent, no ligature, no punctuation, no case."""
    if not text.isascii():
        spread = unicodedata.normalize("NFKD", text.translate(LIGATURES))
        text = "".join(letter for letter in spread if not unicodedata.combining(letter))
    return " ".join(SAINTS.get(word, word) for word in NOT_A_WORD.split(text.lower()) if word)


def clean_text(text: str) -> str:
    """What may be stored: NFC, newlines as `\\n`, no NUL, no lone surrogate, no control character but newline and tab.

    PostgreSQL refuses a NUL and UTF-8 a lone surrogate; both come in through JSON, so every door cleans.
    """
    return unicodedata.normalize("NFC", UNPRINTABLE.sub("", NEWLINES.sub("\n", text)))


def readable_size(octets: int) -> str:
    """In the units of the phone that sends the file: « 95 Ko », « 1,4 Mo », never « Kio »."""
    if octets < 1024:
        return f"{octets}\u00a0octets" if octets > 1 else f"{octets}\u00a0octet"
    kilo = round(octets / 1024)
    if kilo < 1024:
        return f"{kilo}\u00a0Ko"
    return f"{octets / 1024 / 1024:.1f}\u00a0Mo".replace(".", ",").replace(",0", "")
