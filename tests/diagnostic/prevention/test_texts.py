"""The prevention files: complete, readable, and refused as a whole when one is wrong."""

import re
import shutil

import pytest

from diagnostic.exceptions import ContentError
from diagnostic.prevention import texts

MOST_WORDS = 20
WORD = re.compile(r"[\w’-]+")
SENTENCE = re.compile(r"(?<=[.!?…])\s+")
REPROACH = re.compile(r"auriez dû|imprudent|stupide|par votre faute|il fallait", re.IGNORECASE)


@pytest.fixture(scope="module")
def words():
    return texts.read()


def _written(words: texts.Texts) -> list[tuple[str, str]]:
    found = [(key, text) for key, sheet in words.sheets.items() for text in (sheet.how, *sheet.avoid, sheet.know)]
    found += [(key, text) for key, p in words.practices.items() for text in (p.title, p.summary, p.body, *p.avoid)]
    for key, theme in words.themes.items():
        gestures = [how for _, how in theme.do]
        found += [(key, text) for text in (theme.lead, *gestures, *theme.avoid, *theme.trouble)]
    found += [("/".join(sorted(names)), text) for names, pair in words.pairs.items() for text in (pair.ask,)]
    return found


def test_every_threat_has_its_own_words(words, catalogue):
    assert set(words.sheets) == set(catalogue.threats)


def test_every_look_alike_has_its_question_and_both_answers(words, catalogue):
    pairs = {frozenset({key, other}) for key, threat in catalogue.threats.items() for other in threat.neighbours}

    assert pairs <= set(words.pairs)
    assert {name for names in words.pairs for name in names} <= set(catalogue.threats)
    assert all(set(pair.answers) == names for names, pair in words.pairs.items())
    assert all(len(set(pair.answers.values())) == 2 for pair in words.pairs.values())


def test_every_threat_has_a_practice_sheet(words, catalogue):
    served = {threat for practice in words.practices.values() for threat in practice.threats}

    assert served == set(catalogue.threats)


def test_every_theme_of_the_kit_leads_to_a_sheet(words):
    assert len(words.themes) == 9
    assert {theme.sheet for theme in words.themes.values()} <= set(words.practices) | set(words.sheets)


def test_every_fact_of_the_situations_is_known(words, catalogue):
    facts = [fact for case in words.cases.values() for fact in case.facts]

    assert set(facts) <= set(catalogue.facts)
    assert len(facts) == len(set(facts))


def test_sentences_are_short(words):
    long = [
        (key, sentence)
        for key, text in _written(words)
        for line in text.splitlines()
        for sentence in SENTENCE.split(line)
        if len(WORD.findall(sentence)) > MOST_WORDS
    ]

    assert long == []


def test_nothing_reproaches(words):
    assert [(key, text) for key, text in _written(words) if REPROACH.search(text)] == []


def test_phone_numbers_are_those_of_the_catalogue(words, catalogue):
    """A number written here and not there would never be checked again."""
    known = " ".join(
        "".join(part for part, _ in channel.contact) + channel.name for channel in catalogue.channels.values()
    )
    numbers = {number for _, text in _written(words) for number in re.findall(r"\b(?:3\d{3}|119|114|33700)\b", text)}

    assert numbers
    assert {number for number in numbers if number not in known} == set()


@pytest.mark.parametrize(
    ("name", "damage", "said"),
    [
        ("fiches/banque.yaml", ("    how:", "    hou:"), "fraude-carte-bancaire"),
        ("pratiques/travail.yaml", ("  title:", "  titre:"), "teletravail"),
        ("voisines.yaml", ("answers:", "reponses:"), "faux-site-vente"),
        ("reglages.yaml", ("families: [hameconnage, ", "families: ["), "families"),
        ("reglages.yaml", ("practices: [reconnaitre-un-message-piege, ", "practices: ["), "practices"),
        ("kit.yaml", ("sheet: sauvegardes", "sheet: [sauvegardes"), "fichier"),
    ],
)
def test_damaged_file_is_refused_and_named(tmp_path, name, damage, said):
    folder = tmp_path / "prevention"
    shutil.copytree(texts.FOLDER, folder)
    path = folder / name
    path.write_text(path.read_text().replace(*damage, 1))

    with pytest.raises(ContentError) as refused:
        texts.read(folder)

    assert any(name in str(problem) and said in str(problem) for problem in refused.value.problems)
