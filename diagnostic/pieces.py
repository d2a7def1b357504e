"""The pieces of a catalogue that depend on nothing else: answers, facts, channels, deadlines, depths."""

from collections.abc import Callable, Mapping

from diagnostic import schema
from diagnostic.catalogue import Answer, Channel, Deadline, Fact, Once
from diagnostic.conditions import Condition

UNKNOWN_TEXT = "Je ne sais pas"
MAX_SCREENS = 60


def answer_of(spec: schema.ExitSpec) -> Answer:
    full = isinstance(spec, schema.AnswerSpec)
    sets = dict(spec.set) if full else {}
    audience = sets.pop("audience", None)
    return Answer(
        id=spec.id if full else "",
        text=spec.t if full else "",
        go=spec.go,
        diag=spec.diag,
        facts=spec.facts,
        page=spec.page,
        sets=tuple((fact, bool(value)) for fact, value in sets.items()),
        audience=str(audience) if audience else None,
        urgent=spec.urgent if full else (),
        only=frozenset(spec.only) if full else frozenset(),
        also=spec.also if full else (),
        second=spec.as_second if full else None,
        alone=spec.alone if full else False,
        unknown=full and spec.t == UNKNOWN_TEXT,
        words=dict(spec.words) if full else {},
    )


def depths(nodes: Mapping[str, schema.NodeSpec]) -> dict[str, int]:
    """The most screens from each node to the result, its own included; a loop counts as too many."""
    depths: dict[str, int] = {}

    def depth(key: str, above: frozenset[str]) -> int:
        if key in above:
            return MAX_SCREENS
        if key not in depths:
            spec = nodes[key]
            exits = [*spec.a, *([spec.otherwise] if spec.otherwise else [])]
            below = [depth(e.go or e.facts, above | {key}) for e in exits if (e.go or e.facts) in nodes]
            depths[key] = min(MAX_SCREENS, 1 + max(below, default=0))
        return depths[key]

    for key in nodes:
        depth(key, frozenset())
    return depths


def fact_of(key: str, spec: schema.FactSpec) -> Fact:
    return Fact(key, spec.label_fr, spec.group, frozenset(spec.audiences), dict(spec.words))


def channel_of(key: str, spec: schema.ChannelSpec, link: Callable) -> Channel:
    return Channel(
        id=key,
        name=spec.name_fr,
        kind=spec.kind,
        purpose=spec.purpose_fr,
        who=spec.who_fr,
        hours=spec.hours_fr,
        contact=link(spec.contact),
        limits=spec.limits_fr,
        source=spec.source,
        checked=spec.checked,
        url=spec.url,
        tel=spec.tel,
        internal=spec.internal,
    )


_UNITS = {"H": ("heure", 1), "D": ("jour", 24), "W": ("semaine", 168), "M": ("mois", 730), "Y": ("an", 8760)}


_LATE = ("perdu", "droit", "utile")


def deadline_of(spec: schema.DeadlineSpec, start: str) -> Deadline:
    """« dans les 72 heures après la découverte »."""
    count = int(spec.iso[:-1].lstrip("PT"))
    unit, hours = _UNITS[spec.iso[-1]]
    one = {"heure": "dans l’heure", "jour": "dans la journée", "mois": "dans le mois", "an": "dans l’année"}
    plural = unit if unit == "mois" else unit + "s"
    within = one[unit] if count == 1 and unit in one else f"dans les {count} {plural}"
    return Deadline(
        within=within,
        text=f"{within} {start}".strip(),
        hours=count * hours,
        kind=spec.kind,
        source=spec.source,
        start=spec.start,
        iso=spec.iso,
        working=spec.working,
        late=_LATE.index(spec.late),
        alternatives=tuple((other.label_fr, other.iso, other.try_after) for other in spec.alternatives),
    )


def once_of(spec: schema.OnceSpec, recent_if: Condition) -> Once:
    when, amount = spec.when, spec.amount
    return Once(
        unless=frozenset(spec.unless),
        when_questions=dict(when.questions),
        when_choices=dict(when.choices),
        recent=when.recent,
        recent_hours=when.recent_hours,
        recent_if=recent_if,
        amount_questions=dict(amount.questions),
        amount_choices={step.id: step.t for step in amount.choices},
        amount_steps={step.id: None if step.least is None else (step.least, step.most) for step in amount.choices},
        lost=amount.lost,
        high=amount.high,
        high_from=dict(amount.high_from),
        small=amount.small,
        small_up_to=dict(amount.small_up_to),
    )


def closure(facts: Mapping[str, Fact], implies: Mapping[str, tuple[str, ...]]) -> dict[str, frozenset[str]]:
    """Each fact with everything it makes true, itself included."""
    closed: dict[str, frozenset[str]] = {}
    for fact in facts:
        found, todo = {fact}, [fact]
        while todo:
            for implied in implies.get(todo.pop(), ()):
                if implied not in found:
                    found.add(implied)
                    todo.append(implied)
        closed[fact] = frozenset(found)
    return closed
