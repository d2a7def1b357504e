"""Between a `Document` and what the database or a file keeps of it: the text, its digest, the file of each item."""

import hashlib
import json
import re
from typing import Any

from diagnostic import content
from diagnostic.content import FOLDERS, Document
from diagnostic.editing import guard

LICENCE = "Licence Ouverte 2.0 (Etalab)"
_FILE = re.compile(r"[a-z]+/[a-z0-9-]{1,40}\.yaml")
_OWN = ("version", "hash", "licence", "files")


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def parse(text: str, hash_: str, layout: Any) -> Document:
    """Raises `Hostile` when the text is not the one whose digest was kept, or is not content at all.

    A section that did not exist when it was written comes from the files of this software.
    """
    if digest_of(text) != hash_:
        guard.refuse("l'empreinte ne correspond pas : ce contenu a été changé hors de la rédaction")
    data = _json(text)
    if isinstance(data, dict) and (missing := set(guard.SECTIONS) - set(data)):
        own = content.read()
        data |= {section: own.data[section] for section in guard.SECTIONS if section in missing}
        layout = {**(layout if isinstance(layout, dict) else {}), **_only(layout_of(own), missing)}
    return document_of(data, layout)


def _only(layout: dict[str, dict[str, str]], sections: set[str]) -> dict[str, dict[str, str]]:
    return {section: names for section, names in layout.items() if section in sections}


def document_of(data: Any, layout: Any = None) -> Document:
    guard.check_shape(data)
    return Document(data, _files(data, layout))


def _json(text: str) -> Any:
    guard.check_text(text)
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return guard.refuse("le fichier n'est pas du JSON lisible")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def layout_of(document: Document) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for (section, key), name in document.files.items():
        found.setdefault(section, {})[key] = name
    return found


def _files(data: dict[str, Any], layout: Any) -> dict[tuple[str, str], str]:
    """Only names of the shape we give ourselves; an item without one goes to its section's own file."""
    layout = layout if isinstance(layout, dict) else {}
    found = {}
    for section, folder in FOLDERS.items():
        given = layout.get(section)
        given = given if isinstance(given, dict) else {}
        for key in data[section]:
            name = given.get(key)
            known = isinstance(name, str) and _FILE.fullmatch(name) and name.startswith(f"{folder}/")
            found[section, key] = name if known else f"{folder}/nouveau.yaml"
    return found


def exported(document: Document) -> dict[str, Any]:
    """What `tree export` and the public page give: the content, its version, its digest, its licence."""
    return {
        "version": document.version,
        "hash": document.digest(),
        "licence": LICENCE,
        **document.data,
        "files": layout_of(document),
    }


def imported(text: str) -> Document:
    """An export read back. Its digest, when it carries one, must be right: remove it after a change by hand."""
    found = _json(text)
    if not isinstance(found, dict):
        guard.refuse("le fichier n'est pas un contenu exporté")
    kept = {name: found.pop(name, None) for name in _OWN}
    document = document_of(found, kept["files"])
    if kept["hash"] is not None and kept["hash"] != document.digest():
        guard.refuse("l'empreinte ne correspond pas : le fichier a été changé après son export")
    return document
