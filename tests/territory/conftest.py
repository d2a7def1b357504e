"""A territory loaded from small official files."""

import json

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection

from tests.territory.official import COMMUNES, COMPETENCES


@pytest.fixture
def no_reference(db):
    """Another test of this process may have loaded the whole country; the test's own rollback brings it back."""
    tables = [model._meta.db_table for model in apps.get_app_config("territory").get_models()]
    with connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(no_style(), tables, allow_cascade=True):
            cursor.execute(statement)


@pytest.fixture
def file(tmp_path):
    def write(content, name="fichier.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def communes(no_reference, file):
    call_command("load_communes", file(json.dumps(COMMUNES), "communes.json"), verbosity=0)


@pytest.fixture
def competences(communes, file):
    call_command("load_competences", file(COMPETENCES), edition="2026-08")
