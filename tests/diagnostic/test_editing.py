"""The pages where editors write: forms, YAML with errors at the line, checks, differences, picture, preview."""

import copy
import re
import xml.etree.ElementTree as Tree

import pytest
from django.core.management import call_command
from django.urls import reverse

from diagnostic import content, engine, graph
from diagnostic.editing import compare, examine, live, picture, replay, services, svg, yaml_text
from diagnostic.editing.preview import COOKIE
from diagnostic.journey import COOKIE as JOURNEY
from diagnostic.journey import Journey
from diagnostic.models import Diagnosis, State, TreeVersion
from diagnostic.services import save_diagnosis
from guichet.accounts.enums import Role
from guichet.observatory.models import Count
from tests.diagnostic.editors import person

pytestmark = pytest.mark.once
NODE = "q_chantage"
CSP_BREAKERS = re.compile(r"\sstyle=|<style|\son[a-z]+=|<script(?![^>]*\ssrc=)")


@pytest.fixture(autouse=True)
def served(monkeypatch, _document):
    monkeypatch.setattr(content, "read", lambda: content.Document(copy.deepcopy(_document.data), _document.files))
    live.VERSIONS.forget()
    yield
    live.VERSIONS.forget()


@pytest.fixture
def author(db):
    return person("autrice")


@pytest.fixture
def draft(author):
    return services.new_draft(agent=author, note="Essai")


@pytest.fixture
def writing(client, author):
    client.force_login(author)
    return client


def url(version, name: str, *args: str) -> str:
    return reverse(f"admin:diagnostic_treeversion_{name}", args=[version.pk, *args])


def text(response) -> str:
    return " ".join(response.content.decode().replace("&#x27;", "'").replace("&quot;", '"').split())


def item_url(version, key: str = NODE, section: str = "nodes") -> str:
    return url(version, "item", section, key)


def yaml_of(version, key: str = NODE, section: str = "nodes") -> str:
    version.refresh_from_db()
    return yaml_text.write({key: services.document_of(version).data[section][key]})


def sent(version, words: str, **more) -> dict:
    return {"text": words, "revision": version.revision, **more}


# --- who --------------------------------------------------------------------------------------------
PAGES = ["overview", "content", "checks", "differences", "drawing", "export"]


@pytest.mark.parametrize("name", PAGES)
def test_editor_sees_the_page_under_the_strict_policy(writing, draft, name):
    response = writing.get(url(draft, name))

    assert response.status_code == 200
    assert "script-src 'self'" in response.headers["Content-Security-Policy"]
    if name != "export":
        assert CSP_BREAKERS.findall(response.content.decode()) == []


@pytest.mark.parametrize("name", [*PAGES, "preview"])
@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_agent_is_refused_even_as_staff(client, draft, name, role):
    client.force_login(person("agent", role))

    assert client.get(url(draft, name)).status_code == 403


def test_stranger_is_sent_to_the_sign_in(client, draft):
    assert client.get(url(draft, "overview")).status_code == 302


@pytest.mark.django_db
def test_list_puts_the_files_in_the_database_and_offers_a_draft(writing):
    page = text(writing.get(reverse("admin:diagnostic_treeversion_changelist")))

    assert "Commencer un brouillon" in page
    assert TreeVersion.objects.get().state == State.PUBLISHED


def test_every_page_is_read_in_few_statements(writing, draft, django_assert_max_num_queries):
    writing.get(url(draft, "checks"))

    for name in PAGES:
        with django_assert_max_num_queries(12):
            writing.get(url(draft, name))


# --- YAML ---------------------------------------------------------------------------------------------
def test_every_item_reads_back_as_it_was_written(document):
    for section, items in document.data.items():
        found = yaml_text.read(yaml_text.write(items)) if len(str(items)) < 250_000 else items

        assert found == items, section
        assert list(found) == list(items)


def test_question_is_changed_as_yaml(writing, draft):
    changed = yaml_of(draft).replace("De quoi vous menace-t-on", "De quoi cette personne vous menace-t-elle")

    response = writing.post(item_url(draft) + "?yaml", sent(draft, changed), follow=True)

    draft.refresh_from_db()
    assert "Enregistré dans le brouillon" in text(response)
    assert services.document_of(draft).data["nodes"][NODE]["q"].startswith("De quoi cette personne")
    assert draft.revision == 1


def line_of(words: str, part: str) -> int:
    return next(rank for rank, line in enumerate(words.splitlines(), 1) if part in line)


BROKEN = {
    "ce champ manque": lambda t: re.sub(r"\n    - id: a2\n      t: [^\n]*", "\n    - id: a2", t, count=1),
    "le nœud « q_rien » n'existe pas": lambda t: re.sub(r"(id: a2\n(?:.*\n)*?.*?)diag: [a-z-]+", r"\1go: q_rien", t),
    "cette clé n'est pas connue": lambda t: t.replace("  q: ", "  onload: x\n  q: ", 1),
    "le fait « rien » n'existe pas": lambda t: t.replace("  q: ", "  asked: [rien]\n  q: ", 1),
}


@pytest.mark.parametrize("said", BROKEN)
def test_error_of_meaning_is_told_at_its_line_and_nothing_is_lost(writing, draft, said):
    broken = BROKEN[said](yaml_of(draft))

    response = writing.post(item_url(draft) + "?yaml", sent(draft, broken))

    draft.refresh_from_db()
    page = text(response)
    assert response.status_code == 422
    assert said in page
    assert re.search(r'<a href="#ligne-\d+">ligne', page)
    assert text_area(response) == broken.strip()
    assert "Enregistrer quand même" in page
    assert draft.revision == 0


def text_area(response) -> str:
    found = re.search(r"<textarea id=\"text\"[^>]*>(.*?)</textarea>", response.content.decode(), re.DOTALL)[1]
    for escaped, plain in (("&#x27;", "'"), ("&quot;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        found = found.replace(escaped, plain)
    return found.replace("\r\n", "\n").strip()


def test_error_can_be_kept_for_later_but_not_sent(writing, draft, author):
    broken = yaml_of(draft).replace("  q: ", "  asked: [rien]\n  q: ", 1)

    writing.post(item_url(draft) + "?yaml", sent(draft, broken, force="1"))
    response = writing.post(url(draft, "act"), {"do": "review"}, follow=True)

    draft.refresh_from_db()
    assert "le fait « rien » n'existe pas" in text(response)
    assert draft.state == State.DRAFT


@pytest.mark.parametrize(
    ("words", "line", "said"),
    [
        ("q_chantage:\n  q: Qui : quoi\n", 2, "entre guillemets"),
        ("q_chantage:\n  q: &a [1]\n  b: *a\n", 2, "les renvois"),
        ("q_chantage:\n  q: x\n  q: y\n", 3, "écrite deux fois"),
        ("q_chantage:\n  q: [x\n", 3, "n'est pas fermé"),
        ("q_chantage: !!python/object/apply:os.system ['true']\n", 1, "étiquette"),
        ("q_chantage: " + "[" * 5000, 1, "trop imbriqué"),
        ("q_chantage:\n\tq: x\n", 2, "signe inattendu"),
        ("q_chantage: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", 1, "les renvois"),
    ],
)
def test_error_of_writing_is_told_at_its_line(words, line, said):
    with pytest.raises(yaml_text.Faulty) as refusal:
        yaml_text.read(words)

    assert refusal.value.faults[0].line == line
    assert said in refusal.value.faults[0].message


def test_identifier_is_permanent(writing, draft):
    response = writing.post(item_url(draft) + "?yaml", sent(draft, yaml_of(draft).replace(NODE, "q_autre", 1)))

    assert response.status_code == 422
    assert "l'identifiant est permanent" in text(response)


def test_new_question_is_added_as_yaml(writing, draft):
    words = 'q_neuve:\n  q: "Une question neuve ?"\n  a:\n    - {id: a1, t: Je ne sais pas, go: q_chantage}\n'

    writing.post(item_url(draft, "nouveau"), sent(draft, words, force="1"))

    draft.refresh_from_db()
    assert services.document_of(draft).data["nodes"]["q_neuve"]["q"] == "Une question neuve ?"


def test_whole_file_is_changed_as_yaml_and_keeps_the_others(writing, draft):
    before = services.document_of(draft)
    items = {k: v for k, v in before.data["nodes"].items() if before.files["nodes", k] == "tree/danger.yaml"}
    words = yaml_text.write(items).replace("Un chantage", "Un chantage en ligne")

    writing.post(url(draft, "file", "nodes") + "?f=tree/danger.yaml", sent(draft, words))

    draft.refresh_from_db()
    after = services.document_of(draft)
    assert [d.key for d in compare.compare(before, after)] == ["q_danger_cause"]
    assert after.files == before.files


def test_text_typed_while_another_saved_is_kept_beside_theirs(writing, draft, author):
    words = yaml_of(draft).replace("De quoi vous menace-t-on", "Ma phrase")
    theirs = yaml_text.read(words.replace("Ma phrase", "Leur phrase"))[NODE]
    services.change_item(agent=author, draft=draft, revision=0, section="nodes", key=NODE, value=theirs)

    response = writing.post(item_url(draft) + "?yaml", {"text": words, "revision": 0})

    page = text(response)
    assert response.status_code == 409
    assert "Ma phrase" in text_area(response)
    assert "Leur phrase" in page
    assert 'name="revision" value="1"' in page


def test_published_version_is_not_written(writing, draft):
    first = TreeVersion.objects.get(number=1)

    response = writing.post(item_url(first) + "?yaml", sent(first, yaml_of(first).replace("menace", "embête")))

    assert (response.status_code, response.url) == (302, url(first, "overview"))
    assert services.document_of(TreeVersion.objects.get(number=1)).data == content.read().data


# --- forms --------------------------------------------------------------------------------------------
def filled(client, address: str) -> dict:
    """What a browser would send back from the form as it is shown."""
    form = client.get(address).context["form"]
    data = {"revision": client.get(address).context["version"].revision}
    for part in form.forms:
        for field in part:
            value = field.value()
            if value not in (None, "", False, []):
                data[field.html_name] = value
    return data


@pytest.mark.parametrize(
    ("section", "key"),
    [("nodes", "q_danger"), ("nodes", NODE), ("nodes", "f_banque"), ("threats", "fraude-carte-bancaire"),
     ("actions", "opposition"), ("actions", "2fa"), ("channels", "3018"), ("channels", "17"),
     ("words", "sextorsion"), ("words", "fraude-carte-bancaire")],
)  # fmt: skip
def test_form_sent_back_untouched_changes_nothing(writing, draft, section, key):
    before = services.document_of(draft)

    response = writing.post(item_url(draft, key, section), filled(writing, item_url(draft, key, section)))

    draft.refresh_from_db()
    assert response.status_code == 302, text(response)
    assert compare.compare(before, services.document_of(draft)) == []


def test_question_is_changed_in_its_form(writing, draft):
    data = filled(writing, item_url(draft))
    count = len(services.document_of(draft).data["nodes"][NODE]["a"])
    new = f"a{count + 1}"
    data |= {"q": "Que veut cette personne ?", f"{new}-t": "Autre chose", f"{new}-diag": "sextorsion"}
    data |= {f"{new}-facts": "f_chantage", f"{new}-place": 15, f"{new}-set": "minor, non author_known"}

    writing.post(item_url(draft), data)

    draft.refresh_from_db()
    node = services.document_of(draft).data["nodes"][NODE]
    assert node["q"] == "Que veut cette personne ?"
    assert node["a"][1] == {
        "id": new, "t": "Autre chose", "diag": "sextorsion", "facts": "f_chantage",
        "set": {"minor": True, "author_known": False},
    }  # fmt: skip


def test_answers_change_place_and_a_number_is_never_given_twice(writing, draft, author):
    data = filled(writing, item_url(draft))
    count = len(services.document_of(draft).data["nodes"][NODE]["a"])
    writing.post(item_url(draft), data | {"a1-place": 25, f"a{count}-gone": "on"} | {"force": "1"})
    data = filled(writing, item_url(draft)) | {f"a{count}-t": "Je ne sais pas"}
    data |= {f"a{count}-diag": "sextorsion", f"a{count}-facts": "f_chantage"}

    writing.post(item_url(draft), data)

    draft.refresh_from_db()
    ids = [answer["id"] for answer in services.document_of(draft).data["nodes"][NODE]["a"]]
    assert ids[:2] == ["a2", "a1"]
    assert ids[-1] == f"a{count + 1}"


def test_wrong_line_of_a_form_is_told_beside_it_and_kept(writing, draft):
    address = item_url(draft, "fraude-carte-bancaire", "threats")

    response = writing.post(address, filled(writing, address) | {"raises": "trois si money_lost"})

    page = text(response)
    assert response.status_code == 422
    assert "écrire « 3 si condition »" in page
    assert "trois si money_lost" in page


# --- checks -------------------------------------------------------------------------------------------
DAMAGES = {
    "dead_end": lambda d: d["nodes"][NODE]["a"][0].pop("diag"),
    "loop": lambda d: d["nodes"][NODE]["a"][0].update(go="q_personne", diag=None, facts=None),
    "unreachable": lambda d: d["nodes"].update(q_seule=dict(d["nodes"][NODE])),
    "undefined": lambda d: d["nodes"][NODE]["a"][0].update(set={"rien": True}),
    "missing": lambda d: d["nodes"][NODE].update(q=" "),
    "condition": lambda d: d["actions"]["opposition"].update({"if": "minor or"}),
    "hostile": lambda d: d["nodes"][NODE].update(q="<b>Qui ?</b>"),
    "shape": lambda d: d["nodes"][NODE].update(kind="triple"),
    "letter of a gesture": lambda d: d["letters"]["retrait-contenu"].update(actions=["rien"]),
    "letter of a fact": lambda d: d["letters"]["retrait-contenu"]["body"][2].update({"if": "fait_absent"}),
    "words of nothing": lambda d: d["words"].update(q_absente=d["words"]["sextorsion"]),
    "threat without words": lambda d: d["words"].pop("sextorsion"),
    "group of words": lambda d: d["words"]["sextorsion"].update(needs=["absent"]),
    "speech of a fact": lambda d: d["speech"]["facts"].update(fait_absent=["un mot"]),
    "speech without common words": lambda d: d["speech"].pop("common"),
    "sheet of nothing": lambda d: d["threats"].update(neuve=d["threats"]["sextorsion"]),
    "sentence": lambda d: d["nodes"][NODE].update(q="mot " * 25),
    "legal": lambda d: d["offences"]["cp_313_1"].update(source="own knowledge, verify"),
}


# The check that finds it and the item it names, when they are not the damage's own name and the question above.
NAMED = {
    "unreachable": ("unreachable", "q_seule"),
    "condition": ("condition", "opposition"),
    "legal": ("legal", "cp_313_1"),
    "letter of a gesture": ("undefined", "retrait-contenu"),
    "letter of a fact": ("undefined", "retrait-contenu"),
    "words of nothing": ("undefined", "q_absente"),
    "threat without words": ("missing", "sextorsion"),
    "group of words": ("undefined", "sextorsion"),
    "speech of a fact": ("undefined", "facts"),
    "speech without common words": ("missing", "common"),
    "sheet of nothing": ("sheets", "neuve"),
}


@pytest.mark.parametrize("check", DAMAGES)
def test_each_check_finds_its_fault(document, check):
    DAMAGES[check](document.data)

    found = [(finding.check, finding.key) for finding in examine.examine(document).findings]

    name, expected = NAMED.get(check, (check, NODE))
    assert any(each == name and (check == "loop" or key == expected) for each, key in found), found[:5]


WRONG_SHAPES = {
    "kind": ("nodes", NODE, "kind", "exec"),
    "answers": ("nodes", NODE, "a", "oui"),
    "answer": ("nodes", NODE, "a", ["oui"]),
    "answer id": ("nodes", NODE, "a", [{"id": "oui", "t": "Oui"}]),
    "voice": ("nodes", NODE, "words", {"martien": "x"}),
    "level": ("threats", "sextorsion", "severity", 9),
    "level in words": ("threats", "sextorsion", "severity", "grave"),
    "no sign": ("threats", "sextorsion", "signs_fr", []),
    "audience": ("threats", "sextorsion", "audiences", ["martien"]),
    "yes or no": ("threats", "sextorsion", "chat", "peut-être"),
    "long": ("threats", "sextorsion", "name_fr", "x" * 700),
    "empty": ("threats", "sextorsion", "name_fr", ""),
    "number": ("threats", "sextorsion", "name_fr", 12),
    "nothing": ("threats", "sextorsion", "name_fr", None),
    "list": ("threats", "sextorsion", "channels", "3018"),
    "use": ("threats", "sextorsion", "actions", [12]),
    "date": ("channels", "3018", "checked", "hier"),
    "when": ("actions", "opposition", "when", "demain"),
    "deadline": ("actions", "opposition", "deadline", "vite"),
    "body": ("letters", "retrait-contenu", "body", []),
    "cues": ("words", "sextorsion", "cues", []),
    "speech": ("speech", "facts", "minor", []),
}
ENGLISH = re.compile(
    r"\b(should|input|field|valid|value|error|least|most|required|string|dictionary|tuple|item)\b", re.I
)


@pytest.mark.parametrize("name", WRONG_SHAPES)
def test_fault_of_shape_is_told_in_french(document, name):
    section, key, field, value = WRONG_SHAPES[name]
    document.data[section][key][field] = value

    said = [found.message for found in examine.examine(document).errors]

    assert said or name == "speech"
    assert [each for each in said if ENGLISH.search(each)] == []


def test_more_than_seven_screens_is_an_error(document):
    nodes = document.data["nodes"]
    for rank in range(7):
        nodes[f"q_pas{rank}"] = {
            "q": "Encore ?", "a": [{"id": "a1", "t": "Je ne sais pas", "go": f"q_pas{rank + 1}"}],
        }  # fmt: skip
    nodes["q_pas7"] = dict(nodes[NODE])
    nodes["q_audience"]["a"][1]["go"] = "q_pas0"

    assert "too_long" in {finding.check for finding in examine.examine(document).errors}


def test_sound_content_has_warnings_only(document):
    found = examine.examine(document)

    assert found.sound
    assert {finding.check for finding in found.warnings} <= {"sentence", "legal"}
    assert sum(finding.check == "legal" for finding in found.warnings) >= 50


@pytest.mark.django_db
def test_checks_say_which_journeys_and_past_answers_end_elsewhere(writing, author, draft):
    answers = {"q_audience": ("a2",), "q_p_sujet": ("a6",), "q_personne": ("a4",), NODE: ("a1",)}
    save_diagnosis(journey=Journey(answers=answers | {"f_chantage": ("aucun",)}))
    node = services.document_of(draft).data["nodes"][NODE]
    node["a"][0]["diag"] = "cyberharcelement"
    services.change_item(agent=author, draft=draft, revision=0, section="nodes", key=NODE, value=node)

    page = text(writing.get(url(draft, "checks")))

    assert re.search(r"<b>[1-9]\d*</b> finirai", page)
    assert "<del>Chantage" in page or "<del>Sextorsion" in page, page[:200]
    assert "<b>1</b> finirait ailleurs. Les diagnostics déjà rendus ne changent pas" in page
    assert str(Diagnosis.objects.get().pk) not in page


def test_replay_says_before_and_after(catalogue, document):
    document.data["threats"]["sextorsion"]["severity"] = 3
    after = examine.examine(document).catalogue
    answers = {"q_audience": ("a2",), "q_p_sujet": ("a6",), "q_personne": ("a4",), NODE: ("a1",), "f_chantage": ()}

    found = replay.changes(replay.outcome_of(catalogue, answers), replay.outcome_of(after, answers))

    assert [(change.name, change.after) for change in found if change.name == "Gravité"] == [("Gravité", "3")]


def test_words_of_a_threat_are_not_blamed_on_the_threat(writing, draft, author):
    """Both carry the same identifier: each page tells its own faults."""
    words = copy.deepcopy(services.document_of(draft).data["words"]["sextorsion"]) | {"needs": ["absent"]}
    services.change_item(agent=author, draft=draft, revision=0, section="words", key="sextorsion", value=words)
    draft.refresh_from_db()

    threat = writing.post(
        item_url(draft, "sextorsion", "threats") + "?yaml", sent(draft, yaml_of(draft, "sextorsion", "threats"))
    )
    draft.refresh_from_db()
    own = writing.post(
        item_url(draft, "sextorsion", "words") + "?yaml", sent(draft, yaml_of(draft, "sextorsion", "words"))
    )

    assert threat.status_code == 302, text(threat)
    assert (own.status_code, "le groupe de mots « absent » n'existe pas" in text(own)) == (422, True)


@pytest.mark.parametrize(
    ("section", "before", "after", "said"),
    [
        ("settings", "start: q_audience", "start: 12", "ce n'est pas la bonne sorte"),
        ("settings", "start: q_audience", "start: q_rien", "« q_rien » n'existe pas"),
        ("settings", "start: q_audience\n", "", "ce champ manque"),
        ("speech", "danger: q_danger", "danger: q_rien", "« q_rien » n'existe pas"),
        ("speech", "danger: q_danger", "danger: q_danger\nautre: x", "cette clé n'est pas connue"),
    ],
)
def test_fault_of_a_whole_file_is_told(writing, draft, section, before, after, said):
    name = content.SINGLES[section]
    words = yaml_text.write(services.document_of(draft).data[section])
    assert before in words

    response = writing.post(url(draft, "file", section) + f"?f={name}", sent(draft, words.replace(before, after, 1)))

    draft.refresh_from_db()
    assert (response.status_code, draft.revision) == (422, 0)
    assert said in text(response)


# --- differences --------------------------------------------------------------------------------------
def test_differences_are_told_in_words(writing, draft, author):
    data = services.document_of(draft).data
    node = data["nodes"][NODE]
    node["a"][0]["t"] = "Une vidéo intime"
    services.change_item(agent=author, draft=draft, revision=0, section="nodes", key=NODE, value=node)
    draft.refresh_from_db()
    services.change_item(agent=author, draft=draft, revision=1, section="pages", key="p_panne", value=None)

    page = text(writing.get(url(draft, "differences")))

    assert "2 différences" in page
    assert "<ins>Une vidéo intime</ins>" in page
    assert "retiré" in page
    assert "Réponse a1, texte" in page


def test_order_of_answers_is_a_difference(document):
    before = content.Document(copy.deepcopy(document.data))
    document.data["nodes"][NODE]["a"].reverse()

    found = compare.compare(before, document)

    assert [(each.key, each.lines[0].field) for each in found] == [(NODE, "Ordre")]


# --- picture ------------------------------------------------------------------------------------------
def drawn_edges(catalogue, before=None) -> list[tuple[str, str, str]]:
    found = []
    for group in picture.groups(catalogue, before):
        root = Tree.fromstring(svg.svg(picture.picture(catalogue, group, before)))
        for each in root.iter("{http://www.w3.org/2000/svg}g"):
            if each.get("class") == "edge":
                found.append((each.get("data-from"), each.get("data-answer"), each.get("data-to")))
    return found


def test_picture_and_command_have_the_same_edges(catalogue, capsys):
    from_graph = [(edge.source, edge.answer, edge.target) for edge in graph.edges(catalogue)]

    assert sorted(drawn_edges(catalogue)) == sorted(from_graph)
    assert len(from_graph) == graph.dot(catalogue).count(" -> ") == graph.mermaid(catalogue).count(" -->|")


EDGE = re.compile(r'^  "(\w+)" -> "([\w-]+)" \[label="(.*)"\];$', re.MULTILINE)


def test_pictures_of_a_draft_and_the_command_agree_edge_by_edge(writing, draft, author, capsys):
    """What an editor sees, group by group, and what `tree graph --version` prints: same source, target and words."""
    node = services.document_of(draft).data["nodes"][NODE]
    node["a"].insert(0, {"id": "a40", "t": 'Une "autre" raison', "diag": "cyberharcelement", "facts": "f_chantage"})
    services.change_item(agent=author, draft=draft, revision=0, section="nodes", key=NODE, value=node)
    groups = [name for _, name, _ in writing.get(url(draft, "drawing")).context["groups"]]

    seen = []
    for group in groups:
        root = Tree.fromstring(writing.get(url(draft, "svg", group)).content)
        title = "{http://www.w3.org/2000/svg}title"
        questions = {box.id: box.question for box in picture.picture(catalogue_of_draft(draft), group).boxes}
        for each in root.iter("{http://www.w3.org/2000/svg}g"):
            if each.get("class") == "edge":
                words = each.find(title).text.removeprefix(questions[each.get("data-from")] + " ").rpartition(" → ")[0]
                seen.append((each.get("data-from"), each.get("data-to"), words.replace('"', "'")))
    call_command("tree", "graph", "--version", str(draft.number))
    printed = EDGE.findall(capsys.readouterr().out)

    assert sorted(seen) == sorted((source, to, "Sinon" if words == "sinon" else words) for source, to, words in printed)
    assert (NODE, "cyberharcelement", "Une 'autre' raison") in seen


def catalogue_of_draft(draft):
    draft.refresh_from_db()
    return services.examination_of(draft).catalogue


def test_every_edge_of_the_picture_is_walked(catalogue):
    ways = _ways(catalogue)

    for source, answer, target in drawn_edges(catalogue):
        assert any(_leads(catalogue, answers, source, answer, target) for answers in ways[source]), (source, answer)


def _ways(catalogue) -> dict[str, list[dict]]:
    """For each question, one way to it per audience it can be reached with."""
    found: dict[str, list[dict]] = {}
    todo, seen = [{}], set()
    while todo:
        answers = todo.pop(0)
        resolution = engine.resolve(catalogue, answers)
        question = resolution.question
        if question is None or question.node.kind == "facts" or (question.node.id, resolution.audience) in seen:
            continue
        seen.add((question.node.id, resolution.audience))
        found.setdefault(question.node.id, []).append(answers)
        todo += [{**answers, question.node.id: (row.id,)} for row in question.rows]
    return found


def _leads(catalogue, answers, source, answer, target) -> bool:
    """« else » is what follows when nothing that leads is ticked."""
    idle = [(each.id,) for each in catalogue.nodes[source].answers if not each.leads and not each.alone]
    given = [(answer,)] if answer != graph.ELSE else [*idle, ()]
    return any(_reached(catalogue, {**answers, source: ids}, source) == target for ids in given)


def _reached(catalogue, answers, source) -> str | None:
    """What comes right after `source`: the next question, or the threat once its facts screen is left empty."""
    after = engine.resolve(catalogue, answers)
    if after.question and after.question.node.kind == "facts":
        after = engine.resolve(catalogue, {**answers, after.question.node.id: ()})
    if source not in {step.node for step in after.path}:
        return None
    return after.question.node.id if after.question else after.threat


def test_picture_marks_what_changes_with_a_sign(catalogue, document):
    nodes = document.data["nodes"]
    nodes[NODE]["a"][0]["t"] = "Une vidéo"
    nodes[NODE]["a"][1]["diag"] = "cyberharcelement"
    nodes[NODE]["a"].insert(0, {"id": "a40", "t": "Nouveau", "diag": "sextorsion", "facts": "f_chantage"})
    after = examine.examine(document).catalogue

    found = svg.svg(picture.picture(after, "personnes", catalogue)).decode()

    assert "+ Nouveau" in found
    assert "≠ Une vidéo" in found
    assert 'class="node changed" data-node="q_chantage"' in found
    assert re.search(r"stroke-dasharray.*?", svg.svg(picture.picture(catalogue, "personnes", after)).decode())
    assert "− Nouveau" in svg.svg(picture.picture(catalogue, "personnes", after)).decode()


def test_image_is_a_file_without_script(writing, draft):
    response = writing.get(url(draft, "svg", "danger"))

    assert response.headers["Content-Type"].startswith("image/svg+xml")
    assert b"<script" not in response.content
    assert CSP_BREAKERS.findall(response.content.decode()) == []


def test_picture_is_the_same_each_time(catalogue):
    first = svg.svg(picture.picture(catalogue, "argent"))

    assert svg.svg(picture.picture(catalogue, "argent")) == first


def test_list_beside_the_picture_says_the_same(writing, draft, catalogue):
    page = text(writing.get(url(draft, "drawing_of", "danger")))

    assert '<img src="' in page
    for edge in graph.edges(catalogue):
        if picture.group_of(catalogue.nodes[edge.source]) == "danger":
            assert " ".join(catalogue.nodes[edge.source].question.split()) in page


# --- preview ------------------------------------------------------------------------------------------
def test_preview_walks_the_draft_and_leaves_nothing(writing, draft, author):
    node = services.document_of(draft).data["nodes"][NODE]
    node["q"] = "Une question de brouillon ?"
    services.change_item(agent=author, draft=draft, revision=0, section="nodes", key=NODE, value=node)
    page = text(writing.get(url(draft, "preview"), follow=True))
    assert "Brouillon, version 2" in page

    for key, chosen in (("q_audience", "a2"), ("q_p_sujet", "a6"), ("q_personne", "a4")):
        page = text(writing.post(url(draft, "preview_node", key), {"r": chosen}, follow=True))
    assert "Une question de brouillon" in page
    for key, chosen in ((NODE, "a1"), ("f_chantage", ["money_lost"])):
        page = text(writing.post(url(draft, "preview_node", key), {"r": chosen}, follow=True))

    assert "Brouillon, version 2" in page
    assert "À faire maintenant" in page
    assert (Diagnosis.objects.count(), Count.objects.count()) == (0, 0)
    assert JOURNEY not in writing.cookies
    assert COOKIE in writing.cookies


def test_preview_shows_the_letters_of_the_draft(writing, draft, author):
    letter = services.document_of(draft).data["letters"]["procureur-plainte"] | {"subject_fr": "un objet de brouillon"}
    services.change_item(
        agent=author, draft=draft, revision=0, section="letters", key="procureur-plainte", value=letter
    )
    writing.get(url(draft, "preview"), follow=True)

    for key, chosen in (("q_audience", "a2"), ("q_p_sujet", "a6"), ("q_personne", "a4"), (NODE, "a1")):
        writing.post(url(draft, "preview_node", key), {"r": chosen})
    page = text(writing.post(url(draft, "preview_node", "f_chantage"), {}, follow=True))

    assert "Les lettres proposées" in page
    assert "Objet : un objet de brouillon" in page


def test_preview_part_is_the_one_the_public_gets(writing, draft):
    writing.get(url(draft, "preview"), follow=True)
    address = url(draft, "preview_node", "q_audience")

    part = writing.post(address, {"r": "a2"}, headers={"HX-Request": "true"}).content.decode()

    assert part.strip().startswith('<section id="question">')
    assert url(draft, "preview_node", "q_p_sujet") in part


def test_draft_with_errors_says_so_instead_of_a_preview(writing, draft, author):
    services.change_item(agent=author, draft=draft, revision=0, section="nodes", key=NODE, value={"q": ""})

    assert "a des erreurs" in text(writing.get(url(draft, "preview")))
    assert "a des erreurs" in text(writing.get(url(draft, "drawing")))


# --- from the page to the public ----------------------------------------------------------------------
def test_second_person_publishes_from_the_page(client, draft, author):
    client.force_login(author)
    client.post(url(draft, "act"), {"do": "review"})
    assert "une autre personne doit la relire" in text(client.get(url(draft, "overview")))
    client.force_login(person("relectrice"))
    page = client.get(url(draft, "overview"))
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page.content.decode())[1]

    response = client.post(url(draft, "act"), {"do": "approve", "seen": seen}, follow=True)

    assert "Publiée." in text(response)
    assert TreeVersion.objects.get(state=State.PUBLISHED) == draft


def test_tampered_draft_is_told_not_shown(writing, draft):
    TreeVersion.objects.filter(pk=draft.pk).update(document=draft.document.replace("3018", "0899999999"))

    page = text(writing.get(url(draft, "overview")))

    assert "l'empreinte ne correspond pas" in page.replace("’", "'")
    assert "0899999999" not in page
