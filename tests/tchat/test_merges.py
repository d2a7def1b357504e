"""Two series that are one affair are made one by an agent who follows both, and split again with nothing lost."""

import pytest

from guichet.audit.models import Line
from tests.tchat import pages
from tests.tchat.pages import words
from tests.tchat.test_link_views import at, supervisor
from tests.victims import factory
from tests.victims.linking.test_traces import IBAN
from tests.victims.test_sightings import filed
from victims.linking.enums import MemberState, SeriesState
from victims.models import Merge, Series
from victims.services import dossiers, series, sightings

pytestmark = pytest.mark.django_db
OTHER = "DE89 3704 0044 0532 0130 00"
REASON, ENDING = "Le même récit, les deux comptes.", "Deux auteurs, en fait."


@pytest.fixture
def lille():
    return factory.commune("59350", "Lille")


@pytest.fixture
def mine():
    return filed(IBAN)


@pytest.fixture
def agent():
    return factory.agent("4821", service=factory.service())


@pytest.fixture
def colleague():
    return factory.agent("4900", service=factory.service("Lille"))


@pytest.fixture
def both(mine, agent, lille):
    """(the series of one account, the series of another), each with a dossier of the agent's unit and one of Lille."""
    filed(IBAN, commune=lille)
    own = filed(OTHER)
    filed(OTHER, commune=lille)
    return tuple(
        series.propose(agent=agent, dossier=each, fingerprint_id=each.sightings.get().fingerprint_id)
        for each in (mine, own)
    )


def inside(one: Series) -> dict:
    return {member.dossier_id: member.state for member in one.members.all()}


def merged(person, kept: Series, taken: Series, reason: str = REASON):
    typed = {"autre": taken.code, "motif": reason}
    return pages.signed_in(person).post(at("merge_series", kept.pk), typed, follow=True)


def split(person, kept: Series, reason: str = ENDING):
    address = at("split_series", kept.pk, kept.merges.filter(split_at=None).latest("merged_at").pk)
    return pages.signed_in(person).post(address, {"motif": reason}, follow=True)


def refreshed(*found: Series):
    return tuple(Series.objects.get(pk=each.pk) for each in found)


def test_agent_makes_two_series_one_with_a_reason_and_a_trace(agent, both):
    kept, taken = both
    members, traces = {**inside(kept), **inside(taken)}, kept.fingerprints.count() + taken.fingerprints.count()

    page = words(merged(agent, kept, taken))

    kept, taken = refreshed(*both)
    assert inside(kept) == members
    assert kept.fingerprints.count() == traces
    assert taken.state == SeriesState.MERGED
    assert f"La série {taken.code} est réunie à celle-ci." in page
    assert REASON in page
    assert REASON.encode() not in bytes(Merge.objects.get().sealed_reason)
    assert f"réunie à une autre Ses dossiers se suivent dans la série {kept.code}" in words(
        pages.signed_in(agent).get(at("one_series", taken.pk))
    )
    said = Line.objects.filter(actor=agent.audit_name, verb__startswith="série réunie").order_by("verb")
    assert [(line.chain_id, line.detail["série"]) for line in said] == [
        (str(kept.pk), taken.code),
        (str(taken.pk), kept.code),
    ]


def test_splitting_gives_back_what_each_was(agent, both):
    before = [(inside(each), set(each.fingerprints.all()), each.state) for each in both]
    merged(agent, *both)

    page = words(split(agent, both[0]))

    assert [(inside(each), set(each.fingerprints.all()), each.state) for each in refreshed(*both)] == before
    assert "est de nouveau à part" in page
    assert ENDING in page
    assert Line.objects.filter(actor=agent.audit_name, verb__startswith="série séparée").count() == 2
    assert "est de nouveau à part" in words(merged(agent, *both)) or Merge.objects.filter(split_at=None).count() == 1


def test_what_came_and_was_decided_meanwhile_goes_where_it_belongs(agent, both, mine, lille):
    kept, taken = both
    merged(agent, kept, taken)
    theirs = taken.members.get(dossier__in=series.Member.objects.read_by(agent).values("dossier")).dossier_id
    copy = kept.members.get(dossier=theirs)
    pages.signed_in(agent).post(at("decide_member", kept.pk, copy.pk), {"avis": "ecarter"})
    new_theirs, new_ours = filed(OTHER, commune=lille), filed(IBAN, commune=lille)
    assert {new_theirs.pk, new_ours.pk} <= set(inside(kept))

    split(agent, kept)

    assert inside(taken)[theirs] == MemberState.REJECTED
    assert theirs not in inside(kept)
    assert new_theirs.pk in inside(taken)
    assert new_theirs.pk not in inside(kept)
    assert new_ours.pk in inside(kept)
    assert new_ours.pk not in inside(taken)


def test_decision_made_before_is_kept_with_the_dossier(agent, both):
    kept, taken = both
    member = taken.members.filter(dossier__in=series.Member.objects.read_by(agent).values("dossier")).get()
    series.decide(agent=agent, series=taken, member_id=member.pk, keep=True)

    merged(agent, kept, taken)

    assert inside(kept)[member.dossier_id] == MemberState.CONFIRMED


def test_first_of_two_merges_is_undone_and_the_second_holds(agent, both, lille):
    kept, taken = both
    third_dossier = filed("GB82 WEST 1234 5698 7654 32")
    filed("GB82 WEST 1234 5698 7654 32", commune=lille)
    third = series.propose(
        agent=agent, dossier=third_dossier, fingerprint_id=third_dossier.sightings.get().fingerprint_id
    )
    merged(agent, kept, taken)
    merged(agent, kept, third)

    first = kept.merges.get(taken=taken)
    pages.signed_in(agent).post(at("split_series", kept.pk, first.pk), {"motif": ENDING})

    assert set(inside(third)) <= set(inside(kept))
    assert not set(inside(taken)) & set(inside(kept))
    assert set(third.fingerprints.all()) <= set(kept.fingerprints.all())


@pytest.mark.parametrize("case", ["itself", "unknown", "empty", "dissolved", "taken", "confirmed"])
def test_merge_that_cannot_be_is_refused_in_words_and_keeps_what_was_typed(case, agent, both):
    kept, taken = both
    typed = {"autre": taken.code, "motif": REASON}
    if case == "itself":
        typed["autre"], said = kept.code, "une autre série que celle-ci"
    elif case == "unknown":
        typed["autre"], said = "S-ZZZZZZ", "une série que vous suivez"
    elif case == "empty":
        typed["motif"], said = " ", "Écrivez un motif."
    elif case == "dissolved":
        series.dissolve(agent=agent, series=taken, reason="non")
        said = "dissoute ou déjà réunie"
    elif case == "taken":
        merged(supervisor(), kept, taken)
        said = "dissoute ou déjà réunie"
    else:
        series.confirm(agent=agent, series=taken, reason="oui")
        said = "réunissez celle-ci depuis sa page"

    response = pages.signed_in(agent).post(at("merge_series", kept.pk), typed)

    assert response.status_code == 422
    assert said in words(response)
    if case in ("unknown", "confirmed"):
        assert REASON in words(response)


def test_agent_who_follows_only_one_of_them_merges_nothing(both, lille, mine):
    """The stranger is not even told that the series is there; the colleague follows both, by the dossiers of Lille."""
    kept, taken = both
    half = factory.agent("4999", service=factory.service("Dunkerque"))
    mine.assigned_agent = half
    dossiers.Dossier.objects.filter(pk=mine.pk).update(assigned_agent=half)
    stranger = factory.agent("5000", service=factory.service("Calais"))

    answer = merged(half, kept, taken)

    assert "une série que vous suivez" in words(answer)
    assert merged(stranger, kept, taken).status_code == 404
    assert Merge.objects.count() == 0
    assert f'value="{taken.code}"' not in pages.signed_in(half).get(at("one_series", kept.pk)).content.decode()
    merged(supervisor(), kept, taken)
    assert split(stranger, kept).status_code == 404


def test_colleague_of_the_other_zone_splits_too(agent, colleague, both):
    merged(agent, *both)

    assert "est de nouveau à part" in words(split(colleague, both[0]))
    response = split_again(agent, both[0])
    assert response.status_code == 422
    assert "déjà défaite" in words(response)


def split_again(person, kept: Series):
    return pages.signed_in(person).post(at("split_series", kept.pk, kept.merges.get().pk), {"motif": ENDING})


def test_series_taken_in_is_decided_upon_no_more_and_joined_by_nobody(agent, both, lille):
    kept, taken = both
    merged(agent, kept, taken)
    before = set(inside(taken))

    new = filed(OTHER, commune=lille)

    assert set(inside(taken)) == before
    assert new.pk in inside(kept)
    for name in ("confirm_series", "dissolve_series"):
        assert pages.signed_in(agent).post(at(name, taken.pk), {"motif": REASON}).status_code == 422


def test_exercise_never_meets_real_dossiers(agent, both):
    Series.objects.filter(pk=both[1].pk).update(exercise=True)

    assert "Un exercice ne se mêle jamais" in words(merged(agent, *both))


def test_erased_dossier_leaves_both_series(agent, both):
    kept, taken = both
    merged(agent, kept, taken)
    gone = taken.members.first().dossier

    sightings.forget(dossier=gone)

    assert gone.pk not in inside(kept)
    assert gone.pk not in inside(taken)
