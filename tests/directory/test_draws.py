"""Who may be drawn, and what is kept of a draw so that it can be replayed."""

import math
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from diagnostic import content
from guichet.directory.enums import Mode, ProviderState
from guichet.directory.models import Draw, Provider
from guichet.directory.rulebook import RULE, VETTING
from guichet.directory.services import draws, providers
from guichet.directory.services.draws import Asked
from tests.directory import factory

pytestmark = pytest.mark.django_db
THREAT = "rancongiciel-organisation"


def asked(**changes) -> Asked:
    values = {"threat": THREAT, "audience": "entreprise", "mode": Mode.ANY, "commune": factory.commune(), "held": {}}
    return Asked(**(values | changes))


def found(**changes) -> list[Provider]:
    return draws.eligible(asked(**changes))


def test_only_listed_able_near_and_free_providers_are_eligible():
    good = factory.listed()
    factory.candidate()
    suspended = factory.listed()
    providers.change_state(provider=suspended, to=ProviderState.SUSPENDED, reason="Plainte.", actor="agent:1")
    factory.listed(skill_rancongiciel="0", skill_site="3")
    factory.listed(audiences=["particulier"])
    factory.listed(departements="13", remote="")

    assert found() == [good]
    assert found(held={good.pk: good.capacity - 1}) == [good]
    assert found(held={good.pk: good.capacity}) == []


def test_mode_decides_between_near_and_remote():
    near = factory.listed(remote="")
    remote = factory.listed(departements="")

    assert found(mode=Mode.ON_SITE) == [near]
    assert found(mode=Mode.REMOTE) == [remote]
    assert found(mode=Mode.ANY) == [near, remote]
    assert found(mode=Mode.ANY, commune=None) == [remote]


def test_three_statements_whatever_the_number(django_assert_num_queries):
    factory.listed()
    question = asked()
    with django_assert_num_queries(3):
        draws.eligible(question)
    for _ in range(3):
        factory.listed()

    with django_assert_num_queries(3):
        assert len(draws.eligible(question)) == 4


def test_points_follow_skill_distance_answers_and_label():
    tomorrow = (timezone.localdate() + timedelta(days=1)).strftime("%d/%m/%Y")
    provider = factory.listed(label="expertcyber", label_until=tomorrow)
    for minutes in (12, 35, 58):
        providers.note_answer(provider_id=provider.pk, minutes=minutes)
    provider = draws.eligible(asked())[0]

    today = timezone.localdate()
    assert draws.points(provider, asked(), today=today) == {
        "skill": 100, "distance": 100, "answer": 50, "label": 100, "base": 100,
    }  # fmt: skip
    later = today + timedelta(days=9)
    assert draws.points(provider, asked(), today=later)["label"] == 0
    assert draws.points(provider, asked(audience="particulier"), today=today)["label"] == 0
    assert draws.points(provider, asked(mode=Mode.REMOTE), today=today)["distance"] == RULE.distance.remote


def test_unknown_threat_goes_to_who_looks_first():
    assert VETTING.skill_of("une-atteinte-de-demain") == VETTING.other_threats


def test_every_threat_with_a_provider_has_its_skill_and_no_skill_is_idle():
    """The content is a floor above: only the test sees both."""
    useful = {key for key, threat in content.published().threats.items() if threat.provider}
    named = [threat for skill in VETTING.skills for threat in skill.threats]

    assert set(named) == useful
    assert len(named) == len(set(named))


def test_draw_is_replayed_from_what_was_kept_even_when_providers_changed(capsys):
    for level in "1233":
        factory.listed(skill_rancongiciel=level)
    made = draws.draw(asked=asked(), seed="abc")
    Provider.objects.update(capacity=9, answers=[1, 1, 1])

    call_command("draw", "--replay", str(made.pk))

    told = capsys.readouterr().out
    assert "eligible=4" in told
    assert told.strip().endswith("same=oui")
    assert sorted(made.order) == sorted(line["provider"] for line in made.eligible)
    call_command("draw", "--all")
    assert "draws=1 wrong=0" in capsys.readouterr().out


def test_in_ten_thousand_replays_of_a_draw_each_has_the_share_its_points_say():
    for level, departements in (("3", "59"), ("3", ""), ("2", "59"), ("1", ""), ("1", "62")):
        factory.listed(skill_rancongiciel=level, departements=departements)
    made = draws.draw(asked=asked(), seed="abc")
    whole, replays = sum(line["weight"] for line in made.eligible), 10_000

    first = Counter()
    for number in range(replays):
        made.seed = f"graine-{number}"
        first[draws.replay(made)[0]] += 1

    for line in made.eligible:
        share = line["weight"] / whole
        assert abs(first[line["provider"]] - replays * share) <= 4 * math.sqrt(replays * share * (1 - share))
    assert len({line["weight"] for line in made.eligible}) > 2


@pytest.mark.parametrize("column", ["seed", "eligible", "order", "rule", "asked"])
def test_draw_that_was_changed_is_told(column):
    for level in "123":
        factory.listed(skill_rancongiciel=level)
    made = draws.draw(asked=asked(), seed="abc")
    changed = {
        "seed": "abd",
        "eligible": made.eligible[:-1],
        "order": made.order[::-1],
        "rule": made.rule | {"version": 9},
        "asked": made.asked | {"departement": "62"},
    }
    Draw.objects.filter(pk=made.pk).update(**{column: changed[column]})

    with pytest.raises(CommandError, match="changé"):
        call_command("draw", "--replay", str(made.pk))


@pytest.mark.parametrize("typed", ["", "nimporte", "00000000-0000-0000-0000-000000000000"])
def test_unknown_draw_is_said_in_french(typed):
    with pytest.raises(CommandError, match="tirage"):
        call_command("draw", "--replay", typed)
