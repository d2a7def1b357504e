"""Supervisors: the desks now, a conversation read along and given to others, the report and its CSV."""

import csv
import datetime as dt
import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from guichet.accounts.enums import Role
from guichet.audit.models import Line
from tchat.enums import Outcome, State
from tchat.models import Conversation, Desk, Message
from tchat.services import conversations, moderation, presence, supervision, watch
from tchat.services.reports import DAY, MONTH, PARIS, WEEK, period_of, report
from tests.tchat import pages, people
from tests.tchat.pages import words

pytestmark = pytest.mark.django_db
LIVE, REPORT, ABUSES = (reverse(f"console:{name}") for name in ("supervision", "report", "abuses"))
WORDS = "il m'attend devant la porte"


@pytest.fixture
def place():
    return people.commune()


@pytest.fixture
def officer():
    return people.agent("policier", "police")


@pytest.fixture
def chief():
    return people.agent("superviseur", "police", role=Role.SUPERVISOR)


@pytest.fixture
def talk(officer, place):
    found = people.talking(officer, place)
    people.said(found, WORDS)
    return found


@pytest.fixture
def browser(chief):
    return pages.signed_in(chief)


def at(name: str, conversation) -> str:
    return reverse(f"console:{name}", args=[conversation.pk])


def now_of(conversation) -> Conversation:
    return Conversation.objects.select_related("dossier").get(pk=conversation.pk)


def desk_of(chief, slug: str = "police", *, now=None) -> supervision.Load:
    name = Desk.objects.get(pk=slug).name
    return next(load for load in supervision.live(chief, now=now).desks if load.name == name)


# --- who may


@pytest.mark.parametrize("address", [LIVE, REPORT, ABUSES])
def test_supervision_is_for_supervisors_only(officer, browser, address):
    assert browser.get(address).status_code == 200
    assert pages.signed_in(officer).get(address).status_code == 403
    assert pages.signed_in(people.agent("redactrice", role=Role.EDITOR)).get(address).status_code == 403


def test_link_to_supervision_is_shown_to_supervisors_only(officer, browser):
    assert LIVE in browser.get(reverse("console:desk")).content.decode()
    assert LIVE not in pages.signed_in(officer).get(reverse("console:desk")).content.decode()


def test_conversation_of_another_desk_does_not_exist(talk, officer):
    elsewhere = pages.signed_in(people.agent("chef", "gendarmerie", role=Role.SUPERVISOR))

    assert elsewhere.get(at("follow", talk)).status_code == 404
    assert elsewhere.get(at("assign", talk)).status_code == 404
    assert elsewhere.post(at("put_first", talk)).status_code == 404
    assert elsewhere.post(at("transfer", talk), {"desk": "commun"}).status_code == 404
    assert talk.dossier.reference not in words(elsewhere.get(LIVE))
    assert pages.signed_in(officer).get(at("follow", talk)).status_code == 403


# --- the desks now


def test_live_board_counts_who_waits_who_talks_and_who_is_there(chief, officer, talk, place, browser):
    people.waiting(place, minutes_ago=12)
    left = people.waiting(place)
    conversations.leave_queue(dossier=left.dossier, conversation_id=left.pk)
    paused = people.agent("pause", "police")
    presence.touch({officer.pk, paused.pk})
    presence.pause(agent=paused)

    load, zone = desk_of(chief), supervision.live(chief).zones[0]

    assert (load.waiting, load.minutes, load.active, load.abandoned) == (1, 12, 1, 1)
    assert (load.present, load.paused, load.load) == (2, 1, "1,0")
    assert load.agents == [f"{officer.service_number} (1)", f"{paused.service_number} (0, en pause)"]
    assert (zone.name, zone.waiting, zone.active, zone.abandoned) == ("59 Nord", 1, 1, 1)
    shown = words(browser.get(LIVE))
    assert f"{officer.service_number} (1), {paused.service_number} (0, en pause)" in shown
    assert officer.username not in shown.replace(str(chief), "").split()


def test_live_board_says_that_nobody_is_on_duty(chief, place):
    people.waiting(place)

    assert desk_of(chief).load == "personne en service"


def test_live_board_counts_the_abandons_of_today_only(chief, place):
    left = people.waiting(place)
    conversations.leave_queue(dossier=left.dossier, conversation_id=left.pk)

    assert desk_of(chief, now=timezone.now() + timedelta(days=1)).abandoned == 0


def test_live_board_sets_the_wait_told_today_against_the_real_one(chief, place, browser):
    taken(place, wait=12, told=5)

    load = desk_of(chief, now=NOON + timedelta(hours=1))

    assert (load.told, load.real) == (5, 12)


def test_live_part_is_what_a_script_gets(browser, talk):
    part = browser.get(LIVE, headers={"HX-Request": "true"}).content.decode()

    assert part.lstrip().startswith('<div id="vivant"')
    assert talk.dossier.reference in part


def test_live_page_shows_the_first_hundred_and_says_how_many_more(browser, place, monkeypatch):
    monkeypatch.setattr("tchat.supervision_views.SHOWN", 2)
    for _ in range(3):
        people.waiting(place)

    shown = words(browser.get(LIVE))

    assert "Et 1 autre" in shown
    assert shown.count("En tête") == 2


@pytest.mark.parametrize("count", [1, 3])
def test_live_board_costs_the_same_however_many(chief, officer, place, django_assert_num_queries, count):
    for _ in range(count):
        people.talking(officer, place)
        people.waiting(place)

    with django_assert_num_queries(8):
        supervision.live(chief)


# --- read along


def test_supervisor_reads_along_and_the_agent_and_the_journal_know(browser, talk, officer, chief):
    agents = pages.signed_in(officer)
    told = f"Le superviseur {chief.service_number} lit cette conversation."
    before, marks = words(agents.get(at("conversation", talk))), watch.own_marks({officer.pk})

    read = browser.get(at("follow", talk))
    part = agents.get(reverse("console:queue"), {"vu": talk.pk}, headers={"HX-Request": "true"}).content.decode()

    assert WORDS in words(read)
    assert "Envoyer" not in words(read)
    assert told not in before
    assert told in words(agents.get(at("conversation", talk)))
    assert told in part
    assert watch.own_marks({officer.pk}) != marks
    line = Line.objects.get(verb="tchat suivi")
    assert (line.actor, line.chain_id) == (chief.audit_name, talk.dossier.chain)


def test_reading_along_is_answered_with_nothing_until_something_is_said_or_read(browser, talk):
    part = {"HX-Request": "true"}
    page = browser.get(at("follow", talk)).content.decode()
    again = re.search(r'id="suivie" data-hx-get="([^"]+)"', page)[1]

    same = browser.get(again, headers=part)
    people.said(talk, "il est revenu")
    new = browser.get(again, headers=part)

    assert (same.status_code, same.content) == (204, b"")
    assert supervision.readers_of(talk) != []
    assert "il est revenu" in new.content.decode()
    assert new.content.decode().startswith('<div id="suivie"')


def test_reading_ends_when_the_page_is_left(talk, chief):
    now = timezone.now()
    supervision.read_along(supervisor=chief, conversation=talk, now=now)

    assert supervision.readers_of(talk, now=now + timedelta(seconds=15)) == [chief.service_number]
    assert supervision.readers_of(talk, now=now + supervision.LEASE) == []


def test_reading_along_marks_nothing_as_read(browser, talk):
    browser.get(at("follow", talk))

    assert now_of(talk).agent_read == talk.agent_read


def test_nobody_reads_what_was_written_before_it_is_taken(browser, place):
    waiting = people.waiting(place)
    people.said(waiting, WORDS)

    assert browser.get(at("follow", waiting)).status_code == 404
    assert WORDS not in browser.get(at("assign", waiting)).content.decode()


def test_closed_conversation_is_not_followed(browser, talk, officer):
    conversations.close_conversation(agent=officer, conversation_id=talk.pk, outcome="conseil")

    assert browser.get(at("follow", talk)).status_code == 404


def test_supervisor_whispers_a_note_that_the_agent_gets(browser, talk, officer):
    browser.post(at("note", talk), {"note": "demande-lui si la porte est fermée"})

    page = pages.signed_in(officer).get(at("conversation", talk))
    assert "demande-lui si la porte est fermée" in words(page)
    assert not Message.objects.filter(conversation=talk, author="agent").exists()


# --- to others


def test_supervisor_gives_it_to_a_present_agent(browser, talk, chief):
    colleague = people.agent("collegue", "police")
    presence.touch({colleague.pk})

    offered = words(browser.get(at("assign", talk)))
    browser.post(at("transfer", talk), {"agent": colleague.pk})

    assert f"Confier à l’agent {colleague.service_number}" in offered
    assert (now_of(talk).agent, now_of(talk).dossier.assigned_agent) == (colleague, colleague)
    assert Line.objects.filter(verb="tchat transféré", actor=chief.audit_name).count() == 1


def test_supervisor_gives_who_waits_to_an_agent(browser, place):
    waiting, colleague = people.waiting(place), people.agent("collegue", "police")
    presence.touch({colleague.pk})

    browser.post(at("transfer", waiting), {"agent": colleague.pk})

    assert (now_of(waiting).state, now_of(waiting).agent) == (State.ACTIVE, colleague)
    assert now_of(waiting).taken_at is not None
    assert now_of(waiting).transfers == 0


def test_supervisor_gives_it_to_another_desk(browser, talk, officer):
    moved = browser.post(at("transfer", talk), {"desk": "specialise"})

    assert moved.url == LIVE
    assert (now_of(talk).desk_id, now_of(talk).state, now_of(talk).agent) == ("specialise", State.WAITING, None)
    assert pages.signed_in(officer).get(at("conversation", talk)).status_code == 404


def test_supervisor_puts_one_first(browser, officer, place):
    people.waiting(place, minutes_ago=30)
    last = people.waiting(place)

    browser.post(at("put_first", last))

    assert conversations.claim_next(agent=officer) == last
    assert now_of(last).reasons[-1].startswith("passé en tête par le superviseur")
    assert Line.objects.filter(verb="tchat passé en tête").count() == 1


def test_put_first_of_a_taken_one_says_so(browser, talk):
    told = browser.post(at("put_first", talk), follow=True)

    assert "Un autre agent vient de prendre cette conversation." in words(told)


# --- what was stopped


def test_supervisors_read_why_conversations_of_their_desks_were_stopped(browser, talk, officer):
    moderation.stop(agent=officer, conversation_id=talk.pk, reason="insultes", words="menace de mort")
    elsewhere = pages.signed_in(people.agent("chef", "gendarmerie", role=Role.SUPERVISOR))

    shown = words(browser.get(ABUSES))

    for wanted in (talk.dossier.reference, officer.service_number, "Insultes ou menaces", "menace de mort"):
        assert wanted in shown
    assert "menace de mort" not in words(elsewhere.get(ABUSES))


# --- the report


@pytest.mark.parametrize(
    ("kind", "day", "first", "last"),
    [
        (DAY, "2026-11-25", "2026-11-25", "2026-11-25"),
        (WEEK, "2026-11-25", "2026-11-23", "2026-11-29"),
        (WEEK, "2026-03-29", "2026-03-23", "2026-03-29"),
        (MONTH, "2026-02-28", "2026-02-01", "2026-02-28"),
        (MONTH, "2026-12-31", "2026-12-01", "2026-12-31"),
    ],
)
def test_period_holds_its_day(kind, day, first, last):
    found = period_of(kind, dt.date.fromisoformat(day))

    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)


def test_period_counts_by_the_clock_of_paris():
    start, end = period_of(DAY, dt.date(2026, 3, 29)).bounds

    assert (start.utcoffset(), end.utcoffset()) == (timedelta(hours=1), timedelta(hours=2))
    assert end.timestamp() - start.timestamp() == 23 * 3600


NOON = dt.datetime(2026, 11, 25, 12, tzinfo=PARIS)


def taken(place, *, wait: float | None, told: int | None = None, **changes) -> None:
    """A conversation of that noon, as the table of the report counts it."""
    found = people.waiting(place)
    values = {"created_at": NOON, "told_minutes": told, "state": State.CLOSED, **changes}
    if wait is not None:
        values["waited"] = timedelta(minutes=wait)
    Conversation.objects.filter(pk=found.pk).update(**values)


@pytest.fixture
def day(place):
    for minutes in range(1, 11):
        taken(place, wait=minutes, told=5 if minutes > 2 else None, outcome=Outcome.ADVICE)
    taken(place, wait=300, deferred_at=NOON, outcome=Outcome.APPOINTMENT, transfers=2)
    taken(place, wait=None, outcome=Outcome.ABANDONED, transfers=1)
    taken(place, wait=60, created_at=NOON - timedelta(days=1))
    return period_of(DAY, NOON.date())


def test_report_counts_waits_told_and_real_transfers_and_endings(chief, day):
    row = report(Desk.objects.filter(agents=chief), day)[0]

    assert (row.asked, row.taken) == (12, 11)
    assert (row.median, row.p90) == (5.5, 9)
    assert (row.told_median, row.told_real_median, row.kept) == (5, 6.5, 38)
    assert row.transfers_per_100 == 25
    assert dict(row.outcomes) == {"conseil": 10, "rendez-vous": 1, "abandon": 1}


def test_report_of_an_empty_day_says_nothing(chief):
    row = report(Desk.objects.filter(agents=chief), period_of(DAY, dt.date(2026, 1, 1)))[-1]

    assert (row.asked, row.median, row.p90, row.kept, row.transfers_per_100) == (0, None, None, None, None)


def test_report_page_and_file_hold_the_same_figures(browser, day):
    query = {"periode": "jour", "jour": "2026-11-25"}

    page = words(browser.get(REPORT, query))
    file = browser.get(REPORT, query | {"format": "csv"})

    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[1][1:9] == ["12", "11", "5,5", "9", "5", "6,5", "38", "25"]
    assert rows[1][1:] == rows[2][1:]
    assert " ".join(rows[1]) in page
    assert rows[0][0] == "Bureau"
    assert 'filename="tchat-jour-2026-11-25.csv"' in file["Content-Disposition"]
    assert Line.objects.filter(verb="rapport exporté").count() == 1


def test_report_holds_the_supervisor_s_desks_only(browser, day):
    Conversation.objects.update(desk="gendarmerie")

    assert " 12 11 " not in words(browser.get(REPORT, {"jour": "2026-11-25"}))


def test_name_of_a_desk_is_not_a_formula_in_a_spreadsheet(browser, day):
    Desk.objects.filter(pk="police").update(name='=HYPERLINK("http://exemple.fr")')

    file = browser.get(REPORT, {"jour": "2026-11-25", "format": "csv"}).content.decode("utf-8-sig")

    assert "'=HYPERLINK" in file


@pytest.mark.parametrize("query", [{"periode": "siècle"}, {"jour": "hier"}, {"jour": "0001-01-01"}, {"format": "exe"}])
def test_report_of_no_period_is_not_found(browser, query):
    assert browser.get(REPORT, query).status_code == 404


def test_report_costs_three_statements_and_no_more_with_many(chief, day, django_assert_num_queries):
    desks = list(Desk.objects.filter(agents=chief))

    with django_assert_num_queries(3):
        report(desks, day)
