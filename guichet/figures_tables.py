"""The tables of the observatory with the words of the services: the counters know no threat and no desk.

Ids and values are stable; `docs/observatory.md` is their dictionary in words, `dictionnaire.json` in data.
"""

import functools

from diagnostic import content
from diagnostic.prevention.library import library
from guichet.observatory.tables import OTHERS, Margin, Table
from guichet.territory.departements import DEPARTEMENTS
from tchat.enums import Opinion, Outcome
from tchat.models import Desk
from tchat.services import waiting_times as waits
from victims.referral_content import REFERRAL

ABROAD, UNTOLD = "etranger", "inconnu"


def _threats() -> dict[str, str]:
    return {key: threat.name for key, threat in content.published().threats.items()}


def _families() -> dict[str, str]:
    return {_family_id(index): title for index, (title, _) in enumerate(_listed()) if title != "Autres"}


def _listed():
    return library().families


def _family_id(index: int) -> str:
    return f"famille-{index + 1:02d}"


def _family_of(threat: str) -> str:
    for index, (title, members) in enumerate(_listed()):
        if title != "Autres" and any(threat == key for key, _ in members):
            return _family_id(index)
    return OTHERS


def _audiences() -> dict[str, str]:
    return dict(content.published().audience_labels)


def _severities() -> dict[str, str]:
    return {str(level): f"Gravité {level} sur 4" for level in range(4, 0, -1)}


def _channels() -> dict[str, str]:
    return {key: channel.name for key, channel in content.published().channels.items()}


def _outcomes() -> dict[str, str]:
    return dict(Outcome.choices)


def _opinions() -> dict[str, str]:
    return dict(Opinion.choices)


def _desks() -> dict[str, str]:
    return dict(Desk.objects.real().values_list("pk", "name"))


def _moves() -> dict[str, str]:
    desks = _desks()
    return {f"{a}>{b}": f"{desks[a]} → {desks[b]}" for a in desks for b in desks if a != b}


@functools.cache
def departements() -> dict[str, str]:
    names = {code: f"{name} ({code})" for code, (name, _) in DEPARTEMENTS.items()}
    return names | {ABROAD: "À l’étranger", UNTOLD: "Commune non dite"}


def _places_and_families() -> dict[str, str]:
    families = {**_families(), OTHERS: "Autres"}
    return {
        f"{place}/{family}": f"{where} : {what}"
        for place, where in {**departements(), OTHERS: "Autres"}.items()
        for family, what in families.items()
    }


def _place_and_family(value: str) -> str:
    place, _, threat = value.partition("/")
    return f"{place}/{_family_of(threat)}"


def _first(value: str) -> str:
    return value.partition("/")[0]


def _second(value: str) -> str:
    return value.partition("/")[2]


def _family_at(value: str) -> str:
    return _family_of(_second(value))


def _findings(name: str) -> dict[str, str]:
    return dict(REFERRAL.choices(name))


def _waits() -> dict[str, str]:
    return {key: words[0].upper() + words[1:] for key, words in waits.WORDS.items()}


def _told_and_real() -> dict[str, str]:
    words = _waits()
    return {f"{a}/{b}": f"{words[a]} → {waits.WORDS[b]}" for a in words for b in waits.CLASSES}


TABLES: tuple[Table, ...] = (
    Table(
        "atteintes",
        "diagnostic",
        "Ce qui arrive aux personnes",
        "diagnostics",
        "L’atteinte principale de chaque parcours terminé.",
        _threats,
        group="diagnostics",
    ),
    Table(
        "gravite",
        "diagnostic-gravite",
        "À quel point c’est grave",
        "diagnostics",
        "De 1, mineure, à 4, critique.",
        _severities,
        group="diagnostics",
    ),
    Table(
        "publics",
        "diagnostic-public",
        "Qui demande de l’aide",
        "diagnostics",
        "Ce que la personne a répondu à la première question.",
        _audiences,
        group="diagnostics",
    ),
    Table(
        "portes",
        "diagnostic-porte",
        "Où nous envoyons les personnes",
        "diagnostics",
        "La première porte conseillée à la fin du parcours.",
        _channels,
        group="diagnostics",
    ),
    Table(
        "departements",
        "dossier-lieu",
        "D’où viennent les dossiers",
        "dossiers",
        "Le département de la commune donnée à l’ouverture du dossier. Un diagnostic sans dossier n’a pas de lieu.",
        departements,
        group="dossiers",
        read=_first,
    ),
    Table(
        "dossiers-familles",
        "dossier-lieu",
        "Ce qui arrive, dans les dossiers",
        "dossiers",
        "L’atteinte principale, par famille.",
        _families,
        group="dossiers",
        read=_family_at,
    ),
    Table(
        "departements-familles",
        "dossier-lieu",
        "Ce qui arrive, département par département",
        "dossiers",
        "Par année entière seulement : par mois, les comptes seraient trop petits.",
        _places_and_families,
        group="dossiers",
        read=_place_and_family,
        margins=(Margin("departements", _first), Margin("dossiers-familles", _second)),
        yearly=True,
    ),
    Table("tchats", "tchat", "À quel bureau va le tchat", "demandes de tchat", "Le premier bureau choisi.", _desks),
    Table(
        "attentes-annoncees",
        waits.COUNTER,
        "L’attente que nous annonçons",
        "conversations",
        "Le temps annoncé à la personne quand elle demande le tchat.",
        _waits,
        group="attentes",
        read=_first,
    ),
    Table(
        "attentes-reelles",
        waits.COUNTER,
        "L’attente réelle",
        "conversations",
        "Le temps jusqu’à la prise en charge par un agent. Mêmes conversations que l’attente annoncée.",
        _waits,
        group="attentes",
        read=_second,
    ),
    Table(
        waits.PROMISES,
        waits.COUNTER,
        "L’attente annoncée est-elle tenue ?",
        "conversations",
        "Tenue : l’attente réelle est de la durée annoncée, ou plus courte.",
        lambda: waits.PROMISE_WORDS,
        group="attentes",
        read=waits.promise_of,
    ),
    Table(
        waits.CROSSED,
        waits.COUNTER,
        "L’attente réelle, selon l’attente annoncée",
        "conversations",
        "Avant la flèche, l’attente annoncée ; après, l’attente réelle.",
        _told_and_real,
        group="attentes",
        margins=(
            Margin("attentes-annoncees", _first),
            Margin("attentes-reelles", _second),
            Margin(waits.PROMISES, waits.promise_of),
        ),
    ),
    Table(
        waits.MOVED,
        "tchat-transmis",
        "Les conversations transmises à un autre bureau",
        "transferts",
        "Le premier bureau choisi n’était pas le bon, ou un autre sait mieux.",
        _moves,
    ),
    Table("issues", "tchat-issue", "Comment finissent les conversations", "conversations", "", _outcomes),
    Table(
        "avis",
        "tchat-avis",
        "Si la conversation a été utile",
        "réponses",
        "La question est posée à la fin à chaque personne. Beaucoup n’y répondent pas.",
        _opinions,
    ),
    Table(
        "plaintes",
        "plainte-lieu",
        "D’où viennent les plaintes",
        "plaintes déposées",
        "Le département du dossier.",
        departements,
        group="plaintes",
        read=_first,
    ),
    Table(
        "plaintes-portes",
        "plainte-lieu",
        "Par quelle porte passent les plaintes",
        "plaintes déposées",
        "La première porte conseillée aux personnes qui ont déposé plainte ici.",
        _channels,
        group="plaintes",
        read=_second,
    ),
)
TABLES += tuple(
    Table(f"prestataires-{name}", f"provider_report{key}", title, "comptes rendus", note, labels, group="constats")
    for name, key, title, note, labels in (
        ("atteintes", "", "Ce que les prestataires ont constaté", "L’atteinte constatée sur place.", _threats),
        (
            "constats",
            "_threat",
            "L’atteinte dite est-elle celle que le prestataire constate ?",
            "Un constat différent montre où nos questions se trompent.",
            lambda: {"confirmed": "Atteinte confirmée", "corrected": "Atteinte corrigée"},
        ),
        ("vecteurs", "_vector", "Par où c’est entré", "", functools.partial(_findings, "vector")),
        ("programmes", "_family", "Quel programme malveillant", "", functools.partial(_findings, "family")),
        ("pertes", "_loss", "Ce qui a été perdu", "", functools.partial(_findings, "loss")),
        ("arrets", "_downtime", "Combien de temps l’arrêt a duré", "", functools.partial(_findings, "downtime")),
        ("couts", "_cost", "Ce que la remise en état a coûté", "Par tranche.", functools.partial(_findings, "cost")),
    )
)
BY_ID = {table.id: table for table in TABLES}
