"""What goes wrong between a victim and a provider: pressed twice, too late, stopped meanwhile, a provider suspended.

Nobody waits for nobody, a page says what is, and nothing typed is lost.
"""

import threading
import uuid
from datetime import timedelta
from smtplib import SMTPException

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from guichet import chores
from guichet.accounts.models import Agent
from guichet.audit.models import Line
from guichet.directory.enums import ProviderState
from guichet.directory.models import Provider
from guichet.directory.services import providers
from tests.directory import factory as directory
from tests.victims import factory
from tests.victims.test_referrals import CHOOSE, CONTACT, FOUND, MINUTE, asked, counted, link
from victims import tasks
from victims.enums import ReferralState, Side
from victims.models import Dispute, Dossier, Referral, ReferralMessage
from victims.services import mailing, referral_answers, referrals, retention
from victims.services.referrals import Refused

pytestmark = pytest.mark.django_db
LONG = "mot " * 1001


@pytest.fixture
def listed():
    return [directory.listed(name=f"Dépannage {n}", contact_email=f"p{n}@exemple.fr") for n in range(6)]


@pytest.fixture
def dossier(listed):
    return factory.dossier(factory.COMPANY)


@pytest.fixture
def accepted(dossier) -> Referral:
    return referral_answers.accept(referral=asked(dossier)[0])


def suspend(referral: Referral) -> None:
    provider = Provider.objects.get(pk=referral.provider_id)
    providers.change_state(provider=provider, to=ProviderState.SUSPENDED, reason="Plainte.", actor="agent:1")


def mine(referral: Referral, name: str = "referral") -> str:
    return reverse(f"dossier:{name}", args=[referral.pk])


def read(answer) -> str:
    return answer.content.decode()


def now_of(referral: Referral) -> Referral:
    return Referral.objects.get(pk=referral.pk)


# --- answered twice, answered otherwise
@pytest.mark.parametrize(
    ("first", "again", "code", "words"),
    [
        ("accept", "accept", 302, ""),
        ("decline", "decline", 302, ""),
        ("accept", "decline", 422, "Vous avez déjà accepté cette demande."),
        ("decline", "accept", 422, "Vous avez déjà refusé cette demande."),
    ],
)
def test_answer_pressed_twice_is_once_and_another_answer_is_refused_in_words(
    client, dossier, first, again, code, words
):
    referral, reason = asked(dossier)[0], {"reason": "hors-zone"}
    client.post(link(referral, first), reason)
    state = now_of(referral).state

    answer = client.post(link(referral, again), reason)

    assert answer.status_code == code
    assert words in read(answer)
    assert now_of(referral).state == state
    assert sum(counted("provider_answer").values()) == 1


def test_report_pressed_twice_is_one_report(client, accepted):
    answers = [client.post(link(accepted, "report"), FOUND) for _ in range(2)]

    assert [each.status_code for each in answers] == [302, 302]
    assert counted("provider_report") == {"rancongiciel-organisation": 1}


def test_stopped_by_the_victim_meanwhile_is_said_to_the_provider(client, dossier):
    referral = asked(dossier)[0]
    referrals.withdraw(referral=referral)

    answer = client.post(link(referral, "accept"))

    assert answer.status_code == 422
    assert "La personne a arrêté cette demande." in read(answer)
    assert "Vasseur" not in read(answer)


def test_stopping_twice_is_once(client, dossier):
    referral = asked(dossier)[0]
    factory.let_in(client, dossier)

    assert [client.post(mine(referral, "referral_withdraw")).status_code for _ in range(2)] == [302, 302]
    assert Line.objects.filter(verb="demande à un prestataire arrêtée").count() == 1


def test_three_providers_who_accept_are_three_who_help(client, dossier):
    """Each request is its own: the victim chooses among those who said yes, and stops the others."""
    three = asked(dossier, 3)
    for each in three:
        assert client.post(link(each, "accept")).status_code == 302
    factory.let_in(client, dossier)

    page = read(client.get(CHOOSE))

    assert page.count("Acceptée.") == 3
    assert "Vos demandes sont parties" in page


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_the_same_second_leave_one():
    """Accepted in one tab, declined in another, and the hour that ends: one of them holds, counted once."""
    for number in range(6):
        directory.listed(name=f"Dépannage {number}", contact_email=f"p{number}@exemple.fr")
    referral = asked(factory.dossier(factory.COMPANY))[0]
    ready, refused = threading.Barrier(3), []

    def answer(act) -> None:
        ready.wait()
        try:
            act()
        except Refused as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    acts = (
        lambda: referral_answers.accept(referral=referral),
        lambda: referral_answers.decline(referral=referral, reason="autre"),
        lambda: referral_answers.accept(referral=referral),
    )
    threads = [threading.Thread(target=answer, args=[act]) for act in acts]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)

    assert len(refused) == 2
    assert sum(counted("provider_answer").values()) == 1
    assert now_of(referral).state in (ReferralState.ACCEPTED, ReferralState.DECLINED)


# --- suspended
def test_victim_does_not_wait_for_a_provider_that_was_suspended(client, dossier, mailoutbox):
    referral = asked(dossier)[0]
    factory.let_in(client, dossier)
    suspend(referral)

    page = read(client.get(mine(referral)))

    assert "n’est plus proposé" in page
    assert "Demander à un autre" in page
    assert (now_of(referral).state, now_of(referral).owed_mail) == (ReferralState.ENDED, "")
    assert referrals.room(dossier) == 3
    assert Provider.objects.get(pk=referral.provider_id).answers == []
    assert mailoutbox == []


def test_suspended_provider_is_not_reminded_and_the_victim_is_told(
    dossier, mailoutbox, django_capture_on_commit_callbacks
):
    mailing.keep_address(dossier=dossier, address="moi@exemple.fr")
    mailing.confirm(mailing.token_of(dossier, "moi@exemple.fr"))
    start = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        referral = asked(Dossier.objects.get(pk=dossier.pk), now=start)[0]
    suspend(referral)
    mailoutbox.clear()

    with django_capture_on_commit_callbacks(execute=True):
        for minutes in (31, 51, 61):
            referral_answers.tend(now=start + minutes * MINUTE)

    assert [each.to for each in mailoutbox] == [["moi@exemple.fr"]]
    assert now_of(referral).state == ReferralState.ENDED
    assert counted("provider_answer") == {}


def test_suspended_after_it_accepted_is_said_to_the_victim_and_gets_no_more_words(client, dossier, accepted):
    factory.let_in(client, dossier)
    suspend(accepted)

    page = read(client.get(mine(accepted)))
    answer = client.post(mine(accepted, "referral_write"), {"text": "Quand venez-vous ?"})

    assert "Le guichet a suspendu ce prestataire." in page
    assert accepted.provider.phone not in page
    assert answer.status_code == 422
    assert "Quand venez-vous ?" in read(answer)
    assert not ReferralMessage.objects.exists()
    assert referrals.room(dossier) == 3


# --- nothing typed is lost
def test_message_to_a_request_that_just_ended_is_given_back(client, dossier, accepted):
    factory.let_in(client, dossier)
    referral_answers.report(referral=accepted, findings=FOUND)

    answer = client.post(mine(accepted, "referral_write"), {"text": "Une dernière chose"})

    assert answer.status_code == 422
    assert "Cette demande est terminée" in read(answer)
    assert "Une dernière chose" in read(answer)
    assert "Ce texte n’est pas parti." in read(answer)


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [("write", {"text": "J’arrive à 14 h"}, "J’arrive à 14 h"), ("report", FOUND, "Tout est remis en marche.")],
)
def test_what_a_provider_typed_for_a_stopped_request_is_given_back(client, accepted, name, typed, words):
    referrals.withdraw(referral=accepted)

    answer = client.post(link(accepted, name), typed)

    assert answer.status_code == 422
    assert words in read(answer)
    assert "Ce texte n’est pas parti." in read(answer)
    assert "Vasseur" not in read(answer)


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("write", {"text": LONG}, "Écrivez au plus 4000 caractères."),
        ("write", {"text": " \x00 "}, "Écrivez votre message."),
        ("report", {}, "Écrivez ce que vous avez fait."),
        ("report", FOUND | {"done": LONG}, "Écrivez au plus 3000 caractères."),
        ("report", FOUND | {"vector": "martien"}, "Dites par où l’attaque est entrée."),
        ("dispute", {"dispute": ""}, "Écrivez ce qui ne va pas."),
        ("dispute", {"dispute": LONG}, "Écrivez au plus 4000 caractères."),
    ],
)
def test_bad_input_of_a_provider_is_told_beside_the_field(client, accepted, name, typed, words):
    answer = client.post(link(accepted, name), typed)

    assert answer.status_code == 422
    assert words in read(answer)
    assert all(
        value.strip("\x00 ") in read(answer) for key, value in typed.items() if key in ("text", "done", "dispute")
    )
    assert now_of(accepted).state == ReferralState.ACCEPTED


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("referral_write", {"text": LONG}, "Écrivez au plus 4000 caractères."),
        ("referral_write", {"text": ""}, "Écrivez votre message."),
        ("referral_dispute", {"dispute": ""}, "Écrivez ce qui ne va pas."),
    ],
)
def test_bad_input_of_a_victim_is_told_beside_the_field(client, dossier, accepted, name, typed, words):
    factory.let_in(client, dossier)

    answer = client.post(mine(accepted, name), typed)

    assert answer.status_code == 422
    assert words in read(answer)
    assert all(value.strip() in read(answer) for value in typed.values())


def test_one_problem_at_a_time_is_told_and_its_form_comes_back_with_the_answer(client, dossier, accepted):
    factory.let_in(client, dossier)
    address, field = mine(accepted, "referral_dispute"), 'name="dispute"'
    before = read(client.get(mine(accepted)))
    client.post(address, {"dispute": "Il demande une carte cadeau."})
    open_one = read(client.get(mine(accepted)))
    again = client.post(address, {"dispute": "Encore lui."})
    chief = Agent.objects.create_superuser(username="chef", password="x" * 12, service_number="1")
    referral_answers.answer_dispute(dispute=Dispute.objects.get(), agent=chief, text="Nous le suspendons.")

    assert (field in before, field in open_one) == (True, False)
    assert again.status_code == 422
    assert "Un différend est déjà ouvert" in read(again) and "Encore lui." in read(again)
    assert field in read(client.get(mine(accepted)))


def test_phone_of_a_provider_is_shown_as_people_read_it(client, dossier, accepted):
    factory.let_in(client, dossier)
    Provider.objects.filter(pk=accepted.provider_id).update(phone="0199000003")

    assert '<a class="call" href="tel:0199000003">01 99 00 00 03</a>' in read(client.get(mine(accepted)))


@pytest.mark.parametrize("rating", ["", "0", "6", "très bien"])
def test_note_out_of_the_list_is_told_beside_the_field(client, dossier, accepted, rating):
    factory.let_in(client, dossier)
    referral_answers.report(referral=accepted, findings=FOUND)

    answer = client.post(mine(accepted, "referral_rate"), {"rating": rating})

    assert answer.status_code == 422
    assert "Choisissez une note" in read(answer)
    assert now_of(accepted).rating is None


def test_words_typed_while_the_last_provider_was_taken_are_given_back(client, dossier, listed):
    factory.let_in(client, dossier)
    numbers = [each.pk for each in listed]
    Provider.objects.update(state=ProviderState.SUSPENDED)

    answer = client.post(CHOOSE, {"providers": numbers[:1], **CONTACT, "paid": "on", "mode": "indifferent"})

    assert answer.status_code == 422
    assert "Aucun prestataire libre" in read(answer)
    assert all(value in read(answer) for value in CONTACT.values())


# --- the hour
def test_task_of_every_minute_reminds_then_ends_and_both_ways_to_run_know_it(dossier, mailoutbox, settings):
    first, second = asked(dossier, 2)
    Referral.objects.update(owed_mail="")
    late = timezone.now() - timedelta(minutes=61)
    Referral.objects.filter(pk=first.pk).update(asked_at=timezone.now() - 31 * MINUTE)
    Referral.objects.filter(pk=second.pk).update(asked_at=late, due_at=late + timedelta(hours=1))

    tasks.tend_referrals()
    tasks.tend_referrals()

    assert [(each.subject, each.to) for each in mailoutbox] == [
        ("Guichet : rappel, une demande attend votre réponse", [first.provider.contact_email])
    ]
    assert now_of(second).state == ReferralState.EXPIRED
    assert now_of(second).ended_at == now_of(second).due_at
    assert {"task": "victims.referrals", "schedule": 60.0} in settings.CELERY_BEAT_SCHEDULE.values()
    assert tasks.tend_referrals in chores.OFTEN


# --- the link
def test_mail_filter_that_opens_the_link_reads_nothing_for_the_victim(client, client_factory, dossier, accepted):
    """« lu » is told once the provider has written after: a filter that follows links is no reader."""
    factory.let_in(client, dossier)
    send = {"referral": accepted, "client_id": uuid.uuid4()}
    referral_answers.write(**send, sender=Side.VICTIM, text="Bonjour")
    client_factory().get(link(accepted))

    before = read(client.get(mine(accepted)))
    referral_answers.write(referral=accepted, client_id=uuid.uuid4(), sender=Side.PROVIDER, text="J’arrive")

    assert "· lu" not in before
    assert "· lu" in read(client.get(mine(accepted)))


def test_link_after_the_end_of_its_time_says_that_nothing_is_there(client, accepted):
    referral_answers.report(referral=accepted, findings=FOUND)
    address = link(accepted)
    retention.purge(now=timezone.now() + timedelta(days=731))

    answer = client.get(address)

    assert answer.status_code == 410
    assert "Cette demande n’existe plus" in read(answer)


def test_mail_server_that_is_away_keeps_no_victim_waiting_and_loses_no_request(
    dossier, monkeypatch, mailoutbox, django_capture_on_commit_callbacks
):
    def away(message):
        raise SMTPException("down")

    with monkeypatch.context() as broken:
        broken.setattr(mail.EmailMessage, "send", away)
        with django_capture_on_commit_callbacks(execute=True):
            asked(dossier)
    referral_answers.tend()

    assert [each.subject for each in mailoutbox] == ["Guichet : une demande attend votre réponse"]


def test_broker_that_is_away_loses_no_request(dossier, monkeypatch, mailoutbox, django_capture_on_commit_callbacks):
    def away(*args, **options):
        raise OSError("no broker")

    monkeypatch.setattr("victims.tasks.write_to_providers.apply_async", away)
    with django_capture_on_commit_callbacks(execute=True):
        asked(dossier)
    assert mailoutbox == []

    referral_answers.tend()

    assert len(mailoutbox) == 1
