"""What only a browser can prove of the module: which pages may frame it, that it works by keyboard alone, without a
script, under the strictest policy of the host page, and that nothing is kept."""

import functools
import http.server
import threading

import pytest
from playwright.sync_api import expect

from tests import places
from tests.browser.looks import looks_right
from tests.browser.people import ANSWERS, worded

pytestmark = pytest.mark.browser
SANDBOX = "allow-forms allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
OUTSIDE = "https://www.wikipedia.org/"


class _Host(http.server.BaseHTTPRequestHandler):
    """A partner's page: nothing is allowed in it but a frame of ours. `/nulle`: in a sandbox of its own."""

    def __init__(self, place_url: str, *arguments):
        self.place_url = place_url
        super().__init__(*arguments)

    def do_GET(self):
        sandbox = f' sandbox="{SANDBOX}"' if "sandbox" in self.path else ""
        frame = f'<iframe src="{self.place_url}/module/cadre/mairie/" title="cadre" width="100%" height="700"{sandbox}>'
        body = f"<!doctype html><html lang=fr><title>Mairie</title><h1>Mairie</h1>{frame}</iframe>".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        own = "; sandbox allow-scripts" if self.path == "/nulle" else ""
        self.send_header("Content-Security-Policy", f"default-src 'none'; frame-src {self.place_url}{own}")
        if self.path == "/isolee":
            self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def place():
    found = places.laptop()
    try:
        yield found.start()
    finally:
        found.stop()


@pytest.fixture(scope="module")
def hosts(place):
    """(registered, unregistered): two sites, told apart by their port."""
    servers = []
    for _ in range(2):
        handler = functools.partial(_Host, place.url)
        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", places.free_port()), handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
    registered, other = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    place.manage("module_partner", "add", "mairie", registered, "--contact", "web@mairie.example")
    yield registered, other
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def visit(browser):
    """Opens a page in a fresh browser; what its console complains of is kept in `page.said`."""
    contexts = []

    def opener(address: str, **options):
        context = browser.new_context(locale="fr-FR", **{"viewport": {"width": 360, "height": 740}, **options})
        contexts.append(context)
        context.route(f"{OUTSIDE}**", lambda route: route.fulfill(content_type="text/html", body="<p>ailleurs</p>"))
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text) if message.type == "error" else None)
        page.goto(address)
        return page

    yield opener
    for context in contexts:
        context.close()


def _keys(page, frame, wanted: str) -> None:
    """Tab to the control of this name, as somebody without a mouse does."""
    for _ in range(40):
        page.keyboard.press("Tab")
        focused = frame.locator(":focus")
        if focused.count() and wanted in (focused.get_attribute("value") or "", focused.inner_text().strip()):
            return
    raise AssertionError(f"the keyboard does not reach « {wanted} »")


def _choose(page, frame, words: str) -> None:
    """Into the group of choices by Tab, to the choice by the arrows or the next Tab, ticked with the space bar."""
    label = frame.locator("label.choice__card", has_text=worded(words)).first
    wanted = label.get_attribute("for")
    for _ in range(60):
        found = frame.locator(":focus")
        if found.count() and found.get_attribute("id") == wanted:
            if not found.is_checked():
                page.keyboard.press("Space")
            return
        radio = found.count() and found.get_attribute("type") == "radio"
        page.keyboard.press("ArrowDown" if radio else "Tab")
    raise AssertionError(f"the keyboard does not reach « {words} »")


def _to_the_result(page, frame) -> None:
    page.locator("iframe").focus()
    for step, words in enumerate(ANSWERS, start=1):
        frame.get_by_text(f"Étape {step}", exact=True).wait_for()
        _choose(page, frame, words)
        _keys(page, frame, "Continuer")
        page.keyboard.press("Enter")
    frame.get_by_text(f"Étape {len(ANSWERS) + 1}", exact=True).wait_for()
    _keys(page, frame, "Voir quoi faire")
    page.keyboard.press("Enter")
    expect(frame.get_by_role("heading", name="À faire maintenant")).to_be_visible()


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
@pytest.mark.parametrize("path", ["/", "/sandbox"])
def test_registered_site_shows_the_frame_up_to_the_result_by_keyboard(visit, hosts, place, path, script):
    page = visit(hosts[0] + path, java_script_enabled=script)
    frame = page.frame_locator("iframe")

    _to_the_result(page, frame)

    expect(frame.locator("li.todo")).to_have_count(3)
    assert page.context.cookies() == []
    assert page.said == []
    with page.context.expect_page() as opened:
        frame.get_by_role("button", name="Continuer sur le guichet").press("Enter")
    ours = opened.value
    if path == "/sandbox":
        ours.get_by_role("button", name="Continuer").click()
    ours.wait_for_url(f"{place.url}/diagnostic/resultat/")
    expect(ours.get_by_role("link", name="Ouvrir le tchat")).to_be_visible()
    if script:
        assert ours.evaluate("window.opener") is None
    assert {cookie["name"] for cookie in page.context.cookies()} <= {"parcours", "csrf"}


def test_isolated_page_shows_the_frame_with_its_style(visit, hosts):
    page = visit(hosts[0] + "/isolee")
    button = page.frame_locator("iframe").get_by_role("button", name="Continuer")

    expect(button).to_be_visible()
    assert button.evaluate("element => getComputedStyle(element).minHeight") != "auto"
    assert page.said == []


def _refused(page, *, said: bool = True) -> bool:
    """The browser shows its own error in the frame, and says that `frame-ancestors` is why: one, then the other."""
    for _ in range(150):
        page.wait_for_timeout(100)
        told = not said or any("frame-ancestors" in words for words in page.said)
        if told and [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"]:
            return True
    return False


def test_unregistered_site_is_refused(visit, hosts, place):
    page = visit(hosts[1])

    assert _refused(page)
    assert page.context.cookies() == []


def test_page_without_an_origin_is_refused(visit, hosts, place):
    """In a sandbox of the registered site, and as a page written in an address."""
    sandboxed = visit(hosts[0] + "/nulle")
    written = visit(f"data:text/html,<iframe src='{place.url}/module/cadre/mairie/'></iframe>")

    assert _refused(sandboxed)
    assert _refused(written, said=False)  # of a page written in an address the console says nothing


def test_registered_site_may_not_frame_the_rest(visit, hosts, place):
    page = visit(hosts[0])
    for address in ("/", "/diagnostic/", "/tchat/", "/console/", "/comptes/connexion/", "/module/", "/module/suite/"):
        page.said.clear()
        page.locator("iframe").evaluate("(frame, address) => frame.setAttribute('src', address)", place.url + address)
        assert _refused(page), address


def test_withdrawn_site_is_refused_at_once(visit, hosts, place):
    place.manage("module_partner", "add", "passager", hosts[1], "--contact", "web@mairie.example")
    page = visit(hosts[1])
    change = "(frame, address) => frame.setAttribute('src', address)"
    page.locator("iframe").evaluate(change, f"{place.url}/module/cadre/passager/")
    expect(page.frame_locator("iframe").get_by_role("button", name="Continuer")).to_be_visible()

    place.manage("module_partner", "retire", "passager")
    page.said.clear()
    page.locator("iframe").evaluate(change, f"{place.url}/module/cadre/passager/?")

    assert _refused(page)


@pytest.mark.parametrize("path", ["/", "/sandbox"])
def test_quit_leaves_the_whole_page(visit, hosts, path):
    page = visit(hosts[0] + path)
    page.frame_locator("iframe").get_by_role("link", name="Quitter vite").click()

    page.wait_for_url(f"{OUTSIDE}**")


def test_axe_finds_nothing_in_the_frame_nor_on_the_page(visit, hosts, place):
    page = visit(f"{place.url}/module/cadre/mairie/q_argent/", bypass_csp=True)
    for address in ("/module/cadre/inconnu/", "/module/", "/module/?forme=qr", "/module/aller/q_argent/",
                    "/module/chiffres/", "/module/cadre/mairie/q_argent/"):  # fmt: skip
        page.goto(place.url + address)
        looks_right(page)


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_is_wider_than_its_screen(visit, hosts, place, width):
    page = visit(place.url + "/module/", viewport={"width": width, "height": 740})
    over = {}
    for address in ("/module/", "/module/?forme=qr", "/module/?forme=bouton", "/module/cadre/mairie/q_argent/"):
        page.goto(place.url + address)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            over[address] = wide

    assert over == {}
