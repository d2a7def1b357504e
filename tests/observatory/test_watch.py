"""A campaign is found within the hour and waits as a draft; ordinary months stay quiet."""

import zoneinfo
from datetime import datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from diagnostic.prevention import current
from diagnostic.prevention.enums import State
from diagnostic.prevention.models import Announcement
from guichet.management.commands.surges import PER_DAY, threats
from guichet.observatory import drills
from guichet.observatory.models import ThreatSurge
from guichet.observatory.services import count_all
from guichet.tasks import watch_threats
from tests.observatory.factory import counted

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
NOON = datetime(2026, 3, 9, 12, 2, tzinfo=PARIS)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def four_weeks():
    """Three dossiers a day in the Nord, one in the Ain, and forty journeys in France."""
    for back in range(2, 40):
        day = (NOON - back * DAY).date()
        counted("59/hameconnage-sms", 3, day, key="dossier-lieu")
        counted("01/hameconnage-sms", 1, day, key="dossier-lieu")
        counted("hameconnage-sms", 40, day, key="diagnostic")


def come(many: int, when: datetime, place: str = "59") -> None:
    for _ in range(many):
        count_all([("dossier-lieu", f"{place}/hameconnage-sms"), ("diagnostic", "hameconnage-sms")], day=when.date())


def look(monkeypatch, when: datetime) -> list[Announcement]:
    monkeypatch.setattr(timezone, "now", lambda: when)
    watch_threats()
    return list(Announcement.objects.order_by("created_at"))


# --- what an editor sees ------------------------------------------------------------------------------
@pytest.mark.django_db
def test_campaign_is_a_draft_within_the_hour_and_nobody_else_sees_it(four_weeks, monkeypatch, client):
    come(2, NOON)
    assert look(monkeypatch, NOON) == []

    come(40, NOON + HOUR / 2)
    (draft,) = look(monkeypatch, NOON + HOUR)

    assert draft.state == State.DRAFT
    assert (draft.departements, draft.threats) == (["59"], ["hameconnage-sms"])
    assert "Nord" in draft.title
    assert "Environ 40 demandes" in draft.summary
    assert draft.body
    current.forget()
    assert draft.title not in client.get(reverse("prevention:alerts")).content.decode()


@pytest.mark.django_db
def test_same_surge_is_told_once(four_weeks, monkeypatch):
    come(42, NOON)

    for hours in range(30):
        look(monkeypatch, NOON + hours * HOUR)

    assert Announcement.objects.count() == ThreatSurge.objects.count() == 1


@pytest.mark.django_db
def test_what_began_before_midnight_is_seen_at_midnight(four_weeks, monkeypatch):
    late = NOON.replace(hour=23, minute=45)
    come(42, late)

    assert len(look(monkeypatch, late + timedelta(minutes=17))) == 1


@pytest.mark.django_db
def test_surge_of_all_france_names_no_departement(four_weeks, monkeypatch):
    counted("hameconnage-sms", 400, NOON.date(), key="diagnostic")

    (draft,) = look(monkeypatch, NOON)

    assert draft.departements == []


@pytest.mark.django_db
def test_ordinary_day_proposes_nothing(four_weeks, monkeypatch):
    come(7, NOON)

    assert look(monkeypatch, NOON + 11 * HOUR) == []


@pytest.mark.django_db
def test_first_week_of_a_guichet_proposes_nothing(monkeypatch):
    come(80, NOON)

    assert look(monkeypatch, NOON) == []


# --- measured -----------------------------------------------------------------------------------------
def test_ordinary_months_cry_wolf_less_than_once_a_week():
    quiet = drills.ordinary(seed=7, weeks=4, threats=threats(), per_day=PER_DAY)

    assert quiet.looked_at > 7000
    assert quiet.a_week < 1


def test_campaigns_are_found_within_the_hour():
    """Sixty more dossiers of any threat, in any département, at any hour."""
    for seed in range(100):
        place, found = drills.campaign(seed=seed, size=60, threats=threats(), per_day=PER_DAY)
        assert [(seen.threat, seen.place) for seen in found] == [place]


def test_without_a_campaign_nothing_is_found():
    assert not any(drills.campaign(seed=seed, size=0, threats=threats(), per_day=PER_DAY)[1] for seed in range(100))
