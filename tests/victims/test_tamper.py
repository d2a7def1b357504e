"""`make tamper` in small: one change of each kind before `verify.py` alone; what it says when it is asked wrongly."""

import pytest

from tests.tamper.bundles import several
from tests.tamper.trial import CHANGES, Alone, put_to_trial
from victims import verifier
from victims.services import seals

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def alone():
    found = Alone()
    yield found
    found.close()


def test_one_change_of_each_kind_is_found_by_the_verifier_alone(alone):
    taken, key = several(), seals.public_keys()[0]

    score = put_to_trial(taken, times=len(CHANGES), seed=20261125, key=key)

    assert score.silent == []
    assert score.line() == f"tamperings={len(CHANGES)} found={len(CHANGES)}"
    for each in taken:
        verdict = alone.verdict(each.raw, f"--cle={key.hex()}")
        assert (verdict.code, verdict.wrong, verdict.said[:9]) == (0, "", "INTACT : ")


@pytest.mark.parametrize("known", ["--cle=", "--cle=abc", "--cle=zz", "--empreinte=12", "autre.zip"])
def test_a_key_mistyped_is_never_taken_for_no_key(alone, known):
    verdict = alone.verdict(b"", known)

    assert (verdict.code, verdict.said.strip(), verdict.wrong) == (2, verifier.USAGE, "")


def test_a_file_that_is_not_there_is_said(alone, capsys):
    assert verifier.main([str(alone.folder / "rien.zip")]) == 2
    assert capsys.readouterr().out.startswith("Fichier introuvable : ")
