"""The desks that dispatch names exist, always: a database without one of them could not receive a victim."""

from tchat.enums import DeskKind

NAMED = (
    ("police", "Tchat de la police", DeskKind.FORCE, "PN"),
    ("gendarmerie", "Tchat de la gendarmerie", DeskKind.FORCE, "GN"),
    ("specialise", "Tchat spécialisé", DeskKind.SPECIAL, ""),
    ("commun", "Tchat commun aux deux forces", DeskKind.SHARED, ""),
)


def ensure(**kwargs) -> None:
    """After every migration and every flush. A desk that an administrator renamed keeps its name."""
    from tchat.models import Desk

    for slug, name, kind, institution in NAMED:
        Desk.objects.get_or_create(slug=slug, defaults={"name": name, "kind": kind, "institution": institution})
