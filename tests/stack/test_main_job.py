"""The same main job on PostgreSQL and Redis, the two people on different daphne processes."""

import pytest

from tests import places
from tests.browser.people import main_job

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
def place():
    found = places.production(processes=2)
    try:
        yield found.start()
    finally:
        found.stop()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_victim_and_police_officer_on_two_processes(browser, place, script):
    victim_side, agent_side = place.daphnes

    main_job(browser, victim_side.url, agent_side.url, script=script)

    assert "broken=0" in place.manage("verify_audit")
