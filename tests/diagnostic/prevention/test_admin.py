"""Who may write: the editor and the administrator; not the agent, not the supervisor, not a stranger."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from diagnostic.models import Announcement, SheetText
from diagnostic.prevention import current
from diagnostic.prevention.enums import State
from guichet.accounts.enums import Role
from guichet.audit.models import Line
from tests.guichet.pages import Page

pytestmark = pytest.mark.django_db
LISTS = ["admin:diagnostic_sheettext_changelist", "admin:diagnostic_announcement_changelist"]
FORMS = ["admin:diagnostic_sheettext_add", "admin:diagnostic_announcement_add"]
ANNOUNCEMENT = {
    "title": "Faux  péages",
    "summary": "Un SMS réclame 2 €.",
    "body": "Ne touchez pas le lien.",
    "level": "urgent",
    "departements": ["59", "2A"],
    "threats": ["hameconnage-sms"],
    "state": "publie",
    "starts_at": "2026-11-01T08:00",
    "ends_at": "",
}


@pytest.mark.parametrize("address", [*LISTS, *FORMS])
@pytest.mark.parametrize(
    ("role", "staff", "status"),
    [
        (Role.EDITOR, True, 200),
        (Role.ADMINISTRATOR, True, 200),
        (Role.EDITOR, False, 302),
        (Role.AGENT, True, 403),
        (Role.SUPERVISOR, True, 403),
        (Role.AGENT, False, 302),
    ],
)
def test_only_editors_enter(client, person, address, role, staff, status):
    client.force_login(person(role, staff=staff))

    assert client.get(reverse(address)).status_code == status


@pytest.mark.parametrize("address", [*LISTS, *FORMS])
def test_stranger_is_asked_to_sign_in(client, address):
    assert client.get(reverse(address)).status_code == 302


def test_agent_cannot_write_by_posting(client, person):
    client.force_login(person(Role.AGENT))

    answer = client.post(reverse("admin:diagnostic_announcement_add"), ANNOUNCEMENT)

    assert answer.status_code == 403
    assert not Announcement.objects.exists()


def test_editor_sees_both_lists_in_the_admin(client, editor):
    client.force_login(editor)

    page = Page(client.get(reverse("admin:index")).content)

    assert "Textes de fiches" in page.text
    assert "Alertes" in page.text


def test_editor_publishes_an_announcement_read_at_once(client, editor):
    client.force_login(editor)

    answer = client.post(reverse("admin:diagnostic_announcement_add"), ANNOUNCEMENT)

    assert answer.status_code == 302
    found = Announcement.objects.get()
    assert (found.title, found.departements, found.threats) == ("Faux péages", ["59", "2A"], ["hameconnage-sms"])
    assert found.author == editor
    current.forget()
    assert "Faux péages" in Page(client.get("/prevention/alertes/?departement=2A").content).text
    line = Line.objects.get(target=str(found.pk))
    assert (line.verb, line.actor, line.detail) == ("alerte enregistrée", editor.audit_name, {"state": "publie"})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"ends_at": "2026-10-31T08:00"}, "La fin doit venir après le début."),
        ({"departements": ["59", "nulle-part"]}, "nulle-part"),
        ({"threats": ["rien"]}, "rien"),
        ({"title": ""}, "obligatoire"),
    ],
)
def test_announcement_that_cannot_be_is_refused_in_words(client, editor, change, said):
    client.force_login(editor)

    answer = client.post(reverse("admin:diagnostic_announcement_add"), ANNOUNCEMENT | change)

    assert answer.status_code == 200
    assert said in Page(answer.content).text
    assert not Announcement.objects.exists()


def test_new_text_begins_with_the_words_read_today(client, editor):
    client.force_login(editor)

    page = Page(client.get(reverse("admin:diagnostic_sheettext_add") + "?slug=faux-proche").content)

    assert "Payer avant d’avoir rappelé l’ancien numéro." in page.text
    assert "Un mot secret en famille règle la question." in page.text


def test_editor_writes_then_publishes(client, editor):
    client.force_login(editor)

    client.post(
        reverse("admin:diagnostic_sheettext_add"), {"slug": "faux-proche", "how": "", "avoid": "Se taire.", "body": ""}
    )
    text = SheetText.objects.get()
    answer = client.post(
        reverse("admin:diagnostic_sheettext_changelist"),
        {"action": "publish", "_selected_action": [text.pk]},
        follow=True,
    )

    text.refresh_from_db()
    assert "publié." in Page(answer.content).text
    assert (text.state, text.author, text.published_by) == (State.PUBLISHED, editor, editor)
    current.forget()
    assert "Se taire." in Page(client.get("/prevention/fiches/faux-proche/").content).text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"how": "", "avoid": "", "body": ""}, "Écrivez au moins une des trois parties."),
        ({"how": "", "avoid": "\n".join("abcdefg"), "body": ""}, "6 lignes au plus"),
        ({"how": "", "avoid": "x" * 201, "body": ""}, "200 signes au plus"),
    ],
)
def test_text_that_nobody_would_read_is_refused(client, editor, words, said):
    client.force_login(editor)

    answer = client.post(reverse("admin:diagnostic_sheettext_add"), {"slug": "faux-proche", **words})

    assert said in Page(answer.content).text
    assert not SheetText.objects.exists()


def test_published_text_cannot_be_rewritten_or_deleted(client, editor, publish):
    text = publish("faux-proche", avoid="Se taire.")
    client.force_login(editor)

    page = client.get(reverse("admin:diagnostic_sheettext_change", args=[text.pk]))
    written = client.post(reverse("admin:diagnostic_sheettext_change", args=[text.pk]), {"avoid": "Autre."})
    deleted = client.post(reverse("admin:diagnostic_sheettext_delete", args=[text.pk]), {"post": "yes"})

    text.refresh_from_db()
    assert page.status_code == 200
    assert (written.status_code, deleted.status_code) == (403, 403)
    assert text.avoid == "Se taire."


def test_draft_can_be_deleted_and_a_published_announcement_cannot(client, editor, write, announce):
    draft, notice = write("faux-proche", avoid="Se taire."), announce()
    client.force_login(editor)

    client.post(reverse("admin:diagnostic_sheettext_delete", args=[draft.pk]), {"post": "yes"})
    refused = client.post(reverse("admin:diagnostic_announcement_delete", args=[notice.pk]), {"post": "yes"})

    assert not SheetText.objects.exists()
    assert refused.status_code == 403


def test_actions_say_what_they_did_not_do(client, editor, write):
    text = write("faux-proche", avoid="Se taire.")
    client.force_login(editor)

    answer = client.post(
        reverse("admin:diagnostic_sheettext_changelist"),
        {"action": "withdraw", "_selected_action": [text.pk]},
        follow=True,
    )

    assert "Ce texte n'est pas publié." in Page(answer.content).text


def test_announcement_begins_now_unless_told(client, editor):
    client.force_login(editor)

    page = client.get(reverse("admin:diagnostic_announcement_add")).content.decode()

    day = timezone.localdate().isoformat()
    assert re.search(rf'<input type="datetime-local" name="starts_at" value="{day}T\d\d:\d\d"', page)
    assert page.count('type="datetime-local"') == 2
