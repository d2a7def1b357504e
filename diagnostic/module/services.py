"""Partners of the module: asked for by anybody, activated by an administrator; and what is counted of them."""

import logging
import secrets
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.db.models import OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.text import slugify

from diagnostic.module.exceptions import TooManyWaiting
from diagnostic.module.models import Partner, PartnerQuerySet
from diagnostic.module.origins import origins_of
from guichet.audit import services as audit
from guichet.observatory.disclosure import published
from guichet.observatory.models import Count
from guichet.observatory.services import count_all

BEGUN, ONWARD = "module", "module-suite"
# The frame that our own page shows: no partner may bear this name.
PREVIEW = "apercu"
# Below twenty journeys in a month, the visitors of a small site (a school, an association) could be guessed.
SHOWN_FROM = 20
MOST_WAITING = 300
WAITING_LIFE = timedelta(days=180)
ASKED_BY = "site"
log = logging.getLogger("guichet.diagnostic")


def framing_origins(slug: str) -> tuple[str, ...] | None:
    """The origins that may frame the module for this partner, in one statement; None: nobody may."""
    text = Partner.objects.active().filter(slug=slug).values_list("origins", flat=True).first()
    if text is None:
        return None
    try:
        return origins_of(text)
    except ValidationError:
        log.warning("module: origins of a partner are not valid")
        return None


@transaction.atomic
def ask_partner(*, name: str, origins: str, contact: str, notes: str = "", now: datetime | None = None) -> Partner:
    """A request that waits for an administrator. Those that nobody answered are forgotten after six months."""
    now = now or timezone.now()
    Partner.objects.waiting().filter(created_at__lt=now - WAITING_LIFE).delete()
    if Partner.objects.waiting().count() >= MOST_WAITING:
        raise TooManyWaiting
    return _create(slug=_free_slug(name), name=name, origins=origins, contact=contact, notes=notes, actor=ASKED_BY)


@transaction.atomic
def add_partner(*, slug: str, name: str, origins: str, contact: str, actor: str) -> Partner:
    """A partner that an administrator adds, active at once."""
    partner = _create(slug=slug, name=name, origins=origins, contact=contact, notes="", actor=actor)
    activate(partner, actor=actor)
    return partner


def _create(*, origins: str, actor: str, **fields) -> Partner:
    partner = Partner(origins="\n".join(origins_of(origins)), **fields)
    partner.full_clean()
    if partner.slug == PREVIEW:
        raise ValidationError(f"« {PREVIEW} » est pris par la page du module.")
    partner.save(force_insert=True)
    audit.record(actor=actor, verb="module demandé", target=f"partenaire:{partner.pk}")
    return partner


def _free_slug(name: str) -> str:
    base = slugify(name)[:40].strip("-") or "site"
    if base != PREVIEW and not Partner.objects.filter(slug=base).exists():
        return base
    return f"{base}-{secrets.token_hex(4)}"


@transaction.atomic
def activate(partner: Partner, *, actor: str, now: datetime | None = None) -> bool:
    """False when it was active already."""
    changed = Partner.objects.filter(pk=partner.pk, active=False).update(
        active=True, activated_at=now or timezone.now()
    )
    if changed:
        audit.record(actor=actor, verb="module activé", target=f"partenaire:{partner.pk}")
    return bool(changed)


@transaction.atomic
def deactivate(partner: Partner, *, actor: str) -> bool:
    """The very next frame is refused. False when it was not active."""
    changed = Partner.objects.filter(pk=partner.pk, active=True).update(active=False)
    if changed:
        audit.record(actor=actor, verb="module retiré", target=f"partenaire:{partner.pk}")
    return bool(changed)


# --- counts -------------------------------------------------------------------------------------------
def count(pairs: list[tuple[str, str]]) -> None:
    """One statement. A database that does not answer never hides a question."""
    try:
        count_all(pairs)
    except DatabaseError:
        log.warning("module: not counted")


def with_counts(partners: PartnerQuerySet, today: date) -> PartnerQuerySet:
    """Each with its journeys begun `this_month` and the `previous_month`."""
    first, this = last_month(today)
    return partners.annotate(this_month=_begun(day__gte=this), previous_month=_begun(day__gte=first, day__lt=this))


def _begun(**days: date) -> Coalesce:
    rows = Count.objects.filter(key=BEGUN, value=OuterRef("slug"), **days).order_by().values("value")
    return Coalesce(Subquery(rows.annotate(total=Sum("n")).values("total")), 0)


def last_month(today: date) -> tuple[date, date]:
    """(first day of the month before, first day of this one)."""
    this = today.replace(day=1)
    return (this - timedelta(days=1)).replace(day=1), this


def public_counts(today: date) -> list[tuple[str, int]]:
    """(name, journeys) of the month before, for the active partners at or above the threshold, the most first: rounded
    as every published figure."""
    shown = with_counts(Partner.objects.active(), today).filter(previous_month__gte=SHOWN_FROM)
    found = [(name, published(n)) for name, n in shown.values_list("name", "previous_month")]
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))
