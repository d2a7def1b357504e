from datetime import UTC, datetime

import pytest

from guichet.accounts import totp

RFC_SECRET = b"12345678901234567890"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_codes_are_those_of_the_standard(seconds, code):
    """RFC 6238, appendix B, the last six of the eight digits."""
    now = datetime.fromtimestamp(seconds, UTC)

    assert totp.code_at(RFC_SECRET, totp.step_of(now)) == code


@pytest.mark.parametrize(("steps", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_telephone_may_be_half_a_minute_early_or_late(steps, counts):
    now = datetime(2026, 11, 26, 9, 0, 10, tzinfo=UTC)
    code = totp.code_at(RFC_SECRET, totp.step_of(now) + steps)

    found = totp.matching_step(RFC_SECRET, code, now=now, after=0)

    assert found == (totp.step_of(now) + steps if counts else None)


def test_address_says_who_and_what_an_application_needs():
    found = totp.address(RFC_SECRET, name="policier")

    assert found.startswith("otpauth://totp/Guichet%20cyber:policier?")
    assert "secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" in found
    assert totp.spelled(RFC_SECRET) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


def test_picture_is_an_svg_that_carries_no_script_and_fetches_nothing():
    found = totp.picture("otpauth://totp/x?secret=AAAA")

    assert found.startswith("data:image/svg+xml")
    assert "script" not in found
    assert "href" not in found
