"""The plan of that day on paper, for the bundle: from what was saved with the diagnosis, never worked out again."""

from diagnostic.presentation import plain
from guichet.lib import documents
from victims import diagnosed
from victims.models import Dossier
from victims.services import ticks
from victims.services.complaint_papers import paris


def plan_paper(dossier: Dossier) -> bytes:
    diagnosis = dossier.diagnosis
    limits = {action["id"]: action.get("deadline", "") for action in diagnosis.plan}
    first, later = diagnosed.gestures(diagnosis, done=ticks.done(dossier), now=diagnosis.created_at)

    def gesture(each: dict) -> dict:
        limit = limits[each["id"]]
        return {
            "text": plain(each["parts"]),
            "limit": limit[:1].upper() + limit[1:],
            "note": " · ".join(words for words in (each["who"], each["note"]) if words),
            "done": each["done"],
        }

    groups = [{"label": "À faire maintenant", "gestures": first}, *later]
    data = {
        "title": diagnosis.main_name,
        "kind": "",
        "printed": f"du {paris(diagnosis.created_at)}",
        "urgent": [],
        "groups": [
            {"title": group["label"], "gestures": [gesture(each) for each in group["gestures"]]}
            for group in groups
            if group["gestures"]
        ],
        "evidence": [],
        "doors": [{"title": door["title"], "reason": door["reason"], "contact": ""} for door in diagnosis.doors],
        "voices": [],
        "answers": [{"label": question, "value": answers} for question, answers in diagnosed.told(diagnosis)],
    }
    return documents.render("plan", data, moment=diagnosis.created_at)
