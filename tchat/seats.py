"""Who sits at a socket and by what right: the victim by the dossier's access, an agent by the session.

A socket outlives the request that opened it: `still_valid` asks again, for all the sockets of a process at once.
"""

from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace

from django.conf import settings
from django.contrib.auth import get_user

from guichet.accounts.models import Agent
from guichet.accounts.rules import can_use_console
from tchat import rules
from tchat.enums import Author
from tchat.models import Conversation
from tchat.services import presence
from tchat.services.messages import VICTIM, Sender
from tchat.services.reading import note_reading
from tchat.services.tending import take_back
from victims.services import access

SIGN_IN_AGAIN, NOT_YOURS, TAKEN, RESTART, TOO_FAST = 4401, 4403, 4409, 4012, 4429


class NoSeat(Exception):
    """The socket closes with this code."""

    def __init__(self, code: int):
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Seat:
    """`access_id` for a victim, `session_key` for an agent: what must still hold for the socket to stay open.
    `claim_version`: of the conversation when an agent sat down; what was read before says nothing of this seat."""

    sender: Sender
    access_id: int | None = None
    session_key: str = ""
    claim_version: int = 0

    @property
    def is_agent(self) -> bool:
        return self.sender.author == Author.AGENT


def agent_of_session(session_key: str) -> Agent | None:
    """The agent signed in with this session, now: a closed account or a changed password opens nothing."""
    if not session_key:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    agent = get_user(SimpleNamespace(session=session))
    return agent if can_use_console(agent) else None


def take_seat(cookies: dict[str, str], conversation_id, *, as_agent: bool) -> Seat:
    """Raises NoSeat. A browser may hold both keys (a demonstration does): the page says which side it is."""
    conversation = (
        Conversation.objects.select_related("dossier", "dossier__diagnosis", "desk").filter(pk=conversation_id).first()
    )
    if not as_agent and cookies.get(access.COOKIE):
        found = access.access_of_token(cookies[access.COOKIE])
        if found and conversation and found.dossier_id == conversation.dossier_id:
            return Seat(VICTIM, access_id=found.pk)
        if not cookies.get(settings.SESSION_COOKIE_NAME):
            raise NoSeat(NOT_YOURS if found else SIGN_IN_AGAIN)
    return _agent_seat(cookies.get(settings.SESSION_COOKIE_NAME, ""), conversation)


def _agent_seat(session_key: str, conversation: Conversation | None) -> Seat:
    agent = agent_of_session(session_key)
    if agent is None:
        raise NoSeat(SIGN_IN_AGAIN)
    presence.touch({agent.pk})  # a browser that dies before the next tick does not keep the long lease of its page
    came_back = conversation and conversation.returned_from_id == agent.pk
    if came_back and take_back(agent=agent, conversation_id=conversation.pk):
        conversation = Conversation.objects.select_related("dossier", "desk").get(pk=conversation.pk)
    if conversation is None or not rules.can_follow(agent, conversation):
        raise NoSeat(NOT_YOURS)
    note_reading(agent=agent, verb="tchat lu", dossier=conversation.dossier, target=str(conversation.pk))
    return Seat(Sender(Author.AGENT, agent.pk), session_key=session_key, claim_version=conversation.claim_version)


def console_seat(session_key: str) -> tuple[Seat, frozenset[str]]:
    """The agent's own socket, and the desks it watches. Raises NoSeat."""
    agent = agent_of_session(session_key)
    if agent is None:
        raise NoSeat(SIGN_IN_AGAIN)
    presence.touch({agent.pk})
    desks = frozenset(agent.desks.values_list("pk", flat=True))
    return Seat(Sender(Author.AGENT, agent.pk), session_key=session_key), desks


def still_valid(seats: set[Seat]) -> set[Seat]:
    """One statement for all victims, and two per agent's session."""
    open_accesses = access.still_open({seat.access_id for seat in seats if seat.access_id})
    agents = {key: agent_of_session(key) for key in {seat.session_key for seat in seats if seat.session_key}}
    return {
        seat
        for seat in seats
        if (seat.access_id in open_accesses)
        or (seat.session_key and agents[seat.session_key] and agents[seat.session_key].pk == seat.sender.agent_id)
    }
