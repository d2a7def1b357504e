"""What an exercise sets up beside the real guichet, and takes away: its desks, its agents, its marks."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction

from guichet.accounts.enums import Role
from guichet.accounts.models import Agent
from guichet.lib.exercise import COOKIE, new_token
from tchat.models import Desk, Presence
from tchat.services import exercises
from victims.services.retention import delete_exercises

NAME, NUMBER = "exercice-", "EX"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class Cleaned:
    dossiers: int
    desks: int
    agents: int


def token() -> tuple[str, str]:
    """The cookie that marks a browser: everything that comes from it says « EXERCICE »."""
    return COOKIE, new_token()


@transaction.atomic
def set_up(*, agents: int, talks_at_once: int) -> list[tuple[str, str]]:
    """Twins of every real desk, agents who sit at them and nowhere else; the session cookie of each agent.

    Nobody can sign in as one of them: they have no password.
    """
    twins = [exercises.twin_of(desk) for desk in Desk.objects.real()]
    Desk.objects.filter(pk__in=[twin.pk for twin in twins]).update(capacity=talks_at_once)
    return [_session(_agent(number, twins)) for number in range(1, agents + 1)]


def _agent(number: int, twins: list[Desk]) -> Agent:
    agent, made = Agent.objects.get_or_create(
        username=f"{NAME}{number:03}", defaults={"service_number": f"{NUMBER}{number:03}", "role": Role.AGENT}
    )
    if made:
        agent.set_unusable_password()
    agent.is_active = True
    agent.save()
    agent.desks.set(twins)
    return agent


def _session(agent: Agent) -> tuple[str, str]:
    session = SessionStore()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(agent.pk), BACKEND
    session[HASH_SESSION_KEY] = agent.get_session_auth_hash()
    session.create()
    return settings.SESSION_COOKIE_NAME, session.session_key


@transaction.atomic
def seat(*, username: str) -> Agent:
    """Somebody who trains: at the twins of their own desks instead of them, so that no real victim is among
    those of the exercise. What they hold already stays theirs. Raises Agent.DoesNotExist."""
    agent = Agent.objects.get(username=username, is_active=True)
    twins = [exercises.twin_of(desk) for desk in agent.desks.real()]
    agent.desks.set([*twins, *agent.desks.exclude(stands_for=None)])
    return agent


def _back_to_work() -> None:
    """Each of those who trained sits at the real desks again; the twins remember which."""
    for twin in Desk.objects.exclude(stands_for=None).prefetch_related("agents"):
        for agent in twin.agents.exclude(username__startswith=NAME):
            agent.desks.add(twin.stands_for)
            agent.desks.remove(twin)


def clear() -> Cleaned:
    """Everything that exercises made: dossiers with all that hangs on them, desks, agents. Nothing else is touched.

    The log of who did what keeps its lines, as it does for everybody.
    """
    dossiers = delete_exercises()
    scripted = Agent.objects.filter(username__startswith=NAME, service_number__startswith=NUMBER)
    with transaction.atomic():
        _back_to_work()
        desks = exercises.remove_desks()
        Presence.objects.filter(agent__in=scripted).delete()
        agents = scripted.count()
        scripted.delete()
    return Cleaned(dossiers, desks, agents)
