"""The content of the diagnostic: YAML for editors, one `Document` for the program.

`published()` is what every request reads: compiled once per process, never changed.
"""

import functools
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from diagnostic.catalogue import Catalogue
from diagnostic.compiler import compile_document
from diagnostic.exceptions import ContentError, Problem

FOLDER = Path(__file__).resolve().parent
SINGLES = {
    "settings": "tree/reglages.yaml",
    "pages": "tree/pages.yaml",
    "facts": "facts.yaml",
    "channels": "channels.yaml",
    "offences": "offences.yaml",
    "evidence": "evidence.yaml",
    "doors": "doors.yaml",
    "plan": "plan.yaml",
}
FOLDERS = {"nodes": "tree", "threats": "threats", "actions": "actions"}
MAX_BYTES = 1_000_000


@dataclass(slots=True)
class Document:
    """The whole content as plain data, and the file each item came from."""

    data: dict[str, dict[str, Any]]
    files: dict[tuple[str, str], str] = field(default_factory=dict)

    def file_of(self, section: str, key: str) -> str:
        return self.files.get((section, key)) or SINGLES.get(section, section)

    def digest(self) -> str:
        plain = json.dumps(self.data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(plain.encode()).hexdigest()

    @property
    def version(self) -> str:
        return f"{self.data['settings'].get('version', 0)}-{self.digest()[:10]}"


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """Safe, with two traps closed: only true and false are booleans (never « no » or « on »), a key stands once."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _first, _word in (("t", "true"), ("f", "false")):
    _Loader.yaml_implicit_resolvers.setdefault(_first, []).append(("tag:yaml.org,2002:bool", re.compile(f"^{_word}$")))


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    for key in keys:
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, f"la clé {key!r} doit être un texte", node.start_mark)
        if keys.count(key) > 1:
            raise yaml.constructor.ConstructorError(
                None, None, f"la clé « {key} » est écrite deux fois", node.start_mark
            )
    return {key: loader.construct_object(value, deep=True) for key, (_, value) in zip(keys, node.value, strict=True)}


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(path: Path, name: str) -> dict[str, Any]:
    """One file as a mapping with text keys; a fault is a `ContentError` that names the file and the line."""
    try:
        raw = path.read_bytes()
        if len(raw) > MAX_BYTES:
            raise ContentError([Problem(name, "fichier", "trop gros")])
        found = yaml.load(raw, Loader=_Loader)  # noqa: S506 - a subclass of SafeLoader
    except OSError as error:
        raise ContentError([Problem(name, "fichier", "manquant ou illisible")]) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContentError([Problem(name, "fichier", " ".join(str(error).split()))]) from error
    if not isinstance(found, dict):
        raise ContentError([Problem(name, "fichier", "doit être une liste de clés")])
    return found


def read(folder: Path = FOLDER) -> Document:
    problems: list[Problem] = []
    document = Document({section: {} for section in (*SINGLES, *FOLDERS)})
    for section, name in SINGLES.items():
        try:
            document.data[section] = read_yaml(folder / name, name)
        except ContentError as error:
            problems += error.problems
    for section, sub in FOLDERS.items():
        for path in sorted((folder / sub).glob("*.yaml")):
            name = f"{sub}/{path.name}"
            if name not in SINGLES.values():
                problems += _merge(document, section, path, name)
    if problems:
        raise ContentError(problems)
    return document


def _merge(document: Document, section: str, path: Path, name: str) -> list[Problem]:
    try:
        found = read_yaml(path, name)
    except ContentError as error:
        return error.problems
    doubles = [
        Problem(name, key, f"déjà écrit dans {document.files[section, key]}")
        for key in found
        if (section, key) in document.files
    ]
    for key, value in found.items():
        document.data[section][key] = value
        document.files[section, key] = name
    return doubles


@functools.cache
def published() -> Catalogue:
    return compile_document(read())
