"""Services and units keep their row from one file to the next: agents and dossiers point at them."""

import datetime as dt
from collections.abc import Hashable
from typing import NamedTuple

from guichet.territory.loading.bulk import KEYS_AT_ONCE, batched
from guichet.territory.models import Service, Unit


class Outcome(NamedTuple):
    """Which row each key got, and the names of what moved."""

    rows: dict[Hashable, int]
    known: int
    added: list[str]
    changed: list[str]
    removed: list[str]


def write_organisations(
    model: type[Service] | type[Unit],
    wanted: dict[Hashable, NamedTuple],
    *,
    fields: tuple[str, ...],
    place: str,
    day: dt.date,
    **scope,
) -> Outcome:
    """Create, change, revive and end rows.

    `place` is the field that tells two organisations of one name apart where the source has no identifier.
    """
    before = {row["pk"]: row for row in model.objects.filter(**scope).values("pk", "ended_at", *fields)}
    kept = _pair(before, wanted, place)
    after = {pk: {"pk": pk, "ended_at": None, **wanted[key]._asdict()} for key, pk in kept.items()}
    changed = [pk for pk, row in after.items() if row != before[pk]]
    model.objects.bulk_update([model(**after[pk]) for pk in changed], ["ended_at", *fields], batch_size=KEYS_AT_ONCE)
    added = [key for key in wanted if key not in kept]
    created = model.objects.bulk_create([model(**wanted[key]._asdict()) for key in added])
    removed = [pk for pk, row in before.items() if row["ended_at"] is None and pk not in after]
    for batch in batched(removed):
        model.objects.filter(pk__in=batch).update(ended_at=day)
    return Outcome(
        rows=kept | dict(zip(added, (row.pk for row in created), strict=True)),
        known=sum(row["ended_at"] is None for row in before.values()),
        added=[wanted[key].name for key in added],
        changed=[after[pk]["name"] for pk in changed],
        removed=[before[pk]["name"] for pk in removed],
    )


def _pair(before: dict[int, dict], wanted: dict[Hashable, NamedTuple], place: str) -> dict[Hashable, int]:
    """By official identifier first, then by name and place: an identifier may appear, vanish or change."""
    by_id = {(row["institution"], row["official_id"]): pk for pk, row in before.items() if row["official_id"]}
    by_name = {(row["institution"], row["folded"], row[place]): pk for pk, row in before.items()}
    kept = {}
    for key, row in wanted.items():
        pk = by_id.get((row.institution, row.official_id)) if row.official_id else None
        if pk is not None:
            kept[key] = pk
    taken = set(kept.values())
    for key, row in wanted.items():
        pk = by_name.get((row.institution, row.folded, getattr(row, place)))
        if key not in kept and pk is not None and pk not in taken:
            kept[key] = pk
            taken.add(pk)
    return kept
