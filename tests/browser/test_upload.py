"""A phone sends files to the dossier: the network is cut in the middle and the same bytes arrive; or no script runs."""

import hashlib
import os
import re

import pytest
from playwright.sync_api import expect

from tests import places
from tests.browser.people import PHONE, Victim
from tests.victims import files

pytestmark = pytest.mark.browser
HEAVY = b"".join(hashlib.sha256(bytes([n])).hexdigest().encode() * 8192 for n in range(6))


@pytest.fixture(scope="module")
def place():
    found = places.laptop()
    try:
        yield found.start()
    finally:
        found.stop()


def file(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def at_the_pieces(browser, place, *, script: bool) -> Victim:
    victim = Victim(browser, place.url, PHONE, script=script)
    victim.diagnose()
    victim.open_dossier()
    victim.page.goto(f"{place.url}/dossier/pieces/")
    return victim


def shoot(victim: Victim, name: str) -> None:
    folder = os.environ.get("GUICHET_SHOTS")
    for width in (360, 1280) if folder else ():
        victim.page.set_viewport_size({"width": width, "height": 800})
        victim.page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)


def test_file_cut_in_the_middle_arrives_whole_and_a_bad_one_is_told(browser, place):
    victim, sent = at_the_pieces(browser, place, script=True), []
    shoot(victim, "pieces-vide")

    def watched(route):
        sent.append(route.request.headers.get("upload-offset"))
        if len(sent) == 3:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    victim.page.route(re.compile("/envois/[0-9a-f-]+/$"), watched)
    victim.page.locator("#files").set_input_files(
        [file("échange.txt", HEAVY), file("photo.png", b"<svg onload='alert(1)'/>"), file("capture.exe", files.jpeg())]
    )
    victim.press("Envoyer")
    expect(victim.page.locator("[data-said]")).to_have_text("Gardés dans votre dossier : 2 sur 3.")

    assert sent[2] == sent[3] == str(2 * 512 * 1024)
    expect(victim.page.locator(".sending")).to_contain_text("Une page web ou une image SVG n’est pas acceptée.")
    pieces = victim.page.locator("#pieces")
    expect(pieces).to_contain_text("capture.exe.jpg")
    expect(pieces).to_contain_text(hashlib.sha256(HEAVY).hexdigest())
    shoot(victim, "pieces-envoyees")
    link = pieces.get_by_role("link", name="échange.txt", exact=True).get_attribute("href")
    assert victim.context.request.get(place.url + link).body() == HEAVY
    assert victim.alarms == []


def test_page_reloaded_in_the_middle_goes_on_where_it_was(browser, place):
    victim, offsets = at_the_pieces(browser, place, script=True), []

    def cut(route):
        if route.request.headers.get("upload-offset") == str(2 * 512 * 1024):
            route.abort("internetdisconnected")
        else:
            route.continue_()

    victim.page.route(re.compile("/envois/[0-9a-f-]+/$"), cut)
    victim.page.locator("#files").set_input_files([file("a.txt", HEAVY)])
    victim.press("Envoyer")
    expect(victim.page.locator(".sending")).to_contain_text("Le réseau est coupé")
    shoot(victim, "pieces-coupure")
    victim.page.unroute_all(behavior="ignoreErrors")
    victim.page.on("request", lambda request: offsets.append(request.headers.get("upload-offset")))
    victim.page.reload()
    victim.page.locator("#files").set_input_files([file("a.txt", HEAVY)])
    victim.press("Envoyer")
    expect(victim.page.locator("[data-said]")).to_have_text("Gardés dans votre dossier : 1 sur 1.")

    assert next(each for each in offsets if each) == str(2 * 512 * 1024)
    expect(victim.page.locator("#pieces")).to_contain_text(hashlib.sha256(HEAVY).hexdigest())


def test_without_script_the_form_keeps_the_good_and_tells_the_bad(browser, place):
    victim = at_the_pieces(browser, place, script=False)
    victim.page.locator("#files").set_input_files([file("a.txt", b"bonjour"), file("b.png", b"MZ\x90")])
    victim.press("Envoyer")

    expect(victim.page.locator(".errors")).to_contain_text("Un fichier n’a pas été gardé")
    expect(victim.page.locator("#files_error")).to_contain_text("b.png : Un programme n’est pas accepté.")
    expect(victim.page.locator("#pieces")).to_contain_text("a.txt")
    shoot(victim, "pieces-sans-script")
