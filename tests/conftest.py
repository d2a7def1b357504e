import datetime as dt

import pytest

from diagnostic.editing import live
from guichet.territory.loading.reference import load_reference

# No thread of ours looks at the test database beside the tests, nor holds it open when it is torn down.
live.VERSIONS.may_watch = False


@pytest.fixture(scope="session")
def reference(django_db_setup, django_db_blocker):
    """The real communes and their competence, loaded once per process, the first time a test asks."""
    with django_db_blocker.unblock():
        load_reference(day=dt.date(2026, 8, 1))


@pytest.fixture
def committed_reference(reference, transactional_db):
    """The same for a test with real commits: the one before may have flushed the tables."""
    load_reference(day=dt.date(2026, 8, 1))


LOADED = ("reference", "committed_reference")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items):
    """What loads the real territory is marked and comes last: no other test then finds a commune it did not make."""

    def rank(item) -> int:
        return max((place for place, name in enumerate(LOADED, 1) if name in item.fixturenames), default=0)

    for item in items:
        if rank(item):
            item.add_marker(pytest.mark.reference)
    yield
    items.sort(key=rank)
