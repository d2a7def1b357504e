"""A victim of Bailleul and a police officer, from the first question to the filed complaint, on the laptop shape."""

import pytest

from tests import places
from tests.browser.people import main_job
from tests.browser.referral import referral_walk

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place():
    found = places.laptop()
    try:
        yield found.start()
    finally:
        found.stop()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_victim_and_police_officer_file_a_complaint_with_its_transcript(browser, place, script):
    main_job(browser, place.url, place.url, script=script)


def test_company_asks_three_providers_and_one_helps(browser, place):
    referral_walk(browser, place)
