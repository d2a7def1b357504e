"""From a resolution to a plan: how serious it is, what to do, in which order, with whom, within which time.

Several threats make one plan: an action stands once, at its earliest time. Within « tout de suite » the families come
in the order of the content (people first, then stopping the attack, money, access, evidence, reports); within a family,
what has no delay at all, then what ends first. A legal limit that ends within a day is « tout de suite », within three
days « dans les 24 heures », whatever the content says. Three to five stand first; nothing is dropped, the rest is
folded by time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from diagnostic.catalogue import WHENS, Action, Catalogue, Channel, Deadline, Now, Offence, Page, Parts, Threat, Use
from diagnostic.conditions import Scene
from diagnostic.deadlines import SHORT, Due, due_of
from diagnostic.engine import Resolution

CHAT_FROM = 3
PRIORITY_FROM = 4
CHAT_ACTION = "tchat"
MONEY = "argent"
IMMEDIATE, DAY = WHENS[:2]
SAME = timedelta(hours=24), timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Planned:
    """One action as shown: `when` is the earliest time any of the threats gives it."""

    id: str
    text: str
    parts: Parts
    who: str
    when: str
    family: str
    channel: Channel | None
    deadline: Deadline | None
    due: Due | None = None


@dataclass(frozen=True, slots=True)
class Fold:
    when: str
    label: str
    actions: tuple[Planned, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    threats: tuple[Threat, ...]
    severity: int
    severity_name: str
    severity_meaning: str
    first: tuple[Planned, ...]
    folds: tuple[Fold, ...]
    evidence: tuple[str, ...]
    offences: tuple[Offence, ...]
    channels: tuple[Channel, ...]
    pages: tuple[Page, ...]
    forgiving: str
    chat_offered: bool
    priority: bool
    provider_useful: bool
    calm: bool

    @property
    def main(self) -> Threat:
        return self.threats[0]

    @property
    def actions(self) -> tuple[Planned, ...]:
        """Every action, first ones first: what is printed, saved and shown to an agent."""
        return (*self.first, *(action for fold in self.folds for action in fold.actions))


Dues = dict[str, Due]


def plan(catalogue: Catalogue, resolution: Resolution, *, now: datetime | None = None) -> Plan:
    """The plan of a complete resolution. Raises ValueError when questions remain. Without `now`, no date is told."""
    if not resolution.complete or not resolution.threat:
        raise ValueError("the journey is not complete")
    voice = resolution.voice
    threats = tuple(catalogue.threats[key].said(voice) for key in resolution.threats)
    severity = severity_of(threats, resolution)
    chat = severity >= CHAT_FROM and any(threat.chat for threat in threats)
    scene = Scene(resolution.scene_facts, resolution.audience, severity)
    merged = _merged(catalogue, threats, scene, chat=chat)
    dues = _dues(catalogue, resolution, merged, now) if now else {}
    said = {key: _planned(catalogue, catalogue.actions[key].said(voice), when, dues) for key, when in merged.items()}
    first, folds = _ordered(catalogue, scene, merged, said, dues, now + SHORT if now else None)
    return Plan(
        threats=threats,
        severity=severity,
        severity_name=catalogue.severity_names[severity],
        severity_meaning=catalogue.severity_meanings[severity],
        first=first,
        folds=folds,
        evidence=() if resolution.calm else _evidence(catalogue, threats),
        offences=() if resolution.calm else _offences(catalogue, threats),
        channels=_channels(catalogue, threats, resolution, chat=chat),
        pages=tuple(catalogue.pages[key].said(voice) for key in resolution.pages),
        forgiving=next((saying.text for saying in catalogue.forgiving if saying.condition.holds(scene)), ""),
        chat_offered=chat,
        priority=chat and severity >= PRIORITY_FROM,
        provider_useful=severity > 1 and any(threat.provider for threat in threats),
        calm=resolution.calm,
    )


def severity_of(threats: tuple[Threat, ...], resolution: Resolution) -> int:
    """The highest of all threats; each is its default, raised by what is true, then lowered where the content says."""
    return max(_severity(threat, resolution) for threat in threats)


def _severity(threat: Threat, resolution: Resolution) -> int:
    scene = Scene(resolution.scene_facts, resolution.audience, threat.severity)
    level = max([threat.severity, *(rule.to for rule in threat.raises if rule.condition.holds(scene))])
    return min([level, *(rule.to for rule in threat.lowers if rule.condition.holds(scene))])


def _merged(catalogue: Catalogue, threats: tuple[Threat, ...], scene: Scene, *, chat: bool) -> dict[str, str]:
    """Action id -> earliest time, in the order of the threats."""
    found: dict[str, str] = {}
    uses: list[Use] = [use for threat in threats for use in threat.actions]
    for use in (*uses, *catalogue.everywhere):
        if use.action == CHAT_ACTION and not chat:
            continue
        if not use.condition.holds(scene):
            continue
        before = found.get(use.action)
        if before is None or WHENS.index(use.when) < WHENS.index(before):
            found[use.action] = use.when
    return found


def _dues(catalogue: Catalogue, resolution: Resolution, merged: dict[str, str], now: datetime) -> Dues:
    """The end of each time limit; a legal one that is near moves its action forward, in `merged`."""
    found: Dues = {}
    for key, when in merged.items():
        deadline = catalogue.actions[key].deadline
        due = due_of(deadline, resolution.moment, audience=resolution.audience, now=now)
        if due is None:
            continue
        found[key] = due
        near = next((w for w, span in zip((IMMEDIATE, DAY), SAME, strict=True) if due.at - now <= span), when)
        if due.legal and not due.past(now) and WHENS.index(near) < WHENS.index(when):
            merged[key] = near
    return found


def _ordered(
    catalogue: Catalogue,
    scene: Scene,
    merged: dict[str, str],
    planned: dict[str, Planned],
    dues: Dues,
    soon: datetime | None,
) -> tuple[tuple[Planned, ...], tuple[Fold, ...]]:
    by_time: dict[str, list[Action]] = {when: [] for when in WHENS}
    for key, when in merged.items():
        by_time[when].append(catalogue.actions[key])
    by_time[IMMEDIATE].sort(key=lambda action: _urgency(catalogue, scene, action))
    for when in WHENS[1:]:
        by_time[when].sort(key=lambda action: _lateness(action, dues, soon))
    chosen = _chosen(catalogue.now, scene, by_time)
    folds = []
    for when, actions in by_time.items():
        rest = tuple(planned[action.id] for action in actions if action.id not in chosen)
        if rest:
            label = "Aussi tout de suite" if when == "immediat" else catalogue.when_labels[when]
            folds.append(Fold(when, label, rest))
    first = [planned[action.id] for actions in by_time.values() for action in actions if action.id in chosen]
    return tuple(first), tuple(folds)


def _urgency(catalogue: Catalogue, scene: Scene, action: Action) -> tuple[int, int, int, int]:
    """Family, then what the facts call for, then no delay at all before what ends first and costs most."""
    called = bool(action.first_if and action.first_if.holds(scene))
    late = action.deadline.late if action.deadline else 0
    hours = action.deadline.hours if action.deadline else 0
    return catalogue.families.get(action.family, len(catalogue.families)), 0 if called else 1, hours, late


def _lateness(action: Action, dues: Dues, soon: datetime | None) -> tuple[int, int, float]:
    """What ends within days comes first, what is lost for good before a right, a right before comfort."""
    due = dues.get(action.id)
    if due is None or soon is None or action.deadline is None or due.at > soon:
        return 1, 0, 0.0
    return 0, action.deadline.late, due.at.timestamp()


def _chosen(now: Now, scene: Scene, by_time: dict[str, list[Action]]) -> set[str]:
    """Those that stand first: what the facts call for, then the order, no family taking all the room."""
    immediate = by_time["immediat"]
    chosen = {a.id for a in [a for a in immediate if a.first_if and a.first_if.holds(scene)][: now.most]}
    taken: dict[str, int] = {}
    for action in immediate:
        if action.id in chosen:
            taken[action.family] = taken.get(action.family, 0) + 1
    for action in immediate:
        most = now.money_family if action.family == MONEY else now.per_family
        if (
            len(chosen) < now.most
            and not action.aside
            and action.id not in chosen
            and taken.get(action.family, 0) < most
        ):
            chosen.add(action.id)
            taken[action.family] = taken.get(action.family, 0) + 1
    return _completed(now, chosen, by_time)


def _completed(now: Now, chosen: set[str], by_time: dict[str, list[Action]]) -> set[str]:
    """Too few: what else is immediate, then what comes next in time."""
    calm_first = [a for a in by_time["immediat"] if not a.aside] + [a for a in by_time["immediat"] if a.aside]
    later = [action for when in WHENS[1:] for action in by_time[when]]
    for action in (*calm_first, *later):
        if len(chosen) >= now.least:
            break
        chosen.add(action.id)
    return chosen


def _planned(catalogue: Catalogue, action: Action, when: str, dues: Dues) -> Planned:
    channel = catalogue.channels[action.channel] if action.channel else None
    deadline, due = action.deadline, dues.get(action.id)
    return Planned(action.id, action.text, action.parts, action.who, when, action.family, channel, deadline, due)


def _evidence(catalogue: Catalogue, threats: tuple[Threat, ...]) -> tuple[str, ...]:
    return tuple(catalogue.evidence[key] for key in dict.fromkeys(key for threat in threats for key in threat.evidence))


def _offences(catalogue: Catalogue, threats: tuple[Threat, ...]) -> tuple[Offence, ...]:
    return tuple(catalogue.offences[key] for key in dict.fromkeys(key for threat in threats for key in threat.offences))


def _channels(
    catalogue: Catalogue, threats: tuple[Threat, ...], resolution: Resolution, *, chat: bool
) -> tuple[Channel, ...]:
    """Who can help: what the page on top names, then the threats' own; the tchat only when it is offered."""
    named = [key for page in resolution.pages for key in catalogue.pages[page].channels]
    own = [] if resolution.calm else [key for threat in threats for key in threat.channels]
    found = [catalogue.channels[key] for key in dict.fromkeys([*named, *own])]
    return tuple(channel for channel in found if not channel.internal and (channel.id != CHAT_ACTION or chat))
