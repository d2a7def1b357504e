"""An unsafe production value is refused, by a stable id."""

import pytest

from tests.deploy_check import SAFE, check

UNSAFE = {
    "guichet.E001": {"GUICHET_SECRET_KEY": ""},
    "guichet.E002": {"GUICHET_KEKS": ""},
    "guichet.E003": {"REDIS_URL": ""},
    "guichet.E004": {"DATABASE_URL": ""},
    "guichet.E005": {"GUICHET_DEMO": "1"},
    "guichet.E006": {"GUICHET_HTTPS": "0"},
    "guichet.E007": {"GUICHET_ORIGINS": "http://guichet.example.fr"},
    "guichet.E008": {"GUICHET_DEBUG": "1"},
    "guichet.E013": {"GUICHET_SECOND_FACTOR": "offered"},
    "guichet.E014": {"GUICHET_SECOND_FACTOR": "requis"},
}


def test_safe_production_passes_the_deploy_check_without_a_warning():
    found = check(SAFE)

    assert (found.returncode, found.stderr.strip()) == (0, "")


@pytest.mark.parametrize(("check_id", "values"), UNSAFE.items())
def test_unsafe_value_is_refused_in_production(check_id, values):
    found = check({**SAFE, **values})

    assert found.returncode != 0
    assert check_id in found.stderr
