"""One item in the words of each who may read it: the person, a relative who helps, somebody under 18."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from diagnostic import schema
from diagnostic.catalogue import Action, DoorRule, Page, Threat, Urgent
from diagnostic.conditions import Condition

Item = TypeVar("Item", Action, DoorRule, Page, Threat, Urgent)


def voiced(item: Item, changes: Mapping[str, Mapping[str, Any]]) -> Item:
    """`item`, which knows its wording for each voice; `changes`: voice -> what reads otherwise."""
    return replace(item, voices={voice: replace(item, **changed) for voice, changed in changes.items()})


def urgent_of(key: str, spec: schema.UrgentSpec, link: Callable) -> Urgent:
    def said(title: str, text: str) -> dict[str, Any]:
        return {"title": title, "title_parts": link(title), "parts": link(text)}

    item = Urgent(key, spec.level, **said(spec.title, spec.text))
    return voiced(item, {v: said(w.title or spec.title, w.text or spec.text) for v, w in spec.words.items()})


def page_of(key: str, spec: schema.PageSpec, link: Callable) -> Page:
    def lines(said: tuple[str, ...]) -> tuple:
        return tuple(link(line) for line in said)

    item = Page(key, spec.title, lines(spec.lines), spec.channels)
    return voiced(
        item,
        {
            voice: {"title": said.title or spec.title, "lines": lines(said.lines or spec.lines)}
            for voice, said in spec.words.items()
        },
    )


def door_of(spec: schema.DoorSpec, first: Condition | None, beside: Condition | None) -> DoorRule:
    title, reason = spec.title_fr or "", spec.reason_fr
    item = DoorRule(spec.id, spec.channel, first, beside, title, reason, spec.beside_fr or reason)
    return voiced(
        item,
        {
            voice: {
                "title": said.title_fr or title,
                "reason": said.reason_fr or reason,
                "beside_reason": said.beside_fr or spec.beside_fr or said.reason_fr or reason,
            }
            for voice, said in spec.words.items()
        },
    )


def action_words(spec: schema.ActionSpec, settings: schema.SettingsSpec, link: Callable) -> dict[str, dict[str, Any]]:
    """voice -> what the action and « qui » read as, when they change."""
    found: dict[str, dict[str, Any]] = {}
    for voice, text in spec.words.items():
        found.setdefault(voice, {}).update(text=text, parts=link(text))
    for voice, labels in settings.who_words.items():
        if spec.by_fr in labels:
            found.setdefault(voice, {})["who"] = labels[spec.by_fr]
    return found
