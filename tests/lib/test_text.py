import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.lib.text import clean_text, fold, readable_size


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("Sainte-Colombe", "sainte colombe"),
        ("STE COLOMBE", "sainte colombe"),
        ("St. Étienne", "saint etienne"),
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("L’Haÿ les Roses", "l hay les roses"),
        ("Sœurdres", "soeurdres"),
        ("SŒURDRES", "soeurdres"),
        ("e\u0301tampes", "etampes"),
        ("Y", "y"),
        ("  Bâgé - Dommartin ", "bage dommartin"),
        ("Castres", "castres"),
        ("Brest", "brest"),
        ("Saint-Denis (93)", "saint denis 93"),
        ("", ""),
        ("?!", ""),
    ],
)
def test_fold_table(typed, folded):
    assert fold(typed) == folded


@given(st.text())
def test_fold_of_a_folded_text_changes_nothing(text):
    once = fold(text)

    assert fold(once) == once


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("déjà vu", "déjà vu"),
        ("de\u0301ja\u0300", "déjà"),
        ("un\r\ndeux\rtrois\u2028quatre", "un\ndeux\ntrois\nquatre"),
        ("a\x00b\x07c\x7fd", "abcd"),
        ("a\ud800b", "ab"),
        ("une\ttabulation", "une\ttabulation"),
        ("👩‍👧 emoji", "👩‍👧 emoji"),
    ],
)
def test_clean_text_table(typed, kept):
    assert clean_text(typed) == kept


@given(st.text(st.characters(categories=None)))
def test_clean_text_is_always_storable_and_stable(text):
    kept = clean_text(text)

    assert kept.encode("utf-8").decode("utf-8") == kept
    assert "\x00" not in kept
    assert clean_text(kept) == kept


@pytest.mark.parametrize(
    ("octets", "said"),
    [
        (0, "0 octet"),
        (700, "700 octets"),
        (97_348, "95 Ko"),
        (1024 * 1024 - 1, "1 Mo"),
        (1_500_000, "1,4 Mo"),
        (20 * 1024 * 1024, "20 Mo"),
    ],
)
def test_size_is_said_in_the_units_of_a_phone(octets, said):
    assert readable_size(octets).replace("\u00a0", " ") == said
