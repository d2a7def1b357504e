"""Any story of victims, three agents and two desks: a small model = the database = what each side shows.

Ask, write, send again, claim, transfer, vanish, come back, reload, leave, close, in any order. After every step the
model (a few lists) is compared with the rows, with a page freshly drawn, and with every screen that only heard frames;
a screen is the client of the suites, fed with what a socket would send. STORIES=n tells more of them.
"""

import os
import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from guichet.simulation.client import Client, Outgoing
from tchat import frames, presenters, rules
from tchat.enums import Author, Outcome, State
from tchat.exceptions import Refusal
from tchat.models import Conversation, Message, Presence
from tchat.services import conversations, messages, presence, tending, transfers, watch
from tchat.services.messages import VICTIM, Sender
from tchat.services.queue import place_of, places_at
from tests.tchat import people

pytestmark = pytest.mark.django_db
DESKS = {"alice": {"police"}, "bob": {"police", "gendarmerie"}, "chloe": {"gendarmerie"}}
HOUSE = (Author.HOUSE, None)
TEXTS = st.sampled_from(["oui", "non", "🙂 j'ai peur", "<b>gras</b>", "deux\nlignes", "é" * 40])
AGENTS = st.sampled_from(sorted(DESKS))
# Force of the commune, and what happened: grave, or less.
TOLD = {
    "vera": ("PN", "sextorsion-particulier"),
    "walid": ("GN", "sextorsion-particulier"),
    "xenia": ("PN", "usurpation-identite-particulier"),
    "yann": ("GN", "usurpation-identite-particulier"),
}
VICTIMS = st.sampled_from(sorted(TOLD))
NUMBERS = st.integers(0, 7)
STORIES = int(os.environ.get("STORIES", "15"))


@dataclass
class Talk:
    """What should be: the model of one conversation. `lines`: author and text, None where the house words it."""

    key: uuid.UUID
    victim: str
    desk: str
    state: str = State.WAITING
    agent: str | None = None
    lines: list[tuple] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=lambda: {Author.VICTIM: 0, Author.AGENT: 0})


class Screen:
    """One side's browser: what it shows comes from frames alone; what it sent waits for its acknowledgement."""

    def __init__(self, talk: Talk, who: str) -> None:
        self.talk, self.who = talk, who
        self.is_agent = who in DESKS
        self.client = Client(str(talk.key), who, [], {})

    def hear(self, found: list[dict]) -> None:
        for frame in found:
            self.client.on(frame)

    @property
    def shown(self) -> list[tuple[int, str]]:
        return [(seq, body) for seq, _, body in self.client.shown]


class Story(RuleBasedStateMachine):
    world: SimpleNamespace

    def __init__(self) -> None:
        super().__init__()
        self.database = transaction.atomic()
        self.database.__enter__()
        self.talks: list[Talk] = []
        self.screens: dict[tuple[int, str], Screen] = {}
        self.assigned: dict[str, str | None] = dict.fromkeys(TOLD)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.database.__exit__(None, None, None)

    # --- what the model knows

    def talk(self, number: int) -> Talk:
        return self.talks[number % len(self.talks)]

    def open_talk(self, victim: str) -> Talk | None:
        return next((each for each in self.talks if each.victim == victim and each.state != State.CLOSED), None)

    def follows(self, who: str, talk: Talk) -> bool:
        return talk.agent == who and self.assigned[talk.victim] == who

    def sender(self, who: str) -> Sender:
        return Sender(Author.AGENT, self.world.agents[who].pk) if who in DESKS else VICTIM

    def screen(self, talk: Talk, who: str) -> Screen:
        return self.screens.setdefault((self.talks.index(talk), who), Screen(talk, who))

    def _lost_by(self, talk: Talk, who: str | None) -> None:
        if who and self.assigned[talk.victim] == who:
            self.assigned[talk.victim] = None
        self.screens.pop((self.talks.index(talk), who), None)

    def _taken(self, talk: Talk, who: str) -> None:
        talk.state, talk.agent = State.ACTIVE, who
        for other in DESKS:
            if other != who:
                self._lost_by_all_of(talk.victim, other)
        self.assigned[talk.victim] = who
        talk.lines.append(HOUSE)

    def _lost_by_all_of(self, victim: str, who: str) -> None:
        for number, talk in enumerate(self.talks):
            if talk.victim == victim:
                self.screens.pop((number, who), None)

    def _refused(self, code: str | tuple, act) -> None:
        with pytest.raises(Refusal) as refusal:
            act()
        assert refusal.value.code == code

    # --- what people do

    @rule(victim=VICTIMS)
    def ask(self, victim):
        opened = conversations.open_conversation(dossier=self.world.dossiers[victim])

        known = self.open_talk(victim)
        if known is None:
            known = Talk(opened.pk, victim, self.world.desks[victim])
            self.talks.append(known)
        assert opened.pk == known.key
        self.screen(known, victim)

    @precondition(lambda self: self.talks)
    @rule(number=NUMBERS, text=TEXTS, is_heard=st.booleans())
    def victim_writes(self, number, text, is_heard):
        talk = self.talk(number)
        self._write(talk, talk.victim, text, is_heard)

    @precondition(lambda self: self.talks)
    @rule(number=NUMBERS, who=AGENTS, text=TEXTS, is_heard=st.booleans())
    def agent_writes(self, number, who, text, is_heard):
        talk = self.talk(number)
        if talk.agent == who:
            self._write(talk, who, text, is_heard)
        else:
            code = "closed" if talk.state == State.CLOSED else "not-yours"
            self._refused(code, lambda: self._send(talk, who, uuid.uuid4(), text))

    def _write(self, talk: Talk, who: str, text: str, is_heard: bool) -> None:
        name = uuid.uuid4()
        if talk.state == State.CLOSED:
            self._refused("closed", lambda: self._send(talk, who, name, text))
            return
        screen = self.screen(talk, who)
        screen.client.waiting[str(name)] = Outgoing(text, 0.0)
        stored = self._send(talk, who, name, text)
        talk.lines.append((self.sender(who).author, text))
        assert stored.seq == len(talk.lines)
        if is_heard:
            screen.hear([frames.ack(stored)])

    def _send(self, talk: Talk, who: str, name: uuid.UUID, text: str) -> Message:
        return messages.send_message(conversation_id=talk.key, sender=self.sender(who), client_id=name, text=text)

    @precondition(lambda self: any(screen.client.waiting for screen in self.screens.values()))
    @rule(number=NUMBERS)
    def somebody_sends_again_what_was_not_acknowledged(self, number):
        holding = [screen for screen in self.screens.values() if screen.client.waiting]
        screen = holding[number % len(holding)]
        for name, outgoing in list(screen.client.waiting.items()):
            stored = self._send(screen.talk, screen.who, uuid.UUID(name), outgoing.body)
            assert screen.talk.lines[stored.seq - 1] == (self.sender(screen.who).author, outgoing.body)
            screen.hear([frames.ack(stored)])

    @precondition(lambda self: self.talks)
    @rule(number=NUMBERS, who=AGENTS)
    def claim(self, number, who):
        talk = self.talk(number)

        def act():
            return conversations.claim(agent=self.world.agents[who], conversation_id=talk.key)

        if talk.state == State.WAITING and talk.desk in DESKS[who]:
            act()
            self._taken(talk, who)
        else:
            self._refused("already-taken", act)

    @rule(who=AGENTS)
    def claim_next(self, who):
        agent = self.world.agents[who]
        queue = list(Conversation.objects.queued_for(agent).in_queue_order().values_list("pk", flat=True))
        if queue:
            taken = conversations.claim_next(agent=agent)
            assert taken.pk == queue[0]
            self._taken(next(each for each in self.talks if each.key == taken.pk), who)
        else:
            self._refused("nothing-waiting", lambda: conversations.claim_next(agent=agent))

    @precondition(lambda self: self.talks)
    @rule(number=NUMBERS, who=AGENTS, to=st.sampled_from(["police", "gendarmerie"]))
    def transfer(self, number, who, to):
        talk = self.talk(number)
        waits_here = talk.state == State.WAITING and talk.desk in DESKS[who]

        def act():
            return transfers.transfer(agent=self.world.agents[who], conversation_id=talk.key, to=to)

        if talk.state == State.CLOSED:
            self._refused("closed", act)
        elif not (waits_here or self.follows(who, talk)):
            self._refused("not-yours", act)
        elif to == talk.desk:
            self._refused("bad-desk", act)
        else:
            act()
            self._lost_by(talk, talk.agent)
            talk.state, talk.agent, talk.desk = State.WAITING, None, to
            talk.lines.append(HOUSE)

    @precondition(lambda self: self.talks)
    @rule(number=NUMBERS, who=AGENTS, outcome=st.sampled_from([Outcome.ADVICE, Outcome.COMPLAINT]))
    def close(self, number, who, outcome):
        talk = self.talk(number)

        def act():
            return conversations.close_conversation(
                agent=self.world.agents[who], conversation_id=talk.key, outcome=outcome
            )

        if talk.state == State.CLOSED:
            self._refused("closed", act)
        elif talk.agent != who:
            self._refused("not-yours", act)
        else:
            act()
            talk.state = State.CLOSED
            talk.lines.append(HOUSE)

    @precondition(lambda self: self.talks)
    @rule(number=NUMBERS)
    def leave_the_queue(self, number):
        talk = self.talk(number)
        conversations.leave_queue(dossier=self.world.dossiers[talk.victim], conversation_id=talk.key)
        if talk.state == State.WAITING:
            talk.state = State.CLOSED
            talk.lines.append(HOUSE)

    @rule(who=AGENTS)
    def vanish(self, who):
        """The lease runs out; whoever tends the queue gives back what the agent held."""
        presence.touch({self.world.agents[who].pk}, lease=timedelta(seconds=-1))
        tending.tend()
        Presence.objects.all().delete()
        for talk in self.talks:
            if talk.state == State.ACTIVE and talk.agent == who:
                self._lost_by(talk, who)
                talk.state, talk.agent = State.WAITING, None
                talk.lines.append(HOUSE)

    @precondition(lambda self: self.talks)
    @rule(number=NUMBERS, who=AGENTS)
    def come_back(self, number, who):
        """Whatever became of the conversation: either it goes on with the same agent, or nothing changes."""
        talk = self.talk(number)
        if tending.take_back(agent=self.world.agents[who], conversation_id=talk.key):
            assert (talk.state, talk.desk in DESKS[who]) == (State.WAITING, True)
            self._taken(talk, who)

    # --- what people look at

    @precondition(lambda self: self.talks)
    @rule(number=NUMBERS, who=AGENTS)
    def agent_opens_a_conversation(self, number, who):
        talk = self.talk(number)
        if self.follows(who, talk):
            self.screen(talk, who)

    @precondition(lambda self: self.screens)
    @rule(number=NUMBERS, is_new=st.booleans())
    def somebody_looks_or_connects_again(self, number, is_new):
        """A bell, a tick, a new connection: the same. A reload begins at nothing, and keeps what it has not sent."""
        place = sorted(self.screens)[number % len(self.screens)]
        if is_new:
            waiting, self.screens[place] = self.screens[place].client.waiting, Screen(*_of(self.screens[place]))
            self.screens[place].client.waiting = waiting
        screen = self.screens[place]
        self._catch_up(screen)
        assert screen.shown == self._fresh(screen)

    def _catch_up(self, screen: Screen) -> None:
        seen = watch.look({screen.talk.key: screen.client.last})[screen.talk.key]
        screen.hear([*(frames.msg(line) for line in seen.lines), frames.state(seen.conversation, None)])

    @precondition(lambda self: self.screens)
    @rule(number=NUMBERS)
    def somebody_reads(self, number):
        screen = self.screens[sorted(self.screens)[number % len(self.screens)]]
        author = self.sender(screen.who).author
        messages.mark_read(conversation_id=screen.talk.key, author=author, seq=screen.client.last)
        screen.talk.read[author] = max(screen.talk.read[author], screen.client.last)

    # --- what must hold after every step

    @invariant()
    def rows_are_the_model(self):
        names = {agent.pk: who for who, agent in self.world.agents.items()}
        rows = Conversation.objects.select_related("dossier").in_bulk([talk.key for talk in self.talks])
        for talk in self.talks:
            row = rows[talk.key]
            assert (row.state, names.get(row.agent_id), row.desk_id) == (talk.state, talk.agent, talk.desk)
            assert names.get(row.dossier.assigned_agent_id) == self.assigned[talk.victim]
            assert (row.victim_read, row.agent_read) == (talk.read[Author.VICTIM], talk.read[Author.AGENT])
            stored = list(Message.objects.filter(conversation=row).order_by("seq").values_list("seq", flat=True))
            assert stored == list(range(1, row.last_seq + 1))
        assert Conversation.objects.count() == len(self.talks)

    @invariant()
    def pages_are_the_model(self):
        for talk in self.talks:
            conversation = Conversation.objects.select_related("dossier", "agent").get(pk=talk.key)
            lines = messages.messages_after(conversation=conversation, seq=0)
            said = [HOUSE if line.author == Author.HOUSE else (line.author, line.body) for line in lines]
            assert said == talk.lines
            for side in (Author.VICTIM, Author.AGENT):
                days = presenters.bubbles_by_day(lines, side=side, other_read=0)
                drawn = [(bubble.id, bubble.text) for day in days for bubble in day.bubbles]
                assert drawn == [(line.seq, line.body) for line in lines]
                mine = [bubble.id for day in days for bubble in day.bubbles if bubble.mine]
                assert mine == [seq for seq, (author, _) in enumerate(talk.lines, 1) if author == side]

    def _fresh(self, screen: Screen) -> list[tuple[int, str]]:
        conversation = Conversation.objects.select_related("dossier").get(pk=screen.talk.key)
        return [(line.seq, line.body) for line in messages.messages_after(conversation=conversation, seq=0)]

    @invariant()
    def screens_show_the_beginning_of_it_in_order_once(self):
        for screen in self.screens.values():
            assert screen.shown == self._fresh(screen)[: len(screen.shown)]
            stored = {
                str(name)
                for name in Message.objects.filter(conversation=screen.talk.key).values_list("client_id", flat=True)
            }
            assert set(screen.client.waiting) | set(screen.client.acknowledged) <= stored

    @invariant()
    def only_who_holds_it_reads_it(self):
        for talk in self.talks:
            conversation = Conversation.objects.select_related("dossier", "desk").get(pk=talk.key)
            for who, agent in self.world.agents.items():
                assert rules.can_follow(agent, conversation) == self.follows(who, talk)
                if talk.state != State.CLOSED:
                    assert rules.can_reread(agent, conversation) == self.follows(who, talk)

    @invariant()
    def nobody_waits_unseen(self):
        """Every queue lists whom the model says, each at the place that the victim is told."""
        waiting = {talk.key: talk for talk in self.talks if talk.state == State.WAITING}
        for who, agent in self.world.agents.items():
            queue = set(Conversation.objects.queued_for(agent).values_list("pk", flat=True))
            assert queue == {key for key, talk in waiting.items() if talk.desk in DESKS[who]}
        places = places_at(desks={"police", "gendarmerie"})
        assert places.keys() == waiting.keys()
        for desk in ("police", "gendarmerie"):
            order = Conversation.objects.live().filter(desk=desk).in_queue_order()
            for position, conversation in enumerate(order, 1):
                assert place_of(conversation=conversation).position == places[conversation.pk].position == position


def _of(screen: Screen) -> tuple[Talk, str]:
    return screen.talk, screen.who


@pytest.fixture
def world():
    people.desks()
    communes = {"PN": people.commune(), "GN": people.commune("59220", "Denain", "GN")}
    agents = {who: people.agent(who, *sorted(desks)) for who, desks in DESKS.items()}
    dossiers = {who: people.dossier(communes[force], told=told) for who, (force, told) in TOLD.items()}
    desks = {who: {"PN": "police", "GN": "gendarmerie"}[force] for who, (force, _) in TOLD.items()}
    return SimpleNamespace(agents=agents, dossiers=dossiers, desks=desks)


def test_any_story_leaves_model_database_and_screens_the_same(world):
    chosen = settings(
        max_examples=STORIES,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    run_state_machine_as_test(type("Told", (Story,), {"world": world}), settings=chosen)
