import datetime as dt
import os

import pytest
from whitenoise.middleware import WhiteNoiseMiddleware

from diagnostic import company
from diagnostic.editing import live
from diagnostic.prevention import current, kept
from guichet.territory.loading.reference import load_reference

# No thread of ours looks at the test database beside the tests, nor holds it open when it is torn down.
live.VERSIONS.may_watch = False


@pytest.fixture(autouse=True, scope="session")
def _static_files_are_looked_at_once():
    """Every test client begins with the middleware, and WhiteNoise would look at each of our files again."""
    found, look = {}, WhiteNoiseMiddleware.add_files_from_finders

    def look_once(self):
        if not found:
            look(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", look_once)
        yield


@pytest.fixture(autouse=True)
def _light_hashes(settings):
    """Argon2 is made to be slow; these tests open thousands of dossiers. It still checks what was hashed with it."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture(scope="session")
def reference(django_db_setup, django_db_blocker):
    """The real communes and their competence, loaded once per process, the first time a test asks."""
    with django_db_blocker.unblock():
        load_reference(day=dt.date(2026, 8, 1))


@pytest.fixture
def committed_reference(reference, transactional_db):
    """The same for a test with real commits: the one before may have flushed the tables."""
    load_reference(day=dt.date(2026, 8, 1))


@pytest.fixture
def read_lately(db, monkeypatch):
    """This process read a moment ago what editors and the observatory published: pages make no statement for it."""
    monkeypatch.setattr(kept, "SECONDS", 3600.0)
    for each in (current.notices, current.wordings, company.latest):
        each.forget()
        each.get()
    yield
    for each in (current.notices, current.wordings, company.latest):
        each.forget()


LOADED = ("reference", "committed_reference")
# `make test` runs the suite on two databases: the second time only what asks one something, unless marked « once ».
ONLY_DATABASE = os.environ.get("GUICHET_TESTS") == "database"
DATABASE = {"db", "transactional_db", "django_db_setup"}


def _asks_the_database(item) -> bool:
    if item.get_closest_marker("once"):
        return False
    return item.get_closest_marker("django_db") is not None or bool(DATABASE & set(item.fixturenames))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """What loads the real territory is marked and comes last: no other test then finds a commune it did not make."""

    def rank(item) -> int:
        return max((place for place, name in enumerate(LOADED, 1) if name in item.fixturenames), default=0)

    for item in items:
        if rank(item):
            item.add_marker(pytest.mark.reference)
    if ONLY_DATABASE:
        config.hook.pytest_deselected(items=[item for item in items if not _asks_the_database(item)])
        items[:] = filter(_asks_the_database, items)
    yield
    items.sort(key=rank)
