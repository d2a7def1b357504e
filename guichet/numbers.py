"""Every help number of the published content, by what one needs: who answers, and when."""

import functools
from dataclasses import dataclass

from diagnostic.catalogue import Channel
from diagnostic.content import published

GROUPS = (
    ("urgence", "En danger, tout de suite"),
    ("ecoute", "Parler à quelqu’un"),
    ("banque", "Bloquer un paiement"),
    ("conseil", "Être conseillé"),
    ("signalement", "Signaler"),
    ("technique", "Entreprises et collectivités"),
)
VOICES = ("3114", "3018", "119", "116006")


@dataclass(frozen=True, slots=True)
class Voice:
    """A channel that can be called or texted, as `components/_directory.html` shows it."""

    number: str
    tel: str
    name: str
    purpose: str
    hours: str
    contact: str
    limits: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    voices: tuple[Voice, ...]


def _voice(channel: Channel) -> Voice:
    """« 3018 – Violences numériques » gives the number and the name; else the number is the one the contact links."""
    first, _, rest = channel.name.partition(" – ")
    linked = next((words for words, link in channel.contact if link), channel.tel.partition(":")[2])
    numbered = first.replace(" ", "").isdigit()
    number = first if numbered else linked
    contact = "".join(words for words, _ in channel.contact)
    return Voice(
        number=number,
        tel=channel.tel,
        name=rest if numbered else channel.name,
        purpose=channel.purpose,
        hours=channel.hours,
        contact="" if contact == number else contact,
        limits=channel.limits,
        url=channel.url,
    )


@functools.cache
def _groups(version: str) -> tuple[Group, ...]:
    callable_now = [channel for channel in published().channels.values() if channel.tel]
    known = {kind for kind, _ in GROUPS}
    found = [Group(title, tuple(_voice(c) for c in callable_now if c.kind == kind)) for kind, title in GROUPS]
    found.append(Group("Autres services", tuple(_voice(c) for c in callable_now if c.kind not in known)))
    return tuple(group for group in found if group.voices)


def groups() -> tuple[Group, ...]:
    """Only what can be called or texted from here; emergency and listening first."""
    return _groups(published().version)


def voices() -> tuple[Voice, ...]:
    """Those who listen, for the home page."""
    channels = published().channels
    return tuple(_voice(channels[key]) for key in VOICES if key in channels)
