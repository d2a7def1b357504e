"""What people write finds the page they need: accents, plurals, slips, « St » for « saint », other words than ours."""

from pathlib import Path

import pytest
import yaml

from diagnostic.prevention import texts
from diagnostic.prevention.library import Library
from diagnostic.prevention.search import Document, Index, stem
from guichet.lib.text import fold

CASES = yaml.safe_load(Path(__file__).with_name("recherche.yaml").read_text())


@pytest.fixture(scope="module")
def index(catalogue):
    return Library(catalogue, texts.from_files(), ()).index(())


@pytest.mark.parametrize("case", CASES, ids=[case["q"] for case in CASES])
def test_search_finds_what_people_mean(index, case):
    found = [document.key for document in index.find(case["q"])]

    if "first" in case:
        assert found[:1] == [case["first"]]
    else:
        assert case["among"] in found[:3]


def test_every_sheet_is_found_by_its_own_name(index):
    lost = [d.title for d in index.documents if d.key not in [found.key for found in index.find(d.title)[:3]]]

    assert lost == []


@pytest.mark.parametrize("query", ["xyzzy", "", "   ", "???", "中文", "#" * 90])
def test_search_without_an_answer_says_nothing(index, query):
    assert index.find(query) == []


@pytest.mark.parametrize("query", ["le la les", "de", "l'"])
def test_little_words_alone_break_nothing(index, query):
    assert isinstance(index.find(query), list)


@pytest.mark.parametrize(
    ("written", "searched"),
    [
        ("Faux démarcheurs à Saint-Étienne", "st etienne"),
        ("Faux démarcheurs à St-Étienne", "saint étienne"),
        ("Coupure à Ste Foy", "sainte-foy"),
        ("Des arnaques à l'œuvre", "oeuvre"),
        ("Les réseaux touchés", "reseau"),
        ("Le journal piégé", "journaux"),
    ],
)
def test_same_word_written_two_ways_is_found(written, searched):
    index = Index([Document("alerte", "1", written, ""), Document("alerte", "2", "Autre chose", "")])

    assert [document.key for document in index.find(searched)] == ["1"]


@pytest.mark.parametrize("slip", ["sauvegarde", "sauvegade", "sauvegrade", "sauvegardde", "sauvegarse"])
def test_one_slip_is_forgiven(slip):
    index = Index([Document("pratique", "sauvegardes", "Les sauvegardes", "")])

    assert [document.key for document in index.find(slip)] == ["sauvegardes"]


@pytest.mark.parametrize(
    "family",
    [
        "pirate pirater piraté piratée piratage pirates",
        "réseau réseaux",
        "arnaque arnaquer arnaqué arnaques",
        "vol vols volé",
    ],
)
def test_words_of_one_family_share_a_stem(family):
    assert len({stem(word) for word in fold(family).split()}) == 1


def test_title_counts_more_than_text():
    index = Index([Document("fiche", "texte", "Autre", "", "virus virus"), Document("fiche", "titre", "Virus", "")])

    assert [document.key for document in index.find("virus")] == ["titre", "texte"]


def test_answering_both_words_counts_more_than_one():
    index = Index([Document("fiche", "un", "Faux faux", ""), Document("fiche", "deux", "Autre", "faux chèque")])

    assert index.find("faux chèque")[0].key == "deux"
