"""What nobody clicks: an agent vanishes, a wait grows too long, the guichet gives out the work."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from guichet.audit.models import Line
from guichet.observatory.models import Count
from tchat.enums import Assignment, State
from tchat.exceptions import Refusal
from tchat.models import Conversation, Desk, Presence
from tchat.services import conversations, later, presence, tending
from tchat.services.messages import Sender, messages_after
from tchat.tender import PERIOD, Tender
from tests.tchat import pages, people
from victims.models import Dossier

pytestmark = pytest.mark.django_db
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def officer():
    return people.agent("policier", "police")


@pytest.fixture
def talk(officer):
    return people.talking(officer, people.commune())


def read(conversation) -> list[str]:
    return [line.body for line in messages_after(conversation=conversation, seq=0)]


def again(conversation) -> Conversation:
    return Conversation.objects.select_related("dossier").get(pk=conversation.pk)


# --- agents who vanished


def test_conversation_of_an_agent_who_vanished_goes_first_and_the_victim_is_told(officer, talk, client):
    grave = people.waiting(people.commune())
    now = timezone.now()
    presence.touch({officer.pk}, now=now)

    kept = tending.tend(now=now + presence.LEASE - SECOND)
    given = tending.tend(now=now + presence.LEASE + SECOND)

    back = again(talk)
    assert (kept["returned"], given["returned"]) == (0, 1)
    assert (back.state, back.agent, back.dossier.assigned_agent) == (State.WAITING, None, None)
    assert "Vous passez en premier" in read(back)[-1]
    colleague = people.agent("collegue", "police")
    client.force_login(colleague)
    assert client.get("/console/").content.decode().count("à reprendre") == 1
    assert conversations.claim_next(agent=colleague).pk == talk.pk != grave.pk
    assert Line.objects.filter(verb="tchat rendu à la file", target=str(talk.pk)).count() == 1


def test_agent_who_comes_back_goes_on_if_nobody_took_over(officer, talk):
    now = timezone.now()
    presence.touch({officer.pk}, now=now - MINUTE)
    tending.tend(now=now)

    assert tending.take_back(agent=officer, conversation_id=talk.pk)

    back = again(talk)
    assert (back.agent, back.state, back.rank_at) == (officer, State.ACTIVE, talk.rank_at)
    assert "est de retour" in read(back)[-1]
    people.said(back, "Me revoilà", Sender("agent", officer.pk))


def test_agent_who_comes_back_too_late_does_not_take_it_from_a_colleague(officer, talk):
    now = timezone.now()
    presence.touch({officer.pk}, now=now - MINUTE)
    tending.tend(now=now)
    colleague = people.agent("collegue", "police")
    conversations.claim(agent=colleague, conversation_id=talk.pk)

    assert not tending.take_back(agent=officer, conversation_id=talk.pk)
    assert again(talk).agent == colleague


def test_answer_that_came_after_a_deferral_and_was_cut_is_owed_now(officer):
    """The person was being answered: not back among those who are answered later, whom nobody is given."""
    talk, now = people.waiting(people.commune()), timezone.now()
    Conversation.objects.filter(pk=talk.pk).update(saturated_at=now)
    later.defer(dossier=talk.dossier, conversation_id=talk.pk)
    conversations.claim(agent=officer, conversation_id=talk.pk)
    presence.touch({officer.pk}, now=now)
    owner = pages.victim(talk.dossier)

    tending.tend(now=now + MINUTE)

    assert "Vous passez en premier" in read(again(talk))[-1]
    assert owner.get(reverse("tchat:room")).status_code == 200
    assert not later.deferred_for(officer).exists()
    assert tending.take_back(agent=officer, conversation_id=talk.pk)
    tending.tend(now=timezone.now() + MINUTE)
    colleague = people.agent("collegue", "police")
    assert conversations.claim_next(agent=colleague).pk == talk.pk


def test_wait_is_counted_once_whoever_takes_it_up_again(officer):
    """What is published is the wait before the first answer, not the talk that a cut ended."""
    talk, now = people.waiting(people.commune(), minutes_ago=4), timezone.now()
    conversations.claim(agent=officer, conversation_id=talk.pk)
    presence.touch({officer.pk}, now=now)
    tending.tend(now=now + 20 * MINUTE)

    conversations.claim(agent=people.agent("collegue", "police"), conversation_id=talk.pk, now=now + 21 * MINUTE)

    assert list(Count.objects.filter(key="attente-annoncee").values_list("value", "n")) == [("inconnue/2-5", 1)]
    assert round(again(talk).waited / MINUTE) == 4


@pytest.mark.parametrize("hour", [-1, 1])
def test_host_whose_clock_is_an_hour_off_neither_takes_a_talk_away_nor_leaves_one_with_nobody(
    officer, talk, monkeypatch, hour
):
    real = timezone.now
    presence.touch({officer.pk})
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(hours=hour))

    assert presence.present({officer.pk}) == {officer.pk}
    assert tending.tend()["returned"] == 0
    presence.touch({officer.pk}, lease=-SECOND)
    assert presence.present({officer.pk}) == set()
    assert tending.tend()["returned"] == 1


def test_page_without_script_keeps_its_agent_for_ten_minutes(officer, talk, client):
    client.force_login(officer)
    client.get("/console/")
    now = timezone.now()

    assert tending.tend(now=now + 9 * MINUTE)["returned"] == 0
    assert tending.tend(now=now + 11 * MINUTE)["returned"] == 1


def test_agent_who_signs_out_gives_back_what_is_held(officer, talk, client):
    client.force_login(officer)
    client.get("/console/")
    client.post(reverse("comptes:sign_out"))

    assert tending.tend(now=timezone.now() + SECOND)["returned"] == 1


def test_leases_are_not_judged_just_after_a_start_or_a_database_away(officer, talk):
    presence.touch({officer.pk}, now=timezone.now() - MINUTE)
    tender = Tender()

    for second in (0.0, PERIOD, 2 * PERIOD):
        tender.turn(second)
    assert again(talk).agent == officer

    for second in range(6, 16, int(PERIOD)):
        tender.turn(float(second))
    assert again(talk).agent is None


# --- waits that grew too long


def test_wait_too_long_moves_on_and_keeps_place_and_competence():
    people.on_duty(people.agent("mixte", "commun"))
    one = people.waiting(people.commune(), minutes_ago=11)

    done = tending.tend()

    moved = again(one)
    assert done["moved"] == 1
    assert (moved.desk_id, moved.first_desk_id, moved.institution) == ("commun", "police", "PN")
    assert moved.rank_at == one.rank_at
    assert moved.reasons[-1].startswith("après 10 min d'attente à « Tchat de la police », passée à « Tchat commun")
    assert "un autre bureau" in read(moved)[-1]
    page = pages.words(pages.victim(moved.dossier).get(reverse("tchat:room")))
    assert "Écrire mon premier message" in page  # the house wrote, the person did not
    assert "Vous avez déjà écrit" not in page


def test_conversation_that_cannot_be_opened_leaves_the_others_their_turn():
    people.on_duty(people.agent("mixte", "commun"))
    broken, sound = (people.waiting(people.commune(), minutes_ago=minutes) for minutes in (12, 11))
    Dossier.objects.filter(pk=broken.dossier_id).update(wrapped_key=b"damaged")

    done = tending.tend()

    assert done["moved"] == 1
    assert (again(broken).desk_id, again(sound).desk_id) == ("police", "commun")


def test_whole_service_saturated_offers_an_answer_later_once():
    people.on_duty(people.agent("mixte", "commun"))
    one = people.waiting(people.commune(), minutes_ago=11)
    tending.tend()
    Conversation.objects.filter(pk=one.pk).update(desk_since=timezone.now() - 16 * MINUTE)

    first, second = tending.tend(), tending.tend()

    assert (first["saturated"], second["saturated"]) == (1, 0)
    assert again(one).saturated_at
    assert again(one).state == State.WAITING


def test_short_wait_stays(officer):
    people.on_duty(officer)
    one = people.waiting(people.commune(), minutes_ago=9)

    assert not +tending.tend()
    assert again(one).desk_id == "police"


def test_nobody_moves_to_a_desk_where_nobody_is(officer):
    """The place is kept where somebody answers, an answer later is offered, and the move comes with the colleague."""
    people.on_duty(officer)
    mixed = people.agent("mixte", "commun")
    one = people.waiting(people.commune(), minutes_ago=11)

    first, second = tending.tend(), tending.tend()

    assert (again(one).desk_id, first["moved"], first["saturated"], second["saturated"]) == ("police", 0, 1, 0)
    assert "Aucun agent n'est libre" in read(again(one))[-1]
    people.on_duty(mixed)
    presence.pause(agent=mixed)
    assert tending.tend()["moved"] == 0
    presence.resume(agent=mixed)
    assert tending.tend()["moved"] == 1
    assert again(one).desk_id == "commun"


def arrived(minutes: float) -> Conversation:
    one = people.waiting(people.commune())
    Conversation.objects.filter(pk=one.pk).update(desk_since=timezone.now() - minutes * MINUTE)
    return one


def test_whoever_waits_where_nobody_is_goes_where_somebody_is(officer):
    """Whatever the rules say: here the police desk emptied, and the wait is far from its limit."""
    one, other_force = arrived(2), people.agent("gendarme", "gendarmerie", institution="GN")
    people.on_duty(other_force)

    done = tending.tend()

    moved = again(one)
    assert (done["moved"], moved.desk_id, moved.institution) == (1, "gendarmerie", "PN")
    assert moved.reasons[-1] == (
        "personne n'était en service à « Tchat de la police » : passée à « Tchat de la gendarmerie »"
    )
    assert "où des agents sont présents" in read(moved)[-1]
    assert conversations.claim_next(agent=other_force).pk == one.pk


def test_shared_desk_comes_before_the_other_force_and_the_specialists_last(officer):
    one = arrived(2)
    people.on_duty(people.agent("gendarme", "gendarmerie"), people.agent("expert", "specialise"))
    people.on_duty(people.agent("mixte", "commun"))

    tending.tend()

    assert again(one).desk_id == "commun"


@pytest.mark.parametrize("leave", ["cut", "pause"])
def test_desk_left_alone_for_a_moment_keeps_its_people(officer, leave):
    """A page that reloads, a cut of a few seconds: nobody is moved for that."""
    one = arrived(9)
    people.on_duty(people.agent("mixte", "commun"), officer)
    presence.touch({officer.pk}, lease=-30 * SECOND) if leave == "cut" else presence.pause(agent=officer)

    assert tending.tend()["moved"] == 0
    if leave == "cut":
        presence.touch({officer.pk}, lease=-61 * SECOND)
    else:
        Presence.objects.filter(agent=officer).update(paused_at=timezone.now() - 61 * SECOND)
    assert tending.tend()["moved"] == 1
    assert again(one).desk_id == "commun"


def test_with_nobody_anywhere_an_answer_later_is_offered_at_once(officer):
    one = arrived(2)

    first, second = tending.tend(), tending.tend()

    assert (first["saturated"], second["saturated"], again(one).desk_id) == (1, 0, "police")


# --- who left, who is answered later


def unseen(conversation: Conversation, minutes: float) -> Conversation:
    Conversation.objects.filter(pk=conversation.pk).update(victim_seen_at=timezone.now() - minutes * MINUTE)
    return conversation


def test_whoever_left_the_page_takes_no_place_and_finds_it_again(officer, client):
    people.on_duty(officer)
    left, here = unseen(people.waiting(people.commune(), minutes_ago=5), 16), people.waiting(people.commune())
    client.force_login(officer)

    assert "Vous êtes le prochain" in position_of(here)
    page = client.get(reverse("console:deferred")).content.decode()
    assert "page quittée à" in page
    assert 'Différées<span id="differees">&nbsp;· 1</span>' in page

    assert "Vous êtes le prochain" in position_of(left)  # the page is open again
    assert "1 personne est devant vous" in position_of(here)
    assert conversations.claim_next(agent=officer).pk == left.pk


def position_of(conversation: Conversation) -> str:
    return pages.words(pages.victim(conversation.dossier).get(reverse("tchat:room")))


def later_since(hours: float, severity: int) -> Conversation:
    one = people.waiting(people.commune())
    Conversation.objects.filter(pk=one.pk).update(saturated_at=timezone.now())
    later.defer(dossier=one.dossier, conversation_id=one.pk)
    Conversation.objects.filter(pk=one.pk).update(
        severity=severity, deferred_at=timezone.now() - timedelta(hours=hours)
    )
    return one


@pytest.mark.parametrize(("severity", "hours"), [(4, 1), (3, 4), (2, 24), (1, 48)])
def test_answer_later_that_is_late_is_owed_now(officer, client, severity, hours):
    early, late = later_since(hours - 0.1, severity), later_since(hours + 0.1, severity)
    people.on_duty(officer)
    client.force_login(officer)

    assert tending.tend()["owed"] == 1

    assert list(Conversation.objects.live()) == [late]
    assert "réponse due" in client.get("/console/").content.decode()
    assert [each.pk for each in later.deferred_for(officer)] == [early.pk]
    assert conversations.claim_next(agent=officer).pk == late.pk


def test_late_answer_takes_no_place_before_whoever_stands_in_front_of_the_page(officer):
    here = people.waiting(people.commune(), minutes_ago=1)
    late = later_since(2, 4)
    people.on_duty(officer)
    tending.tend()

    assert conversations.claim_next(agent=officer).pk == here.pk
    late.refresh_from_db()
    later.wait_again(dossier=late.dossier, conversation_id=late.pk)
    assert again(late).rank_at == late.created_at - 240 * MINUTE  # the place that asking earned


@pytest.mark.parametrize("why", ["later", "left"])
def test_quiet_agent_is_given_an_answer_later_and_told_that_nobody_is_there(officer, client, why):
    one = later_since(0.1, 2) if why == "later" else unseen(people.waiting(people.commune()), 16)
    client.force_login(officer)

    page = client.post(reverse("console:claim_next"), follow=True).content.decode()

    assert again(one).agent == officer
    assert "n’est pas devant la page" in page


def test_desk_that_gives_out_work_gives_an_answer_later_to_whoever_holds_nobody(officer):
    people.on_duty(officer)
    Desk.objects.filter(pk="police").update(capacity=3, assignment=Assignment.AUTO)
    first, second = later_since(0.2, 2), later_since(0.1, 2)

    assert [tending.tend()["assigned"] for _ in range(2)] == [1, 0]
    assert (again(first).agent, again(second).agent) == (officer, None)


def test_nobody_starves():
    """The least grave who has waited five hours comes before the gravest who has just arrived."""
    mild = people.waiting(people.commune(), owner=people.dossier(people.commune(), told="sextorsion-particulier"))
    Conversation.objects.filter(pk=mild.pk).update(severity=1, rank_at=timezone.now() - 5 * 60 * MINUTE)
    people.waiting(people.commune())
    officer = people.agent("policier", "police")

    assert conversations.claim_next(agent=officer).pk == mild.pk


# --- pause, capacity, work given out


def _mild(conversation: Conversation) -> Conversation:
    Conversation.objects.filter(pk=conversation.pk).update(severity=2)
    return conversation


def refused(code: str, act, **arguments) -> bool:
    with pytest.raises(Refusal) as refusal:
        act(**arguments)
    return refusal.value.code == code


def test_agent_in_pause_takes_nothing_and_keeps_what_is_held(officer, talk):
    one = people.waiting(people.commune())
    presence.pause(agent=officer)

    assert refused("paused", conversations.claim_next, agent=officer)
    assert refused("paused", conversations.claim, agent=officer, conversation_id=one.pk)
    assert again(talk).agent == officer

    presence.resume(agent=officer)
    assert conversations.claim_next(agent=officer).pk == one.pk


def test_desk_says_how_many_an_agent_holds(officer, talk):
    one = _mild(people.waiting(people.commune()))
    Desk.objects.filter(pk="police").update(capacity=1)

    assert refused("at-capacity", conversations.claim, agent=officer, conversation_id=one.pk)
    assert refused("at-capacity", conversations.claim_next, agent=officer)


def test_whoever_is_in_the_gravest_danger_is_taken_above_the_number_by_one(officer, talk):
    Desk.objects.filter(pk="police").update(capacity=1)
    place = people.commune()
    first, grave, graver = _mild(people.waiting(place, minutes_ago=90)), people.waiting(place), people.waiting(place)

    assert refused("at-capacity", conversations.claim, agent=officer, conversation_id=first.pk)
    assert conversations.claim_next(agent=officer).pk == grave.pk
    assert refused("at-capacity", conversations.claim_next, agent=officer)
    assert refused("at-capacity", conversations.claim, agent=officer, conversation_id=graver.pk)


def test_work_given_out_keeps_one_place_for_the_gravest(officer, talk):
    presence.touch({officer.pk})
    Desk.objects.filter(pk="police").update(capacity=1, assignment=Assignment.AUTO)
    place = people.commune()
    mild, grave = _mild(people.waiting(place, minutes_ago=90)), people.waiting(place)

    assert tending.tend(now=timezone.now())["assigned"] == 1
    assert (again(mild).agent, again(grave).agent) == (None, officer)


def test_work_goes_to_the_agent_who_holds_the_fewest_and_never_above_capacity(officer, talk):
    colleague, resting = people.agent("collegue", "police"), people.agent("repos", "police")
    away = people.agent("absente", "police")
    now = timezone.now()
    presence.touch({officer.pk, colleague.pk, resting.pk}, now=now)
    presence.touch({away.pk}, now=now - MINUTE)
    presence.pause(agent=resting)
    Desk.objects.filter(pk="police").update(capacity=2, assignment=Assignment.AUTO)
    place = people.commune()
    for minutes in (5, 4, 3):
        _mild(people.waiting(place, minutes_ago=minutes))
    last = _mild(people.waiting(place))

    done = tending.tend(now=now)

    held = list(Conversation.objects.active().values_list("agent__username", flat=True))
    assert (done["assigned"], sorted(held)) == (3, ["collegue", "collegue", "policier", "policier"])
    assert Conversation.objects.waiting().get().pk == last.pk


def test_socket_that_died_elsewhere_does_not_shorten_what_a_living_one_gave(officer):
    """A phone that changed network: its old socket, in another process, is not closed yet."""
    now = timezone.now()
    presence.touch({officer.pk}, lease=presence.PAGE_LEASE, now=now)

    presence.renew({officer.pk: 2 * SECOND}, now=now)
    assert Presence.objects.get().lease_until == now + presence.LEASE  # the page's is cut
    presence.renew({officer.pk: SECOND}, now=now + SECOND)
    assert Presence.objects.get().lease_until == now + presence.LEASE
    presence.renew({officer.pk: presence.LEASE}, now=now + 2 * SECOND)
    assert Presence.objects.get().lease_until == now + 2 * SECOND + presence.LEASE


def test_presence_is_a_lease(officer):
    now = timezone.now()
    presence.touch({officer.pk}, now=now)

    assert presence.present({officer.pk}, now=now + presence.LEASE - SECOND) == {officer.pk}
    assert presence.present({officer.pk}, now=now + presence.LEASE) == set()
    assert Presence.objects.count() == 1
