"""What only a browser can prove of the look: nothing overflows, axe finds nothing, « Quitter vite » leaves nothing."""

import base64
import os

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from guichet.accounts import totp
from tests import places, services
from tests.browser.looks import looks_right

pytestmark = pytest.mark.browser
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
PAGES = (
    "/",
    "/numeros/",
    "/vos-donnees/",
    "/accessibilite/",
    "/diagnostic/",
    "/dossier/retrouver/",
    "/comptes/connexion/",
    "/prevention/",
    "/prevention/fiches/logiciel-espion/?tout",
    "/prevention/pratiques/mots-de-passe/",
    "/prevention/kit/",
    "/prevention/alertes/",
    "/prevention/recherche/?q=colis",
    "/n-existe-pas/",
    "/composants/",
    "/composants/?erreurs",
    "/composants/?console",
)
WIDTHS = (320, 360, 768, 1280)
OUTSIDE = "https://www.wikipedia.org/"


@pytest.fixture(scope="module")
def place():
    found = places.laptop().start()
    yield found
    found.stop()


@pytest.fixture
def open_page(browser, place):
    """Opens a page of the place in a fresh browser; nothing but ourselves and the neutral page may be asked for."""
    contexts, asked = [], []

    def opener(address: str, **options):
        context = browser.new_context(locale="fr-FR", **{"viewport": {"width": 360, "height": 740}, **options})
        contexts.append(context)
        context.route(f"{OUTSIDE}**", lambda route: route.fulfill(content_type="text/html", body="<p>ailleurs</p>"))
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(place.url + address)
        return page

    yield opener
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith((place.url, OUTSIDE, "data:"))] == []


@pytest.mark.parametrize("address", PAGES)
def test_axe_finds_nothing_by_day_and_no_faint_word_at_night(open_page, address):
    page = open_page(address, reduced_motion="reduce")

    looks_right(page)


def test_no_page_is_wider_than_its_screen(open_page, place):
    page, over = open_page("/"), {}
    for address in PAGES:
        page.goto(place.url + address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 740})
            wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if wide > 0:
                over[address, width] = wide

    assert over == {}


@pytest.fixture
def twice_as_big(browser):
    """A phone whose owner asked for letters of 32 px instead of 16."""
    found = browser.browser_type.launch(
        executable_path=services.CHROMIUM,
        args=[*services.CHROMIUM_ARGUMENTS, "--blink-settings=defaultFontSize=32"],
        handle_sigint=False,
    )
    yield found.new_page(viewport={"width": 360, "height": 740})
    found.close()


def test_letters_twice_as_big_keep_every_word_and_the_way_out_on_a_phone(twice_as_big, place):
    page, over = twice_as_big, {}
    for address in (*PAGES, "/observatoire/", "/module/", "/prestataire/candidater/"):
        if "composants" in address:
            continue
        page.goto(place.url + address)
        page.mouse.wheel(0, 600)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            over[address] = wide
        expect(page.locator(".quit")).to_be_in_viewport(ratio=1)

    assert over == {}


def test_pages_are_quiet_in_the_console(open_page, place):
    page, said = open_page("/"), []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in PAGES:
        if address != "/n-existe-pas/":
            page.goto(place.url + address)

    assert said == []


def test_first_tab_offers_to_skip_to_the_content(open_page):
    page = open_page("/diagnostic/")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")

    assert focused.inner_text() == "Aller au contenu"
    assert focused.bounding_box()["y"] >= 0


def test_summary_of_errors_takes_the_focus(open_page):
    page = open_page("/composants/?erreurs")

    assert "réponses à compléter" in page.locator(":focus").inner_text()


def _leave(page, way: str) -> None:
    if way == "escape":
        for _ in range(3):
            page.keyboard.press("Escape")
    else:
        page.get_by_role("button", name="Quitter vite").click()
    page.wait_for_url(f"{OUTSIDE}**")


@pytest.mark.parametrize("way", ["button", "escape", "no script"])
def test_quit_leaves_nothing_behind(open_page, place, way):
    page = open_page("/numeros/", java_script_enabled=way != "no script")
    page.goto(place.url + "/diagnostic/")
    page.locator("input[type=radio]").first.check(force=True)
    page.get_by_role("button", name="Continuer").click()
    page.get_by_text("Étape 2").wait_for()

    _leave(page, way)
    page.wait_for_timeout(500)

    assert {cookie["name"] for cookie in page.context.cookies()} == {"page"}
    for _ in range(5):
        page.go_back()
        if page.url.startswith(place.url):
            assert (page.title().strip(), page.locator("body").inner_text()) == ("", "Continuer")
    page.goto(place.url + "/")
    if way != "no script":
        stored = page.evaluate("async () => [localStorage.length, sessionStorage.length, (await caches.keys()).length]")
        assert stored == [0, 0, 0]


def test_two_escapes_stay_on_the_page(open_page):
    page = open_page("/numeros/")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_timeout(200)

    assert page.get_by_role("heading", level=1).inner_text() == "Tous les numéros d’aide"


def test_somebody_quick_keeps_the_place_they_took_in_the_next_question(open_page):
    page = open_page("/diagnostic/")
    page.evaluate("""() => {
      document.querySelectorAll(".choice input").forEach(each => each.setAttribute("data-before", ""));
      new MutationObserver((_, observer) => {
        const next = document.querySelector(".choice input:not([data-before])");
        if (next) observer.disconnect(), setTimeout(() => next.focus(), 0);
      }).observe(document.body, { childList: true, subtree: true });
    }""")
    page.locator(".choice input").first.check(force=True)
    page.get_by_role("button", name="Continuer").click()

    taken = page.locator(".choice input:not([data-before])").first
    expect(taken).to_be_focused()
    page.wait_for_timeout(100)
    expect(taken).to_be_focused()


def test_lost_network_is_said_and_the_answer_stays(open_page):
    page = open_page("/diagnostic/")
    page.locator("input[type=radio]").nth(1).check(force=True)
    page.context.set_offline(True)
    page.get_by_role("button", name="Continuer").click()

    page.get_by_text("Le réseau ne répond pas.").wait_for()
    assert page.locator("input[type=radio]").nth(1).is_checked()


def _signs_in(page, name: str, password: str) -> None:
    page.locator("input[name=username]").fill(name)
    page.locator("input[name=password]").fill(password)
    page.keyboard.press("Enter")


def _gives(page, code: str) -> None:
    page.locator("input[name=code]").fill(code)
    page.keyboard.press("Enter")


def _looks_right(page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    looks_right(page)


def test_second_factor_is_added_then_asked_by_keyboard_on_a_telephone(open_page, place):
    """The image shows under our policy, the ten codes are there, and one of them signs in."""
    page, said = open_page("/comptes/connexion/?next=/comptes/second-facteur/"), []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    _signs_in(page, "specialiste", "specialiste-demo-59")
    _looks_right(page, "Second facteur")
    page.get_by_role("button", name="Ajouter mon téléphone").press("Enter")
    _looks_right(page, "Ajouter mon téléphone")
    assert page.locator("img.qr").evaluate("node => node.decode().then(() => node.naturalWidth)") > 100
    secret = base64.b32decode(page.locator(".code--secret").text_content().replace(" ", ""))
    _gives(page, totp.code_at(secret, totp.step_of(timezone.now())))
    _looks_right(page, "Vos codes de secours")
    codes = page.locator(".recovery .code").all_inner_texts()
    page.context.clear_cookies()
    page.goto(place.url + "/comptes/connexion/?next=/comptes/second-facteur/")
    _signs_in(page, "specialiste", "specialiste-demo-59")
    _looks_right(page, "Votre code")
    _gives(page, codes[0])

    expect(page.locator("main")).to_contain_text("9 sur 10")
    assert said == []
