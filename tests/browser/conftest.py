import pytest
from playwright.sync_api import sync_playwright

from tests import services


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=services.CHROMIUM, args=services.CHROMIUM_ARGUMENTS, handle_sigint=False
        )
        yield found
        found.close()
