"""Alerts by mail: asked, confirmed by a button, received once, stopped in one click; the address is told nowhere."""

import base64
import os
import re
from datetime import timedelta
from io import StringIO
from smtplib import SMTPException

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from diagnostic.models import Letter, Subscription
from diagnostic.prevention import delivery, services, subscriptions
from diagnostic.prevention.enums import State
from guichet.audit.models import Line
from victims.retention import SCHEDULE

pytestmark = pytest.mark.django_db
PAGE = "/prevention/alertes/abonnement/"
ADDRESS = "mairie.bailleul@exemple.fr"
LINK = re.compile(r"https://guichet\.exemple(/prevention/alertes/\S+)")


@pytest.fixture(autouse=True)
def _house(settings):
    settings.ORIGINS = ["https://guichet.exemple"]
    cache.clear()


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """What is done inside is committed, and what waits for the commit runs."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def ask(client, commit):
    def post(address: str = ADDRESS, departement: str = "59", autres: str = "", **more):
        with commit():
            return client.post(PAGE, {"adresse": address, "departement": departement, "autres": autres}, **more)

    return post


@pytest.fixture
def subscribe(ask, client):
    """A confirmed subscriber, and an empty mailbox."""

    def create(address: str = ADDRESS, departement: str = "59", autres: str = "") -> Subscription:
        ask(address, departement, autres)
        client.post(links(mail.outbox[-1])[0])
        mail.outbox.clear()
        return Subscription.objects.confirmed().latest("confirmed_at")

    return create


@pytest.fixture
def publish(announce, commit):
    def create(title: str = "Faux SMS de péage", **changes):
        with commit():
            return announce(title, **changes)

    return create


def links(message) -> list[str]:
    return LINK.findall(message.body)


def read(answer) -> str:
    return answer.content.decode()


# --- a person asks, confirms, receives, stops ---------------------------------------------------------
def test_person_asks_confirms_receives_and_stops(client, ask, publish):
    page = read(client.get("/prevention/alertes/?departement=59"))
    assert f'href="{PAGE}?departement=59"' in page
    assert 'value="59" selected' in read(client.get(f"{PAGE}?departement=59"))

    answer = ask(autres="62, 2a")
    assert answer.status_code == 303
    assert "Regardez vos e-mails" in read(client.get(answer["Location"]))
    asked = mail.outbox.pop()
    assert (asked.to, asked.subject) == ([ADDRESS], "Guichet cyber : confirmez votre demande")

    assert "Nord, Pas-de-Calais" in read(client.get(links(asked)[0]))
    assert "C’est confirmé" in read(client.post(links(asked)[0]))
    alert = publish(departements=["62"])
    letter = mail.outbox.pop()
    assert letter.to == [ADDRESS]
    assert letter.subject == "Alerte : Faux SMS de péage"
    assert "Un SMS réclame quelques euros." in letter.body
    link, stop = links(letter)
    assert link == f"/prevention/alertes/{alert.pk}/"
    assert "Faux SMS de péage" in read(client.get(link))

    assert "Arrêter et effacer" in read(client.get(stop))
    assert "Votre adresse est effacée" in read(client.post(stop))
    publish("Faux colis", departements=["62"])
    assert mail.outbox == []
    assert not Subscription.objects.exists()


def test_mailbox_stops_in_one_click_without_a_cookie(subscribe, publish):
    subscribe()
    publish()
    headers = mail.outbox[0].extra_headers
    address = headers["List-Unsubscribe"].strip("<>").removeprefix("https://guichet.exemple")

    answer = Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"})

    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert answer.status_code == 200
    assert not Subscription.objects.exists()
    assert Client(enforce_csrf_checks=True).post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200


def test_mail_filter_that_opens_links_changes_nothing(client, ask, subscribe, publish):
    subscribe()
    publish()
    ask("autre@exemple.fr")

    for message in mail.outbox:
        for link in links(message):
            client.get(link)
            client.head(link)

    assert Subscription.objects.count() == 2
    assert Subscription.objects.confirmed().count() == 1


def test_confirming_needs_our_own_page(client, ask):
    ask()

    answer = Client(enforce_csrf_checks=True).post(links(mail.outbox[0])[0])

    assert answer.status_code == 403
    assert not Subscription.objects.confirmed().exists()


# --- who is told what ---------------------------------------------------------------------------------
def test_answer_is_the_same_for_a_known_address(client, ask, subscribe):
    subscribe("connue@exemple.fr")

    known, unknown = ask("Connue@exemple.fr", "62"), ask("neuve@exemple.fr", "62")

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    first, second = (re.sub(r"/confirmer/\S+", "", message.body) for message in mail.outbox)
    assert first == second
    assert Subscription.objects.count() == 2


def test_somebody_else_cannot_change_a_subscription(client, ask, subscribe, publish):
    subscribe(departement="59")

    ask(departement="13")
    publish("Dans les Bouches-du-Rhône", departements=["13"])
    publish("Dans le Nord", departements=["59"])

    assert [each.subject for each in mail.outbox[1:]] == ["Alerte : Dans le Nord"]


def test_new_choice_replaces_the_old_one_once_confirmed(client, ask, subscribe, publish):
    subscribe(departement="59")
    ask(departement="13")

    client.post(links(mail.outbox.pop())[0])
    publish("Dans les Bouches-du-Rhône", departements=["13"])
    publish("Dans le Nord", departements=["59"])

    assert [each.subject for each in mail.outbox] == ["Alerte : Dans les Bouches-du-Rhône"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"adresse": ""}, "Écrivez votre adresse e-mail."),
        ({"adresse": "mairie@"}, "Cette adresse n’est pas complète."),
        ({"adresse": "a@exemple.fr\r\nBcc: b@exemple.fr"}, "Cette adresse n’est pas complète."),
        ({"departement": ""}, "Choisissez un département."),
        ({"departement": "999"}, "Choisissez un département de la liste."),
        ({"autres": "59, 999"}, "Numéro inconnu : 999."),
        ({"autres": "1" * 601}, "Écrivez au plus 600 caractères."),
    ],
)
def test_bad_input_is_said_beside_the_field_and_nothing_is_lost(client, fields, words):
    answer = client.post(PAGE, {"adresse": ADDRESS, "departement": "59", "autres": "62"} | fields)

    assert answer.status_code == 422
    assert words in read(answer)
    if "adresse" not in fields:
        assert f'value="{ADDRESS}"' in read(answer)
    assert not Subscription.objects.exists()


def test_mailbox_is_not_filled_from_here(ask):
    answers = {ask().status_code for _ in range(6)}

    assert answers == {303}
    assert len(mail.outbox) == 3


def test_one_connection_does_not_ask_for_everybody(ask):
    answers = [ask(f"n{number}@exemple.fr") for number in range(12)]

    assert [each.status_code for each in answers] == [303] * 10 + [429] * 2
    assert int(answers[-1]["Retry-After"]) > 0
    assert 'value="n11@exemple.fr"' in read(answers[-1])
    assert len(mail.outbox) == 10


# --- hostile links ------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["confirmer", "arreter"])
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("token", ["x", "x:y", "é", "00000000000000000000000000000000", "a" * 4000, ":", ".:."])
def test_forged_link_does_nothing(client, subscribe, kind, method, token):
    subscribe()

    answer = getattr(client, method)(f"{PAGE}{kind}/{token}/")

    assert answer.status_code == 410
    assert Subscription.objects.confirmed().count() == 1


def test_link_of_one_page_does_not_serve_the_other(client, ask):
    ask()
    found = Subscription.objects.get()

    assert client.post(f"{PAGE}arreter/{subscriptions.confirm_token(found)}/").status_code == 410
    assert client.post(f"{PAGE}confirmer/{subscriptions.stop_token(found)}/").status_code == 410
    assert not Subscription.objects.confirmed().exists()


def test_confirming_twice_is_once_and_an_older_link_is_dead(client, ask):
    ask(departement="59")
    ask(departement="62")
    old, new = (links(message)[0] for message in mail.outbox)

    answers = [client.post(link).status_code for link in (old, new, new)]

    assert answers == [410, 200, 200]
    assert Subscription.objects.get().departements == ["62"]


def test_pages_of_links_are_not_for_search_engines(client, ask):
    ask()

    assert client.get(links(mail.outbox[0])[0])["X-Robots-Tag"] == "noindex, nofollow"


# --- who receives, and how often ----------------------------------------------------------------------
def test_each_receives_what_concerns_it(subscribe, ask, publish):
    subscribe("nord@exemple.fr", "59")
    subscribe("sud@exemple.fr", "13", "59")
    ask("muette@exemple.fr", "59")
    mail.outbox.clear()

    publish("Nord", departements=["59"])
    publish("Sud", departements=["13", "06"])
    publish("Partout", departements=[])
    publish("Ailleurs", departements=["2A"])

    received = sorted((message.to[0], message.subject.removeprefix("Alerte : ")) for message in mail.outbox)
    assert received == [
        ("nord@exemple.fr", "Nord"),
        ("nord@exemple.fr", "Partout"),
        ("sud@exemple.fr", "Nord"),
        ("sud@exemple.fr", "Partout"),
        ("sud@exemple.fr", "Sud"),
    ]


def test_draft_and_withdrawn_write_to_nobody(subscribe, announce, publish, editor):
    subscribe()
    publish(state=State.DRAFT)
    alert = announce("Retirée avant l'envoi")
    alert.state = State.WITHDRAWN
    services.save_announcement(alert, agent=editor)

    delivery.deliver()

    assert mail.outbox == []


def test_saved_again_or_published_again_is_not_sent_again(subscribe, publish, editor, commit):
    subscribe()
    alert = publish()

    for state, places in ((State.PUBLISHED, []), (State.WITHDRAWN, []), (State.PUBLISHED, ["59"])):
        alert.state, alert.departements = state, places
        with commit():
            services.save_announcement(alert, agent=editor)
    delivery.deliver()

    assert len(mail.outbox) == 1


def test_wider_announcement_reaches_those_it_did_not(subscribe, publish, editor, commit):
    subscribe("nord@exemple.fr", "59")
    subscribe("sud@exemple.fr", "13")
    alert = publish(departements=["59"])

    alert.departements = ["59", "13"]
    with commit():
        services.save_announcement(alert, agent=editor)

    assert [message.to[0] for message in mail.outbox] == ["nord@exemple.fr", "sud@exemple.fr"]


def test_announcement_of_tomorrow_is_sent_tomorrow(subscribe, publish):
    subscribe()
    now = timezone.now()

    publish(starts_at=now + timedelta(days=5))
    assert mail.outbox == []
    delivery.deliver(now=now + timedelta(days=5, minutes=1))

    assert len(mail.outbox) == 1


def test_two_workers_at_once_send_one(subscribe, announce, monkeypatch):
    subscribe()
    announce()
    send = EmailBackend.send_messages
    again = []

    def send_while_another_looks(self, messages):
        if not again:
            again.append(delivery.deliver())
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send_while_another_looks)
    delivery.deliver()

    assert again == [0]
    assert len(mail.outbox) == 1


def test_two_workers_holding_the_same_letter_send_one(subscribe, announce):
    subscribe()
    announce()
    now = timezone.now()
    first, second = Letter.objects.get(), Letter.objects.get()

    sent = [delivery._take_and_send(each, None, now) for each in (first, second)]

    assert sent == [1, 0]
    assert len(mail.outbox) == 1


def test_mail_server_that_is_away_loses_nothing(subscribe, publish, monkeypatch):
    subscribe("un@exemple.fr")
    subscribe("deux@exemple.fr")
    send = EmailBackend.send_messages

    def away(self, messages):
        if messages[0].to == ["un@exemple.fr"]:
            raise SMTPException("busy")
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", away)
    publish()
    assert [message.to for message in mail.outbox] == [["deux@exemple.fr"]]
    monkeypatch.setattr(EmailBackend, "send_messages", send)
    delivery.deliver(now=timezone.now() + timedelta(minutes=2))
    delivery.deliver(now=timezone.now() + timedelta(hours=3))

    assert [message.to for message in mail.outbox] == [["deux@exemple.fr"], ["un@exemple.fr"]]


def test_process_that_dies_with_a_letter_in_hand_loses_none(subscribe, announce, monkeypatch):
    subscribe()
    announce()
    send, seen = EmailBackend.send_messages, []

    def die(self, messages):
        seen.append(messages[0].extra_headers["Message-ID"])
        raise KeyboardInterrupt

    monkeypatch.setattr(EmailBackend, "send_messages", die)
    with pytest.raises(KeyboardInterrupt):
        delivery.deliver()
    monkeypatch.setattr(EmailBackend, "send_messages", send)

    assert delivery.deliver(now=timezone.now() + timedelta(minutes=9)) == 0
    assert delivery.deliver(now=timezone.now() + timedelta(minutes=11)) == 1
    assert [message.extra_headers["Message-ID"] for message in mail.outbox] == seen


def test_broker_that_is_away_loses_nothing(subscribe, publish, monkeypatch):
    subscribe()
    monkeypatch.setattr("diagnostic.tasks.deliver_letters.apply_async", _refuse)

    publish()
    assert mail.outbox == []
    delivery.deliver()

    assert len(mail.outbox) == 1


def _refuse(**kwargs):
    raise OSError


def test_old_news_is_not_sent(subscribe, announce):
    subscribe()
    announce()

    assert delivery.deliver(now=timezone.now() + timedelta(days=4)) == 0


# --- the address --------------------------------------------------------------------------------------
def test_address_is_readable_nowhere(client, subscribe, publish, caplog, editor):
    caplog.set_level("DEBUG")
    subscribe()
    publish()

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM diagnostic_subscription")
        row = b"|".join(bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in cursor.fetchone())
    audit = " ".join(f"{line.verb} {line.target} {line.detail}" for line in Line.objects.all())
    assert b"bailleul" not in row.lower()
    assert "bailleul" not in (caplog.text + audit).lower()
    client.force_login(editor)
    assert "abonnement" not in read(client.get("/admin/")).lower()


def test_unconfirmed_address_goes_after_two_days_and_its_link_with_it(client, ask, subscribe):
    subscribe("fidele@exemple.fr")
    ask("fidele@exemple.fr", "13")
    ask("muette@exemple.fr")
    late = timezone.now() + timedelta(hours=49)

    assert subscriptions.forget_unconfirmed(life=SCHEDULE.life("subscription")) == 0
    assert subscriptions.ASK_LIFE == SCHEDULE.life("subscription") == timedelta(hours=48)
    token = links(mail.outbox[-1])[0].rstrip("/").rpartition("/")[2]
    assert subscriptions.confirm(token, now=late) is None
    assert subscriptions.forget_unconfirmed(life=SCHEDULE.life("subscription"), now=late) > 0

    left = Subscription.objects.get()
    assert (subscriptions.address_of(left), left.departements, left.asked) == ("fidele@exemple.fr", ["59"], [])


def test_page_of_what_is_kept_names_it(client):
    assert "Adresse e-mail donnée pour les alertes" in read(client.get("/vos-donnees/"))


def _key(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


def test_keys_turn_and_the_address_is_still_known(settings, ask, subscribe, publish):
    old, new = (_key("k1"), _key("t1")), (_key("k2"), _key("t2"))
    settings.GUICHET_KEKS, settings.GUICHET_TRACE_KEYS = (old[0],), (old[1],)
    subscribe()
    settings.GUICHET_KEKS, settings.GUICHET_TRACE_KEYS = (new[0], old[0]), (new[1], old[1])
    out = StringIO()

    call_command("rotate_keys", stdout=out)
    settings.GUICHET_KEKS, settings.GUICHET_TRACE_KEYS = (new[0],), (new[1],)
    ask()
    publish()

    assert "subscriptions=1 subscriptions_unreadable=0" in out.getvalue()
    assert Subscription.objects.count() == 1
    assert [message.to for message in mail.outbox] == [[ADDRESS], [ADDRESS]]


def test_mark_key_withdrawn_too_early_leaves_one_subscription(settings, ask, subscribe, publish):
    """The address asked again meanwhile, without confirming: it is known twice until the keys turn."""
    old, new = _key("t1"), _key("t2")
    settings.GUICHET_TRACE_KEYS = (old,)
    subscribe(departement="59")
    settings.GUICHET_TRACE_KEYS = (new,)
    ask(departement="13")
    mail.outbox.clear()

    assert subscriptions.rotate() == (1, 0)
    publish(departements=["59"])

    assert [message.to for message in mail.outbox] == [[ADDRESS]]
    assert Subscription.objects.get().departements == ["59"]


def test_key_that_is_gone_is_counted_and_stops_no_other_letter(settings, subscribe, publish):
    settings.GUICHET_KEKS = (_key("k1"),)
    subscribe("perdue@exemple.fr")
    settings.GUICHET_KEKS = (_key("k2"),)
    subscribe("lisible@exemple.fr")

    assert subscriptions.rotate() == (0, 1)
    publish()

    assert [message.to for message in mail.outbox] == [["lisible@exemple.fr"]]


def test_stop_erases_what_was_owed_too(client, subscribe, announce):
    found = subscribe()
    announce()

    client.post(f"{PAGE}arreter/{subscriptions.stop_token(found)}/")
    delivery.deliver()

    assert mail.outbox == []
    assert not Letter.objects.exists()
