"""One walk per audience, from the first question to the paper: an adult online, a minor who reports, an insured
company, a town hall, and a report that becomes a complaint. Papers are drawn as pictures, their structure looked at.

Without script: what works so works everywhere, and the pages of the others are walked with script elsewhere.
"""

import io
import re
import subprocess

import pikepdf
import pytest
from playwright.sync_api import Page, expect

from diagnostic import recorded
from tests import places
from tests.browser.people import DESKTOP, PHONE, AgentPerson, Person, Victim

pytestmark = pytest.mark.browser
SHOTS = places.ROOT / "var" / "screens"
DECLARANT = {
    "birth_name": "Delattre",
    "first_names": "Lola",
    "birth_date": "27/03/1994",
    "birth_place": "Bailleul",
    "nationality": "française",
    "address": "1 rue de l'Exemple\n59270 Bailleul",
    "mobile": "06 39 98 12 34",
}
ORGANISATION = {"name": "Les Ateliers", "head_office": "1 place du Marché", "mandate": "gérante"}


@pytest.fixture(scope="module")
def place():
    found = places.laptop()
    try:
        yield found.start()
    finally:
        found.stop()


@pytest.fixture(scope="module")
def answers():
    return {each.id: each.answers for each in recorded.read()}


@pytest.fixture
def person(browser, place):
    found = Person(browser, place.url, PHONE, script=False)
    yield found
    assert found.alarms == []
    found.context.close()


def diagnose(person: Person, told: dict, **changes) -> None:
    page = person.page
    page.goto(f"{person.url}/diagnostic/")
    left = list({**told, **changes}.values())
    while page.locator("#question").count():
        boxes = "#question form:has(.actions) input[value='{}']"
        values = next(each for each in left if all(page.locator(boxes.format(value)).count() for value in each))
        left.remove(values)
        for value in values:
            page.locator(boxes.format(value)).first.check()
        with page.expect_navigation():
            page.locator("#question .actions button[type=submit]").click()
    expect(page.locator("#question")).to_have_count(0)


def open_dossier(person: Person, follow: str) -> None:
    page = person.page
    page.goto(f"{person.url}/dossier/ouvrir/?suite={follow}")
    page.locator("input[name=q]").fill("59270")
    person.press("Ouvrir mon dossier")
    page.get_by_label(re.compile("^Bailleul")).check()
    person.press("Ouvrir mon dossier")
    page.locator("input[name=noted]").check()
    page.locator("main form button[type=submit]").last.click()


def fill(person: Person, section: str, values: dict, *, flow: str = "plainte", **choices: str) -> None:
    page = person.page
    page.goto(f"{person.url}/dossier/{flow}/{section}/")
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(value)
    for name, value in choices.items():
        page.locator(f"[name={name}][value={value}]").check()
    person.press("Enregistrer et continuer")


def complain(person: Person, *, quality: str, organisation: bool = False) -> dict[str, bytes]:
    """From the notices to the papers: who complains is said first, and proven when it is for another."""
    page = person.page
    page.locator(f"[name=quality][value={quality}]").check()
    page.locator("input[name=read]").check()
    page.get_by_role("button", name=re.compile("ma plainte")).click()
    if organisation:
        shoot(page, "qui-porte-plainte")
        person.press("Enregistrer et continuer")
        expect(page.get_by_text("Dites comment vous prouvez").first).to_be_visible()
        fill(person, "capacity", {}, proof="unite")
    fill(person, "declarant", DECLARANT)
    if organisation:
        fill(person, "organisation", ORGANISATION)
    fill(person, "facts", {"started_on": "24/11/2026"})
    page.goto(f"{person.url}/dossier/plainte/declarations/")
    page.locator("[name=heard][value=non]").check()
    page.locator("[name=compensation][value=oui]").check()
    page.locator("[name=truth]").check()
    person.press("Enregistrer et continuer")
    page.goto(f"{person.url}/dossier/plainte/relire/")
    person.press("Déposer ma plainte")
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre plainte est déposée")
    return Victim.pieces(person)


def report(person: Person) -> dict[str, bytes]:
    person.press("Commencer mon signalement")
    fill(person, "facts", {"started_on": "24/11/2026", "site": "Instagram"}, flow="signalement")
    person.page.goto(f"{person.url}/dossier/signalement/relire/")
    shoot(person.page, "signalement-relire")
    person.press("Envoyer mon signalement")
    expect(person.page.get_by_role("heading", level=1)).to_have_text("Votre signalement est envoyé")
    return Victim.pieces(person)


def shoot(page: Page, name: str) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    own = page.viewport_size
    for size in (PHONE, DESKTOP):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        page.screenshot(path=str(SHOTS / f"{name}-{size['width']}.png"), full_page=True)
    page.set_viewport_size(own)


def words_of(papers: dict[str, bytes], start: str, folder) -> str:
    """The text of one paper, once its picture is drawn and its structure is that of a readable document."""
    name, content = next((name, content) for name, content in papers.items() if name.startswith(start))
    path = folder / name
    path.write_bytes(content)
    subprocess.run(["pdftoppm", "-r", "60", "-png", str(path), str(folder / start)], check=True)
    for picture in folder.glob(f"{start}*.png"):
        assert picture.stat().st_size > 3000, "an empty page"
        (SHOTS / f"papier-{picture.name}").write_bytes(picture.read_bytes())
    with pikepdf.open(io.BytesIO(content)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert str(opened.Root.Lang) == "fr-FR"
        assert str(opened.docinfo.get("/Title", "")) or opened.Root.ViewerPreferences.DisplayDocTitle
        kinds = tags(opened)
    assert {"/H1", "/P"} <= kinds, kinds
    assert kinds & {"/Table", "/L"}, kinds
    text = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True, text=True).stdout
    return " ".join(text.split())


def tags(opened: pikepdf.Pdf) -> set[str]:
    found, left = set(), [opened.Root.StructTreeRoot]
    while left:
        node = left.pop()
        if isinstance(node, pikepdf.Array):
            left.extend(node)
        elif isinstance(node, pikepdf.Dictionary):
            if "/S" in node:
                found.add(str(node.S))
            if "/K" in node:
                left.append(node.K)
    return found


def test_adult_reads_the_online_way_and_files(person, answers, tmp_path):
    diagnose(person, answers["faux-site-vente-particulier"])
    open_dossier(person, "plainte")
    expect(person.page.get_by_text("En ligne, sur THESEE")).to_be_visible()
    expect(person.page.get_by_text(re.compile("traite.: faux site de vente"))).to_be_visible()
    shoot(person.page, "conditions-particulier")

    papers = complain(person, quality="victime")

    words = words_of(papers, "plainte", tmp_path)
    assert "Déclarée, pas encore vérifiée" in words
    assert "Delattre" in words
    assert "Vérifier ce récépissé" in words_of(papers, "recepisse", tmp_path)


def test_minor_is_kept_from_complaining_and_reports(person, answers, tmp_path):
    diagnose(person, answers["enfant-seul-chantage-images"])
    open_dossier(person, "plainte")
    shoot(person.page, "conditions-mineur")
    person.page.locator("input[name=read]").check()
    person.page.get_by_role("button", name=re.compile("ma plainte")).click()
    expect(person.page.get_by_text("Seul un parent ou le représentant légal").first).to_be_visible()
    person.page.get_by_role("link", name="Faire un signalement", exact=True).click()
    shoot(person.page, "signalement-avant")

    papers = report(person)

    words = words_of(papers, "signalement", tmp_path)
    assert "Elle n’a pas dit qui elle est." in words
    assert "n’est pas une plainte" in words_of(papers, "accuse", tmp_path)
    assert not any(name.startswith("plainte") for name in papers)


def test_insured_company_reads_the_72_hours_and_files(person, answers, tmp_path):
    diagnose(person, answers["rancongiciel-organisation-entreprise"], f_o_impact=("insured_cyber",))
    open_dossier(person, "plainte")
    expect(person.page.get_by_text("dans les 72 heures").first).to_be_visible()
    shoot(person.page, "conditions-entreprise")

    words = words_of(complain(person, quality="representant-organisation", organisation=True), "plainte", tmp_path)

    assert "Les Ateliers" in words


def test_town_hall_files(person, answers, tmp_path):
    diagnose(person, answers["mairie-rancon"])
    open_dossier(person, "plainte")
    expect(person.page.get_by_text("THESEE n’est pas ouvert aux organisations")).to_be_visible()

    words = words_of(complain(person, quality="representant-organisation", organisation=True), "plainte", tmp_path)

    assert "gérante" in words
    assert "Sera montré à l’unité" in words


def test_report_without_a_name_becomes_a_complaint_told_once(person, browser, place, answers, tmp_path):
    agent = AgentPerson(browser, place.url, DESKTOP)
    diagnose(person, answers["sextorsion-particulier"])
    open_dossier(person, "signalement")
    report(person)
    shoot(person.page, "signalement-envoye")
    number = re.search(r"SG-\d{4}-\w{6}", person.page.content())[0]

    agent.sign_in("policier", "policier-demo-59")
    agent.page.goto(f"{place.url}/console/plaintes/")
    agent.page.get_by_role("link", name=number).click()
    expect(agent.page.get_by_text(number).first).to_be_visible()
    shoot(agent.page, "console-signalement")

    person.page.get_by_role("link", name="Porter plainte avec ce qui est écrit").click()
    papers = complain(person, quality="victime")

    assert "Instagram" in words_of(papers, "plainte", tmp_path)
    assert any(name.startswith("signalement") for name in papers)
    person.page.goto(f"{place.url}/dossier/")
    shoot(person.page, "dossier-suivi")
    agent.context.close()
