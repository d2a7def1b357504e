"""Add to the journal, and prove that nobody changed it.

Each line's digest covers its content and the digest before it; the chain's head counts them. So a line edited,
dropped, swapped or cut off at the end is told by `verify`. No personal word goes in: ids, verbs, counts.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guichet.audit.models import Chain, Line

HOUSE = "maison"


def _digest(previous: str, line: Line) -> str:
    content = [line.position, line.at.isoformat(), line.actor, line.verb, line.target, line.detail]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()


@transaction.atomic
def record(
    *,
    actor: str,
    verb: str,
    target: str = "",
    chain: str = HOUSE,
    detail: dict | None = None,
    now: datetime | None = None,
) -> Line:
    """`actor` is « agent:12 », « victime » or « système »; `chain` is the dossier's id, or the house."""
    Chain.objects.get_or_create(name=chain)
    head = Chain.objects.select_for_update().get(name=chain)
    line = Line(
        chain=head,
        position=head.length + 1,
        at=now or timezone.now(),
        actor=actor,
        verb=verb,
        target=target,
        detail=detail or {},
    )
    line.digest = _digest(head.head, line)
    line.save(force_insert=True)
    Chain.objects.filter(name=chain).update(length=line.position, head=line.digest)
    return line


def verify(chain: str) -> str:
    """Empty when the chain holds; otherwise what is wrong and where, in French."""
    head = Chain.objects.get(name=chain)
    previous, expected = "", 0
    for line in head.lines.order_by("position").iterator():
        expected += 1
        if line.position != expected:
            return f"{chain} : il manque la ligne {expected}."
        if line.digest != _digest(previous, line):
            return f"{chain} : la ligne {expected} a été changée."
        previous = line.digest
    if expected != head.length or previous != head.head:
        return f"{chain} : la fin du journal manque."
    return ""


def verify_all() -> Iterator[str]:
    for name in Chain.objects.values_list("name", flat=True).iterator():
        if problem := verify(name):
            yield problem
