"""Read what a person typed: dates, hours, sums, numbers, as people write them. What is stored stays as typed.

Each reader returns the value or raises Unreadable with words that say what to write.
"""

import re
from datetime import date, time
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone

DATE = re.compile(r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{4}|\d{2})")
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
HOUR = re.compile(r"(\d{1,2})\s*(?:h|:|heures?)?\s*(\d{2})?\s*(?:min)?", re.IGNORECASE)
AMOUNT = re.compile(r"\d{1,9}(?:[.,]\d{1,2})?")
LA_POSTE = "356000000"


class Unreadable(ValueError):
    """The message is for the person, in French, and says what to write."""


def _today() -> date:
    return timezone.localdate()


def read_date(typed: str, *, today: date | None = None) -> date:
    """A day in the past, from « 3/4/2026 », « 03.04.26 » or « 2026-04-03 »."""
    typed, today = typed.strip(), today or _today()
    if found := ISO.fullmatch(typed):
        year, month, day = map(int, found.groups())
    elif found := DATE.fullmatch(typed):
        day, month, year = map(int, found.groups())
        if year < 100:
            year += 2000 if year <= today.year % 100 else 1900
    else:
        raise Unreadable("Écrivez la date en chiffres, par exemple 24/11/2026.")
    try:
        read = date(year, month, day)
    except ValueError:
        raise Unreadable("Cette date n’existe pas. Écrivez-la en chiffres, par exemple 24/11/2026.")
    if read > today:
        raise Unreadable("Choisissez une date passée.")
    if read.year < 1900:
        raise Unreadable("Relisez l’année, par exemple 24/11/2026.")
    return read


def read_time(typed: str) -> time:
    found = HOUR.fullmatch(typed.strip())
    if not found or int(found[1]) > 23 or int(found[2] or 0) > 59:
        raise Unreadable("Écrivez l’heure en chiffres, par exemple 21 h 30.")
    return time(int(found[1]), int(found[2] or 0))


def read_amount(typed: str) -> Decimal:
    """« 1 234,50 € » and « 1234.5 » alike."""
    bare = re.sub(r"[\s€]|euros?|eur\b", "", typed, flags=re.IGNORECASE | re.UNICODE)
    if not bare.isascii() or not AMOUNT.fullmatch(bare):
        raise Unreadable("Écrivez la somme en chiffres, par exemple 200.")
    return Decimal(bare.replace(",", "."))


def read_email(typed: str) -> str:
    try:
        validate_email(typed.strip())
    except ValidationError:
        raise Unreadable("Écrivez une adresse complète, par exemple prenom@exemple.fr.")
    return typed.strip()


def read_phone(typed: str) -> str:
    bare = re.sub(r"[\s.\-()/]", "", typed)
    if not re.fullmatch(r"\+?[0-9]{8,15}", bare):
        raise Unreadable("Écrivez un numéro complet, par exemple 06 12 34 56 78.")
    return bare


def read_iban(typed: str) -> str:
    bare = re.sub(r"[\s\-]", "", typed).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", bare):
        raise Unreadable("Un IBAN commence par deux lettres et deux chiffres, par exemple FR76. Relisez-le.")
    number = "".join(str(int(char, 36)) for char in bare[4:] + bare[:4])
    if int(number) % 97 != 1:
        raise Unreadable("Un caractère de l’IBAN semble différent. Relisez-le.")
    return bare


def read_siren(typed: str) -> str:
    bare = re.sub(r"[\s.]", "", typed)
    if not re.fullmatch(r"[0-9]{9}(?:[0-9]{5})?", bare):
        raise Unreadable("Un SIREN compte 9 chiffres, un SIRET 14.")
    if bare.startswith(LA_POSTE) or _luhn(bare):
        return bare
    raise Unreadable("Un chiffre du SIREN semble différent. Relisez-le.")


def _luhn(digits: str) -> bool:
    doubled = [int(char) * (1 + place % 2) for place, char in enumerate(reversed(digits))]
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


READERS = {
    "date": read_date,
    "time": read_time,
    "amount": read_amount,
    "email": read_email,
    "phone": read_phone,
    "iban": read_iban,
    "siren": read_siren,
}
