"""The table is doors.yaml, beside this file."""

from pathlib import Path

import pytest
import yaml

from diagnostic import advice, door
from diagnostic.engine import resolve

TABLE = yaml.safe_load((Path(__file__).parent / "doors.yaml").read_text())


@pytest.mark.parametrize("case", TABLE)
def test_first_door(catalogue, case):
    row = TABLE[case]
    resolution = resolve(catalogue, {node: tuple(ids) for node, ids in row["answers"].items()})

    doors = door.choose(catalogue, resolution, advice.plan(catalogue, resolution))

    others = {other.channel.id for other in doors.others}
    assert doors.first.channel.id == row["first"]
    assert set(row.get("others", [])) <= others
    assert not set(row.get("never", [])) & {doors.first.channel.id, *others}
    assert doors.first.channel.id not in others


def test_reason_is_said_in_plain_words(catalogue):
    answers = TABLE["carte en main, achats inconnus"]["answers"]
    resolution = resolve(catalogue, {node: tuple(ids) for node, ids in answers.items()})

    first = door.choose(catalogue, resolution, advice.plan(catalogue, resolution)).first

    assert first.title == "Signaler la fraude sur Perceval"
    assert first.reason.startswith("Vous avez toujours votre carte")
