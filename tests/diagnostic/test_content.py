import re

import pytest

from diagnostic import advice, content, door, engine, recorded, validator
from diagnostic.compiler import compile_document
from diagnostic.exceptions import ContentError

FILES = 25


def refused(document) -> list[str]:
    with pytest.raises(ContentError) as refusal:
        compile_document(document)
    return [str(problem) for problem in refusal.value.problems]


def test_published_content_is_sound(catalogue):
    report = validator.validate(catalogue)

    assert report.problems == []
    assert report.line() == "threats=77 reachable=77 dead_ends=0 loops=0 longest=7"


def test_published_is_compiled_once():
    assert content.published() is content.published()


def test_version_follows_the_words(document):
    before = document.version
    document.data["pages"]["p_panne"]["title"] = "Autre titre"

    assert document.version != before
    assert before.startswith("2-")


def test_marks_to_verify_are_kept(catalogue):
    assert sum("verify" in channel.source for channel in catalogue.channels.values()) >= 20
    assert sum(offence.to_verify for offence in catalogue.offences.values()) >= 20
    deadlines = [action.deadline for action in catalogue.actions.values() if action.deadline]
    assert len(deadlines) == 36
    assert all(deadline.source for deadline in deadlines)


MEANS = {
    "money_lost",
    "paid_card",
    "paid_transfer",
    "paid_crypto",
    "paid_coupon",
    "cash_or_card_handed",
    "cheque_given",
}


@pytest.mark.parametrize("screen", ["f_donnees", "f_paiement", "f_banque", "f_o_saisie", "f_o_paiement"])
def test_every_money_screen_asks_how_it_left_and_whether_more_is_asked(catalogue, screen):
    node = catalogue.nodes[screen]

    assert set(node.facts) >= MEANS | {"extortion_ongoing", "refund_refused"}
    assert node.asks == ("quand", "somme")


def test_organisation_never_reads_je(catalogue):
    mine = re.compile(r"(?<![\w’-])(?:[jm]’|(?:je|moi|me|mon|ma|mes)(?!\w))", re.I)
    for audience in ("entreprise", "collectivite"):
        asked = {f.key: f.label_for(audience) for f in catalogue.facts.values() if audience in f.audiences}
        told = {key: label for key, label in asked.items() if mine.search(label)}

        assert set(told) <= {"advice_only", "complaint_filed"}, audience


def test_reason_for_thesee_fits_the_threat(catalogue):
    reasons = {}
    for journey in recorded.read():
        resolution = engine.resolve(catalogue, journey.answers)
        found = door.choose(catalogue, resolution, advice.plan(catalogue, resolution)).first
        if found.channel.id == "thesee":
            reasons[resolution.threat] = found.reason

    assert "avec une menace" in reasons["sextorsion"]
    assert "une rançon pour vos fichiers" in reasons["rancongiciel-particulier"]
    assert "L’escroquerie" in reasons["faux-site-vente"]
    assert all("escroquerie" not in reasons[threat] for threat in ("sextorsion", "chantage-en-ligne"))


def test_every_answer_has_its_own_permanent_id(document):
    for key, node in document.data["nodes"].items():
        ids = [answer["id"] for answer in node.get("a", [])]

        assert len(set(ids)) == len(ids), key


def test_yaml_words_are_not_booleans(tmp_path):
    (tmp_path / "x.yaml").write_text("no: on\nyes: off\nwhen: 2026-01-01\nwell: true\n")

    found = content.read_yaml(tmp_path / "x.yaml", "x.yaml")

    assert found == {"no": "on", "yes": "off", "when": "2026-01-01", "well": True}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\na: 2\n", "la clé « a » est écrite deux fois"),
        ("- a\n", "doit être une liste de clés"),
        ("a: [", "x.yaml"),
        ("17: police\n", "doit être un texte"),
        ("a: !!python/object/apply:os.system ['true']\n", "x.yaml"),
    ],
)
def test_bad_yaml_is_refused_with_its_file(tmp_path, text, said):
    (tmp_path / "x.yaml").write_text(text)

    with pytest.raises(ContentError) as refusal:
        content.read_yaml(tmp_path / "x.yaml", "x.yaml")

    assert said in str(refusal.value)


def test_missing_files_are_all_named(tmp_path):
    with pytest.raises(ContentError) as refusal:
        content.read(tmp_path)

    assert {problem.file for problem in refusal.value.problems} == set(content.SINGLES.values())


def _answer(document):
    return document.data["nodes"]["q_chantage"]["a"][0]


DAMAGES = {
    "le nœud « q_rien » n'existe pas": lambda d: _answer(d).update(go="q_rien"),
    "l'atteinte « rien » n'existe pas": lambda d: _answer(d).update(diag="rien"),
    "le fait « rien » n'existe pas": lambda d: _answer(d).update(set={"rien": True}),
    "le message « rien » n'existe pas": lambda d: _answer(d).update(urgent=["rien"]),
    "le texte « rien » n'existe pas": lambda d: _answer(d).update(page="rien"),
    "Field required": lambda d: _answer(d).pop("t"),
    "at least 1 character": lambda d: _answer(d).update(t="  "),
    "deux réponses ont le même id": lambda d: d.data["nodes"]["q_chantage"]["a"][1].update(id="a1"),
    "Extra inputs": lambda d: _answer(d).update(gone="q_rien"),
}


@pytest.mark.parametrize("said", DAMAGES)
def test_broken_node_is_refused_with_file_and_node(document, said):
    DAMAGES[said](document)

    problems = refused(document)

    assert any(p.startswith("tree/personnes.yaml: q_chantage: ") and said in p for p in problems), problems


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("facts_to_ask", ["rien"], "le fait « rien » n'existe pas"),
        ("channels", ["rien"], "l'interlocuteur « rien » n'existe pas"),
        ("evidence", ["rien"], "la preuve « rien » n'existe pas"),
        ("offences", ["rien"], "l'infraction « rien » n'existe pas"),
        ("actions", ["rien"], "l'action « rien » n'existe pas"),
        ("raises", [{"if": "rien", "to": 3}], "le fait « rien » n'existe pas"),
        ("raises", [{"if": "minor or", "to": 3}], "il manque la fin"),
        ("severity", 5, "less than or equal to 4"),
        ("name_fr", "", "at least 1 character"),
    ],
)
def test_broken_threat_is_refused_with_file_and_threat(document, field, value, said):
    document.data["threats"]["sextorsion"][field] = value

    problems = refused(document)

    assert any(p.startswith("threats/personnes.yaml: sextorsion: ") and said in p for p in problems), problems


def test_all_faults_are_told_at_once(document):
    _answer(document).update(go="q_rien")
    document.data["threats"]["sextorsion"]["channels"] = ["rien"]

    assert len(refused(document)) == 2
