"""What every answer tells the browser, whatever it is: page, error, redirect, admin, static file."""

import pytest
from django.test import Client

from guichet import numbers

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
}


def _broken(client, monkeypatch):
    def breaks():
        raise RuntimeError

    monkeypatch.setattr(numbers, "voices", breaks)
    return client.get("/")


ANSWERS = {
    "page": (200, lambda client, _: client.get("/")),
    "first question": (200, lambda client, _: client.get("/diagnostic/")),
    "sign-in of agents": (200, lambda client, _: client.get("/comptes/connexion/")),
    "redirect to sign-in": (302, lambda client, _: client.get("/admin/")),
    "health": (200, lambda client, _: client.get("/sante/live")),
    "400": (400, lambda client, _: client.get("/", headers={"Host": "ailleurs.example"})),
    "403": (403, lambda client, _: Client(enforce_csrf_checks=True).post("/comptes/connexion/")),
    "404": (404, lambda client, _: client.get("/n-existe-pas/")),
    "405": (405, lambda client, _: client.post("/")),
    "500": (500, _broken),
    "quit": (303, lambda client, _: client.post("/quitter/")),
    "static file": (200, lambda client, _: client.get("/static/css/guichet.css")),
    "picture": (200, lambda client, _: client.get("/static/img/favicon.svg")),
    "htmx": (200, lambda client, _: client.get("/static/django_htmx/htmx-2.min.js")),
}


@pytest.fixture
def answer(request, client, monkeypatch, db):
    client.raise_request_exception = False
    expected, ask = ANSWERS[request.param]
    found = ask(client, monkeypatch)
    assert found.status_code == expected
    return found


def _policy(answer) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


@pytest.mark.parametrize("answer", ANSWERS, indirect=True)
def test_every_answer_bears_the_headers_of_the_house(answer):
    assert {name: answer.get(name) for name in ALWAYS} == ALWAYS
    assert "camera=()" in answer["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize("answer", ANSWERS, indirect=True)
def test_every_answer_allows_nothing_inline_and_nobody_else(answer):
    assert _policy(answer) == STRICT


@pytest.mark.parametrize(
    "answer", [name for name in ANSWERS if name not in ("static file", "picture", "htmx")], indirect=True
)
def test_no_answer_but_static_files_is_kept_by_a_cache(answer):
    assert "no-store" in answer["Cache-Control"]
    assert answer.get("X-Frame-Options", "DENY") == "DENY"


@pytest.mark.parametrize("answer", ["page"], indirect=True)
def test_search_engines_may_list_the_home_page(answer):
    assert "X-Robots-Tag" not in answer


@pytest.mark.parametrize("answer", ["first question", "404"], indirect=True)
def test_search_engines_list_nothing_else(answer):
    assert answer["X-Robots-Tag"] == "noindex, nofollow"


def test_search_engines_may_find_what_teaches(client):
    assert "X-Robots-Tag" not in client.get("/numeros/")
