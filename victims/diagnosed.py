"""What the dossier's diagnosis says, read from what was saved that day, as the complaint and the pages need it."""

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from diagnostic import content, engine, letters
from diagnostic.conditions import Scene
from diagnostic.journey import catalogue_of
from diagnostic.moments import AMOUNT, WHEN, Amount, Moment, read_amount, read_when
from diagnostic.phones import linker_of
from diagnostic.presentation import saved_gesture
from victims import complaint_form
from victims.complaint_form import Section
from victims.eligibility import Eligibility, facts_of_threats, read_eligibility

ORGANISATION_72H = "organisation_72h"
NOW, ALSO_NOW = "immediat", "Aussi tout de suite"


def scene_of(diagnosis) -> Scene:
    """The facts told, and what the threats may touch: their own questions say whether money comes into it."""
    threats = content.published().threats
    asked = {fact for key in diagnosis.threats if key in threats for fact in threats[key].facts_to_ask}
    return complaint_form.scene_of(
        facts=diagnosis.facts, audience=diagnosis.audience, severity=diagnosis.severity, asked=asked
    )


def sections_of(diagnosis) -> list[Section]:
    return complaint_form.sections_for(scene_of(diagnosis))


def report_sections_of(diagnosis) -> list[Section]:
    """The blocks that say what happened and never who the person is."""
    return [section for section in sections_of(diagnosis) if section.in_report]


def threat_names(diagnosis) -> list[str]:
    return list(diagnosis.threat_names)


def told(diagnosis) -> list[tuple[str, str]]:
    """Question and answers, in the words of that day."""
    return [(step["question"], ", ".join(step["answers"])) for step in diagnosis.path if step["answers"]]


def is_complete(journey) -> bool:
    return engine.resolve(catalogue_of(journey.version), journey.answers).complete


def voice_of(journey) -> str:
    """Who is spoken to: a person, who helps one, a child alone, a firm, a public body."""
    return engine.resolve(catalogue_of(journey.version), journey.answers).voice


def gestures(diagnosis, *, done: Mapping[str, datetime], now: datetime) -> tuple[list[dict], list[dict]]:
    """(first, folded by time): the plan of that day, with the time left today, what is ticked and its letter."""
    catalogue = content.published()
    labels, by_action = catalogue.when_labels, letters.for_actions(catalogue, letter_scene(diagnosis))
    linker = linker_of(catalogue)
    shown = [
        saved_gesture(a, now, letter=by_action.get(a["id"], ""), done=a["id"] in done, linker=linker)
        for a in diagnosis.plan
    ]
    pairs = list(zip(diagnosis.plan, shown, strict=True))
    rest = [(action["when"], gesture) for action, gesture in pairs if not action["first"]]
    later = [
        {"label": ALSO_NOW if when == NOW else labels.get(when, when), "gestures": [gesture for _, gesture in group]}
        for when, group in groupby(rest, key=itemgetter(0))
    ]
    return [gesture for action, gesture in pairs if action["first"]], later


def when_and_how_much(diagnosis) -> tuple[Moment | None, Amount | None]:
    once = content.published().once
    moment = read_when(tuple(diagnosis.answers.get(WHEN, ())))
    return moment, read_amount(tuple(diagnosis.answers.get(AMOUNT, ())), once.amount_steps if once else {})


def letter_scene(diagnosis) -> Scene:
    return Scene(frozenset(diagnosis.facts), diagnosis.audience, diagnosis.severity)


def first_door(diagnosis) -> dict | None:
    return next((door for door in diagnosis.doors if door["first"]), None)


def eligibility(diagnosis) -> Eligibility:
    """Where this complaint can be made, and what must be confirmed before it begins here."""
    known = frozenset(diagnosis.facts)
    ids = {door["id"] for door in diagnosis.doors}
    computed = facts_of_threats(diagnosis.threats)
    if "for_other" not in known:
        computed.add("own")
    if ORGANISATION_72H in ids:
        computed.add("within_72h")
    scene = Scene(known | computed, diagnosis.audience, diagnosis.severity)
    return read_eligibility(scene, main_threat=next(iter(diagnosis.threats), ""))
