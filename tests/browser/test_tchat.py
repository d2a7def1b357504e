"""What only a browser can prove of the tchat: the script's rules, blocked websockets, a killed server, the keyboard."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import places
from tests.browser.looks import looks_right

pytestmark = pytest.mark.browser
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
VECTORS = json.loads((Path(__file__).parent.parent / "tchat" / "vectors.json").read_text())
PLAY = """vector => {
  const thread = new GuichetTchat.Thread(vector.last), found = [];
  let now = 1e6;
  for (const step of vector.steps) {
    if (step.compose) thread.compose(step.compose, "");
    else if (step.wait) now += step.wait * 1000;
    else if (step.due) found.push(thread.due(now, step.everything).map(one => one.id));
    else found.push(thread.hear(step.hear));
  }
  return { found, last: thread.last, waiting: thread.waiting.map(one => one.id) };
}"""
PLAY_LINK = """vector => {
  const link = new GuichetTchat.Link(0);
  return vector.steps.map(step => link[step.do](step.at, ...(step.with || [])) ?? null);
}"""


@pytest.fixture(scope="module")
def place():
    found = places.laptop()
    try:
        yield found.start()
    finally:
        found.stop()


@pytest.fixture
def people(seed):
    return seed("alone")


@pytest.fixture
def sit(browser, place):
    """Opens a page with one person's cookie; nothing may be said in the browser's own console."""
    contexts, said = [], []

    def opener(cookie: list, address: str, viewport: dict = PHONE, prepare=None, **options):
        context = browser.new_context(locale="fr-FR", viewport=viewport, **options)
        contexts.append(context)
        context.add_cookies([{"name": cookie[0], "value": cookie[1], "url": place.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text) if "Security Policy" in message.text else None)
        if prepare:
            prepare(page)
        page.goto(place.url + address)
        return page

    yield opener
    for context in contexts:
        context.close()
    assert said == []


def console(people) -> str:
    return f"/console/conversation/{people['talk']['id']}/"


def say(page, text: str) -> None:
    page.locator("form.composer textarea").fill(text)
    page.get_by_role("button", name="Envoyer", exact=True).click()


def sees(page, text: str) -> None:
    expect(page.locator(".bubble", has_text=text)).to_have_count(1)


def shown(page) -> list[str]:
    return [text.strip() for text in page.locator(".bubble__text").all_inner_texts()]


def test_script_follows_the_rules(sit, people):
    page = sit(people["talk"]["victim"], "/tchat/")

    for vector in VECTORS["thread"]:
        played = page.evaluate(PLAY, vector)
        wanted = [step.get("means", step.get("due")) for step in vector["steps"] if "means" in step or "due" in step]
        ends = {"last": played["last"], "waiting": played["waiting"]}
        assert (played["found"], ends) == (wanted, vector["ends"]), vector["name"]
    for vector in VECTORS["link"]:
        played = page.evaluate(PLAY_LINK, vector)
        asked = [(step, found) for step, found in zip(vector["steps"], played, strict=True) if "gives" in step]
        assert [found for _, found in asked] == [step["gives"] for step, _ in asked], vector["name"]


def test_waiting_page_moves_on_by_itself_and_both_talk(sit, people):
    victim = sit(people["waiting"]["victim"], "/tchat/")
    agent = sit(people["agent"], "/console/", DESK)

    expect(victim.locator("#tour")).to_contain_text("Vous êtes dans la file")
    agent.locator(f".queue a[href*='{people['waiting']['id']}']").click()
    agent.get_by_role("button", name="Prendre cette conversation").click()
    expect(victim.locator("h1")).to_have_text("Agent 4821, police nationale")
    say(victim, "Bonsoir 🙂 <b>j'ai peur</b>")
    sees(agent, "Bonsoir 🙂 <b>j'ai peur</b>")
    expect(victim.locator(".bubble--me .state")).to_contain_text("lu")
    say(agent, "Je vous lis")
    sees(victim, "Je vous lis")
    expect(victim.locator("[data-live]")).to_contain_text("Agent 4821, police nationale : Je vous lis")


def test_waiting_page_says_which_desk_it_came_to_and_that_nobody_is_free(sit, people, place):
    key = people["waiting"]["id"]
    victim = sit(people["waiting"]["victim"], "/tchat/")
    expect(victim.locator("#pourquoi b")).to_have_text("Tchat de la police")
    head = "from django.utils.timezone import now; from tchat.dispatch import Overflow; "
    head += "from tchat.services import tending; "

    moved = f"tending._move_on({key!r}, Overflow('police', 10, 'commun'), now=now())"
    place.manage("shell", "-v", "0", "-c", head + moved)
    expect(victim.locator("#pourquoi b")).to_have_text("Tchat commun aux deux forces")
    expect(victim.locator("#pourquoi")).to_contain_text("Après 10 min d'attente à « Tchat de la police »")
    place.manage("shell", "-v", "0", "-c", f"{head}tending._offer_later({key!r}, desk='commun', now=None)")
    expect(victim.get_by_role("link", name="Recevoir une réponse plus tard")).to_be_visible()
    assert len(victim.query_selector_all("#pourquoi")) == 1


def test_server_killed_while_both_write_loses_and_doubles_nothing(sit, people, place):
    victim, agent = sit(people["talk"]["victim"], "/tchat/"), sit(people["agent"], console(people), DESK)
    expect(victim.locator("[data-link]")).to_have_text("Vous êtes en ligne")
    expect(agent.locator("[data-link]")).to_have_text("Vous êtes en ligne")

    say(victim, "avant")
    place.daphnes[0].kill()
    try:
        for number in range(12):
            say(victim, f"victime {number}.")
        say(agent, "agent pendant la panne")
        expect(victim.locator(".bubble--sending").last).to_contain_text("envoi")
    finally:
        place.daphnes[0].start()
    for page in (victim, agent):
        for text in ("avant", "victime 11.", "agent pendant la panne"):
            sees(page, text)
    expect(victim.locator(".bubble--sending")).to_have_count(0)
    before = shown(victim)

    assert before == shown(agent)
    assert [text for text in before if text.startswith("victime")] == [f"victime {number}." for number in range(12)]
    victim.reload()
    assert shown(victim) == before


def test_blocked_websockets_leave_the_tchat_whole_and_it_comes_back(sit, people):
    """Websocket, a request that waits, plain requests, and up again: no line is lost or shown twice on the way."""
    shut, asked = {"socket": True, "wait": False}, []

    def block(page):
        page.route_web_socket(
            re.compile("/ws/tchat/"), lambda route: route.close() if shut["socket"] else route.connect_to_server()
        )
        page.route("**/ws/tchat/*/suite/**", lambda route: route.abort() if shut["wait"] else route.continue_())
        page.on("request", lambda request: asked.append(request.url) if "/suite/" in request.url else None)

    victim = sit(people["talk"]["victim"], "/tchat/", prepare=block)
    agent = sit(people["agent"], console(people), DESK)
    link = victim.locator("[data-link]")
    both_say(victim, agent, "sans websocket")
    expect(link).to_have_attribute("data-way", "long")
    expect(link).to_have_text("Vous êtes en ligne")
    victim.wait_for_timeout(1000)
    asked.clear()
    victim.wait_for_timeout(4000)
    assert len(asked) <= 1
    shut["wait"] = True
    both_say(victim, agent, "sans attente")
    expect(link).to_contain_text("toutes les 3 secondes")
    both_say(victim, agent, "par moments")
    shut.update(socket=False, wait=False)
    for number in range(4):
        say(victim, f"bascule {number}")
        victim.wait_for_timeout(500)
    expect(link).to_have_attribute("data-way", "online", timeout=45_000)
    sees(agent, "bascule 3")

    assert shown(victim) == shown(agent)
    assert len(set(shown(victim))) == len(shown(victim))


def both_say(victim, agent, text: str) -> None:
    say(victim, f"{text}, victime")
    sees(agent, f"{text}, victime")
    say(agent, f"{text}, agent")
    sees(victim, f"{text}, agent")
    expect(victim.locator(".bubble--me .state").last).to_contain_text("lu")


def without_its_script_yet(sit, cookie: list, place) -> tuple:
    """The page of the tchat, and the requests for its script, held back."""
    held = []
    page = sit(cookie, "/numeros/", prepare=lambda page: page.route("**/tchat*.js", lambda route: held.append(route)))
    page.goto(f"{place.url}/tchat/", wait_until="commit")
    return page, held


def test_what_is_typed_before_the_script_comes_is_kept_as_well(sit, people, place):
    victim, held = without_its_script_yet(sit, people["talk"]["victim"], place)
    victim.locator("form.composer textarea").fill("tapé trop tôt")
    while not held:
        victim.wait_for_timeout(50)
    held[0].continue_()
    expect(victim.locator("[data-link]")).to_have_text("Vous êtes en ligne")

    victim.unroute("**/tchat*.js")
    victim.goto(f"{place.url}/numeros/")
    victim.goto(f"{place.url}/tchat/")

    expect(victim.locator("form.composer textarea")).to_have_value("tapé trop tôt")


def test_victim_taken_before_the_script_came_is_led_to_the_conversation(sit, people, place):
    """No change is ever told: the first thing the script hears is that somebody is there."""
    victim, held = without_its_script_yet(sit, people["waiting"]["victim"], place)
    expect(victim.locator("#tour")).to_contain_text("Vous êtes dans la file")
    while not held:
        victim.wait_for_timeout(50)
    agent = sit(people["agent"], f"/console/conversation/{people['waiting']['id']}/", DESK)
    agent.get_by_role("button", name="Prendre cette conversation").click()
    expect(agent.locator("form.composer")).to_be_visible()

    held[0].continue_()

    expect(victim.locator("h1")).to_have_text("Agent 4821, police nationale")
    say(victim, "me voici")
    sees(agent, "me voici")


def test_words_half_written_stay_when_a_file_is_sent_and_a_file_goes_with_the_words(sit, people):
    victim = sit(people["talk"]["victim"], "/tchat/")
    expect(victim.locator("[data-link]")).to_have_text("Vous êtes en ligne")
    box = victim.locator("form.composer textarea")
    victim.locator("form.composer summary").click()

    box.fill("à moitié écrit")
    victim.get_by_role("button", name="Envoyer le fichier").click()

    victim.wait_for_timeout(1000)
    expect(victim.locator(".bubble", has_text="à moitié écrit")).to_have_count(0)
    expect(box).to_have_value("à moitié écrit")
    victim.locator("form.composer summary").click()
    paper = {"name": "preuve.txt", "mimeType": "text/plain", "buffer": b"ce qu'il a dit"}
    victim.locator("form.composer input[type=file]").set_input_files([paper])
    victim.get_by_role("button", name="Envoyer", exact=True).click()
    sees(victim, "à moitié écrit")
    sees(victim, "preuve.txt")
    expect(victim.locator("form.composer input[type=file]")).to_be_enabled()
    victim.locator("form.composer input[type=file]").set_input_files(
        [paper | {"name": "suite.txt", "buffer": b"la suite"}]
    )
    box.fill("et la suite")
    box.press("Control+Enter")
    sees(victim, "et la suite")
    sees(victim, "suite.txt")


def test_agent_keeps_a_draft_from_one_conversation_to_the_other_with_the_keyboard(sit, people, place):
    agent = sit(people["agent"], "/console/", DESK)
    agent.get_by_role("button", name="Prendre la suivante").click()
    tabs = agent.locator("#onglets a:not([href*='avec='])")
    expect(tabs.first).to_be_visible()
    last = tabs.count()
    agent.keyboard.press("Alt+1")
    expect(tabs.nth(0)).to_have_attribute("aria-current", "true")

    expect(agent.locator("[data-phrases]")).to_be_visible()
    agent.keyboard.press("/")
    agent.keyboard.press("Enter")
    expect(agent.locator("form.composer textarea")).to_have_value(re.compile("^Bonjour, je vous lis. Votre code est"))
    agent.keyboard.press(f"Alt+{last}")
    expect(tabs.nth(last - 1)).to_have_attribute("aria-current", "true")
    expect(agent.locator("form.composer textarea")).to_have_value("")
    agent.keyboard.press("Alt+1")
    expect(agent.locator("form.composer textarea")).to_have_value(re.compile("^Bonjour"))
    agent.locator("form.composer textarea").press("Control+Enter")

    sees(agent, "Bonjour, je vous lis.")


def test_conversation_given_to_another_desk_says_so_to_both(sit, people):
    victim, agent = sit(people["talk"]["victim"], "/tchat/"), sit(people["agent"], console(people), DESK)
    elsewhere = sit(people["agent"], console(people), DESK)
    expect(agent.locator("[data-link]")).to_have_text("Vous êtes en ligne")

    elsewhere.get_by_role("button", name=re.compile("Transmettre : .*gendarmerie")).click()
    expect(agent.locator("[data-link]")).to_have_text("Cette conversation est passée à un autre agent.")
    say(agent, "trop tard")

    assert agent.locator("form.composer textarea").input_value() == "trop tard"
    expect(victim.locator("h1")).to_have_text("Un agent va vous lire")
    sees(victim, "Votre conversation passe à un autre bureau")


# --- what a tab remembers


KEPT = "Object.keys(sessionStorage).filter(key => key.startsWith('tchat:'))"


def test_draft_survives_a_reload_and_leaves_no_trace_after_quitting(sit, people, place):
    victim = sit(people["talk"]["victim"], "/tchat/")
    victim.context.route(re.compile(f"^(?!{place.url})"), lambda route: route.fulfill(body="dehors"))
    victim.locator("form.composer textarea").press_sequentially("je n'ose pas 🙂")
    victim.reload()
    expect(victim.locator("form.composer textarea")).to_have_value("je n'ose pas 🙂")
    assert len(victim.evaluate(KEPT)) == 1

    victim.get_by_role("button", name="Quitter vite").click()
    expect(victim.locator("body")).to_have_text("dehors")
    victim.goto(place.url + "/static/img/favicon.svg")

    assert victim.evaluate("Object.keys(sessionStorage).concat(Object.keys(localStorage))") == []


def test_quitting_in_one_tab_empties_the_others_too(sit, people, place):
    victim = sit(people["talk"]["victim"], "/tchat/")
    victim.locator("form.composer textarea").fill("il arrive")
    other = victim.context.new_page()
    other.goto(f"{place.url}/numeros/")
    leads = other.locator("form[data-quit]").get_attribute("data-quit")
    victim.route(f"{leads}**", lambda route: route.fulfill(body="ailleurs", content_type="text/html"))
    other.route(f"{leads}**", lambda route: route.fulfill(body="ailleurs", content_type="text/html"))

    other.get_by_role("button", name="Quitter").first.click()

    for page in (other, victim):
        expect(page.locator("body")).to_have_text("ailleurs")
    victim.goto(f"{place.url}/numeros/")
    assert victim.evaluate("sessionStorage.length") == 0


def test_draft_goes_with_the_dossier_that_is_closed_and_with_the_text_that_is_sent(sit, people):
    victim = sit(people["talk"]["victim"], "/tchat/")
    say(victim, "envoyé")
    expect(victim.locator(".bubble--sending")).to_have_count(0)
    assert victim.evaluate(KEPT) == []
    victim.locator("form.composer textarea").press_sequentially("pas encore")
    victim.goto(victim.url.replace("/tchat/", "/dossier/"))
    assert len(victim.evaluate(KEPT)) == 1

    victim.locator("form[data-forget] button").first.click()
    victim.wait_for_load_state()

    assert victim.evaluate(KEPT) == []


def test_message_not_stored_before_a_reload_is_sent_after_it_once(sit, people):
    def block(page):
        page.route_web_socket(re.compile("/ws/tchat/"), lambda route: route.close())
        page.route("**/envoyer/", lambda route: route.abort())

    victim = sit(people["talk"]["victim"], "/tchat/", prepare=block)
    agent = sit(people["agent"], console(people), DESK)
    for text in ("avant", "le rechargement"):
        say(victim, text)
    expect(victim.locator(".bubble--sending")).to_have_count(2)
    victim.unroute_all()
    victim.reload()

    for page in (victim, agent):
        for text in ("avant", "le rechargement"):
            sees(page, text)
    expect(victim.locator(".bubble--sending")).to_have_count(0)
    assert shown(victim) == shown(agent)


def test_message_stored_but_not_acknowledged_is_shown_once_after_a_reload(sit, people):
    """The server has it and draws it; the tab still holds it and sends it again."""
    deaf = [True]

    def block(page):
        def through(route):
            server = route.connect_to_server()
            server.on_message(
                lambda text: None if deaf[0] and ('"ack"' in text or '"msg"' in text) else route.send(text)
            )

        page.route_web_socket(re.compile("/ws/tchat/"), through)

    victim = sit(people["talk"]["victim"], "/tchat/", prepare=block)
    agent = sit(people["agent"], console(people), DESK)
    say(victim, "un accusé perdu")
    sees(agent, "un accusé perdu")
    assert len(victim.evaluate(KEPT)) == 1
    deaf[0] = False
    victim.reload()
    expect(victim.locator("[data-link]")).to_have_text("Vous êtes en ligne")
    say(victim, "la suite")

    sees(victim, "la suite")
    expect(victim.locator(".bubble--sending")).to_have_count(0)
    assert shown(victim) == shown(agent)
    assert victim.evaluate(KEPT) == []


# --- what a screen reader hears


LISTEN = """
window.heard = [];
new MutationObserver(list => list.forEach(one => {
  if (!one.target.closest || !one.target.closest("[data-live]")) return;
  one.addedNodes.forEach(node => heard.push(node.textContent.trim()));
})).observe(document, { childList: true, subtree: true, characterData: true });
"""


def test_other_side_sees_that_somebody_writes_and_the_words_only_once_sent(sit, people):
    left = []

    def overhear(page):
        page.on("websocket", lambda socket: socket.on("framesent", lambda text: left.append(text)))

    victim = sit(people["talk"]["victim"], "/tchat/", prepare=overhear)
    agent = sit(people["agent"], console(people), DESK)
    for page in (victim, agent):
        expect(page.locator("[data-link]")).to_have_text("Vous êtes en ligne")

    victim.locator("form.composer textarea").press_sequentially("Non, rien")
    expect(agent.locator("[data-sign]")).to_have_text("La victime écrit…")
    expect(victim.locator("[data-sign]")).to_have_text("")
    assert any("typing" in text for text in left)
    assert not any("Non" in text for text in left)

    say(victim, "Il me menace")
    sees(agent, "Il me menace")
    expect(agent.locator("[data-sign]")).to_have_text("")
    agent.locator("form.composer textarea").press_sequentially("Je")
    expect(victim.locator("[data-sign]")).to_have_text("L’agent écrit…")
    expect(victim.locator("[data-sign]")).to_have_text("")
    assert victim.locator("[data-live]").inner_text().strip() == ""


def test_each_new_message_is_announced_once_whatever_happens_to_the_link(sit, people):
    routes = []

    def listen(page):
        page.add_init_script(LISTEN)
        page.route_web_socket(
            re.compile("/ws/tchat/"), lambda route: (routes.append(route), route.connect_to_server())[0]
        )

    victim = sit(people["talk"]["victim"], "/tchat/", prepare=listen)
    agent = sit(people["agent"], console(people), DESK)
    for text in ("oui", "oui", "et puis"):
        say(agent, text)
    expect(victim.locator(".bubble__text", has_text="et puis")).to_have_count(1)
    say(victim, "ma réponse")
    assert heard(victim) == ["oui", "oui", "et puis"]

    routes[-1].close(code=4012)
    say(agent, "pendant la coupure")
    sees(victim, "pendant la coupure")
    victim.wait_for_timeout(1500)
    assert heard(victim) == ["oui", "oui", "et puis", "pendant la coupure"]

    victim.reload()
    expect(victim.locator("[data-link]")).to_have_text("Vous êtes en ligne")
    say(agent, "après le rechargement")
    sees(victim, "après le rechargement")
    assert heard(victim) == ["après le rechargement"]
    assert victim.locator("[data-log]").get_attribute("aria-live") == "off"


def heard(page) -> list[str]:
    return [text.removeprefix("Agent 4821, police nationale : ") for text in page.evaluate("heard")]


# --- without a mouse


FOCUS = """() => {
  const one = document.activeElement, look = getComputedStyle(one);
  const label = one.labels && one.labels[0] ? one.labels[0] : one;
  return { name: label.textContent.trim(), seen: look.outlineStyle !== "none" };
}"""


def tab_to(page, name: str) -> None:
    """With the tab key alone, and the place where one stands is always visible."""
    for _ in range(60):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUS)
        if here["name"] == name:
            assert here["seen"], name
            return
    raise AssertionError(f"« {name} » is not reached")


def follow(page, name: str) -> None:
    tab_to(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_victim_uses_the_whole_tchat_with_the_keyboard_alone(sit, people):
    victim = sit(people["waiting"]["victim"], "/tchat/")
    follow(victim, "Quitter la file")
    follow(victim, "Garder ma place")
    follow(victim, "Écrire mon premier message")
    tab_to(victim, "Votre message")
    victim.keyboard.type("au clavier")
    tab_to(victim, "Envoyer")
    victim.keyboard.press("Enter")
    sees(victim, "au clavier")
    victim.keyboard.type("et encore")
    victim.keyboard.press("Control+Enter")
    sees(victim, "et encore")
    follow(victim, "Ma place")
    expect(victim.locator("#tour")).to_be_visible()

    follow(victim, "Quitter la file")
    follow(victim, "Quitter la file")
    expect(victim.get_by_text("La conversation est terminée")).to_be_visible()
    follow(victim, "Demander une autre conversation")

    expect(victim.locator("#tour")).to_be_visible()


def test_victim_is_led_on_when_the_agent_ends_it_and_reads_the_end_with_the_keyboard(sit, people):
    victim, agent = sit(people["talk"]["victim"], "/tchat/"), sit(people["agent"], console(people), DESK)
    expect(victim.locator("[data-link]")).to_have_text("Vous êtes en ligne")
    agent.get_by_text("Terminer la conversation").first.click()
    agent.locator("[name=outcome][value=conseil]").check(force=True)
    agent.locator("form[action*='/clore/'] button[type=submit]").click()

    expect(victim.locator("h1")).to_have_text("Conversation terminée")
    follow(victim, "Voir la suite")

    expect(victim.get_by_text("Un agent vous a conseillé")).to_be_visible()
    tab_to(victim, "Mon dossier")


def test_room_without_script_is_whole(sit, people):
    victim = sit(people["talk"]["victim"], "/tchat/", java_script_enabled=False)
    say(victim, "sans script 🙂")
    sees(victim, "sans script 🙂")

    assert victim.get_by_role("link", name="Voir les nouveaux messages").is_visible()


def test_axe_finds_nothing_and_nothing_overflows(sit, people):
    talk, waiting, agent = people["talk"], people["waiting"], people["agent"]
    pages = [
        (talk["victim"], "/tchat/", PHONE),
        (waiting["victim"], "/tchat/", PHONE),
        (waiting["victim"], "/tchat/ecrire/", PHONE),
        (waiting["victim"], "/tchat/file/quitter/", PHONE),
        (waiting["victim"], "/verifier/", PHONE),
        (agent, "/console/", DESK),
        (agent, console(people), DESK),
        (agent, console(people), PHONE),
        (agent, f"/console/conversation/{waiting['id']}/", DESK),
        (agent, "/console/plaintes/", PHONE),
        (agent, "/console/dossiers/", PHONE),
        (agent, "/console/differees/", PHONE),
    ]
    for cookie, address, viewport in pages:
        page = sit(cookie, address, viewport)
        page.wait_for_timeout(600)
        looks_right(page)


def test_axe_finds_nothing_when_the_link_is_lost_and_when_it_is_over(sit, people, place):
    def block(page):
        page.route_web_socket(re.compile("/ws/tchat/"), lambda route: route.close())
        page.route(re.compile("/suite/|/envoyer/"), lambda route: route.abort())

    victim = sit(people["talk"]["victim"], "/tchat/", prepare=block)
    say(victim, "en attente du réseau")
    expect(victim.locator("[data-link]")).to_have_text("La connexion revient, vos messages partiront seuls")
    looks_right(victim)
    victim.context.clear_cookies()
    victim.unroute_all()
    expect(victim.locator("[data-link]")).to_contain_text("Votre accès a pris fin")
    expect(victim.locator(".bubble--me .state").last).to_have_text("non envoyé")
    looks_right(victim)
    assert victim.evaluate(KEPT) == []
    follow(victim, "Ouvrir mon dossier")
