"""Hostile files, and as many as chance makes of them: kept sealed, or refused in words, within a small memory."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus.hostile import corpus

ROOT = Path(__file__).resolve().parent.parent.parent
MEGABYTES = 300


def figures_of(times: int) -> dict[str, int]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.corpus"],
        cwd=ROOT, env={**os.environ, "N": str(times)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: int(value) for name, value in (each.split("=") for each in done.stdout.splitlines()[-1].split())}


@pytest.mark.parametrize("times", [100, pytest.param(2000, marks=pytest.mark.stack)])
def test_hostile_files_are_kept_sealed_or_refused_in_words_within_a_small_memory(times):
    figures = figures_of(times)

    assert figures["wrong"] == 0
    assert figures["hostile"] > 150
    assert 0 < figures["kept"] < figures["hostile"]
    assert 0 < figures["kept_mutated"] < times
    assert figures["peak_mb"] < MEGABYTES


def test_corpus_is_made_of_different_files():
    found = {(each.name, each.content) for each in corpus()}

    assert len(found) > 150
