"""Stop an abusive conversation, with a reason that supervisors read. The door stays open: abuse is not a refusal."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from guichet.audit import services as audit
from guichet.lib import crypto
from guichet.lib.text import clean_text
from tchat import rules
from tchat.enums import Outcome, State
from tchat.exceptions import Refusal
from tchat.models import AbuseFlag, Conversation
from tchat.services import messages
from tchat.services.conversations import close_conversation, locked

FAREWELL = (
    "L'agent arrête ici cette conversation. Vous pouvez en demander une autre depuis votre dossier. "
    "En cas de danger, appelez le 17 ou le 112."
)


@dataclass(frozen=True, slots=True)
class Flagged:
    flag: AbuseFlag
    words: str


@transaction.atomic
def stop(*, agent, conversation_id, reason: str, words: str = "", now: datetime | None = None) -> Conversation:
    """Flag and close in one act. Raises Refusal (not-yours, closed)."""
    now = now or timezone.now()
    conversation = locked(conversation_id)
    if conversation.state == State.CLOSED:
        raise Refusal("closed")
    if not rules.can_follow(agent, conversation):
        raise Refusal("not-yours")
    flag = AbuseFlag(conversation=conversation, desk=conversation.desk, agent=agent, reason=reason, at=now)
    words = clean_text(words).strip()
    if words:
        flag.sealed_words = crypto.seal(conversation.dossier.key, words, bound=flag.bound)
    flag.save(force_insert=True)
    messages.note(conversation, FAREWELL, now=now)
    audit.record(
        actor=agent.audit_name,
        verb="abus signalé",
        chain=conversation.dossier.chain,
        target=str(conversation.pk),
        detail={"motif": reason},
    )
    return close_conversation(agent=agent, conversation_id=conversation_id, outcome=Outcome.ABUSE, now=now)


def flagged_at(supervisor, *, limit: int = 200) -> list[Flagged]:
    """Those of the supervisor's desks, the latest first: one statement."""
    found = (
        AbuseFlag.objects.filter(desk__in=supervisor.desks.all())
        .select_related("conversation__dossier", "desk", "agent")
        .order_by("-at")[:limit]
    )
    return [Flagged(flag, _words(flag)) for flag in found]


def _words(flag: AbuseFlag) -> str:
    if flag.sealed_words is None:
        return ""
    try:
        return crypto.unseal(flag.conversation.dossier.key, flag.sealed_words, bound=flag.bound).decode()
    except crypto.CannotOpen:
        return ""
