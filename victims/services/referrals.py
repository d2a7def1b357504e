"""A victim asks providers: who may be asked, what each is told, and what the victim does afterwards.

Before a provider accepts it knows what is broken and where, by département: no name, no commune, no word typed. Of the
author, and of what was paid or said, it never knows anything: only the facts listed in the rule of the draw are told.
"""

import json
import secrets
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from diagnostic import content
from guichet.audit import services as audit
from guichet.directory.enums import Mode, ProviderState
from guichet.directory.models import Provider
from guichet.directory.rulebook import RULE
from guichet.directory.services import draws, providers
from guichet.lib import crypto
from guichet.observatory.services import count
from guichet.territory.departements import DEPARTEMENTS
from victims.enums import ReferralState
from victims.models import Dossier, Referral, Shortlist
from victims.services import referral_mail
from victims.services.dossiers import VICTIM, touch

AT_ONCE = 20
OPEN = (ReferralState.ASKED, ReferralState.ACCEPTED)
READABLE = (ProviderState.LISTED, ProviderState.EXPIRED)
OVER = (ReferralState.REPORTED, ReferralState.ENDED, ReferralState.WITHDRAWN)


class Refused(Exception):
    """The text is for a person."""

    TEXTS = {
        "not-offered": "Pour cette situation, aucun prestataire n’est proposé.",
        "too-many": f"Au plus {RULE.picks} prestataires à la fois. Arrêtez une demande pour en faire une autre.",
        "none": "Choisissez au moins un prestataire.",
        "taken": "L’un de ces prestataires vient de prendre d’autres demandes. Choisissez encore.",
        "late": "Le délai pour répondre est passé. Cette demande n’est plus pour vous.",
        "closed": "Cette demande est terminée : rien ne peut plus y être ajouté.",
        "accepted": "Vous avez déjà accepté cette demande. Pour ne plus aider, écrivez-le à la personne.",
        "declined": "Vous avez déjà refusé cette demande.",
        "reported": "Vous avez déjà remis votre compte rendu.",
        "withdrawn": "La personne a arrêté cette demande.",
        "unread": "Ce prestataire est suspendu : il ne lirait pas votre message.",
        "suspended": "Votre référencement est suspendu : cette demande n’est plus lisible ici.",
        "empty": "Écrivez votre message.",
        "rated": "Vous avez déjà donné votre note.",
        "disputed": "Un différend est déjà ouvert : un administrateur va le lire.",
        "answered": "Une réponse est déjà donnée à ce différend.",
    }

    def __init__(self, code: str):
        super().__init__(code)
        self.code, self.text = code, self.TEXTS[code]


def threat_of(diagnosis) -> str:
    """The threat that a provider would repair, or nothing: none where there is nothing to repair, or a danger."""
    if diagnosis.severity <= 1 or set(diagnosis.facts) & set(RULE.never_with_facts):
        return ""
    known = content.published().threats
    return next((key for key in diagnosis.threats if key in known and known[key].provider), "")


def is_offered(dossier: Dossier) -> bool:
    """In an exercise nobody outside is disturbed."""
    return not dossier.exercise and not dossier.erased_at and bool(threat_of(dossier.diagnosis))


def held() -> Counter:
    """The open requests of each provider that has some."""
    return Counter(Referral.objects.filter(state__in=OPEN).values_list("provider", flat=True))


@transaction.atomic
def shortlist_of(*, dossier: Dossier, mode: str, now: datetime | None = None) -> Shortlist:
    """The draw of this dossier for this kind of help: asked for again, it stays the same as long as the rule says."""
    now = now or timezone.now()
    if not is_offered(dossier):
        raise Refused("not-offered")
    Dossier.objects.select_for_update().get(pk=dossier.pk)
    lists = dossier.shortlists.filter(mode=mode)
    recent = lists.filter(made_at__gt=now - timedelta(days=RULE.draw_days)).select_related("draw").first()
    if recent and recent.draw.order:
        return recent
    asked = draws.Asked(
        threat=threat_of(dossier.diagnosis),
        audience=dossier.diagnosis.audience,
        mode=mode,
        commune=dossier.commune,
        held=held(),
    )
    made = draws.draw(asked=asked, seed=secrets.token_hex(16), now=now)
    if recent:  # nobody could be drawn then: somebody may be able to now
        recent.delete()
    return Shortlist.objects.create(dossier=dossier, draw=made, mode=mode, made_at=now)


def proposed(shortlist: Shortlist) -> list[Provider]:
    """The first of the draw that may still be asked: whoever was asked, left or is full gives place to the next."""
    asked = set(shortlist.dossier.referrals.values_list("provider", flat=True))
    waiting = [number for number in shortlist.draw.order if number not in asked]
    known, busy, free = Provider.objects.listed().select_related("commune").prefetch_related("zones"), held(), []
    for place in range(0, len(waiting), AT_ONCE):
        listed = known.in_bulk(waiting[place : place + AT_ONCE])
        free += [listed[n] for n in waiting[place : place + AT_ONCE] if n in listed and busy[n] < listed[n].capacity]
        if len(free) >= RULE.shown:
            break
    return free[: RULE.shown]


def room(dossier: Dossier) -> int:
    """How many more may be asked now: one that is suspended keeps no place."""
    return max(0, RULE.picks - dossier.referrals.filter(state__in=OPEN, provider__state__in=READABLE).count())


def brief_of(dossier: Dossier, mode: str) -> list[list[str]]:
    """Label and value, exactly what a provider reads before it answers."""
    diagnosis, known = dossier.diagnosis, content.published()
    names = dict(zip(diagnosis.threats, diagnosis.threat_names, strict=True))
    told = [key for key in RULE.told_facts if key in diagnosis.facts and key in known.facts]
    broken = "\n".join(known.facts[key].label_for(diagnosis.audience) for key in told)
    code = dossier.commune.departement if dossier.commune else ""
    place = f"{DEPARTEMENTS[code][0]} ({code})" if code in DEPARTEMENTS else "Pas indiqué"
    return [
        ["Problème", names[threat_of(diagnosis)]],
        ["Gravité", f"{diagnosis.severity} sur 4"],
        ["Qui demande", known.audience_labels.get(diagnosis.audience, diagnosis.audience)],
        ["Département", place],
        ["Aide voulue", str(Mode(mode).label)],
        ["Ce qui est touché", broken or "Pas précisé"],
    ]


@transaction.atomic
def ask(
    *,
    shortlist: Shortlist,
    chosen: Iterable[int],
    contact: dict[str, str],
    now: datetime | None = None,
) -> list[Referral]:
    """Sends a request to each one chosen, all or none. `contact` opens only to who accepts. Raises Refused."""
    now, chosen = now or timezone.now(), set(chosen)
    dossier = Dossier.objects.select_for_update().get(pk=shortlist.dossier_id)
    if not chosen:
        raise Refused("none")
    if not is_offered(dossier):
        raise Refused("not-offered")
    if len(chosen) > room(dossier):
        raise Refused("too-many")
    list(Provider.objects.select_for_update().filter(pk__in=chosen).order_by("pk"))
    shown = {provider.pk: provider for provider in proposed(shortlist)}
    if chosen - set(shown):
        raise Refused("taken")
    made = [_send(dossier, shortlist, shown[number], contact, now) for number in sorted(chosen)]
    touch(dossier=dossier)
    referral_mail.owed(made)
    return made


def _send(dossier: Dossier, shortlist: Shortlist, provider: Provider, contact: dict[str, str], now) -> Referral:
    referral = Referral(
        dossier=dossier,
        shortlist=shortlist,
        provider=provider,
        asked_at=now,
        touched_at=now,
        due_at=now + timedelta(minutes=RULE.answer_minutes),
        owed_mail="demande",
    )
    referral.sealed_brief = _sealed(referral, "sealed_brief", brief_of(dossier, shortlist.mode))
    referral.sealed_contact = _sealed(referral, "sealed_contact", contact)
    referral.save(force_insert=True)
    note(referral, VICTIM, "prestataire demandé")
    count("provider_asked", shortlist.draw.asked["threat"], exercise=dossier.exercise)
    return referral


def _sealed(referral: Referral, column: str, value) -> bytes:
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return crypto.seal(referral.dossier.key, plain, bound=referral.bound(column))


def opened(referral: Referral, column: str):
    """What is sealed there, or nothing. Raises crypto.CannotOpen once the dossier is erased."""
    blob = getattr(referral, column)
    return json.loads(crypto.unseal(referral.dossier.key, blob, bound=referral.bound(column))) if blob else None


def sealed_findings(referral: Referral, findings: dict) -> bytes:
    return _sealed(referral, "sealed_report", findings)


def note(referral: Referral, actor: str, verb: str) -> None:
    audit.record(
        actor=actor,
        verb=verb,
        chain=referral.dossier.chain,
        target=str(referral.pk),
        detail={"prestataire": referral.provider_id},
    )


def locked(referral: Referral) -> Referral:
    found = Referral.objects.select_for_update(of=("self",)).select_related("dossier", "dossier__diagnosis", "provider")
    return found.get(pk=referral.pk)


@transaction.atomic
def withdraw(*, referral: Referral, now: datetime | None = None) -> Referral:
    """The victim stops it, twice is once: the provider's link shows nothing of the dossier any more. Raises Refused."""
    referral, now = locked(referral), now or timezone.now()
    if referral.state == ReferralState.WITHDRAWN:
        return referral
    if not referral.is_open:
        raise Refused("closed")
    referral.state, referral.ended_at, referral.touched_at = ReferralState.WITHDRAWN, now, now
    referral.owed_mail = "fin"
    referral.save(update_fields=["state", "ended_at", "touched_at", "owed_mail"])
    note(referral, VICTIM, "demande à un prestataire arrêtée")
    touch(dossier=referral.dossier)
    referral_mail.owed([referral])
    return referral


def is_rateable(referral: Referral) -> bool:
    return referral.answered_at is not None and referral.state in OVER


@transaction.atomic
def rate(*, referral: Referral, rating: int) -> Referral:
    """Once, when the help that was accepted is over. Its mean is told from five notes on. Raises Refused."""
    referral = locked(referral)
    if not is_rateable(referral):
        raise Refused("closed")
    if referral.rating is not None:
        raise Refused("rated")
    referral.rating = rating
    referral.save(update_fields=["rating"])
    providers.note_rating(provider_id=referral.provider_id, rating=rating)
    note(referral, VICTIM, "prestataire noté")
    count("provider_rating", str(rating), exercise=referral.dossier.exercise)
    return referral


def is_readable(referral: Referral) -> bool:
    """By its provider: one that is suspended or refused reads nothing more; a listing that just ended may finish."""
    return referral.provider.state in READABLE
