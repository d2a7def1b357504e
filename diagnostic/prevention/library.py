"""All the prevention there is to read, put together once per version of the catalogue and of the editors' words."""

import functools
from dataclasses import dataclass

from diagnostic import content
from diagnostic.catalogue import Catalogue
from diagnostic.phones import linker_of
from diagnostic.prevention import current, markup, sheets, texts
from diagnostic.prevention.current import Notice, Wordings
from diagnostic.prevention.markup import Block
from diagnostic.prevention.search import Document, Index
from diagnostic.prevention.sheets import Sheet, Wording
from diagnostic.prevention.texts import Texts

SHEET, PRACTICE, THEME, NOTICE = "fiche", "pratique", "kit", "alerte"


@dataclass(frozen=True, slots=True)
class Practice:
    slug: str
    title: str
    summary: str
    body: tuple[Block, ...]
    avoid: tuple[str, ...]
    threats: tuple[str, ...]
    words: str


class Library:
    def __init__(self, catalogue: Catalogue, words: Texts, wordings: Wordings):
        self.catalogue, self.texts, self.wordings = catalogue, words, wordings
        self._written = dict(wordings)
        self._sheets: dict[str, Sheet] = {}
        self._index: tuple[tuple[Notice, ...], Index] | None = None

    def sheet(self, key: str) -> Sheet | None:
        threat = self.catalogue.threats.get(key)
        if threat is None:
            return None
        if key not in self._sheets:
            self._sheets[key] = sheets.build(self.catalogue, self.texts, threat, self._written.get(key))
        return self._sheets[key]

    @functools.cached_property
    def practices(self) -> dict[str, Practice]:
        return {key: self.practice(key, self._written.get(key)) for key in self.texts.practices}

    def practice(self, key: str, wording: Wording | None = None) -> Practice:
        spec, wording = self.texts.practices[key], wording or Wording()
        body, avoid = wording.body or spec.body, wording.avoid or spec.avoid
        summary = wording.how or spec.summary
        return Practice(
            slug=key,
            title=spec.title,
            summary=summary,
            body=markup.blocks(body, linker_of(self.catalogue)),
            avoid=avoid,
            threats=tuple(threat for threat in spec.threats if threat in self.catalogue.threats),
            words=" ".join([markup.plain(body), *avoid]),
        )

    @functools.cached_property
    def families(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """Each family and its sheets (id, name). A threat that no family names still has its place, at the end."""
        threats = self.catalogue.threats
        placed = {key for family in self.texts.families for key in family.ids}
        found = [
            (family.title, tuple((key, threats[key].name) for key in family.ids if key in threats))
            for family in self.texts.families
        ]
        found.append(("Autres", tuple((key, threat.name) for key, threat in threats.items() if key not in placed)))
        return tuple((title, members) for title, members in found if members)

    def name_of(self, key: str) -> str:
        """Of a sheet or a practice; the key itself when the content has dropped it."""
        if key in self.catalogue.threats:
            return self.catalogue.threats[key].name
        return self.texts.practices[key].title if key in self.texts.practices else key

    def index(self, notices: tuple[Notice, ...]) -> Index:
        if self._index is None or self._index[0] != notices:
            found = [*self._documents, *map(_notice, notices)]
            self._index = (notices, Index(found, self.texts.synonyms))
        return self._index[1]

    @functools.cached_property
    def _documents(self) -> list[Document]:
        found = [_sheet(self.sheet(key)) for key in self.catalogue.threats]
        found += [Document(PRACTICE, p.slug, p.title, p.summary, p.words) for p in self.practices.values()]
        for key, theme in self.texts.themes.items():
            text = " ".join(words for gesture in theme.do for words in gesture)
            found.append(Document(THEME, key, f"{theme.title}, page à imprimer", theme.lead, text))
        return found


def _sheet(sheet: Sheet) -> Document:
    return Document(SHEET, sheet.id, sheet.name, sheet.definition, sheet.words)


def _notice(notice: Notice) -> Document:
    return Document(NOTICE, str(notice.id), notice.title, notice.summary, markup.plain(notice.body))


_last: Library | None = None


def library() -> Library:
    """The one of now: the same object as long as nothing was published."""
    global _last
    catalogue, wordings = content.published(), current.wordings.get()
    found = _last
    if found is None or found.catalogue.version != catalogue.version or found.wordings != wordings:
        found = _last = Library(catalogue, texts.from_files(), wordings)
    return found
