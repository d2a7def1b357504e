"""The transcript: a paper that any archive takes, and data that prove themselves without us."""

import hashlib
import io
import json
import re
import uuid
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from tchat.models import Desk
from tchat.services import transcripts
from tchat.services.conversations import claim, open_conversation
from tchat.services.messages import VICTIM, send_message
from tests.victims import factory
from victims.services import evidence
from victims.services.deposits import keep_file

pytestmark = pytest.mark.django_db
NOTE = b"Voici ce que j'ai re\xc3\xa7u.\n"


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "evidence": files}


@pytest.fixture
def pieces():
    dossier, agent = factory.dossier(factory.SEXTORTION), factory.agent()
    for desk in Desk.objects.all():
        desk.agents.add(agent)
    conversation = open_conversation(dossier=dossier)
    claim(agent=agent, conversation_id=conversation.pk)
    now = datetime(2027, 7, 1, 22, 30, 5, tzinfo=UTC)
    send_message(conversation_id=conversation.pk, sender=VICTIM, client_id=uuid.uuid4(), text="Bonjour", now=now)
    keep_file(dossier=dossier, name="courriel.txt", content=NOTE)
    conversation.refresh_from_db()
    return [evidence.content_of(each) for each in transcripts.attach(conversation=conversation, actor="système")]


def words_of(paper: bytes) -> str:
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages))


def test_paper_shows_both_hours_the_agent_the_files_and_the_tree(pieces):
    words = words_of(pieces[0])

    assert "02/07/202700:30:05" in words
    assert "22:30:05UTC" in words
    assert "Agent4821" in words
    assert hashlib.sha256(NOTE).hexdigest() in words
    assert "Versiondel’arbre" in words
    assert "Faitsretenus" in words


def test_paper_is_tagged_french_titled_and_fit_for_archives(pieces):
    paper = PdfReader(io.BytesIO(pieces[0]))
    catalogue = paper.trailer["/Root"]
    metadata = catalogue["/Metadata"].get_data().decode()

    assert catalogue["/Lang"] == "fr-FR"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert catalogue["/StructTreeRoot"]["/K"]
    assert paper.metadata.title.startswith("Transcription du tchat GC-")
    assert re.search(r"pdfaid:part[>=\"]+2", metadata)
    assert re.search(r"pdfuaid:part[>=\"]+1", metadata)


def test_data_alone_give_back_every_digest_of_the_chain(pieces):
    data, previous = json.loads(pieces[1]), ""

    for line in data["messages"]:
        text = json.dumps(
            [line["seq"], line["client_id"], line["author"], line["at"], line["salt"], line["body"]],
            ensure_ascii=False,
            separators=(",", ":"),
        )
        previous = hashlib.sha256(f"{previous}\n{text}".encode()).hexdigest()
        assert line["digest"] == previous

    assert data["chain_head"] == previous
    assert len(data["messages"]) >= 2
