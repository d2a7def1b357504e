from hypothesis import given
from hypothesis import strategies as st

from diagnostic.phones import Linker
from diagnostic.prevention import markup
from diagnostic.prevention.markup import Block, Run


def test_the_few_signs_are_understood():
    found = markup.blocks("Un mot\nd'abord.\n\n## Titre\n- un\n- **deux** bis\nPuis la suite.")

    assert found == (
        Block("paragraphe", ((Run("Un mot d'abord."),),)),
        Block("titre", ((Run("Titre"),),)),
        Block("liste", ((Run("un"),), (Run("deux", strong=True), Run(" bis")))),
        Block("paragraphe", ((Run("Puis la suite."),),)),
    )


def test_a_list_with_an_empty_line_stays_one_list_by_side():
    found = markup.blocks("- un\n\n- deux")

    assert [block.kind for block in found] == ["liste", "liste"]


def test_two_titles_are_two_blocks():
    assert [block.kind for block in markup.blocks("## Un\n## Deux")] == ["titre", "titre"]


def test_number_is_linked_and_address_is_not():
    found = markup.blocks("Appelez le **3018**, pas https://arnaque.test/", Linker({"3018": "tel:3018"}))

    assert found[0].runs == (Run("Appelez le "), Run("3018", True, "tel:3018"), Run(", pas https://arnaque.test/"))


def test_plain_keeps_the_words_only():
    assert markup.plain("## Titre\n\n- **un**\n- deux") == "Titre\nun\ndeux"


@given(st.text(max_size=400))
def test_any_text_gives_blocks_with_words(text):
    found = markup.blocks(text)

    assert all(block.lines and all(line for line in block.lines) for block in found)
    assert bool(found) == bool(text.strip())


@given(st.text(alphabet="#-* ab\n", max_size=200))
def test_signs_alone_never_lose_a_letter(text):
    kept = "".join(run.text for block in markup.blocks(text) for line in block.lines for run in line)

    assert [letter for letter in kept if letter in "ab"] == [letter for letter in text if letter in "ab"]
