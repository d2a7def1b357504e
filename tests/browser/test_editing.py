"""The life of a change, in a browser: one editor writes it, another lets it out, the public reads it within seconds."""

import re
import time

import pytest
from playwright.sync_api import Page, expect

from tests import places
from tests.browser.looks import looks_right
from tests.browser.people import ANSWERS, DESKTOP, PHONE, Person, Victim, worded

pytestmark = pytest.mark.browser
AUTHOR, READER = "redactrice", "relecteur"
VERSIONS = "/admin/diagnostic/treeversion/"
BEFORE, AFTER = "De quoi vous menace-t-on ?", "Que veut obtenir cette personne ?"
ANSWER_BEFORE, ANSWER_AFTER = ANSWERS[3], "Publier des images intimes"
WITHIN = 5.0
MOST_TABS = 150


@pytest.fixture(scope="module")
def place():
    found = places.laptop()
    try:
        yield found.start()
    finally:
        found.stop()


class Editor(Person):
    """Works with the keyboard alone: Tab to a thing, Enter or Space on it, letters in it."""

    def sign_in(self, username: str) -> "Editor":
        self.page.goto(f"{self.url}/admin/")
        self.page.locator("input[name=username]").fill(username)
        self.page.locator("input[name=password]").fill(f"{username}-demo-59")
        self.page.keyboard.press("Enter")
        expect(self.page).to_have_url(f"{self.url}/admin/")
        return self

    def reach(self, wanted: str) -> None:
        """Tab to the control of this name (its words, or its label), which must then show that it is reached."""
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.page.evaluate(NAME) == wanted:
                assert self.page.evaluate(SHOWN), f"nothing shows the focus on « {wanted} »"
                return
        raise AssertionError(f"the keyboard does not reach « {wanted} » on {self.page.url}")

    def follow(self, wanted: str) -> None:
        self.reach(wanted)
        self.enter()

    def enter(self) -> None:
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def write(self, field: str, words: str) -> None:
        self.reach(field)
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(words)

    def tab(self, name: str) -> None:
        self.follow(name)
        expect(self.page.locator(".ed-tabs [aria-current=page]")).to_have_text(name)

    def open_version(self, number: int) -> None:
        self.page.goto(self.url + VERSIONS)
        self.follow(str(number))
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(f"Version {number}")

    def reads(self, words: str) -> None:
        expect(self.page.locator("#content")).to_contain_text(words)

    def hears(self, words: str) -> None:
        expect(self.page.locator(".messagelist")).to_contain_text(words)


NAME = """() => {
  const e = document.activeElement;
  const label = e.labels && e.labels.length ? e.labels[0].innerText : '';
  return (label || e.getAttribute('aria-label') || e.innerText || e.value || '').trim();
}"""
# The keyboard's place is seen: an outline or a shadow, or a border that differs from the same thing left alone.
SHOWN = """() => {
  const e = document.activeElement, look = () => {
    const s = getComputedStyle(e);
    return [s.outlineStyle, s.outlineWidth, s.boxShadow, s.borderColor, s.backgroundColor, s.color, s.textDecoration];
  };
  const there = look().join();
  e.blur();
  const gone = look().join();
  e.focus();
  return there !== gone;
}"""


def first_shown(page: Page, url: str, words: str) -> float:
    """Seconds until somebody who begins now is asked with these words."""
    started = time.monotonic()
    while time.monotonic() - started < 30:
        page.context.clear_cookies()
        page.goto(f"{url}/diagnostic/")
        for answer in ANSWERS[:3]:
            page.get_by_label(worded(answer)).check()
            page.get_by_role("button", name="Continuer").click()
            expect(page.get_by_label(worded(answer))).to_have_count(0)
        if worded(words).match(page.get_by_role("heading", level=1).inner_text()):
            return time.monotonic() - started
    raise AssertionError(f"« {words} » is not asked")


def write_the_change(author: Editor) -> int:
    author.page.goto(author.url + VERSIONS)
    author.follow("Commencer un brouillon")
    number = int(re.search(r"Version (\d+)", author.page.get_by_role("heading", level=1).inner_text())[1])
    author.tab("Contenu")
    author.write("Chercher", "menace-t-on")
    author.enter()
    author.follow("q_chantage")
    author.write("Question", AFTER)
    author.reach("Réponse a1 : De diffuser des images intimes que j'ai envoyées ou vues → sextorsion")
    author.page.keyboard.press("Enter")
    author.write("Texte", ANSWER_AFTER)
    author.follow("Enregistrer")
    author.hears("Enregistré dans le brouillon.")
    return number


def break_it_and_mend_it(author: Editor) -> None:
    """In YAML: what is wrong is told at its line, and nothing typed is lost."""
    author.follow("en YAML")
    right = author.page.locator("#text").input_value()
    assert AFTER in right
    wrong = right.replace(f"q: {AFTER}", f"q: {AFTER}\n  onclick: alert(1)")
    line = wrong.splitlines().index("  onclick: alert(1)") + 1
    author.reach("Texte YAML")
    author.page.keyboard.press("Control+A")
    author.page.keyboard.insert_text(wrong)
    author.follow("Enregistrer")
    expect(author.page.get_by_role("alert")).to_contain_text(f"ligne {line} : q_chantage : onclick : cette clé n'est")
    expect(author.page.locator(f"#ligne-{line}")).to_contain_text("cette clé n'est pas connue")
    assert author.page.locator("#text").input_value() == wrong
    author.reach(f"ligne {line}")
    author.page.keyboard.press("Enter")
    expect(author.page.locator(f"#ligne-{line}")).to_be_in_viewport()
    author.reach("Texte YAML")
    author.page.keyboard.press("Control+A")
    author.page.keyboard.insert_text(right)
    author.follow("Enregistrer")
    author.hears("Enregistré dans le brouillon.")


def look_at_it(author: Editor) -> None:
    author.tab("Contrôles")
    author.reads("parcours rejoués. 0 finirait ailleurs")
    expect(author.page.locator(".ed-bad")).to_have_count(0)
    author.tab("Différences")
    author.reads("1 différence avec la version 1")
    expect(author.page.locator("del")).to_have_text([BEFORE, ANSWER_BEFORE])
    expect(author.page.locator("ins")).to_have_text([AFTER, ANSWER_AFTER])
    author.tab("Dessin")
    author.follow("personnes")
    picture = author.page.locator(".ed-drawing img")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 500")
    expect(author.page.locator("#n-q_chantage")).to_contain_text(f"≠ changé {AFTER}")
    author.follow("Aperçu")
    for answer in ANSWERS[:3]:
        expect(author.page.get_by_text("Brouillon, version 2")).to_be_visible()
        author.page.get_by_label(worded(answer)).focus()
        author.page.keyboard.press("Space")
        author.page.keyboard.press("Enter")
        expect(author.page.get_by_label(worded(answer))).to_have_count(0)
    expect(author.page.get_by_role("heading", level=1)).to_have_text(worded(AFTER))
    expect(author.page.get_by_label(worded(ANSWER_AFTER))).to_have_count(1)
    author.follow("Revenir à la version")


def test_change_goes_from_one_editor_through_another_to_the_public_and_back(browser, place):
    author = Editor(browser, place.url, DESKTOP).sign_in(AUTHOR)
    reader = Editor(browser, place.url, DESKTOP).sign_in(READER)
    victim = Victim(browser, place.url, PHONE)
    number = write_the_change(author)
    break_it_and_mend_it(author)
    look_at_it(author)

    author.follow("Envoyer en relecture")
    author.reads("Vous avez écrit dans cette version : une autre personne doit la relire.")
    expect(author.page.get_by_role("button", name="Approuver et publier")).to_have_count(0)
    first_shown(victim.page, place.url, BEFORE)

    reader.open_version(number)
    reader.follow("Lire les différences")
    expect(reader.page.locator("ins")).to_have_text([AFTER, ANSWER_AFTER])
    reader.tab("Résumé")
    reader.follow("Approuver et publier")
    reader.hears("Publiée. Chaque serveur la sert dans les cinq secondes.")
    published = first_shown(victim.page, place.url, AFTER)

    reader.open_version(1)
    reader.follow("Reprendre cette version")
    reader.hears("La version 1 est de nouveau publiée, sous le numéro 3.")
    back = first_shown(victim.page, place.url, BEFORE)

    assert max(published, back) <= WITHIN, (published, back)
    assert author.alarms == reader.alarms == victim.alarms == []
    for person in (author, reader, victim):
        person.context.close()


@pytest.fixture
def pages(browser, place):
    """(an editor, the addresses of a draft that changes one question)."""
    author = Editor(browser, place.url, DESKTOP).sign_in(AUTHOR)
    page = author.page
    page.goto(place.url + VERSIONS)
    author.press("Commencer un brouillon")
    base = page.url.removeprefix(place.url).removesuffix("resume/")
    page.goto(f"{place.url}{base}contenu/nodes/element/q_chantage/")
    page.get_by_label("Question", exact=True).fill(AFTER)
    author.press("Enregistrer")
    own = ("resume/", "contenu/", "contenu/threats/", "contenu/nodes/element/q_chantage/", "controles/", "differences/",
           "contenu/nodes/element/q_chantage/?yaml", "contenu/threats/element/sextorsion/", "dessin/personnes/",
           "contenu/nodes/fichier/?f=tree/danger.yaml", "contenu/nodes/element/nouveau/", "apercu/")  # fmt: skip
    others = ("/admin/", VERSIONS, f"{VERSIONS}1/resume/", "/admin/diagnostic/announcement/add/",
              "/admin/diagnostic/sheettext/add/")  # fmt: skip
    yield author, base, [*others, *(base + each for each in own)]
    author.context.close()


def test_axe_finds_nothing_where_editors_write(pages, place):
    author, _, addresses = pages
    for address in addresses:
        author.page.goto(place.url + address)
        looks_right(author.page, PHONE, DESKTOP)


@pytest.mark.parametrize("way", ["?yaml", ""])
def test_axe_finds_nothing_on_a_text_with_faults(pages, place, way):
    author, base, _ = pages
    for size in (PHONE, DESKTOP):
        author.page.set_viewport_size(size)
        author.page.goto(f"{place.url}{base}contenu/nodes/element/q_chantage/{way}")
        if way:
            author.page.locator("#text").fill("q_chantage:\n  q: Qui : quoi\n" + "  a: " + "x" * 300)
        else:
            author.page.get_by_label("Question", exact=True).fill("<b>Qui ?</b>")
        author.press("Enregistrer")
        expect(author.page.get_by_role("alert")).to_be_visible()
        looks_right(author.page)


def test_editor_works_without_script(browser, place):
    author = Editor(browser, place.url, PHONE, script=False).sign_in(AUTHOR)
    page = author.page
    page.goto(place.url + VERSIONS)
    author.press("Commencer un brouillon")
    draft = page.url

    page.goto(draft.replace("/resume/", "/contenu/nodes/element/q_chantage/"))
    page.get_by_label("Question", exact=True).fill(AFTER)
    author.press("Enregistrer")
    author.hears("Enregistré dans le brouillon.")
    page.goto(draft)
    author.press("Envoyer en relecture")

    author.reads("une autre personne doit la relire")
    author.context.close()
