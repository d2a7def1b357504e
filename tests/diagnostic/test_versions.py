"""From draft to published, and back: who may, what is refused, what a process then serves."""

import copy
import importlib
import json
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction

from diagnostic import content
from diagnostic.editing import live, services, stored
from diagnostic.editing.exceptions import Conflict, EditingRefused, NotAllowed, NotSound, WrongState
from diagnostic.editing.guard import Hostile
from diagnostic.journey import COOKIE, Journey
from diagnostic.models import Diagnosis, State, TreeVersion
from diagnostic.services import save_diagnosis
from diagnostic.words.matcher import matcher
from guichet.accounts.enums import Role
from guichet.audit.models import Line
from tests.diagnostic.editors import person

pytestmark = pytest.mark.django_db
NODE = "q_chantage"
BLACKMAIL = {"q_audience": ("a2",), "q_p_sujet": ("a6",), "q_personne": ("a4",), "q_chantage": ("a1",)}


@pytest.fixture
def author():
    return person("autrice")


@pytest.fixture
def reader():
    return person("relectrice")


@pytest.fixture(autouse=True)
def served(monkeypatch, _document):
    monkeypatch.setattr(content, "read", lambda: content.Document(copy.deepcopy(_document.data), _document.files))
    live.VERSIONS.forget()
    yield live.VERSIONS
    live.VERSIONS.forget()


@pytest.fixture
def draft(author):
    return services.new_draft(agent=author, note="Une question plus claire")


def reworded(draft, agent, words="De quoi cette personne vous menace-t-elle ?"):
    node = copy.deepcopy(services.document_of(draft).data["nodes"][NODE])
    node["q"] = words
    return services.change_item(
        agent=agent, draft=draft, revision=draft.revision, section="nodes", key=NODE, value=node
    )


def let_out(draft, author, reader):
    services.send_to_review(agent=author, draft=draft)
    version = services.approve(agent=reader, version=draft, seen=draft.hash)
    live.VERSIONS.refresh()
    return version


# --- the way to the public ----------------------------------------------------------------------------
def test_files_are_the_first_version(author):
    draft = services.new_draft(agent=author)

    first = TreeVersion.objects.get(number=1)
    assert (first.state, first.origin, first.label) == (State.PUBLISHED, "fichiers", content.from_files().version)
    assert (draft.number, draft.base, draft.hash) == (2, first, first.hash)


def test_draft_is_written_read_by_another_and_published(author, reader, draft):
    changed = reworded(draft, author)

    version = let_out(changed, author, reader)

    assert content.published().nodes[NODE].question == "De quoi cette personne vous menace-t-elle\u00a0?"
    assert (version.author, version.reviewer, version.published_by) == (author, reader, reader)
    assert list(TreeVersion.objects.values_list("number", "state")) == [(2, "publiee"), (1, "retiree")]
    verbs = list(Line.objects.filter(target="version:2").values_list("verb", "actor"))
    assert verbs == [
        ("version commencée", author.audit_name),
        ("version modifiée", author.audit_name),
        ("version envoyée en relecture", author.audit_name),
        ("version publiée", reader.audit_name),
    ]


def test_nobody_publishes_what_they_wrote(author, reader, draft):
    services.change_item(agent=reader, draft=draft, revision=0, section="pages", key="p_x", value=None)
    draft.refresh_from_db()
    services.send_to_review(agent=author, draft=draft)

    for agent in (author, reader):
        with pytest.raises(NotAllowed, match="une autre personne"):
            services.approve(agent=agent, version=draft, seen=draft.hash)


def test_database_too_wants_two_people(author, draft):
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        TreeVersion.objects.filter(pk=draft.pk).update(reviewer=author)


def test_database_keeps_one_published_version(draft):
    with pytest.raises(IntegrityError), transaction.atomic():
        TreeVersion.objects.filter(pk=draft.pk).update(state=State.PUBLISHED)


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_agents_have_no_access(role):
    with pytest.raises(NotAllowed):
        services.new_draft(agent=person("agent", role))


def test_editor_who_is_no_longer_staff_has_no_access():
    with pytest.raises(NotAllowed):
        services.new_draft(agent=person("partie", staff=False))


def test_administrator_may_approve(author, draft):
    services.send_to_review(agent=author, draft=draft)

    version = services.approve(agent=person("admin", Role.ADMINISTRATOR), version=draft, seen=draft.hash)

    assert version.state == State.PUBLISHED


def test_draft_cannot_be_published_without_review(reader, draft):
    with pytest.raises(WrongState):
        services.approve(agent=reader, version=draft, seen=draft.hash)


def test_version_sent_back_can_be_written_again(author, reader, draft):
    services.send_to_review(agent=author, draft=draft)
    with pytest.raises(Conflict):
        reworded(draft, author)

    services.send_back(agent=reader, version=draft, answer="Trop long")

    assert (draft.state, draft.answer) == (State.DRAFT, "Trop long")
    assert reworded(draft, author).revision == 1


def test_two_people_writing_at_once_lose_nothing(author, reader, draft):
    reworded(draft, author)
    stale = TreeVersion.objects.get(pk=draft.pk)
    stale.revision = 0

    with pytest.raises(Conflict, match="entre-temps"):
        reworded(stale, reader, "Autre texte")

    assert services.document_of(TreeVersion.objects.get(pk=draft.pk)).data["nodes"][NODE]["q"].startswith("De quoi")


def test_discarded_draft_leaves_the_published_one(author, draft):
    services.discard(agent=author, draft=draft)

    assert draft.state == State.DISCARDED
    assert services.published_version().number == 1


# --- two drafts at once -------------------------------------------------------------------------------
def test_draft_left_behind_does_not_undo_what_was_published(author, reader, draft):
    other = services.new_draft(agent=author)
    page = services.document_of(other).data["pages"]["p_panne"] | {"title": "Mon titre"}
    services.change_item(agent=author, draft=other, revision=0, section="pages", key="p_panne", value=page)
    let_out(reworded(draft, author), author, reader)

    with pytest.raises(WrongState, match="publiée depuis"):
        services.send_to_review(agent=author, draft=other)
    clashes = services.bring_up_to_date(agent=author, draft=other)
    let_out(other, author, reader)

    found = services.published_document().data
    assert clashes == []
    assert found["nodes"][NODE]["q"].startswith("De quoi cette personne")
    assert found["pages"]["p_panne"]["title"] == "Mon titre"


def test_item_that_both_changed_is_named_and_stays_as_in_the_draft(author, reader, draft):
    other = reworded(services.new_draft(agent=author), author, "Ma question ?")
    let_out(reworded(draft, author), author, reader)

    assert services.bring_up_to_date(agent=author, draft=other) == [NODE]
    assert services.document_of(other).data["nodes"][NODE]["q"] == "Ma question ?"


def test_draft_begun_on_a_withdrawn_version_does_not_bring_it_back(author, reader, draft):
    let_out(reworded(draft, author), author, reader)
    late = services.new_draft(agent=author)
    services.roll_back(agent=author, version=TreeVersion.objects.get(number=1))

    services.bring_up_to_date(agent=author, draft=late)

    assert services.document_of(late).data == services.document_of(TreeVersion.objects.get(number=1)).data


def test_draft_may_start_from_an_earlier_version(author, reader, draft):
    let_out(reworded(draft, author), author, reader)

    late = services.new_draft(agent=author, start=TreeVersion.objects.get(number=1))

    assert (late.base.number, services.is_behind(late)) == (2, False)
    assert late.hash == TreeVersion.objects.get(number=1).hash


# --- letters and words --------------------------------------------------------------------------------


def changed(draft, agent, section, key, change):
    value = copy.deepcopy(services.document_of(draft).data[section][key])
    change(value)
    return services.change_item(
        agent=agent, draft=draft, revision=draft.revision, section=section, key=key, value=value
    )


def test_letter_that_an_editor_changed_is_the_one_people_send(client, author, reader, draft):
    for node, answer in BLACKMAIL.items():
        client.post(f"/diagnostic/{node}/", {"r": answer})
    client.post("/diagnostic/f_chantage/", {})
    before = client.get("/diagnostic/lettres/retrait-contenu/").content.decode()
    change = changed(draft, author, "letters", "retrait-contenu", lambda raw: raw.update(subject_fr="un objet neuf"))
    let_out(change, author, reader)
    client.cookies.pop(COOKIE)

    for node, answer in BLACKMAIL.items():
        client.post(f"/diagnostic/{node}/", {"r": answer})
    client.post("/diagnostic/f_chantage/", {})
    after = client.get("/diagnostic/lettres/retrait-contenu/").content.decode()

    assert "un objet neuf" not in before
    assert "un objet neuf" in after


def test_journey_in_progress_keeps_its_letters(client, author, reader, draft):
    for node, answer in BLACKMAIL.items():
        client.post(f"/diagnostic/{node}/", {"r": answer})
    client.post("/diagnostic/f_chantage/", {})
    change = changed(draft, author, "letters", "retrait-contenu", lambda raw: raw.update(subject_fr="un objet neuf"))
    let_out(change, author, reader)

    page = client.get("/diagnostic/lettres/retrait-contenu/").content.decode()

    assert "un objet neuf" not in page
    assert "notification d’un contenu illicite" in page


def test_words_that_an_editor_added_are_understood(author, reader, draft):
    said = "ma ziboulette de framistan"
    before = matcher(content.published()).read(said).proposals
    change = changed(draft, author, "words", "sextorsion", lambda raw: raw["cues"].append("ziboulette de framistan"))
    let_out(change, author, reader)

    after = matcher(content.published()).read(said).proposals

    assert "sextorsion" not in [each.key for each in before]
    assert after[0].key == "sextorsion"


# --- back to an earlier one ---------------------------------------------------------------------------
def test_roll_back_publishes_an_earlier_version_again(author, reader, draft):
    before = content.published().version
    let_out(reworded(draft, author), author, reader)

    again = services.roll_back(agent=author, version=TreeVersion.objects.get(number=1))
    live.VERSIONS.refresh()

    assert (again.number, again.restores.number, content.published().version) == (3, 1, before)
    assert TreeVersion.objects.get(number=2).withdrawn


def test_roll_back_to_what_was_never_published_is_refused(author, draft):
    with pytest.raises(WrongState):
        services.roll_back(agent=author, version=draft)


# --- what is refused ----------------------------------------------------------------------------------
def test_draft_with_an_error_is_not_sent_to_review(author, draft):
    node = copy.deepcopy(services.document_of(draft).data["nodes"][NODE])
    node["a"][0]["go"] = "q_nulle_part"
    services.change_item(agent=author, draft=draft, revision=0, section="nodes", key=NODE, value=node)

    with pytest.raises(NotSound, match=r"tree/personnes\.yaml, q_chantage : le nœud « q_nulle_part » n'existe pas"):
        services.send_to_review(agent=author, draft=TreeVersion.objects.get(pk=draft.pk))


def test_text_changed_behind_our_back_is_not_published(author, reader, draft):
    services.send_to_review(agent=author, draft=draft)
    TreeVersion.objects.filter(pk=draft.pk).update(document=draft.document.replace("3018", "0899999999"))

    with pytest.raises(Hostile, match="empreinte"):
        services.approve(agent=reader, version=draft, seen=draft.hash)


def test_text_changed_after_it_was_read_is_not_published(author, reader, draft):
    services.send_to_review(agent=author, draft=draft)
    text = draft.document.replace("3018", "0899999999")
    TreeVersion.objects.filter(pk=draft.pk).update(document=text, hash=stored.digest_of(text))

    with pytest.raises(Conflict, match="a changé"):
        services.approve(agent=reader, version=draft, seen=draft.hash)


def test_published_text_changed_behind_our_back_is_not_served(author, reader, draft):
    before = content.published().version
    services.send_to_review(agent=author, draft=draft)
    version = services.approve(agent=reader, version=draft, seen=draft.hash)
    TreeVersion.objects.filter(pk=version.pk).update(document=version.document.replace("3018", "0899999999"))

    assert live.VERSIONS.refresh() is False
    assert content.published().version == before


def hostile(change):
    document = content.Document(copy.deepcopy(content.read().data))
    change(document.data)
    return document


def nested(depth: int):
    return [] if depth == 0 else [nested(depth - 1)]


HOSTILE = {
    "les balises et le code": lambda d: d["nodes"][NODE].update(q="<script>alert(1)</script>"),
    "javascript": lambda d: d["pages"]["p_panne"].update(title="javascript:alert(1)"),
    "U+202E": lambda d: d["nodes"][NODE].update(q="Payez \u202eici"),
    "trop imbriqué : 10": lambda d: d["nodes"].update(q_x=nested(40)),
    "trop d'éléments": lambda d: d["evidence"].update({f"e{n}": "x" for n in range(70_000)}),
    "trop gros": lambda d: d["evidence"].update({f"e{n}": "x" * 3000 for n in range(800)}),
    "sections inconnues": lambda d: d.update(script={"a": "b"}),
    "cette clé n'est pas connue": lambda d: d["nodes"][NODE].update(onload="x"),
    "condition": lambda d: d["actions"]["opposition"].update({"if": "__import__('os').system('true')"}),
    "trop imbriqué : condition": lambda d: d["actions"]["opposition"].update({"if": "(" * 290 + "minor" + ")" * 290}),
    "l'écriture": lambda d: d["channels"]["3018"].update(url="http://exemple.invalid/"),
    "n'existe pas": lambda d: d["settings"].update(start="q_rien"),
}


@pytest.mark.parametrize("said", HOSTILE)
def test_hostile_content_is_not_published(said):
    with pytest.raises((EditingRefused, Hostile)) as refusal:
        services.publish_document(document=hostile(HOSTILE[said]))

    assert said.partition(":")[0].strip() in str(refusal.value)
    assert not TreeVersion.objects.filter(state=State.PUBLISHED).exists()


# --- journeys and diagnoses ---------------------------------------------------------------------------
def test_journey_in_progress_stays_on_its_version(client, author, reader, draft):
    client.post("/diagnostic/q_audience/", {"r": "a2"})
    let_out(reworded(draft, author), author, reader)

    for node in ("q_p_sujet", "q_personne"):
        page = client.post(f"/diagnostic/{node}/", {"r": BLACKMAIL[node][0]}, follow=True).content.decode()

    assert "De quoi vous menace-t-on" in page
    assert "Les questions ont été améliorées" not in page
    client.cookies.pop(COOKIE)
    for node in ("q_audience", "q_p_sujet", "q_personne"):
        page = client.post(f"/diagnostic/{node}/", {"r": BLACKMAIL[node][0]}, follow=True).content.decode()
    assert "De quoi cette personne vous menace-t-elle" in page


def test_journey_leaves_a_version_that_was_withdrawn(client, author, reader, draft):
    let_out(reworded(draft, author), author, reader)
    client.post("/diagnostic/q_audience/", {"r": "a2"})

    services.roll_back(agent=author, version=TreeVersion.objects.get(number=1))
    live.VERSIONS.refresh()

    assert "Les questions ont été améliorées" in client.get("/diagnostic/q_p_sujet/").content.decode()


def test_steady_questions_cost_no_statement_with_a_version_of_the_database(
    client, author, reader, draft, django_assert_num_queries
):
    let_out(reworded(draft, author), author, reader)
    client.post("/diagnostic/q_audience/", {"r": "a2"})

    with django_assert_num_queries(0):
        client.post("/diagnostic/q_p_sujet/", {"r": "a6"})
        client.get("/diagnostic/q_personne/")


def test_old_version_costs_one_statement_once(author, reader, draft, django_assert_num_queries):
    services.ensure_first()
    live.VERSIONS.refresh()
    old = content.published().version
    let_out(reworded(draft, author), author, reader)

    with django_assert_num_queries(1):
        assert content.at(old).version == content.at(old).version == old


def test_old_diagnosis_shows_as_it_was(author, reader, draft):
    answers = BLACKMAIL | {"f_chantage": ("aucun",)}
    kept = save_diagnosis(journey=Journey(version=content.published().version, answers=answers))

    let_out(reworded(draft, author), author, reader)

    assert Diagnosis.objects.get(pk=kept.pk).path[3]["question"].startswith("De quoi vous menace-t-on")


def test_without_a_database_the_files_are_served(monkeypatch):
    def absent(*args, **kwargs):
        raise IntegrityError("no database")

    monkeypatch.setattr(TreeVersion.objects, "filter", absent)

    assert content.published().version == content.from_files().version
    assert content.at("9-inconnue") is None


# --- the command --------------------------------------------------------------------------------------
def test_export_can_be_published_again(tmp_path, capsys, author, reader, draft):
    let_out(reworded(draft, author), author, reader)
    call_command("tree", "export")
    path = tmp_path / "arbre.json"
    path.write_text(capsys.readouterr().out)
    services.republish(number=1)

    call_command("tree", "publish", str(path))

    assert capsys.readouterr().out.startswith("version=4 ")
    assert services.published_document().data == services.document_of(TreeVersion.objects.get(number=2)).data


def test_export_changed_by_hand_says_so(tmp_path, capsys):
    call_command("tree", "export")
    path = tmp_path / "arbre.json"
    path.write_text(capsys.readouterr().out.replace("3018", "0899999999"))

    with pytest.raises(CommandError, match="empreinte"):
        call_command("tree", "publish", str(path))


def test_publish_by_number_rolls_back(capsys, author, reader, draft):
    let_out(reworded(draft, author), author, reader)

    call_command("tree", "publish", "--version", "1")

    assert services.published_version().restores.number == 1


@pytest.mark.parametrize("text", ["", "[]", "{", '{"nodes": {}}', '{"a": 1, "a": 2}', "[" * 100_000, "NaN"])
def test_publish_refuses_what_is_not_content(tmp_path, text):
    path = tmp_path / "x.json"
    path.write_text(text)

    with pytest.raises(CommandError):
        call_command("tree", "publish", str(path))


def test_export_says_version_digest_and_licence(capsys):
    call_command("tree", "export")

    found = json.loads(capsys.readouterr().out)
    assert found["hash"].startswith(found["version"].split("-")[1])
    assert found["licence"].startswith("Licence Ouverte")


# --- the watch ----------------------------------------------------------------------------------------
def watchers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == live.WATCHER]


@pytest.mark.parametrize("module", ["guichet.asgi", "guichet.wsgi"])
def test_server_modules_start_no_watch_beside_the_tests(module):
    importlib.import_module(module)

    assert watchers() == []


def test_watch_takes_up_what_is_published_and_ends_when_told(monkeypatch, served):
    looked = threading.Semaphore(0)
    monkeypatch.setattr(live, "PERIOD", 0.001)
    monkeypatch.setattr(served, "may_watch", True)
    monkeypatch.setattr(served, "refresh", looked.release)

    served.watch()
    served.watch()
    assert [looked.acquire(timeout=20) for _ in range(5)] == [True] * 5
    running = len(watchers())
    served.stop()

    assert (running, watchers()) == (1, [])


def test_database_that_stays_away_is_said_once(monkeypatch, caplog, served):
    caplog.set_level("INFO", "guichet.diagnostic")

    def absent(*args, **kwargs):
        raise DatabaseError("away")

    with monkeypatch.context() as patch:
        patch.setattr(TreeVersion.objects, "filter", absent)
        for _ in range(3):
            served.refresh()
    served.refresh()
    served.refresh()

    assert [record.getMessage() for record in caplog.records] == [
        "diagnostic: published version not looked up (DatabaseError)"
    ]
