"""What a load changed, and the guard that refuses a truncated file."""

from dataclasses import dataclass, field

from django.utils import timezone

from guichet.territory.enums import Topic
from guichet.territory.models import Edition

LARGEST_LOSS = 0.05


class Refused(Exception):
    """A file that is not loaded at all; the message says why, in French."""


@dataclass
class Report:
    """Codes and names, not only counts: the operator reads them before saying yes."""

    topic: Topic
    known: int = 0
    added: list = field(default_factory=list)
    changed: list = field(default_factory=list)
    removed: list = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    # What is kept as words because it could not be read; None where nothing is read.
    unread: list[str] | None = None

    @property
    def counts(self) -> dict[str, int]:
        counts = {name: len(getattr(self, name)) for name in ("added", "changed", "removed", "rejected")}
        return counts if self.unread is None else counts | {"unread": len(self.unread)}

    def compare(self, old: dict, new: dict) -> None:
        """Sort the keys of two states of a table into added, changed and removed."""
        self.known = len(old)
        self.added = [key for key in new if key not in old]
        self.changed = [key for key, value in new.items() if key in old and old[key] != value]
        self.removed = [key for key in old if key not in new]

    def guard(self, *, force: bool = False) -> None:
        """A file cut in transit looks like a great many closures: nothing is written beyond 5 % of loss."""
        loss = len(self.removed) / self.known if self.known else 0
        if loss > LARGEST_LOSS and not force:
            raise Refused(
                f"Ce fichier ferait disparaître {len(self.removed)} lignes sur {self.known} "
                f"({loss:.0%}, au plus {LARGEST_LOSS:.0%}). Vérifiez qu’il est entier."
            )


def already_loaded(topic: Topic, sha256: str) -> bool:
    """Is this file the latest one loaded on this topic?"""
    latest = Edition.objects.filter(topic=topic).first()
    return latest is not None and latest.sha256 == sha256


def open_edition(topic: Topic, *, name: str, sha256: str) -> Edition:
    return Edition.objects.create(topic=topic, name=name, sha256=sha256, loaded_at=timezone.now())


def close_edition(edition: Edition, report: Report) -> None:
    edition.counts = report.counts
    edition.save(update_fields=["counts"])
