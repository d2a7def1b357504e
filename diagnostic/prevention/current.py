"""What editors published, as this process keeps it: the words of the sheets, and the announcements."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from diagnostic.prevention.enums import State
from diagnostic.prevention.kept import Kept
from diagnostic.prevention.models import Announcement, SheetText
from diagnostic.prevention.sheets import Wording
from diagnostic.schema import typographic

MOST = 300
Wordings = tuple[tuple[str, Wording], ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """A published announcement."""

    id: uuid.UUID
    title: str
    summary: str
    body: str
    level: str
    departements: tuple[str, ...]
    threats: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime | None
    updated_at: datetime

    def shown(self, now: datetime) -> bool:
        return self.starts_at <= now and not self.ended(now)

    def ended(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now

    def concerns(self, *, departement: str = "", threat: str = "") -> bool:
        """An announcement for everywhere concerns every département; the same for threats."""
        here = not departement or not self.departements or departement in self.departements
        return here and (not threat or not self.threats or threat in self.threats)

    @property
    def changed_at(self) -> datetime:
        """For a feed: never before it was shown."""
        return max(self.starts_at, self.updated_at)


def wording_of(text: SheetText) -> Wording:
    return Wording(typographic(text.how), tuple(map(typographic, text.avoided)), typographic(text.body))


def _read_wordings() -> Wordings:
    published = SheetText.objects.filter(state=State.PUBLISHED).order_by("slug")
    return tuple((text.slug, wording_of(text)) for text in published)


def notice_of(announcement: Announcement) -> Notice:
    return Notice(
        id=announcement.pk,
        title=typographic(announcement.title),
        summary=typographic(announcement.summary),
        body=typographic(announcement.body),
        level=announcement.level,
        departements=tuple(announcement.departements),
        threats=tuple(announcement.threats),
        starts_at=announcement.starts_at,
        ends_at=announcement.ends_at,
        updated_at=announcement.updated_at,
    )


def _read_notices() -> tuple[Notice, ...]:
    published = Announcement.objects.filter(state=State.PUBLISHED).order_by("-starts_at", "pk")[:MOST]
    return tuple(notice_of(announcement) for announcement in published)


wordings: Kept[Wordings] = Kept(_read_wordings, ())
notices: Kept[tuple[Notice, ...]] = Kept(_read_notices, ())


def shown(now: datetime, *, departement: str = "", threat: str = "") -> tuple[Notice, ...]:
    """Newest first."""
    return tuple(
        notice
        for notice in notices.get()
        if notice.shown(now) and notice.concerns(departement=departement, threat=threat)
    )


def find(key: uuid.UUID, now: datetime) -> Notice | None:
    """One that is shown, or was: its address stays good after its end."""
    return next((notice for notice in notices.get() if notice.id == key and notice.starts_at <= now), None)


def forget() -> None:
    wordings.forget()
    notices.forget()
