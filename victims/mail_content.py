"""The words of the neutral mails: data of `victims/content/mail.yaml`, checked when the house starts."""

from typing import Annotated

import yaml
from pydantic import Field

from victims.complaint_form import CONTENT, Spec, Text


class Mail(Spec):
    subject_fr: Text
    body_fr: Text


class Reminder(Mail):
    """Sent so many days before what was begun is deleted, the longest first."""

    days_before: Annotated[tuple[Annotated[int, Field(ge=1, le=29)], ...], Field(min_length=1)]


class Mails(Spec):
    news: Mail
    confirm: Mail
    draft: Reminder


MAIL = Mails.model_validate(yaml.safe_load((CONTENT / "mail.yaml").read_text(encoding="utf-8")))
