"""Many requests from one network: each is kept, and stands behind those of everybody else."""

import pytest
from django.core.cache import cache
from django.urls import reverse
from redis.exceptions import ConnectionError as RedisIsAway

from guichet.lib import ratelimit
from tchat.models import Conversation
from tchat.services import conversations
from tchat.services.conversations import CROWD
from tchat.services.queue import place_of
from tests.tchat import people
from tests.tchat.pages import victim, words

pytestmark = [pytest.mark.django_db, pytest.mark.once]
CROWDED, IPV6 = "90.1.2.3", "2a01:cb00:1:2:{}::1"
ALLOWED, FLOOD, SEVERE = 3, 60, 5


@pytest.fixture(autouse=True)
def _few_are_allowed_and_nobody_counted(monkeypatch):
    monkeypatch.setattr(conversations, "FROM_ONE_NETWORK", ALLOWED)
    cache.clear()


@pytest.fixture
def place():
    return people.commune()


def asks(place, address: str, *, of=None) -> Conversation:
    """Through the page, from this address."""
    owner = of or people.dossier(place)
    answer = victim(owner).post(reverse("tchat:ask"), headers={"X-Forwarded-For": f"192.0.2.7, {address}"})
    assert answer.status_code == 302
    return Conversation.objects.get(dossier=owner)


def late(conversation: Conversation) -> float:
    """Minutes behind where its gravity alone would put it, to the second."""
    first = Conversation.objects.order_by("created_at").first()
    own = (conversation.rank_at - conversation.created_at) - (first.rank_at - first.created_at)
    return round(own.total_seconds() / 60, 2)


def test_beyond_the_number_allowed_each_stands_five_minutes_further_and_both_sides_read_why(place):
    found = [asks(place, CROWDED) for _ in range(ALLOWED + 3)]

    assert [late(each) for each in found] == [0] * ALLOWED + [5, 10, 15]
    assert CROWD not in found[0].reasons
    assert CROWD in found[-1].reasons
    page = victim(found[-1].dossier).get(reverse("tchat:room"))
    assert "Beaucoup de demandes viennent du même réseau" in words(page)


def test_flood_from_one_network_leaves_the_others_their_place(place):
    """Many requests as grave as can be, then some people: nobody has more of the flood before them than is allowed."""
    for _ in range(FLOOD):
        conversations.open_conversation(dossier=people.dossier(place), network=CROWDED)

    found = [asks(place, f"90.1.3.{number}") for number in range(SEVERE)]

    assert max(place_of(conversation=each).position for each in found) <= ALLOWED + SEVERE


def test_asking_again_for_the_same_talk_counts_once(place):
    owner = people.dossier(place)
    for _ in range(ALLOWED + 2):
        asks(place, CROWDED, of=owner)

    assert late(asks(place, CROWDED)) == 0


def test_house_with_one_ipv6_network_is_one_and_its_neighbour_another(place):
    found = [asks(place, IPV6.format(number)) for number in range(ALLOWED + 1)]

    assert late(found[-1]) == 5
    assert late(asks(place, "2a01:cb00:1:3::1")) == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "192.168.1.1", "fd00::1", "inconnue", ""])
def test_address_that_is_not_public_is_counted_with_nobody(place, address):
    """Behind a proxy that does not tell, everybody would be one."""
    assert {late(asks(place, address)) for _ in range(ALLOWED + 2)} == {0}


def test_exercise_is_not_counted(place):
    for _ in range(ALLOWED):
        asks(place, CROWDED)
    owner = people.dossier(place)
    owner.exercise = True
    owner.save(update_fields=["exercise"])

    assert late(asks(place, CROWDED, of=owner)) == 0


def test_without_its_cache_everybody_is_in_order(place, monkeypatch):
    def away(*_args, **_options):
        raise RedisIsAway

    monkeypatch.setattr(ratelimit.cache, "add", away)

    assert {late(asks(place, CROWDED)) for _ in range(ALLOWED + 2)} == {0}


def test_address_is_kept_nowhere(place):
    asks(place, CROWDED)

    kept = [key for key in getattr(cache, "_cache", {}) if "tchat-asked" in key]
    assert len(kept) == 1
    assert CROWDED not in kept[0]
