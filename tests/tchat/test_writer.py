"""Group commit: what many sockets send at once is stored in one transaction, each once, in order."""

import uuid

import pytest
from django.db import DatabaseError

from tchat.enums import Author
from tchat.exceptions import Refusal
from tchat.models import Message
from tchat.services import batch_rows
from tchat.services.messages import VICTIM, Sender, messages_after
from tchat.services.writer import Sending, store, store_batch
from tests.tchat import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def talks():
    agent = people.agent("policier", "police")
    return [people.talking(agent, people.commune()) for _ in range(2)], agent


def sending(conversation, text, *, name=None, sender=VICTIM) -> Sending:
    return Sending(conversation.pk, sender, name or uuid.uuid4(), text)


def bodies(conversation) -> list[str]:
    return [line.body for line in messages_after(conversation=conversation, seq=0) if line.author != Author.HOUSE]


def test_one_batch_stores_two_conversations_in_order(talks, django_assert_max_num_queries):
    (first, second), agent = talks
    batch = [sending(first, "a"), sending(second, "x"), sending(first, "b", sender=Sender(Author.AGENT, agent.pk))]

    with django_assert_max_num_queries(7):
        store_batch(batch)

    assert (bodies(first), bodies(second)) == (["a", "b"], ["x"])
    assert [each.result.seq for each in batch] == [2, 2, 3]


def test_same_id_twice_in_one_batch_is_stored_once_and_acknowledged_twice(talks):
    (first, _), _ = talks
    name = uuid.uuid4()
    batch = [sending(first, "a", name=name), sending(first, "a", name=name), sending(first, "b")]

    store_batch(batch)

    assert bodies(first) == ["a", "b"]
    assert batch[0].result.seq == batch[1].result.seq


def test_same_id_in_a_later_batch_gives_the_same_message(talks):
    (first, _), _ = talks
    name = uuid.uuid4()
    store_batch([sending(first, "a", name=name)])
    again = sending(first, "a", name=name)

    store_batch([again])

    assert again.result.seq == 2
    assert Message.objects.filter(conversation=first, client_id=name).count() == 1


def test_one_refusal_does_not_stop_the_others(talks):
    (first, second), _ = talks
    stranger = people.agent("gendarme", "gendarmerie", institution="GN")
    batch = [
        sending(first, "  "),
        sending(first, "x" * 4001),
        sending(first, "pas à moi", sender=Sender(Author.AGENT, stranger.pk)),
        sending(second, "bien"),
    ]

    store(batch)

    codes = [each.result.code for each in batch if isinstance(each.result, Refusal)]
    assert codes == ["empty", "too-long", "not-yours"]
    assert (bodies(first), bodies(second)) == ([], ["bien"])


@pytest.mark.django_db(transaction=True)
def test_id_stored_between_the_look_and_the_writing_gives_the_same_message(talks, monkeypatch):
    (first, second), _ = talks
    name = uuid.uuid4()
    store([sending(first, "a", name=name)])
    looked = batch_rows.locked
    monkeypatch.setattr(batch_rows, "locked", lambda ids, names: (looked(ids, names)[0], {}))
    batch = [sending(first, "a", name=name), sending(second, "x")]

    store(batch)

    assert [each.result.seq for each in batch] == [2, 2]
    assert (bodies(first), bodies(second)) == (["a"], ["x"])


@pytest.mark.django_db(transaction=True)
def test_batch_that_fails_midway_stores_nothing_and_the_next_one_is_stored(talks, monkeypatch):
    (first, second), _ = talks
    add = batch_rows.add

    def cut(messages, conversations):
        add(messages, conversations)
        raise DatabaseError("cut")

    with monkeypatch.context() as patch:
        patch.setattr(batch_rows, "add", cut)
        with pytest.raises(DatabaseError):
            store([sending(first, "a"), sending(second, "x")])
    store([sending(first, "b")])

    assert (bodies(first), bodies(second)) == (["b"], [])
