import shutil

import pytest

from tests.faults.chaos import new_folder, prepare


@pytest.fixture(scope="session")
def prepared():
    """The database that every run copies."""
    folder = new_folder()
    yield prepare(folder)
    shutil.rmtree(folder, ignore_errors=True)
