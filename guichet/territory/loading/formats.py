"""Official files and our packed file, read into plain rows; nothing here touches the database."""

import csv
import gzip
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Iterator
from typing import NamedTuple

from guichet.lib.text import clean_text
from guichet.territory.enums import CommuneKind, Institution
from guichet.territory.loading.report import Refused

COMPETENCE_COLUMNS = {"code_commune", "institution", "id_service", "service"}
GN_COLUMNS = {"identifiant_public_unite", "service", "code_commune_insee"}
PN_COLUMNS = {"service", "adresse_geographique", "code_postal", "commune"}
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "jours_feries")
DAY_IN_TEXT = re.compile(r"\s*\b(Lundi|Mardi|Mercredi|Jeudi|Vendredi|Samedi|Dimanche|Jours? fériés?)\s*:\s*", re.I)
COMMUNE_CODE = re.compile(r"\d[\dAB]\d{3}")
LONGEST_NAME = 120
NOT_COMMUNES = "Ce fichier n’est ni communes.json ni l’archive qui le contient."
CITY_OF = {"13": "13055", "69": "69123", "75": "75056"}


class CommuneRow(NamedTuple):
    code: str
    name: str
    kind: str
    departement: str
    population: int
    parent: str | None
    lat: float | None
    lng: float | None
    postcodes: tuple[str, ...]


class AliasRow(NamedTuple):
    code: str
    name: str
    commune: str


class CompetenceRow(NamedTuple):
    commune: str
    institution: str
    official_id: str
    service: str


class UnitRow(NamedTuple):
    institution: str
    official_id: str
    name: str
    address: str
    phone: str
    departement: str
    commune_code: str
    commune_name: str
    postcode: str
    x: float | None
    y: float | None
    hours: str
    url: str


class Territory(NamedTuple):
    communes: list[CommuneRow]
    aliases: list[AliasRow]


def _decode(content: bytes) -> str:
    try:
        return clean_text(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Refused("Ce fichier n’est pas en UTF-8.") from error


def _table(content: bytes, required: set[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Lines of a `;` file as (number, cells), cells without the spaces that the sources leave around them."""
    reader = csv.reader(io.StringIO(_decode(content)), delimiter=";")
    header = [name.strip() for name in next(reader, [])]
    missing = required - set(header)
    if missing:
        raise Refused(f"Ce fichier n’a pas les colonnes attendues : il manque {', '.join(sorted(missing))}.")
    for cells in reader:
        if any(cells):
            yield reader.line_num, dict(zip(header, (cell.strip() for cell in cells), strict=False))


def _number(text: str) -> float | None:
    try:
        return float(text.replace(",", ".")) or None
    except ValueError:
        return None


def _identifier(text: str) -> str:
    """The gendarmerie's files write « 0 » where they have no identifier."""
    return "" if text.strip("0") == "" else text


def read_packed(content: bytes) -> tuple[Territory, list[CompetenceRow]]:
    """Our own file (`data/SOURCES.md`): three tables in one zip, controlled when it was packed."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    communes = [
        CommuneRow(
            code=row["code_commune"],
            name=row["nom"],
            kind=row["type"],
            departement=row["departement"],
            population=int(row["population"] or 0),
            parent=CITY_OF[row["departement"]] if row["type"] == CommuneKind.ARRONDISSEMENT else None,
            lat=_number(row["lat"]),
            lng=_number(row["lng"]),
            postcodes=tuple(sorted(filter(None, row["codes_postaux"].split("-")))),
        )
        for _, row in _table(archive.read("communes.csv"), {"code_commune", "codes_postaux"})
    ]
    aliases = [
        AliasRow(row["code"], row["nom"], row["code_commune_actuelle"])
        for _, row in _table(archive.read("anciens_noms.csv"), {"code", "code_commune_actuelle"})
    ]
    competences, _ = read_competences(archive.read("competences.csv"))
    return Territory(communes, aliases), competences


def read_competences(content: bytes) -> tuple[list[CompetenceRow], list[str]]:
    """« Compétence territoriale gendarmerie et police nationales »; a shared commune has two lines."""
    rows, rejected, forces = [], [], {"", *Institution.values}
    for line, cells in _table(content, COMPETENCE_COLUMNS):
        row = CompetenceRow(
            cells["code_commune"].upper(),
            cells.get("institution", "").upper(),
            _identifier(cells.get("id_service", "")),
            cells.get("service", ""),
        )
        if not COMMUNE_CODE.fullmatch(row.commune):
            rejected.append(f"ligne {line} : code de commune « {row.commune} » illisible")
        elif row.institution not in forces:
            rejected.append(f"ligne {line} : force « {row.institution} » inconnue")
        elif len(row.service) > LONGEST_NAME:
            rejected.append(f"ligne {line} : nom de service trop long")
        else:
            rows.append(row)
    return rows, rejected


def read_communes(content: bytes) -> tuple[Territory, list[str]]:
    """`communes.json` of the official geographic code package, alone, gzipped, or inside the package's tarball."""
    try:
        entries = json.loads(_decode(_communes_json(content)))
    except (ValueError, OSError, EOFError, tarfile.TarError) as error:
        raise Refused(NOT_COMMUNES) from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Refused(NOT_COMMUNES)
    communes, aliases, rejected = [], [], []
    for entry in entries:
        kind = str(entry.get("type", ""))
        if not entry.get("code") or not entry.get("nom"):
            rejected.append(f"commune sans code ou sans nom : {entry.get('code') or entry.get('nom')}")
        elif kind in ("commune-actuelle", "arrondissement-municipal"):
            communes.append(_commune(entry))
            aliases += [AliasRow(code, "", entry["code"]) for code in entry.get("anciensCodes", ())]
        elif entry.get("chefLieu"):
            aliases.append(AliasRow(entry["code"], entry["nom"], entry["chefLieu"]))
        else:
            rejected.append(f"{entry['code']} {entry['nom']} : sorte « {kind} » inconnue")
    return Territory(communes, aliases), rejected


def _communes_json(content: bytes) -> bytes:
    if content[:2] != b"\x1f\x8b":
        return content
    content = gzip.decompress(content)
    if content.lstrip()[:1] == b"[":
        return content
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for member in archive:
            found = archive.extractfile(member) if member.name.endswith("data/communes.json") else None
            if found:
                return found.read()
    raise Refused("L’archive ne contient pas data/communes.json.")


def _commune(entry: dict) -> CommuneRow:
    parent = entry.get("commune")
    return CommuneRow(
        code=entry["code"],
        name=entry["nom"],
        kind=CommuneKind.ARRONDISSEMENT if parent else CommuneKind.COMMUNE,
        departement=entry["departement"],
        population=int(entry.get("population") or 0),
        parent=parent,
        lat=None,
        lng=None,
        postcodes=tuple(sorted(entry.get("codesPostaux", ()))),
    )


def read_units(content: bytes) -> tuple[Institution, list[UnitRow], list[str]]:
    """Either list of places open to the public; the header tells which force."""
    header = _decode(content.partition(b"\n")[0])
    institution = Institution.GN if "identifiant_public_unite" in header else Institution.PN
    rows, rejected = [], []
    for line, cells in _table(content, GN_COLUMNS if institution == Institution.GN else PN_COLUMNS):
        if not cells.get("service"):
            rejected.append(f"ligne {line} : unité sans nom")
        elif len(cells["service"]) > LONGEST_NAME:
            rejected.append(f"ligne {line} : nom d’unité trop long")
        else:
            rows.append(_unit(institution, cells))
    return institution, rows, rejected


def _unit(institution: Institution, cells: dict[str, str]) -> UnitRow:
    address = [part.strip() for part in cells.get("adresse_geographique", "").split("$")]
    return UnitRow(
        institution=institution,
        official_id=_identifier(cells.get("identifiant_public_unite", "")),
        name=cells["service"],
        address="\n".join(filter(None, address)),
        phone=cells.get("telephone", "")[:40],
        departement=cells.get("departement", ""),
        commune_code=cells.get("code_commune_insee", "").upper(),
        commune_name=cells.get("commune", ""),
        postcode=cells.get("code_postal", "")[:5],
        x=_number(cells.get("geocodage_x_GPS", "")),
        y=_number(cells.get("geocodage_y_GPS", "")),
        hours=_hours(cells),
        url=cells.get("url", "")[:300],
    )


def _hours(cells: dict[str, str]) -> str:
    """One line a day, whether the source has one sentence or twenty-four columns. Half a span is kept as it is."""
    if cells.get("horaires_accueil"):
        return DAY_IN_TEXT.sub(lambda day: f"\n{day[1]} : ", cells["horaires_accueil"]).strip()
    lines = []
    for day in DAYS:
        spans = [(cells.get(f"{day}_plage{n}_debut", ""), cells.get(f"{day}_plage{n}_fin", "")) for n in (1, 2, 3)]
        text = " ".join(f"{start}-{end}" for start, end in spans if start or end)
        if text:
            lines.append(f"{day.replace('_', ' ').replace('feries', 'fériés').capitalize()} : {text}")
    return "\n".join(lines)
