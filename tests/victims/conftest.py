import pytest
from django.test import Client


@pytest.fixture
def client_factory():
    """Another browser."""
    return Client


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path):
    """The files of a test go with it."""
    settings.STORAGES = {
        **settings.STORAGES,
        "evidence": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files", "base_url": None},
        },
    }
