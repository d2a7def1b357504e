"""A file joined while one talks: kept in the dossier, told to both sides with its digest, no word lost on the way."""

import hashlib
import json

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.test import Client
from django.urls import reverse

from tchat.enums import Outcome
from tchat.models import Desk
from tchat.services import attachments, transcripts
from tchat.services.conversations import claim, close_conversation, open_conversation
from tchat.services.messages import messages_after
from tests.victims import factory
from victims.enums import EvidenceKind
from victims.services import deposits, evidence, removals

pytestmark = pytest.mark.django_db
CONTENT = "Voici ce que j'ai reçu.\n".encode()
DIGEST = hashlib.sha256(CONTENT).hexdigest()
ATTACH = reverse("tchat:attach")


@pytest.fixture(autouse=True)
def _own_place(settings, tmp_path):
    files = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = {**settings.STORAGES, "evidence": files}
    cache.clear()


@pytest.fixture
def talk(client):
    dossier, agent = factory.dossier(factory.SEXTORTION), factory.agent()
    for desk in Desk.objects.all():
        desk.agents.add(agent)
    conversation = open_conversation(dossier=dossier)
    claim(agent=agent, conversation_id=conversation.pk)
    conversation.refresh_from_db()
    conversation.agent_at_work = agent
    factory.let_in(client, dossier)
    return conversation


@pytest.fixture
def commits(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def sent(name: str = "courriel de la banque.txt", content: bytes = CONTENT) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def said(conversation) -> list[str]:
    return [line.body for line in messages_after(conversation=conversation, seq=0)]


def test_plain_form_keeps_the_file_and_a_line_tells_it_to_both_sides(client, talk, commits):
    console = Client()
    console.force_login(talk.agent_at_work)

    with commits():
        answer = client.post(ATTACH, {"files": sent(), "text": ""})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/tchat/#ecrire")
    piece = talk.dossier.pieces.get(kind=EvidenceKind.FILE)
    assert evidence.content_of(piece) == CONTENT
    line = f"La victime a joint un fichier : courriel de la banque.txt.\nEmpreinte SHA-256 : {DIGEST}"
    assert said(talk)[-1] == line
    assert DIGEST in client.get("/tchat/").content.decode()
    desk = console.get(reverse("console:conversation", args=[talk.pk])).content.decode()
    assert DIGEST in desk
    assert reverse("console:pieces", args=[talk.dossier_id]) in desk


def test_words_being_written_stay_in_their_field(client, talk, commits):
    with commits():
        page = client.post(ATTACH, {"files": sent(), "text": "Je ne sais plus <quoi> faire"}).content.decode()

    assert "Je ne sais plus &lt;quoi&gt; faire</textarea>" in page
    assert DIGEST in client.get("/tchat/").content.decode()
    assert "Je ne sais plus" not in "".join(said(talk))


@pytest.mark.parametrize(
    ("files", "words"),
    [([], "Choisissez au moins un fichier."), ([sent("virus.exe", b"MZ\x90\x00" * 40)], "virus.exe")],
    ids=["none", "program"],
)
def test_refusal_is_told_beside_the_field_and_nothing_typed_is_lost(client, talk, files, words):
    answer = client.post(ATTACH, {"files": files, "text": "Bonjour"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page[page.index('id="files_error"') :]
    assert "Bonjour</textarea>" in page
    assert not talk.dossier.pieces.filter(kind=EvidenceKind.FILE).exists()


def test_file_sent_part_by_part_is_told_too_and_once(client, talk, commits):
    begun = client.post(reverse("dossier:begin_upload"), {"name": "a.txt", "size": len(CONTENT)}).json()
    place = {"Upload-Offset": "0"}
    client.put(begun["url"], CONTENT, content_type="application/octet-stream", headers=place)

    for _ in range(2):
        with commits():
            assert client.post(begun["finish"], {"sha256": DIGEST}).status_code == 200

    assert sum(DIGEST in line for line in said(talk)) == 1


def test_files_are_kept_though_the_talk_cannot_be_told(client, talk, commits, monkeypatch):
    """Its row is held while a transcript is drawn; the line in the talk is worth less than the other files."""

    def held(**_what):
        raise OperationalError("canceling statement due to lock timeout")

    monkeypatch.setattr(attachments, "tell", held)
    monkeypatch.setattr(attachments, "tell_removal", held)

    with commits():
        answer = client.post(ATTACH, {"files": SimpleUploadedFile("un.txt", CONTENT)})
    with commits():
        removals.remove_file(piece=talk.dossier.pieces.get(kind=EvidenceKind.FILE))

    assert answer.status_code == 302
    assert not talk.dossier.pieces.filter(kind=EvidenceKind.FILE).exists()


def test_file_chosen_but_not_sent_is_said(client, talk):
    answer = client.post("/tchat/envoyer/", {"text": "Voici", "files": "capture.png"})

    page = client.get(answer.headers["Location"].partition("#")[0]).content.decode()
    assert "Votre message est parti, pas le fichier." in page
    assert said(talk)[-1] == "Voici"


def test_conversation_that_is_over_takes_no_line_and_stays_sealed(client, talk, commits):
    close_conversation(agent=talk.agent_at_work, conversation_id=talk.pk, outcome=Outcome.ADVICE)
    before = said(talk)

    with commits():
        answer = client.post(ATTACH, {"files": sent(), "text": ""})
        deposits.keep_file(dossier=talk.dossier, name="a.txt", content=CONTENT)

    assert answer.status_code == 302
    assert said(talk) == before


def test_transcript_lists_the_file_by_its_digest(talk, commits):
    with commits():
        deposits.keep_file(dossier=talk.dossier, name="a.txt", content=CONTENT)
    talk.refresh_from_db()

    data = transcripts.attach(conversation=talk, actor="système")[1]

    assert [each["sha256"] for each in json.loads(evidence.content_of(data))["pieces"]] == [DIGEST]


def test_stranger_joins_nothing(talk):
    stranger = Client()

    answer = stranger.post(ATTACH, {"files": sent()})

    assert answer.status_code == 302
    assert not talk.dossier.pieces.filter(kind=EvidenceKind.FILE).exists()
