"""What was typed block by block, kept in one sealed document: a complaint's or a report's, which have the same columns.

Two tabs never overwrite each other in silence: each block remembers the version at which it was last saved, and a
save made from an older one with another text is refused (`Conflict`) with both texts.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import Error, transaction
from django.utils import timezone

from guichet.lib import crypto
from victims.complaint_form import Section
from victims.diagnosed import scene_of
from victims.forms import stored_form
from victims.models import Complaint, Report
from victims.services.dossiers import touch

DRAFT = "brouillon"
Typed = Complaint | Report


class Conflict(Exception):
    """Another tab saved another text for this block; `stored` is that text."""

    def __init__(self, stored: dict, version: int):
        super().__init__("conflict")
        self.stored, self.version = stored, version


class AlreadyFiled(Exception):
    """It is filed: nothing in it changes any more."""


class Incomplete(Exception):
    """What is still missing before filing."""

    def __init__(self, missing: list["Missing"]):
        super().__init__("incomplete")
        self.missing = missing


class NotFiled(Exception):
    """The database or the file store went away before the end: nothing was sent, what was typed stays a draft."""


@contextmanager
def wholly() -> Iterator[None]:
    """One transaction. What breaks inside is `NotFiled`; past it, at the commit, nobody can tell: the error stays."""
    inside = None
    try:
        with transaction.atomic():
            try:
                yield
            except (Error, OSError) as error:
                inside = error
                raise NotFiled from error
    except Error:
        # Django connects again as it leaves, and raises this instead while the database is still away.
        if inside is None:
            raise
        raise NotFiled from inside


@dataclass(frozen=True)
class Missing:
    section: str
    section_title: str
    field: str
    message: str


def open_document(record: Typed) -> dict:
    plain = crypto.unseal(record.dossier.key, record.sealed_form, bound=record.bound)
    return json.loads(plain)


def seal_document(record: Typed, document: dict) -> None:
    plain = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    record.sealed_form = crypto.seal(record.dossier.key, plain, bound=record.bound)


def read_form(record: Typed) -> dict:
    """{block: {field: as typed}}; the payments are a list of such. Raises crypto.CannotOpen once erased."""
    return open_document(record)["sections"]


def saved_sections(record: Typed) -> set[str]:
    """The blocks that somebody saved, and not only the prefilling."""
    return set(open_document(record)["saved_in"])


def locked(record: Typed) -> Typed:
    found = type(record).objects.select_for_update(of=("self",)).select_related("dossier", "dossier__diagnosis")
    return found.get(pk=record.pk)


@transaction.atomic
def save_section(*, record: Typed, section: Section, typed: dict, version: int, now: datetime | None = None) -> Typed:
    """Keep one block as typed. Raises Conflict or AlreadyFiled; a repeated save changes nothing."""
    fresh = locked(record)
    if fresh.state != DRAFT:
        raise AlreadyFiled
    document = open_document(fresh)
    stored = document["sections"].get(section.id, {})
    if stored == typed:
        return fresh
    if version < document["saved_in"].get(section.id, 0):
        raise Conflict(stored, fresh.version)
    fresh.version += 1
    document["sections"][section.id] = typed
    document["saved_in"][section.id] = fresh.version
    fresh.saved_at = now or timezone.now()
    seal_document(fresh, document)
    fresh.save(update_fields=["sealed_form", "version", "saved_at"])
    touch(dossier=fresh.dossier)
    return fresh


def missing(record: Typed, sections: list[Section]) -> list[Missing]:
    """Every field that keeps it from being filed, in the order of the form."""
    typed, scene = read_form(record), scene_of(record.dossier.diagnosis)
    found = []
    for section in sections:
        form = stored_form(section, scene, typed.get(section.id, {}))
        for name, messages in form.errors.items():
            found.append(Missing(section.id, section.title_fr, name, str(messages[0])))
    return found
