"""Each opening of a dossier or a conversation by an agent leaves one line that the victim can see."""

from datetime import datetime, timedelta

from django.utils import timezone

from guichet.audit import services as audit
from guichet.audit.models import Line
from victims.models import Dossier

SAME_OPENING = timedelta(minutes=15)


def note_reading(*, agent, verb: str, dossier: Dossier, target: str, now: datetime | None = None) -> bool:
    """True when a line was added. A page refreshed, a socket that comes back: within a while, the same opening."""
    now = now or timezone.now()
    already = Line.objects.filter(
        chain=dossier.chain, actor=agent.audit_name, verb=verb, target=target, at__gt=now - SAME_OPENING
    )
    if already.exists():
        return False
    audit.record(actor=agent.audit_name, verb=verb, chain=dossier.chain, target=target, now=now)
    return True
