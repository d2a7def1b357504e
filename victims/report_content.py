"""The words of the report: data of `victims/content/report.yaml`, checked when the house starts."""

import datetime

import yaml

from victims.complaint_form import CONTENT, Spec, Text


class Words(Spec):
    source: Text
    checked_on: datetime.date
    verify: bool
    is_fr: tuple[Text, ...]
    is_not_fr: Text
    later_fr: Text
    anonymous_fr: Text
    files_fr: Text
    files_hint_fr: Text
    talks_fr: Text
    talks_hint_fr: Text
    next_fr: tuple[Text, ...]
    withdrawal_fr: Text


WORDS = Words.model_validate(yaml.safe_load((CONTENT / "report.yaml").read_text(encoding="utf-8")))
