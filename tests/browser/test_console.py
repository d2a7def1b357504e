"""What only a browser can prove of the console: the keyboard, what rings, what appears by itself, two panes."""

import contextlib
import json
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from tests import places
from tests.browser.looks import looks_right
from tests.browser.people import AgentPerson, Person

pytestmark = pytest.mark.browser
PHONE, DESK, WIDE = ({"width": width, "height": height} for width, height in ((360, 740), (1280, 900), (1920, 1080)))


# How many tones the page played.
SOUNDED = """() => {
  const start = OscillatorNode.prototype.start;
  window.sounded = 0;
  OscillatorNode.prototype.start = function (when) { window.sounded += 1; start.call(this, when); };
}"""


@pytest.fixture(scope="module")
def place():
    found = places.laptop()
    try:
        found.start()
        found.manage("shell", "-c", "from tchat.models import Desk; Desk.objects.update(capacity=None)")
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="module")
def sessions():
    """Who has signed in: once each, as at work. More often within ten minutes is refused."""
    return {}


@pytest.fixture
def sign_in(browser, place, sessions):
    people = []

    def signed(username: str, viewport: dict = DESK) -> AgentPerson:
        person = AgentPerson(browser, place.url, viewport)
        people.append(person)
        if username in sessions:
            person.context.add_cookies(sessions[username])
            person.page.goto(f"{place.url}/console/")
        else:
            person.sign_in(username, f"{username}-demo-59")
            expect(person.page.get_by_role("button", name="Se déconnecter")).to_be_visible()
            sessions[username] = person.context.cookies()
        return person

    yield signed
    for person in people:
        assert person.alarms == []
        person.context.close()


def opened(person: AgentPerson, found: dict, **query) -> None:
    """The conversation, in the hands of this agent."""
    tail = "".join(f"?{name}={value}" for name, value in query.items())
    person.page.goto(f"{person.url}/console/conversation/{found['talk']['id']}/{tail}")
    expect(person.page.locator("#parler [data-link]")).to_have_text("Vous êtes en ligne")


def test_answer_is_found_and_put_by_the_keyboard(sign_in, seed):
    agent = sign_in("policier")
    opened(agent, seed())
    box = agent.page.locator("#parler form.composer textarea")

    agent.page.keyboard.press("/")
    agent.page.keyboard.type("banque carte oppo")
    expect(agent.page.locator("[data-found]")).to_have_text("1 réponse")
    agent.page.keyboard.press("Enter")

    expect(box).to_have_value(re.compile("^Faites opposition tout de suite"))
    expect(box).to_be_focused()
    agent.page.keyboard.type(" / ")
    expect(box).to_have_value(re.compile(" / $"))
    agent.page.locator(".ask--first").focus()
    agent.page.keyboard.press("Enter")
    expect(box).to_have_value(re.compile("opposition.*\n.+", re.DOTALL))
    assert agent.shown() == []


def test_keys_are_told_where_a_script_obeys_them(browser, place, sign_in, seed):
    agent, found = sign_in("policier"), seed()
    opened(agent, found)
    plain = Person(browser, place.url, DESK, script=False)
    plain.context.add_cookies([{"name": found["agent"][0], "value": found["agent"][1], "url": place.url}])
    plain.page.goto(f"{place.url}/console/conversation/{found['talk']['id']}/")

    for hint in ("Ctrl + Entrée", "touche /"):
        expect(agent.page.get_by_text(hint)).to_be_visible()
        expect(plain.page.get_by_text(hint)).to_be_hidden()
    expect(plain.page.get_by_role("button", name="Envoyer")).to_be_visible()
    plain.context.close()


def test_somebody_new_and_a_new_message_ring_until_the_sound_is_cut(sign_in, seed):
    found = seed()
    agent, main = sign_in("policier"), None
    opened(agent, found)
    main = agent.page.locator("main")

    seed()
    expect(main).to_have_attribute("data-rung", "person")
    agent.press("Couper le son")

    expect(agent.page.locator("#service")).to_have_attribute("data-muted", "oui")
    expect(agent.page.get_by_role("button", name="Remettre le son")).to_be_visible()
    opened(agent, found)
    expect(agent.page.locator("#service")).to_have_attribute("data-muted", "oui")


def test_emergency_appears_to_the_supervisor_and_what_became_of_it_to_the_agent(sign_in, seed):
    agent, chief = sign_in("policier"), sign_in("superviseur")
    opened(agent, seed())

    agent.page.get_by_text("Urgence ou intervention").click()
    agent.page.locator("[name=kind][value='17']").check(force=True)
    agent.page.locator("#alert_place").fill("3 rue des Lilas")
    agent.page.locator("#alert_facts").fill("Il frappe à la porte")
    agent.press("Donner l’alerte")

    expect(chief.page.locator(".alert")).to_contain_text("3 rue des Lilas")
    expect(chief.page).to_have_title(re.compile("^URGENCE"))
    expect(agent.page.locator(".alert")).to_contain_text("Appelez vous-même le 17")
    chief.press("Je prends cette urgence")
    expect(agent.page.locator(".alert--taken")).to_contain_text("prise en compte par l’agent 1100")
    expect(chief.page).not_to_have_title(re.compile("^URGENCE"))


def test_emergency_reaches_a_supervisor_on_another_page_and_rings_there(sign_in, seed):
    agent, chief, found = sign_in("policier"), sign_in("superviseur"), seed()
    opened(agent, found)
    chief.page.goto(f"{chief.url}/console/plaintes/")
    chief.page.locator("h1").click()  # no browser sounds before it is touched
    chief.page.evaluate(SOUNDED)

    agent.page.get_by_text("Urgence ou intervention").click()
    agent.page.locator("[name=kind][value=intervention]").check(force=True)
    agent.page.locator("#alert_place").fill("5 rue d’Ypres")
    agent.page.locator("#alert_facts").fill("Il force la porte")
    agent.press("Donner l’alerte")

    expect(chief.page.locator(".alert", has_text="5 rue d’Ypres")).to_be_visible()
    expect(chief.page).to_have_title(re.compile("^URGENCE · Plaintes"))
    expect(chief.page.locator("main")).to_have_attribute("data-rung", "alert")
    wait_for(chief.page, lambda: chief.page.evaluate("window.sounded") == 3)  # three tones: once, not twice
    looks_right(chief.page, PHONE, DESK)
    chief.page.locator(".alert", has_text="5 rue d’Ypres").get_by_role("link").click()
    expect(chief.page.get_by_role("heading", level=1)).to_contain_text("Conversation GC-")
    expect(chief.page.locator(".alert", has_text="5 rue d’Ypres")).to_be_visible()
    chief.page.locator(".alert", has_text="5 rue d’Ypres").get_by_role("button").click()
    expect(chief.page.locator(".alert--taken", has_text="5 rue d’Ypres")).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_message_that_is_refused_says_so_in_sight_and_its_text_is_read_whole(sign_in, seed, size):
    agent = sign_in("policier", size)
    opened(agent, seed())
    page, box = agent.page, agent.page.locator("#parler form.composer textarea")
    box.fill("\n".join(f"ligne {number}" for number in range(40)))
    agent.press("Envoyer")
    expect(page.locator("#parler .bubble--me .state")).to_contain_text("enregistré")
    refused = "\n".join(["Voici la carte de la personne :", "4111 1111 1111 1111", "à bloquer", "ce soir", "merci"])

    box.fill(refused)
    agent.press("Envoyer")

    state = page.locator("#parler .bubble--me .state").last
    expect(state).to_contain_text("non envoyé : ")
    expect(state).to_be_in_viewport(ratio=1)
    expect(box).to_have_value(refused)
    expect(box).to_have_attribute("rows", re.compile("5|6"))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_talk_read_along_or_without_script_begins_at_its_end(browser, place, sign_in, seed, size):
    agent, chief, found = sign_in("policier"), sign_in("superviseur", size), seed()
    opened(agent, found)
    for text in ("\n".join(f"ligne {number}" for number in range(60)), "la dernière"):
        agent.send(text)
        expect(agent.page.locator("#parler .bubble--me .state").last).to_contain_text("enregistré")
    plain = Person(browser, place.url, size, script=False)
    plain.context.add_cookies([{"name": found["agent"][0], "value": found["agent"][1], "url": place.url}])

    plain.page.goto(f"{place.url}/console/conversation/{found['talk']['id']}/#parler")
    expect(plain.page.locator("#parler .bubble").last).to_be_in_viewport(ratio=1)
    chief.page.goto(f"{chief.url}/console/supervision/conversation/{found['talk']['id']}/")
    chief.page.get_by_role("log").scroll_into_view_if_needed()
    expect(chief.page.locator(".bubble").last).to_be_in_viewport(ratio=1)
    agent.send("encore un mot")
    expect(chief.page.locator(".bubble").last).to_contain_text("encore un mot")
    expect(chief.page.locator(".bubble").last).to_be_in_viewport(ratio=1)

    chief.page.get_by_role("log").evaluate("log => { log.scrollTop = -log.scrollHeight }")
    expect(chief.page.locator(".day").first).to_be_in_viewport()
    looks_right(chief.page)
    plain.context.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_emergency_is_one_key_away_from_the_top_of_the_dossier(sign_in, seed, size):
    agent = sign_in("policier", size)
    opened(agent, seed())
    page, link = agent.page, agent.page.get_by_role("link", name="Urgence ou intervention")
    page.locator("#dossier h2").scroll_into_view_if_needed()

    expect(link).to_be_in_viewport()
    link.focus()
    page.keyboard.press("Enter")

    expect(page.locator("[name=kind]").first).to_be_focused()
    expect(page.get_by_text("Ceci ne remplace pas un appel au 17.")).to_be_in_viewport()
    looks_right(page)


def test_agent_sees_that_a_supervisor_reads(sign_in, seed):
    agent, chief, found = sign_in("policier"), sign_in("superviseur"), seed()
    opened(agent, found)

    chief.page.goto(f"{chief.url}/console/supervision/conversation/{found['talk']['id']}/")

    told = agent.page.get_by_text("Le superviseur 1100 lit cette conversation.")
    expect(told).to_be_visible(timeout=20_000)
    chief.page.goto(f"{chief.url}/console/supervision/")
    expect(told).to_have_count(0, timeout=60_000)


def test_whisper_rings_marks_its_tab_and_stands_above_the_talk(sign_in, seed):
    agent, chief, first, second = sign_in("policier"), sign_in("superviseur"), seed(), seed()
    opened(agent, first)
    page, tab = agent.page, agent.page.locator(f"#onglets .tabs a[href*='{second['talk']['id']}']")
    page.evaluate("document.querySelector('main').removeAttribute('data-rung')")

    chief.page.goto(f"{chief.url}/console/supervision/conversation/{second['talk']['id']}/")
    chief.page.locator("#souffler").fill("Demandez si la porte est fermée à clé, et qui d’autre est dans la maison")
    chief.press("Garder la note")

    expect(page.locator("main")).to_have_attribute("data-rung", "note")
    expect(tab).to_contain_text("note")
    tab.click()
    told = page.locator("#lecteurs a")
    expect(told).to_contain_text("Note de l’agent 1100")
    expect(tab).not_to_contain_text("note")
    looks_right(page, PHONE, DESK)
    told.click()
    expect(page.locator("#notes-liste li")).to_be_in_viewport()


def test_every_tab_and_what_is_new_in_it_is_seen_at_once(browser, place, sign_in, seed):
    agent, talks = sign_in("policier"), [seed("alone"), *(seed() for _ in range(4))]
    opened(agent, talks[0])
    last, victim = talks[-1]["talk"], Person(browser, place.url, PHONE)
    name, value = last["victim"]
    victim.context.add_cookies([{"name": name, "value": value, "url": place.url}])
    victim.page.goto(f"{place.url}/tchat/")
    victim.send("vous êtes là ?")

    tab = agent.page.locator(f"#onglets .tabs a[href*='{last['id']}']")
    expect(tab.locator(".badge")).to_have_text("2 nouveaux")
    for badge in agent.page.locator("#onglets .tabs .badge").all():
        expect(badge).to_be_in_viewport(ratio=1)
    expect(tab).to_have_accessible_name(re.compile("Chantage.* 2 nouveaux"))
    looks_right(agent.page, PHONE, WIDE, DESK)
    victim.context.close()


def test_two_conversations_side_by_side_are_answered_each_in_its_place(sign_in, seed):
    agent, first, second = sign_in("policier", WIDE), seed(), seed()
    opened(agent, first, avec=second["talk"]["id"])
    beside = agent.page.locator("#parler-2")
    expect(beside.locator("[data-link]")).to_have_text("Vous êtes en ligne")

    beside.locator("textarea").fill("pour la seconde")
    beside.locator("textarea").press("Control+Enter")
    agent.page.locator("#parler textarea").fill("pour la première")
    agent.page.locator("#parler textarea").press("Control+Enter")

    expect(beside.locator(".bubble--me")).to_have_text([re.compile("pour la seconde")])
    expect(agent.page.locator("#parler .bubble--me")).to_have_text([re.compile("pour la première")])
    ready = beside.locator("[data-phrases] li:not([hidden]) button[data-text]").first
    beside.locator("textarea").focus()
    beside.locator("[data-phrases] summary").click()
    text = ready.get_attribute("data-text")
    ready.click()
    expect(beside.locator("textarea")).to_have_value(text)
    expect(agent.page.locator("#parler textarea")).to_have_value("")
    one, two = agent.page.locator("#parler").bounding_box(), beside.bounding_box()
    assert one["x"] + one["width"] <= two["x"] + 2
    assert abs(one["y"] - two["y"]) < 2


def test_laptop_shows_two_conversations_in_the_place_of_the_queue(sign_in, seed):
    agent, first, second = sign_in("policier"), seed("alone"), seed()
    opened(agent, first)
    page = agent.page

    page.locator(f".beside a[href*='avec={second['talk']['id']}']").click()

    expect(page.locator("#parler-2 [data-link]")).to_have_text("Vous êtes en ligne")
    one, two = page.locator("#parler").bounding_box(), page.locator("#parler-2").bounding_box()
    assert one["x"] + one["width"] <= two["x"] + 2
    assert min(one["width"], two["width"]) > 400
    expect(page.locator("#file")).to_be_hidden()
    expect(page.locator("#dossier h2")).to_be_in_viewport()
    looks_right(page)
    page.get_by_role("link", name="Fermer ce côté").click()
    expect(page.locator("#file")).to_be_visible()


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)], ids=["in order", "backwards"])
def test_last_conversation_asked_for_is_the_one_shown_whichever_answer_comes_first(sign_in, seed, order):
    """Three questions are under way: a refresh, the first tab, then the second one."""
    agent, first, second = sign_in("policier"), seed(), seed()
    opened(agent, first)
    page, held = agent.page, []
    tabs = [page.locator(f"#onglets .tabs a[href*='{each['talk']['id']}']") for each in (first, second)]
    page.route(re.compile("/console/(file|conversation)/"), lambda route: held.append(route))

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    wait_for(page, lambda: len(held) == 1)
    tabs[0].click()
    wait_for(page, lambda: len(held) == 2)
    tabs[1].click()
    wait_for(page, lambda: len(held) == 3)
    for number in order:
        with contextlib.suppress(PlaywrightError):  # the page no longer asks for it
            held[number].continue_()
        page.wait_for_timeout(1000)
    page.unroute_all()

    expect(page.locator("#vu")).to_have_value(second["talk"]["id"])
    expect(tabs[1]).to_have_attribute("aria-current", "true")


def test_conversation_opened_by_the_keyboard_is_written_in_at_once_and_comes_back_with_the_page(sign_in, seed):
    agent, first, second = sign_in("policier"), seed(), seed()
    opened(agent, first)
    page, shown = agent.page, second["talk"]["id"]
    tab = page.locator(f"#onglets .tabs a[href*='{shown}']")

    tab.focus()
    page.keyboard.press("Enter")

    expect(page.locator("#vu")).to_have_value(shown)
    expect(page.locator("#parler form.composer textarea")).to_be_focused()
    page.keyboard.type("bonjour")
    expect(page.locator("#parler form.composer textarea")).to_have_value("bonjour")
    expect(page).to_have_url(re.compile(f"/console/conversation/{shown}/#parler$"))
    page.reload()
    expect(page.locator("#vu")).to_have_value(shown)
    page.locator(f"#file a[href*='{second['waiting']['id']}']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#parler")).to_be_focused()
    expect(page).to_have_url(re.compile(second["waiting"]["id"]))


def test_pause_asked_for_beside_a_click_loses_neither(sign_in, seed):
    agent, first, second = sign_in("policier"), seed(), seed()
    opened(agent, first)
    page, held = agent.page, []
    tab = page.locator(f"#onglets .tabs a[href*='{second['talk']['id']}']")
    page.route(re.compile("/console/(conversation|pause)/"), lambda route: held.append(route))

    tab.click()
    wait_for(page, lambda: len(held) == 1)
    agent.press("Faire une pause")
    wait_for(page, lambda: len(held) == 2)
    for route in held:
        with contextlib.suppress(PlaywrightError):  # the page no longer asks for it
            route.continue_()
        page.wait_for_timeout(1000)
    page.unroute_all()

    expect(tab).to_have_attribute("aria-current", "true")
    expect(page.locator("#vu")).to_have_value(second["talk"]["id"])
    agent.press("Reprendre")
    expect(page.locator("#service")).to_contain_text("En service")


def test_next_one_refused_leaves_on_screen_what_was_clicked_since_the_page_came(sign_in, seed):
    agent, first, second = sign_in("policier"), seed(), seed()
    opened(agent, first)
    page = agent.page
    agent.press("Faire une pause")
    page.locator(f"#onglets .tabs a[href*='{second['talk']['id']}']").click()
    expect(page.locator("#vu")).to_have_value(second["talk"]["id"])
    page.locator("#parler form.composer textarea").fill("un instant")

    agent.press("Prendre la suivante")

    expect(page.get_by_text("Vous êtes en pause.")).to_be_visible()
    expect(page.locator("#vu")).to_have_value(second["talk"]["id"])
    expect(page.locator("#parler form.composer textarea")).to_have_value("un instant")
    agent.press("Reprendre")
    expect(page.locator("#service")).to_contain_text("En service")


def test_double_click_takes_one_person(sign_in, seed):
    found = [seed(), seed()]
    agent = sign_in("policier")
    agent.page.goto(f"{agent.url}/console/")
    tabs = agent.page.locator("#onglets a:not([href*='avec='])")
    before = tabs.count()
    assert len(found) == 2

    agent.page.get_by_role("button", name="Prendre la suivante").dblclick()

    expect(agent.page.locator("#parler form.composer")).to_be_visible()
    agent.page.wait_for_timeout(1500)
    agent.page.goto(f"{agent.url}/console/")
    assert tabs.count() == before + 1


def test_message_rings_when_it_comes_and_not_when_its_announcement_goes(sign_in, seed, browser, place):
    agent, found = sign_in("policier"), seed()
    opened(agent, found)
    page, main = agent.page, agent.page.locator("main")
    page.evaluate("document.querySelector('#parler [data-live]').append('bonjour')")
    expect(main).to_have_attribute("data-rung", "message")

    page.evaluate("document.querySelector('main').removeAttribute('data-rung')")
    page.evaluate("document.querySelector('#parler [data-live]').textContent = ''")

    page.wait_for_timeout(500)
    assert main.get_attribute("data-rung") is None


def test_outage_said_of_a_click_stays_while_the_page_refreshes_itself(sign_in, seed):
    agent, first, second = sign_in("policier"), seed(), seed()
    opened(agent, first)
    page, notice = agent.page, agent.page.locator("#avis")
    page.route(re.compile("/console/conversation/"), lambda route: route.abort())

    page.locator(f"#onglets .tabs a[href*='{second['talk']['id']}']").click()
    expect(notice).to_contain_text("Le réseau ne répond pas")
    with page.expect_response(re.compile("/console/file/")):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    page.wait_for_timeout(500)
    expect(notice).to_be_visible()
    page.unroute_all()
    page.locator(f"#onglets .tabs a[href*='{second['talk']['id']}']").click()
    expect(notice).to_be_hidden()


def test_what_is_typed_beside_a_talk_stays_with_it_until_it_is_sent(sign_in, seed):
    agent, first, second = sign_in("policier"), seed(), seed()
    opened(agent, first)
    page = agent.page
    tabs = [
        page.locator(f"#onglets .tabs a[href*='{each['talk']['id']}']:not([href*='avec='])") for each in (first, second)
    ]
    note, facts, code = page.locator("#note_note"), page.locator("#alert_facts"), page.locator("#parler h2")

    page.get_by_text("Écrire une note").click()
    note.fill("rappeler sa banque")
    page.get_by_text("Urgence ou intervention").click()
    page.locator("[name=kind][value='17']").check(force=True)
    facts.fill("il frappe")
    named = code.inner_text()
    tabs[1].click()
    expect(code).not_to_have_text(named)
    assert note.input_value() == facts.input_value() == ""
    tabs[0].click()
    expect(code).to_have_text(named)
    expect(note).to_be_visible()
    expect(note).to_have_value("rappeler sa banque")
    expect(facts).to_have_value("il frappe")
    expect(page.locator("[name=kind][value='17']")).to_be_checked()

    agent.press("Garder la note")
    expect(page.get_by_text("Note gardée.")).to_be_visible()
    assert note.input_value() == ""
    expect(facts).to_have_value("il frappe")
    page.reload()
    expect(facts).to_have_value("il frappe")
    assert note.input_value() == ""
    facts.evaluate("field => field.form.noValidate = true")
    agent.press("Donner l’alerte")
    expect(page.locator("#alert_place_error")).to_be_visible()
    expect(facts).to_have_value("il frappe")


def test_session_that_ends_keeps_what_was_typed_for_the_same_agent_only(sign_in, seed, browser, place):
    """Its own people: the session is ended under them, and the others must stay signed in."""
    found = seed()
    agent = AgentPerson(browser, place.url, DESK)
    for username, kept in (("policier", True), ("superviseur", False)):
        agent.context.add_cookies([{"name": found["agent"][0], "value": found["agent"][1], "url": place.url}])
        opened(agent, found)
        agent.page.locator("#parler form.composer textarea").fill("je vous rappelle")
        if not agent.page.locator("#note_note").is_visible():
            agent.page.get_by_text("Écrire une note").click()
        agent.page.locator("#note_note").fill("à rappeler")

        agent.context.clear_cookies()
        agent.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(agent.page.locator("input[name=password]")).to_be_visible()
        agent.page.locator("input[name=username]").fill(username)
        agent.page.locator("input[name=password]").fill(f"{username}-demo-59")
        agent.press("Entrer")

        expect(agent.page.get_by_role("button", name="Se déconnecter")).to_be_visible()
        agent.page.goto(f"{place.url}/console/")
        typed = agent.page.evaluate("Object.values(sessionStorage).join()")
        assert ("je vous rappelle" in typed, "à rappeler" in typed) == (kept, kept)
        if kept:
            opened(agent, found)
            expect(agent.page.locator("#parler form.composer textarea")).to_have_value("je vous rappelle")
            expect(agent.page.locator("#note_note")).to_have_value("à rappeler")
    agent.context.close()


def test_other_day_is_asked_for_by_the_keyboard_and_the_eyes_follow(sign_in, seed):
    agent = sign_in("policier")
    opened(agent, seed())
    page, box = agent.page, agent.page.locator("#rendez-vous")
    page.get_by_role("link", name=re.compile("^Proposer ")).click()
    expect(box).to_be_focused()
    box.locator("[name=reason]").fill("déposer plainte")
    ticked = box.locator("input[name=creneau]").first
    ticked.check(force=True)
    value = ticked.get_attribute("value")

    page.get_by_text("Voir les heures d’un autre jour").click()
    box.locator("[name=jour]").fill((timezone.localdate() + timedelta(days=12)).isoformat())
    box.get_by_role("button", name="Voir ces jours").focus()
    page.keyboard.press("Enter")

    expect(box.get_by_text("Cochées un autre jour")).to_be_visible()
    expect(box).to_be_focused()
    expect(box.locator("[name=reason]")).to_have_value("déposer plainte")
    expect(box.locator(f"input[value='{value}']")).to_be_checked()
    looks_right(page)
    box.get_by_role("button", name="Proposer", exact=True).click()
    expect(box).to_contain_text("sans réponse pour le moment")
    expect(box).to_be_focused()


def wait_for(page, found) -> None:
    for _ in range(400):
        if found():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come")


def test_meeting_is_proposed_by_the_keyboard_and_the_victim_goes_to_it_from_the_talk(browser, place, sign_in, seed):
    """Nothing is reloaded on the agent's side: a talk goes on while hours are chosen."""
    agent, found = sign_in("policier"), seed()
    opened(agent, found)
    victim = Person(browser, place.url, PHONE)
    name, value = found["talk"]["victim"]
    victim.context.add_cookies([{"name": name, "value": value, "url": place.url}])
    victim.page.goto(f"{place.url}/tchat/")
    agent.page.locator("#parler textarea").fill("un instant")

    agent.page.get_by_role("link", name="Proposer un rendez-vous").focus()
    agent.page.keyboard.press("Enter")
    hours = agent.page.locator("#rendez-vous input[name=creneau]")
    expect(hours.first).to_be_visible()
    hours.first.focus()
    agent.page.keyboard.press("Space")
    agent.page.locator("#rendez-vous [name=reason]").press("Enter")

    expect(agent.page.locator("#rendez-vous")).to_contain_text("sans réponse pour le moment")
    expect(agent.page.locator("#parler textarea")).to_have_value("un instant")
    victim.page.get_by_role("link", name="Choisir mon heure").click()
    victim.page.locator("input[name=heure]").first.check()
    victim.press("Répondre")
    expect(victim.page.get_by_text("Votre heure est retenue.")).to_be_visible()
    looks_right(victim.page)
    expect(agent.page.locator("#parler .bubble--note").last).to_contain_text("Rendez-vous choisi")
    assert victim.alarms == []
    victim.context.close()


def test_hours_are_opened_then_withdrawn_by_the_keyboard(sign_in):
    agent, day = sign_in("policier"), timezone.localdate() + timedelta(days=5)
    page = agent.page
    page.goto(f"{agent.url}/console/rendez-vous/")

    page.get_by_text("Un jour, de telle heure à telle heure").focus()
    for key in ("Enter", "Tab", "Tab"):
        page.keyboard.press(key)
    expect(page.get_by_label("Jour", exact=True)).to_be_focused()
    page.keyboard.type(f"{day:%m%d%Y}")  # in the order of this Chromium's own language
    for field, hour in (("De", "0505am"), ("À", "0635am")):
        page.get_by_label(field, exact=True).focus()
        page.keyboard.type(hour)
    page.keyboard.press("Enter")
    expect(page.get_by_text("2 créneaux ouverts.")).to_be_visible()

    for hour in ("5 h 05", "5 h 50"):
        page.locator("summary", has_text=date_format(day, "l").capitalize()).focus()
        page.keyboard.press("Enter")
        row = page.locator("ul.hours li", has_text=hour)
        expect(row).to_contain_text("libre")
        row.get_by_role("button").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Ce créneau est retiré.")).to_be_visible()
    expect(page.locator("ul.hours li", has_text="5 h 05")).to_have_count(0)


def test_on_a_phone_the_conversation_fills_the_screen(sign_in, seed):
    agent = sign_in("policier", PHONE)
    opened(agent, seed())

    expect(agent.page.locator("#file")).to_be_hidden()
    expect(agent.page.locator("#parler form.composer textarea")).to_be_in_viewport()
    agent.page.locator("#parler form.composer textarea").fill("je vous lis")
    agent.page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(agent.page.locator("#parler .bubble--me")).to_contain_text("je vous lis")
    expect(agent.page.locator("#parler form.composer textarea")).to_be_in_viewport()
    expect(agent.page.locator("#dossier h2")).not_to_be_in_viewport()
    agent.page.get_by_role("link", name="Conversation", exact=True).click()
    expect(agent.page.locator("#parler form.composer textarea")).to_be_in_viewport()
    agent.page.get_by_role("link", name="Dossier", exact=True).click()
    expect(agent.page.locator("#dossier h2")).to_be_in_viewport()
    agent.page.get_by_role("link", name=re.compile("^File")).click()
    expect(agent.page.locator("#file")).to_be_visible()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    ("fold", "button", "choice"),
    [("Terminer la conversation", "Terminer", "outcome"), ("Conversation abusive", "Signaler et arrêter", "reason")],
)
def test_ending_without_a_choice_brings_the_eyes_and_the_keyboard_to_it(sign_in, seed, fold, button, choice, size):
    agent, found = sign_in("policier", size), seed()
    opened(agent, found)
    page, first = agent.page, agent.page.locator(f"#dossier [name={choice}]").first
    shown = page.url
    page.get_by_text(fold, exact=True).click()

    agent.press(button)
    expect(first).to_be_focused()
    assert page.url == shown  # the browser asked
    first.evaluate("field => { field.form.noValidate = true }")
    agent.press(button)

    expect(page.locator("#dossier .error")).to_be_in_viewport()
    expect(first).to_be_focused()
    assert page.evaluate("document.body.scrollTop") == 0
    looks_right(page)


def test_axe_finds_nothing_and_nothing_overflows(sign_in, seed):
    chief, agent, first, second = sign_in("superviseur"), sign_in("policier"), seed(), seed()
    opened(agent, first, avec=second["talk"]["id"])
    talk = first["talk"]["id"]
    looks = [
        (agent, "/console/rendez-vous/"),
        (agent, f"/console/conversation/{talk}/rendez-vous/proposer/"),
        (agent, f"/console/conversation/{talk}/?avec={second['talk']['id']}"),
        (chief, "/console/supervision/"),
        (chief, f"/console/supervision/conversation/{talk}/"),
        (chief, f"/console/supervision/conversation/{talk}/confier/"),
        (chief, "/console/supervision/rapport/"),
        (chief, "/console/supervision/arretees/"),
    ]

    for person, address in looks:
        for viewport in (PHONE, DESK) if "rendez-vous" in address else (PHONE, DESK, WIDE):
            person.page.set_viewport_size(viewport)
            person.page.goto(person.url + address)
            for fold in person.page.locator("details").all():
                fold.evaluate("node => { node.open = true }")
            looks_right(person.page)


def look(page) -> None:
    """Everything unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true })")
    looks_right(page, DESK, PHONE)


def test_two_series_become_one_and_two_again_by_the_keyboard(sign_in, place):
    found = json.loads(places.run_module(place.environment, "tests.tchat.series_seed").splitlines()[-1])
    agent, kept = sign_in("policier"), f"/console/series/{found['one']['id']}/"
    page = agent.page
    for address in (f"/console/dossiers/{found['dossier']}/liens/", "/console/series/", kept):
        page.goto(agent.url + address)
        look(page)
    page.goto(agent.url + kept)

    page.get_by_text("Réunir avec une autre série").focus()
    for key in ("Enter", "Tab"):
        page.keyboard.press(key)
    expect(page.get_by_label("Série à réunir à celle-ci")).to_be_focused()
    page.keyboard.type(found["two"]["code"])
    page.keyboard.press("Tab")
    page.keyboard.type("Même récit.")
    for key in ("Tab", "Enter"):
        page.keyboard.press(key)

    expect(page.get_by_text(f"La série {found['two']['code']} est réunie à celle-ci.")).to_be_visible()
    expect(page.get_by_role("heading", level=2, name="4 dossiers")).to_be_visible()
    look(page)
    page.goto(agent.url + kept)
    page.get_by_text("Séparer").first.focus()
    for key in ("Enter", "Tab"):
        page.keyboard.press(key)
    page.keyboard.type("Deux auteurs.")
    for key in ("Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.get_by_text(f"La série {found['two']['code']} est de nouveau à part.")).to_be_visible()
    expect(page.get_by_role("heading", level=2, name="2 dossiers")).to_be_visible()
