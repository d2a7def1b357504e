"""The kit: nine A4 pages, in PDF and in plain text, and an archive of them all. Made once per process."""

import functools
import io
import zipfile
from datetime import UTC, datetime

from diagnostic.prevention import texts
from diagnostic.prevention.schema import ThemeSpec
from guichet.lib import documents

LICENCE = "Licence Ouverte 2.0 (Etalab)"
SOURCE = "Guichet cyber (démonstration)"
TERMS = (
    f"{LICENCE}. Vous pouvez copier, modifier, imprimer et diffuser ces pages, même pour les vendre,\n"
    f"en citant la source « {SOURCE} » et la date d'édition.\n"
)
NUMBERS = (
    "17 ou 112\u00a0: danger immédiat",
    "114 par SMS\u00a0: si vous ne pouvez pas parler",
    "3018\u00a0: enfants et adolescents",
)
PARTS = (("do", "Les bons gestes"), ("avoid", "À éviter"), ("trouble", "Si cela arrive"))


def themes() -> dict[str, ThemeSpec]:
    return texts.from_files().themes


@functools.cache
def paper(key: str) -> bytes:
    """The page of this theme. Raises KeyError for an unknown one."""
    words, theme = texts.from_files(), themes()[key]
    data = {
        "title": theme.title,
        "lead": theme.lead,
        "edition": words.edition,
        "do": [{"name": name, "how": how} for name, how in theme.do],
        "avoid": list(theme.avoid),
        "trouble": list(theme.trouble),
        "numbers": list(NUMBERS),
        "licence": LICENCE,
        "source": SOURCE,
    }
    return documents.render("sheet", data, moment=_moment(words.edition))


@functools.cache
def text(key: str) -> str:
    """The same words for a newsletter, a notice board or a screen reader."""
    theme = themes()[key]
    lines = [theme.title.upper(), "", theme.lead, ""]
    for part, title in PARTS:
        lines += [title, *(f"- {_line(item)}" for item in getattr(theme, part)), ""]
    lines += ["En cas d'urgence", *(f"- {number}" for number in NUMBERS), ""]
    lines += [f"{SOURCE}, édition {texts.from_files().edition}", TERMS]
    return "\n".join(lines)


def edited_at() -> datetime:
    """The first day of the month that the edition names."""
    return _moment(texts.from_files().edition)


def _line(item: str | tuple[str, str]) -> str:
    return item if isinstance(item, str) else f"{item[0]}. {item[1]}"


@functools.cache
def archive() -> bytes:
    """Same content, same bytes: the files bear the date of the edition."""
    moment = edited_at()
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as archive:
        for key in themes():
            _add(archive, f"{key}.pdf", paper(key), moment)
            _add(archive, f"{key}.txt", text(key).encode(), moment)
        _add(archive, "LICENCE.txt", TERMS.encode(), moment)
    return found.getvalue()


def _add(archive: zipfile.ZipFile, name: str, content: bytes, moment: datetime) -> None:
    entry = zipfile.ZipInfo(f"kit-prevention/{name}", moment.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _moment(edition: str) -> datetime:
    year, month = edition.split("-")
    return datetime(int(year), int(month), 1, tzinfo=UTC)
