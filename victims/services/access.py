"""The browser's key to one dossier: a random token in a cookie, only its hash in the database, ended by « Quitter »."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from guichet.audit import services as audit
from victims.models import Access, Companion, Dossier

COOKIE = settings.COOKIE_PREFIX + "dossier"
LIFETIME = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=5)


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def grant_access(*, dossier: Dossier, companion: Companion | None = None) -> str:
    """A fresh token for this browser; the caller puts it in the cookie with `keep`."""
    token = secrets.token_urlsafe(32)
    Access.objects.create(dossier=dossier, companion=companion, token_hash=_hashed(token))
    actor = companion.audit_name if companion else "victime"
    audit.record(actor=actor, verb="accès ouvert", chain=dossier.chain, target=dossier.reference)
    return token


def keep(response: HttpResponse, token: str) -> None:
    """A session cookie: gone when the browser closes, never readable by a script."""
    response.set_cookie(COOKIE, token, secure=settings.HTTPS, httponly=True, samesite="Lax", path="/")


def access_of_token(token: str, *, companions: bool = False) -> Access | None:
    """The open access of this token with its dossier, or None: unknown, ended, too old, or dossier erased.

    A companion's opens only the pages that say so: the victim's voice in the tchat is never theirs.
    """
    if not token or len(token) > 100:
        return None
    access = (
        Access.objects.select_related("dossier", "dossier__diagnosis", "dossier__commune", "companion")
        .filter(token_hash=_hashed(token), ended_at=None, created_at__gt=timezone.now() - LIFETIME)
        .first()
    )
    if access is None or access.dossier.erased_at or (access.companion_id and not companions):
        return None
    if timezone.now() - access.seen_at > SEEN_EVERY:
        Access.objects.filter(pk=access.pk).update(seen_at=timezone.now())
    return access


def still_open(access_ids: set[int]) -> set[int]:
    """Which of these accesses still open their dossier: one statement for all the sockets of a process."""
    return set(
        Access.objects.filter(
            pk__in=access_ids, ended_at=None, created_at__gt=timezone.now() - LIFETIME, dossier__erased_at=None
        ).values_list("pk", flat=True)
    )


def dossier_of(request: HttpRequest) -> Dossier | None:
    access = access_of_token(request.COOKIES.get(COOKIE, ""))
    return access.dossier if access else None


def end_access(request: HttpRequest) -> None:
    """« Quitter vite » and « Fermer mon dossier »: this browser's token opens nothing any more."""
    access = access_of_token(request.COOKIES.get(COOKIE, ""), companions=True)
    if access and Access.objects.filter(pk=access.pk, ended_at=None).update(ended_at=timezone.now()):
        actor = access.companion.audit_name if access.companion else "victime"
        audit.record(actor=actor, verb="accès fermé", chain=access.dossier.chain, target=access.dossier.reference)
