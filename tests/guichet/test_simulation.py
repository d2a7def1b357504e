"""An exercise: who comes and when, what it sets up and takes away, and that its checks see what is broken."""

import asyncio
import os
import random
import signal
import uuid
from dataclasses import dataclass, field

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.urls import reverse

from guichet.accounts.models import Agent
from guichet.observatory.models import Count
from guichet.simulation import stage
from guichet.simulation.browser import Page
from guichet.simulation.cases import Crowd, cases
from guichet.simulation.checks import check
from guichet.simulation.play import Play, Played
from guichet.simulation.profiles import arrivals, expected, names, percentile, profile, read
from guichet.simulation.report import figures, write
from guichet.simulation.training import NobodyComes, victims_for
from guichet.simulation.victims import Story, Talker
from tchat.enums import Outcome
from tchat.models import Conversation, Desk
from tchat.services import conversations
from tchat.services.messages import VICTIM, Sender, messages_after, send_message
from tests.tchat import people
from victims.models import Dossier

db = pytest.mark.django_db
EVERYWHERE = ("police", "gendarmerie", "specialise", "commun")


@pytest.mark.parametrize("name", names())
def test_arrivals_follow_the_announced_curve(name):
    day, seconds = profile(name), 3600

    came = arrivals(day, seconds, random.Random(1))

    assert came == sorted(came)
    assert len(came) == pytest.approx(expected(day, seconds), rel=0.1)
    night, noon = (sum(low <= at / seconds * 24 < low + 3 for at in came) for low in (2, 10))
    assert noon > 5 * night


def test_same_seed_same_people():
    day = profile("busy")

    assert arrivals(day, 600, random.Random(7)) == arrivals(day, 600, random.Random(7))
    assert arrivals(day, 600, random.Random(7)) != arrivals(day, 600, random.Random(8))


def test_day_of_crisis_is_the_one_of_the_load_model():
    day = profile("crisis", speed=1, scale=1)

    assert day.per_day == 430_000
    assert day.peak_rate == pytest.approx(14.3, abs=0.1)
    assert day.peak_rate * day.burst == pytest.approx(50, abs=0.5)


def test_who_comes_leans_as_the_day_does():
    chance, crowd = random.Random(1), Crowd(profile("crisis").leans, 0.1)

    drawn = [crowd.draw(chance) for _ in range(2000)]
    asking = [crowd.draw_for_tchat(chance) for _ in range(2000)]

    assert sum(case.threat == "fuite-donnees-personnelles" for case in drawn) > 1000
    assert {case.chat for case in asking} == {True}
    assert sum(case.severity == 4 for case in asking) / 2000 == pytest.approx(0.1, abs=0.03)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("Avez-vous perdu de l’argent ?", "money"),
        ("Avez-vous GARDÉ des preuves ?", "proof"),
        ("Racontez-moi ce qui s'est passé", "facts"),
        ("Bonjour. Que s’est-il passé ?", "facts"),
        ("Bonjour, comment cela vous est-il arrivé ?", "facts"),
        ("Avez-vous quitté ce site ? Combien avez-vous payé ?", "money"),
    ],
)
def test_victim_answers_what_is_asked(question, topic):
    case = cases()[0]

    assert case.answer_to(question, random.Random(1)) == case.story[topic]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Êtes-vous en sécurité en ce moment ?", "Je suis chez moi"),
        ("Quand cela est-il arrivé ?", "hier, vers 18 heures"),
        ("Bonjour, je suis l’agent qui suit votre demande.", ""),
    ],
)
def test_victim_answers_other_things_in_the_words_of_the_talk(said, words):
    answer = cases()[0].answer_to(said, random.Random(1))

    assert words in answer
    assert words or answer in read("talk")["fillers"]


def test_forms_are_read_as_a_browser_does():
    page = Page(
        200,
        "http://127.0.0.1/a/",
        '<form action="/b/"><input type="hidden" name="t" value="1&amp;2"><input type="radio" name="r" value="a2">'
        '<select name="quand"><option value="hier">Hier</option></select></form>',
    )

    form = page.form(field="quand")

    assert (form.action, form.fixed) == ("/b/", {"t": "1&2"})
    assert (form.name_of("a2"), form.name_of("hier"), form.name_of("a3")) == ("r", "quand", None)


# --- set up, and taken away
def _exercise_dossier() -> Dossier:
    dossier = people.dossier()
    Dossier.objects.filter(pk=dossier.pk).update(exercise=True)
    return Dossier.objects.get(pk=dossier.pk)


@db
def test_what_is_set_up_is_apart_and_is_taken_away_whole():
    real_agent, real = people.agent("vraie", *EVERYWHERE), people.dossier()
    kept = conversations.open_conversation(dossier=real)
    before = set(Desk.objects.values_list("pk", flat=True))

    stage.set_up(agents=2, talks_at_once=3)
    talk = conversations.open_conversation(dossier=_exercise_dossier())
    played = set(Agent.objects.filter(username__startswith="exercice-"))
    seats = {desk.is_exercise for agent in played for desk in agent.desks.all()}
    for_real, for_played = (set(Conversation.objects.queued_for(each)) for each in (real_agent, next(iter(played))))
    gone = stage.clear()

    assert len(played) == 2
    assert not any(agent.has_usable_password() for agent in played)
    assert seats == {True}
    assert (for_real, for_played) == ({kept}, {talk})
    assert talk.desk.is_exercise
    assert not kept.desk.is_exercise
    assert (gone.dossiers, gone.agents) == (1, 2)
    assert set(Desk.objects.values_list("pk", flat=True)) == before
    assert [each.pk for each in Conversation.objects.all()] == [kept.pk]
    assert list(Agent.objects.all()) == [real_agent]
    assert Dossier.objects.get() == real


@db
def test_who_trains_sees_the_exercise_in_the_console_and_colleagues_do_not():
    trainee, colleague = people.agent("policier", *EVERYWHERE), people.agent("collegue", *EVERYWHERE)
    stage.set_up(agents=0, talks_at_once=3)
    stage.seat(username="policier")
    seats = {desk.is_exercise for desk in trainee.desks.all()}
    talk = conversations.open_conversation(dossier=_exercise_dossier())

    pages = {}
    for person in (trainee, colleague):
        browser = Browser()
        browser.force_login(person)
        pages[person.username] = browser.get(reverse("console:desk")).content.decode()
    conversations.claim(agent=trainee, conversation_id=talk.pk)
    conversations.close_conversation(agent=trainee, conversation_id=talk.pk, outcome=Outcome.ADVICE)
    stage.clear()

    assert seats == {True}
    assert "Vous vous exercez" in pages["policier"]
    assert "EXERCICE" in pages["policier"].partition("File · 1")[2]
    assert "EXERCICE" not in pages["collegue"]
    assert Count.objects.filter(key__startswith="tchat").count() == 0
    assert {desk.pk for desk in trainee.desks.all()} == set(EVERYWHERE)


@db
def test_victims_of_a_training_are_those_that_the_rules_send_to_this_agent():
    people.commune()
    people.desks()

    police = victims_for({"police"}, count=6, day=profile("ordinary"), seed=2)
    special = victims_for({"specialise"}, count=3, day=profile("ordinary"), seed=2)

    assert [place.code for _, place in police] == ["59043"] * 6
    assert len({case.threat for case, _ in police}) == 6
    assert {case.threat for case, _ in special}.isdisjoint({case.threat for case, _ in police})
    with pytest.raises(NobodyComes):
        victims_for({"gendarmerie"}, count=1, day=profile("ordinary"), seed=2)


@db
def test_training_that_is_stopped_leaves_the_agent_at_their_own_desks(monkeypatch):
    trainee = people.agent("policier", *EVERYWHERE)

    async def stopped(*args):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(10)

    monkeypatch.setattr(Play, "train", stopped)
    with pytest.raises(CommandError, match="arrêté"):
        call_command("simulate", base="http://127.0.0.1:9", quiet=True, train="policier")

    assert {desk.pk for desk in trainee.desks.all()} == set(EVERYWHERE)
    assert not Desk.objects.exclude(stands_for=None).exists()


@db
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"minutes": 0}, "plus grands que zéro"),
        ({"speed": -1}, "plus grandes que zéro"),
        ({"train": "personne"}, "Aucun agent actif"),
    ],
)
def test_bad_order_is_refused_in_words(options, words):
    with pytest.raises(CommandError, match=words):
        call_command("simulate", base="http://127.0.0.1:9", quiet=True, **options)


# --- the checks see what is broken
@dataclass
class Scripted:
    """A scripted agent as the checks read it."""

    clients: list
    said: dict
    unfinished: list = field(default_factory=list)


@pytest.fixture
def played() -> Played:
    """A conversation of an exercise that went well: one line each, ended."""
    stage.set_up(agents=1, talks_at_once=3)
    agent = Agent.objects.get(username__startswith="exercice-")
    dossier = _exercise_dossier()
    talk = conversations.open_conversation(dossier=dossier)
    conversations.claim(agent=agent, conversation_id=talk.pk)
    victim_side, agent_side = (Talker(str(talk.pk), role, [], {}) for role in ("victim", "agent"))
    said = {}
    for side, sender, text in (
        (victim_side, VICTIM, "Bonjour"),
        (agent_side, Sender("agent", agent.pk), "Bonjour à vous"),
    ):
        name = uuid.uuid4()
        side.acknowledged[str(name)] = send_message(
            conversation_id=talk.pk, sender=sender, client_id=name, text=text
        ).seq
        said[side.role] = {str(name): text}
    conversations.close_conversation(agent=agent, conversation_id=talk.pk, outcome=Outcome.ADVICE)
    for side in (victim_side, agent_side):
        side.shown = [
            (each.seq, each.client_id, each.body) for each in messages_after(conversation=talk, seq=0, limit=100)
        ]
    severity = talk.severity
    story = Story("cas", severity, 0.0, True, conversation=str(talk.pk), asked_at=1.0, waited=2.0, end="répondu")
    story.client, story.said = victim_side, said["victim"]
    played = Played(profile("busy"), 60, 1, stories=[story], lasted=60)
    played.agents = [Scripted([agent_side], {str(talk.pk): said["agent"]})]
    return played


@db
def test_exercise_that_went_well_passes_and_says_so(played, tmp_path):
    found = check(played)
    told = write(played, found, tmp_path)

    assert found.passed, found
    assert (told["sent"], told["acknowledged"], told["chats"], told["answered"]) == (2, 2, 1, 1)
    assert "Tout a tenu." in (tmp_path / "rapport.md").read_text()
    assert "<polyline" in (tmp_path / "attentes.svg").read_text()


def _lose(played):
    played.stories[0].client.acknowledged[str(uuid.uuid4())] = 2


def _show_twice(played):
    played.stories[0].client.shown.append(played.stories[0].client.shown[-1])


def _other_words(played):
    said = played.stories[0].said
    said[next(iter(said))] = "Autre chose"


def _forget(played):
    Conversation.objects.update(state="attente", closed_at=None, outcome="")


def _misjudge(played):
    Conversation.objects.update(severity=1)


def _wait_too_long(played):
    played.stories[0].severity, played.stories[0].waited = 4, 1000.0


def _mix(played):
    Dossier.objects.update(exercise=False)


def _vanish(played):
    Conversation.objects.all().delete()


@db
@pytest.mark.parametrize(
    ("damage", "where"),
    [
        (_lose, "lost"),
        (_show_twice, "lost"),
        (_other_words, "lost"),
        (_vanish, "lost"),
        (_forget, "forgotten"),
        (_misjudge, "wrong"),
        (_wait_too_long, "late"),
        (_mix, "mixed"),
    ],
)
def test_checks_see_what_is_broken(played, damage, where):
    damage(played)

    found = check(played)

    assert getattr(found, where), where
    assert not found.passed


@db
def test_observatory_that_moved_is_told(played):
    before = sum(Count.objects.values_list("n", flat=True))
    Count.objects.create(day="2026-01-01", key="tchat", value="police", n=1)

    assert check(played, counted_before=before).mixed


@db
def test_figures_are_those_of_the_promise(played):
    told = figures(played, check(played))

    assert {"journeys", "chats", "sent", "lost", "forgotten", "wrong", "p95_wait_s"} <= set(told)
    assert percentile([3, 1, 2], 0.5) == 2
    assert percentile([], 0.95) == 0
