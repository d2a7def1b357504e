"""A complaint takes every conversation of its dossier with it, word for word."""

import io
import json
import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone
from pypdf import PdfReader

from tchat.enums import Outcome
from tchat.models import Desk
from tchat.services.conversations import claim, close_conversation, open_conversation
from tchat.services.messages import VICTIM, Sender, send_message
from tests.victims import factory
from victims.enums import EvidenceKind
from victims.retention import SCHEDULE
from victims.services import complaints, evidence, retention

pytestmark = pytest.mark.django_db

SAID = [
    "Bonjour, j'ai été menacée. À l'aide…",
    "Il demande 500 € 😱 avant ce soir 👩🏽‍💻",
    "https://exemple-arnaque.test/payer?id=42&montant=" + "9" * 120,
    "<script>alert('x')</script> & #let x = 1 $x$ \\ *gras*",
    "une ligne\n\nune autre ligne",
    "Œuvre, « guillemets », naïve, ÿ",
]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.fixture
def filed():
    dossier, agent = factory.dossier(factory.SEXTORTION), factory.agent()
    for desk in Desk.objects.all():
        desk.agents.add(agent)
    conversation = open_conversation(dossier=dossier)
    claim(agent=agent, conversation_id=conversation.pk)
    for place, text in enumerate(SAID):
        sender = VICTIM if place % 2 == 0 else Sender("agent", agent.pk)
        send_message(conversation_id=conversation.pk, sender=sender, client_id=uuid.uuid4(), text=text)
    return complaints.file_complaint(complaint=factory.ready_complaint(dossier))


def content(filed, kind: EvidenceKind) -> bytes:
    return evidence.read_piece(piece=filed.pieces.get(kind=kind), actor="victime")


def test_transcript_on_paper_holds_every_message(filed):
    paper = PdfReader(io.BytesIO(content(filed, EvidenceKind.TRANSCRIPT)))

    words = squeezed("".join(page.extract_text() for page in paper.pages))
    for text in SAID:
        assert squeezed(text) in words
    assert "Agent4821" in words


def test_transcript_as_data_holds_every_message(filed):
    data = json.loads(content(filed, EvidenceKind.TRANSCRIPT_DATA))

    bodies = [line["body"] for line in data["messages"]]
    assert [body for body in bodies if body in SAID] == SAID


def test_talk_that_goes_on_after_the_filing_joins_it_when_it_ends_and_is_kept_as_long(filed):
    talk = filed.dossier.conversations.get()
    send_message(conversation_id=talk.pk, sender=VICTIM, client_id=uuid.uuid4(), text="Il vient d'écrire encore.")
    close_conversation(agent=talk.agent, conversation_id=talk.pk, outcome=Outcome.COMPLAINT)

    whole = filed.pieces.filter(kind=EvidenceKind.TRANSCRIPT_DATA).latest("added_at")
    said = [line["body"] for line in json.loads(evidence.read_piece(piece=whole, actor="victime"))["messages"]]
    assert "Il vient d'écrire encore." in said
    assert filed.pieces.filter(kind=EvidenceKind.TRANSCRIPT).count() == 2
    retention.purge(now=timezone.now() + SCHEDULE.life("piece") + timedelta(days=2))
    assert filed.pieces.filter(pk=whole.pk).exists()


def test_receipt_lists_every_piece_with_its_digest(filed):
    paper = PdfReader(io.BytesIO(content(filed, EvidenceKind.RECEIPT)))

    words = squeezed("".join(page.extract_text() for page in paper.pages))
    others = filed.pieces.exclude(kind=EvidenceKind.RECEIPT)
    assert {piece.kind for piece in others} == {"transcription", "transcription-donnees", "plainte"}
    for piece in others:
        assert piece.sha256 in words
        assert piece.file_name in words
