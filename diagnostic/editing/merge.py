"""A draft brought up to what was published since it began, item by item. Pure.

What only the draft changed stays; what only the publication changed comes in; what both changed stays as in the draft,
and is named, for a person to look at.
"""

from typing import Any

from diagnostic.content import Document

_ABSENT = object()


def merge(base: Document, draft: Document, published: Document) -> tuple[Document, list[str]]:
    """(the draft brought up to date, the items that both changed)."""
    data: dict[str, dict[str, Any]] = {}
    clashes: list[str] = []
    for section in published.data:
        old, mine, theirs = (each.data.get(section, {}) for each in (base, draft, published))
        data[section] = {}
        for key in _order(old, mine, theirs):
            value = _one(old.get(key, _ABSENT), mine.get(key, _ABSENT), theirs.get(key, _ABSENT))
            if value is not _ABSENT:
                data[section][key] = value
            if _both(old.get(key, _ABSENT), mine.get(key, _ABSENT), theirs.get(key, _ABSENT)):
                clashes.append(key)
    files = {**published.files, **draft.files}
    return Document(data, {pair: name for pair, name in files.items() if pair[1] in data.get(pair[0], {})}), clashes


def _one(old: Any, mine: Any, theirs: Any) -> Any:
    return theirs if mine == old else mine


def _both(old: Any, mine: Any, theirs: Any) -> bool:
    return mine != old and theirs != old and mine != theirs


def _order(old: dict, mine: dict, theirs: dict) -> list[str]:
    """The published order and the draft's new items after it, unless the draft itself put items in another order."""
    kept = [key for key in mine if key in old]
    first, second = (theirs, mine) if kept == [key for key in old if key in mine] else (mine, theirs)
    return [*first, *(key for key in second if key not in first)]
