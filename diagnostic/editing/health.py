"""Does this software still read what is published? Asked by `manage.py doctor`, after an upgrade above all."""

import json

from diagnostic import content
from diagnostic.editing import guard, live
from diagnostic.exceptions import ContentError
from diagnostic.models import State, TreeVersion


class Unreadable(LookupError):
    """The published version does not open here; the message says what is served instead, and the way out."""


def published() -> str:
    """One line for the operator; raises `Unreadable`."""
    row = TreeVersion.objects.filter(state=State.PUBLISHED).first()
    if row is None:
        return f"contenu livré avec le logiciel ({content.from_files().version})"
    try:
        live.compile_row(row)
    except Exception as error:  # whatever it is, the watch has refused this version too
        raise Unreadable(
            f"la version publiée {row.number} ({row.label}) ne s'ouvre pas avec ce logiciel : {_first(error)}. "
            f"Servi à sa place : le contenu livré ({content.from_files().version}). "
            "Publier une version corrigée : tree publish --files, ou /admin/"
        ) from error
    added = sorted(set(guard.SECTIONS) - set(json.loads(row.document)))
    more = f", complétée par le contenu livré : {', '.join(added)}" if added else ""
    return f"version {row.number} ({row.label}){more}"


def _first(error: Exception) -> str:
    if not isinstance(error, ContentError):
        return type(error).__name__
    others = len(error.problems) - 1
    return f"{error.problems[0]}{f' (et {others} autres)' if others else ''}"
