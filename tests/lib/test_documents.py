import io
import re
from datetime import UTC, datetime

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from guichet.lib import documents

HOSTILE = (
    '#let x = 1 #x $x^2$ *gras* _i_ `c` @ref <ref> // non /* non */ "guillemets" \\ #read("/etc/passwd") '
    "<script>alert(1)</script> [crochets] {accolades} = titre - puce + nombre ~ -- --- ..."
)


def receipt(**changes) -> dict:
    return {
        "number": "PL-2026-7K4M9Q",
        "dossier": "GC-7K4M-92QX",
        "filed_at": "25/11/2026 à 14 h 05",
        "service": "Commissariat de Lille",
        "threats": ["Sextorsion"],
        "pieces": [{"kind": "Plainte déposée", "name": "plainte.pdf", "size": "42 Ko", "sha256": "ab" * 32}],
        "next": ["Un agent lit votre plainte."],
        **changes,
    }


def transcript(*bodies: str) -> dict:
    return {
        "dossier": "GC-7K4M-92QX",
        "conversation": "3f0c0f2e-1111-2222-3333-444455556666",
        "verification": "12 · 34",
        "desk": "Bureau de police",
        "service": "",
        "agent": "Agent 4821, police nationale",
        "asked_at_paris": "25/11/2026 15:00:00",
        "taken_at": "2026-11-25T14:05:00+00:00",
        "taken_at_paris": "25/11/2026 15:05:00",
        "closed_at": "",
        "closed_at_paris": "",
        "outcome": "",
        "tree_version": "1",
        "severity": 4,
        "path": [{"node": "n", "question": "Que s'est-il passé ?", "answers": ["On me menace"]}],
        "advice": [{"id": "a", "text": "Ne payez pas.", "who": "vous", "deadline": "", "channel": ""}],
        "messages": [
            {"seq": at, "at_paris": "25/11/2026 15:06:00", "who": "Victime", "body": body, "digest": "cd" * 32}
            for at, body in enumerate(bodies, start=1)
        ],
        "chain_head": "ef" * 32,
    }


def words_of(paper: bytes) -> str:
    """The text without the places where lines were broken."""
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    return re.sub(r"\s+", "", text)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_receipt_says_number_service_and_digest():
    paper = documents.render("receipt", receipt())

    words = words_of(paper)
    assert squeezed("Récépissé de plainte") in words
    assert "PL-2026-7K4M9Q" in words
    assert squeezed("Commissariat de Lille") in words
    assert "ab" * 32 in words
    assert squeezed("Ceci est une démonstration") in words


def test_document_is_an_accessible_archive():
    paper = documents.render("receipt", receipt())

    with pikepdf.open(io.BytesIO(paper)) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr-FR"
        assert pdf.Root.StructTreeRoot.K is not None
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["pdfaid:part"] == "2"
            assert metadata["pdfaid:conformance"] == "A"
            assert metadata["dc:title"] == "Récépissé de plainte PL-2026-7K4M9Q"
            assert "Guichet cyber (démonstration)" in metadata["dc:creator"]
        kinds = {str(item.S) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item}
    assert {"/H1", "/H2", "/Table", "/TH", "/L"} <= kinds


def test_every_font_is_in_the_document():
    paper = documents.render("receipt", receipt(service="Émoji 😀 et العربية"))

    with pikepdf.open(io.BytesIO(paper)) as pdf:
        described = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/FontName" in item]
        assert described
        assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(item.keys()) for item in described)


def test_same_data_give_the_same_bytes():
    moment = datetime(2026, 11, 25, 13, 5, 1, 234, tzinfo=UTC)

    first, second = (documents.render("receipt", receipt(), moment=moment) for _ in range(2))

    assert first == second
    assert PdfReader(io.BytesIO(first)).metadata.creation_date == moment.replace(microsecond=0)


def test_typst_markup_in_data_stays_text():
    paper = documents.render("receipt", receipt(service=HOSTILE))

    assert squeezed(HOSTILE) in words_of(paper)


@pytest.mark.parametrize(
    "text",
    ["Été, œuvre, « à peine » — 12 € …", "😀 👍🏽 ❤️ ☎️ 1️⃣", "Ελλάδα Москва שלום", "a\u0301e\u0301", "½ ≠ ∑ → ✓"],
)
def test_text_of_many_scripts_is_printed(text):
    paper = documents.render("receipt", receipt(service=f"[{text}]"))

    assert "U+" not in words_of(paper)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("中", "[U+4E2D]"),
        ("a\x00b", "a[U+0000]b"),
        ("\u202egnp.exe", "[U+202E]gnp.exe"),
        ("\ue000", "[U+E000]"),
        ("\ud800", "[U+D800]"),
        ("\uffff", "[U+FFFF]"),
    ],
)
def test_character_without_glyph_is_named(text, printed):
    paper = documents.render("receipt", receipt(service=text))

    assert printed in words_of(paper)


def test_long_word_stays_on_the_page_and_whole():
    address = "https://exemple-arnaque.test/" + "a1b2c3" * 60 + "?q=1"

    paper = documents.render("receipt", receipt(service=address))

    assert address in words_of(paper)
    page = PdfReader(io.BytesIO(paper)).pages[0]
    edges = []
    page.extract_text(visitor_text=lambda text, cm, tm, font, size: edges.append(tm[4]))
    assert max(edges) < float(page.mediabox.width)


def test_every_character_said_to_be_drawn_is_drawn():
    """A change of typst that drops a glyph is seen here, not by a person who files."""
    characters = " ".join(sorted(documents.drawn()))

    paper = documents._compile("receipt", receipt(service=characters), None)

    assert paper.startswith(b"%PDF-")


def test_transcript_holds_every_message_answers_and_chain():
    bodies = [
        "Été 😀 « œuvre »",
        "<script>alert('x')</script>",
        "https://arnaque.test/" + "a1" * 80,
        "un\n\ndeux",
        HOSTILE,
    ]

    words = words_of(documents.render("transcript", transcript(*bodies)))

    assert all(squeezed(body) in words for body in bodies)
    assert squeezed("Que s'est-il passé ? On me menace") in words
    assert squeezed("Ne payez pas. (vous)") in words
    assert "ef" * 32 in words


def test_transcript_without_message_is_printed():
    data = transcript() | {"path": [], "advice": [], "chain_head": ""}

    words = words_of(documents.render("transcript", data))

    assert squeezed("Aucun message n’a été échangé") in words


def test_unknown_document_is_refused():
    with pytest.raises(ValueError, match="no document"):
        documents.render("../secret", {})


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(alphabet=st.characters(), max_size=300))
def test_any_text_is_printed(text):
    paper = documents.render("receipt", receipt(service=text, threats=[text], next=[text]))

    assert paper.startswith(b"%PDF-")
