"""Eight at once, on a database that really lets them: one winner per claim, no line lost, doubled or out of order."""

import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from tchat.exceptions import Refusal
from tchat.models import Conversation, Message
from tchat.services import conversations, messages, transfers
from tchat.services.messages import VICTIM
from tests.tchat import people

pytestmark = [pytest.mark.stack, pytest.mark.django_db(transaction=True)]
AGENTS, ROUNDS, QUEUE, LINES = 8, 20, 24, 15


def at_once(work, people_at_work: list) -> list:
    """Runs `work(person)` for everyone from the same instant, each in a thread with its own connection."""
    gate = threading.Barrier(len(people_at_work))

    def run(person):
        try:
            gate.wait(10)
            return work(person)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people_at_work)) as pool:
        return list(pool.map(run, people_at_work))


@pytest.fixture
def team():
    return [people.agent(f"agent-{number}", "police", "commun") for number in range(AGENTS)]


def claimed(agent, key) -> bool:
    try:
        conversations.claim(agent=agent, conversation_id=key)
    except Refusal:
        return False
    return True


def test_claim_has_one_winner_each_time(team):
    place = people.commune()
    for _ in range(ROUNDS):
        conversation = people.waiting(place)

        won = at_once(lambda agent, key=conversation.pk: claimed(agent, key), team)

        holder = Conversation.objects.select_related("dossier").get(pk=conversation.pk)
        assert won.count(True) == 1
        assert holder.agent == team[won.index(True)] == holder.dossier.assigned_agent
        assert holder.claim_version == 1


def test_claim_that_waited_for_its_row_takes_nothing_that_went_to_another_desk():
    """The claim reads the queue, then waits for the row that an overflow holds; the row has left the desk meanwhile."""
    agent, waiting = people.agent("police-seule", "police"), people.waiting(people.commune())
    found: list[bool] = []
    with transaction.atomic():
        Conversation.objects.filter(pk=waiting.pk).update(desk="commun")
        other = threading.Thread(target=lambda: (found.append(claimed(agent, waiting.pk)), connection.close()))
        other.start()
        time.sleep(0.5)
    other.join(10)

    assert found == [False]
    assert Conversation.objects.get(pk=waiting.pk).agent is None


def test_claim_next_empties_the_queue_without_giving_one_twice(team):
    place = people.commune()
    keys = {people.waiting(place).pk for _ in range(QUEUE)}

    def take_all(agent) -> list:
        found = []
        while True:
            try:
                found.append(conversations.claim_next(agent=agent).pk)
            except Refusal:
                return found

    taken = Counter(key for each in at_once(take_all, team) for key in each)

    assert set(taken) == keys
    assert set(taken.values()) == {1}


def test_lines_of_many_writers_are_stored_once_and_numbered_without_hole(team):
    conversation = people.talking(team[0], people.commune())

    def write(number: int) -> list[int]:
        found = []
        for line in range(LINES):
            name = uuid.uuid5(conversation.pk, f"{number}.{line}")
            for _ in range(2):
                stored = messages.send_message(
                    conversation_id=conversation.pk, sender=VICTIM, client_id=name, text=f"{number}.{line}"
                )
            found.append(stored.seq)
        return found

    ranks = at_once(write, list(range(AGENTS)))

    assert all(each == sorted(each) for each in ranks)
    assert sorted(Message.objects.values_list("seq", flat=True)) == list(range(1, AGENTS * LINES + 2))


def test_transfer_and_answers_at_once_leave_one_holder_or_none(team):
    conversation = people.talking(team[0], people.commune())

    def move(number: int) -> bool:
        try:
            transfers.transfer(
                agent=team[0], conversation_id=conversation.pk, to="commun" if number % 2 else "gendarmerie"
            )
        except Refusal:
            return False
        return True

    moved = at_once(move, list(range(AGENTS)))

    now = Conversation.objects.get(pk=conversation.pk)
    assert now.agent is None
    assert moved.count(True) == now.claim_version - conversation.claim_version
