"""What the three import commands share: read, compare, say what changes, write all or nothing."""

import datetime as dt
import hashlib
import re
import time
from collections.abc import Callable
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from guichet.territory.enums import Topic
from guichet.territory.loading.bulk import one_transaction
from guichet.territory.loading.report import Refused, Report, already_loaded, close_edition, open_edition
from guichet.territory.models import Edition

SHOWN = 10
EDITION = re.compile(r"\d{4}-\d{2}")
WORDS = {"added": "ajoutés", "changed": "modifiés", "removed": "disparus", "rejected": "rejetés"}
UNREAD = "horaires gardés comme ils sont écrits"

# How a file that was read is written, once its edition is open.
Write = Callable[[Edition, dt.date, bool], Report]


class LoadCommand(BaseCommand):
    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, help="fichier officiel")
        parser.add_argument("--edition", default="", help="année et mois, par exemple 2027-02 (par défaut : ce mois)")
        parser.add_argument("--dry-run", action="store_true", help="dire ce qui changerait, sans rien écrire")
        parser.add_argument("--force", action="store_true", help="accepter que plus de 5 %% des lignes disparaissent")

    def read(self, content: bytes) -> tuple[Topic, Write]:
        raise NotImplementedError

    def handle(self, *args, file: Path, edition: str, dry_run: bool, force: bool, **options):
        start = time.monotonic()
        name = edition or f"{timezone.localdate():%Y-%m}"
        if not EDITION.fullmatch(name):
            raise CommandError("Écrivez l’édition comme 2027-02 : les éditions se comparent par leur nom.")
        try:
            content = file.read_bytes()
            sha256 = hashlib.sha256(content).hexdigest()
            topic, write = self.read(content)
            if already_loaded(topic, sha256):
                self.stdout.write(f"{topic.label.capitalize()} : ce fichier est déjà chargé.")
                return
            report = load(topic, write, name=name, sha256=sha256, dry_run=dry_run, force=force)
        except (OSError, Refused) as error:
            raise CommandError(str(error)) from error
        self.say(report, name=name, sha256=sha256, dry_run=dry_run, seconds=time.monotonic() - start)

    def say(self, report: Report, *, name: str, sha256: str, dry_run: bool, seconds: float) -> None:
        for field, word in (WORDS | ({} if report.unread is None else {"unread": UNREAD})).items():
            items = getattr(report, field)
            examples = [" ".join(item).strip() if isinstance(item, tuple) else item for item in items[:SHOWN]]
            rest = ["…"] if len(items) > SHOWN else []
            self.stdout.write(f"{len(items)} {word} : {', '.join(examples + rest)}" if items else f"0 {word}")
        if dry_run:
            self.stdout.write("Essai : rien n’a été écrit.")
        figures = " ".join(f"{field}={count}" for field, count in report.counts.items())
        self.stdout.write(f"{figures} edition={name} sha256={sha256} seconds={seconds:.1f}")


def load(topic: Topic, write: Write, *, name: str, sha256: str, dry_run: bool = False, force: bool = False) -> Report:
    with one_transaction():
        edition = open_edition(topic, name=name, sha256=sha256)
        report = write(edition, timezone.localdate(), force)
        close_edition(edition, report)
        transaction.set_rollback(dry_run)
    return report
