"""The client's rules as vectors: here for the Python client of the suites, in tests/browser for static/js/tchat.js."""

import json
from pathlib import Path

import pytest

from guichet.simulation.client import Client, Outgoing
from tests.tchat.link import Link

VECTORS = json.loads((Path(__file__).parent / "vectors.json").read_text())
LONG_AGO = 1000.0


class Player:
    """Plays the steps of a vector on a client without network, with a clock of its own."""

    def __init__(self, last: int) -> None:
        self.client = Client("", "victim", [], {})
        self.client.shown = [(seq, str(seq), "") for seq in range(1, last + 1)]
        self.now = LONG_AGO

    def play(self, step: dict) -> None:
        if "compose" in step:
            self.client.waiting[step["compose"]] = Outgoing("", 0.0)
        elif "wait" in step:
            self.now += step["wait"]
        elif "due" in step:
            found = self.client.due(self.now, everything=step["everything"])
            for name in found:
                self.client.waiting[name].last = self.now
            assert found == step["due"]
        else:
            assert self.meaning(step["hear"]) == step["means"]

    def meaning(self, frame: dict) -> str:
        shown, saved, refused = len(self.client.shown), len(self.client.acknowledged), len(self.client.refused)
        try:
            self.client.on(frame)
        except ConnectionError:
            return "gap"
        if frame["t"] == "msg":
            return "show" if len(self.client.shown) > shown else "known"
        if frame["t"] == "err" and frame["code"] in {"retry", "too-fast"}:
            return "later"
        if len(self.client.acknowledged) > saved:
            return "saved"
        return "refused" if len(self.client.refused) > refused and frame.get("id") else ""


@pytest.mark.parametrize("vector", VECTORS["thread"], ids=lambda vector: vector["name"])
def test_client_follows_the_rules(vector):
    player = Player(vector["last"])

    for step in vector["steps"]:
        player.play(step)

    assert player.client.last == vector["ends"]["last"]
    assert list(player.client.waiting) == vector["ends"]["waiting"]


@pytest.mark.parametrize("vector", VECTORS["link"], ids=lambda vector: vector["name"])
def test_link_follows_the_rules(vector):
    link = Link(0)

    for number, step in enumerate(vector["steps"]):
        found = getattr(link, step["do"])(step["at"], *step.get("with", ()))
        assert "gives" not in step or found == step["gives"], (number, step)
