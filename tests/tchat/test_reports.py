"""The report of a period against a plain reading of every conversation, and what it asks of the database."""

import datetime as dt
import random
import statistics
from datetime import timedelta

import pytest
from django.db import connection

from tchat.enums import Opinion, Outcome, State
from tchat.models import Conversation, Desk
from tchat.services.reports import PARIS, WAITED, asked_in, counted, period_of, ranked, report
from tests.tchat import people

pytestmark = pytest.mark.django_db
DAY = period_of("jour", dt.date(2026, 11, 25))
NOON = dt.datetime(2026, 11, 25, 12, tzinfo=PARIS)


def conversations_of_a_day(many: int, seed: int = 1) -> None:
    """As rows only, at three desks: waits to the microsecond, ties, promises kept at the very second and broken."""
    owner, chance = people.dossier(), random.Random(seed)
    desks, rows = ["police", "gendarmerie", "commun"], []
    for _ in range(many):
        told = chance.choice([None, 2, 5, 5, 15])
        wait = chance.choice([timedelta(minutes=5), timedelta(seconds=chance.uniform(0, 3600))])
        taken, later = chance.random() < 0.9, chance.random() < 0.05
        rows.append(
            Conversation(
                dossier=owner, desk_id=chance.choice(desks), competence_source="officielle", threat="sextorsion",
                severity=3, verification="00 · 00", state=State.CLOSED, told_minutes=told, created_at=NOON,
                transfers=chance.choice([0, 0, 0, 1, 3]), outcome=chance.choice(["", *Outcome.values]),
                waited=wait if taken else None, deferred_at=NOON if later else None,
                opinion=chance.choice(["", "", *Opinion.values]),
            )
        )  # fmt: skip
    Conversation.objects.bulk_create(rows, batch_size=500)


def _plainly(talks: list[Conversation]) -> tuple:
    """The same figures, by reading everything."""
    waited = [each for each in talks if each.waited is not None and not each.deferred_at]
    real = {each.pk: each.waited.total_seconds() / 60 for each in waited}
    told = [(each.told_minutes, real[each.pk]) for each in waited if each.told_minutes is not None]
    ordered = sorted(real.values())
    return (
        len(talks),
        sum(each.waited is not None for each in talks),
        statistics.median(ordered) if ordered else None,
        ordered[-(-9 * len(ordered) // 10) - 1] if ordered else None,
        statistics.median(minutes for minutes, _ in told) if told else None,
        statistics.median(minutes for _, minutes in told) if told else None,
        round(100 * sum(minutes <= promise for promise, minutes in told) / len(told)) if told else None,
        round(100 * sum(each.transfers for each in talks) / len(talks), 1) if talks else None,
        [sum(each.outcome == value for each in talks) for value in Outcome.values],
        sum(bool(each.opinion) for each in talks),
        sum(each.opinion in {"oui", "en-partie"} for each in talks),
    )


@pytest.mark.parametrize("many", [0, 1, 2, 3, 10, 11, 230])
def test_report_says_what_a_plain_reading_of_everything_says(many):
    conversations_of_a_day(many, seed=many)
    desks = list(Desk.objects.filter(pk__in=["police", "gendarmerie"]))
    talks = list(Conversation.objects.filter(desk__in=desks))

    rows = report(desks, DAY)

    groups = [[talk for talk in talks if talk.desk_id == desk.pk] for desk in desks] + [talks]
    for row, group in zip(rows, groups, strict=True):
        said = (
            row.asked, row.taken, row.median, row.p90, row.told_median, row.told_real_median, row.kept,
            row.transfers_per_100, row.endings, row.opinions, row.helped,
        )  # fmt: skip
        for told, wanted in zip(said, _plainly(group), strict=True):
            assert told == (pytest.approx(wanted, abs=1e-6) if isinstance(wanted, float) else wanted)


def test_what_comes_back_from_the_database_does_not_grow_with_the_conversations():
    sizes = []
    for seed in (1, 2):
        conversations_of_a_day(300, seed=seed)
        talks = asked_in(["police", "gendarmerie", "commun"], DAY)
        sizes.append((len(ranked(talks.filter(WAITED))), len(counted(talks))))

    (few_waits, few_sums), (waits, sums) = sizes
    assert max(few_waits, waits) <= 12  # three at a desk, three for all
    assert sums <= 3 * (len(Outcome) + 1) * 4
    assert few_sums <= sums


def test_one_day_is_found_by_its_index_and_not_by_reading_the_years():
    conversations_of_a_day(400)
    Conversation.objects.update(created_at=NOON - timedelta(days=90))
    conversations_of_a_day(5, seed=2)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tchat_conversation" if connection.vendor == "postgresql" else "ANALYZE")

    plan = counted(asked_in(["police"], DAY)).explain()

    assert "tchat_asked_at_desk" in plan
