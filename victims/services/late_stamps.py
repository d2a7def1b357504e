"""A paper sealed while the time-stamping authority was away is dated later, beside: an RFC 3161 answer over its digest.

The paper itself never changes, since its digest stands on the receipt that was given. Docs: docs/decisions/0022.
"""

import asyncio
import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from guichet.audit import services as audit
from victims.models import Evidence, Stamp
from victims.services import pdf_seals

log = logging.getLogger("victims.seals")
FIRST, LONGEST = timedelta(minutes=1), timedelta(hours=6)
DATED_LATER = "pièce datée"


class NotADate(ValueError):
    """What the authority answered does not date this digest."""


def owe(piece: Evidence, seal: str, *, now: datetime | None = None) -> None:
    """To call as the paper is kept: the date that the authority did not give is asked for again."""
    if settings.GUICHET_TSA_URL and seal in (pdf_seals.UNDATED, pdf_seals.UNSEALED):
        Stamp.objects.get_or_create(piece=piece, defaults={"next_at": (now or timezone.now()) + FIRST})


def tend(*, now: datetime | None = None) -> int:
    """How many papers were dated. An authority that fails ends the round: the others wait for the next one."""
    now, done = now or timezone.now(), 0
    if not settings.GUICHET_TSA_URL:
        return 0
    due = Stamp.objects.filter(answer=None, next_at__lte=now).select_related("piece", "piece__dossier")
    for stamp in due.order_by("next_at", "pk"):
        if not _taken(stamp, now):
            continue
        answer = _asked(stamp.piece.sha256)
        if answer is None:
            break
        done += _keep(stamp, *answer)
    return done


def _taken(stamp: Stamp, now: datetime) -> bool:
    """For one process: the next try is set before the authority is asked, twice as far each time."""
    wait = min(FIRST * 2 ** min(stamp.tries, 16), LONGEST)
    mine = Stamp.objects.filter(pk=stamp.pk, tries=stamp.tries, answer=None)
    return mine.update(tries=stamp.tries + 1, next_at=now + wait) == 1


def _asked(sha256: str) -> tuple[bytes, datetime] | None:
    from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError

    stamper = HTTPTimeStamper(settings.GUICHET_TSA_URL, timeout=pdf_seals.PATIENCE)
    try:
        token = asyncio.run(stamper.async_timestamp(bytes.fromhex(sha256), "sha256"))
        answer = _response(token)
        return answer, check(answer, sha256)
    except (TimestampRequestError, OSError, ValueError, TypeError, KeyError) as error:
        log.warning("late time stamp: %s", type(error).__name__)
        return None


def _response(token) -> bytes:
    """The token as the authority's own answer: what `openssl ts -verify -in` reads."""
    from asn1crypto import tsp

    return tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump()


def check(answer: bytes, sha256: str) -> datetime:
    """The date, when the token is over this digest and its own signature holds. Raises NotADate.

    Whether the authority is one to trust is not said here: its certificate travels in the token.
    """
    from asn1crypto import tsp
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
    from pyhanko_certvalidator import ValidationContext

    def digest_for(algorithm: str) -> bytes:
        return bytes.fromhex(sha256) if algorithm == "sha256" else b""

    try:
        signed = tsp.TimeStampResp.load(answer, strict=True)["time_stamp_token"]["content"]
        context = ValidationContext(trust_roots=[], allow_fetching=False)
        told = asyncio.run(validate_tst_signed_data(signed, context, digest_for))
    except (SignatureValidationError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotADate(type(error).__name__) from error
    if not (told["intact"] and told["valid"]):
        raise NotADate("signature")
    return told["timestamp"]


@transaction.atomic
def _keep(stamp: Stamp, answer: bytes, at: datetime) -> int:
    if Stamp.objects.filter(pk=stamp.pk, answer=None).update(answer=answer, dated_at=at) != 1:
        return 0
    audit.record(
        actor="système",
        verb=DATED_LATER,
        chain=stamp.piece.dossier.chain,
        target=str(stamp.piece_id),
        detail={"sha256": stamp.piece.sha256, "date": at.isoformat()},
    )
    return 1
