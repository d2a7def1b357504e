"""The two doors of the agents: what a password opens, and what only a code opens."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guichet.accounts import services, threshold
from guichet.accounts.enums import Role
from guichet.accounts.models import SecondFactor
from guichet.audit.models import Line
from tests.accounts import people

pytestmark = pytest.mark.django_db
DESK, CODE, SIGN_IN = "/console/", "/comptes/connexion/code/", "/comptes/connexion/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def verbs() -> list[tuple[str, str, dict]]:
    return list(Line.objects.order_by("pk").values_list("actor", "verb", "detail"))


def test_without_a_factor_the_password_is_enough_where_it_is_only_offered():
    client, answer = people.give_password(people.agent())

    assert answer.url == DESK
    assert people.is_inside(client)


def test_password_alone_does_not_open_an_account_with_a_factor():
    person = people.agent()
    people.enrolled(person)

    client, answer = people.give_password(person)

    assert answer.url == CODE
    assert not people.is_inside(client)
    assert client.get(DESK).url == f"{SIGN_IN}?next={DESK}"
    assert client.get(reverse("comptes:second_factor")).url == SIGN_IN


def test_password_then_code_opens_leads_where_one_was_going_and_says_so_in_the_journal():
    person = people.agent()
    phone, _ = people.enrolled(person)
    client, _ = people.give_password(person, follow="/console/dossiers/")

    answer = people.give_code(client, phone.code())

    assert answer.url == "/console/dossiers/"
    assert people.is_inside(client)
    assert verbs()[-1] == (person.audit_name, "connexion", {"facteur": "application"})


def test_another_site_is_never_where_one_was_going():
    person = people.agent()
    phone, _ = people.enrolled(person)
    client, _ = people.give_password(person, follow="https://ailleurs.example/")

    assert people.give_code(client, phone.code()).url == DESK


def test_code_may_be_typed_with_spaces_and_is_kept_when_wrong():
    person = people.agent()
    phone, _ = people.enrolled(person)
    client, _ = people.give_password(person)
    code = phone.wrong()

    refused = people.give_code(client, f"{code[:3]} {code[3:]}")
    right = phone.code()
    accepted = people.give_code(client, f" {right[:3]} {right[3:]} ")

    assert refused.status_code == 422
    assert f'value="{code[:3]} {code[3:]}"' in refused.content.decode()
    assert "Ce code n’est pas le bon" in refused.content.decode()
    assert accepted.url == DESK


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "1" * 50, "12 34 5x", "0" * 39])
def test_what_cannot_be_a_code_is_told_beside_the_field_and_counts_for_nothing(typed):
    person = people.agent()
    people.enrolled(person)
    client, _ = people.give_password(person)

    answer = people.give_code(client, typed)

    assert answer.status_code == 422
    assert 'id="id_code_error"' in answer.content.decode()
    assert SecondFactor.objects.get().failures == 0


def test_a_code_is_never_used_twice_not_even_by_somebody_who_looked():
    person = people.agent()
    phone, _ = people.enrolled(person)
    code = phone.code()
    first, _ = people.give_password(person)
    second, _ = people.give_password(person)

    entered, again = people.give_code(first, code), people.give_code(second, code)

    assert entered.status_code == 302
    assert again.status_code == 422
    assert not people.is_inside(second)


def test_an_older_code_is_dead_once_a_newer_one_was_used():
    person = people.agent()
    phone, _ = people.enrolled(person)
    now = timezone.now()

    newer = services.check(agent=person, code=phone.code(at=now), purpose="connexion", now=now)
    older = services.check(agent=person, code=phone.code(at=now, steps=-1), purpose="connexion", now=now)

    assert newer.means == "application"
    assert older.means is None


def test_the_code_that_confirmed_the_telephone_does_not_sign_in_as_well():
    person = people.agent()
    services.propose(agent=person)
    code = people.Telephone(person).code()
    services.confirm(agent=person, code=code)
    client, _ = people.give_password(person)

    assert people.give_code(client, code).status_code == 422


def test_a_recovery_code_opens_once_and_says_when_few_are_left():
    person = people.agent()
    _, codes = people.enrolled(person)
    for code in codes[:6]:
        services.check(agent=person, code=code.replace(" ", ""), purpose="connexion")
    client, _ = people.give_password(person)

    entered = people.give_code(client, codes[6])
    page = client.get(DESK).content.decode()
    other, _ = people.give_password(person)
    again = people.give_code(other, codes[6])

    assert entered.url == DESK
    assert "Codes de secours restants : 3" in page
    assert again.status_code == 422
    assert (person.audit_name, "connexion", {"facteur": "secours"}) in verbs()


def test_failed_codes_are_in_the_journal_make_wait_and_are_told_to_the_owner():
    person = people.agent()
    phone, _ = people.enrolled(person)
    client, _ = people.give_password(person)

    answers = [people.give_code(client, phone.wrong()) for _ in range(6)]
    right_too_soon = people.give_code(client, phone.code())
    SecondFactor.objects.update(wait_until=timezone.now() - timedelta(seconds=1))
    entered = people.give_code(client, phone.code())

    assert [answer.status_code for answer in answers] == [422, 422, 422, 422, 422, 429]
    assert right_too_soon.status_code == 429
    assert "Trop d’essais" in right_too_soon.content.decode()
    assert verbs().count((person.audit_name, "code refusé", {"pour": "connexion"})) == 5
    assert entered.url == DESK
    assert "Codes refusés depuis votre dernière entrée : 5" in client.get(DESK).content.decode()
    assert SecondFactor.objects.get().failures == 0


@pytest.mark.parametrize("written", ["{spaces}lefevre", "{spaces}ｌｅｆｅｖｒｅ", "LEFEVRE{spaces}"])
def test_passwords_are_counted_by_account_however_its_name_is_written(client, written):
    people.agent("lefevre")
    names = [written.format(spaces=" " * (40 * number)) for number in range(9)]

    answers = [client.post(SIGN_IN, {"username": name, "password": "essai"}).status_code for name in names]

    assert answers == [200] * 8 + [429]


def test_right_passwords_are_not_counted_neither_by_account_nor_by_address(client):
    """A hundred agents come on duty behind one address, and one of them opens ten browsers."""
    people.agent("lefevre")
    right = {"username": "lefevre", "password": people.PASSWORD}

    assert {Client().post(SIGN_IN, right).status_code for _ in range(100)} == {302}

    wrong = [client.post(SIGN_IN, {**right, "password": "essai"}).status_code for _ in range(9)]
    assert wrong == [200] * 8 + [429]
    assert client.post(SIGN_IN, right).status_code == 429


def test_sign_in_of_the_administration_leads_back_to_the_whole_address(client):
    asked = "/admin/accounts/agent/?role=agent&institution=PN"

    door = client.get(client.get(asked).url).url
    person = people.agent(role=Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    entered = client.post(door, {"username": person.username, "password": people.PASSWORD})

    assert entered.url == asked


def test_wait_doubles_with_each_failure_up_to_a_quarter_of_an_hour():
    person = people.agent()
    phone, _ = people.enrolled(person)
    now, waits = timezone.now(), []

    for _ in range(12):
        services.check(agent=person, code=phone.wrong(), purpose="connexion", now=now)
        until = SecondFactor.objects.get().wait_until
        waits.append(int((until - now).total_seconds()) if until else 0)
        now = until or now

    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_limit_on_codes_holds_when_the_cache_is_away(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    person = people.agent()
    phone, _ = people.enrolled(person)
    client, _ = people.give_password(person)

    answers = [people.give_code(client, phone.wrong()).status_code for _ in range(6)]

    assert answers[-1] == 429


def test_second_door_is_closed_to_who_does_not_stand_before_it():
    person = people.agent()
    people.enrolled(person)

    assert Client().get(CODE).url == SIGN_IN
    assert people.give_code(Client(), "123456").url == SIGN_IN


@pytest.mark.parametrize("happens", ["too long", "closed", "new password", "reset", "signed out"])
def test_threshold_is_left_when_what_it_stands_on_changes(happens, monkeypatch):
    person = people.agent()
    phone, _ = people.enrolled(person)
    client, _ = people.give_password(person)
    code = phone.code()

    if happens == "too long":
        monkeypatch.setattr(threshold, "LIVES", -1)
    elif happens == "closed":
        person.is_active = False
        person.save()
    elif happens == "new password":
        person.set_password("un-autre-mot-de-passe")
        person.save()
    elif happens == "reset":
        services.reset(agent=person, reason="perdu", by=None)
    else:
        client.post(reverse("comptes:sign_out"))

    assert people.give_code(client, code).url == SIGN_IN
    assert not people.is_inside(client)


def test_session_on_the_threshold_names_no_signed_in_agent():
    person = people.agent()
    people.enrolled(person)
    people.give_password(person)

    (kept,) = (session.get_decoded() for session in Session.objects.all())

    assert "_auth_user_id" not in kept


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.EDITOR])
def test_the_administration_goes_through_the_same_two_doors(role):
    person = people.agent("chef", role, is_staff=True, is_superuser=role == Role.ADMINISTRATOR)
    phone, _ = people.enrolled(person)
    client = Client()

    own_page = client.get("/admin/login/?next=/admin/")
    posted = client.post("/admin/login/", {"username": "chef", "password": people.PASSWORD, "next": "/admin/"})
    closed = client.get("/admin/")
    people.give_password(person, follow="/admin/", client=client)
    before = client.get("/admin/").status_code
    opened = people.give_code(client, phone.code())

    assert own_page.url == posted.url == f"{SIGN_IN}?next=/admin/"
    assert closed.status_code == before == 302
    assert opened.url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_an_agent_who_has_no_place_in_the_administration_is_told_so_and_not_sent_in_circles():
    client, _ = people.give_password(people.agent())

    assert client.get("/admin/", follow=True).status_code == 403


# --- where it is required -----------------------------------------------------------------------------
@pytest.fixture
def required(settings):
    settings.GUICHET_SECOND_FACTOR = "required"


def test_without_a_factor_only_its_page_and_the_way_out_are_open(required):
    person = people.agent(role=Role.SUPERVISOR, is_staff=True, is_superuser=True)

    client, answer = people.give_password(person)
    own = client.get(reverse("comptes:second_factor"))
    elsewhere = [client.get(address) for address in (DESK, "/console/supervision/", "/admin/", CODE)]
    out = client.post(reverse("comptes:sign_out"))

    assert answer.url == reverse("comptes:second_factor")
    assert own.status_code == 200
    assert "Ajouter mon téléphone" in own.content.decode()
    assert "/console/" not in own.content.decode()
    assert [each.status_code for each in elsewhere] == [302] * 4
    assert all(SIGN_IN in each.url or each.url.startswith("/admin/login/") for each in elsewhere)
    assert out.url == SIGN_IN
    assert client.get(reverse("comptes:second_factor")).url == SIGN_IN


def test_with_a_factor_everything_is_as_before(required):
    person = people.agent()
    phone, _ = people.enrolled(person)
    client, _ = people.give_password(person)

    people.give_code(client, phone.code())

    assert people.is_inside(client)


def test_session_opened_before_it_was_required_opens_nothing_more(settings):
    client, _ = people.give_password(people.agent(is_staff=True, is_superuser=True))
    assert people.is_inside(client)

    settings.GUICHET_SECOND_FACTOR = "required"

    assert not people.is_inside(client)


def test_a_misspelt_setting_demands_it(settings):
    settings.GUICHET_SECOND_FACTOR = "ofered"

    client, answer = people.give_password(people.agent())

    assert answer.url == reverse("comptes:second_factor")
    assert not people.is_inside(client)
