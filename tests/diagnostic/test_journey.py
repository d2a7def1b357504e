from types import SimpleNamespace

import pytest
from django.http import HttpResponse

from diagnostic import journey as journeys
from diagnostic.engine import resolve
from diagnostic.journey import CHANGED, COOKIE, LOST, MAX_COOKIE, Journey
from guichet.lib.crypto import seal_cookie

PAID = {
    "q_audience": ("a2",),
    "q_p_sujet": ("a3",),
    "q_argent": ("a10",),
    "f_paiement": ("money_lost", "paid_transfer"),
}


def request_with(value: str = ""):
    return SimpleNamespace(COOKIES={COOKIE: value} if value else {})


def saved(catalogue, journey) -> str:
    response = HttpResponse()
    journeys.save(response, catalogue, journey)
    return response.cookies[COOKIE].value


def test_journey_comes_back_from_its_cookie(catalogue):
    journey = Journey(
        version=catalogue.version,
        answers=dict(PAID),
        kept={"f_banque": ("pin_given",)},
        shown={"f_paiement": 5},
        counted=True,
    )

    loaded = journeys.load(request_with(saved(catalogue, journey)))

    assert loaded.journey == journey
    assert loaded.notice == ""


def test_no_cookie_is_no_journey_and_no_notice():
    loaded = journeys.load(request_with())

    assert (loaded.journey, loaded.notice) == (None, "")


def test_cookie_is_not_readable_and_not_sent_elsewhere(catalogue):
    response = HttpResponse()

    journeys.save(response, catalogue, Journey(version=catalogue.version, answers=dict(PAID)))

    morsel = response.cookies[COOKIE]
    assert (morsel["httponly"], morsel["samesite"], morsel["path"], morsel["max-age"]) == (True, "Lax", "/", "")
    assert "money" not in morsel.value


def test_cookie_is_secure_with_https(catalogue, settings):
    settings.HTTPS = True
    response = HttpResponse()

    journeys.save(response, catalogue, Journey(version=catalogue.version))

    assert response.cookies[COOKIE]["secure"] is True


@pytest.mark.parametrize(
    "damage",
    [
        lambda v: v[:-4],
        lambda v: ("B" if v[0] == "A" else "A") + v[1:],
        lambda v: v[::-1],
        lambda v: "é" * 40,
        lambda v: "x" * 9000,
    ],
)
def test_damaged_cookie_starts_afresh_with_a_word(catalogue, damage):
    value = saved(catalogue, Journey(version=catalogue.version, answers=dict(PAID)))

    loaded = journeys.load(request_with(damage(value)))

    assert (loaded.journey, loaded.notice) == (None, LOST)


def test_cookie_too_old_starts_afresh(catalogue, monkeypatch):
    value = saved(catalogue, Journey(version=catalogue.version, answers=dict(PAID)))
    monkeypatch.setattr(journeys, "MAX_AGE", -1)

    loaded = journeys.load(request_with(value))

    assert (loaded.journey, loaded.notice) == (None, LOST)


@pytest.mark.parametrize("data", [[], "x", {}, {"i": "x", "s": 1}, {"i": "0" * 32, "s": "x"}, {"i": 5}])
def test_sealed_nonsense_starts_afresh(data):
    loaded = journeys.load(request_with(seal_cookie("parcours", data)))

    assert (loaded.journey, loaded.notice) == (None, LOST)


def test_answers_that_still_stand_are_kept_when_the_content_changed(catalogue):
    journey = answered(catalogue)
    journey.answers["q_gone"], journey.version = ("a1",), "1-old"
    value = saved(catalogue, journey)

    loaded = journeys.load(request_with(value))

    assert loaded.notice == CHANGED
    assert loaded.journey.answers == PAID
    assert resolve(catalogue, loaded.journey.answers).complete


def test_cookie_stays_small_however_long_one_wanders(catalogue):
    facts = tuple(catalogue.facts)
    journey = Journey(version=catalogue.version, answers=dict.fromkeys(catalogue.nodes, facts) | PAID)

    value = saved(catalogue, journey)

    assert len(value) <= MAX_COOKIE
    assert journeys.load(request_with(value)).journey.answers == PAID


def answered(catalogue) -> Journey:
    journey = Journey()
    for node, ids in PAID.items():
        journey.answer(catalogue, node, ids)
    return journey


def test_changed_answer_keeps_later_ones(catalogue):
    journey = answered(catalogue)

    after = journey.answer(catalogue, "q_audience", ("a5",))
    back = journey.answer(catalogue, "q_audience", ("a2",))

    assert after.question.node.id == "q_p_symptome"
    assert back.complete
    assert journey.answers == PAID


def test_facts_are_asked_again_ticked_when_the_list_has_changed(catalogue):
    journey = answered(catalogue)

    after = journey.answer(catalogue, "q_argent", ("a11",))

    assert after.question.node.id == "f_paiement"
    assert journey.kept == {"f_paiement": ("money_lost", "paid_transfer")}


def test_facts_stay_answered_when_the_list_is_the_same(catalogue):
    journey = answered(catalogue)

    after = journey.answer(catalogue, "q_argent", ("a10",))

    assert after.complete
    assert journey.kept == {}


def test_facts_are_asked_again_when_the_content_changed_their_list(catalogue):
    journey = answered(catalogue)
    journey.version, journey.shown = "1-old", {"f_paiement": 1}

    loaded = journeys.load(request_with(saved(catalogue, journey)))

    assert "f_paiement" not in loaded.journey.answers
    assert loaded.journey.kept == {"f_paiement": ("money_lost", "paid_transfer")}
