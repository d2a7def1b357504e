"""Publish, replace, withdraw, come back: one text at most is read, every step has its line in the journal."""

import pytest
from django.db import IntegrityError, transaction

from diagnostic.models import SheetText
from diagnostic.prevention import current, kept, services
from diagnostic.prevention.enums import State
from guichet.audit.models import Line

pytestmark = pytest.mark.django_db


def test_publishing_takes_the_place_of_the_text_before(publish):
    first = publish("faux-proche", avoid="Un.")

    second = publish("faux-proche", avoid="Deux.")

    first.refresh_from_db()
    assert (first.state, second.state) == (State.WITHDRAWN, State.PUBLISHED)
    assert [wording.avoid for _, wording in current.wordings.get()] == [("Deux.",)]


def test_two_published_texts_of_one_sheet_are_refused_by_the_database(publish, write):
    publish("faux-proche", avoid="Un.")
    text = write("faux-proche", avoid="Deux.")

    with pytest.raises(IntegrityError), transaction.atomic():
        SheetText.objects.filter(pk=text.pk).update(state=State.PUBLISHED)


def test_withdrawn_text_gives_the_sheet_back_to_the_file(publish, editor):
    text = publish("faux-proche", avoid="Un.")

    services.withdraw_sheet_text(text, agent=editor)
    current.forget()

    assert current.wordings.get() == ()


def test_going_back_is_publishing_a_copy(publish, editor):
    old = publish("faux-proche", avoid="Un.")
    publish("faux-proche", avoid="Deux.")

    copy = services.copy_as_draft(old, agent=editor)
    services.publish_sheet_text(copy, agent=editor)
    current.forget()

    assert [wording.avoid for _, wording in current.wordings.get()] == [("Un.",)]
    assert SheetText.objects.filter(slug="faux-proche").count() == 3


def test_what_is_published_is_not_published_or_written_again(publish, editor):
    text = publish("faux-proche", avoid="Un.")

    with pytest.raises(services.NotADraft):
        services.publish_sheet_text(text, agent=editor)
    with pytest.raises(services.NotADraft):
        services.save_sheet_text(text, agent=editor)
    text.refresh_from_db()
    assert text.state == State.PUBLISHED


def test_draft_is_not_withdrawn(write, editor):
    with pytest.raises(services.NotPublished):
        services.withdraw_sheet_text(write("faux-proche", avoid="Un."), agent=editor)


def test_each_step_is_in_the_journal(publish, editor):
    text = publish("faux-proche", avoid="Un.")
    services.withdraw_sheet_text(text, agent=editor)

    lines = Line.objects.filter(target="faux-proche").order_by("position")

    assert [(line.verb, line.actor) for line in lines] == [
        ("fiche écrite", editor.audit_name),
        ("fiche publiée", editor.audit_name),
        ("fiche retirée", editor.audit_name),
    ]


@pytest.mark.django_db(transaction=True)
def test_change_is_read_at_once_in_the_process_that_made_it(write, editor):
    text = write("faux-proche", avoid="Un.")
    assert current.wordings.get() == ()

    services.publish_sheet_text(text, agent=editor)

    assert [slug for slug, _ in current.wordings.get()] == ["faux-proche"]


def test_change_made_elsewhere_is_read_within_seconds(write, monkeypatch):
    text = write("faux-proche", avoid="Un.")
    now = [1000.0]
    monkeypatch.setattr(kept.time, "monotonic", lambda: now[0])
    current.forget()
    assert current.wordings.get() == ()
    SheetText.objects.filter(pk=text.pk).update(state=State.PUBLISHED)

    assert current.wordings.get() == ()
    now[0] += kept.SECONDS
    assert [slug for slug, _ in current.wordings.get()] == ["faux-proche"]
    assert kept.SECONDS <= 5


def test_words_are_cleaned_and_printed_as_french(publish):
    text = publish("faux-proche", avoid="L'urgence\x00 : un piège !\r\nSe taire")

    assert text.avoid == "L'urgence : un piège !\nSe taire"
    assert current.wordings.get()[0][1].avoid == ("L’urgence\u00a0: un piège\u00a0!", "Se taire")
