"""What the house proposes to editors by itself: a draft about a surge. It is never published by itself."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from diagnostic.prevention.enums import Level
from diagnostic.prevention.library import library
from diagnostic.prevention.services import draft_announcement
from guichet.audit import services as audit
from guichet.observatory import watch
from guichet.observatory.disclosure import published
from guichet.territory.departements import DEPARTEMENTS, departement_name

SYSTEM = "système"
SHOWN = timedelta(days=14)


def propose(*, now: datetime | None = None) -> int:
    """How many new drafts. Every hour."""
    now = now or timezone.now()
    return sum(_draft(seen, now) for seen in watch.look(now=now))


@transaction.atomic
def _draft(seen: watch.Seen, now: datetime) -> bool:
    found = library()
    if seen.threat not in found.catalogue.threats or not watch.keep(seen, now=now):
        return False
    threat, here = found.catalogue.threats[seen.threat], seen.place in DEPARTEMENTS
    sheet = found.texts.sheets.get(seen.threat)
    where = f" ({departement_name(seen.place)})" if here else ""
    lines = [threat.definition, "", *(f"- {each}" for each in (sheet.avoid if sheet else ()))]
    draft = draft_announcement(
        title=f"{threat.name} : plus de cas que d’habitude{where}"[:120],
        summary=f"Environ {published(seen.observed)} demandes en un jour. Brouillon proposé par le guichet : à relire."[
            :300
        ],
        body="\n".join(lines).strip(),
        level=Level.ATTENTION,
        departements=[seen.place] if here else [],
        threats=[seen.threat],
        starts_at=now,
        ends_at=now + SHOWN,
    )
    detail = {"vus": seen.observed, "attendus": round(seen.expected, 2), "brouillon": str(draft.pk)}
    audit.record(actor=SYSTEM, verb="afflux signalé", target=f"{seen.threat}/{seen.place or 'France'}", detail=detail)
    return True
