"""The rules of the queue as data: what a draft must say, what it would have changed, and when it takes effect."""

from datetime import timedelta

import pytest
from django.utils import timezone

from guichet.audit.models import Line
from tchat import dispatch
from tchat.enums import RulebookState
from tchat.exceptions import Refusal
from tchat.models import Desk, Overflow, Rule, Rulebook
from tchat.services import rulebooks
from tests.tchat import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief():
    people.agent("policier", "police", "gendarmerie", "specialise", "commun")
    return people.agent("cheffe")


@pytest.fixture
def book(chief):
    return rulebooks.draft(author=chief, name="Hiver")


def refused(code: str, act, **arguments) -> bool:
    with pytest.raises(Refusal) as refusal:
        act(**arguments)
    return refusal.value.code == code


def published(book, chief, **more):
    rulebooks.rehearse(book=book)
    return rulebooks.publish(book=book, agent=chief, **more)


def test_draft_says_what_is_in_force(book):
    rules = rulebooks.rules_of(book)

    assert (rules.rules, set(rules.overflows)) == (dispatch.DEFAULT.rules, set(dispatch.DEFAULT.overflows))
    assert rules.head_starts == dispatch.DEFAULT.head_starts
    assert rulebooks.problems(book) == []


def test_published_rules_send_the_next_victim_elsewhere_and_say_which(book, chief):
    place = people.commune()
    Rule.objects.create(rulebook=book, order=1, desk_id="gendarmerie", threats=["sextorsion"], reason="entraide")

    before = people.waiting(place)
    published(book, chief)
    after = people.waiting(place)

    assert (before.desk_id, before.rulebook_id) == ("police", None)
    assert (after.desk_id, after.rulebook_id, after.institution) == ("gendarmerie", book.pk, "PN")
    assert after.reasons[0] == "entraide"
    assert Line.objects.filter(verb="règlement publié", actor=chief.audit_name).exists()


def test_draft_changes_nothing(book):
    Rule.objects.create(rulebook=book, order=1, desk_id="gendarmerie")

    assert people.waiting(people.commune()).desk_id == "police"


def test_only_one_is_in_force_and_an_old_one_can_come_back(book, chief):
    published(book, chief)
    second = rulebooks.draft(author=chief, name="Printemps")
    published(second, chief)
    published(book, chief)

    states = dict(Rulebook.objects.values_list("name", "state"))
    assert states == {"Hiver": RulebookState.IN_FORCE, "Printemps": RulebookState.RETIRED}
    assert refused("rules-in-force", rulebooks.publish, book=book, agent=chief)


def test_untried_draft_is_not_published(book, chief):
    assert refused("rules-untried", rulebooks.publish, book=book, agent=chief)

    rulebooks.rehearse(book=book)
    book.refresh_from_db()
    book.save()  # changed after it was tried

    assert refused("rules-untried", rulebooks.publish, book=book, agent=chief)


def without_last(book):
    book.rules.order_by("-order").first().delete()


def loop(book):
    Overflow.objects.create(rulebook=book, desk_id="commun", after_minutes=9, target_id="police")


def unknown_threat(book):
    Rule.objects.create(rulebook=book, order=1, desk_id="police", threats=["nimporte-quoi"])


def useless(book):
    Rule.objects.create(rulebook=book, order=1, desk_id="police")


def backwards(book):
    Rulebook.objects.filter(pk=book.pk).update(head_start_4=5)


def nobody(book):
    Desk.objects.get(pk="specialise").agents.clear()


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (without_last, "La dernière règle doit valoir pour tous"),
        (loop, "tournent en rond : commun → police → commun"),
        (unknown_threat, "« nimporte-quoi » n'est ni une atteinte ni un fait"),
        (useless, "Après la règle 1, rien ne sert"),
        (backwards, "Une gravité plus haute"),
        (nobody, "Personne ne répond au bureau"),
    ],
)
def test_unsound_rules_are_told_in_plain_words_and_not_published(book, chief, harm, told):
    harm(book)
    book.refresh_from_db()

    assert any(told in problem for problem in rulebooks.problems(book))
    rulebooks.rehearse(book=book)
    assert refused("rules-unsound", rulebooks.publish, book=book, agent=chief)


def test_rehearsal_tells_what_past_arrivals_would_have_become(book):
    place, other = people.commune(), people.commune("59001", "Abancourt", "GN")
    for where in (place, place, other):
        people.waiting(where)
    people.waiting(place, minutes_ago=40 * 24 * 60)
    Rule.objects.create(rulebook=book, order=1, desk_id="commun", where="PN", reason="essai")

    tried = rulebooks.rehearse(book=book)

    assert (tried.arrivals, tried.changed) == (3, 2)
    assert tried.moves == {("police", "commun"): 2, ("gendarmerie", "gendarmerie"): 1}
    assert tried.after == {"commun": 2, "gendarmerie": 1}


def test_of_several_steps_reached_the_last_one_counts():
    rules = dispatch.Rules(
        rules=(), overflows=(dispatch.Overflow("police", 5, "commun"), dispatch.Overflow("police", 30))
    )
    now = timezone.now()

    def due(minutes: int):
        found = rulebooks.due(rules, desk="police", severity=1, since=now - timedelta(minutes=minutes), now=now)
        return found and (found.target or "différé")

    assert [due(4), due(5), due(29), due(30)] == [None, "commun", "commun", "différé"]
