"""The short code that both sides of a conversation see."""

import hmac
import re

from tchat.models import Conversation


def digits_of(code: str) -> str:
    return re.sub(r"\D", "", code)


def is_genuine(*, reference: str, code: str) -> bool:
    """True only for an open conversation of this dossier that shows this code."""
    found = Conversation.objects.open().filter(dossier__reference=reference).values_list("verification", flat=True)
    return any(hmac.compare_digest(digits_of(each), digits_of(code)) for each in found)
