"""An address is confirmed from its own mailbox first; then the end of a draft is told before it comes."""

import html
import re
from datetime import timedelta

import pytest
from django.core import mail, signing
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.victims import factory
from tests.victims.test_mailing import ADDRESS, ADDRESS_PAGE, TELLING
from victims import tasks
from victims.services import complaints, dossiers, draft_reminders, mailing, reports

pytestmark = pytest.mark.django_db
HOME = reverse("dossier:home")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _no_limit_kept():
    cache.clear()


@pytest.fixture
def dossier(client):
    found = factory.dossier(factory.SEXTORTION)
    factory.let_in(client, found)
    return found


@pytest.fixture
def leave(client, django_capture_on_commit_callbacks):
    def left(address=ADDRESS, **more):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(ADDRESS_PAGE, {"address": address, **more})

    return left


@pytest.fixture
def confirmed(dossier, leave):
    leave()
    assert open_link().status_code == 200
    dossier.refresh_from_db()
    mail.outbox.clear()
    return dossier


def text(response) -> str:
    return html.unescape(response.content.decode())


def link(message=-1) -> str:
    return re.search(r"https?://[^/]+(/\S+)", mail.outbox[message].body)[1]


def open_link(address: str = ""):
    """In another browser, without script: the button of the page."""
    return Client().post(address or link())


def test_one_mail_with_a_link_goes_first_and_says_nothing(dossier, leave):
    leave()

    sent = mail.outbox[0]
    words = f"{sent.subject}\n{re.sub(r'https?://[^/]+', '', sent.body)}".lower()
    assert [each.to for each in mail.outbox] == [[ADDRESS]]
    assert [word for word in TELLING if word in words] == []
    assert dossier.reference.lower() not in words


def test_page_of_the_link_names_nothing_and_a_robot_that_opens_it_confirms_nothing(dossier, leave):
    leave()

    page = Client().get(link())

    words = re.sub(r"<[^>]+>", " ", text(page)).lower()
    assert page.status_code == 200
    assert [word for word in TELLING if word in words] == []
    dossier.refresh_from_db()
    assert dossier.address_confirmed_at is None


def test_nothing_else_is_sent_before_the_address_is_confirmed(dossier, leave, django_capture_on_commit_callbacks):
    leave()
    dossier.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        complaints.file_complaint(complaint=factory.ready_complaint(dossier))
    draft_reminders.remind(now=timezone.now() + 29 * DAY)

    assert [each.subject for each in mail.outbox] == ["Confirmez votre adresse"]


def test_my_dossier_says_that_it_waits_and_sends_again_within_a_limit(client, dossier, leave):
    leave()

    assert "Votre adresse e-mail n’est pas confirmée" in text(client.get(HOME))
    answers = [leave(address="", again="oui") for _ in range(5)]

    assert len(mail.outbox) == 5
    assert [each.status_code for each in answers] == [302, 302, 302, 302, 422]
    assert "Nouvel envoi demandé" in text(client.get(answers[0].url))
    assert "Attendez une heure" in text(answers[-1])
    assert f'value="{ADDRESS}"' in text(answers[-1])
    assert open_link(link(0)).status_code == 200
    assert "n’est pas confirmée" not in text(client.get(HOME))


def test_one_mailbox_is_not_flooded_from_many_dossiers(client, leave):
    for _ in range(7):
        factory.let_in(client, factory.dossier(factory.SCAM))
        leave()

    assert len(mail.outbox) == 5


@pytest.mark.parametrize("case", ["old", "changed", "stopped", "forged", "erased", "other"])
def test_link_that_serves_no_more_says_so_and_confirms_nothing(case, client, dossier, leave, monkeypatch):
    leave()
    address = link()
    if case == "old":
        monkeypatch.setattr(mailing, "LINK_LIFE", timedelta(seconds=-1))
    elif case == "changed":
        leave(address="autre@exemple.fr")
    elif case == "stopped":
        client.post(ADDRESS_PAGE, {"stop": "oui"})
    elif case == "forged":
        address = address[:-3] + "x/"
    elif case == "erased":
        dossiers.erase(dossier=dossier)
    else:
        other = signing.TimestampSigner(salt="victims.address.confirm").sign("0" * 32 + ".0")
        address = reverse("confirm_address", args=[other])

    for answer in (Client().get(address), open_link(address)):
        assert answer.status_code == 410
        assert "Ce lien ne sert plus" in text(answer)
    dossier.refresh_from_db()
    assert dossier.address_confirmed_at is None


def test_link_pressed_twice_is_once(dossier, leave):
    leave()

    assert [open_link().status_code for _ in "12"] == [200, 200]


def test_same_address_given_again_stays_confirmed(confirmed, leave):
    leave()

    confirmed.refresh_from_db()
    assert confirmed.address_confirmed_at
    assert mail.outbox == []


@pytest.mark.parametrize("record", [complaints, reports])
def test_end_of_a_draft_is_told_seven_days_and_one_day_before_once_each(record, confirmed):
    draft = record.start(dossier=confirmed)
    ends = record.expires_at(draft)

    at = [ends - 8 * DAY, ends - 7 * DAY, ends - 3 * DAY, ends - DAY + MINUTE, ends - MINUTE, ends + MINUTE]
    sent = [draft_reminders.remind(now=now) for now in at for _ in "12"]

    assert sent == [0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]
    words = f"{mail.outbox[0].subject}\n{mail.outbox[0].body}".lower()
    assert [word for word in TELLING if word in words] == []
    assert f"{timezone.localtime(ends):%Y}" in words
    assert [each.to for each in mail.outbox] == [[ADDRESS]] * 2


def test_round_that_comes_late_tells_the_last_day_only(confirmed):
    ends = complaints.expires_at(complaints.start(dossier=confirmed))

    assert [draft_reminders.remind(now=ends - MINUTE) for _ in "12"] == [1, 0]


def test_mail_server_that_is_away_is_asked_again_next_round(confirmed, settings):
    ends = complaints.expires_at(complaints.start(dossier=confirmed))
    good = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert draft_reminders.remind(now=ends - 6 * DAY) == 0

    settings.EMAIL_BACKEND = good

    assert [draft_reminders.remind(now=ends - 5 * DAY) for _ in "12"] == [1, 0]


def test_draft_filed_or_without_address_is_told_nothing(client, confirmed):
    filed = complaints.file_complaint(complaint=factory.ready_complaint(confirmed))
    other = factory.dossier(factory.SCAM)
    complaints.start(dossier=other)

    assert draft_reminders.remind(now=filed.created_at + 29 * DAY) == 0


def test_periodic_task_reminds(confirmed, monkeypatch):
    draft = complaints.start(dossier=confirmed)
    type(draft).objects.filter(pk=draft.pk).update(created_at=timezone.now() - 25 * DAY)

    tasks.remind()

    assert len(mail.outbox) == 1


def test_my_dossier_shows_the_day_and_offers_to_be_told(client, dossier):
    complaints.start(dossier=dossier)

    page = text(client.get(HOME))

    assert "ensuite, il est effacé" in page
    assert "Être prévenu avant" in page
