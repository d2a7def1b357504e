"""The receipt's code leads to a page that says whether the paper is ours, and nothing of whom it is about."""

import io
import re

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from pypdf import PdfReader

from tests.victims import factory
from victims.enums import EvidenceKind
from victims.services import complaints, evidence, receipts, seals

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def filed():
    return complaints.file_complaint(complaint=factory.ready_complaint(factory.dossier()))


def paper(filed) -> bytes:
    return evidence.content_of(filed.pieces.get(kind=EvidenceKind.RECEIPT))


def test_receipt_bears_a_code_with_words_for_who_cannot_see_it(filed):
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper(filed))).pages)

    assert receipts.short_digest(filed) in words
    assert b"Code QR" in paper(filed) or "Code QR".encode("utf-16-be") in paper(filed)


def test_code_of_the_receipt_is_genuine_and_nothing_personal_is_said(client, filed):
    said = client.get(receipts.address_of(filed).removeprefix("http://127.0.0.1:8000")).content.decode()

    assert "Authentique" in said
    assert receipts.short_digest(filed) in said
    assert not re.search(r"Lefèvre|Chloé|Bailleul|sextorsion|GC-", said, re.IGNORECASE)


@pytest.mark.parametrize(
    "asked",
    ["numero={number}&empreinte=0000000000000000", "numero=PL-2026-AAAAAA", "sha256=00", "numero=%00", "sha256=%00"],
)
def test_unknown_or_altered_is_said(client, filed, asked):
    said = client.get("/verifier/?" + asked.format(number=filed.number)).content.decode()

    assert "Non reconnu" in said
    assert "Authentique" not in said


def test_pdf_is_known_by_its_bytes_and_one_byte_less_is_not(client, filed):
    whole = client.post("/verifier/document/", {"document": SimpleUploadedFile("a.pdf", paper(filed))})
    cut = client.post("/verifier/document/", {"document": SimpleUploadedFile("a.pdf", paper(filed)[:-1])})

    assert "Authentique" in whole.content.decode()
    assert "Non reconnu" in cut.content.decode()


def test_too_many_questions_wait(client):
    answers = [client.get("/verifier/?sha256=00").status_code for _ in range(31)]

    assert answers == [200] * 30 + [429]


def test_public_key_is_published(client):
    assert client.get("/verifier/cle/").content.decode() == f"{seals.public_keys()[0].hex()}\n"
