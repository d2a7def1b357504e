"""When every agent is busy: an answer later or a call back, and the way back to the queue."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tchat.models import Conversation
from tchat.services import conversations, later, watch
from tests.tchat import people
from victims.services import access

pytestmark = pytest.mark.django_db
LATER = reverse("tchat:later")


@pytest.fixture
def officer():
    return people.agent("policier", "police")


@pytest.fixture
def talk():
    one = people.waiting(people.commune(), minutes_ago=30)
    Conversation.objects.filter(pk=one.pk).update(saturated_at=timezone.now())
    return again(one)


@pytest.fixture
def victim(client, talk):
    client.cookies[access.COOKIE] = people.cookie_of(talk.dossier)
    return client


def again(talk) -> Conversation:
    return Conversation.objects.select_related("dossier").get(pk=talk.pk)


def text(response) -> str:
    return response.content.decode()


def test_waiting_page_offers_it_only_when_the_service_is_saturated(victim, talk):
    room = reverse("tchat:room")
    assert "Recevoir une réponse plus tard" in text(victim.get(room))

    Conversation.objects.filter(pk=talk.pk).update(saturated_at=None)

    assert "Recevoir une réponse plus tard" not in text(victim.get(room))
    assert victim.get(LATER).url == room


def test_victim_leaves_the_live_queue_and_the_number_is_read_by_nobody_but_the_agent(victim, talk, officer, client):
    answer = victim.post(LATER, {"phone": "06 12 34 56 78"}, follow=True)

    assert "Un agent vous répondra ici" in text(answer)
    row = again(talk)
    assert b"0612345678" not in bytes(row.sealed_callback)
    assert not Conversation.objects.queued_for(officer).exists()
    victim.force_login(officer)
    page = text(victim.get(reverse("console:deferred")))
    assert "numéro laissé" in page
    assert "0612345678" not in page
    conversations.claim(agent=officer, conversation_id=talk.pk)
    assert "0612345678" in text(victim.get(reverse("console:conversation", args=[talk.pk])))


def test_number_that_cannot_be_called_is_told_beside_the_field_and_kept(victim, talk):
    answer = victim.post(LATER, {"phone": "06 12"})

    assert answer.status_code == 422
    assert "06 12" in text(answer)
    assert "ne peut pas être rappelé" in text(answer)
    assert again(talk).deferred_at is None


def test_victim_may_wait_again_at_the_same_place(victim, talk, officer):
    victim.post(LATER, {"phone": ""})
    newer = people.waiting(people.commune())
    victim.post(reverse("tchat:wait_again"))

    assert conversations.claim_next(agent=officer).pk == talk.pk != newer.pk


def test_next_in_the_queue_is_never_one_who_waits_no_longer(victim, talk, officer):
    later.defer(dossier=talk.dossier, conversation_id=talk.pk)
    live = people.waiting(people.commune())

    assert conversations.claim_next(agent=officer).pk == live.pk


def test_consoles_hear_of_who_leaves_the_live_queue_and_of_who_comes_back(talk):
    waits = watch.queue_marks({talk.desk_id})

    later.defer(dossier=talk.dossier, conversation_id=talk.pk)
    left = watch.queue_marks({talk.desk_id})
    later.wait_again(dossier=talk.dossier, conversation_id=talk.pk)

    assert waits != left
    assert watch.queue_marks({talk.desk_id}) == waits


def test_nobody_else_can_defer(talk):
    with pytest.raises(later.Refusal):
        later.defer(dossier=people.dossier(), conversation_id=talk.pk)
