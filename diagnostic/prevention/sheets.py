"""One sheet per threat, made from the published catalogue and the editors' words. Pure: no request, no database.

The catalogue says when an action is for you by a condition on facts. A sheet knows no facts: what holds for everybody
stands in the open, by time; the rest is told by situation, each with the words of the fact that calls for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from diagnostic.catalogue import WHENS, Action, Catalogue, Channel, Parts, Threat, Use
from diagnostic.conditions import Condition, Scene
from diagnostic.phones import linker_of
from diagnostic.prevention import markup
from diagnostic.prevention.markup import Block
from diagnostic.prevention.texts import Texts

PERSON, FIRM = "particulier", "entreprise"
FOR_FIRMS = "organisation"
SOON = 72
# The reader: not said again under each gesture.
YOU = "Vous"
MOST_REASONS = 2
# « Open the tchat from this page »: a sheet is not that page.
NOT_HERE = "tchat"


@dataclass(frozen=True, slots=True)
class Wording:
    """What an editor may write on a sheet; an empty part leaves the file's own words."""

    how: str = ""
    avoid: tuple[str, ...] = ()
    body: str = ""


@dataclass(frozen=True, slots=True)
class Gesture:
    parts: Parts
    who: str
    when: str
    note: str
    deadline: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Gestures of one time, or of one situation."""

    key: str
    title: str
    gestures: tuple[Gesture, ...]

    @property
    def count(self) -> str:
        number = len(self.gestures)
        return f"{number} geste{'s' if number > 1 else ''}"


@dataclass(frozen=True, slots=True)
class Neighbour:
    id: str
    name: str
    definition: str
    ask: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Sheet:
    id: str
    name: str
    family: str
    audiences: tuple[str, ...]
    definition: str
    how: tuple[Block, ...]
    signs: tuple[str, ...]
    neighbours: tuple[Neighbour, ...]
    now: tuple[Gesture, ...]
    later: tuple[Group, ...]
    cases: tuple[Group, ...]
    after: tuple[Gesture, ...]
    avoid: tuple[str, ...]
    evidence: tuple[str, ...]
    channels: tuple[Channel, ...]
    know: tuple[Block, ...]
    practices: tuple[str, ...]
    words: str


def build(catalogue: Catalogue, texts: Texts, threat: Threat, wording: Wording | None = None) -> Sheet:
    wording, own, linker = wording or Wording(), texts.sheets.get(threat.id), linker_of(catalogue)
    how = wording.how or (own.how if own else "")
    know = wording.body or (own.know if own else "")
    avoid = wording.avoid or (own.avoid if own else ())
    times, cases = _gestures(catalogue, texts, threat)
    return Sheet(
        id=threat.id,
        name=threat.name,
        family=next((family.title for family in texts.families if threat.id in family.ids), ""),
        audiences=tuple(label for key, label in catalogue.audience_labels.items() if key in threat.audiences),
        definition=threat.definition,
        how=markup.blocks(how, linker),
        signs=threat.signs,
        neighbours=tuple(_neighbours(catalogue, texts, threat)),
        now=times["immediat"],
        later=tuple(Group(when, catalogue.when_labels[when], times[when]) for when in WHENS[1:3] if times[when]),
        cases=cases,
        after=times["prevention"],
        avoid=avoid,
        evidence=tuple(catalogue.evidence[key] for key in threat.evidence),
        channels=_channels(catalogue, threat),
        know=markup.blocks(know, linker),
        practices=tuple(key for key, practice in texts.practices.items() if threat.id in practice.threats),
        words=" ".join([*threat.signs, how, *avoid, markup.plain(know)]),
    )


def _channels(catalogue: Catalogue, threat: Threat) -> tuple[Channel, ...]:
    found = [catalogue.channels[key] for key in threat.channels]
    return tuple(channel for channel in found if not channel.internal and channel.id != NOT_HERE)


def _neighbours(catalogue: Catalogue, texts: Texts, threat: Threat) -> Iterator[Neighbour]:
    for key in threat.neighbours:
        other, pair = catalogue.threats[key], texts.pairs.get(frozenset({threat.id, key}))
        answers = pair.answers if pair else {}
        yield Neighbour(
            key,
            other.name,
            other.definition,
            pair.ask if pair else "",
            answers.get(threat.id, ""),
            answers.get(key, ""),
        )


# --- what to do, by time and by situation -------------------------------------------------------------
@dataclass(slots=True)
class _Told:
    """An action of the threat, and the situations that call for it; none when it is for everybody."""

    use: Use
    action: Action
    reasons: dict[str, tuple[str, ...]]


def _gestures(
    catalogue: Catalogue, texts: Texts, threat: Threat
) -> tuple[dict[str, tuple[Gesture, ...]], tuple[Group, ...]]:
    told = [found for use in threat.actions if (found := _told(catalogue, texts, threat, use))]
    told.sort(key=lambda each: _order(catalogue, each))
    times = {
        when: tuple(_gesture(each) for each in told if not each.reasons and each.use.when == when) for when in WHENS
    }
    cases = []
    for key, case in texts.cases.items():
        here = [each for each in told if key in each.reasons]
        gestures = tuple(_gesture(each, catalogue.when_labels[each.use.when], each.reasons[key]) for each in here)
        if gestures:
            cases.append(Group(key, case.title, gestures))
    return times, tuple(cases)


def _gesture(told: _Told, when: str = "", reasons: tuple[str, ...] = ()) -> Gesture:
    deadline, badge, limit = told.action.deadline, None, ""
    if deadline and deadline.hours <= SOON:
        label = deadline.within[0].upper() + deadline.within[1:]
        badge = {"label": label, "state": "now" if deadline.hours <= 24 else ""}
    elif when:
        badge = {"label": when, "state": ""}
    if deadline and deadline.hours > SOON:
        limit = ("délai légal\u00a0: " if deadline.kind == "legal" else "de préférence ") + deadline.text
    said = told.action.text.startswith("Si ")
    reason = f"si {', ou '.join(reasons[:MOST_REASONS])}" if reasons and not said else ""
    note = "\u00a0; ".join(words for words in (reason, limit) if words)
    who = "" if told.action.who == YOU else told.action.who
    return Gesture(told.action.parts, who, told.use.when, note, badge)


def _order(catalogue: Catalogue, told: _Told) -> tuple[int, int, int]:
    family = catalogue.families.get(told.action.family, len(catalogue.families))
    hours = told.action.deadline.hours if told.action.deadline else 0
    when = WHENS.index(told.use.when)
    return (when, family, hours) if when == 0 else (when, 0, 0)


def _told(catalogue: Catalogue, texts: Texts, threat: Threat, use: Use) -> _Told | None:
    """None when no situation that we have words for calls for it."""
    action = catalogue.actions[use.action]
    if action.channel == NOT_HERE:
        return None
    base = PERSON if PERSON in threat.audiences else FIRM
    for audience in (base, FIRM):
        sets = _calling(texts, use.condition, audience, threat.severity)
        if sets is not None:
            return _Told(use, action, _reasons(texts, sets, firms=audience != base))
    return None


def _calling(texts: Texts, condition: Condition, audience: str, severity: int) -> list[tuple[str, ...]] | None:
    """The smallest sets of facts that make it true: [()] when it is true without any, None when no set does."""
    ranked = [fact for case in texts.cases.values() for fact in case.facts]
    usable = [fact for fact in ranked if fact in condition.facts]
    for size in range(3):
        scenes = ((chosen, Scene(frozenset(chosen), audience, severity)) for chosen in combinations(usable, size))
        found = [chosen for chosen, scene in scenes if condition.holds(scene)]
        if found:
            return found
    return None


def _reasons(texts: Texts, sets: list[tuple[str, ...]], *, firms: bool) -> dict[str, tuple[str, ...]]:
    """By situation, what calls for the action; what the title of the situation says already is not said again."""
    words = {fact: said for case in texts.cases.values() for fact, said in case.facts.items()}
    found: dict[str, list[str]] = {FOR_FIRMS: []} if firms else {}
    for chosen in sets:
        if not chosen:
            continue
        key = next(key for key, case in texts.cases.items() if chosen[0] in case.facts)
        head = "" if firms else next(iter(texts.cases[key].facts))
        said = [words[fact] for fact in chosen if fact != head]
        reasons = found.setdefault(FOR_FIRMS if firms else key, [])
        if said:
            reasons.append(" et ".join(said))
        elif not firms:
            reasons.insert(0, "")
    return {key: () if "" in reasons else tuple(reasons) for key, reasons in found.items()}
