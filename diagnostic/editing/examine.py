"""Everything that is looked at before a version may be published: errors stop it, warnings are for the reader. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from diagnostic import references, validator
from diagnostic.catalogue import Catalogue
from diagnostic.compiler import compile_document
from diagnostic.content import SINGLES, Document
from diagnostic.editing import guard
from diagnostic.exceptions import ContentError, Problem
from diagnostic.prevention import checks as prevention
from diagnostic.prevention import texts

ERROR, WARNING = "erreur", "avertissement"
MOST_WORDS = 20
# What is checked, in the order of the page, and the words by which a problem is known.
CHECKS = (
    ("hostile", "Contenu interdit (balises, signes invisibles, taille)", re.compile(r"^\0")),
    ("loop", "Boucle", re.compile(r"^boucle")),
    ("dead_end", "Impasse", re.compile(r"ne mène(nt)? nulle part|aucune réponse|sans fait coché")),
    ("unreachable", "Question ou atteinte jamais atteinte", re.compile(r"aucun chemin n'y mène|jamais atteinte")),
    ("undefined", "Nom qui n'existe pas (fait, geste, interlocuteur, nœud)", re.compile(r"n'existe pas")),
    (
        "missing",
        "Texte absent ou vide",
        re.compile(r"Field required|at least 1 |il manque la réponse|aucun mot des gens"),
    ),
    ("too_long", f"Plus de {validator.MOST_SCREENS} écrans", re.compile(r"écrans, \d+ au plus")),
    ("condition", "Condition illisible", re.compile(r"^condition ")),
    ("shape", "Forme du contenu", re.compile(r"")),
)
SENTENCE, LEGAL, SHEETS = "sentence", "legal", "sheets"
NOTICES = (
    (SENTENCE, f"Phrase de plus de {MOST_WORDS} mots"),
    (LEGAL, "Fait légal ou numéro pas encore vérifié à la source"),
    (SHEETS, "Fiche de prévention à revoir"),
)
_READ = {"q", "help", "t", "title", "text", "lines", "label_fr", "words", "text_fr", "name_fr", "definition_fr",
         "signs_fr", "purpose_fr", "limits_fr", "reason_fr", "beside_fr", "title_fr",
         "subject_fr", "how_fr"}  # fmt: skip
_SENTENCES = re.compile(r"(?<=[.!?:;])\s+")
_FRENCH = (
    (re.compile(r"Field required"), "ce champ manque"),
    (re.compile(r"Extra inputs are not permitted"), "cette clé n'est pas connue"),
    (re.compile(r"String should have at least 1 character"), "le texte est vide"),
    (re.compile(r"(Tuple|Dictionary) should have at least 1 item.*"), "la liste est vide"),
    (re.compile(r"(Tuple|Dictionary) should have at least (\d+) items.*"), r"\2 éléments au moins"),
    (re.compile(r"(Tuple|Dictionary) should have at most (\d+) items?.*"), r"\2 éléments au plus"),
    (re.compile(r"String should have at most (\d+) characters"), r"\1 signes au plus"),
    (re.compile(r"String should match pattern .*"), "l'écriture n'est pas celle attendue"),
    (re.compile(r"Input should be a valid (string|tuple|dictionary|integer|boolean).*"), "ce n'est pas la bonne sorte"),
    (re.compile(r"Input should be less than or equal to (\d+)"), r"\1 au plus"),
    (re.compile(r"Input should be greater than or equal to (\d+)"), r"\1 au moins"),
    (re.compile(r"Input should be "), "attendu : "),
    (re.compile(r"Value error, "), ""),
    (re.compile(r"' or '"), "', '"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    level: str
    check: str
    section: str
    key: str
    file: str
    message: str


@dataclass(slots=True)
class Examination:
    findings: list[Finding] = field(default_factory=list)
    catalogue: Catalogue | None = None
    report: validator.Report | None = None

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == ERROR]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.level == WARNING]

    @property
    def sound(self) -> bool:
        return self.catalogue is not None and not self.errors


def french(message: str) -> str:
    for pattern, words in _FRENCH:
        message = pattern.sub(words, message)
    return message


def examine(document: Document) -> Examination:
    found = Examination(list(_bad_texts(document)))
    try:
        catalogue = compile_document(document)
        found.report = validator.validate(catalogue)
    except ContentError as error:
        found.findings += [_finding(document, problem) for problem in error.problems]
        return found
    except RecursionError:
        found.findings.append(
            Finding(ERROR, "hostile", "", "", "contenu", "trop imbriqué : condition ou suite sans fin")
        )
        return found
    found.catalogue = catalogue
    problems = [*found.report.problems, *references.problems(catalogue)]
    found.findings += [_finding(document, problem) for problem in problems]
    found.findings += _long_sentences(document)
    found.findings += _unverified(document)
    found.findings += _sheets(document, catalogue)
    return found


def _finding(document: Document, problem: Problem) -> Finding:
    name = next(name for name, _, pattern in CHECKS if pattern.search(problem.message))
    return Finding(ERROR, name, section_of(document, problem), problem.where, problem.file, french(problem.message))


def section_of(document: Document, problem: Problem) -> str:
    """The section of the item that a problem names; empty when it names none."""
    holding = [section for section, items in document.data.items() if problem.where in items]
    exact = [section for section in holding if document.file_of(section, problem.where) == problem.file]
    own = [section for section, name in SINGLES.items() if name == problem.file or section == problem.where]
    named = [problem.file] if problem.file in holding else []
    return next(iter([*exact, *named, *holding, *own]), "")


def _bad_texts(document: Document) -> Iterator[Finding]:
    for section, key, why in islice(guard.bad_texts(document.data), guard.MOST_TOLD):
        yield Finding(ERROR, "hostile", section, key, document.file_of(section, key), why)


def _long_sentences(document: Document) -> Iterator[Finding]:
    for section, items in document.data.items():
        for key, item in items.items():
            for path, text in guard.texts({key: item}):
                if not _is_read(section, path) or text == path[-1]:
                    continue
                for sentence in _SENTENCES.split(text):
                    count = len(sentence.split())
                    if count > MOST_WORDS:
                        said = f"{count} mots : « {sentence[:80]}… »"
                        yield Finding(WARNING, SENTENCE, section, key, document.file_of(section, key), said)


def _sheets(document: Document, catalogue: Catalogue) -> Iterator[Finding]:
    """The sheets are written elsewhere: they follow a threat that comes or goes, and do not stop it."""
    for problem in prevention.problems(catalogue, texts.from_files()):
        where = section_of(document, problem)
        yield Finding(WARNING, SHEETS, where, problem.where, problem.file, problem.message)


def _is_read(section: str, path: tuple) -> bool:
    return section == "evidence" or any(name in _READ for name in path)


def _unverified(document: Document) -> Iterator[Finding]:
    for section, items in document.data.items():
        for key, item in items.items():
            for path, text in guard.texts({key: item}):
                if path[-1] == "source" and "verify" in text:
                    said = f"source : {text}"
                    yield Finding(WARNING, LEGAL, section, key, document.file_of(section, key), said)
