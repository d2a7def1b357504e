import pytest
from hypothesis import given
from hypothesis import strategies as st

from guichet.lib import references


@pytest.mark.parametrize("spelling", ["{}", "  {} "])
def test_reference_reads_back_however_it_is_typed(spelling):
    reference = references.new_reference()

    assert references.read_reference(spelling.format(reference.lower())) == reference
    assert references.read_reference(reference.removeprefix("GC-").replace("-", " ")) == reference
    assert references.read_reference(reference.replace("0", "O").replace("1", "l")) == reference


def test_one_wrong_character_of_a_reference_is_told():
    reference = references.new_reference()
    wrong = [
        reference[:at] + char + reference[at + 1 :]
        for at in (3, 4, 5, 6, 8, 9, 10)
        for char in references.ALPHABET[:31]
        if char != reference[at]
    ]

    told = sum(_unreadable(references.read_reference, each) for each in wrong)

    assert told >= len(wrong) * 0.96


def test_code_reads_back_and_one_wrong_digit_is_always_told():
    code = references.new_code()
    digits = code.replace(" ", "")

    assert references.read_code(code) == digits
    for at in range(16):
        for other in set("0123456789") - {digits[at]}:
            assert _unreadable(references.read_code, digits[:at] + other + digits[at + 1 :])


def test_two_neighbouring_digits_swapped_are_always_told():
    digits = references.new_code().replace(" ", "")

    for at in range(15):
        if digits[at] != digits[at + 1]:
            swapped = digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
            assert _unreadable(references.read_code, swapped)


def test_one_opening_always_gives_the_same_code():
    assert references.derived_code(b"k", "opening") == references.derived_code(b"k", "opening")
    assert references.derived_code(b"k", "opening") != references.derived_code(b"k", "other")
    assert references.read_code(references.derived_code(b"k", "opening"))


@given(st.text(max_size=60))
def test_anything_typed_is_read_or_told_in_french(typed):
    for read in (references.read_reference, references.read_code):
        told = _told(read, typed)

        assert told == "" or told.endswith(".")


def _told(read, typed) -> str:
    try:
        read(typed)
    except references.Unreadable as error:
        return str(error)
    return ""


def _unreadable(read, typed) -> bool:
    return _told(read, typed) != ""
