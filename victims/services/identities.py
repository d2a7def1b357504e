"""The identity of a dossier's person: declared in the complaint, then verified online or by an agent at the unit.

What was verified never replaces what was typed: it fills the blanks of a draft, and stands beside it on the paper.
"""

import functools
import json
import secrets
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib import crypto
from guichet.lib.openid import Provider, Refused, Verified, challenge_of
from guichet.observatory.services import count
from guichet.territory.models import Commune
from victims import rules
from victims.enums import ComplaintState, IdentitySource
from victims.models import Access, Complaint, Dossier, Identity, IdentityRequest
from victims.services import blocks
from victims.services.dossiers import VICTIM
from victims.states import Refused as NotAllowed

LIFE = timedelta(minutes=10)
FRANCE, SEXES = "99100", {"female": "femme", "male": "homme"}
SHOWN = (
    ("birth_name", "Nom de naissance"),
    ("usual_name", "Nom d'usage"),
    ("first_names", "Prénoms"),
    ("birth_date", "Date de naissance"),
    ("birth_place", "Lieu de naissance"),
)


@functools.lru_cache(maxsize=4)
def _provider(issuer: str, client_id: str, client_secret: str, level: str) -> Provider:
    return Provider(issuer=issuer, client_id=client_id, client_secret=client_secret, level=level)


def provider() -> Provider | None:
    """The provider of the settings; None when there is none, which is the default."""
    if not (settings.GUICHET_OIDC_ISSUER and settings.GUICHET_OIDC_CLIENT_ID and settings.GUICHET_OIDC_CLIENT_SECRET):
        return None
    return _provider(
        settings.GUICHET_OIDC_ISSUER,
        settings.GUICHET_OIDC_CLIENT_ID,
        settings.GUICHET_OIDC_CLIENT_SECRET,
        settings.GUICHET_OIDC_LEVEL,
    )


def begin(*, dossier: Dossier, access: Access, redirect_uri: str, now: datetime | None = None) -> str:
    """Where to send this browser. Raises Refused when the provider is away."""
    state, nonce = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    verifier = secrets.token_urlsafe(64)
    address = provider().authorize_url(
        redirect_uri=redirect_uri, state=state, nonce=nonce, challenge=challenge_of(verifier)
    )
    request = IdentityRequest(dossier=dossier, access=access, state_mark=_mark(state), created_at=now or timezone.now())
    request.sealed_nonce = crypto.seal(dossier.key, nonce, bound=request.bound)
    request.sealed_verifier = crypto.seal(dossier.key, verifier, bound=request.verifier_bound)
    request.save(force_insert=True)
    return address


def finish(
    *, access: Access, state: str, code: str, redirect_uri: str, now: datetime | None = None
) -> tuple[Identity, Verified]:
    """What came back, believed once, for the browser that asked. Raises Refused."""
    now, dossier = now or timezone.now(), access.dossier
    waiting = IdentityRequest.objects.filter(
        state_mark=_mark(state),
        access=access,
        used_at=None,
        sealed_verifier__isnull=False,
        created_at__gt=now - LIFE,
    )
    found = waiting.first()
    if found is None or not waiting.filter(pk=found.pk).update(used_at=now):
        raise Refused("unknown-state")
    nonce = crypto.unseal(dossier.key, found.sealed_nonce, bound=found.bound).decode()
    verifier = crypto.unseal(dossier.key, found.sealed_verifier, bound=found.verifier_bound).decode()
    verified = provider().verify(
        code=code, redirect_uri=redirect_uri, nonce=nonce, verifier=verifier, now=now.timestamp()
    )
    return _keep(dossier, verified, now), verified


@transaction.atomic
def _keep(dossier: Dossier, verified: Verified, now: datetime) -> Identity:
    identity = Identity(
        dossier=dossier,
        source=IdentitySource.ONLINE,
        level=verified.level,
        provider=settings.GUICHET_OIDC_LABEL,
        subject_mark=crypto.fingerprint("identity", f"{settings.GUICHET_OIDC_ISSUER} {verified.subject}"),
        verified_at=now,
    )
    kept = {"claims": verified.claims, "signed": verified.signed, "key": verified.key}
    identity.sealed_claims = crypto.seal(dossier.key, json.dumps(kept), bound=identity.bound)
    identity.save(force_insert=True)
    audit.record(actor=VICTIM, verb="identité vérifiée", chain=dossier.chain, target=str(identity.pk))
    count("identite-verifiee", exercise=dossier.exercise)
    _fill_draft(dossier, identity, now)
    return identity


@transaction.atomic
def vouch(*, complaint: Complaint, agent, now: datetime | None = None) -> Identity:
    """An agent of the unit saw the papers of the person who complains; once is enough. Raises states.Refused."""
    complaint = blocks.locked(complaint)
    if not rules.can_read_complaint(agent, complaint) or complaint.state == ComplaintState.WITHDRAWN:
        raise NotAllowed("not-yours")
    dossier = complaint.dossier
    if known := latest(dossier):
        return known
    identity = Identity.objects.create(
        dossier=dossier, source=IdentitySource.UNIT, verified_by=agent, verified_at=now or timezone.now()
    )
    audit.record(
        actor=agent.audit_name, verb="identité vérifiée à l'unité", chain=dossier.chain, target=str(identity.pk)
    )
    count("identite-verifiee-unite", exercise=dossier.exercise)
    return identity


def latest(dossier: Dossier) -> Identity | None:
    found = dossier.identities.select_related("verified_by").first()
    if found:
        found.dossier = dossier
    return found


def fields_of(identity: Identity) -> dict[str, str]:
    """What was verified, in the words of the complaint's own fields; nothing for an identity seen at the unit."""
    if not identity.sealed_claims:
        return {}
    kept = json.loads(crypto.unseal(identity.dossier.key, identity.sealed_claims, bound=identity.bound))
    return _fields(kept["claims"])


def rows_of(identity: Identity) -> list[dict]:
    found = fields_of(identity)
    return [{"label": label, "value": found[name]} for name, label in SHOWN if found.get(name)]


def told(identity: Identity | None) -> str:
    """One line: declared, or verified by whom and when."""
    if identity is None:
        return "Déclarée, pas encore vérifiée"
    day = timezone.localtime(identity.verified_at).strftime("%d/%m/%Y")
    if identity.source == IdentitySource.UNIT:
        return f"Vérifiée à l'unité le {day}, {identity.verified_by.public_name}"
    return f"Vérifiée en ligne le {day}, {identity.provider}, niveau {identity.level}"


def _fields(claims: dict) -> dict[str, str]:
    def text(name: str) -> str:
        value = claims.get(name)
        return value.strip()[:150] if isinstance(value, str) else ""

    first_names = text("given_name") or " ".join(
        name for name in claims.get("given_name_array") or [] if isinstance(name, str)
    )
    return {
        "birth_name": text("family_name"),
        "usual_name": text("preferred_username"),
        "first_names": first_names[:150],
        "sex": SEXES.get(text("gender"), ""),
        "birth_date": _day(text("birthdate")),
        "birth_place": _place(text("birthplace"), text("birthcountry")),
        "email": text("email"),
    }


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value).strftime("%d/%m/%Y")
    except ValueError:
        return ""


def _place(birthplace: str, country: str) -> str:
    """The commune behind its official code; abroad only the country's code is given, which nobody reads: left blank."""
    if country != FRANCE or not birthplace:
        return ""
    commune = Commune.objects.filter(code=birthplace).first()
    return str(commune) if commune else ""


def fill(declarant: dict, identity: Identity | None) -> bool:
    """What was verified goes where nothing was typed."""
    known = fields_of(identity) if identity else {}
    blank = {name: value for name, value in known.items() if value and not declarant.get(name)}
    declarant.update(blank)
    return bool(blank)


def _fill_draft(dossier: Dossier, identity: Identity, now: datetime) -> None:
    draft = dossier.complaints.filter(state=ComplaintState.DRAFT).first()
    if draft is None:
        return
    draft = blocks.locked(draft)
    document = blocks.open_document(draft)
    if not fill(document["sections"].setdefault("declarant", {}), identity):
        return
    draft.version += 1
    draft.saved_at = now
    document["saved_in"]["declarant"] = draft.version
    blocks.seal_document(draft, document)
    draft.save(update_fields=["sealed_form", "version", "saved_at"])


def _mark(state: str) -> str:
    return crypto.fingerprint("identity-state", state[:200])
