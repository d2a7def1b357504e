"""The mail that says nothing of the matter, to the address that the victim left, and to nobody else."""

import pytest
from django.core import mail
from django.urls import reverse

from guichet.audit.models import Line
from tests.victims import factory
from victims.services import complaints, dossiers, follow_up, mailing

pytestmark = pytest.mark.django_db
ADDRESS, ADDRESS_PAGE = "chloe@exemple.fr", reverse("dossier:address")
TELLING = ("plainte", "signalement", "dossier", "police", "gendarm", "cyber", "guichet", "http", "numéro", "chantage")


@pytest.fixture
def dossier(client):
    found = factory.dossier(factory.SEXTORTION)
    factory.let_in(client, found)
    return found


@pytest.fixture
def confirmed(client, dossier):
    """An address that its reader confirmed, and nothing sent since."""
    client.post(ADDRESS_PAGE, {"address": ADDRESS})
    dossier.refresh_from_db()
    assert mailing.confirm(mailing.token_of(dossier, ADDRESS))
    dossier.refresh_from_db()
    mail.outbox.clear()
    return dossier


@pytest.fixture
def filed(confirmed, django_capture_on_commit_callbacks):
    dossier = confirmed
    with django_capture_on_commit_callbacks(execute=True):
        return complaints.file_complaint(complaint=factory.ready_complaint(dossier))


@pytest.fixture
def unit(filed):
    agent = factory.agent("7001")
    agent.service = filed.service
    agent.save()
    return agent


def test_nobody_is_written_to_unasked(dossier, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        complaints.file_complaint(complaint=factory.ready_complaint(dossier))

    assert mail.outbox == []


def test_mail_says_nothing_of_the_matter(filed):
    sent = mail.outbox[0]
    whole = f"{sent.subject}\n{sent.body}\n{sent.from_email.partition('@')[0]}\n{sent.extra_headers}".lower()

    assert len(mail.outbox) == 1
    assert sent.to == [ADDRESS]
    assert [word for word in TELLING if word in whole] == []
    assert filed.number.lower() not in whole


def test_each_change_that_is_told_sends_one(filed, unit, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        follow_up.take_over(complaint=filed, agent=unit)
    with django_capture_on_commit_callbacks(execute=True):
        follow_up.ask(complaint=filed, agent=unit, text="Quand ?")
    with django_capture_on_commit_callbacks(execute=True):
        follow_up.add(complaint=filed, text="Lundi.")
    with django_capture_on_commit_callbacks(execute=True):
        follow_up.forward(complaint=filed, agent=unit)

    assert len(mail.outbox) == 4


def test_address_is_sealed_and_can_be_taken_back(client, filed, unit, django_capture_on_commit_callbacks):
    filed.dossier.refresh_from_db()
    assert ADDRESS.encode() not in bytes(filed.dossier.sealed_address)
    assert ADDRESS in client.get(ADDRESS_PAGE).content.decode()
    assert not [line for line in Line.objects.all() if ADDRESS in str(line.detail)]

    client.post(ADDRESS_PAGE, {"stop": "oui"})
    with django_capture_on_commit_callbacks(execute=True):
        follow_up.take_over(complaint=filed, agent=unit)

    assert len(mail.outbox) == 1


def test_erased_dossier_is_written_to_no_more(filed):
    dossiers.erase(dossier=filed.dossier)

    assert mailing.send_news(str(filed.dossier_id)) is False


def test_mail_server_that_is_away_stops_no_filing(client, dossier, settings, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    client.post(ADDRESS_PAGE, {"address": ADDRESS})
    dossier.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        filed = complaints.file_complaint(complaint=factory.ready_complaint(dossier))

    assert filed.number


def test_wrong_address_is_told_beside_and_kept_on_the_page(client, dossier):
    response = client.post(ADDRESS_PAGE, {"address": "chloe@"})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Écrivez une adresse complète" in page
    assert 'value="chloe@"' in page
