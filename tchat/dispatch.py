"""Which desk answers, and why. A pure function of place, threat, severity, facts, hour and rules: it always names one
desk.

The rules are data (`tchat.models.Rulebook`). Those below are in force until an administrator publishes others; they
follow the domain notes 4.1: the specialised desk for the gravest matters against persons; else the force competent for
the commune; else the shared desk. A commune shared by both forces goes to the police desk, with the doubt said.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from guichet.territory.enums import Institution
from guichet.territory.services import CompetenceAnswer, competence_of
from tchat.enums import Whereabouts

FORCE_DESKS = {Institution.PN: "police", Institution.GN: "gendarmerie"}
SPECIAL_DESK, SHARED_DESK = "specialise", "commun"
PARIS = ZoneInfo("Europe/Paris")
NOTHING: frozenset[str] = frozenset()
# Whoever is answered later, or left the page, is owed the answer now after so many hours, by severity.
ANSWERED_WITHIN = {1: timedelta(hours=48), 2: timedelta(hours=24), 3: timedelta(hours=4), 4: timedelta(hours=1)}


@dataclass(frozen=True)
class Rule:
    """Who answers what. An empty condition always holds; `threats` and `facts` together: one of either is enough.

    `weekdays` from 1 (Monday) to 7; `opens` and `closes` in the time of Paris, over midnight when it closes first.
    """

    desk: str
    where: str = ""
    service_id: int | None = None
    threats: frozenset[str] = NOTHING
    facts: frozenset[str] = NOTHING
    min_severity: int = 1
    weekdays: frozenset[int] = frozenset()
    opens: time | None = None
    closes: time | None = None
    reason: str = ""

    @property
    def always_holds(self) -> bool:
        return self == Rule(self.desk, reason=self.reason)

    def holds(self, matter: "Matter") -> bool:
        return (
            matter.severity >= self.min_severity
            and self.where in {"", matter.place.institution or Whereabouts.NOBODY}
            and self.service_id in {None, matter.place.service_id}
            and self._is_about(matter)
            and self._is_open(matter.when)
        )

    def _is_about(self, matter: "Matter") -> bool:
        asked = bool(self.threats or self.facts)
        return not asked or matter.threat in self.threats or bool(self.facts & matter.facts)

    def _is_open(self, when: datetime) -> bool:
        """After midnight, a night still belongs to the day on which it began."""
        local = when.astimezone(PARIS)
        hour, day, opens = local.time(), local.isoweekday(), self.opens or time.min
        if self.closes is not None and self.closes < opens:
            is_open = hour >= opens or hour < self.closes
            day = (local - timedelta(days=1)).isoweekday() if hour < self.closes else day
        else:
            is_open = hour >= opens and (self.closes is None or hour < self.closes)
        return is_open and (not self.weekdays or day in self.weekdays)


@dataclass(frozen=True)
class Overflow:
    """After so many minutes at a desk: to another one, or, without a target, an answer later is offered."""

    desk: str
    after_minutes: int
    target: str = ""
    min_severity: int = 1


@dataclass(frozen=True)
class Rules:
    """`rulebook_id` is None for the rules of the code. A head start counts as minutes already waited."""

    rules: tuple[Rule, ...]
    overflows: tuple[Overflow, ...] = ()
    head_starts: dict[int, int] = field(default_factory=dict)
    rulebook_id: int | None = None

    def rank_at(self, severity: int, asked_at: datetime) -> datetime:
        return asked_at - timedelta(minutes=self.head_starts.get(severity, 0))


def _grave(why: str, threats: set[str], facts: set[str]) -> Rule:
    return Rule(
        SPECIAL_DESK,
        threats=frozenset(threats),
        facts=frozenset(facts),
        min_severity=4,
        reason=f"gravité 4 et {why} : bureau spécialisé",
    )


DEFAULT = Rules(
    rules=(
        _grave(
            "une personne mineure est concernée",
            {"cyberharcelement-mineur", "sollicitation-sexuelle-mineur", "contenu-pedocriminel"},
            {"minor"},
        ),
        _grave("l'auteur est le conjoint ou l'ex", set(), {"author_partner"}),
        _grave("les faits visent une personne pour ce qu'elle est", {"haine-en-ligne"}, {"discriminatory"}),
        Rule("police", where=Whereabouts.PN),
        Rule("gendarmerie", where=Whereabouts.GN),
        Rule(SHARED_DESK, reason="bureau commun aux deux forces"),
    ),
    overflows=(
        Overflow("police", 10, SHARED_DESK, min_severity=3),
        Overflow("police", 20, SHARED_DESK),
        Overflow("gendarmerie", 10, SHARED_DESK, min_severity=3),
        Overflow("gendarmerie", 20, SHARED_DESK),
        Overflow("specialise", 10, SHARED_DESK),
        Overflow(SHARED_DESK, 15),
    ),
    head_starts={2: 20, 3: 60, 4: 240},
)


@dataclass(frozen=True)
class Routing:
    desk: str
    institution: str
    service_id: int | None
    service_label: str
    source: str
    reasons: tuple[str, ...]


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


@dataclass(frozen=True)
class Matter:
    """All that a rule may look at."""

    place: Place
    threat: str
    severity: int
    facts: frozenset[str]
    when: datetime


def decide(
    *,
    place: Place,
    threat: str,
    severity: int,
    when: datetime,
    facts: frozenset[str] = NOTHING,
    rules: Rules = DEFAULT,
) -> Routing:
    """Total: whatever comes in, one desk comes out; the shared one when no rule holds."""
    matter = Matter(place, threat, severity, facts, when)
    rule = next((each for each in rules.rules if each.holds(matter)), DEFAULT.rules[-1])
    reasons = tuple(reason for reason in (rule.reason, place.why) if reason)
    return Routing(rule.desk, place.institution, place.service_id, place.service_label, place.source, reasons)


def find_place(*, commune: str, abroad: bool) -> Place:
    return ABROAD if abroad else place_of(competence_of(commune)) if commune else UNSAID


def route(
    *,
    commune: str,
    abroad: bool,
    threat: str,
    severity: int,
    when: datetime,
    facts: frozenset[str] = NOTHING,
    rules: Rules = DEFAULT,
) -> Routing:
    place = find_place(commune=commune, abroad=abroad)
    return decide(place=place, threat=threat, severity=severity, facts=facts, when=when, rules=rules)
