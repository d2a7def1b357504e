"""`make screens`: a picture of every page of the main job, phone and desk, in var/screens."""

import sys
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from tests import places, services
from tests.browser.people import DESKTOP, PHONE, AgentPerson, Person, Victim, talk

FOLDER = places.ROOT / "var" / "screens"
PUBLIC = ("/", "/diagnostic/", "/numeros/", "/prevention/", "/vos-donnees/", "/accessibilite/", "/dossier/retrouver/",
          "/verifier/", "/comptes/connexion/", "/n-existe-pas/")  # fmt: skip


def shoot(person: Person, name: str) -> None:
    own = person.page.viewport_size
    for width, size in ((360, PHONE), (1280, DESKTOP)):
        person.page.set_viewport_size(size)
        person.page.screenshot(path=str(FOLDER / f"{name}-{width}.png"), full_page=True)
    person.page.set_viewport_size(own)


def walk(browser, url: str) -> None:
    victim, agent = Victim(browser, url, PHONE), AgentPerson(browser, url, DESKTOP)
    for address in PUBLIC:
        victim.page.goto(url + address)
        shoot(victim, address.strip("/").replace("/", "-") or "accueil")
    agent.sign_in("policier", "policier-demo-59")
    victim.diagnose()
    shoot(victim, "resultat")
    victim.open_dossier()
    ask = victim.page.get_by_role("button", name="Demander le tchat")
    if ask.count():
        ask.click()
    expect(victim.page.locator(".turn")).to_be_visible()
    shoot(victim, "attente")
    agent.page.goto(f"{url}/console/")
    shoot(agent, "console-file")
    victim.page.get_by_role("link", name="Écrire mon premier message").click()
    agent.take()
    talk(victim, agent)
    shoot(victim, "tchat")
    shoot(agent, "console-conversation")
    agent.prepare_complaint()
    agent.close()
    victim.file_complaint()
    shoot(victim, "plainte-deposee")
    victim.page.goto(f"{url}/dossier/")
    shoot(victim, "dossier")
    agent.page.goto(f"{url}/console/plaintes/")
    shoot(agent, "console-plaintes")


def main() -> int:
    if services.missing("chromium"):
        print("make screens needs chromium", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    place = places.laptop()
    try:
        place.start()
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=services.CHROMIUM, args=services.CHROMIUM_ARGUMENTS, handle_sigint=False
            )
            walk(browser, place.url)
            browser.close()
    finally:
        place.stop()
    print(f"{len(list(FOLDER.glob('*.png')))} pictures in {FOLDER.relative_to(Path.cwd())}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
