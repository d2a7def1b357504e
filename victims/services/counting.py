"""What the observatory is told of a dossier: its département and content words, never what is below."""

from guichet.observatory.services import count_all
from victims.models import Dossier

ABROAD, UNTOLD, OTHER_DOOR = "etranger", "inconnu", "autres"


def place_of(dossier: Dossier) -> str:
    if dossier.commune:
        return dossier.commune.departement
    return ABROAD if dossier.abroad else UNTOLD


def count_opened(dossier: Dossier) -> None:
    pairs = [("dossier", ""), ("dossier-lieu", f"{place_of(dossier)}/{dossier.diagnosis.main_threat}")]
    count_all(pairs, exercise=dossier.exercise)


def count_filed(dossier: Dossier) -> None:
    doors = dossier.diagnosis.doors
    door = doors[0]["channel"] if doors else OTHER_DOOR
    count_all([("plainte", ""), ("plainte-lieu", f"{place_of(dossier)}/{door}")], exercise=dossier.exercise)
