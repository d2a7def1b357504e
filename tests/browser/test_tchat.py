"""What only a browser can prove of the tchat: the script's rules, blocked websockets, a killed server, the keyboard."""

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests import places

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


@pytest.fixture(scope="module")
def place():
    found = places.laptop()
    try:
        yield found.start()
    finally:
        found.stop()


@pytest.fixture
def people(place):
    return json.loads(places.run_module(place.environment, "tests.tchat.seed").splitlines()[-1])


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


def sees(page, text: str, timeout: int = 20_000) -> None:
    expect(page.locator(".bubble", has_text=text)).to_have_count(1, timeout=timeout)


def shown(page) -> list[str]:
    return [text.strip() for text in page.locator(".bubble__text").all_inner_texts()]


def test_script_follows_the_rules(sit, people):
    page = sit(people["talk"]["victim"], "/tchat/")

    for vector in VECTORS:
        played = page.evaluate(PLAY, vector)
        wanted = [step.get("means", step.get("due")) for step in vector["steps"] if "means" in step or "due" in step]
        ends = {"last": played["last"], "waiting": played["waiting"]}
        assert (played["found"], ends) == (wanted, vector["ends"]), vector["name"]


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
    expect(victim.locator("[data-live]")).to_have_text("Agent 4821, police nationale : Je vous lis")


def test_server_killed_while_both_write_loses_and_doubles_nothing(sit, people, place):
    victim, agent = sit(people["talk"]["victim"], "/tchat/"), sit(people["agent"], console(people), DESK)
    expect(victim.locator("[data-link]")).to_have_text("En ligne")
    expect(agent.locator("[data-link]")).to_have_text("En ligne")

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
    blocked = [True]

    def block(page):
        page.route_web_socket(
            re.compile("/ws/tchat/"), lambda route: route.close() if blocked[0] else route.connect_to_server()
        )

    victim = sit(people["talk"]["victim"], "/tchat/", prepare=block)
    agent = sit(people["agent"], console(people), DESK)
    say(victim, "sans websocket")
    sees(agent, "sans websocket")
    say(agent, "bien reçu")
    sees(victim, "bien reçu")
    expect(victim.locator("[data-link]")).to_contain_text("Réseau limité")
    blocked[0] = False
    for number in range(4):
        say(victim, f"bascule {number}")
        victim.wait_for_timeout(500)
    expect(victim.locator("[data-link]")).to_have_text("En ligne", timeout=30_000)
    sees(agent, "bascule 3")

    assert shown(victim) == shown(agent)


def test_agent_keeps_a_draft_from_one_conversation_to_the_other_with_the_keyboard(sit, people, place):
    agent = sit(people["agent"], "/console/", DESK)
    agent.get_by_role("button", name="Prendre la suivante").click()
    tabs = agent.locator("#onglets a")
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
    expect(agent.locator("[data-link]")).to_have_text("En ligne")

    elsewhere.get_by_role("button", name=re.compile("Transmettre : .*gendarmerie")).click()
    expect(agent.locator("[data-link]")).to_have_text("Cette conversation est passée à un autre agent.")
    say(agent, "trop tard")

    assert agent.locator("form.composer textarea").input_value() == "trop tard"
    expect(victim.locator("h1")).to_have_text("Un agent va vous lire")
    sees(victim, "Votre conversation passe à un autre bureau")


def test_room_without_script_is_whole(sit, people):
    victim = sit(people["talk"]["victim"], "/tchat/", java_script_enabled=False)
    say(victim, "sans script 🙂")
    sees(victim, "sans script 🙂")

    assert victim.get_by_role("link", name="Voir les nouveaux messages").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_overflows(sit, people, scheme):
    talk, waiting, agent = people["talk"], people["waiting"], people["agent"]
    pages = [
        (talk["victim"], "/tchat/", PHONE),
        (waiting["victim"], "/tchat/", PHONE),
        (waiting["victim"], "/tchat/ecrire/", PHONE),
        (waiting["victim"], "/tchat/file/quitter/", PHONE),
        (agent, "/console/", DESK),
        (agent, console(people), DESK),
        (agent, console(people), PHONE),
        (agent, f"/console/conversation/{waiting['id']}/", DESK),
        (agent, "/console/plaintes/", PHONE),
        (agent, "/console/dossiers/", PHONE),
    ]
    for cookie, address, viewport in pages:
        page = sit(cookie, address, viewport, color_scheme=scheme)
        page.wait_for_timeout(600)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{address}\n{found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), address
