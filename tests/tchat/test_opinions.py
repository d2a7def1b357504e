"""Whether the talk helped: asked once it is over, said once, summed up for the service, unseen by the agent."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from guichet.audit.models import Line
from guichet.observatory.models import Count
from tchat.models import Conversation, Desk
from tchat.services import conversations, moderation
from tchat.services.reports import PARIS, period_of, report
from tests.tchat import pages, people

pytestmark = pytest.mark.django_db
ROOM, OPINION = reverse("tchat:room"), reverse("tchat:opinion")
QUESTION = "Cette conversation vous a-t-elle été utile ?"


@pytest.fixture
def officer():
    return people.agent("policier", "police")


@pytest.fixture
def talk(officer):
    found = people.talking(officer, people.commune())
    conversations.close_conversation(agent=officer, conversation_id=found.pk, outcome="conseil")
    return found


@pytest.fixture
def victim(talk):
    return pages.victim(talk.dossier)


def say(browser: Client, talk: Conversation, opinion: str):
    return browser.post(OPINION, {"conversation": talk.pk, "opinion": opinion}, follow=True)


def kept(talk: Conversation) -> str:
    return Conversation.objects.get(pk=talk.pk).opinion


def test_person_says_once_whether_it_helped(talk, victim):
    assert QUESTION in pages.words(victim.get(ROOM))

    first = say(victim, talk, "en-partie")
    second = say(victim, talk, "non")

    for page in map(pages.words, (first, second)):
        assert "Vous avez répondu : en partie." in page
        assert QUESTION not in page
    assert list(Count.objects.filter(key="tchat-avis").values_list("value", "n")) == [("en-partie", 1)]
    assert Line.objects.filter(chain=talk.dossier.chain, verb="avis donné").count() == 1


def test_who_was_not_helped_is_told_the_way_on(talk, victim):
    page = pages.words(say(victim, talk, "non"))

    assert "Un autre agent peut reprendre avec vous" in page
    assert "Demander une autre conversation" in page


@pytest.mark.parametrize("said", ["", "peut-être", "oui\x00"])
def test_answer_that_is_none_of_the_three_changes_nothing(talk, victim, said):
    page = pages.words(say(victim, talk, said))

    assert QUESTION in page
    assert kept(talk) == ""


def test_only_the_person_of_the_conversation_says_it(talk, officer):
    stranger, agent = pages.victim(people.dossier(people.commune())), pages.signed_in(officer)

    say(stranger, talk, "non")
    for nobody in (Client(), agent):
        assert nobody.post(OPINION, {"conversation": talk.pk, "opinion": "non"}).url.startswith(
            reverse("dossier:sign_in")
        )

    assert kept(talk) == ""


def test_it_is_asked_of_no_open_talk_of_nobody_left_alone_and_of_no_abuse(officer):
    def page_of(talk: Conversation) -> str:
        browser = pages.victim(talk.dossier)
        return pages.words(browser.get(ROOM)) + pages.words(say(browser, talk, "oui"))

    going_on = people.talking(officer, people.commune())
    alone = people.waiting(people.commune())
    conversations.leave_queue(dossier=alone.dossier, conversation_id=alone.pk)
    stopped = people.talking(officer, people.commune())
    moderation.stop(agent=officer, conversation_id=stopped.pk, reason="insultes")

    for talk in (going_on, alone, stopped):
        assert QUESTION not in page_of(talk)
        assert kept(talk) == ""


def test_agent_sees_no_opinion_and_the_service_reads_the_sum(talk, victim, officer):
    page = pages.words(pages.signed_in(officer).get(reverse("console:conversation", args=[talk.pk])))
    say(victim, talk, "non")
    after = pages.words(pages.signed_in(officer).get(reverse("console:conversation", args=[talk.pk])))
    other = people.talking(officer, people.commune())
    conversations.close_conversation(agent=officer, conversation_id=other.pk, outcome="conseil")
    say(pages.victim(other.dossier), other, "en-partie")

    row = report(Desk.objects.filter(pk="police"), period_of("jour", dt.datetime.now(PARIS).date()))[0]

    assert (row.opinions, row.helped, row.helped_share) == (2, 1, 50)
    assert after.replace("avis donné", "") == page
