"""The nine pages: one A4 each, tagged for a screen reader, nothing from elsewhere, licence said on each."""

import io
import zipfile

import pikepdf
import pytest
from pypdf import PdfReader

from diagnostic.prevention import kit

THEMES = list(kit.themes())


@pytest.mark.parametrize("key", THEMES)
def test_theme_is_one_a4_page(key):
    pages = PdfReader(io.BytesIO(kit.paper(key))).pages

    assert len(pages) == 1
    assert [round(float(side)) for side in pages[0].mediabox[2:]] == [595, 842]


@pytest.mark.parametrize("key", THEMES)
def test_paper_is_tagged_and_titled(key):
    with pikepdf.open(io.BytesIO(kit.paper(key))) as pdf:
        assert pdf.Root.MarkInfo.Marked
        assert str(pdf.Root.Lang) == "fr-FR"
        kinds = {str(item.S) for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/S" in item}
        with pdf.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"].startswith(kit.themes()[key].title)
    assert {"/H1", "/H2", "/L"} <= kinds


@pytest.mark.parametrize("key", THEMES)
def test_paper_says_every_gesture_and_its_licence(key):
    theme = kit.themes()[key]

    words = " ".join("".join(page.extract_text() for page in PdfReader(io.BytesIO(kit.paper(key))).pages).split())

    squeezed = words.replace("\u00a0", " ").replace(" ", "")
    said = [words for gesture in theme.do for words in gesture] + [*theme.avoid, *theme.trouble, kit.LICENCE]
    assert [text for text in said if text.replace("\u00a0", " ").replace(" ", "") not in squeezed] == []


@pytest.mark.parametrize("key", THEMES)
def test_paper_leads_to_no_other_host(key):
    with pikepdf.open(io.BytesIO(kit.paper(key))) as pdf:
        actions = [item for item in pdf.objects if isinstance(item, pikepdf.Dictionary) and "/URI" in item]

    assert actions == []


def test_same_page_is_made_once():
    assert kit.paper(THEMES[0]) is kit.paper(THEMES[0])


@pytest.mark.parametrize("key", THEMES)
def test_text_says_the_same_as_the_paper(key):
    theme = kit.themes()[key]

    text = kit.text(key)

    assert all(how in text for _, how in theme.do)
    assert kit.LICENCE in text
    assert "<" not in text


def test_archive_holds_every_page_and_the_licence():
    with zipfile.ZipFile(io.BytesIO(kit.archive())) as archive:
        names = [name.removeprefix("kit-prevention/") for name in archive.namelist()]
        licence = archive.read("kit-prevention/LICENCE.txt").decode()

    assert sorted(names) == sorted([*(f"{k}.{ext}" for k in THEMES for ext in ("pdf", "txt")), "LICENCE.txt"])
    assert "Licence Ouverte 2.0" in licence


def test_unknown_theme_is_refused():
    with pytest.raises(KeyError):
        kit.paper("../secret")
