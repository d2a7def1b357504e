"""The victim's journey: one encrypted, authenticated session cookie, so that a question costs no statement.

Nothing is kept on the server before the person asks for a dossier. The cookie holds the version of the tree, the
answers by node, a random id and the start. One that was tampered with, is too old or does not open starts afresh, with
a kind word. A journey is walked to its end in the version it began with. When that version is no longer served, the
answers that still stand are kept: ids are permanent.
"""

import json
import re
import time
import uuid
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from diagnostic import content, engine
from diagnostic.catalogue import FACTS, Catalogue
from diagnostic.moments import ONCE
from guichet.lib.crypto import open_cookie, seal_cookie

COOKIE = settings.COOKIE_PREFIX + "parcours"
PURPOSE = "parcours"
MAX_AGE = 12 * 3600
MAX_COOKIE = 3400
LOST, CHANGED = "lost", "changed"
_CACHED = "_diagnostic_journey"
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(slots=True)
class Journey:
    """`shown` is a mark of the boxes each facts screen offered when it was answered. When they are no longer the same,
    the ticks move to `kept`: the screen is asked again, with them ticked."""

    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    started: int = field(default_factory=lambda: int(time.time()))
    version: str = ""
    answers: dict[str, tuple[str, ...]] = field(default_factory=dict)
    kept: dict[str, tuple[str, ...]] = field(default_factory=dict)
    shown: dict[str, int] = field(default_factory=dict)
    counted: bool = False
    done: tuple[str, ...] = ()

    def tick(self, shown: Iterable[str], done: Iterable[str]) -> None:
        """Of the actions that were shown, those that are done; the others keep what they had."""
        shown, done = set(shown), set(done)
        self.done = tuple(sorted({*self.done} - shown | shown & done))

    def answer(
        self,
        catalogue: Catalogue,
        node: str,
        ids: tuple[str, ...],
        once: Mapping[str, tuple[str, ...]] | None = None,
    ) -> engine.Resolution:
        """Keeps one answer, and every later one that still holds; says where the person stands now.

        `once`: when and how much, if this screen asked it; an empty answer takes back an earlier one.
        """
        self.answers[node] = ids
        for key, said in (once or {}).items():
            self.answers[key] = said
            if not said:
                del self.answers[key]
        self.kept.pop(node, None)
        if catalogue.nodes[node].kind == FACTS and (screen := _facts_screen(catalogue, self.answers)):
            self.shown[node] = screen[1]
        self.settle(catalogue)
        return engine.resolve(catalogue, self.answers)

    def settle(self, catalogue: Catalogue) -> None:
        """Asks a facts screen again when its boxes are not those that were answered."""
        self.version = catalogue.version
        if not any(catalogue.nodes[node].kind == FACTS for node in self.answers if node in catalogue.nodes):
            return
        screen = _facts_screen(catalogue, self.answers)
        if screen and screen[0] in self.answers and self.shown.get(screen[0]) != screen[1]:
            self.kept[screen[0]] = self.answers.pop(screen[0])


@dataclass(slots=True)
class Loaded:
    """`catalogue` is the version to walk: the journey's own while it is served, else the published one."""

    journey: Journey | None
    notice: str = ""
    catalogue: Catalogue = field(default_factory=lambda: content.published(), repr=False)


def _facts_screen(catalogue: Catalogue, answers: engine.Answers) -> tuple[str, int] | None:
    """(node, mark of its boxes) of the facts screen these answers lead to, already answered or not."""
    bare = {key: ids for key, ids in answers.items() if key in catalogue.nodes and catalogue.nodes[key].kind != FACTS}
    question = engine.resolve(catalogue, bare).question
    if question is None or question.node.kind != FACTS:
        return None
    boxes = " ".join(row.id for row in (*question.rows, *question.folded))
    return question.node.id, zlib.crc32(boxes.encode())


def load(request: HttpRequest) -> Loaded:
    """The visitor's journey, opened once per request."""
    found = getattr(request, _CACHED, None)
    if found is None:
        found = _open(request.COOKIES.get(COOKIE, ""))
        setattr(request, _CACHED, found)
    return found


def _open(value: str) -> Loaded:
    if not value:
        return Loaded(None)
    data = open_cookie(PURPOSE, value, MAX_AGE) if len(value) <= MAX_COOKIE * 2 else None
    catalogue = catalogue_of(str(data.get("v"))) if isinstance(data, dict) else content.published()
    journey = _read(catalogue, data)
    if journey is None:
        return Loaded(None, LOST)
    if journey.version != catalogue.version:
        journey.settle(catalogue)
        return Loaded(journey, CHANGED, catalogue)
    return Loaded(journey, "", catalogue)


def catalogue_of(version: str) -> Catalogue:
    """The version a journey began with, or the published one when it is served no more."""
    return content.at(version) or content.published()


def _read(catalogue: Catalogue, data: object) -> Journey | None:
    if not isinstance(data, dict) or not _ID.fullmatch(str(data.get("i"))) or not isinstance(data.get("s"), int):
        return None
    return Journey(
        id=data["i"],
        started=data["s"],
        version=str(data.get("v")),
        answers=_unpack(catalogue, data.get("a")),
        kept=_unpack(catalogue, data.get("k")),
        shown=_marks(data.get("f")),
        counted=bool(data.get("c")),
        done=tuple(key for key in str(data.get("d") or "").split(" ") if key in catalogue.actions),
    )


def _unpack(catalogue: Catalogue, packed: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(packed, dict):
        return {}
    return {
        node: tuple(part for part in str(ids).split(" ") if part)
        for node, ids in packed.items()
        if node in catalogue.nodes or node in ONCE
    }


def _marks(packed: object) -> dict[str, int]:
    if not isinstance(packed, dict):
        return {}
    return {node: mark for node, mark in packed.items() if isinstance(mark, int)}


def save(response: HttpResponse, catalogue: Catalogue, journey: Journey) -> None:
    """Writes the cookie; answers off the current path go first when it would grow too big for a browser."""
    value = _sealed(journey)
    if len(value) > MAX_COOKIE:
        path = {step.node for step in engine.resolve(catalogue, journey.answers).path}
        journey.answers = {node: ids for node, ids in journey.answers.items() if node in path}
        journey.kept, journey.shown = {}, {node: mark for node, mark in journey.shown.items() if node in path}
        value = _sealed(journey)
    response.set_cookie(COOKIE, value, path="/", secure=settings.HTTPS, httponly=True, samesite="Lax")


def _sealed(journey: Journey) -> str:
    return seal_cookie(PURPOSE, _data(journey))


def _data(journey: Journey) -> dict:
    return {
        "v": journey.version,
        "i": journey.id,
        "s": journey.started,
        "a": {node: " ".join(ids) for node, ids in journey.answers.items()},
        "k": {node: " ".join(ids) for node, ids in journey.kept.items()},
        "f": journey.shown,
        "c": int(journey.counted),
        "d": " ".join(journey.done),
    }


def packed(journey: Journey) -> str:
    """The journey as text, to be sealed by who keeps it."""
    return json.dumps(_data(journey), ensure_ascii=False, separators=(",", ":"))


def unpacked(text: bytes) -> Journey | None:
    data = json.loads(text)
    return _read(catalogue_of(str(data.get("v"))), data)


def forget(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE, path="/", samesite="Lax")
