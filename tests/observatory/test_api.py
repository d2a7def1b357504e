"""The open API is what its description says: a machine walks it, with good and with wrong addresses."""

from datetime import UTC, date, datetime

import hypothesis
import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections
from django.urls import reverse

from guichet.figures_api import document
from guichet.figures_tables import TABLES
from guichet.observatory import publishing
from guichet.observatory.models import Count
from guichet.wsgi import application
from tests.observatory.factory import counted

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
EXAMPLES = 6


@pytest.fixture
def year():
    """A year and two months of figures, one of them revised."""
    for table in TABLES:
        value = next(iter(table.labels()))
        raw = {"dossier-lieu": "59/sextorsion", "plainte-lieu": "59/thesee", "attente-annoncee": "0-2/2-5"}
        for month in (date(2025, 1, 9), date(2025, 7, 9), date(2026, 1, 9), date(2026, 2, 9)):
            if not Count.objects.filter(day=month, key=table.key).exists():
                counted(raw.get(table.key, value), 33, month, key=table.key)
    publishing.publish(TABLES, now=NOW)
    Count.objects.filter(day=date(2026, 2, 9)).update(n=55)
    publishing.publish(TABLES, now=NOW)


@pytest.fixture
def one_connection():
    """The walk goes in by the server's own door, within the test's transaction: its connection stays open."""
    doors = (signals.request_started, signals.request_finished)
    for door in doors:
        door.disconnect(close_old_connections)
    yield
    for door in doors:
        door.connect(close_old_connections)


OPERATIONS = [each.ok() for each in schemathesis.openapi.from_dict(document()).get_all_operations()]


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.path)
def test_every_answer_is_as_described(operation, year, one_connection, settings):
    settings.ALLOWED_HOSTS = ["*"]
    operation.schema.app = application
    operation.app = application

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=operation.as_strategy())
    def walk(case):
        case.call_and_validate(base_url="http://127.0.0.1")

    walk()


def test_dictionary_says_every_address_to_people_too(client):
    described = client.get(reverse("observatory:openapi")).json()
    page = client.get(reverse("observatory:dictionary")).content.decode()

    assert all(path in page for path in described["paths"])
    assert reverse("observatory:openapi") in page


def test_description_names_every_address_of_the_data(client):
    described = client.get(reverse("observatory:openapi")).json()

    assert described["openapi"].startswith("3.1")
    assert len(described["paths"]) == 5
    assert set(described["paths"]["/observatoire/{table}/tableau.json"]["get"]["parameters"][0]["schema"]["enum"]) == {
        table.id for table in TABLES
    }
