"""The people of the demonstration, as `manage.py demo` makes and prints them."""

import pytest
from django.core.management import CommandError, call_command

from diagnostic.editing import services
from guichet.accounts.models import Agent
from tests.victims import factory
from victims.models import Slot
from victims.services import appointments

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings):
    settings.DEMO = True


def printed(capsys) -> dict[str, str]:
    """name -> password, as an operator reads them."""
    call_command("demo")
    lines = capsys.readouterr().out.splitlines()[1:]
    return {name: password for *_, name, password in map(str.split, lines)}


def test_every_person_signs_in_with_what_is_printed(demo, client, capsys):
    people = printed(capsys)

    assert len(people) == Agent.objects.count() == 7
    for name, password in people.items():
        assert client.login(username=name, password=password), name


def test_one_editor_writes_and_the_other_publishes(demo, capsys):
    printed(capsys)
    author, reader = (Agent.objects.get(username=name) for name in ("redactrice", "relecteur"))

    draft = services.new_draft(agent=author)
    services.send_to_review(agent=author, draft=draft)
    version = services.approve(agent=reader, version=draft, seen=draft.hash)

    assert (version.author, version.published_by) == (author, reader)


def test_same_call_twice_changes_nothing(demo, capsys):
    first = printed(capsys)
    before = list(Agent.objects.order_by("pk").values())

    assert printed(capsys) == first
    assert list(Agent.objects.order_by("pk").values()) == before


def test_no_demo_people_outside_a_demonstration(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="GUICHET_DEMO"):
        call_command("demo")
    assert not Agent.objects.exists()


def test_victim_of_the_demonstration_finds_hours_and_a_second_call_opens_no_more(demo, capsys):
    factory.commune()

    printed(capsys)
    opened = Slot.objects.count()
    printed(capsys)

    (offer, *_) = appointments.offers(factory.dossier())
    assert offer.unit.name == "Accueil de démonstration, Bailleul"
    assert offer.competent
    assert Slot.objects.count() == opened
    assert opened > 100
    assert offer.opening.lines[0] == "Lundi au vendredi : 9h00-12h00 14h00-17h00"
