"""Where to go with it: one first door with its reason, the others folded.

The order of decision is that of `content/doors.yaml`; what a channel is and how to reach it stands in `channels.yaml`.
"""

from dataclasses import dataclass

from diagnostic.advice import Plan
from diagnostic.catalogue import Catalogue, Channel, DoorRule
from diagnostic.conditions import Scene
from diagnostic.engine import Resolution

PAGE, REPORT = "page", "report"
FALLBACK = "masecurite"
REPORT_KIND = "signalement"


@dataclass(frozen=True, slots=True)
class Door:
    id: str
    title: str
    reason: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Doors:
    first: Door
    others: tuple[Door, ...]


def choose(catalogue: Catalogue, resolution: Resolution, plan: Plan) -> Doors:
    scene = _scene(catalogue, resolution, plan)
    first = _first(catalogue, scene, plan, resolution.voice)
    others: dict[str, Door] = {}
    for rule in catalogue.doors:
        if rule.beside is None or not rule.beside.holds(scene):
            continue
        said = rule.said(resolution.voice)
        door = _door(catalogue, said, plan, said.beside_reason)
        if door.channel.id != first.channel.id:
            others.setdefault(door.channel.id, door)
    return Doors(first, tuple(others.values()))


def _scene(catalogue: Catalogue, resolution: Resolution, plan: Plan) -> Scene:
    computed = {kind for kind, ids in catalogue.kinds.items() if plan.main.id in ids}
    computed |= {
        name
        for name, true in (
            ("thesee_form", plan.main.thesee),
            ("perceval_form", plan.main.perceval),
            ("chat", plan.chat_offered),
        )
        if true
    }
    return Scene(resolution.scene_facts | computed, resolution.audience, plan.severity)


def _first(catalogue: Catalogue, scene: Scene, plan: Plan, voice: str) -> Door:
    for rule in catalogue.doors:
        if rule.first is not None and rule.first.holds(scene):
            said = rule.said(voice)
            return _door(catalogue, said, plan, said.reason)
    raise LookupError("doors.yaml has no last door (first: always)")


def _door(catalogue: Catalogue, rule: DoorRule, plan: Plan, reason: str) -> Door:
    channel = catalogue.channels[_channel_id(catalogue, rule, plan)]
    return Door(rule.id, rule.title or channel.name, reason, channel)


def _channel_id(catalogue: Catalogue, rule: DoorRule, plan: Plan) -> str:
    if rule.channel == PAGE:
        return next((key for page in plan.pages for key in page.channels), FALLBACK)
    if rule.channel == REPORT:
        reports = (key for key in plan.main.channels if catalogue.channels[key].kind == REPORT_KIND)
        return next(reports, FALLBACK)
    return rule.channel
