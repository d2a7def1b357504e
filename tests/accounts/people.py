"""Agents with and without a second factor, and the telephone that shows its codes."""

import re
from datetime import datetime

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guichet.accounts import services, totp
from guichet.accounts.enums import Role
from guichet.accounts.models import Agent, SecondFactor

PASSWORD = "un-mot-de-passe-de-test"


def agent(name: str = "lefevre", role: Role = Role.AGENT, institution: str = "PN", **more) -> Agent:
    number = str(6000 + Agent.objects.count())
    return Agent.objects.create_user(
        name, password=PASSWORD, service_number=number, role=role, institution=institution, **more
    )


class Telephone:
    """Shows the code of each half minute; `later` turns its clock, so that a test never shows the same code twice."""

    def __init__(self, agent: Agent, *, clock=timezone.now) -> None:
        self.secret, self.clock = SecondFactor.objects.get(agent=agent).secret, clock

    def code(self, *, steps: int = 0, at: datetime | None = None) -> str:
        return totp.code_at(self.secret, totp.step_of(at or self.clock()) + steps)

    def wrong(self) -> str:
        """A code that is right at none of the steps around."""
        around = {self.code(steps=steps) for steps in range(-3, 4)}
        return next(code for code in map("{:06d}".format, range(100)) if code not in around)


def enrolled(person: Agent) -> tuple[Telephone, list[str]]:
    """With a factor in force, as if added an hour ago, and its recovery codes."""
    services.propose(agent=person)
    phone = Telephone(person)
    codes = services.confirm(agent=person, code=phone.code())
    SecondFactor.objects.update(last_step=0)
    person.refresh_from_db()
    return phone, codes


def give_password(person: Agent, *, follow: str = "", client: Client | None = None) -> tuple[Client, object]:
    client = client or Client()
    data = {"username": person.username, "password": PASSWORD, "next": follow}
    return client, client.post(reverse("comptes:sign_in"), data)


def give_code(client: Client, code: str):
    return client.post(reverse("comptes:sign_in_code"), {"code": code})


def shown_codes(answer) -> list[str]:
    return re.findall(r'<span class="code">(\d{5} \d{5})</span>', answer.content.decode())


def is_inside(client: Client) -> bool:
    """Whether a page of the house opens: the console, or the administration for who has none."""
    return 200 in {client.get(reverse("console:desk")).status_code, client.get(reverse("admin:index")).status_code}
