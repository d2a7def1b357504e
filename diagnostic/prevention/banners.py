"""Announcements above the pages of the guichet and of the module: what circulates now, with a way to read it."""

from datetime import datetime

from django.urls import reverse

from diagnostic.prevention import current
from diagnostic.prevention.current import Notice
from diagnostic.prevention.enums import Level
from guichet.territory.departements import departement_name

MOST = 2
LOUD = (Level.URGENT, Level.ATTENTION)


def everywhere(now: datetime) -> list[dict]:
    """For who has said nothing yet: what concerns all of France and is more than an information."""
    found = [each for each in current.shown(now) if each.level in LOUD and not each.departements]
    return [_banner(notice) for notice in found[:MOST]]


def about(threat: str, now: datetime) -> list[dict]:
    """What names this very thing, wherever it is: the place is said."""
    found = [each for each in current.shown(now, threat=threat) if threat in each.threats]
    return [_banner(notice) for notice in found[:MOST]]


def _banner(notice: Notice) -> dict:
    return {
        "title": notice.title,
        "text": notice.summary,
        "level": notice.level,
        "where": ", ".join(map(departement_name, notice.departements)),
        "href": reverse("prevention:alert", args=[notice.id]),
    }
