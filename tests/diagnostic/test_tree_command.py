import json

import pytest
from django.core.management import CommandError, call_command

from diagnostic import checks, content, recorded
from diagnostic.exceptions import ContentError, Problem
from diagnostic.prevention import texts
from diagnostic.validator import Report


def test_check_ends_with_the_line_of_figures(capsys):
    call_command("tree", "check")

    assert capsys.readouterr().out.splitlines()[-1] == "threats=77 reachable=77 dead_ends=0 loops=0 longest=7"


def test_check_fails_on_a_problem_and_says_where(capsys, monkeypatch):
    report = Report(threats=77, reachable=76, problems=[Problem("tree/x.yaml", "q_x", "aucun chemin n'y mène")])
    monkeypatch.setattr("diagnostic.validator.validate", lambda catalogue: report)

    with pytest.raises(CommandError):
        call_command("tree", "check")

    lines = capsys.readouterr().out.splitlines()
    assert lines == ["tree/x.yaml: q_x: aucun chemin n'y mène", "threats=77 reachable=76 dead_ends=0 loops=0 longest=0"]


def test_check_looks_at_letters_words_and_sheets_too(capsys, monkeypatch, document):
    del document.data["words"]["sextorsion"]
    document.data["letters"]["retrait-contenu"]["actions"] = ["geste_absent"]
    sheets = texts.read()
    practice = next(iter(sheets.practices))
    sheets.practices[practice] = sheets.practices[practice].model_copy(update={"threats": ("atteinte-absente",)})
    monkeypatch.setattr(content, "read", lambda: document)
    monkeypatch.setattr(texts, "read", lambda: sheets)

    with pytest.raises(CommandError):
        call_command("tree", "check")

    said = capsys.readouterr().out
    assert "letters: retrait-contenu: le geste « geste_absent » n'existe pas" in said
    assert "words: sextorsion: aucun mot des gens ne mène à cette atteinte" in said
    assert f"prevention/pratiques: {practice}: l'atteinte « atteinte-absente » n'existe pas" in said
    assert said.splitlines()[-1].startswith("threats=77 reachable=77 ")


def test_check_says_warnings_when_asked(capsys, monkeypatch, document):
    document.data["letters"]["retrait-contenu"]["how_fr"] = "mot " * 25
    sheets = texts.read()
    key = next(iter(sheets.sheets))
    sheets.sheets[key] = sheets.sheets[key].model_copy(update={"how": "mot " * 25})
    monkeypatch.setattr(content, "read", lambda: document)
    monkeypatch.setattr(texts, "read", lambda: sheets)

    call_command("tree", "check")
    quiet = capsys.readouterr().out
    call_command("tree", "check", "--warnings")

    said = capsys.readouterr().out
    assert len(quiet.splitlines()) == 1
    assert "avertissement : letters/autres.yaml: retrait-contenu: 25 mots" in said
    assert f"avertissement : prevention/fiches: {key}: 25 mots" in said
    assert "own knowledge, verify" in said
    assert said.splitlines()[-1] == quiet.strip()


def test_check_names_a_file_that_cannot_be_read(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(content.read, "__defaults__", (tmp_path,))

    with pytest.raises(CommandError):
        call_command("tree", "check")

    lines = capsys.readouterr().out.splitlines()
    assert "doors.yaml: fichier: manquant ou illisible" in lines
    assert lines[-1].startswith("threats=0 ")


@pytest.mark.parametrize(("shape", "first", "edge"), [("dot", "digraph", "->"), ("mermaid", "flowchart", "-->")])
def test_graph_draws_every_question_and_threat(capsys, catalogue, shape, first, edge):
    call_command("tree", "graph", format=shape)

    drawn = capsys.readouterr().out
    assert drawn.startswith(first)
    assert all(node.id in drawn for node in catalogue.nodes.values() if node.kind != "facts")
    assert all(threat in drawn for threat in catalogue.threats)
    assert drawn.count(edge) >= 600


def test_paths_replays_the_recorded_journeys(capsys):
    call_command("tree", "paths")

    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"journeys={len(recorded.read())} failed=0"


def test_paths_fails_when_a_journey_leads_elsewhere(capsys, monkeypatch):
    monkeypatch.setattr(recorded, "faults", lambda catalogue, journey: iter(["threat : attendu x, obtenu y"]))

    with pytest.raises(CommandError):
        call_command("tree", "paths")

    assert capsys.readouterr().out.splitlines()[-1].endswith(f"failed={len(recorded.read())}")


@pytest.mark.django_db
def test_export_is_the_whole_content(capsys):
    call_command("tree", "export")

    exported = json.loads(capsys.readouterr().out)
    assert exported["version"] == content.published().version
    assert len(exported["threats"]) == 77


def test_system_check_refuses_a_broken_file(monkeypatch):
    def broken():
        raise ContentError([Problem("tree/x.yaml", "q_x", "le nœud « q_y » n'existe pas")])

    monkeypatch.setattr(content, "from_files", broken)

    found = checks.content_is_sound(None)

    assert [(error.id, error.msg) for error in found] == [
        ("diagnostic.E001", "tree/x.yaml: q_x: le nœud « q_y » n'existe pas")
    ]


def test_system_check_is_quiet_on_sound_content():
    assert checks.content_is_sound(None) == []
