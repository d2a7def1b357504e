"""The content of the directory: the rule of the draw, what is vetted, the charter. Checked when the house starts."""

import datetime
import hashlib
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

CONTENT = Path(__file__).resolve().parent / "content"
QUALITIES = ("skill", "distance", "answer", "label", "base")
Text = Annotated[str, Field(min_length=1, max_length=400)]
Points = Annotated[int, Field(ge=0, le=100)]


class Spec(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(Spec):
    name_fr: Text
    text_fr: Text


class Distance(Spec):
    zero_km: Annotated[int, Field(ge=1, le=2000)]
    remote: Points
    unknown: Points


class Answer(Spec):
    full_minutes: Annotated[int, Field(ge=0)]
    zero_minutes: Annotated[int, Field(ge=1)]
    newcomer: Points
    kept: Annotated[int, Field(ge=1, le=500)]


class Rule(Spec):
    """The rule of the draw. `weights` sum to 100 and the equal share is never nought: nobody is without a chance."""

    version: int
    since: datetime.date
    shown: Annotated[int, Field(ge=1, le=20)]
    picks: Annotated[int, Field(ge=1, le=10)]
    answer_minutes: Annotated[int, Field(ge=5, le=24 * 60)]
    reminders_minutes: tuple[int, ...]
    draw_days: Annotated[int, Field(ge=1, le=60)]
    weights: dict[str, Points]
    skill_levels: dict[int, Points]
    distance: Distance
    answer: Answer
    label_audiences: tuple[str, ...]
    never_with_facts: tuple[str, ...]
    told_facts: tuple[str, ...]
    words: dict[str, Named]

    @model_validator(mode="after")
    def _whole(self) -> "Rule":
        if set(self.weights) != set(QUALITIES) or set(self.words) != set(QUALITIES):
            raise ValueError(f"weights and words name exactly {QUALITIES}")
        if sum(self.weights.values()) != 100 or self.weights["base"] < 1:
            raise ValueError("weights sum to 100, and base is at least 1")
        if set(self.skill_levels) != {1, 2, 3} or self.answer.full_minutes >= self.answer.zero_minutes:
            raise ValueError("three levels of skill; full_minutes before zero_minutes")
        return self


class SkillKind(Spec):
    id: Annotated[str, Field(pattern=r"^[a-z-]{2,30}$")]
    name_fr: Text
    threats: tuple[str, ...]


class Level(Spec):
    level: Annotated[int, Field(ge=0, le=3)]
    name_fr: Text


class Choice(Spec):
    id: Annotated[str, Field(pattern=r"^[a-z-]{2,30}$")]
    name_fr: Text


class Vetting(Spec):
    listing_days: Annotated[int, Field(ge=30, le=3650)]
    skills: tuple[SkillKind, ...]
    other_threats: str
    levels: tuple[Level, ...]
    checks: tuple[Choice, ...]
    labels: tuple[Choice, ...]

    def skill_of(self, threat: str) -> str:
        """The skill that a threat asks for; the one who looks first for a threat that no line names."""
        return next((skill.id for skill in self.skills if threat in skill.threats), self.other_threats)

    @property
    def skill_names(self) -> dict[str, str]:
        return {skill.id: skill.name_fr for skill in self.skills}

    @property
    def label_names(self) -> dict[str, str]:
        return {label.id: label.name_fr for label in self.labels}

    @property
    def level_names(self) -> dict[int, str]:
        return {level.level: level.name_fr for level in self.levels}


class Article(Spec):
    title_fr: Text
    text_fr: Text


class Charter(Spec):
    version: Text
    articles: tuple[Article, ...]


def _read(name: str) -> dict:
    return yaml.safe_load((CONTENT / name).read_text(encoding="utf-8"))


RULE = Rule.model_validate(_read("draw.yaml"))
VETTING = Vetting.model_validate(_read("vetting.yaml"))
CHARTER = Charter.model_validate(_read("charter.yaml"))
RULE_SHA256 = hashlib.sha256((CONTENT / "draw.yaml").read_bytes()).hexdigest()
