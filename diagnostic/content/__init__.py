"""The content of the diagnostic: YAML for editors, one `Document` for the program.

`published()` is what every request reads: compiled once per process and version, never changed. Without more, it is
the files; once Django runs, the versions kept in the database (`diagnostic.editing.live`) take over.
"""

import functools
import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

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
    "speech": "words.yaml",
}
FOLDERS = {"nodes": "tree", "threats": "threats", "actions": "actions", "letters": "letters", "words": "words"}
MAX_BYTES = 1_000_000


@dataclass(slots=True)
class Document:
    """The whole content as plain data, and the file each item came from."""

    data: dict[str, dict[str, Any]]
    files: dict[tuple[str, str], str] = field(default_factory=dict)

    def file_of(self, section: str, key: str) -> str:
        return self.files.get((section, key)) or SINGLES.get(section, section)

    def text(self) -> str:
        """One line of JSON. The order of keys is kept: it is the order of urgent messages on a screen."""
        return json.dumps(self.data, ensure_ascii=False, separators=(",", ":"))

    def digest(self) -> str:
        return hashlib.sha256(self.text().encode()).hexdigest()

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
    found: dict[Any, Any] = {}
    for name, value in node.value:
        key = loader.construct_object(name, deep=True)
        if not isinstance(key, str):
            raise yaml.constructor.ConstructorError(None, None, f"la clé {key!r} doit être un texte", name.start_mark)
        if key in found:
            raise yaml.constructor.ConstructorError(
                None, None, f"la clé « {key} » est écrite deux fois", name.start_mark
            )
        found[key] = loader.construct_object(value, deep=True)
    return found


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def read_yaml(path: Path, name: str) -> dict[str, Any]:
    """One file as a mapping with text keys; a fault is a `ContentError` that names the file and the line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ContentError([Problem(name, "fichier", "manquant ou illisible")]) from error
    return parse_yaml(raw, name)


def parse_yaml(raw: bytes | str, name: str) -> dict[str, Any]:
    if len(raw) > MAX_BYTES:
        raise ContentError([Problem(name, "fichier", "trop gros")])
    try:
        found = yaml.load(raw, Loader=_Loader)  # noqa: S506 - a subclass of SafeLoader
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
def from_files() -> Catalogue:
    return compile_document(read())


class Source(Protocol):
    """Where published content comes from."""

    def published(self) -> Catalogue: ...

    def at(self, version: str) -> Catalogue | None: ...


class Files:
    def published(self) -> Catalogue:
        return from_files()

    def at(self, version: str) -> Catalogue | None:
        return found if (found := from_files()).version == version else None


_source: Source = Files()


def serve_from(source: Source) -> None:
    global _source
    _source = source


def published() -> Catalogue:
    """What a new journey walks."""
    return _source.published()


def at(version: str) -> Catalogue | None:
    """The version a journey began with; None when it is no longer served."""
    return _source.at(version)
