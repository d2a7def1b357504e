from datetime import date, datetime, time, timedelta

import pytest

from diagnostic import deadlines
from diagnostic.catalogue import Deadline
from diagnostic.deadlines import Due, due_of, end_of, left, words
from diagnostic.moments import PARIS, read_when, when_ids


def paris(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


NOW = paris("2026-11-25T15:41")


@pytest.mark.parametrize(
    ("iso", "start", "end"),
    [
        ("PT72H", "2026-11-24T14:30", "2026-11-27T14:30"),
        # Summer time begins on 29 March 2026 and ends on 25 October 2026: 72 hours are 72 hours.
        ("PT72H", "2026-03-27T14:30", "2026-03-30T15:30"),
        ("PT72H", "2026-10-23T14:30", "2026-10-26T13:30"),
        ("PT24H", "2026-10-24T14:30", "2026-10-25T13:30"),
        # A week-end and a holiday do not move a limit in hours.
        ("PT72H", "2026-12-24T10:00", "2026-12-27T10:00"),
        # Days, weeks, months and years end at the last minute of their last day.
        ("P14D", "2026-11-25T09:00", "2026-12-09T23:59"),
        ("P30D", "2026-10-20T09:00", "2026-11-19T23:59"),
        ("P70D", "2026-11-25T00:00", "2027-02-03T23:59"),
        ("P8W", "2026-11-25T00:00", "2027-01-20T23:59"),
        ("P13M", "2026-11-25T00:00", "2027-12-25T23:59"),
        ("P3M", "2026-11-30T00:00", "2027-02-28T23:59"),
        ("P3M", "2027-11-30T00:00", "2028-02-29T23:59"),
        ("P1M", "2026-01-31T00:00", "2026-02-28T23:59"),
        ("P1Y", "2028-02-29T00:00", "2029-02-28T23:59"),
        ("P6Y", "2026-11-25T00:00", "2032-11-25T23:59"),
    ],
)
def test_limit_ends_when_the_law_says(iso, start, end):
    assert end_of(iso, paris(start)) == paris(end)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-11-25T09:00", "2026-12-02T23:59"),  # a week-end between
        ("2026-12-23T09:00", "2026-12-31T23:59"),  # Christmas is a Friday
        ("2027-05-03T09:00", "2027-05-11T23:59"),  # Ascension on the 6th, a week-end with the 8th
        ("2026-04-02T09:00", "2026-04-10T23:59"),  # Easter Monday on the 6th
    ],
)
def test_working_days_skip_weekends_and_holidays(start, end):
    assert end_of("P5D", paris(start), working=True) == paris(end)


@pytest.mark.parametrize(
    ("year", "easter_monday"), [(2024, date(2024, 4, 1)), (2026, date(2026, 4, 6)), (2027, date(2027, 3, 29))]
)
def test_moving_holidays(year, easter_monday):
    found = deadlines.holidays(year)

    assert {easter_monday, easter_monday + timedelta(days=38), easter_monday + timedelta(days=49)} <= found
    assert len(found) == 11


@pytest.mark.parametrize(
    ("departement", "own"),
    [
        ("67", {date(2027, 3, 26), date(2027, 12, 26)}),
        ("57", {date(2027, 3, 26), date(2027, 12, 26)}),
        ("974", {date(2027, 12, 20)}),
        ("976", {date(2027, 4, 27)}),
        ("59", set()),
    ],
)
def test_holidays_of_one_departement_alone(departement, own):
    assert deadlines.holidays(2027, departement) - deadlines.holidays(2027) == own


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(seconds=20), "1\u00a0minute"),
        (timedelta(minutes=40), "40\u00a0minutes"),
        (timedelta(hours=1), "1\u00a0heure"),
        (timedelta(hours=46, minutes=59), "46\u00a0heures"),
        (timedelta(hours=72), "72\u00a0heures"),
        (timedelta(days=12, hours=5), "12\u00a0jours"),
        (timedelta(days=395), "12 mois"),
        (timedelta(days=2191), "5\u00a0ans"),
        (timedelta(0), ""),
        (timedelta(hours=-3), ""),
    ],
)
def test_time_left_is_rounded_down_and_never_negative(span, said):
    assert left(NOW + span, NOW) == said


def test_words_give_day_hour_and_time_left():
    due = Due(paris("2026-11-27T14:30"), legal=True, timed=True)

    assert words(due, NOW) == "avant le vendredi 27 novembre à 14\u00a0h\u00a030\u00a0: il reste 46\u00a0heures"


def test_words_of_a_limit_in_days_give_the_year_when_it_is_another():
    due = Due(paris("2027-12-25T23:59"), legal=True, timed=False)

    assert words(due, NOW) == "au plus tard le samedi 25 décembre 2027\u00a0: il reste 12 mois"


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=1), timedelta(days=900)])
def test_past_limit_says_to_do_it_all_the_same(late):
    assert words(Due(NOW - late, legal=True, timed=True), NOW) == (
        "le délai est passé\u00a0: faites-le quand même, et dites-le"
    )


def deadline(iso="PT72H", start="knowledge", kind="legal", **more) -> Deadline:
    rest = {"working": False, "late": 1, "alternatives": ()} | more
    return Deadline(within="", text="", hours=0, kind=kind, source="", start=start, iso=iso, **rest)


YESTERDAY_AT = read_when(when_ids("", date(2026, 11, 24), time(14, 30), NOW))


@pytest.mark.parametrize(
    ("start", "audience", "end"),
    [
        ("knowledge", "entreprise", "2026-11-27T14:30"),
        ("knowledge", "particulier", "2026-11-28T15:41"),
        ("facts", "particulier", "2026-11-27T14:30"),
        ("debit", "entreprise", "2026-11-27T14:30"),
        ("payment", "particulier", "2026-11-27T14:30"),
        ("publication", "particulier", "2026-11-27T14:30"),
        ("delivery", "particulier", None),
        ("request", "particulier", None),
        ("written_complaint", "entreprise", None),
    ],
)
def test_limit_runs_from_what_the_law_names(start, audience, end):
    due = due_of(deadline(start=start), YESTERDAY_AT, audience=audience, now=NOW)

    assert (due.at if due else None) == (paris(end) if end else None)


@pytest.mark.parametrize("ids", [(), ("inconnu", "a2026-11-25T15:41"), ("avant", "a2026-11-25T15:41"), ("hier",)])
def test_no_date_known_is_no_limit_told(ids):
    assert due_of(deadline(start="facts"), read_when(ids), audience="particulier", now=NOW) is None


def test_past_limit_gives_way_to_what_is_still_worth_trying():
    recall = deadline("PT24H", "payment", "practical", alternatives=(("encore utile à tenter", "PT72H", True),))
    card = deadline("PT24H", "payment", alternatives=(("hors d’Europe", "P70D", False),))

    again, gone = (due_of(each, YESTERDAY_AT, audience="particulier", now=NOW) for each in (recall, card))

    assert (again.about, again.at) == ("encore utile à tenter", paris("2026-11-27T14:30"))
    assert gone.past(NOW)


def test_limit_is_the_same_after_it_was_kept():
    due = Due(paris("2027-07-01T23:59"), legal=True, timed=False, about="x")

    assert deadlines.unpacked(deadlines.packed(due)) == due
    assert deadlines.unpacked(deadlines.packed(None)) is None
