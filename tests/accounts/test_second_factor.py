"""An agent's own second factor: added, its codes shown once, renewed, removed; what the database alone tells of it."""

import base64
import os
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings as house
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guichet import doctor
from guichet.accounts import services
from guichet.accounts.models import Agent, RecoveryCode, SecondFactor
from guichet.audit.models import Line
from tchat.seats import agent_of_session
from tests.accounts import people
from tests.victims.test_canary import every_cell

pytestmark = pytest.mark.django_db
HOME, ADD = "/comptes/second-facteur/", "/comptes/second-facteur/ajouter/"
RENEW, REMOVE = "/comptes/second-facteur/codes/", "/comptes/second-facteur/retirer/"
SIGN_IN, DESK = "/comptes/connexion/", "/console/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def person():
    return people.agent()


def inside(person, phone: people.Telephone | None = None) -> Client:
    client, _ = people.give_password(person)
    if phone:
        people.give_code(client, phone.code())
        SecondFactor.objects.update(last_step=0)
    return client


def verbs() -> list[str]:
    return list(Line.objects.order_by("pk").values_list("verb", flat=True))


def change(client: Client, address: str, code: str, password: str = people.PASSWORD):
    return client.post(address, {"password": password, "code": code})


def add(client: Client, person) -> list[str]:
    client.post(reverse("comptes:propose_factor"))
    return people.shown_codes(client.post(ADD, {"code": people.Telephone(person).code()}))


# --- add ----------------------------------------------------------------------------------------------
def test_agent_adds_a_telephone_and_sees_ten_codes_once(person):
    client = inside(person)
    offered = client.get(HOME).content.decode()
    begun = client.post(reverse("comptes:propose_factor"))
    page = client.get(ADD).content.decode()
    phone = people.Telephone(person)

    answer = client.post(ADD, {"code": phone.code()})
    codes = people.shown_codes(answer)
    again = client.post(ADD, {"code": phone.code(steps=1)})

    assert "Ajouter mon téléphone" in offered
    assert begun.url == ADD
    assert 'src="data:image/svg+xml' in page
    assert re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", page)
    assert len(set(codes)) == 10
    assert again.url == HOME
    assert client.get(DESK).status_code == 200
    shown = client.get(HOME).content.decode()
    assert "10 sur 10 n’ont pas servi" in shown
    assert not any(code in shown for code in codes)
    assert verbs()[-1] == "second facteur ajouté"


def test_page_with_the_secret_is_kept_by_nobody_and_obeys_the_policy(person):
    client = inside(person)
    client.post(reverse("comptes:propose_factor"))

    answer = client.get(ADD)

    assert answer["Cache-Control"] == "no-store"
    assert "img-src 'self' data:" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_wrong_first_code_keeps_the_same_image_and_puts_nothing_in_force(person):
    client = inside(person)
    client.post(reverse("comptes:propose_factor"))
    secret = re.search(r'code--secret">([^<]+)<', client.get(ADD).content.decode())[1]

    answer = client.post(ADD, {"code": people.Telephone(person).wrong()})

    assert answer.status_code == 422
    assert secret in answer.content.decode()
    assert verbs()[-1] == "code refusé"
    person.refresh_from_db()
    assert person.factor_mark == ""
    assert people.give_password(person)[1].url == DESK


def test_a_proposal_is_over_after_an_hour(person):
    client = inside(person)
    client.post(reverse("comptes:propose_factor"))
    phone = people.Telephone(person)
    SecondFactor.objects.update(begun_at=timezone.now() - timedelta(minutes=61))

    assert client.get(ADD).url == client.post(ADD, {"code": phone.code()}).url == HOME


def test_adding_one_closes_the_other_sessions_and_keeps_this_one(person):
    here, elsewhere = inside(person), inside(person)

    add(here, person)

    assert people.is_inside(here)
    assert not people.is_inside(elsewhere)


def test_a_factor_in_force_is_not_replaced_without_its_code(person):
    phone, _ = people.enrolled(person)
    client, secret = inside(person, phone), SecondFactor.objects.get().secret

    begun = client.post(reverse("comptes:propose_factor"), follow=True)
    posted = client.post(ADD, {"code": phone.code()})

    assert begun.request["PATH_INFO"] == HOME
    assert posted.url == HOME
    assert SecondFactor.objects.get().secret == secret


def test_where_it_is_required_adding_one_is_the_way_in(person, settings):
    settings.GUICHET_SECOND_FACTOR = "required"
    client, answer = people.give_password(person, follow="/console/dossiers/")

    client.post(reverse("comptes:propose_factor"))
    shown = client.post(ADD, {"code": people.Telephone(person).code()})

    assert answer.url == HOME
    assert len(people.shown_codes(shown)) == 10
    assert 'href="/console/dossiers/"' in shown.content.decode()
    assert people.is_inside(client)
    assert verbs()[-2:] == ["second facteur ajouté", "connexion"]


@pytest.mark.parametrize("address", [HOME, ADD, RENEW, REMOVE])
def test_stranger_is_sent_to_the_sign_in(address, person):
    people.enrolled(person)

    assert Client().get(address).url == SIGN_IN


@pytest.mark.parametrize("address", [ADD, RENEW, REMOVE])
def test_colleague_finds_only_their_own_factor(address, person):
    people.enrolled(person)
    client = inside(people.agent("autre"))

    assert client.get(address).url == HOME
    assert "Ajouter mon téléphone" in client.get(HOME).content.decode()


def test_who_knows_only_the_password_does_not_reach_the_pages_of_the_factor(person):
    phone, _ = people.enrolled(person)
    client, _ = people.give_password(person)

    answers = [change(client, address, phone.code()) for address in (RENEW, REMOVE)]
    answers += [client.get(HOME), client.post(reverse("comptes:propose_factor"))]

    assert {answer.url for answer in answers} == {SIGN_IN}
    assert SecondFactor.objects.confirmed().count() == 1


# --- renew, remove --------------------------------------------------------------------------------------
def test_renewed_codes_replace_the_old_ones(person):
    phone, old = people.enrolled(person)
    client = inside(person, phone)

    new = people.shown_codes(change(client, RENEW, phone.code()))

    assert len(new) == 10
    assert verbs()[-1] == "codes de secours renouvelés"
    assert people.give_code(people.give_password(person)[0], old[0]).status_code == 422
    assert people.give_code(people.give_password(person)[0], new[0]).url == DESK


@pytest.mark.parametrize("address", [RENEW, REMOVE])
@pytest.mark.parametrize(("password", "right_code"), [("autre-mot-de-passe", True), (people.PASSWORD, False)])
def test_a_session_alone_changes_nothing(address, password, right_code, person):
    phone, codes = people.enrolled(person)
    client = inside(person, phone)

    answer = change(client, address, codes[0] if right_code else phone.wrong(), password)

    assert answer.status_code == 422
    assert SecondFactor.objects.confirmed().count() == 1
    assert RecoveryCode.objects.filter(used_at=None).count() == 10
    assert password not in answer.content.decode()


def test_passwords_cannot_be_tried_there_without_end(person):
    phone, _ = people.enrolled(person)
    client = inside(person, phone)

    answers = [change(client, REMOVE, phone.wrong(), f"essai-{n}").status_code for n in range(9)]

    assert answers[-1] == 429


def test_removed_with_password_and_a_recovery_code(person):
    phone, codes = people.enrolled(person)
    client, elsewhere = inside(person, phone), inside(person, phone)

    answer = change(client, REMOVE, codes[0])

    assert answer.url == HOME
    assert "Votre second facteur est retiré" in client.get(HOME).content.decode()
    assert not SecondFactor.objects.exists()
    assert not RecoveryCode.objects.exists()
    assert people.is_inside(client)
    assert not people.is_inside(elsewhere)
    assert people.give_password(person)[1].url == DESK
    assert verbs().count("second facteur retiré") == 1


def test_where_it_is_required_removing_it_leads_to_adding_another(person, settings):
    settings.GUICHET_SECOND_FACTOR = "required"
    phone, _ = people.enrolled(person)
    client = inside(person, phone)

    answer = change(client, REMOVE, phone.code())
    closed = not people.is_inside(client)
    codes = add(client, person)

    assert answer.url == HOME
    assert closed
    assert len(codes) == 10
    assert people.is_inside(client)


# --- at rest ------------------------------------------------------------------------------------------
def test_the_database_alone_holds_no_secret_and_no_code(person, caplog):
    client = inside(person)
    client.post(reverse("comptes:propose_factor"))
    proposed = SecondFactor.objects.get().secret
    before = every_cell()
    codes = people.shown_codes(client.post(ADD, {"code": people.Telephone(person).code()}))

    stored = before + every_cell() + str([session.get_decoded() for session in Session.objects.all()]).encode()
    words = [proposed, base64.b32encode(proposed).rstrip(b"="), proposed.hex().encode()]
    words += [code.encode() for code in codes] + [code.replace(" ", "").encode() for code in codes]

    assert len(codes) == 10
    assert [word for word in words if word in stored] == []
    assert [word for word in words if word.decode("latin-1") in caplog.text] == []


def test_a_factor_moved_to_another_account_opens_nothing(person):
    """By somebody who writes in the database: neither the telephone nor a recovery code of one opens the other."""
    _, codes = people.enrolled(person)
    other = people.agent("autre")
    people.enrolled(other)
    mine, theirs = SecondFactor.objects.get(agent=person), SecondFactor.objects.get(agent=other)

    SecondFactor.objects.filter(pk=theirs.pk).update(
        kek=mine.kek, wrapped_key=mine.wrapped_key, sealed_secret=mine.sealed_secret
    )
    RecoveryCode.objects.filter(factor=mine).update(factor=theirs)
    client, _ = people.give_password(other)
    answers = [people.give_code(client, code) for code in ("123456", codes[0])]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert all("ne peut plus être lu" in answer.content.decode() for answer in answers)


def _key(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


def test_keys_turn_and_telephone_and_codes_still_open(settings, person):
    old, new = _key("k1"), _key("k2")
    settings.GUICHET_KEKS = (old,)
    phone, codes = people.enrolled(person)
    settings.GUICHET_KEKS, out = (new, old), StringIO()

    call_command("rotate_keys", stdout=out)
    settings.GUICHET_KEKS = (new,)

    assert "factors=1 factors_unreadable=0" in out.getvalue()
    assert people.give_code(people.give_password(person)[0], phone.code()).url == DESK
    assert people.give_code(people.give_password(person)[0], codes[0]).url == DESK


def test_key_withdrawn_too_early_is_told_and_never_a_breakdown(settings, person):
    settings.GUICHET_KEKS = (_key("k1"),)
    phone, codes = people.enrolled(person)
    settings.GUICHET_KEKS = (_key("k2"),)
    client, _ = people.give_password(person)

    with pytest.raises(CommandError):
        call_command("rotate_keys", stdout=StringIO(), stderr=StringIO())
    answers = [people.give_code(client, code) for code in (phone.code(), codes[0])]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert "Demandez à votre administrateur" in answers[0].content.decode()


# --- the operator, the sockets -----------------------------------------------------------------------
def test_operator_resets_by_command_and_the_journal_says_why(person):
    phone, _ = people.enrolled(person)
    client, out = inside(person, phone), StringIO()

    call_command("reset_second_factor", person.username, reason="perdu", stdout=out)

    line = Line.objects.latest("pk")
    assert (line.actor, line.verb, line.target) == ("système", "second facteur réinitialisé", person.audit_name)
    assert line.detail == {"raison": "perdu"}
    assert not people.is_inside(client)
    assert people.give_password(person)[1].url == DESK
    with pytest.raises(CommandError, match="pas de second facteur"):
        call_command("reset_second_factor", person.username, reason="perdu")
    with pytest.raises(CommandError, match="Aucun compte"):
        call_command("reset_second_factor", "personne", reason="perdu")


def test_doctor_counts_who_has_none(person, settings):
    settings.GUICHET_SECOND_FACTOR = "required"
    people.enrolled(people.agent("autre"))
    Agent.objects.create_user("exercice-001", service_number="EX001")

    said = {finding.part: finding.says for finding in doctor.findings()}

    assert said["second facteur"] == "exigé ; 1 compte(s) sur 2 n'en ont pas"


def test_agents_of_an_exercise_work_where_a_factor_is_required(settings, client):
    """They have no password, so nobody signs in as them: their sessions are opened by the command itself."""
    settings.GUICHET_SECOND_FACTOR = "required"
    client.force_login(Agent.objects.create_user("exercice-001", service_number="EX001"))

    assert client.get(DESK).status_code == 200


def key_of(client: Client) -> str:
    return client.cookies[house.SESSION_COOKIE_NAME].value


def test_socket_opens_only_with_what_opens_the_pages(person, settings):
    phone, _ = people.enrolled(person)
    half, _ = people.give_password(person)
    whole, other = inside(person, phone), inside(people.agent("autre"))

    offered = [agent_of_session(key_of(each)) for each in (half, whole, other)]
    settings.GUICHET_SECOND_FACTOR = "required"
    required = [agent_of_session(key_of(each)) for each in (half, whole, other)]

    assert [each and each.username for each in offered] == [None, "lefevre", "autre"]
    assert [each and each.username for each in required] == [None, "lefevre", None]


@pytest.mark.django_db(transaction=True)
def test_sockets_are_asked_again_when_a_factor_changes(person, monkeypatch):
    rung = []
    monkeypatch.setattr("tchat.events.hub.ring", lambda *groups, kind="look", **more: rung.append((groups, kind)))

    people.enrolled(person)
    services.reset(agent=person, reason="perdu", by=None)

    assert rung == [((f"agent.{person.pk}",), "recheck")] * 2
