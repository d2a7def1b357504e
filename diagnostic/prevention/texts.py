"""The prevention files, read once. A fault names the file and the item, and nothing is half read."""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from diagnostic import content
from diagnostic.exceptions import ContentError, Problem
from diagnostic.prevention.schema import (
    CaseSpec,
    FamilySpec,
    PairSpec,
    PracticeSpec,
    SettingsSpec,
    SheetSpec,
    ThemeSpec,
)

FOLDER = content.FOLDER / "prevention"
SpecT = TypeVar("SpecT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Family:
    key: str
    title: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """What separates two threats: the question, and the answer that leads to each."""

    ask: str
    answers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Texts:
    edition: str
    families: tuple[Family, ...]
    sheets: dict[str, SheetSpec]
    pairs: dict[frozenset[str], Pair]
    practices: dict[str, PracticeSpec]
    themes: dict[str, ThemeSpec]
    cases: dict[str, CaseSpec]
    synonyms: dict[str, tuple[str, ...]]


class _Reader:
    def __init__(self, folder: Path):
        self.folder = folder
        self.problems: list[Problem] = []

    def file(self, name: str) -> dict:
        try:
            return content.read_yaml(self.folder / name, f"prevention/{name}")
        except ContentError as error:
            self.problems += error.problems
            return {}

    def spec(self, kind: type[SpecT], raw, name: str, where: str) -> SpecT | None:
        try:
            return kind.model_validate(raw)
        except ValidationError as error:
            for fault in error.errors():
                path = ".".join(map(str, fault["loc"]))
                self.problems.append(Problem(f"prevention/{name}", where, f"{path}: {fault['msg']}"))
            return None

    def each(self, kind: type[SpecT], name: str) -> dict[str, SpecT]:
        found = {key: self.spec(kind, raw, name, key) for key, raw in self.file(name).items()}
        return {key: spec for key, spec in found.items() if spec is not None}

    def names(self, folder: str) -> list[str]:
        return sorted(f"{folder}/{path.name}" for path in (self.folder / folder).glob("*.yaml"))


def read(folder: Path = FOLDER) -> Texts:
    reader = _Reader(folder)
    settings = reader.spec(SettingsSpec, reader.file("reglages.yaml"), "reglages.yaml", "fichier")
    families = {
        Path(name).stem: spec
        for name in reader.names("fiches")
        if (spec := reader.spec(FamilySpec, reader.file(name), name, "fichier"))
    }
    practices = {
        key: spec for name in reader.names("pratiques") for key, spec in reader.each(PracticeSpec, name).items()
    }
    pairs = dict(_pair(key, spec) for key, spec in reader.each(PairSpec, "voisines.yaml").items())
    themes = reader.each(ThemeSpec, "kit.yaml")
    if settings is not None and set(settings.families) != set(families):
        reader.problems.append(
            Problem("prevention/reglages.yaml", "families", "ne nomme pas chaque fichier de fiches/")
        )
    if settings is not None and set(settings.practices) != set(practices):
        reader.problems.append(Problem("prevention/reglages.yaml", "practices", "ne nomme pas chaque fiche pratique"))
    if reader.problems or settings is None:
        raise ContentError(reader.problems)
    return Texts(
        edition=settings.edition,
        families=tuple(Family(key, families[key].title, tuple(families[key].sheets)) for key in settings.families),
        sheets={key: sheet for family in families.values() for key, sheet in family.sheets.items()},
        pairs=pairs,
        practices={key: practices[key] for key in settings.practices},
        themes=themes,
        cases=settings.cases,
        synonyms=settings.synonyms,
    )


def _pair(key: str, spec: PairSpec) -> tuple[frozenset[str], Pair]:
    names = [name.strip() for name in key.split("/")]
    return frozenset(names), Pair(spec.ask, dict(zip(names, spec.answers, strict=False)))


@functools.cache
def from_files() -> Texts:
    return read()
