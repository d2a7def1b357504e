"""Which ready-made answers serve a conversation, filled with what is known of it; and which a few letters find."""

from dataclasses import dataclass, replace

from guichet.lib.text import fold
from tchat.models import Conversation, Reply

SOME_COMMUNE = "votre commune"
SOME_SERVICE = "le service compétent"


@dataclass(frozen=True, slots=True)
class Ready:
    """One answer, filled: what the agent chooses and what goes into the composer.

    `fits`: written for this situation. `aside`: written for others, shown by a search only.
    """

    id: int
    title: str
    text: str
    fits: bool
    aside: bool

    @property
    def words(self) -> str:
        return fold(f"{self.title} {self.text}")


def fields_of(conversation: Conversation) -> dict[str, str]:
    return {
        "code": conversation.verification,
        "reference": conversation.dossier.reference,
        "commune": conversation.dossier.commune.name if conversation.dossier.commune else SOME_COMMUNE,
        "service": str(conversation.service or SOME_SERVICE),
    }


def ready_for(conversation: Conversation, *, search: str = "") -> list[Ready]:
    """The answers of this desk, in order: one statement. Those that a search finds, whatever situation they are for."""
    threats, values = set(conversation.dossier.diagnosis.threats), fields_of(conversation)
    found = [_ready(reply, values, threats) for reply in Reply.objects.active().at_desk(conversation.desk_id)]
    wanted = fold(search).split()
    if not wanted:
        return found
    return [replace(ready, aside=False) for ready in found if all(word in ready.words for word in wanted)]


def _ready(reply: Reply, values: dict[str, str], threats: set[str]) -> Ready:
    serves = reply.serves(threats)
    return Ready(reply.pk, reply.title, reply.filled(values), serves and bool(reply.threats), not serves)


def one_for(conversation: Conversation, reply_id: int) -> str:
    """The text of one answer for this conversation; empty when it is not offered here."""
    reply = Reply.objects.active().at_desk(conversation.desk_id).filter(pk=reply_id).first()
    return reply.filled(fields_of(conversation)) if reply else ""


def joined(typed: str, text: str) -> str:
    """Under what is already written, which is never lost."""
    return f"{typed.rstrip()}\n{text}" if typed.strip() else text
