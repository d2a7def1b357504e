"""Recorded journeys: what a person answers, and what the guichet must then say. Replayed by `manage.py tree paths`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from diagnostic import advice, door, engine
from diagnostic.catalogue import FACTS, Catalogue
from diagnostic.content import FOLDER, read_yaml
from diagnostic.exceptions import ContentError, Problem
from diagnostic.schema import JourneySpec

JOURNEYS = FOLDER / "journeys"
_SPEC = TypeAdapter(JourneySpec)


@dataclass(frozen=True, slots=True)
class Recorded:
    id: str
    file: str
    spec: JourneySpec

    @property
    def answers(self) -> dict[str, tuple[str, ...]]:
        return {node: tuple(chosen) for node, chosen in self.spec.answers.items()}


def read(folder: Path = JOURNEYS) -> list[Recorded]:
    found, problems = [], []
    for path in sorted(folder.glob("*.yaml")):
        name = f"journeys/{path.name}"
        for key, raw in read_yaml(path, name).items():
            try:
                found.append(Recorded(key, name, _SPEC.validate_python(raw)))
            except ValidationError as error:
                problems.append(Problem(name, key, str(error.errors(include_url=False)[0]["msg"])))
    if problems:
        raise ContentError(problems)
    return found


def faults(catalogue: Catalogue, journey: Recorded) -> Iterator[str]:
    """What this journey expected and did not get; nothing when it passes."""
    resolution = engine.resolve(catalogue, journey.answers)
    if resolution.question is not None:
        yield f"s'arrête à la question {resolution.question.node.id}"
        return
    walked = {step.node for step in resolution.path}
    if unused := sorted(set(journey.answers) - walked):
        yield f"réponses jamais demandées : {', '.join(unused)}"
    plan = advice.plan(catalogue, resolution)
    got = {
        "threat": resolution.threat,
        "also": resolution.secondaries,
        "audience": resolution.audience,
        "severity": plan.severity,
        "chat": plan.chat_offered,
        "calm": plan.calm,
        "door": door.choose(catalogue, resolution, plan).first.channel.id,
        "first": tuple(action.id for action in plan.first),
        "urgent": resolution.urgent,
        "pages": resolution.pages,
    }
    for name, value in got.items():
        wanted = getattr(journey.spec.expect, name)
        if wanted is not None and wanted != value:
            yield f"{name} : attendu {wanted}, obtenu {value}"
    shown = {action.id for action in plan.actions}
    if missing := sorted(set(journey.spec.expect.has) - shown):
        yield f"gestes absents : {', '.join(missing)}"
    if extra := sorted(set(journey.spec.expect.hasnt) & shown):
        yield f"gestes de trop : {', '.join(extra)}"


def rewordings(catalogue: Catalogue, journey: Recorded) -> Iterator[str]:
    """Words that have changed since the journey was recorded: said, never a failure."""
    for key, chosen in journey.spec.answers.items():
        node = catalogue.nodes.get(key)
        if node is None or node.kind == FACTS:
            continue
        words = {answer.id: answer.text for answer in node.answers}
        for answer, recorded in chosen.items():
            if words.get(answer, recorded) != recorded:
                yield f"{key} {answer} : « {recorded} » est devenu « {words[answer]} »"
