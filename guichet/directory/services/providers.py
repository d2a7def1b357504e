"""Apply, be vetted, be listed, suspended, expire: every change is dated, has a reason and leaves a line of audit."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.directory.enums import ALLOWED, ProviderState
from guichet.directory.models import Change, Provider, Skill, Zone
from guichet.directory.rulebook import CHARTER, RULE, VETTING
from guichet.lib.text import clean_text

SYSTEM = "système"
APPLICANT = "prestataire"


class Refused(Exception):
    """The text is for a person."""

    TEXTS = {
        "not-allowed": "Ce changement n’est pas possible depuis cet état.",
        "no-reason": "Écrivez la raison : elle reste avec le prestataire.",
        "not-vetted": "Toutes les vérifications doivent être faites avant de référencer.",
        "no-charter": "Ce prestataire n’a pas accepté la charte.",
        "no-skill": "Ce prestataire n’a aucune compétence.",
        "changed": "L’état a changé entre-temps. Relisez la fiche.",
    }

    def __init__(self, code: str):
        super().__init__(code)
        self.code, self.text = code, self.TEXTS[code]


@transaction.atomic
def apply(
    *,
    provider: Provider,
    skills: dict[str, int],
    departements: Iterable[str],
    actor: str = APPLICANT,
    now: datetime | None = None,
) -> Provider:
    """A company asks to be listed. It accepted the charter of that day."""
    now = now or timezone.now()
    provider.state, provider.state_at, provider.created_at = ProviderState.CANDIDATE, now, now
    provider.charter_version, provider.charter_at = CHARTER.version, now
    provider.full_clean()
    provider.save(force_insert=True)
    Skill.objects.bulk_create(Skill(provider=provider, kind=kind, level=level) for kind, level in skills.items())
    Zone.objects.bulk_create(Zone(provider=provider, departement=code) for code in sorted(set(departements)))
    _note(provider, "", "Candidature reçue.", actor, now)
    return provider


@transaction.atomic
def change_state(
    *, provider: Provider, to: ProviderState, reason: str, actor: str, now: datetime | None = None
) -> Provider:
    """Compare and set. Raises Refused."""
    now, reason = now or timezone.now(), clean_text(reason).strip()
    if to not in ALLOWED[ProviderState(provider.state)]:
        raise Refused("not-allowed")
    if not reason:
        raise Refused("no-reason")
    values = {"state": to, "state_at": now}
    if to == ProviderState.LISTED:
        _must_be_vetted(provider)
        values["listed_until"] = _end_of_listing(provider, now)
    before = provider.state
    if Provider.objects.filter(pk=provider.pk, state=before).update(**values) != 1:
        raise Refused("changed")
    for name, value in values.items():
        setattr(provider, name, value)
    _note(provider, before, reason, actor, now)
    return provider


def _must_be_vetted(provider: Provider) -> None:
    if not provider.charter_at:
        raise Refused("no-charter")
    if {check.id for check in VETTING.checks} - set(provider.checks):
        raise Refused("not-vetted")
    if not provider.skills.exists():
        raise Refused("no-skill")


def _end_of_listing(provider: Provider, now: datetime):
    """A suspension that is lifted does not lengthen the listing."""
    today = timezone.localdate(now)
    if provider.state == ProviderState.SUSPENDED and provider.listed_until and provider.listed_until > today:
        return provider.listed_until
    return today + timedelta(days=VETTING.listing_days)


def _note(provider: Provider, before: str, reason: str, actor: str, now: datetime) -> None:
    Change.objects.create(
        provider=provider, before=before, after=provider.state, reason=reason[:400], actor=actor, at=now
    )
    audit.record(
        actor=actor,
        verb="prestataire : état changé",
        target=f"prestataire:{provider.pk}",
        detail={"avant": before, "après": str(provider.state)},
        now=now,
    )


def expire_due(*, now: datetime | None = None) -> int:
    """Every night: a listing ends on its date. A label that ends weighs nothing from that day, by itself."""
    now, done = now or timezone.now(), 0
    due = Provider.objects.filter(
        state__in=(ProviderState.LISTED, ProviderState.SUSPENDED), listed_until__lt=timezone.localdate(now)
    )
    for provider in due:
        try:
            change_state(
                provider=provider,
                to=ProviderState.EXPIRED,
                reason="Fin du référencement.",
                actor=SYSTEM,
                now=now,
            )
        except Refused:  # changed by somebody meanwhile: seen again tomorrow
            continue
        done += 1
    return done


@transaction.atomic
def note_answer(*, provider_id: int, minutes: int) -> None:
    """How long an answer took; a request left without an answer counts as the whole time."""
    provider = Provider.objects.select_for_update().get(pk=provider_id)
    kept = [*provider.answers, max(0, minutes)][-RULE.answer.kept :]
    Provider.objects.filter(pk=provider_id).update(answers=kept)


@transaction.atomic
def note_rating(*, provider_id: int, rating: int) -> None:
    provider = Provider.objects.select_for_update().get(pk=provider_id)
    Provider.objects.filter(pk=provider_id).update(ratings=[*provider.ratings, rating][-200:])
