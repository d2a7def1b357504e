"""Every write on a version: one transaction, one audit line. Nothing is published that was not checked just before."""

import copy
import functools
from collections.abc import Callable
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from diagnostic import content
from diagnostic.content import FOLDERS, Document
from diagnostic.editing import live, stored
from diagnostic.editing.examine import Examination, examine
from diagnostic.editing.exceptions import Conflict, NotAllowed, NotSound, WrongState
from diagnostic.editing.guard import check_shape, check_text
from diagnostic.editing.merge import merge
from diagnostic.editing.rules import can_approve, can_edit
from diagnostic.models import Origin, State, TreeVersion
from diagnostic.version_models import SERVED
from guichet.audit import services as audit

SYSTEM = "système"
KEPT = 8
STALE = (
    "Quelqu’un a enregistré ce brouillon entre-temps. Votre texte est gardé ci-dessous : comparez, puis enregistrez."
)


def document_of(version: TreeVersion) -> Document:
    """Raises `Hostile` when the stored text was changed outside of these services."""
    return stored.parse(version.document, version.hash, version.layout)


def published_version() -> TreeVersion | None:
    return TreeVersion.objects.filter(state=State.PUBLISHED).first()


def published_document() -> Document:
    version = published_version()
    return document_of(version) if version else content.read()


@transaction.atomic
def ensure_first() -> TreeVersion:
    """The files of the software are version 1, put in the database the first time an editor needs it."""
    if version := published_version():
        return version
    version = _new(content.read(), origin=Origin.FILES, note="Contenu livré avec le logiciel.")
    return _publish(version, actor=SYSTEM)


# --- writing ------------------------------------------------------------------------------------------
@transaction.atomic
def new_draft(*, agent, start: TreeVersion | None = None, note: str = "") -> TreeVersion:
    """A draft that takes up the words of `start`, or of what is published; it is meant to replace what is published."""
    _must_edit(agent)
    base = ensure_first()
    version = _new(document_of(start or base), origin=Origin.EDITOR, note=note, base=base, author=agent)
    version.hands.add(agent)
    _tell(agent, "version commencée", version, {"base": base.number, "depuis": (start or base).number})
    return version


def is_behind(draft: TreeVersion) -> bool:
    """Something else was published since this draft began: sent as it is, it would undo that."""
    published = published_version()
    return bool(published and draft.base and published.hash != draft.base.hash)


def bring_up_to_date(*, agent, draft: TreeVersion) -> list[str]:
    """Takes into the draft what was published meanwhile; returns the items that both changed, kept as in the draft."""
    _must_edit(agent)
    published = published_version()
    merged, clashes = merge(document_of(draft.base), document_of(draft), document_of(published))
    _replace(agent, draft, draft.revision, merged, {"depuis": published.number, "croisés": clashes}, base=published)
    draft.refresh_from_db()
    return clashes


def change_item(*, agent, draft: TreeVersion, revision: int, section: str, key: str, value: Any) -> TreeVersion:
    """Sets one item; None takes it away."""

    def change(document: Document) -> None:
        items = document.data[section]
        if value is None:
            items.pop(key, None)
            document.files.pop((section, key), None)
            return
        items[key] = value
        if section in FOLDERS:
            document.files.setdefault((section, key), f"{FOLDERS[section]}/nouveau.yaml")

    return _change(agent, draft, revision, change, {"section": section, "item": key})


def change_file(*, agent, draft: TreeVersion, revision: int, section: str, name: str, items: dict) -> TreeVersion:
    """Replaces all items of one file, in the order they are written; the others keep their place."""

    def change(document: Document) -> None:
        if section not in FOLDERS:
            document.data[section] = items
            return
        kept, done = {}, False
        for key, value in document.data[section].items():
            if document.files.get((section, key)) != name:
                kept[key] = value
            elif not done:
                done = True
                kept |= items
        document.data[section] = kept | items
        for pair in [pair for pair, file in document.files.items() if pair[0] == section and file == name]:
            del document.files[pair]
        document.files |= {(section, key): name for key in items}

    return _change(agent, draft, revision, change, {"section": section, "fichier": name})


def _change(agent, draft: TreeVersion, revision: int, change: Callable[[Document], None], detail: dict) -> TreeVersion:
    _must_edit(agent)
    document = copy.deepcopy(document_of(draft))
    change(document)
    _replace(agent, draft, revision, document, detail)
    draft.refresh_from_db()
    return draft


def _replace(agent, draft: TreeVersion, revision: int, document: Document, detail: dict, **fields) -> None:
    """Compare and set: the draft must still be the one that was read."""
    check_shape(document.data)
    text = document.text()
    check_text(text)
    with transaction.atomic():
        changed = TreeVersion.objects.filter(pk=draft.pk, state=State.DRAFT, revision=revision).update(
            document=text,
            hash=stored.digest_of(text),
            label=document.version,
            layout=stored.layout_of(document),
            revision=revision + 1,
            changed_at=timezone.now(),
            **fields,
        )
        if not changed:
            raise Conflict(STALE)
        draft.hands.add(agent)
        _tell(agent, "version modifiée", draft, detail | {"révision": revision + 1})


@transaction.atomic
def set_note(*, agent, draft: TreeVersion, note: str) -> None:
    _must_edit(agent)
    _move(draft, State.DRAFT, State.DRAFT, note=note)
    draft.hands.add(agent)
    _tell(agent, "version modifiée", draft, {"note": True})


@transaction.atomic
def discard(*, agent, draft: TreeVersion) -> None:
    _must_edit(agent)
    if draft.state == State.REVIEW:
        _move(draft, State.REVIEW, State.DISCARDED)
    else:
        _move(draft, State.DRAFT, State.DISCARDED)
    _tell(agent, "version écartée", draft)


# --- letting out --------------------------------------------------------------------------------------
@transaction.atomic
def send_to_review(*, agent, draft: TreeVersion) -> None:
    _must_edit(agent)
    _must_be_sound(draft)
    _must_be_up_to_date(draft)
    _move(draft, State.DRAFT, State.REVIEW, answer="")
    _tell(agent, "version envoyée en relecture", draft, {"empreinte": draft.hash})


@transaction.atomic
def send_back(*, agent, version: TreeVersion, answer: str) -> None:
    _must_edit(agent)
    _move(version, State.REVIEW, State.DRAFT, answer=answer)
    _tell(agent, "version renvoyée", version)


@transaction.atomic
def approve(*, agent, version: TreeVersion, seen: str) -> TreeVersion:
    """Publishes what the second person read: `seen` is the digest of the page they decided on."""
    version = TreeVersion.objects.select_for_update().get(pk=version.pk)
    if not can_approve(agent, version):
        raise NotAllowed("Une version est relue par une autre personne que celles qui l’ont écrite.")
    if version.state != State.REVIEW:
        raise WrongState("Cette version n’est pas en relecture.")
    if version.hash != seen:
        raise Conflict("Cette version a changé depuis que vous l’avez lue. Relisez-la avant de la publier.")
    _must_be_up_to_date(version)
    version.reviewer = agent
    return _publish(version, actor=agent)


@transaction.atomic
def roll_back(*, agent, version: TreeVersion, withdraw: bool = True) -> TreeVersion:
    """Publishes an earlier version again, at once: two people already let it out. Journeys leave the one withdrawn."""
    _must_edit(agent)
    return _again(version, withdraw=withdraw, actor=agent)


@transaction.atomic
def republish(*, number: int, withdraw: bool = True) -> TreeVersion:
    """The operator's way, at the command line."""
    return _again(TreeVersion.objects.get(number=number), withdraw=withdraw, actor=SYSTEM)


@transaction.atomic
def publish_document(*, document: Document, note: str = "") -> TreeVersion:
    """The operator's way for a file: no second person, and the audit says so."""
    ensure_first()
    return _publish(_new(document, origin=Origin.COMMAND, note=note), actor=SYSTEM)


def _again(version: TreeVersion, *, withdraw: bool, actor) -> TreeVersion:
    if version.state not in SERVED:
        raise WrongState("Seule une version déjà publiée peut être reprise.")
    if version.state == State.PUBLISHED:
        raise WrongState("Cette version est déjà celle qui est publiée.")
    if withdraw:
        TreeVersion.objects.filter(state=State.PUBLISHED).update(withdrawn=True)
    TreeVersion.objects.filter(label=version.label).update(withdrawn=False)
    again = _new(
        document_of(version),
        origin=version.origin,
        note=f"Reprise de la version {version.number}.",
        base=version,
        restores=version,
        author=version.author,
        reviewer=version.reviewer,
    )
    return _publish(again, actor=actor)


def _one_at_a_time() -> None:
    """The first version's row is the lock under which numbers are given and versions published."""
    TreeVersion.objects.select_for_update().order_by("number").values_list("pk").first()


def _new(document: Document, **fields) -> TreeVersion:
    _one_at_a_time()
    check_shape(document.data)
    text = document.text()
    check_text(text)
    last = TreeVersion.objects.aggregate(last=models.Max("number"))["last"] or 0
    return TreeVersion.objects.create(
        number=last + 1,
        document=text,
        hash=stored.digest_of(text),
        label=document.version,
        layout=stored.layout_of(document),
        **fields,
    )


def _publish(version: TreeVersion, *, actor) -> TreeVersion:
    """Checks again, from the stored text: what is published is what was checked."""
    _one_at_a_time()
    _must_be_sound(version)
    TreeVersion.objects.filter(state=State.PUBLISHED).update(state=State.RETIRED)
    version.state, version.published_at = State.PUBLISHED, timezone.now()
    version.published_by = None if actor == SYSTEM else actor
    version.save(update_fields=["state", "published_at", "published_by", "reviewer", "changed_at"])
    _tell(actor, "version publiée", version, {"empreinte": version.hash, "libellé": version.label})
    transaction.on_commit(live.VERSIONS.refresh)
    return version


def examination_of(version: TreeVersion) -> Examination:
    """The checks of one text are made once per process; the digest is looked at each time."""
    document = document_of(version)
    return _examined(version.hash, _Carried(document))


class _Carried:
    """Takes the document past the cache key: the digest already says which it is."""

    __slots__ = ("document",)

    def __init__(self, document: Document):
        self.document = document

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Carried)

    def __hash__(self) -> int:
        return 0


@functools.lru_cache(maxsize=KEPT)
def _examined(digest: str, carried: _Carried) -> Examination:
    return examine(carried.document)


def _must_be_sound(version: TreeVersion) -> None:
    found = examination_of(version)
    if not found.sound:
        first = found.errors[0]
        raise NotSound(f"{len(found.errors)} erreur(s), dont : {first.file}, {first.key} : {first.message}")


def _must_be_up_to_date(version: TreeVersion) -> None:
    if is_behind(version):
        raise WrongState(
            "Une autre version a été publiée depuis. Mettez ce brouillon à jour, puis renvoyez-le en relecture."
        )


def _must_edit(agent) -> None:
    if not can_edit(agent):
        raise NotAllowed("Seule une personne de la rédaction peut changer le contenu.")


def _move(version: TreeVersion, before: State, after: State, **fields) -> None:
    changed = TreeVersion.objects.filter(pk=version.pk, state=before, revision=version.revision).update(
        state=after, changed_at=timezone.now(), **fields
    )
    if not changed:
        raise WrongState("Cette version a changé entre-temps. Relisez-la, puis recommencez.")
    version.refresh_from_db()


def _tell(actor, verb: str, version: TreeVersion, detail: dict | None = None) -> None:
    name = actor if actor == SYSTEM else actor.audit_name
    audit.record(actor=name, verb=verb, target=f"version:{version.number}", detail=detail)
