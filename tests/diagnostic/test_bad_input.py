"""Whatever is sent, the answer is a page, a redirect or a refusal in words: never a 500, never a lost answer."""

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diagnostic import content
from diagnostic.journey import COOKIE

CATALOGUE = content.published()
NODES = st.sampled_from([*sorted(CATALOGUE.nodes), "resultat", "recommencer", "q_rien", "a" * 300])
WORDS = st.one_of(
    st.sampled_from(["a1", "a2", "a3", "a10", "money_lost", "minor", "aucun", "inconnu", ""]),
    st.text(max_size=60),
    st.just("a1" * 5000),
)
DATA = st.dictionaries(
    st.one_of(st.sampled_from(["r", "plus", "rien", "csrfmiddlewaretoken", "retour"]), st.text(max_size=12)),
    st.one_of(WORDS, st.lists(WORDS, max_size=40)),
    max_size=5,
)
STEPS = st.lists(st.tuples(NODES, DATA, st.booleans()), min_size=1, max_size=3)
COOKIES = st.one_of(
    st.none(),
    st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126, exclude_characters='";,\\'), max_size=300),
)


@pytest.mark.django_db
@given(STEPS, COOKIES)
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_posts_in_any_order_are_answered(steps, cookie):
    client = Client()
    client.post("/diagnostic/q_audience/", {"r": "a2"})
    if cookie is not None:
        client.cookies[COOKIE] = cookie

    for node, data, htmx in steps:
        headers = {"HTTP_HX_REQUEST": "true"} if htmx else {}
        posted = client.post(f"/diagnostic/{node}/", data, **headers)
        got = client.get(f"/diagnostic/{node}/", **headers)

        for response in (posted, got):
            assert response.status_code < 500, (node, data)
    assert client.get("/diagnostic/?reprendre", follow=True).status_code == 200


@pytest.mark.django_db
@given(st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=8, max_size=16))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_any_sensible_journey_reaches_a_result(picks):
    client = Client()
    address = "/diagnostic/q_audience/"

    for pick, several in picks:
        if "resultat" in address:
            break
        node = CATALOGUE.nodes[address.split("/")[2]]
        rows = [answer.id for answer in node.answers] or list(node.facts)
        chosen = [rows[pick % len(rows)]] + ([rows[0]] if several and node.kind == "multi" else [])
        response = client.post(address, {"r": chosen})
        if response.status_code == 422:
            response = client.post(address, {"r": rows[-1] if node.answers else []})
        assert response.status_code == 303, (address, chosen)
        address = response.url

    assert address == "/diagnostic/resultat/"
    assert client.get(address).status_code == 200


def test_huge_post_is_refused_in_words(client):
    response = client.post("/diagnostic/q_audience/", {f"x{n}": "1" for n in range(800)})

    assert response.status_code == 400


@pytest.mark.django_db
def test_same_answer_twice_is_the_same_journey(client):
    first = client.post("/diagnostic/q_audience/", {"r": "a2"})
    again = client.post("/diagnostic/q_audience/", {"r": "a2"})

    assert (first.status_code, first.url) == (again.status_code, again.url)


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"r=%ff%fe", b"r=a2&r=a3&r=a1", b"=&=&="])
def test_odd_bodies_are_answered(client, body):
    response = client.generic("POST", "/diagnostic/q_audience/", body, content_type="application/x-www-form-urlencoded")

    assert response.status_code in (303, 422)
