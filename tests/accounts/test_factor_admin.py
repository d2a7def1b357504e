"""Who resets whose second factor, in the administration."""

import pytest
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from guichet.accounts.enums import Role
from guichet.accounts.models import Agent, SecondFactor
from guichet.audit.models import Line
from tests.accounts import people

pytestmark = pytest.mark.django_db
PASSWORD = "un-autre-mot-de-passe"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


@pytest.fixture
def person():
    found = people.agent()
    people.enrolled(found)
    return found


def administrator(name: str = "chef", **more) -> Agent:
    return people.agent(name, Role.ADMINISTRATOR, is_staff=True, **{"is_superuser": True, **more})


def supervisor(institution: str = "PN", *, staff: bool = True) -> Agent:
    return people.agent("superviseur", Role.SUPERVISOR, institution, is_staff=staff)


def browser_of(person: Agent) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page_of(person: Agent) -> str:
    return reverse("admin:accounts_agent_factor", args=[person.pk])


def test_administrator_resets_with_a_reason_and_the_colleague_signs_in_anew(person):
    chief = administrator()
    client, working = browser_of(chief), browser_of(person)

    link = client.get(reverse("admin:accounts_agent_change", args=[person.pk])).content.decode()
    asked = client.get(page_of(person))
    answer = client.post(page_of(person), {"reason": "perdu"})

    assert page_of(person) in link
    assert "Téléphone perdu ou volé" in asked.content.decode()
    assert answer.url == reverse("admin:accounts_agent_change", args=[person.pk])
    line = Line.objects.latest("pk")
    assert (line.actor, line.verb, line.target) == (
        chief.audit_name,
        "second facteur réinitialisé",
        person.audit_name,
    )
    assert line.detail == {"raison": "perdu"}
    assert not SecondFactor.objects.exists()
    assert not people.is_inside(working)
    assert people.give_password(person)[1].url == "/console/"


@pytest.mark.parametrize("reason", ["", "parce que"])
def test_without_a_reason_of_the_list_nothing_is_reset(person, reason):
    answer = browser_of(administrator()).post(page_of(person), {"reason": reason})

    assert answer.status_code == 422
    assert SecondFactor.objects.count() == 1


def test_nobody_resets_their_own(person):
    chief = administrator()
    people.enrolled(chief)
    client = browser_of(chief)

    own = reverse("admin:accounts_agent_change", args=[chief.pk])

    assert page_of(chief) not in client.get(own).content.decode()
    assert client.get(page_of(chief)).status_code == 403
    assert client.post(page_of(chief), {"reason": "perdu"}).status_code == 403
    assert SecondFactor.objects.filter(agent=chief).count() == 1


def test_supervisor_in_the_administration_resets_for_the_same_force_only(person):
    gendarme, admin = people.agent("gendarme", institution="GN"), administrator()
    people.enrolled(gendarme)
    people.enrolled(admin)
    client = browser_of(supervisor())

    listed = client.get(reverse("admin:accounts_agent_changelist")).content.decode()
    seen = client.get(reverse("admin:accounts_agent_change", args=[person.pk])).content.decode()
    answers = [client.post(page_of(each), {"reason": "en-panne"}).status_code for each in (gendarme, admin, person)]

    assert "lefevre" in listed
    assert "gendarme" not in listed.partition("result_list")[2]
    assert page_of(person) in seen
    assert "field-password" not in seen
    assert answers == [403, 403, 302]


def test_supervisor_changes_nothing_else_there(person):
    client = browser_of(supervisor())

    answer = client.post(reverse("admin:accounts_agent_change", args=[person.pk]), {"username": "autre"})
    added = client.get(reverse("admin:accounts_agent_add"))
    password = client.get(reverse("admin:auth_user_password_change", args=[person.pk]))

    assert {answer.status_code, added.status_code, password.status_code} == {403}
    person.refresh_from_db()
    assert person.username == "lefevre"


def test_only_a_superuser_resets_a_superuser():
    chief = administrator()
    people.enrolled(chief)
    client = browser_of(administrator("adjointe", is_superuser=False))

    assert client.post(page_of(chief), {"reason": "perdu"}).status_code == 403


def test_who_may_change_accounts_takes_no_right_and_touches_no_superuser(person):
    chief, deputy = administrator(), administrator("adjointe", is_superuser=False)
    deputy.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
    client = browser_of(deputy)
    form = {"username": "lefevre", "service_number": person.service_number, "role": "agent", "institution": "PN"}
    form |= {"is_active": "on", "date_joined_0": "01/01/2026", "date_joined_1": "08:00:00", "first_name": "Anne"}

    address = reverse("admin:accounts_agent_change", args=[person.pk])
    changed = client.post(address, {**form, "is_superuser": "on", "user_permissions": ["1"]})
    own = [reverse(f"admin:{name}", args=[chief.pk]) for name in ("accounts_agent_change", "auth_user_password_change")]
    refused = [client.post(each, {"password1": PASSWORD, "password2": PASSWORD}).status_code for each in own]
    deleted = client.post(reverse("admin:accounts_agent_delete", args=[chief.pk]), {"post": "yes"}).status_code

    person.refresh_from_db()
    assert (changed.status_code, person.first_name, person.is_superuser) == (302, "Anne", False)
    assert not person.user_permissions.exists()
    assert (refused, deleted) == ([403, 403], 403)
    assert Agent.objects.get(pk=chief.pk).password == chief.password


@pytest.mark.parametrize("role", [Role.AGENT, Role.EDITOR])
def test_colleague_and_editor_reset_nothing(person, role):
    client = browser_of(people.agent("autre", role, is_staff=True))

    assert client.post(page_of(person), {"reason": "perdu"}).status_code == 403
    assert SecondFactor.objects.count() == 1


def test_stranger_and_supervisor_outside_the_administration_are_sent_to_the_door(person):
    for client in (Client(), browser_of(supervisor(staff=False))):
        answer = client.post(page_of(person), {"reason": "perdu"})
        assert answer.url.startswith("/admin/login/")
    assert SecondFactor.objects.count() == 1


def test_account_without_a_factor_says_so():
    other = people.agent("autre")
    client = browser_of(administrator())

    assert "n’a pas de second facteur" in client.get(page_of(other)).content.decode()
    assert client.post(page_of(other), {"reason": "perdu"}).status_code == 422
