"""What was typed in a complaint, as labels and values: the recap, the console and the paper read the same."""

from victims.complaint_form import Question, Section
from victims.diagnosed import scene_of, sections_of


def blocks_of(diagnosis, typed: dict, sections=None) -> list[dict]:
    """[{id, title, groups: [{title, rows: [{label, value}]}]}]: what was filled in; a blank block has no group."""
    scene = scene_of(diagnosis)
    return [
        {"id": section.id, "title": section.title_fr, "groups": _groups(section, scene, typed.get(section.id, {}))}
        for section in (sections_of(diagnosis) if sections is None else sections)
    ]


def _groups(section: Section, scene, stored: dict) -> list[dict]:
    groups = [{"title": "", "rows": _rows(section.asked(scene), stored)}]
    if section.repeat:
        for at, row in enumerate(stored.get(section.repeat.id, []), start=1):
            groups.append({"title": f"{section.repeat.title_fr} {at}", "rows": _rows(section.repeat.fields, row)})
    return [group for group in groups if group["rows"]]


def _rows(questions, stored: dict) -> list[dict]:
    values = [(question.label_fr, shown(question, stored.get(question.id, ""))) for question in questions]
    return [{"label": label, "value": value} for label, value in values if value]


def shown(question: Question, value: str) -> str:
    if question.kind == "choice":
        return question.choices.get(value, "")
    if question.kind == "check":
        return "Oui" if value else ""
    return value


def differences(section: Section, scene, stored: dict, typed: dict) -> list[dict]:
    """Field by field, what is saved and what was just typed, where they are not the same."""
    rows = [(question, stored, typed, "") for question in section.asked(scene)]
    if section.repeat:
        before, after = stored.get(section.repeat.id, []), typed.get(section.repeat.id, [])
        for at in range(max(len(before), len(after))):
            old, new = (each[at] if at < len(each) else {} for each in (before, after))
            title = f"{section.repeat.title_fr} {at + 1} : "
            rows += [(question, old, new, title) for question in section.repeat.fields]
    return [
        {
            "label": prefix + question.label_fr,
            "stored": shown(question, old.get(question.id, "")),
            "typed": shown(question, new.get(question.id, "")),
        }
        for question, old, new, prefix in rows
        if old.get(question.id, "") != new.get(question.id, "")
    ]
