import pytest

from diagnostic.phones import Linker

LINK = Linker({"17": "tel:17", "15": "tel:15", "112": "tel:112", "114": "sms:114", "116 006": "tel:116006"})


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("Appelez le 17 ou le 112.", ["tel:17", "tel:112"]),
        ("Envoyez un SMS au 114.", ["sms:114"]),
        ("Le 116 006 vous écoute", ["tel:116006"]),
        ("Le 116\u00a0006 vous écoute", ["tel:116006"]),
        ("appelez le 17, ou le 15 jour et nuit", ["tel:17", "tel:15"]),
        ("sous 15 jours", []),
        ("article 15-3", []),
        ("le 17 000 €", []),
        ("0,17 €/min", []),
        ("2017", []),
        ("sur 17.fr", []),
    ],
)
def test_numbers_to_call_are_links_and_nothing_else(text, called):
    parts = LINK.parts(text)

    assert [link for _, link in parts if link] == called
    assert "".join(words for words, _ in parts) == text


def test_every_number_that_can_be_called_is_known(catalogue):
    linked = {link for action in catalogue.actions.values() for _, link in action.parts if link}

    assert {"tel:17", "tel:112", "sms:114", "tel:3114", "tel:3018", "tel:119", "tel:116006", "tel:0892705705"} <= linked
