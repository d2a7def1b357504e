"""An unsafe production value is refused, by a stable id."""

import re
from pathlib import Path

import pytest
from django.conf import settings

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
    "guichet.E015": {"GUICHET_EMAIL_HOST": ""},
}


def test_safe_production_passes_the_deploy_check_without_a_warning():
    found = check(SAFE)

    assert (found.returncode, found.stderr.strip()) == (0, "")


@pytest.mark.parametrize(("check_id", "values"), UNSAFE.items())
def test_unsafe_value_is_refused_in_production(check_id, values):
    found = check({**SAFE, **values})

    assert found.returncode != 0
    assert check_id in found.stderr


def named(file: str, pattern: str) -> list[str]:
    return re.findall(pattern, (Path(settings.BASE_DIR) / file).read_text(), re.MULTILINE)


def test_operations_name_every_setting():
    read = named("guichet/settings.py", r'env\.\w+\(\s*"(\w+)"')

    told = {*named("docs/operations.md", r"`([A-Z_]+)`"), *named("docs/identity.md", r"`([A-Z_]+)`")}

    assert sorted(set(read) - told) == []


def test_example_of_the_environment_names_nothing_that_is_not_read():
    told = named(".env.example", r"^(?:# )?([A-Z_]+)=")

    read = {*named("guichet/settings.py", r'env\.\w+\(\s*"(\w+)"'), *named("docker-compose.yml", r"\$\{(\w+)")}

    assert sorted(set(told) - read) == []
