"""The schedule of retention: data of `victims/content/retention.yaml`, checked when the house starts."""

import datetime
from datetime import timedelta
from typing import Annotated, Literal

import yaml
from pydantic import Field

from victims.complaint_form import CONTENT, Spec, Text

Kind = Literal[
    "draft", "report", "upload", "talk", "piece", "dossier", "complaint", "referral", "access", "trace", "subscription"
]


class Rule(Spec):
    id: Kind
    days: Annotated[int, Field(ge=1, le=20_000)]
    data_fr: Text
    from_fr: Text

    @property
    def life(self) -> timedelta:
        return timedelta(days=self.days)

    @property
    def words(self) -> str:
        """« 30 jours », « 3 mois », « 1 an », « 6 ans »."""
        if self.days >= 365:
            years = round(self.days / 365.25)
            return f"{years} an{'s' if years > 1 else ''}"
        if self.days >= 90:
            return f"{round(self.days / 30)} mois"
        return f"{self.days} jour{'s' if self.days > 1 else ''}"


class Schedule(Spec):
    checked_on: datetime.date
    source: Text
    verify: bool
    rules: tuple[Rule, ...]

    def life(self, kind: Kind) -> timedelta:
        return next(rule.life for rule in self.rules if rule.id == kind)


SCHEDULE = Schedule.model_validate(yaml.safe_load((CONTENT / "retention.yaml").read_text(encoding="utf-8")))
