"""Providers from a file: each line goes through the form of the page; a fault is told at its line, and nothing is
written until every line is right."""

import csv
import io
from dataclasses import dataclass, field

from django.db import transaction

from guichet.directory.enums import ProviderState
from guichet.directory.forms import ApplicationForm
from guichet.directory.models import Provider
from guichet.directory.rulebook import VETTING
from guichet.directory.services import providers
from guichet.lib.text import clean_text

FIELDS = {
    "nom": "name",
    "siren": "siren",
    "courriel": "contact_email",
    "telephone": "phone",
    "site": "website",
    "commune": "place",
    "presentation": "presentation",
    "departements": "departements",
    "capacite": "capacity",
    "label": "label",
    "label_numero": "label_number",
    "label_fin": "label_until",
    "prix_bas": "price_low",
    "prix_haut": "price_high",
}
TICKS = {"distance": "remote", "devis_gratuit": "quote_free", "charte": "charter"}
LISTS = ("publics", "competences")
COLUMNS = (*FIELDS, *TICKS, *LISTS)
YES, NO = {"oui", "o", "1"}, {"non", "n", "0", ""}


class NotReadable(Exception):
    """The file as a whole; the message is for who loads it."""


@dataclass
class Loaded:
    added: list[Provider] = field(default_factory=list)
    known: int = 0
    faults: list[str] = field(default_factory=list)


def read(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """(line, cells by column)."""
    try:
        text = clean_text(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise NotReadable("Ce fichier n’est pas en UTF-8.")
    reader = csv.reader(io.StringIO(text), delimiter=";")
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise NotReadable(f"Il manque les colonnes : {', '.join(missing)}. Séparez-les par des points-virgules.")
        return [
            (reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=False)))
            for cells in reader
            if any(cell.strip() for cell in cells)
        ]
    except csv.Error as error:
        raise NotReadable(f"Ligne {reader.line_num} : le fichier n’est pas un CSV lisible.") from error


@transaction.atomic
def load(content: bytes, *, actor: str, listed: bool = False, reason: str = "", dry_run: bool = False) -> Loaded:
    """All the lines, or none. A SIREN already here is left as it is. `listed`: they were vetted before."""
    loaded, seen = Loaded(), {}
    known = set(Provider.objects.values_list("siren", flat=True))
    for line, cells in read(content):
        bare = "".join(char for char in cells.get("siren", "") if char.isdigit())
        if bare in seen:
            loaded.faults.append(f"Ligne {line}, siren : déjà écrit à la ligne {seen[bare]}.")
            continue
        seen[bare] = line
        if bare in known:
            loaded.known += 1
            continue
        form, faults = _form(line, cells)
        if faults or not form.is_valid():
            loaded.faults += faults + _told(line, form)
            continue
        provider = providers.apply(
            provider=form.as_provider(),
            skills=form.skills,
            departements=form.cleaned_data["departements"],
            actor=actor,
        )
        loaded.added.append(provider)
        if listed:
            provider.checks = [check.id for check in VETTING.checks]
            provider.save(update_fields=["checks"])
            providers.change_state(provider=provider, to=ProviderState.LISTED, reason=reason, actor=actor)
    transaction.set_rollback(dry_run or bool(loaded.faults))
    return loaded


def _form(line: int, cells: dict[str, str]) -> tuple[ApplicationForm, list[str]]:
    faults: list[str] = []
    data: dict = {name: cells.get(column, "") for column, name in FIELDS.items()}
    for column, name in TICKS.items():
        value = cells.get(column, "").lower()
        if value in YES:
            data[name] = "on"
        elif value not in NO:
            faults.append(f"Ligne {line}, {column} : écrivez oui ou non.")
    data["audiences"] = _split(cells.get("publics", ""))
    for part in _split(cells.get("competences", "")):
        kind, _, level = part.partition("=")
        if kind.strip() not in VETTING.skill_names:
            faults.append(f"Ligne {line}, competences : « {part[:40]} » n’est pas connue.")
        data[f"skill_{kind.strip()}"] = level.strip() or "1"
    return ApplicationForm(data), faults


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split(",") if part.strip()]


def _told(line: int, form: ApplicationForm) -> list[str]:
    columns = {name: column for column, name in (*FIELDS.items(), *TICKS.items())} | {"audiences": "publics"}
    return [
        f"Ligne {line}, {columns.get(name, 'competences' if name.startswith('skill_') else name)} : {error}"
        for name, errors in form.errors.items()
        for error in errors
    ]
