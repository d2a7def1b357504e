"""A company with a ransomware asks three providers; one accepts, and reports. The figures move by one.

An answer that is missing takes the focus, wherever it is on the page; axe finds nothing on the pages of both.
"""

import re
import time
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.looks import looks_right
from tests.browser.people import DESKTOP, PHONE, Person, worded

ANSWERS = (
    "Une entreprise, un indépendant ou une association",
    "Aucun de ces cas",
    "Les ordinateurs, les serveurs, le réseau ou les machines",
    "Des fichiers illisibles, ou une demande de rançon",
    "Nos fichiers sont chiffrés (illisibles)",
)
SAID = {"name": "Ateliers Vasseur", "phone": "06 39 98 12 34", "email": "vasseur@exemple.test"}
FOUND = {
    "vector": "courriel", "family": "rancongiciel", "loss": "partie", "downtime": "semaine", "cost": "1000-5000",
}  # fmt: skip
COUNTED = (
    "from guichet.observatory.models import Count; "
    "print('n=%d' % sum(Count.objects.filter(key='provider_report').values_list('n', flat=True)))"
)


def counted(place) -> int:
    return int(re.search(r"n=(\d+)", place.manage("shell", "-v", "0", "-c", COUNTED))[1])


def links(place, wanted: int) -> list[str]:
    """The signed links, from the e-mails that this guichet writes to its console."""
    for _ in range(40):
        found = list(dict.fromkeys(re.findall(r"http://\S+/prestataire/demande/\S+", place.log.read_text())))
        if len(found) >= wanted:
            return [place.url + urlsplit(each).path for each in found]
        time.sleep(0.25)
    raise AssertionError("the e-mails did not leave")


def looked_at(person: Person) -> None:
    own = person.page.viewport_size
    looks_right(person.page, *sorted((PHONE, DESKTOP), key=lambda size: size == own))


def ask(victim: Person) -> None:
    page = victim.page
    page.goto(f"{victim.url}/diagnostic/")
    for answer in ANSWERS:
        page.get_by_label(worded(answer)).check()
        victim.press("Continuer")
        expect(page.get_by_label(worded(answer))).to_have_count(0)
    victim.press("Voir quoi faire")
    page.get_by_role("link", name="Voir les prestataires").click()
    page.locator("input[name=q]").press_sequentially("59270")
    page.get_by_label(re.compile("^Bailleul")).check()
    victim.press("Ouvrir mon dossier")
    page.locator("input[name=noted]").check()
    page.locator("main form button[type=submit]").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Une aide technique payante")
    boxes = page.locator("input[name=providers]")
    expect(boxes).to_have_count(5)
    victim.press("Envoyer ma demande")
    expect(page.get_by_role("alert")).to_contain_text("Choisissez au moins un prestataire.")
    looked_at(victim)
    for place in range(3):
        boxes.nth(place).check()
    for name, value in SAID.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=paid]").check()
    victim.press("Envoyer ma demande")
    expect(page.get_by_text("Vos demandes sont parties")).to_be_visible()


def referral_walk(browser, place) -> None:
    """The provider never reads who asks before it accepts, nor once it has reported."""
    place.manage("load_providers", "--invent", "300")
    victim, provider = Person(browser, place.url, PHONE), Person(browser, place.url, DESKTOP)
    before = counted(place)
    ask(victim)
    addresses = links(place, 3)
    assert len(addresses) == 3

    for address in addresses:
        provider.page.goto(address)
        expect(provider.page.get_by_role("heading", level=1)).to_have_text("Une demande d’aide")
        assert not any(word in provider.page.content() for word in (*SAID.values(), "Bailleul"))
    provider.page.get_by_text("Refuser, sans reproche").click()
    provider.press("Refuser la demande")
    expect(provider.page.locator(":focus")).to_contain_text("Choisissez une raison.")
    looked_at(provider)
    provider.press("Accepter la demande")
    for word in SAID.values():
        expect(provider.page.get_by_text(word)).to_be_visible()
    provider.send("Bonjour, j’arrive à 14 h.")

    victim.page.goto(f"{place.url}/dossier/")
    victim.page.locator("#prestataires li", has_text="acceptée").get_by_role("link").click()
    victim.sees("j’arrive à 14 h.")
    victim.send("Merci, à tout à l’heure.")
    victim.sees("à tout à l’heure")
    provider.refresh()
    provider.sees("à tout à l’heure")

    looked_at(victim)

    provider.page.get_by_text("Remplir le compte rendu").click()
    looked_at(provider)
    provider.page.locator("[name=threat]").select_option("rancongiciel-organisation")
    for name, value in FOUND.items():
        provider.page.locator(f"[name={name}]").select_option(value)
    provider.page.locator("[name=done]").fill("Les postes sont remis en marche.")
    provider.press("Remettre le compte rendu")
    expect(provider.page.get_by_role("heading", level=1)).to_have_text("Merci, c’est terminé")
    assert not any(word in provider.page.content() for word in SAID.values())

    victim.refresh()
    expect(victim.page.get_by_text("Les postes sont remis en marche.")).to_be_visible()
    victim.press("Donner ma note")
    expect(victim.page.locator(":focus")).to_contain_text("Choisissez une note.")
    looked_at(victim)
    victim.page.locator("[name=rating][value='4']").check()
    victim.press("Donner ma note")
    expect(victim.page.get_by_text("4 sur 5")).to_be_visible()
    assert counted(place) == before + 1
    assert victim.alarms == provider.alarms == []
