"""A file is what its content says: a closed list, seventy hostile files, and two thousand broken ones."""

import random

import pytest

from tests.victims import files
from victims.vault.exceptions import WORDS, Refused
from victims.vault.filetypes import ALL, type_of
from victims.vault.names import clean_name


@pytest.mark.parametrize("media_type", files.GOOD)
def test_each_type_is_known_by_its_content(media_type):
    assert type_of(files.GOOD[media_type]).media_type == media_type


def test_every_type_of_the_list_has_its_example():
    assert set(files.GOOD) == {each.media_type for each in ALL}


@pytest.mark.parametrize("content", [files.tagged_mp3(), files.jpeg(b"note"), files.png(b"Author\x00x")])
def test_variants_are_known(content):
    assert type_of(content).family in {"image", "son"}


@pytest.mark.parametrize(
    "text",
    ["a", "\ufeffBonjour", "Prix < 200 € et > 10", "# titre\n", "De : Paul\nÀ : Chloé\n", "ligne\ttabulée\r\n"],
)
def test_plain_words_are_text(text):
    assert type_of(text.encode()).media_type == "text/plain"
    assert type_of(text.encode("utf-16")).media_type == "text/plain"


def test_windows_letters_are_text():
    assert type_of("L’été à Bailleul : 20 €".encode("cp1252")).media_type == "text/plain"


@pytest.mark.parametrize("name", files.HOSTILE)
def test_hostile_file_is_refused_with_its_reason(name):
    content, code = files.HOSTILE[name]

    with pytest.raises(Refused) as refusal:
        type_of(content)

    assert refusal.value.code == code
    assert refusal.value.words == WORDS[code]


def answer_to(content: bytes):
    try:
        return type_of(content)
    except Refused as refusal:
        return refusal.code


def test_two_thousand_broken_files_are_known_or_refused_and_nothing_else():
    chance = random.Random(5)
    sources, expected = list(files.GOOD.values()), {*ALL, *WORDS}
    for _ in range(2000):
        content = bytearray(chance.choice(sources))
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(content))
            if chance.random() < 0.3:
                del content[at : at + chance.randint(1, 40)]
            else:
                content[at : at + 1] = chance.randbytes(chance.randint(1, 4))
            content = content or bytearray(b"\x00")
        assert answer_to(bytes(content)) in expected


@pytest.mark.parametrize(
    ("given", "endings", "kept"),
    [
        ("capture.png", ("png",), "capture.png"),
        ("facture.exe", ("pdf",), "facture.exe.pdf"),
        ("photo.JPG", ("jpg", "jpeg"), "photo.JPG"),
        ("../../etc/passwd", ("txt",), "passwd.txt"),
        ("C:\\Users\\Chloé\\reçu.pdf", ("pdf",), "reçu.pdf"),
        ("photo\u202egpj.exe", ("jpg",), "photogpj.exe.jpg"),
        ("a\x00b\nc.txt", ("txt",), "ab c.txt"),
        ('<script>"x"|?*.png', ("png",), "script x.png"),
        ("CON.txt", ("txt",), "fichier CON.txt"),
        ("...", ("pdf",), "fichier.pdf"),
        ("", ("pdf",), "fichier.pdf"),
        ("   .png", ("png",), "png.png"),
        ("👩\u200d👧 fête.heic", ("heic",), "👩\u200d👧 fête.heic"),
        ("x" * 300 + ".png", ("png",), "x" * 96 + ".png"),
    ],
)
def test_name_is_cleaned_and_ends_as_its_content(given, endings, kept):
    assert clean_name(given, endings) == kept
