"""What a complaint already knows when it begins: the answers, then what the victim wrote in the tchat.

Said once, never asked twice; always offered as text to correct, and nothing typed is ever replaced.
"""

import re

from django.utils import timezone

from victims.capacities import BLOCK, SELF
from victims.diagnosed import scene_of, told
from victims.typed import Unreadable, read_iban

STORY_MAX = 10_000
LINES_MAX = {"sites": 3000, "ibans": 1000, "wallets": 2000, "other": 2000}
VICTIM = "victime"
URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"'«»]+", re.IGNORECASE)
IBAN = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
WALLET = re.compile(r"\b(?:bc1[a-z0-9]{25,59}|0x[0-9a-fA-F]{40}|[13][1-9A-HJ-NP-Za-km-z]{25,34})\b")


def from_diagnosis(dossier) -> dict:
    diagnosis = dossier.diagnosis
    place = str(dossier.commune) if dossier.commune else "À l’étranger" if dossier.abroad else ""
    said = quality(diagnosis)
    return {
        **({BLOCK: {"quality": said}} if said else {}),
        "facts": {"place": place, "story": _story(diagnosis)},
    }


def quality(diagnosis) -> str:
    """Known only of who speaks for themselves; for another, or an organisation, it is asked."""
    if diagnosis.audience != "particulier" or {"minor", "for_other"} & set(diagnosis.facts):
        return ""
    return SELF


def _story(diagnosis) -> str:
    lines = [f"- {question} {answers}" for question, answers in told(diagnosis)]
    text = "\n".join(["Mes réponses au guichet :", *lines, "", "Ce qui s’est passé :", ""])
    return text[:STORY_MAX]


def add_conversation(sections: dict, messages, diagnosis) -> list[str]:
    """Adds what the victim wrote to the story, and the traces found in it; gives the blocks that changed."""
    bodies = [(line.at, line.body) for line in messages if line.author == VICTIM]
    facts, traces = sections.setdefault("facts", {}), sections.setdefault("traces", {})
    changed = []
    if _extend_story(facts, bodies):
        changed.append("facts")
    text = "\n".join(body for _, body in bodies)
    money = "money" in scene_of(diagnosis).facts
    found = [
        _add_lines(traces, "sites", [url.rstrip(".,;:!?)") for url in URL.findall(text)]),
        _add_lines(traces, "ibans" if money else "other", [iban for iban in IBAN.findall(text) if _is_iban(iban)]),
        _add_lines(traces, "wallets" if money else "other", WALLET.findall(text)),
    ]
    if any(found):
        changed.append("traces")
    return changed


def _is_iban(text: str) -> bool:
    try:
        read_iban(text)
    except Unreadable:
        return False
    return True


def _extend_story(facts: dict, bodies) -> bool:
    story = facts.get("story", "")
    new = [(at, body) for at, body in bodies if body not in story]
    if not new:
        return False
    day = timezone.localtime(new[0][0]).strftime("%d/%m/%Y")
    added = "\n".join([f"Ce que j’ai écrit dans le tchat le {day} :", *(body for _, body in new)])
    facts["story"] = f"{story.rstrip()}\n\n{added}".strip()[:STORY_MAX]
    return True


def _add_lines(traces: dict, name: str, values: list[str]) -> bool:
    lines = [line for line in traces.get(name, "").split("\n") if line]
    new = [value for value in dict.fromkeys(values) if value not in lines]
    if not new or len(joined := "\n".join([*lines, *new])) > LINES_MAX[name]:
        return False
    traces[name] = joined
    return True
