"""The wait told against the real one, published without pointing at anyone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from guichet.observatory.models import Count
from tchat.services import conversations
from tests.tchat import people

pytestmark = pytest.mark.django_db
PAGE, FILE = reverse("tchat:waits"), reverse("tchat:waits_csv")


def counted(told: str, real: str, n: int, *, days_ago: int = 1) -> None:
    day = timezone.localdate() - timedelta(days=days_ago)
    Count.objects.create(day=day, key="attente-annoncee", value=f"{told}/{real}", n=n)


def text(response) -> str:
    return response.content.decode()


def test_taking_a_conversation_counts_what_was_told_and_what_was_true():
    officer = people.agent("policier", "police")
    for _ in range(5):
        conversations.claim(agent=officer, conversation_id=people.waiting(people.commune(), minutes_ago=8).pk)
    told = people.waiting(people.commune(), minutes_ago=3)
    conversations.claim(agent=officer, conversation_id=told.pk)

    values = dict(Count.objects.filter(key="attente-annoncee").values_list("value", "n"))
    assert values["inconnue/5-15"] == 5
    assert sum(values.values()) == 6
    assert told.told_minutes is not None


def test_page_says_how_often_the_promise_was_kept(client):
    counted("5-15", "5-15", 30)
    counted("5-15", "15-30", 10)
    counted("0-2", "60+", 3)
    counted("5-15", "60+", 50, days_ago=40)

    page = text(client.get(PAGE))

    assert "43 conversations" in page
    assert "<strong>70 fois sur 100</strong>" in page
    assert "moins de 5" in page


def test_file_leaves_small_cells_empty(client):
    counted("0-2", "0-2", 12)
    counted("0-2", "2-5", 4)

    lines = text(client.get(FILE)).splitlines()

    assert lines[0] == "debut;fin;attente_annoncee;attente_reelle;nombre"
    assert any(line.endswith(";0-2;0-2;12") for line in lines)
    assert any(line.endswith(";0-2;2-5;") for line in lines)


def test_today_is_not_published_before_it_is_over(client):
    counted("0-2", "0-2", 12, days_ago=0)

    assert "Aucune conversation" in text(client.get(PAGE))
