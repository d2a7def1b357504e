from dataclasses import replace
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from diagnostic.management.commands.channels import is_stale


def test_last_line_counts_what_is_old_and_what_is_to_verify():
    out = StringIO()

    call_command("channels", stdout=out)

    lines = out.getvalue().splitlines()
    figures = dict(pair.split("=") for pair in lines[-1].split())
    assert list(figures) == ["channels", "stale", "to_verify"]
    assert int(figures["channels"]) >= int(figures["stale"]) > 0
    assert any(line.startswith("infoescroqueries:") and "plus de six mois" in line for line in lines)
    assert any(line.startswith("17:") and "jamais vérifié, à vérifier" in line for line in lines)


@pytest.mark.parametrize(
    ("checked", "stale"),
    [("", True), ("2018", True), ("2026-05", True), ("2026-05-25", False), ("2026-06", False), ("2026-05-24", True)],
)
def test_channel_is_stale_after_six_months_or_when_never_checked(catalogue, checked, stale):
    channel = replace(catalogue.channels["17"], checked=checked)

    assert is_stale(channel, date(2026, 5, 25)) is stale
