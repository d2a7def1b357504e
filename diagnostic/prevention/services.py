"""Write, publish and withdraw the prevention texts. Each is one transaction with its line in the journal."""

from django.db import transaction
from django.utils import timezone

from diagnostic.prevention import current, subscriptions
from diagnostic.prevention.enums import State
from diagnostic.prevention.library import library
from diagnostic.prevention.models import Announcement, SheetText
from diagnostic.prevention.sheets import Wording
from guichet.accounts.models import Agent
from guichet.audit import services as audit
from guichet.lib.text import clean_text


class NotADraft(Exception):
    """Only a draft is written or published: what was published stays as it was."""


class NotPublished(Exception):
    """What is not published cannot be withdrawn."""


@transaction.atomic
def save_sheet_text(text: SheetText, *, agent: Agent) -> SheetText:
    if text.state != State.DRAFT:
        raise NotADraft
    text.how, text.avoid, text.body = map(clean_text, (text.how, text.avoid, text.body))
    text.author = agent
    text.save()
    _record(agent, "fiche écrite", text.slug)
    return text


@transaction.atomic
def publish_sheet_text(text: SheetText, *, agent: Agent) -> None:
    """It takes the place of the text published before, which stays in the history."""
    now = timezone.now()
    SheetText.objects.filter(slug=text.slug, state=State.PUBLISHED).update(state=State.WITHDRAWN, updated_at=now)
    change = {"state": State.PUBLISHED, "published_at": now, "published_by": agent, "updated_at": now}
    if SheetText.objects.filter(pk=text.pk, state=State.DRAFT).update(**change) != 1:
        raise NotADraft
    _record(agent, "fiche publiée", text.slug)


@transaction.atomic
def withdraw_sheet_text(text: SheetText, *, agent: Agent) -> None:
    """The sheet shows the file's own words again."""
    change = {"state": State.WITHDRAWN, "updated_at": timezone.now()}
    if SheetText.objects.filter(pk=text.pk, state=State.PUBLISHED).update(**change) != 1:
        raise NotPublished
    _record(agent, "fiche retirée", text.slug)


def copy_as_draft(text: SheetText, *, agent: Agent) -> SheetText:
    """How one goes back to an older text, or goes on from the one published."""
    copy = SheetText(slug=text.slug, how=text.how, avoid=text.avoid, body=text.body)
    return save_sheet_text(copy, agent=agent)


@transaction.atomic
def save_announcement(announcement: Announcement, *, agent: Agent) -> Announcement:
    announcement.title = clean_text(announcement.title)
    announcement.summary = clean_text(announcement.summary)
    announcement.body = clean_text(announcement.body)
    announcement.author = agent
    told = Announcement.objects.filter(pk=announcement.pk, state=State.PUBLISHED).first()
    announcement.save()
    if announcement.state == State.PUBLISHED and (not told or told.departements != announcement.departements):
        subscriptions.owe(announcement)
    _record(agent, "alerte enregistrée", str(announcement.pk), state=announcement.state)
    return announcement


def draft_announcement(*, title: str, summary: str, threats: list[str], **more) -> Announcement:
    """What the house proposes by itself: a draft without an author, that an editor writes, reads and publishes."""
    draft = Announcement.objects.create(title=title, summary=summary, threats=threats, **more, state=State.DRAFT)
    audit.record(actor="système", verb="brouillon d'alerte proposé", target=str(draft.pk))
    return draft


def _record(agent: Agent, verb: str, target: str, **detail: str) -> None:
    audit.record(actor=agent.audit_name, verb=verb, target=target, detail=detail)
    transaction.on_commit(current.forget)


def words_now(slug: str) -> dict[str, str]:
    """What a sheet says today, for an editor to start from; nothing for an unknown sheet."""
    found = library()
    written = dict(found.wordings).get(slug, Wording())
    own = found.texts.sheets.get(slug)
    practice = found.texts.practices.get(slug)
    if own is None and practice is None:
        return {}
    how, body = (own.how, own.know) if own else (practice.summary, practice.body)
    avoid = written.avoid or (own or practice).avoid
    return {"how": written.how or how, "avoid": "\n".join(avoid), "body": written.body or body}
