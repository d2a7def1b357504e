"""The words and lists of a referral: data of `victims/content/referral.yaml`, checked when the house starts."""

import datetime
from datetime import timedelta
from typing import Annotated

import yaml
from pydantic import Field, StringConstraints

from victims.complaint_form import CONTENT, Spec, Text

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,30}$")]
LISTS = {"vector": "vectors", "family": "families", "loss": "losses", "downtime": "downtimes", "cost": "costs"}


class Choice(Spec):
    id: Id
    name_fr: Text


class Content(Spec):
    checked_on: datetime.date
    source: Text
    verify: bool
    idle_days: Annotated[int, Field(ge=1, le=365)]
    message_max: Annotated[int, Field(ge=100, le=10_000)]
    paid_fr: Text
    free_fr: Text
    never_fr: Text
    after_fr: Text
    kept_fr: Text
    declines: tuple[Choice, ...]
    vectors: tuple[Choice, ...]
    families: tuple[Choice, ...]
    losses: tuple[Choice, ...]
    downtimes: tuple[Choice, ...]
    costs: tuple[Choice, ...]

    @property
    def idle(self) -> timedelta:
        return timedelta(days=self.idle_days)

    def choices(self, name: str) -> list[tuple[str, str]]:
        """`name`: « declines », or one of the findings of a report."""
        return [(choice.id, choice.name_fr) for choice in getattr(self, LISTS.get(name, name))]


REFERRAL = Content.model_validate(yaml.safe_load((CONTENT / "referral.yaml").read_text(encoding="utf-8")))
