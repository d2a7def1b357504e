"""The transcript of a conversation: what was said, in order, with what was advised, as a PDF and as data.

The data file carries the digest chain and the salts, so that anyone who holds it can verify it offline.
"""

import json
from datetime import UTC

from django.utils import timezone

from guichet.lib import documents
from tchat.models import Conversation
from tchat.services.messages import Line, messages_after
from victims.enums import EvidenceKind
from victims.models import Evidence
from victims.services.evidence import add_piece

FORMAT = "guichet-transcript/1"
EVERYTHING = 1_000_000


def _paris(moment) -> str:
    return timezone.localtime(moment).strftime("%d/%m/%Y %H:%M:%S")


def _utc(moment) -> str:
    return moment.astimezone(UTC).strftime("%d/%m/%Y %H:%M:%S")


def _files(conversation: Conversation) -> list[dict]:
    """What the victim sent while it lasted, by digest: the bytes stay in the dossier."""
    found = conversation.dossier.pieces.filter(kind=EvidenceKind.FILE, added_at__gte=conversation.created_at)
    if conversation.closed_at:
        found = found.filter(added_at__lte=conversation.closed_at)
    return [
        {"name": piece.name, "size": piece.size, "sha256": piece.sha256, "added_at": piece.added_at.isoformat()}
        for piece in found.select_related("dossier").order_by("added_at", "pk")
    ]


def _message(line: Line) -> dict:
    return {
        "seq": line.seq,
        "client_id": line.client_id,
        "author": line.author,
        "who": line.who,
        "at": line.at.isoformat(),
        "at_paris": _paris(line.at),
        "at_utc": _utc(line.at),
        "body": line.body,
        "salt": line.salt,
        "digest": line.digest,
    }


def content_of(conversation: Conversation) -> dict:
    """Everything the transcript says; the only names in it are the victim's own words."""
    dossier, diagnosis = conversation.dossier, conversation.dossier.diagnosis
    return {
        "format": FORMAT,
        "dossier": dossier.reference,
        "conversation": str(conversation.pk),
        "verification": conversation.verification,
        "desk": conversation.desk.name,
        "service": str(conversation.service or ""),
        "agent": conversation.agent.public_name if conversation.agent else "",
        "asked_at": conversation.created_at.isoformat(),
        "asked_at_paris": _paris(conversation.created_at),
        "taken_at": conversation.taken_at.isoformat() if conversation.taken_at else "",
        "taken_at_paris": _paris(conversation.taken_at) if conversation.taken_at else "",
        "closed_at": conversation.closed_at.isoformat() if conversation.closed_at else "",
        "closed_at_paris": _paris(conversation.closed_at) if conversation.closed_at else "",
        "outcome": conversation.get_outcome_display() if conversation.outcome else "",
        "tree_version": diagnosis.tree_version,
        "threats": diagnosis.threats,
        "severity": diagnosis.severity,
        "facts": diagnosis.facts,
        "path": diagnosis.path,
        "advice": diagnosis.plan,
        "messages": [_message(line) for line in messages_after(conversation=conversation, seq=0, limit=EVERYTHING)],
        "pieces": _files(conversation),
        "chain_head": conversation.chain_head,
        **({"exercise": True} if dossier.exercise else {}),
    }


def attach(*, conversation: Conversation, actor: str) -> list[Evidence]:
    """Both forms of the transcript as pieces of the dossier, once for this state of the conversation."""
    content = content_of(conversation)
    source = f"conversation:{conversation.pk}:{conversation.last_seq}"
    name = f"transcription-{conversation.dossier.reference}-{conversation.last_seq}"
    data = json.dumps(content, ensure_ascii=False, indent=1).encode()
    paper = documents.render("transcript", content, moment=conversation.closed_at or conversation.created_at)
    return [
        add_piece(
            dossier=conversation.dossier,
            kind=kind,
            source=source,
            file_name=f"{name}.{ending}",
            media_type=media_type,
            content=content_bytes,
            actor=actor,
        )
        for kind, ending, media_type, content_bytes in (
            (EvidenceKind.TRANSCRIPT, "pdf", "application/pdf", paper),
            (EvidenceKind.TRANSCRIPT_DATA, "json", "application/json", data),
        )
    ]
