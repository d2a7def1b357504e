"""Every help number of the published content, by what one needs: who answers, and when."""

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


@dataclass(frozen=True, slots=True)
class Group:
    title: str
    channels: tuple[Channel, ...]


def groups() -> tuple[Group, ...]:
    """Only what can be called or texted from here; emergency and listening first."""
    callable_now = [channel for channel in published().channels.values() if channel.tel]
    known = {kind for kind, _ in GROUPS}
    found = [Group(title, tuple(c for c in callable_now if c.kind == kind)) for kind, title in GROUPS]
    found.append(Group("Autres services", tuple(c for c in callable_now if c.kind not in known)))
    return tuple(group for group in found if group.channels)


VOICES = ("3114", "3018", "119", "116006")


def voices() -> tuple[Channel, ...]:
    """Those who listen, for the home page."""
    channels = published().channels
    return tuple(channels[key] for key in VOICES if key in channels)
