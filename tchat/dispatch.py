"""Which desk answers, and why. A pure function of commune, threat, severity and facts: it always names one desk.

Order (domain notes 4.1): the specialised desk for the gravest matters against persons; else the force competent for
the commune; else the shared desk. A commune shared by both forces goes to the police desk, with the doubt said.
"""

from dataclasses import dataclass

from guichet.territory.enums import Institution
from guichet.territory.services import competence_of

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


def _place(commune: str, abroad: bool) -> tuple[str, int | None, str, str, str]:
    """(institution, service id, service label, source, why)."""
    if abroad:
        return "", None, "", "etranger", "la personne habite à l'étranger"
    if not commune:
        return "", None, "", "inconnue", "la commune n'est pas connue"
    answer = competence_of(commune)
    if answer.source == "inconnue" or not answer.institutions:
        return "", None, "", "inconnue", "la source officielle ne dit pas quelle force est compétente"
    service = answer.service
    institution = Institution.PN if answer.source == "partagee" else Institution(answer.institutions[0])
    label = answer.service_label_fr
    if answer.source == "partagee":
        why = "commune partagée par les deux forces : police d'abord, à confirmer"
    else:
        why = f"{institution.label} compétente pour la commune (édition {answer.edition})"
    return institution.value, service.pk if service else None, label, answer.source, why


def route(*, commune: str, abroad: bool, threat: str, severity: int, facts: frozenset[str] = frozenset()) -> Routing:
    institution, service_id, label, source, why = _place(commune, abroad)
    special = _special_reason(threat, severity, facts)
    if special:
        desk, reasons = SPECIAL_DESK, (f"gravité 4 et {special} : bureau spécialisé", why)
    elif institution:
        desk, reasons = FORCE_DESKS[Institution(institution)], (why,)
    else:
        desk, reasons = SHARED_DESK, (f"{why} : bureau commun aux deux forces",)
    return Routing(desk, institution, service_id, label, source, reasons)
