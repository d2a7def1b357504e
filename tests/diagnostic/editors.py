"""The people who write the content, for the tests of the editing."""

from guichet.accounts.enums import Role
from guichet.accounts.models import Agent

PASSWORD = "un-mot-de-passe-de-test"


def person(name: str, role: str = Role.EDITOR, *, staff: bool = True) -> Agent:
    number = str(7000 + Agent.objects.count())
    return Agent.objects.create_user(name, password=PASSWORD, service_number=number, role=role, is_staff=staff)
