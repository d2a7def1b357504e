"""Hostile drafts, as an editor would send them: each is told in French at its line, none can be published."""

import html
import json
import re

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from diagnostic import content
from diagnostic.editing import live, services, stored, yaml_text
from diagnostic.models import State, TreeVersion
from guichet import doctor
from tests.diagnostic.editors import person

pytestmark = [pytest.mark.django_db, pytest.mark.once]
NODE = "q_chantage"


@pytest.fixture(autouse=True)
def served():
    live.VERSIONS.forget()
    yield live.VERSIONS
    live.VERSIONS.forget()


@pytest.fixture
def author():
    return person("autrice")


@pytest.fixture
def draft(author):
    return services.new_draft(agent=author)


@pytest.fixture
def writing(client, author):
    client.force_login(author)
    return client


def url(version, name: str, *args: str) -> str:
    return reverse(f"admin:diagnostic_treeversion_{name}", args=[version.pk, *args])


def text(response) -> str:
    return " ".join(html.unescape(response.content.decode()).split())


def item(*labels: str, more: str = "") -> str:
    """A question as an editor writes it: the first label stands on line 5."""
    answers = "".join(f'    - id: a{rank}\n      t: "{label}"\n' for rank, label in enumerate(labels, 1))
    answers = answers.replace('"\n', '"\n      diag: sextorsion\n      facts: f_chantage\n')
    return f"{NODE}:\n  q: Une question ?\n{more}  a:\n{answers}"


SURE = "Je ne sais pas"
BOMB = "".join(f"b{n}: &b{n} [*b{n - 1}, *b{n - 1}, *b{n - 1}]\n" for n in range(1, 30))
# what is sent -> (section, item, text, line, what the page says)
SENT = {
    "bomb": ("nodes", NODE, f"{NODE}:\n  q: x\nb0: &b0 [x, x]\n{BOMB}", 3, "les renvois « & » et « * »"),
    "alias loop": ("nodes", NODE, f"{NODE}: &a\n  q: x\n  a: [*a]\n", 1, "les renvois « & » et « * »"),
    "merge key": ("nodes", NODE, f"{NODE}:\n  q: &q {{a: b}}\n  <<: *q\n", 2, "les renvois « & » et « * »"),
    "python tag": ("nodes", NODE, f"{NODE}:\n  q: !!python/name:os.system x\n", 2, "étiquette « ! » non admise"),
    "binary": ("nodes", NODE, f"{NODE}:\n  q: !!binary aGVsbG8=\n", 2, "étiquette « ! » non admise"),
    "no number": ("nodes", NODE, f"{NODE}:\n  q: x\n  help: .nan\n", 3, "nombre non admis"),
    "endless number": ("nodes", NODE, f"{NODE}:\n  q: {'9' * 9000}\n", 2, "nombre non admis"),
    "endless hexadecimal": ("nodes", NODE, f"{NODE}:\n  q: 0x{'f' * 9000}\n", 2, "nombre non admis"),
    "half a sign": ("nodes", NODE, f'{NODE}:\n  q: "\\ud800"\n', 2, "signe « \\ » non compris"),
    "nesting": ("nodes", NODE, f"{NODE}:\n  q: " + "[" * 4000, 2, "trop imbriqué"),
    "key twice": ("nodes", NODE, f"{NODE}:\n  q: x\n  q: y\n", 3, "écrite deux fois"),
    "number as key": ("nodes", NODE, f"{NODE}:\n  q: x\n  12: y\n", 3, "doit être un texte"),
    "script": ("nodes", NODE, item(SURE, "<script>alert(1)</script>"), 9, "les balises et le code ne sont pas admis"),
    "image": ("nodes", NODE, item("<img src=x onerror=alert(1)>", SURE), 5, "les balises et le code ne sont pas admis"),
    "entity": ("nodes", NODE, item("&#60;b&#62;", SURE), 5, "les balises et le code ne sont pas admis"),
    "template": ("nodes", NODE, item("{{ request.user }}", SURE), 5, "les balises et le code ne sont pas admis"),
    "link": ("nodes", NODE, item("[Aide](javascript:alert(1))", SURE), 5, "les balises et le code ne sont pas admis"),
    "reversed": ("nodes", NODE, item(SURE, "Payez \\u202Eici"), 9, "signe invisible U+202E"),
    "hidden": ("nodes", NODE, f"{NODE}:\n  q: Payez \u202eici\n", 2, "signe invisible"),
    "no width": ("nodes", NODE, item(SURE, "Pay\\u200Bez"), 9, "signe invisible U+200B"),
    "long": ("nodes", NODE, item(SURE, "x" * 5000), 9, "texte trop long (5000 signes)"),
    "too big": ("nodes", NODE, item("x" * 400_000, SURE), 0, "trop gros : 300 ko au plus"),
    "unknown field": ("nodes", NODE, item(SURE, more="  onclick: alert(1)\n"), 3, "cette clé n'est pas connue"),
    "unknown kind": ("nodes", NODE, item(SURE, more="  kind: exec\n"), 3, "attendu"),
    "unknown question": ("nodes", NODE, item(SURE).replace("diag: sextorsion", "go: q_rien"), 6, "n'existe pas"),
    "web address": ("channels", "3018", "url: javascript:alert(1)", 0, "l'écriture n'est pas celle attendue"),
    "plain http": ("channels", "3018", "url: http://exemple.invalid/", 0, "l'écriture n'est pas celle attendue"),
    "false number": ("channels", "3018", "tel: javascript:alert(1)", 0, "l'écriture n'est pas celle attendue"),
    "code": ("actions", "opposition", "if: __import__('os').system('true')", 0, "condition"),
    "deep condition": ("actions", "opposition", f"if: {'(' * 290}minor{')' * 290}", 0, "condition"),
}  # fmt: skip


def written(version, section: str, key: str, words: str) -> tuple[str, int]:
    """A whole text as it is; one field (« name: value ») put in the item as it stands, and its line."""
    if words.startswith(f"{key}:"):
        return words, 0
    name, _, value = words.partition(": ")
    raw = services.document_of(version).data[section][key]
    whole = yaml_text.write({key: {**raw, name: value}})
    return whole, next(rank for rank, line in enumerate(whole.splitlines(), 1) if f"{name}: " in line)


@pytest.mark.parametrize("name", SENT)
def test_hostile_text_is_told_at_its_line_and_never_published(writing, draft, name):
    section, key, words, line, said = SENT[name]
    words, found = written(draft, section, key, words)
    address = url(draft, "item", section, key) + "?yaml"

    page = text(writing.post(address, {"text": words, "revision": 0}))

    line = line or found
    where = f'<li><a href="#ligne-{line}">ligne {line}</a> : ' if line else "<li>"
    assert re.search(f"{re.escape(where)}[^\0]*?{re.escape(said)}", page), page[page.find("ed-faults") :][:600]
    draft.refresh_from_db()
    assert draft.revision == 0
    writing.post(address, {"text": words, "revision": 0, "force": "1"})
    after = text(writing.post(url(draft, "act"), {"do": "review"}, follow=True))
    draft.refresh_from_db()
    assert draft.revision == 0 or (draft.state == State.DRAFT and "erreur" in after)


@pytest.mark.parametrize("size", [2_000_000, 5_000_000])
def test_text_of_megabytes_is_refused_in_words(writing, draft, size):
    response = writing.post(url(draft, "item", "nodes", NODE) + "?yaml", {"text": "x" * size, "revision": 0})

    assert response.status_code == 413
    assert "Ce texte est trop long" in text(response)
    draft.refresh_from_db()
    assert draft.revision == 0


@pytest.mark.parametrize("name", ["script", "link", "template"])
def test_hostile_label_of_a_form_is_told_and_shown_as_text(writing, draft, name):
    label = re.findall(r't: "(.*)"', SENT[name][2])[0 if name != "script" else 1]
    address = url(draft, "item", "nodes", NODE)
    form = writing.get(address).context["form"]
    data = {"revision": 0}
    for field in (field for part in form.forms for field in part):
        if field.value() not in (None, "", False, []):
            data[field.html_name] = field.value()

    response = writing.post(address, data | {"a1-t": label})

    assert response.status_code == 422
    assert "Réponse 1, texte : " in text(response)
    assert "les balises et le code ne sont pas admis" in text(response)
    assert "<script>alert" not in response.content.decode()


# --- what stands in the database, changed by somebody who can write there -----------------------------
def tampered(version: TreeVersion, change, *, digest: bool) -> None:
    data = json.loads(version.document)
    change(data)
    found = content.Document(data).text()
    fields = {"hash": stored.digest_of(found)} if digest else {}
    TreeVersion.objects.filter(pk=version.pk).update(document=found, **fields)
    version.refresh_from_db()


def script(data):
    data["nodes"][NODE]["q"] = "<script>alert(1)</script>"


def other_number(data):
    data["nodes"][NODE]["q"] = "Appelez le 0899 99 99 99"


def no_nodes(data):
    data["nodes"] = []


TAMPERED = {"script": script, "other number": other_number, "no nodes": no_nodes}


@pytest.mark.parametrize("name", TAMPERED)
def test_draft_tampered_with_in_review_is_not_published(client, author, draft, name):
    services.send_to_review(agent=author, draft=draft)
    seen = draft.hash
    tampered(draft, TAMPERED[name], digest=name == "script")
    client.force_login(person("relecteur"))

    page = text(client.post(url(draft, "act"), {"do": "approve", "seen": seen}, follow=True))

    assert "l'empreinte ne correspond pas" in page or "a changé depuis que vous l’avez lue" in page
    assert TreeVersion.objects.get(state=State.PUBLISHED).number == 1


def test_script_put_in_the_published_version_is_not_served(client):
    version = services.ensure_first()
    tampered(version, script, digest=True)
    live.VERSIONS.forget()

    assert live.VERSIONS.refresh() is False
    assert content.published().version == content.from_files().version
    found = next(finding for finding in doctor.findings() if finding.part == "arbre")
    assert (found.good, "les balises et le code ne sont pas admis" in found.says) == (False, True)
    assert client.get("/diagnostic/").status_code == 200


@pytest.mark.parametrize("name", ["script", "no nodes"])
def test_hostile_version_is_not_taken_up_again(name):
    first = services.ensure_first()
    call_command("tree", "publish", "--files")
    tampered(first, TAMPERED[name], digest=True)

    with pytest.raises(CommandError):
        call_command("tree", "publish", "--version", "1")

    assert TreeVersion.objects.get(state=State.PUBLISHED).number == 2


# --- whatever is typed --------------------------------------------------------------------------------
PIECES = [
    "a", "b: ", "q: x", "\n", "\n  ", "- ", "[", "]", "{", "}", "&a ", "*a", "!!int ", "!x ", '"', "'", "|", ">", "#",
    "%", "? ", ": ", "<<: ", "---\n", "\t", "\\ud800", "\\x00", "9" * 30, "0x", ".nan", "1e9", "~", "null", "true", "é",
    "\u202e", "\x00", "\r\n", "\u2028",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
@settings(max_examples=400, deadline=None)
def test_whatever_is_typed_is_read_or_told_in_french(words):
    try:
        found = yaml_text.read(words)
    except yaml_text.Faulty as error:
        said = [fault.message for fault in error.faults]
        assert said and not any(re.search(r"\b(while|found|expected|scanning|mapping)\b", each) for each in said), said
    else:
        assert json.loads(json.dumps(found, allow_nan=False)) == found
