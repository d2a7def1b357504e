"""The content as an editor writes it: YAML out, YAML in, and the line of every fault. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import yaml

from diagnostic import content
from diagnostic.editing import guard
from diagnostic.editing.examine import french
from diagnostic.exceptions import ContentError, Problem

MOST_BYTES = 300_000
MOST_EVENTS = 60_000
WIDTH = 110
_QUOTED = re.compile(r"« ([^»]+) »")
_PATH = re.compile(r"^([\w.\[\]-]+) : ")
_NUMBER = re.compile(r"[-+]?(0x[0-9a-fA-F_]+|[0-9_:.]+(e[-+]?[0-9]+)?|\.(inf|nan))", re.IGNORECASE)
LONGEST_NUMBER = 9
_LINE = re.compile(r"line (\d+), column (\d+)")
NOT_UNDERSTOOD = "cette ligne n'est pas comprise : revoir les « : », les tirets, l'alignement et les guillemets"
_YAML_SAYS = (
    (re.compile(r"escape c(haracter|ode)"), "signe « \\ » non compris : le doubler, ou l'enlever"),
    (re.compile(r"could not find expected ':'"), "il manque « : » après le nom"),
    (re.compile(r"while increasing (flow|block) level|exceeded max"), "trop imbriqué"),
    (re.compile(r"mapping values are not allowed"), "« : » inattendu : mettre le texte entre guillemets"),
    (re.compile(r"expected <block end>, but found .*"), "l'alignement n'est pas le même que les lignes voisines"),
    (re.compile(r"did(?: not|n't) find expected (?:'-' indicator|key)"), "l'alignement n'est pas le bon"),
    (
        re.compile(r"unexpected end of stream|did not find expected ',' or"),
        "un guillemet ou un crochet n'est pas fermé",
    ),
    (
        re.compile(r"found character .*that cannot start any token"),
        "signe inattendu (une tabulation ?) : mettre des espaces ou des guillemets",
    ),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """`line` counts from 1; 0 when the fault has no line."""

    line: int
    where: str
    message: str


class Faulty(Exception):
    def __init__(self, faults: list[Fault]):
        self.faults = faults
        super().__init__("\n".join(f"ligne {fault.line} : {fault.message}" for fault in faults))


class _Dumper(yaml.SafeDumper):
    """Short lists on one line, as the files are written; never an anchor."""

    def ignore_aliases(self, data: Any) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False):
        return super().increase_indent(flow, False)


def write(items: dict[str, Any]) -> str:
    return yaml.dump(items, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=WIDTH, default_flow_style=None)


def read(text: str) -> dict[str, Any]:
    """Raises `Faulty` with the line of the first fault of writing."""
    if len(text.encode()) > MOST_BYTES:
        raise Faulty([Fault(0, "", f"trop gros : {MOST_BYTES // 1000} ko au plus")])
    for line, words in enumerate(text.split("\n"), 1):
        if guard.UNSEEN.search(words.rstrip("\r")):
            raise Faulty([Fault(line, "", "signe invisible non admis")])
    _scan(text)
    try:
        return content.parse_yaml(text, "texte")
    except ContentError as error:
        raise Faulty([_written(problem.message) for problem in error.problems]) from error


def _scan(text: str) -> None:
    """Before anything is built: no anchor, no tag of a language, bounded depth and count. Costs one pass."""
    depth = count = 0
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            count += 1
            line = event.start_mark.line + 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise Faulty([Fault(line, "", "les renvois « & » et « * » ne sont pas admis")])
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if why := _refused(event):
                raise Faulty([Fault(line, "", why)])
            if depth > guard.DEEPEST:
                raise Faulty([Fault(line, "", f"trop imbriqué : {guard.DEEPEST} niveaux au plus")])
            if count > MOST_EVENTS:
                raise Faulty([Fault(line, "", "trop d'éléments")])
    except yaml.YAMLError as error:
        raise Faulty([_written(str(error))]) from error


def _refused(event: yaml.Event) -> str:
    """A tag of a language, a number without end, a sign that does not exist: nothing is built from them."""
    if getattr(event, "tag", None):
        return "étiquette « ! » non admise"
    value = getattr(event, "value", "")
    if guard.LONE.search(value):
        return "un texte contient un signe qui n'existe pas"
    if not getattr(event, "style", None) and _NUMBER.fullmatch(value) and (len(value) > LONGEST_NUMBER or "." in value):
        return "nombre non admis : un entier court, ou un texte entre guillemets"
    return ""


def _written(message: str) -> Fault:
    lines = _LINE.findall(message)
    said = next((words for pattern, words in _YAML_SAYS if pattern.search(message)), "")
    own = next((part for part in message.split('"<unicode string>"') if "la clé" in part), "")
    said = said or _own(own) or (NOT_UNDERSTOOD if lines else " ".join(message.split()))
    return Fault(int(lines[-1][0]) if lines else 0, "", said)


def _own(message: str) -> str:
    found = re.search(r"la clé .*?(deux fois|doit être un texte)", message)
    return found.group() if found else ""


# --- the line of a fault of meaning -------------------------------------------------------------------
def located(text: str, problems: Iterable[Problem], keys: Iterable[str]) -> list[Fault]:
    """The faults of these items, each at its line in this text."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    wanted = set(keys)
    return [_locate(root, problem) for problem in problems if problem.where in wanted]


def _locate(root: yaml.Node | None, problem: Problem) -> Fault:
    node, line = _child(root, problem.where)
    path = _PATH.match(problem.message)
    if path:
        for part in path.group(1).split("."):
            deeper, at = _child(node, part)
            if deeper is None:
                break
            node, line = deeper, at
    else:
        line = _line_of_words(node, _QUOTED.findall(problem.message)) or line
    return Fault(line, problem.where, french(problem.message))


def _child(node: yaml.Node | None, name: str) -> tuple[yaml.Node | None, int]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == name:
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and name.isdigit() and int(name) < len(node.value):
        found = node.value[int(name)]
        return found, found.start_mark.line + 1
    return None, 0


def _line_of_words(node: yaml.Node | None, words: list[str]) -> int:
    """The line of the last quoted word that stands in this item as it is, else in a longer text."""
    scalars, words = _scalars(node), words[::-1]
    whole = (scalar for word in words for scalar in scalars if scalar.value == word)
    part = (scalar for word in words if len(word) > 1 for scalar in scalars if word in scalar.value)
    found = next(whole, None) or next(part, None)
    return found.start_mark.line + 1 if found else 0


def _scalars(node: yaml.Node | None) -> list[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        return [node]
    if isinstance(node, yaml.MappingNode):
        return [each for key, value in node.value for part in (key, value) for each in _scalars(part)]
    if isinstance(node, yaml.SequenceNode):
        return [each for value in node.value for each in _scalars(value)]
    return []
