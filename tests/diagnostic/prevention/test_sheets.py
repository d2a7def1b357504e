"""A sheet per threat, every part of it filled, and the right gesture under the right situation."""

import pytest

from diagnostic.prevention import sheets, texts
from diagnostic.prevention.sheets import Wording
from diagnostic.prevention.texts import Texts

PARTS = "name family audiences definition how signs neighbours now later cases avoid evidence channels know practices"


@pytest.fixture(scope="module")
def words() -> Texts:
    return texts.from_files()


@pytest.fixture(scope="module")
def every(catalogue, words):
    return {key: sheets.build(catalogue, words, threat) for key, threat in catalogue.threats.items()}


def _said(gestures) -> str:
    return " ".join("".join(words for words, _ in gesture.parts) for gesture in gestures)


def test_every_threat_has_a_sheet_without_an_empty_part(every, catalogue):
    empty = [(key, part) for key, sheet in every.items() for part in PARTS.split() if not getattr(sheet, part)]

    # Two threats of a calm kind ask for nothing more by situation or by time.
    assert [pair for pair in empty if pair[1] not in ("cases", "later")] == []
    assert len(every) == len(catalogue.threats) == 77


def test_every_part_of_every_sheet_has_words(every):
    for sheet in every.values():
        assert all(gesture.parts for gesture in (*sheet.now, *sheet.after))
        assert all(group.gestures and group.title for group in (*sheet.later, *sheet.cases))
        assert all(other.ask and other.here and other.there for other in sheet.neighbours)
        assert all(channel.name and channel.purpose for channel in sheet.channels)


def test_no_action_of_the_catalogue_is_lost(every, catalogue):
    """Only the tchat, which a sheet does not hold."""
    for key, sheet in every.items():
        wanted = {use.action for use in catalogue.threats[key].actions}
        wanted -= {name for name in wanted if catalogue.actions[name].channel == "tchat"}
        groups = [sheet.now, sheet.after, *(group.gestures for group in (*sheet.later, *sheet.cases))]
        shown = {gesture.parts for gestures in groups for gesture in gestures}

        assert {catalogue.actions[name].parts for name in wanted} == shown, key


def test_what_holds_for_everybody_stands_in_the_open(every):
    sheet = every["sextorsion"]

    assert "appelez le 17" in _said(sheet.now)
    assert "Ne payez pas" in _said(sheet.now)
    assert "virement" not in _said(sheet.now)


def test_money_stands_under_its_situation_with_its_time(every):
    group = next(group for group in every["hameconnage-sms"].cases if group.key == "argent")

    assert group.title == "De l’argent est parti"
    assert "service fraude" in _said(group.gestures)
    assert group.gestures[0].deadline["label"] == "Dans l’heure"
    assert group.gestures[0].deadline["state"] == "now"


def test_an_action_stands_under_each_situation_that_calls_for_it(every):
    groups = {group.key: _said(group.gestures) for group in every["faux-site-vente"].cases}

    assert "opposition à votre carte" in groups["argent"]
    assert "opposition à votre carte" in groups["donne"]


def test_what_is_for_organisations_only_says_so(every):
    groups = {group.key: _said(group.gestures) for group in every["piratage-messagerie"].cases}

    assert "CSIRT" in groups["organisation"]
    assert "CSIRT" not in _said(every["piratage-messagerie"].now)
    assert "CSIRT" in _said(every["rancongiciel-organisation"].now)


def test_reason_is_not_said_twice(every):
    gestures = [g for group in every["sextorsion"].cases for g in group.gestures]

    assert not [g for g in gestures if g.parts[0][0].startswith("Si ") and g.note.startswith("si ")]


def test_legal_limit_is_said_in_words(every):
    notes = [gesture.note for group in every["fraude-carte-bancaire"].later for gesture in group.gestures]

    assert any("délai légal\u00a0: dans les 13 mois" in note for note in notes)


def test_numbers_are_links(every):
    assert ("3114", "tel:3114") in [part for gesture in every["sextorsion"].now for part in gesture.parts]
    assert any(run.link == "tel:3114" for block in every["incitation-suicide"].know for run in block.runs)


def test_look_alike_gives_the_answer_of_each_side(every):
    false_one = next(n for n in every["faux-chantage-webcam"].neighbours if n.id == "sextorsion")
    true_one = next(n for n in every["sextorsion"].neighbours if n.id == "faux-chantage-webcam")

    assert false_one.ask == true_one.ask == "Vous a-t-on montré une vraie image de vous\u00a0?"
    assert (
        (false_one.here, false_one.there) == (true_one.there, true_one.here) == ("Non", "Oui, ou une image fabriquée")
    )


def test_internal_channel_is_never_shown(every):
    assert {channel.id for sheet in every.values() for channel in sheet.channels} & {"junalco", "tchat"} == set()


def test_wording_of_an_editor_replaces_only_what_it_says(catalogue, words):
    threat = catalogue.threats["faux-proche"]

    sheet = sheets.build(catalogue, words, threat, Wording(avoid=("Payer dans la minute.",)))

    assert sheet.avoid == ("Payer dans la minute.",)
    assert sheet.know == sheets.build(catalogue, words, threat).know


def test_threat_without_words_of_ours_still_has_a_sheet(catalogue, words):
    """A version published by an editor may hold a threat that the files do not know yet."""
    bare = Texts(words.edition, (), {}, {}, {}, {}, words.cases, {})

    sheet = sheets.build(catalogue, bare, catalogue.threats["faux-proche"])

    assert (sheet.name, sheet.family, sheet.avoid, sheet.know) == (catalogue.threats["faux-proche"].name, "", (), ())
    assert sheet.now
    assert [other.ask for other in sheet.neighbours] == [""] * len(sheet.neighbours)
