"""What the dossier's diagnosis says, read from what was saved that day, as the complaint and the pages need it."""

from itertools import groupby

from diagnostic import content, engine
from diagnostic.conditions import Scene
from diagnostic.journey import catalogue_of
from victims import complaint_form
from victims.complaint_form import NOTICES, Section

ORGANISATION_72H, THESEE, MINOR = "organisation_72h", "thesee", "minor"
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


def threat_names(diagnosis) -> list[str]:
    return list(diagnosis.threat_names)


def told(diagnosis) -> list[tuple[str, str]]:
    """Question and answers, in the words of that day."""
    return [(step["question"], ", ".join(step["answers"])) for step in diagnosis.path if step["answers"]]


def is_complete(journey) -> bool:
    return engine.resolve(catalogue_of(journey.version), journey.answers).complete


def later_actions(diagnosis) -> list[dict]:
    """What the plan kept folded, by time, with the words of the content for each time."""
    labels = content.published().when_labels
    rest = [action for action in diagnosis.plan if not action["first"]]
    return [
        {"label": ALSO_NOW if when == NOW else labels.get(when, when), "actions": list(actions)}
        for when, actions in groupby(rest, key=lambda action: action["when"])
    ]


def first_door(diagnosis) -> dict | None:
    return next((door for door in diagnosis.doors if door["first"]), None)


def eligibility(diagnosis) -> list[dict]:
    """What to know about where this complaint is usually made, from the doors that were shown."""
    ids = {door["id"] for door in diagnosis.doors}
    first = first_door(diagnosis)
    found = [{"title": f"Conseillé pour vous : {first['title']}", "text": first["reason"]}] if first else []
    if MINOR in diagnosis.facts:
        found.append({"title": "La victime est mineure", "text": NOTICES.minor_fr})
    if THESEE in ids and first and first["id"] != THESEE:
        found.append({"title": "Plainte en ligne", "text": NOTICES.thesee_fr})
    if diagnosis.audience != "particulier":
        text = NOTICES.organisation_fr
        if ORGANISATION_72H in ids:
            text = f"{text} {NOTICES.organisation_72h_fr}"
        found.append({"title": "Vous êtes une organisation", "text": text})
    return found
