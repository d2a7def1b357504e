"""The wait told against the real one, published without pointing at anyone."""

import pytest
from django.urls import reverse
from django.utils import timezone

from guichet.figures_tables import TABLES
from guichet.observatory import publishing
from guichet.observatory.models import Count
from guichet.observatory.tables import closed_months
from tchat.services import conversations
from tests.tchat import people

pytestmark = pytest.mark.django_db
PAGE, FILE = reverse("tchat:waits"), reverse("tchat:waits_csv")


def counted(told: str, real: str, n: int, *, months_ago: int = 1) -> None:
    day = closed_months(timezone.localdate())[-months_ago] if months_ago else timezone.localdate()
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
    counted("5-15", "5-15", 31)
    counted("5-15", "15-30", 11)
    counted("0-2", "60+", 3)
    counted("5-15", "60+", 50, months_ago=2)
    publishing.publish(TABLES)

    page = text(client.get(PAGE))

    assert "environ 45 conversations" in page
    assert "n. d." in page
    assert "50" not in page


def test_page_gives_a_share_of_promises_kept_when_both_figures_are_given(client):
    counted("5-15", "5-15", 31)
    counted("5-15", "15-30", 12)
    publishing.publish(TABLES)

    assert "<strong>75 fois sur 100</strong>" in text(client.get(PAGE))


def test_page_and_file_say_nothing_but_what_the_observatory_publishes(client):
    """A second look at the raw counts, by another cut or on another day, would tell by difference who came."""
    for told, real, n in (("0-2", "0-2", 12), ("0-2", "2-5", 4), ("2-5", "2-5", 7), ("inconnue", "5-15", 1)):
        counted(told, real, n)
    publishing.publish(TABLES)
    before = text(client.get(FILE))
    figures = client.get(reverse("observatory:json", args=["attentes-croisees"])).json()
    Count.objects.update(n=90)

    lines = before.lstrip("\ufeff").splitlines()

    assert lines[0] == "mois;attente_annoncee;attente_reelle;nombre"
    given = {row["value"]: row["months"][-1]["n"] for row in figures["rows"]}
    for line in lines[1:]:
        _, told, real, n = line.split(";")
        assert (int(n) if n else None) == given.get(f"{told}/{real}", 0)
    assert given["0-2/2-5"] is None
    assert text(client.get(FILE)) == before


def test_month_is_not_published_before_it_is_over(client):
    counted("0-2", "0-2", 12, months_ago=0)
    publishing.publish(TABLES)

    assert "Le premier mois sera publié quand il sera fini." in text(client.get(PAGE))
    assert text(client.get(FILE)).splitlines() == ["\ufeffmois;attente_annoncee;attente_reelle;nombre"]
