"""Which desk answers, and why. A pure function of commune, threat, severity and facts: it always names one desk.

Order (domain notes 4.1): the specialised desk for the gravest matters against persons; else the force competent for
the commune; else the shared desk. A commune shared by both forces goes to the police desk, with the doubt said.
"""

from dataclasses import dataclass

from guichet.territory.enums import Institution
from guichet.territory.services import CompetenceAnswer, competence_of

SPECIAL_FACTS = {
    "minor": "une personne mineure est concernée",
    "author_partner": "l'auteur est le conjoint ou l'ex",
    "discriminatory": "les faits visent une personne pour ce qu'elle est",
}
SPECIAL_THREATS = {
    "cyberharcelement-mineur": "une personne mineure est concernée",
    "sollicitation-sexuelle-mineur": "une personne mineure est concernée",
    "contenu-pedocriminel": "une personne mineure est concernée",
    "haine-en-ligne": "les faits visent une personne pour ce qu'elle est",
}
FORCE_DESKS = {Institution.PN: "police", Institution.GN: "gendarmerie"}
SPECIAL_DESK, SHARED_DESK = "specialise", "commun"


@dataclass(frozen=True)
class Routing:
    desk: str
    institution: str
    service_id: int | None
    service_label: str
    source: str
    reasons: tuple[str, ...]


def _special_reason(threat: str, severity: int, facts: frozenset[str]) -> str:
    if severity < 4:
        return ""
    for fact, reason in SPECIAL_FACTS.items():
        if fact in facts:
            return reason
    return SPECIAL_THREATS.get(threat, "")


@dataclass(frozen=True)
class Place:
    """Which force answers for where the person lives, and how we know. No institution: nobody can say."""

    institution: str
    service_id: int | None
    service_label: str
    source: str
    why: str


ABROAD = Place("", None, "", "etranger", "la personne habite à l'étranger")
UNSAID = Place("", None, "", "inconnue", "la commune n'est pas connue")
UNKNOWN = Place("", None, "", "inconnue", "la source officielle ne dit pas quelle force est compétente")


def place_of(answer: CompetenceAnswer) -> Place:
    """A shared commune goes to the police first: its town has the commissariat. The doubt is said to the agent."""
    if not answer.institutions:
        return UNKNOWN
    institution = answer.institution or Institution.PN
    services = [service for service in answer.services if service.institution == institution]
    service_id = services[0].pk if len(services) == 1 else None
    if answer.institution:
        why = f"{Institution(institution).label} compétente pour la commune (édition {answer.edition})"
    else:
        why = "commune partagée par les deux forces : police d'abord, à confirmer"
    return Place(institution, service_id, answer.service_label_fr, answer.source, why)


def decide(*, place: Place, threat: str, severity: int, facts: frozenset[str] = frozenset()) -> Routing:
    """Total: whatever comes in, one desk comes out."""
    special = _special_reason(threat, severity, facts)
    if special:
        desk, reasons = SPECIAL_DESK, (f"gravité 4 et {special} : bureau spécialisé", place.why)
    elif place.institution:
        desk, reasons = FORCE_DESKS[Institution(place.institution)], (place.why,)
    else:
        desk, reasons = SHARED_DESK, (f"{place.why} : bureau commun aux deux forces",)
    return Routing(desk, place.institution, place.service_id, place.service_label, place.source, reasons)


def route(*, commune: str, abroad: bool, threat: str, severity: int, facts: frozenset[str] = frozenset()) -> Routing:
    place = ABROAD if abroad else place_of(competence_of(commune)) if commune else UNSAID
    return decide(place=place, threat=threat, severity=severity, facts=facts)
