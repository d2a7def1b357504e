"""A victim takes an hour of a unit: fifty people and one slot, one wins; moved, cancelled, reminded, in local time."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guichet.audit.models import Line
from guichet.territory.models import Commune, Unit
from tests.tchat.pages import signed_in, victim, words
from tests.victims import factory
from tests.victims.test_canary import every_cell
from victims.models import Booking, Slot
from victims.services import appointments, mailing, receptions

pytestmark = pytest.mark.django_db
PAGE, TAKE, CANCEL = reverse("dossier:appointments"), reverse("dossier:take_slot"), reverse("dossier:cancel_booking")
CALENDAR = reverse("dossier:booking_calendar")
AGENDA, OPEN = reverse("console:agenda"), reverse("console:open_hours")


def unit(name: str = "Commissariat de Bailleul", *, service=None, departement="59", at=(50.74, 2.73), **more) -> Unit:
    return Unit.objects.create(
        institution="PN", name=name, folded=name.lower(), service=service, departement=departement,
        postcode=f"{departement}270"[:5], address="2 rue d'Ypres\n59270 Bailleul", lat=at[0], lng=at[1], **more,
    )  # fmt: skip


def slots(at: Unit, *days: int) -> list[Slot]:
    base = (timezone.now() + timedelta(days=1)).replace(hour=13, minute=30, second=0, microsecond=0)
    return [Slot.objects.create(unit=at, starts_at=base + timedelta(days=day)) for day in days or (1, 2, 3)]


@pytest.fixture
def place():
    found = factory.commune()
    Commune.objects.filter(pk=found.pk).update(lat=50.74, lng=2.73)
    return found


@pytest.fixture
def mine(place):
    return unit(service=factory.service())


@pytest.fixture
def owner(place):
    return victim(factory.dossier())


def told(slot) -> str:
    return slot.words.capitalize().replace("\u00a0", " ")


@pytest.fixture(autouse=True)
def _no_limit_kept():
    cache.clear()


def confirm(address: str) -> bool:
    """Its reader opens the link."""
    found = [booking.dossier for booking in Booking.objects.select_related("dossier")]
    done = [mailing.confirm(mailing.token_of(dossier, address)) for dossier in found]
    return any(done)


def take(client, slot, **more):
    return client.post(TAKE, {"creneau": slot.pk, **more})


# --- one slot


@pytest.mark.stack
@pytest.mark.django_db(transaction=True)
def test_fifty_people_and_one_slot_one_wins_the_others_are_offered_the_next(place, mine):
    first, following = slots(mine, 1, 2)
    people = [victim(factory.dossier()) for _ in range(50)]
    gate = threading.Barrier(len(people))

    def ask(client):
        try:
            gate.wait(60)
            return take(client, first)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        answers = list(pool.map(ask, people))

    assert sorted(answer.status_code for answer in answers) == [302] + [409] * 49
    assert Booking.objects.get().slot == first
    for answer in answers:
        if answer.status_code == 409:
            page = answer.content.decode()
            assert "Cette heure vient d’être prise" in page
            assert str(following.pk) in page
            assert str(first.pk) not in page.replace(f'value="{first.pk}" checked', "")


def test_second_person_is_told_and_offered_what_is_left(mine, owner, place):
    first, following = slots(mine, 1, 2)
    take(victim(factory.dossier()), first)

    late = take(owner, first)

    assert late.status_code == 409
    assert "Cette heure vient d’être prise" in words(late)
    assert told(following) in words(late)
    assert Booking.objects.count() == 1


def test_same_click_twice_is_one_appointment(mine, owner):
    (slot,) = slots(mine, 1)

    assert [take(owner, slot).status_code, take(owner, slot).status_code] == [302, 302]
    assert Booking.objects.count() == 1


# --- what is offered


def test_competent_unit_comes_first_then_the_nearest(place, owner):
    far, near = unit("Brigade de Lille", at=(50.63, 3.06)), unit("Brigade de Méteren", at=(50.74, 2.69))
    competent = unit("Commissariat de Tourcoing", at=(50.9, 3.3), service=factory.service())
    lost = unit("Commissariat de Nice", at=(43.7, 7.26), departement="06")
    for each in (far, near, competent, lost):
        slots(each, 1)

    page = words(owner.get(PAGE))

    order = [page.index(each.name) for each in (competent, near, far)]
    assert order == sorted(order)
    assert lost.name not in page
    assert "L’unité de votre commune" in page


def test_nothing_open_says_where_to_go_without(owner):
    assert "Vous pouvez y aller sans rendez-vous" in words(owner.get(PAGE))


def test_page_is_found_from_the_dossier(owner):
    assert PAGE in owner.get(reverse("dossier:home")).content.decode()


def test_hour_of_an_overseas_unit_is_told_by_its_own_clock(place, owner):
    noumea = unit("Commissariat de Nouméa", departement="988", service=factory.service())
    Slot.objects.create(unit=noumea, starts_at=(timezone.now() + timedelta(days=3)).replace(hour=22, minute=0))

    assert "à 9 h 00, heure locale (Nouvelle-Calédonie)" in words(owner.get(PAGE))


@pytest.mark.parametrize(("departement", "utc"), [("988", 22), ("974", 5), ("972", 13), ("59", 8)])
def test_hours_opened_are_those_of_the_wall_of_the_unit(departement, utc):
    at = unit(departement=departement, service=factory.service())
    agent = factory.agent(service=factory.service())
    day = datetime(2030, 1, 15, tzinfo=UTC).date()

    receptions.open_hours(agent=agent, unit=at, day=day, begin=time(9), end=time(10), minutes=60)

    assert Slot.objects.get().starts_at.astimezone(UTC).hour == utc


# --- taken


def test_appointment_says_when_where_and_what_to_bring(mine, owner):
    (slot,) = slots(mine, 1)
    take(owner, slot)

    page = words(owner.get(PAGE))

    for wanted in ("Votre heure est retenue.", told(slot), "2 rue d'Ypres", "Une pièce d’identité"):
        assert wanted in page


def test_moving_keeps_the_first_hour_until_the_new_one_is_held(mine, owner):
    first, second, third = slots(mine)
    take(owner, first)
    take(victim(factory.dossier()), second)

    assert take(owner, second).status_code == 409
    assert Booking.objects.current().filter(slot=first).exists()
    assert take(owner, third).status_code == 302

    assert set(Booking.objects.current().values_list("slot", flat=True)) == {second.pk, third.pk}
    assert take(victim(factory.dossier()), first).status_code == 302


def test_cancelled_hour_is_free_for_the_next(mine, owner):
    (slot,) = slots(mine, 1)
    take(owner, slot)

    owner.post(CANCEL)

    assert "Votre heure est retenue" not in words(owner.get(PAGE))
    assert take(victim(factory.dossier()), slot).status_code == 302
    assert owner.post(CANCEL).status_code == 409


def test_stranger_cancels_nothing(mine, owner):
    (slot,) = slots(mine, 1)
    take(owner, slot)

    assert victim(factory.dossier()).post(CANCEL).status_code == 409
    assert Booking.objects.current().count() == 1


@pytest.mark.parametrize("value", ["", "demain", "00000000-0000-4000-8000-000000000000"])
def test_hour_that_is_none_is_refused_in_words(mine, owner, value):
    slots(mine, 1)

    answer = owner.post(TAKE, {"creneau": value, "email": "chloe@exemple.fr"})

    assert answer.status_code in {409, 422}
    assert 'role="alert"' in answer.content.decode()
    assert "chloe@exemple.fr" in answer.content.decode()


def test_bad_address_is_told_beside_the_field_and_the_hour_stays_chosen(mine, owner):
    (slot,) = slots(mine, 1)

    answer = take(owner, slot, email="chloe")

    assert answer.status_code == 422
    assert f'value="{slot.pk}" checked' in answer.content.decode()
    assert not Booking.objects.exists()


# --- in one's calendar


def calendar(owner) -> tuple[str, dict[str, str]]:
    """The media type, and the properties of the event as a calendar reads them."""
    answer = owner.get(CALENDAR)
    lines = answer.content.decode().replace("\r\n ", "").split("\r\n")
    return answer.headers["Content-Type"], dict(line.split(":", 1) for line in lines if ":" in line)


def test_calendar_says_when_and_where_and_nothing_of_the_matter(mine, owner):
    (slot,) = slots(mine, 1)
    take(owner, slot)

    file = owner.get(CALENDAR).content.decode()

    assert f"DTSTART:{slot.starts_at:%Y%m%dT%H%M%SZ}" in file
    assert f"DTEND:{slot.starts_at + timedelta(minutes=45):%Y%m%dT%H%M%SZ}" in file
    assert "LOCATION:2 rue d'Ypres\\, 59270 Bailleul" in file
    assert file.count("BEGIN:VALARM") == 2
    for hidden in ("Commissariat", "police", "plainte", "cyber"):
        assert hidden not in file


def test_calendar_follows_a_move_and_a_cancellation_as_one_event(mine, owner):
    first, second = slots(mine, 1, 2)
    seen = []
    for act in (lambda: take(owner, first), lambda: None, lambda: take(owner, second), lambda: owner.post(CANCEL)):
        act()
        seen.append(calendar(owner))
    take(owner, first)
    seen.append(calendar(owner))

    assert len({event["UID"] for _, event in seen}) == 1
    assert [event["SEQUENCE"] for _, event in seen] == ["0", "0", "2", "3", "4"]
    assert [(event["METHOD"], event["STATUS"]) for _, event in seen] == [
        *[("PUBLISH", "CONFIRMED")] * 3, ("CANCEL", "CANCELLED"), ("PUBLISH", "CONFIRMED"),
    ]  # fmt: skip
    assert [media.rpartition("method=")[2] for media, _ in seen] == ["PUBLISH"] * 3 + ["CANCEL", "PUBLISH"]
    assert [event["DTSTART"] for _, event in seen[2:4]] == [f"{second.starts_at:%Y%m%dT%H%M%SZ}"] * 2
    assert all(event["ORGANIZER"] == "mailto:agenda@agenda.invalid" for _, event in seen)


def test_calendar_of_a_cancelled_hour_rings_no_more(mine, owner):
    (slot,) = slots(mine, 1)
    take(owner, slot)
    signed_in(factory.agent(service=factory.service())).post(reverse("console:withdraw_slot", args=[slot.pk]))

    assert "Le retirer de mon agenda" in words(owner.get(PAGE))
    assert b"VALARM" not in owner.get(CALENDAR).content


def test_without_an_appointment_there_is_no_calendar(mine, owner):
    assert owner.get(CALENDAR).status_code == 404


# --- reminded


def test_reminder_goes_once_the_day_before_in_neutral_words(mine, owner):
    (slot,) = slots(mine, 4)
    take(owner, slot, email="chloe@exemple.fr")
    assert b"chloe@exemple.fr" not in every_cell()
    assert confirm("chloe@exemple.fr")

    early = appointments.remind(now=slot.starts_at - timedelta(days=2))
    sent = [appointments.remind(now=slot.starts_at - timedelta(hours=20)) for _ in range(2)]

    assert (early, sent) == (0, [1, 0])
    assert mail.outbox[0].to == ["chloe@exemple.fr"]
    for hidden in ("Commissariat", "police", "plainte", "Bailleul"):
        assert hidden not in mail.outbox[0].body + mail.outbox[0].subject


BOX = "chloe@exemple.fr"


def link_of(message) -> str:
    return re.search(r"https?://[^/]+(/\S+)", message.body)[1]


def test_address_typed_gets_one_link_and_nothing_else_before_its_reader_opens_it(
    mine, owner, django_capture_on_commit_callbacks
):
    first, second = slots(mine, 4, 5)
    with django_capture_on_commit_callbacks(execute=True):
        take(owner, first, email=BOX)
        take(owner, first, email=BOX)

    assert [(each.to, each.subject) for each in mail.outbox] == [([BOX], "Confirmez votre adresse")]
    assert "Adresse à confirmer" in words(owner.get(PAGE))
    assert "La veille, par e-mail" not in words(owner.get(PAGE))
    assert appointments.remind(now=first.starts_at - timedelta(hours=20)) == 0
    link = link_of(mail.outbox[0])
    assert "C’est mon adresse" in Client().get(link).content.decode()
    assert appointments.remind(now=first.starts_at - timedelta(hours=20)) == 0

    assert "Votre adresse est confirmée" in Client().post(link).content.decode()

    assert "Adresse à confirmer" not in words(owner.get(PAGE))
    assert "La veille, par e-mail" in words(owner.get(PAGE))
    with django_capture_on_commit_callbacks(execute=True):
        take(owner, second)
    assert appointments.remind(now=second.starts_at - timedelta(hours=20)) == 1
    assert [each.subject for each in mail.outbox] == ["Confirmez votre adresse", "Rappel"]
    assert Line.objects.filter(verb="adresse confirmée", actor="victime").count() == 1


def test_link_that_did_not_come_is_sent_again_within_a_limit(mine, owner, django_capture_on_commit_callbacks):
    again = reverse("dossier:ask_reminder_again")
    slot, _ = slots(mine, 4, 5)
    nobody = owner.post(again, follow=True)
    take(owner, slot, email=BOX)

    with django_capture_on_commit_callbacks(execute=True):
        answers = [owner.post(again, follow=True) for _ in range(5)]

    assert "Nouvel envoi" not in words(nobody)
    assert "Nouvel envoi demandé : comptez quelques minutes." in words(answers[0])
    assert "Envoyer le lien de nouveau" in words(answers[0])
    assert "Attendez une heure" in words(answers[-1])
    assert "<summary>Changer d’heure" in answers[-1].content.decode()
    assert '<details class="fold" open>' not in answers[-1].content.decode()
    assert [each.to for each in mail.outbox] == [[BOX]] * 4
    assert Client().post(link_of(mail.outbox[-1])).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        assert "Nouvel envoi" not in words(owner.post(again, follow=True))
    assert len(mail.outbox) == 4


def test_unit_that_cancels_writes_to_no_address_that_nobody_confirmed(mine, owner, django_capture_on_commit_callbacks):
    (slot,) = slots(mine, 1)
    take(owner, slot, email=BOX)

    with django_capture_on_commit_callbacks(execute=True):
        signed_in(factory.agent(service=factory.service())).post(reverse("console:withdraw_slot", args=[slot.pk]))

    assert mail.outbox == []
    assert "L’unité a dû annuler votre rendez-vous." in words(owner.get(PAGE))


def test_address_of_the_dossier_already_confirmed_is_asked_nothing_more(
    mine, place, django_capture_on_commit_callbacks
):
    dossier = factory.dossier()
    owner = victim(dossier)
    follow(dossier, owner, BOX)
    (slot,) = slots(mine, 4)
    with django_capture_on_commit_callbacks(execute=True):
        take(owner, slot, email=BOX.upper())

    assert mail.outbox == []
    assert "La veille, par e-mail" in words(owner.get(PAGE))


@pytest.mark.parametrize("case", ["cancelled", "another", "other dossier"])
def test_link_of_an_address_that_serves_no_more_confirms_nothing(mine, owner, case):
    first, second, _ = slots(mine)
    take(owner, first, email=BOX)
    link = reverse("confirm_address", args=[mailing.token_of(Booking.objects.get().dossier, BOX)])
    if case == "cancelled":
        owner.post(CANCEL)
    elif case == "another":
        take(owner, second, email="autre@exemple.fr")
    else:
        link = reverse("confirm_address", args=[mailing.token_of(factory.dossier(), BOX)])

    for answer in (Client().get(link), Client().post(link)):
        assert answer.status_code == 410
        assert "Ce lien ne sert plus" in answer.content.decode()
    assert not Booking.objects.filter(email_confirmed_at__isnull=False).exists()


def test_one_mailbox_is_not_flooded_by_appointments_and_the_hour_stays_chosen(
    mine, place, django_capture_on_commit_callbacks
):
    (*found,) = slots(mine, *range(1, 7))
    answers = []
    with django_capture_on_commit_callbacks(execute=True):
        answers = [take(victim(factory.dossier()), slot, email=BOX) for slot in found]

    assert [each.status_code for each in answers] == [302] * 5 + [422]
    assert len(mail.outbox) == 5
    assert "Attendez une heure" in words(answers[-1])
    assert f'value="{found[-1].pk}" checked' in answers[-1].content.decode()
    assert f'value="{BOX}"' in answers[-1].content.decode()


def follow(dossier, owner, address: str) -> None:
    """The address left for any news, confirmed from its mailbox."""
    owner.post(reverse("dossier:address"), {"address": address} if address else {"stop": "oui"})
    if address:
        dossier.refresh_from_db()
        assert mailing.confirm(mailing.token_of(dossier, address))


def test_address_not_confirmed_is_reminded_of_nothing(mine, place):
    owner = victim(factory.dossier())
    owner.post(reverse("dossier:address"), {"address": "suivi@exemple.fr"})
    (slot,) = slots(mine, 4)
    take(owner, slot)

    assert appointments.remind(now=slot.starts_at - timedelta(hours=20)) == 0
    assert "La veille, par e-mail" not in words(owner.get(PAGE))


@pytest.mark.parametrize(
    ("followed", "typed", "boxes"),
    [
        ("suivi@exemple.fr", "", ["suivi@exemple.fr"]),
        ("suivi@exemple.fr", "chloe@exemple.fr", ["suivi@exemple.fr", "chloe@exemple.fr"]),
        ("Chloe@exemple.fr", "chloe@exemple.fr", ["chloe@exemple.fr"]),
        ("", "", []),
    ],
)
def test_address_left_for_news_is_reminded_too_and_no_box_twice(mine, place, followed, typed, boxes):
    mine_dossier = factory.dossier()
    owner = victim(mine_dossier)
    follow(mine_dossier, owner, followed)
    (slot,) = slots(mine, 4)
    take(owner, slot, email=typed)
    confirm(typed)

    appointments.remind(now=slot.starts_at - timedelta(hours=20))
    appointments.remind(now=slot.starts_at - timedelta(hours=19))

    assert [message.to[0] for message in mail.outbox] == boxes
    assert ("La veille, par e-mail" in words(owner.get(PAGE))) == bool(boxes)
    for message in mail.outbox:
        assert message.body == f"Rappel : vous avez un rendez-vous {slot.words}."


def test_one_box_that_fails_does_not_make_the_other_read_twice(mine, place, monkeypatch):
    dossier = factory.dossier()
    owner = victim(dossier)
    follow(dossier, owner, "suivi@exemple.fr")
    (slot,) = slots(mine, 4)
    take(owner, slot, email="chloe@exemple.fr")
    confirm("chloe@exemple.fr")
    sent, real = [], appointments.mail
    monkeypatch.setattr(appointments, "mail", lambda box, body: sent.append(box) or (box[0] == "s" and real(box, body)))

    rounds = [appointments.remind(now=slot.starts_at - timedelta(hours=20)) for _ in range(2)]

    assert (rounds, sent) == ([1, 0], ["suivi@exemple.fr", "chloe@exemple.fr"])


def test_cancelled_appointment_is_not_reminded(mine, owner):
    (slot,) = slots(mine, 4)
    take(owner, slot, email="chloe@exemple.fr")
    confirm("chloe@exemple.fr")
    owner.post(CANCEL)

    assert appointments.remind(now=slot.starts_at - timedelta(hours=20)) == 0


# --- the unit


def test_agents_of_the_unit_open_hours_and_see_who_comes_by_reference_only(mine, owner, place):
    desk = signed_in(factory.agent(service=factory.service()))
    day = (timezone.localdate() + timedelta(days=5)).isoformat()

    asked = desk.post(
        OPEN, {"unit": mine.pk, "day": day, "begin": "09:00", "end": "12:00", "minutes": 60, "posts": 2}, follow=True
    )
    take(owner, Slot.objects.first())

    assert "6 créneaux ouverts" in words(asked)
    assert Booking.objects.get().dossier.reference in words(desk.get(AGENDA))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"end": "08:00"}, "La fin vient après le début."),
        ({"day": "2020-01-01"}, "Ces heures sont déjà passées."),
        ({"day": "x"}, "Écrivez un jour"),
        ({"end": "09:10"}, "au moins la durée"),
        ({"posts": "99"}, "nombre de 1 à 10"),
    ],
)
def test_hours_that_make_no_slot_are_told_beside_the_field(mine, changes, why):
    desk = signed_in(factory.agent(service=factory.service()))
    typed = {"unit": mine.pk, "day": "2030-01-15", "begin": "09:00", "end": "12:00", "minutes": 60, "posts": 1}

    answer = desk.post(OPEN, typed | changes)

    assert answer.status_code == 422
    assert why in words(answer)
    assert not Slot.objects.exists()


def test_agent_of_another_unit_opens_and_withdraws_nothing(mine):
    (slot,) = slots(mine, 1)
    elsewhere = signed_in(factory.agent("4900", service=factory.service("Lille")))

    elsewhere.post(reverse("console:withdraw_slot", args=[slot.pk]))
    typed = {"unit": mine.pk, "day": "2030-01-15", "begin": "09:00", "end": "12:00", "minutes": 60, "posts": 1}

    assert elsewhere.post(OPEN, typed).status_code == 422
    assert Slot.objects.get().withdrawn_at is None


def test_hour_withdrawn_by_the_unit_is_told_to_the_victim(mine, owner, django_capture_on_commit_callbacks):
    first, second = slots(mine, 1, 2)
    take(owner, first, email="chloe@exemple.fr")
    confirm("chloe@exemple.fr")

    desk = signed_in(factory.agent(service=factory.service()))
    with django_capture_on_commit_callbacks(execute=True):
        desk.post(reverse("console:withdraw_slot", args=[first.pk]))

    page = words(owner.get(PAGE))
    assert [(message.to, message.body) for message in mail.outbox] == [
        (["chloe@exemple.fr"], "Votre rendez-vous est annulé. Choisissez une autre heure.")
    ]
    assert "L’unité a dû annuler votre rendez-vous." in page
    assert told(second) in page
    assert Line.objects.filter(verb="rendez-vous annulé", actor="agent:4821").count() == 1
