import datetime as dt

import pytest

from guichet.territory.loading.reference import load_reference


@pytest.fixture(scope="session")
def reference(django_db_setup, django_db_blocker):
    """The real communes and their competence, loaded once per process, the first time a test asks."""
    with django_db_blocker.unblock():
        load_reference(day=dt.date(2026, 8, 1))


@pytest.fixture
def committed_reference(reference, transactional_db):
    """The same for a test with real commits: the one before may have flushed the tables."""
    load_reference(day=dt.date(2026, 8, 1))
