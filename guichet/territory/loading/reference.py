"""The packed file carried with the project: communes and competence, loaded together or not at all."""

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path

from guichet.territory.enums import Topic
from guichet.territory.loading.bulk import one_transaction
from guichet.territory.loading.communes import write_communes
from guichet.territory.loading.competences import write_competences
from guichet.territory.loading.formats import read_packed
from guichet.territory.loading.report import Report, close_edition, open_edition
from guichet.territory.models import Edition

PACKED = Path(__file__).resolve().parent.parent / "data" / "territoire-2026-08.zip"
NAMES = {Topic.COMMUNES: "2026-01", Topic.COMPETENCES: "2026-08"}


def missing_topics(sha256: str) -> list[Topic]:
    """What this file would bring: nothing if it was loaded once, nor where a newer official file was loaded since."""
    if Edition.objects.filter(sha256=sha256).exists():
        return []
    newest = {edition.topic: edition.name for edition in Edition.objects.order_by("loaded_at", "id")}
    return [topic for topic, name in NAMES.items() if newest.get(topic, "") <= name]


def load_reference(*, day: dt.date, progress: Callable[[str], None] = lambda _: None) -> list[Report]:
    """Idempotent: an unchanged file costs one statement."""
    content = PACKED.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    topics = missing_topics(sha256)
    if not topics:
        return []
    progress("Lecture du fichier…")
    territory, competences = read_packed(content)
    reports = []
    with one_transaction():
        for topic in topics:
            edition = open_edition(topic, name=NAMES[topic], sha256=sha256)
            if topic == Topic.COMMUNES:
                progress(f"{len(territory.communes)} communes et {len(territory.aliases)} anciens noms…")
                report = write_communes(territory, rejected=[], day=day)
            else:
                progress(f"Compétence : {len(competences)} lignes…")
                report = write_competences(competences, edition=edition, rejected=[], day=day)
            close_edition(edition, report)
            reports.append(report)
    return reports
