import pytest
from playwright.sync_api import expect, sync_playwright

from tests import places, services

# What comes late on a busy machine is not a fault: only what never comes is. How fast it is, the bench says.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=services.CHROMIUM, args=services.CHROMIUM_ARGUMENTS, handle_sigint=False
        )
        yield found
        found.close()


@pytest.fixture(scope="module")
def seed(place):
    """Makes a conversation in progress and one that waits, and says who opens what; « alone »: see tests.tchat.seed."""
    seeder = places.Seeder(place.environment, "tests.tchat.seed")
    yield seeder.ask
    seeder.stop()
