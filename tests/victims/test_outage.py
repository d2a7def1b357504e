"""The guichet breaks while something is sent: the person reads what is sure, in words, and nothing typed is lost."""

import html
import re
from types import SimpleNamespace

import pytest
from django.db import InterfaceError, OperationalError
from django.urls import reverse

from tchat.services import conversations
from tests.victims import factory, files
from victims import diagnosed, gate
from victims.services import blocks, complaints, deposits, reports

pytestmark = pytest.mark.django_db
SOURCES = {
    "plainte": (reverse("dossier:file"), reverse("dossier:recap"), reverse("dossier:filed")),
    "signalement": (reverse("dossier:report_send"), reverse("dossier:report_recap"), reverse("dossier:report_sent")),
}


@pytest.fixture(params=SOURCES)
def draft(request, client):
    """What is about to be sent, and its addresses: where it is sent, read again, shown as sent."""
    dossier = factory.dossier(factory.SEXTORTION)
    factory.let_in(client, dossier)
    if request.param == "plainte":
        return factory.ready_complaint(dossier), *SOURCES[request.param]
    return _report_of(dossier)


def _report_of(dossier):
    report = reports.start(dossier=dossier)
    sections = diagnosed.report_sections_of(dossier.diagnosis)
    facts = next(section for section in sections if section.id == "facts")
    typed = {**blocks.read_form(report).get("facts", {}), **factory.FACTS}
    report = blocks.save_section(record=report, section=facts, typed=typed, version=report.version)
    assert reports.missing(report) == []
    return report, *SOURCES["signalement"]


@pytest.mark.parametrize("error", [OperationalError, InterfaceError, OSError])
def test_what_breaks_before_the_commit_is_not_sent_and_the_page_says_so(client, draft, monkeypatch, error):
    record, send, again, _ = draft
    with monkeypatch.context() as broken:
        for service in (complaints, reports):
            broken.setattr(service, "touch", _raise(error))
        answer = client.post(send)

    page = answer.content.decode()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "n’a pas été déposée" in page or "n’a pas été envoyé" in page
    assert "Ce que vous avez écrit et vos fichiers sont gardés" in page
    assert f'href="{again}"' in page
    record.refresh_from_db()
    assert record.state == "brouillon"
    assert record.pieces.count() == 0
    assert "On me menace." in client.get(again).content.decode()
    assert client.post(send).status_code == 302


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_what_breaks_at_the_commit_is_neither_said_sent_nor_not(client, draft, monkeypatch, error):
    _, send, _, sent = draft
    with monkeypatch.context() as broken:
        broken.setattr(complaints, "file_complaint", _then_raise(complaints.file_complaint, error))
        broken.setattr(reports, "send", _then_raise(reports.send, error))
        answer = client.post(send)

    page = answer.content.decode()
    assert answer.status_code == 503
    assert "Nous ne savons pas encore si votre" in page
    assert "pas l’être deux fois" in page
    assert f'href="{sent}"' in page
    assert client.get(sent).status_code == 200


@pytest.mark.parametrize(("work", "raised"), [("breaks", blocks.NotFiled), ("is done", OperationalError)])
def test_database_that_is_still_away_when_the_transaction_is_left_hides_nothing(monkeypatch, work, raised):
    class Leaving:
        def __enter__(self):
            return self

        def __exit__(self, *error):
            raise OperationalError

    monkeypatch.setattr(blocks, "transaction", SimpleNamespace(atomic=Leaving))
    send = blocks.wholly()(_raise(InterfaceError) if work == "breaks" else str)

    with pytest.raises(raised):
        send()


def test_page_of_what_was_sent_does_not_guess_either(client, draft, monkeypatch):
    _, send, _, sent = draft
    client.post(send)
    monkeypatch.setattr(gate, "access_of_token", _raise(OperationalError))

    answer = client.get(sent)

    assert answer.status_code == 503
    assert "Nous ne savons pas encore" in answer.content.decode()


def _raise(error):
    def raising(*args, **kwargs):
        raise error

    return raising


def _then_raise(service, error):
    def raising(*args, **kwargs):
        service(*args, **kwargs)
        raise error

    return raising


def _boxes(page: str) -> dict[str, bool]:
    """The boxes of the form and whether each is ticked, as a browser shows them."""
    return {
        re.search(r'name="(\w+)"', box)[1]: " checked" in box for box in re.findall(r"<input[^>]*checkbox[^>]*>", page)
    }


@pytest.mark.parametrize("ticked", [{"files": "on"}, {"talks": "on", "files": "on"}, {}])
@pytest.mark.parametrize("moment", ["before", "at"])
def test_boxes_of_the_report_are_still_ticked_on_the_way_back(client, monkeypatch, moment, ticked):
    dossier = factory.dossier(factory.SEXTORTION)
    factory.let_in(client, dossier)
    _, send, _, _ = _report_of(dossier)
    deposits.keep_file(dossier=dossier, name="capture.pdf", content=files.pdf())
    conversations.open_conversation(dossier=dossier)
    with monkeypatch.context() as broken:
        if moment == "before":
            broken.setattr(reports, "touch", _raise(OperationalError))
        else:
            broken.setattr(reports, "send", _raise(OperationalError))
        page = client.post(send, ticked).content.decode()
    back = html.unescape(re.search(r'class="btn" href="([^"]+)"', page)[1])

    again = client.get(back, follow=True).content.decode()

    assert "Relire mon signalement" in again
    assert _boxes(again) == {name: name in ticked for name in ("files", "talks")}
