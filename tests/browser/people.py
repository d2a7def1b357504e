"""The two people of the main job, as they act in a browser: one scenario, run on every shape of the guichet."""

import json
import re
from io import BytesIO

from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
ANSWERS = (
    "Moi",
    "On me menace, m'insulte, me fait chanter, me surveille, ou des images circulent",
    "On me fait chanter : « paie, ou je publie »",
    "De diffuser des images intimes que j'ai envoyées ou vues",
)
TALK = (
    ("victim", "Bonsoir. On me menace depuis hier, j'ai très peur… où être aidé ?"),
    ("agent", "Bonsoir. Vous avez bien fait de venir : vous n'êtes pas en faute."),
    ("victim", "Il a écrit « paie 200 € ou tout le monde voit » 😢"),
    ("agent", "Ne payez pas. Gardez les messages, ne répondez plus."),
    ("victim", "Son lien : https://exemple.test/p?a=1&b=<2>"),
    ("agent", "N'ouvrez pas ce lien. Avez-vous gardé des captures ?"),
    ("victim", "<script>alert('coucou')</script> voilà ce qu'il m'a envoyé"),
    ("agent", "Merci. Le texte est bien reçu, tel quel."),
    ("victim", "Cœur, Noël, où, ça, naïf, gêné — voilà mon pseudo : lola_59"),
    ("agent", "Je prépare la plainte avec ce que vous m'avez dit 👍"),
    ("victim", "Merci beaucoup. {{ 7*7 }} #let x = 1"),
    ("agent", "Courage. Relisez-la, puis déposez-la quand vous voulez."),
)


def worded(text: str) -> re.Pattern:
    """The whole text, whichever apostrophe or space typography put in it."""
    pattern = re.escape(text).replace("'", "['’]").replace("\\ ", "[ \u00a0\u202f]")
    return re.compile(f"^{pattern}$")


def squeezed(text: str) -> str:
    """Without white space: a PDF breaks lines where it must."""
    return re.sub(r"\s+", "", text)


class Person:
    def __init__(self, browser: Browser, url: str, viewport: dict, *, script: bool = True) -> None:
        self.url, self.script = url, script
        self.context = browser.new_context(viewport=viewport, java_script_enabled=script, locale="fr-FR")
        self.page: Page = self.context.new_page()
        self.alarms: list[str] = []
        self.page.on("dialog", lambda dialog: self.alarms.append(dialog.message))
        self.page.on("pageerror", lambda error: self.alarms.append(str(error)))
        self.page.on("console", self._heard)

    def _heard(self, message) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.alarms.append(message.text)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def send(self, text: str) -> None:
        self.page.locator("form.composer textarea").fill(text)
        self.press("Envoyer")

    def sees(self, text: str) -> None:
        """The message is shown, once; without script the page is asked for again until it is."""
        found = self.page.locator(".bubble", has_text=text)
        if not self.script:
            for _ in range(20):
                if found.count():
                    break
                self.page.wait_for_timeout(300)
                self.refresh()
        expect(found).to_have_count(1)

    def refresh(self) -> None:
        self.page.goto(self.page.url.partition("#")[0])

    def shown(self) -> list[str]:
        return [text.strip() for text in self.page.locator(".bubble:not(.bubble--note)").all_inner_texts()]


class Victim(Person):
    def diagnose(self) -> None:
        self.page.goto(f"{self.url}/")
        self.page.get_by_role("link", name="Commencer").first.click()
        for answer in ANSWERS:
            self.page.get_by_label(worded(answer)).check()
            self.press("Continuer")
            expect(self.page.get_by_label(worded(answer))).to_have_count(0)
        expect(self.page.get_by_text("Ne payez pas").first).to_be_visible()
        self.press("Voir quoi faire")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("sextorsion")

    def open_dossier(self) -> tuple[str, str]:
        self.page.get_by_role("link", name=re.compile("Parler à")).first.click()
        field = self.page.locator("input[name=q]")
        field.press_sequentially("59270")
        bailleul = self.page.get_by_label(re.compile("^Bailleul"))
        if not self.script:
            self.press("Ouvrir mon dossier")
        bailleul.check()
        self.press("Ouvrir mon dossier")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Votre dossier est ouvert")
        reference, code = (each.strip() for each in self.page.locator(".keys .code").all_inner_texts()[:2])
        self.page.locator("input[name=noted]").check()
        self.press("Continuer vers le tchat")
        return reference, code

    def ask_for_the_tchat(self) -> str:
        """The verification code, from the page where one waits."""
        ask = self.page.get_by_role("button", name="Demander le tchat")
        if ask.count():
            ask.click()
        expect(self.page.locator(".turn")).to_be_visible()
        code = self.page.locator(".code--big").inner_text().strip()
        self.page.get_by_role("link", name="Écrire mon premier message").click()
        return code

    def file_complaint(self) -> None:
        self.page.goto(f"{self.url}/dossier/plainte/")
        self._choose("quality", "victime")
        self.page.locator("input[name=read]").check()
        self.page.get_by_role("button", name=re.compile("ma plainte")).click()
        self.page.goto(f"{self.url}/dossier/plainte/declarant/")
        for name, value in {
            "birth_name": "Delattre",
            "first_names": "Lola",
            "birth_date": "27/03/1994",
            "birth_place": "Bailleul",
            "nationality": "française",
            "address": "1 rue de l'Exemple\n59270 Bailleul",
            "mobile": "06 39 98 12 34",
        }.items():
            self.page.locator(f"[name={name}]").fill(value)
        self.press("Enregistrer et continuer")
        self.page.goto(f"{self.url}/dossier/plainte/facts/")
        self.page.locator("[name=started_on]").fill("24/11/2026")
        self.press("Enregistrer et continuer")
        self.page.goto(f"{self.url}/dossier/plainte/declarations/")
        self._choose("heard", "sait-pas")
        self._choose("compensation", "oui")
        self.page.locator("input[name=truth]").check()
        self.press("Enregistrer et continuer")
        self.page.goto(f"{self.url}/dossier/plainte/relire/")
        self.press("Déposer ma plainte")
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Votre plainte est déposée")

    def _choose(self, name: str, value: str) -> None:
        field = self.page.locator(f"[name={name}]").first
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option(value)
        else:
            self.page.locator(f"[name={name}][value={value}]").check()

    def pieces(self) -> dict[str, bytes]:
        """Every piece of the filed complaint, by the end of its file name."""
        links = [link.get_attribute("href") for link in self.page.locator("a[href*='/dossier/pieces/']").all()]
        found = {}
        for link in dict.fromkeys(links):
            answer = self.context.request.get(self.url + link)
            assert answer.status == 200, link
            name = re.search(r'filename="?([^";]+)', answer.headers["content-disposition"])[1]
            found[name] = answer.body()
        return found


class AgentPerson(Person):
    def sign_in(self, username: str, password: str) -> None:
        self.page.goto(f"{self.url}/console/")
        self.page.locator("input[name=username]").fill(username)
        self.page.locator("input[name=password]").fill(password)
        self.press("Entrer")
        expect(self.page).to_have_url(re.compile("/console/"))

    def waiting(self) -> int:
        self.page.goto(f"{self.url}/console/")
        return self.page.locator(".queue a", has_text="Sextorsion").count()

    def take(self) -> None:
        self.page.goto(f"{self.url}/console/")
        self.page.locator(".queue a", has_text="Sextorsion").first.click()
        self.press("Prendre cette conversation")
        expect(self.page.locator("form.composer")).to_be_visible()

    def prepare_complaint(self) -> None:
        self.press("Préparer la plainte")
        expect(self.page.get_by_text("Commencée").first).to_be_visible()

    def close(self) -> None:
        self.page.get_by_text("Terminer la conversation").first.click()
        self.page.locator("[name=outcome]").first.wait_for(state="attached")
        field = self.page.locator("[name=outcome]").first
        if field.evaluate("node => node.tagName") == "SELECT":
            field.select_option("plainte-preparee")
        else:
            self.page.locator("[name=outcome][value=plainte-preparee]").check(force=True)
        self.page.locator("form[action*='/clore/'] button[type=submit]").click()


def talk(victim: Victim, agent: AgentPerson) -> None:
    sides = {"victim": (victim, agent), "agent": (agent, victim)}
    for side, text in TALK:
        writer, reader = sides[side]
        writer.send(text)
        writer.sees(text)
        reader.sees(text)


def check_pieces(pieces: dict[str, bytes]) -> None:
    """The text of every message is in the transcript, as a PDF and as data."""
    paper = next(content for name, content in pieces.items() if "transcription" in name and name.endswith(".pdf"))
    data = next(content for name, content in pieces.items() if "transcription" in name and name.endswith(".json"))
    printed = squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(paper)).pages))
    bodies = [message["body"] for message in json.loads(data)["messages"]]
    for _, text in TALK:
        assert text in bodies
        assert squeezed(text) in printed, text
    assert any(name.startswith("recepisse") for name in pieces), list(pieces)


def main_job(browser: Browser, victim_url: str, agent_url: str, *, script: bool) -> None:
    """From the first question to the filed complaint with its transcript."""
    victim = Victim(browser, victim_url, PHONE, script=script)
    policeman, gendarme = AgentPerson(browser, agent_url, DESKTOP), AgentPerson(browser, agent_url, DESKTOP)
    policeman.sign_in("policier", "policier-demo-59")
    gendarme.sign_in("gendarme", "gendarme-demo-59")
    victim.diagnose()
    victim.open_dossier()
    code = victim.ask_for_the_tchat()
    assert gendarme.waiting() == 0
    policeman.take()
    expect(policeman.page.get_by_text(code).first).to_be_visible()
    if not script:
        victim.refresh()
    talk(victim, policeman)
    assert victim.shown() and len(victim.shown()) == len(policeman.shown()) == len(TALK)
    policeman.prepare_complaint()
    policeman.close()
    victim.file_complaint()
    check_pieces(victim.pieces())
    policeman.page.goto(f"{agent_url}/console/plaintes/")
    expect(policeman.page.get_by_text("Sextorsion").first).to_be_visible()
    assert victim.alarms == policeman.alarms == []
    for person in (victim, policeman, gendarme):
        person.context.close()
