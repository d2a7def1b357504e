import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client, override_settings
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from diagnostic.journey import COOKIE
from diagnostic.module import services, state
from diagnostic.module.models import Partner
from diagnostic.module.origins import origins_of
from guichet.accounts.models import Agent
from guichet.audit.models import Line
from guichet.observatory.models import Count

pytestmark = pytest.mark.django_db
SITE = "https://www.mairie.fr"
FRAME = "/module/cadre/mairie/"
BLACKMAIL = [
    ("q_audience", "a2"),
    ("q_p_sujet", "a6"),
    ("q_personne", ["a4"]),
    ("q_chantage", "a1"),
    ("f_chantage", ["money_lost"]),
]
ASKED = {"name": "Lycée Jean Moulin", "origins": "https://Lycee.exemple.fr/", "contact": "info@exemple.fr", "notes": ""}


@pytest.fixture(autouse=True)
def fresh_limits():
    cache.clear()


@pytest.fixture
def partner():
    return services.add_partner(slug="mairie", name="Mairie", origins=SITE, contact="web@mairie.fr", actor="essai")


def text(response) -> str:
    return " ".join(response.content.decode().replace("&#x27;", "'").split())


def state_of(response) -> str:
    return re.search(r'name="etat" value="([^"]+)"', response.content.decode())[1]


def policy(response) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


def walk(client, steps=BLACKMAIL, address=FRAME):
    response = client.get(address)
    for node, chosen in steps:
        response = client.post(address, {"etat": state_of(response), "question": node, "r": chosen})
    return response


# --- the frame ----------------------------------------------------------------------------------------
def test_frame_leads_to_the_first_gestures_without_a_cookie(client, partner):
    response = walk(client)

    page = text(response)
    assert "À faire maintenant" in page
    assert page.count('<li class="todo">') == 3
    assert "Continuer sur le guichet" in page
    assert 'href="tel:17"' in page
    assert not client.cookies


def test_frame_has_no_script_and_no_word_of_the_matter_in_its_title(client, partner):
    for response in (client.get(FRAME), walk(client)):
        assert "<script" not in response.content.decode()
        assert "<title>Guichet cyber</title>" in text(response)
        assert policy(response)["script-src"] == "'none'"


def test_quit_leaves_the_partner_page_too(client, partner, settings):
    link = re.search(r'<a class="quit"[^>]*>', client.get(FRAME).content.decode())[0]

    assert f'href="{settings.GUICHET_QUIT_URL}"' in link
    assert 'target="_top"' in link


def test_back_shows_the_answer_given(client, partner):
    second = walk(client, BLACKMAIL[:1])

    first = client.post(FRAME, {"etat": state_of(second), "vers": "q_audience"})

    assert "Étape 1" in text(first)
    assert re.search(r'value="a2"[^>]* checked', first.content.decode())


def test_answer_changed_after_the_end_leads_elsewhere(client, partner):
    end = walk(client)

    response = client.post(FRAME, {"etat": state_of(end), "question": "q_audience", "r": "a3"})

    assert 'value="q_o_secteur"' in text(response)


def test_no_answer_is_said_kindly(client, partner):
    first = client.get(FRAME)

    response = client.post(FRAME, {"etat": state_of(first), "question": "q_audience"})

    assert response.status_code == 422
    assert "Choisissez une réponse" in text(response)
    assert policy(response)["frame-ancestors"] == SITE


@pytest.mark.parametrize("value", ["", "x", "é", "A" * 200, "A" * 50_000, None])
def test_state_that_we_did_not_seal_begins_again(client, partner, value):
    data = {"question": "q_audience", "r": "a2"} | ({"etat": value} if value is not None else {})

    response = client.post(FRAME, data)

    assert response.status_code == 200
    assert "reprenons au début" in text(response)
    assert 'value="q_audience"' in text(response)


@pytest.mark.parametrize("at", [0, 20, 60, -1])
def test_state_with_one_letter_changed_begins_again(client, partner, at):
    letters = list(state_of(walk(client, BLACKMAIL[:2])))
    letters[at] = "A" if letters[at] != "A" else "B"

    response = client.post(FRAME, {"etat": "".join(letters), "question": "q_personne", "r": ["a4"]})

    page = text(response)
    # The last letter holds spare bits: the same bytes may still open.
    assert "reprenons au début" in page or (at == -1 and 'value="q_chantage"' in page)


def test_state_of_another_partner_begins_again(client, partner):
    services.add_partner(slug="autre", name="Autre", origins="https://autre.fr", contact="a@autre.fr", actor="essai")
    other = walk(client, BLACKMAIL[:2], "/module/cadre/autre/")

    response = client.post(FRAME, {"etat": state_of(other), "question": "q_personne", "r": ["a4"]})

    assert "reprenons au début" in text(response)


def test_state_too_old_begins_again(client, partner, monkeypatch):
    first = client.get(FRAME)
    monkeypatch.setattr("guichet.lib.crypto.time.time", lambda: timezone.now().timestamp() + 13 * 3600)

    response = client.post(FRAME, {"etat": state_of(first), "question": "q_audience", "r": "a2"})

    assert "reprenons au début" in text(response)


def test_question_off_the_path_changes_nothing(client, partner):
    second = walk(client, BLACKMAIL[:1])

    for node in ("q_chantage", "nulle-part", ""):
        response = client.post(FRAME, {"etat": state_of(second), "question": node, "r": "a1"})
        assert 'value="q_p_sujet"' in text(response)


def test_link_to_a_branch_says_what_it_supposes(client, partner):
    response = client.get(f"{FRAME}q_argent/")

    page = text(response)
    assert 'name="question" value="q_argent"' in page
    assert "Ce lien commence ici" in page
    assert f'<a href="{FRAME}">Commencez au début</a>' in page


def test_link_to_an_unknown_branch_begins_at_the_beginning(client, partner):
    for node in ("disparu", "f_banque"):
        assert 'name="question" value="q_audience"' in text(client.get(f"{FRAME}{node}/"))


def test_step_costs_two_statements_at_most(client, partner, read_lately, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        response = client.get(FRAME)
    for node, chosen in BLACKMAIL:
        with django_assert_max_num_queries(2):
            response = client.post(FRAME, {"etat": state_of(response), "question": node, "r": chosen})


# --- what a browser is told ---------------------------------------------------------------------------
def test_each_partner_frames_its_own_only(client, partner):
    services.add_partner(
        slug="deux", name="Deux", origins="https://a.fr\nhttps://b.fr:8443", contact="a@a.fr", actor="essai"
    )

    assert policy(client.get(FRAME))["frame-ancestors"] == SITE
    assert policy(client.get("/module/cadre/deux/"))["frame-ancestors"] == "https://a.fr https://b.fr:8443"


def test_frame_may_enter_an_isolated_page(client, partner):
    response = client.get(FRAME)

    assert "X-Frame-Options" not in response.headers
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert response.headers["Cache-Control"] == "no-store"


def test_sandboxed_frame_may_read_the_stylesheet(client):
    response = client.get("/module/apparence.css")

    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert response.headers["Content-Type"].startswith("text/css")
    assert not response.cookies


def _refused(response) -> bool:
    return policy(response)["frame-ancestors"] == "'none'" and response.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("slug", ["inconnu", "mairie"])
def test_unknown_or_withdrawn_partner_is_refused_alike(client, partner, slug):
    services.deactivate(partner, actor="essai")

    response = client.get(f"/module/cadre/{slug}/")

    assert response.status_code == 404
    assert _refused(response)
    assert "Ce module n’est pas ouvert ici" in text(response)


def test_origin_damaged_in_the_database_is_refused(client, partner):
    Partner.objects.update(origins="https://a.fr; script-src *")

    assert _refused(client.get(FRAME))


def _patterns(patterns=None, prefix=""):
    for each in patterns or get_resolver().url_patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from _patterns(each.url_patterns, route)


def _address(route: str) -> str:
    filled = re.sub(r"<uuid:\w+>", "9b2f0d6e-0000-4000-8000-000000000000", route)
    filled = re.sub(r"<int:\w+>", "1", filled)
    filled = re.sub(r"<[^>]+>", "x", filled)
    return "/" + re.sub(r"\(\?P?.*?\)|[\^$\\]", "", filled)


@override_settings(DEBUG_PROPAGATE_EXCEPTIONS=False)
def test_every_other_address_refuses_framing(partner):
    """Whatever the answer: page, redirect, refusal or error, to a visitor and to an administrator."""
    staff = Client(raise_request_exception=False)
    staff.force_login(Agent.objects.create_superuser("chef", "chef@exemple.fr", "un-mot-de-passe-long"))
    routes = [route for route in _patterns() if not route.startswith("module/cadre/")]
    framed = [
        (method, address)
        for client in (Client(raise_request_exception=False), staff)
        for address in map(_address, routes)
        for method in ("get", "post")
        if not _refused(getattr(client, method)(address))
    ]

    assert len(routes) > 60
    assert framed == []


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete", "options"])
def test_no_answer_of_the_module_sets_a_cookie(partner, method):
    client = Client(raise_request_exception=False)
    addresses = [_address(route) for route in _patterns() if route.startswith("module/")]
    addresses += [FRAME, f"{FRAME}q_argent/", "/module/cadre/apercu/", "/module/x/y/z", "/module/cadre/é/", "/module?a"]

    asked = {address: getattr(client, method)(address) for address in addresses}

    assert {address: dict(found.cookies) for address, found in asked.items() if found.cookies} == {}


def test_whole_journey_sets_no_cookie_even_with_a_session(partner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(Agent.objects.create_user("agent", password="un-mot-de-passe-long"))
    first = client.get(FRAME)

    second = client.post(FRAME, {"etat": state_of(first), "question": "q_audience", "r": "a2"})

    assert 'value="q_p_sujet"' in text(second)
    assert not first.cookies
    assert not second.cookies


# --- onward -------------------------------------------------------------------------------------------
def test_onward_becomes_an_ordinary_journey_on_our_own_site(client, partner):
    end = walk(client)

    response = client.post("/module/suite/", {"etat": state_of(end)}, headers={"Sec-Fetch-Site": "same-origin"})

    assert (response.status_code, response.url) == (303, "/diagnostic/resultat/")
    assert COOKIE in response.cookies
    assert "À faire maintenant" in text(client.get(response.url))
    assert Count.objects.get(key="module-suite").value == "mairie"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}, {}])
def test_onward_from_elsewhere_asks_once_more(client, partner, headers):
    end = walk(client)

    response = client.post("/module/suite/", {"etat": state_of(end)}, headers=headers)

    assert response.status_code == 200
    assert "Continuer avec vos réponses" in text(response)
    assert not response.cookies
    assert state_of(response) == state_of(end)


def test_onward_in_the_middle_goes_on_with_the_question(client, partner):
    middle = walk(client, BLACKMAIL[:2])

    response = client.post("/module/suite/", {"etat": state_of(middle)}, headers={"Origin": "http://testserver"})

    assert response.url == "/diagnostic/q_personne/"


@pytest.mark.parametrize("value", ["", "faux"])
def test_onward_with_a_false_state_begins_again(client, value):
    response = client.post("/module/suite/", {"etat": value}, headers={"Sec-Fetch-Site": "same-origin"})

    assert response.url == "/diagnostic/?perdu"
    assert not response.cookies


def test_outcome_of_a_frame_is_counted_once(client, partner):
    end = walk(client)
    client.post("/module/suite/", {"etat": state_of(end)}, headers={"Sec-Fetch-Site": "same-origin"})
    client.post("/diagnostic/f_chantage/", {"r": ["money_lost"]})

    counted = {(row.key, row.value): row.n for row in Count.objects.all()}

    assert counted[("module", "mairie")] == 1
    assert counted[("module-suite", "mairie")] == 1
    assert [n for (key, _), n in counted.items() if key == "diagnostic-public"] == [1]


def test_one_address_cannot_swell_the_counts(client, partner):
    first = client.get(FRAME)
    for _ in range(70):
        client.post(FRAME, {"etat": state_of(first), "question": "q_audience", "r": "a2"})

    assert Count.objects.get(key="module").n == 60


def test_preview_counts_nothing_and_is_framed_by_us_only(client):
    response = walk(client, address="/module/cadre/apercu/")

    assert "À faire maintenant" in text(response)
    assert policy(response)["frame-ancestors"] == "'self'"
    assert not Count.objects.exists()


# --- the page for partners ----------------------------------------------------------------------------
def test_page_costs_no_statement_and_no_cookie(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/module/")

    assert "/module/cadre/votre-identifiant/" in text(response)
    assert "frame-src http://testserver" in text(response)
    assert not response.cookies


@pytest.mark.parametrize(
    ("shape", "line"),
    [
        ("cadre", 'src="http://testserver/module/cadre/mairie/q_argent/"'),
        ("bouton", 'action="http://testserver/module/aller/q_argent/"'),
        ("lien", 'href="http://testserver/module/aller/q_argent/"'),
        ("qr", "http://testserver/module/aller/q_argent/"),
    ],
)
def test_each_shape_gives_its_lines(client, shape, line):
    response = client.get("/module/", {"forme": shape, "branche": "q_argent", "identifiant": "mairie"})

    assert line in text(response).replace("&quot;", '"')


def test_choice_that_is_not_offered_is_told(client):
    response = client.get("/module/", {"forme": "fusée", "identifiant": '"><script>'})

    assert response.status_code == 200
    assert "Un identifiant a des lettres" in text(response)
    assert "><script>" not in text(response)


def test_code_is_a_drawing_of_the_address(client):
    response = client.get("/module/code/q_argent.svg")

    assert response.headers["Content-Type"] == "image/svg+xml"
    assert b"<svg" in response.content
    assert client.get("/module/code/nulle-part.svg").status_code == 404


def test_link_to_a_branch_waits_for_the_button(client):
    client.post("/diagnostic/q_audience/", {"r": "a3"})
    mine = client.cookies[COOKIE].value

    page = client.get("/module/aller/q_argent/")

    assert client.cookies[COOKIE].value == mine
    after = client.post("/module/suite/", {"etat": state_of(page)}, headers={"Sec-Fetch-Site": "same-origin"})
    assert after.url == "/diagnostic/q_argent/"
    assert not Count.objects.filter(key="module-suite").exists()


# --- asking -------------------------------------------------------------------------------------------
def test_request_waits_for_an_administrator(client):
    response = client.post("/module/demande/", ASKED)

    asked = Partner.objects.get()
    assert response.url == "/module/?recue#demande"
    assert "Votre demande est reçue" in text(client.get("/module/?recue"))
    assert (asked.slug, asked.origins, asked.active) == ("lycee-jean-moulin", "https://lycee.exemple.fr", False)
    assert client.get("/module/cadre/lycee-jean-moulin/").status_code == 404


def test_request_of_a_robot_is_thanked_and_thrown_away(client):
    response = client.post("/module/demande/", {**ASKED, "site_web": "http://spam.example"})

    assert response.status_code == 303
    assert not Partner.objects.exists()


def test_request_from_another_site_is_sent_back(client):
    client.post("/module/demande/", ASKED, headers={"Sec-Fetch-Site": "cross-site"})

    assert not Partner.objects.exists()


def test_sixth_request_in_an_hour_waits(client):
    answers = [client.post("/module/demande/", ASKED).status_code for _ in range(6)]

    assert answers == [303] * 5 + [429]
    assert len(set(Partner.objects.values_list("slug", flat=True))) == 5


def test_too_many_waiting_requests_close_the_door(client, monkeypatch):
    monkeypatch.setattr(services, "MOST_WAITING", 1)
    client.post("/module/demande/", ASKED)

    response = client.post("/module/demande/", ASKED)

    assert response.status_code == 503
    assert "n’est pas enregistrée" in text(response)


def test_old_request_is_forgotten_and_a_withdrawn_partner_is_not(client, partner):
    services.deactivate(partner, actor="essai")
    client.post("/module/demande/", ASKED)
    Partner.objects.update(created_at=timezone.now() - timedelta(days=181))

    client.post("/module/demande/", {**ASKED, "name": "Autre"})

    assert set(Partner.objects.values_list("slug", flat=True)) == {"mairie", "autre"}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://exemple.fr", ("https://exemple.fr",)),
        ("https://EXEMPLE.fr:443/\n\n https://exemple.fr", ("https://exemple.fr",)),
        ("https://exemple.fr:8443", ("https://exemple.fr:8443",)),
        ("https://mairie-école.fr", ("https://xn--mairie-cole-hbb.fr",)),
        ("http://127.0.0.1:20300", ("http://127.0.0.1:20300",)),
        ("http://localhost", ("http://localhost",)),
    ],
)
def test_origin_is_written_one_way(given, kept):
    assert origins_of(given) == kept


@pytest.mark.parametrize(
    "given",
    [
        "", "exemple.fr", "http://exemple.fr", "https://*.fr", "https://*", "*", "null", "data:", "https://exemple",
        "https://exemple.fr/page", "https://exemple.fr?a", "https://moi@exemple.fr", "https://exemple.fr:99999",
        "https://exemple.fr:0", "https://10.0.0.1", "https://[::1]", "https://exemple.fr; script-src *",
        "https://exemple.fr 'self'", "https://exemple.fr,https://autre.fr", "ftp://exemple.fr", "https://é..fr",
        "https://" + "a" * 64 + ".fr", "\n".join(f"https://a{n}.fr" for n in range(13)),
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused(given):
    with pytest.raises(ValidationError):
        origins_of(given)


def test_plain_http_is_refused_outside_the_demonstration(settings):
    settings.DEMO = False

    with pytest.raises(ValidationError):
        origins_of("http://127.0.0.1:20300")


def test_bad_address_is_told_at_its_field(client):
    response = client.post("/module/demande/", {**ASKED, "origins": "http://exemple.fr"})

    assert response.status_code == 422
    assert "« http://exemple.fr » doit commencer par https://." in text(response)


# --- administrators -----------------------------------------------------------------------------------
def test_administrator_activates_and_withdraws(admin_client, client):
    client.post("/module/demande/", ASKED)
    asked = Partner.objects.get()
    listing = reverse("admin:diagnostic_partner_changelist")

    admin_client.post(listing, {"action": "activate", "_selected_action": [asked.pk]})
    opened = client.get(f"/module/cadre/{asked.slug}/")
    admin_client.post(listing, {"action": "deactivate", "_selected_action": [asked.pk]})
    closed = client.get(f"/module/cadre/{asked.slug}/")

    assert (opened.status_code, closed.status_code) == (200, 404)
    verbs = Line.objects.filter(target=f"partenaire:{asked.pk}").order_by("position").values_list("verb", flat=True)
    assert list(verbs) == ["module demandé", "module activé", "module retiré"]


@pytest.mark.parametrize("number", [1, 3])
def test_administrators_see_every_count_in_as_many_statements(admin_client, django_assert_max_num_queries, number):
    for n in range(number):
        services.add_partner(slug=f"s{n}", name=f"S{n}", origins="https://a.fr", contact="a@a.fr", actor="essai")
        Count.objects.create(day=timezone.localdate(), key="module", value=f"s{n}", n=7)

    with django_assert_max_num_queries(9):
        page = text(admin_client.get(reverse("admin:diagnostic_partner_changelist")))

    assert page.count('<td class="field-this_month">7</td>') == number


def test_contact_is_for_the_administrators_only(admin_client, client, partner):
    Count.objects.create(day=services.last_month(timezone.localdate())[0], key="module", value="mairie", n=90)
    public = [client.get(address) for address in ("/module/", "/module/chiffres/", FRAME)]
    form = admin_client.get(reverse("admin:diagnostic_partner_change", args=[partner.pk]))

    assert all("web@mairie.fr" not in text(page) for page in public)
    assert "web@mairie.fr" in text(form)


def test_stranger_and_agent_do_not_see_partners(client, partner):
    listing = reverse("admin:diagnostic_partner_changelist")
    stranger = client.get(listing)
    client.force_login(Agent.objects.create_user("agent", password="un-mot-de-passe-long"))
    agent = client.get(listing)

    assert {stranger.status_code, agent.status_code} <= {302, 403}


@pytest.mark.parametrize(("total", "shown"), [(19, False), (20, True)])
def test_counts_are_public_from_the_threshold_on(client, partner, total, shown):
    last, _ = services.last_month(timezone.localdate())
    Count.objects.create(day=last, key="module", value="mairie", n=total)
    Count.objects.create(day=timezone.localdate(), key="module", value="mairie", n=500)

    page = text(client.get("/module/chiffres/"))

    assert ("Mairie" in page) is shown
    assert "500" not in page


def test_counts_of_a_site_are_rounded_as_every_published_figure(client, partner):
    last, _ = services.last_month(timezone.localdate())
    Count.objects.create(day=last, key="module", value="mairie", n=38)

    page = text(client.get("/module/chiffres/"))

    assert "<td>40</td>" in page
    assert "38" not in page


# --- the command --------------------------------------------------------------------------------------
def test_command_adds_lists_and_retires(client, capsys):
    call_command("module_partner", "add", "mairie", SITE, "--contact", "web@mairie.fr")
    call_command("module_partner", "list")
    assert client.get(FRAME).status_code == 200
    call_command("module_partner", "retire", "mairie")

    assert f"mairie : actif, 0 parcours, {SITE}" in capsys.readouterr().out
    assert client.get(FRAME).status_code == 404
    with pytest.raises(CommandError):
        call_command("module_partner", "retire", "mairie")


@pytest.mark.parametrize(("slug", "origin"), [("mairie", "http://exemple.fr"), ("apercu", SITE), ("a b", SITE)])
def test_command_refuses_what_is_not_sound(slug, origin):
    with pytest.raises(CommandError):
        call_command("module_partner", "add", slug, origin, "--contact", "web@mairie.fr")


def test_state_says_nothing_to_who_reads_it(client, partner):
    value = state_of(walk(client, BLACKMAIL[:2]))

    assert "q_p_sujet" not in value
    assert state.opened(value).journey.answers == {"q_audience": ("a2",), "q_p_sujet": ("a6",)}
