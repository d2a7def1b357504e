"""Hours as people read them: by the clock on the wall of the place, and whose clock it is where one may doubt."""

from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format

from guichet.territory.departements import departement_name, zone_of

PARIS = "Europe/Paris"
HOUR = "à\u00a0G\u00a0\\h\u00a0i"


def is_paris(departement: str) -> bool:
    return zone_of(departement).key == PARIS


def clock_words(departement: str) -> str:
    """« heure de Paris », « heure locale (La Réunion) »."""
    return "heure de Paris" if is_paris(departement) else f"heure locale ({departement_name(departement)})"


def hour_words(moment: datetime, departement: str) -> str:
    """« mardi 1er décembre à 14 h 30 », the hour never cut."""
    at = timezone.localtime(moment, zone_of(departement))
    return " ".join([day_words(at), date_format(at, HOUR)])


def day_words(day: date) -> str:
    """« mardi 1er décembre »."""
    return date_format(day, "l j\\e\\r F" if day.day == 1 else "l j F")


def words(moment: datetime, departement: str, *, far: bool = False) -> str:
    """The hour, and whose clock where it is not that of Paris, or where the reader lives by another (`far`)."""
    told = hour_words(moment, departement)
    return f"{told}, {clock_words(departement)}" if far or not is_paris(departement) else told


def lives_elsewhere(dossier, departement: str) -> bool:
    """Does this person live by another clock than that of the place, as far as we know?"""
    if dossier.abroad:
        return True
    home = dossier.commune.departement if dossier.commune_id else departement
    return zone_of(home) != zone_of(departement)
