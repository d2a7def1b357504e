"""Traces read in the victim's files are proposed, and join the complaint only once ticked."""

import pytest
from django.urls import reverse

from tests.victims import factory, files
from victims.services import complaints, deposits, findings
from victims.vault.findings import found_in

pytestmark = [pytest.mark.django_db, pytest.mark.once]
TRACES = reverse("dossier:traces")
MAIL = (
    b"Received: from evil (evil.example [203.0.113.9]) by mx\r\nFrom: Banque <alerte@banque-secure.example>\r\n"
    b"Reply-To: caisse@retour.example\r\nTo: chloe@exemple.fr\r\nMessage-ID: <1@x>\r\nDate: Tue, 24 Nov 2026 10:00\r\n"
    b"Subject: a\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b"<p>chloe@exemple.fr, virez sur <b>FR76 3000 6000 0112 3456 7890 189</b> "
    b"<a href='https://banque-secure.example/payer'>ici</a> ou 06 12 34 56 78</p>"
)


def test_mail_says_who_sent_it_and_what_it_asks_and_not_to_whom():
    assert set(found_in(MAIL, "message/rfc822")) == {
        ("emails", "alerte@banque-secure.example"),
        ("emails", "caisse@retour.example"),
        ("other", "Adresse IP 203.0.113.9"),
        ("ibans", "FR7630006000011234567890189"),
        ("sites", "https://banque-secure.example/payer"),
        ("phones", "+33612345678"),
    }


def test_text_and_names_are_read_and_an_image_is_not():
    words = "Écrit par @lola_59. Paie en bitcoin : bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"

    assert found_in(words.encode(), "text/plain") == [
        ("wallets", "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"),
        ("pseudonyms", "@lola_59"),
    ]
    assert found_in(b"06 12 34 56 78", "image/jpeg", "SMS de 0612345678.jpg") == [("phones", "+33612345678")]


@pytest.mark.parametrize("content", [c for c, _ in files.HOSTILE.values() if len(c) < 5000] + list(files.GOOD.values()))
def test_any_bytes_are_read_without_harm(content):
    for media_type in ("text/plain", "message/rfc822"):
        assert isinstance(found_in(content, media_type), list)


@pytest.fixture
def victim(client):
    client.dossier = factory.dossier(factory.SCAM)
    factory.let_in(client, client.dossier)
    client.draft = complaints.start(dossier=client.dossier)
    complaints.note_notices_read(complaint=client.draft)
    return client


def traces_of(victim) -> dict:
    return complaints.read_form(complaints.current(victim.dossier)).get("traces", {})


def test_only_what_is_ticked_joins_the_complaint(victim):
    deposits.keep_file(dossier=victim.dossier, name="courriel.eml", content=MAIL)
    section = next(each for each in complaints.sections_of(victim.dossier.diagnosis) if each.id == "traces")
    complaints.save_section(
        complaint=victim.draft, section=section, typed={"emails": "déjà@typé.example"}, version=victim.draft.version
    )
    page = victim.get(TRACES).content.decode()
    assert "alerte@banque-secure.example" in page
    assert "dans courriel.eml" in page
    assert "chloe@exemple.fr" not in page
    assert traces_of(victim) == {"emails": "déjà@typé.example"}

    ticked = ["emails:alerte@banque-secure.example", "emails:jamais@trouve.example"]
    response = victim.post(TRACES, {"trace": ticked})

    assert response.url == reverse("dossier:section", args=["traces"])
    assert traces_of(victim) == {"emails": "déjà@typé.example\nalerte@banque-secure.example"}
    assert "emails:alerte@banque-secure.example" not in victim.get(TRACES).content.decode()
    assert TRACES in victim.get(response.url).content.decode()


def test_nothing_ticked_changes_nothing(victim):
    deposits.keep_file(dossier=victim.dossier, name="courriel.eml", content=MAIL)

    victim.post(TRACES, {})

    assert traces_of(victim) == {}


def test_closed_piece_is_not_read(victim):
    piece = deposits.keep_file(dossier=victim.dossier, name="a.eml", content=MAIL)
    piece.quarantined = True
    piece.save(update_fields=["quarantined"])

    assert findings.proposed(victim.draft) == []


def test_filed_complaint_takes_nothing_more(victim):
    deposits.keep_file(dossier=victim.dossier, name="a.eml", content=MAIL)
    filed = complaints.file_complaint(complaint=factory.ready_complaint(victim.dossier))

    response = victim.post(TRACES, {"trace": ["emails:alerte@banque-secure.example"]})

    assert response.url == reverse("dossier:complaint")
    assert "traces" not in complaints.read_form(filed) or not complaints.read_form(filed)["traces"].get("emails")


def test_another_victim_sees_nothing_of_it(victim, client_factory):
    deposits.keep_file(dossier=victim.dossier, name="a.eml", content=MAIL)
    other, draft = client_factory(), complaints.start(dossier=factory.dossier(factory.COMPANY))
    complaints.note_notices_read(complaint=draft)
    factory.let_in(other, draft.dossier)

    assert "alerte@" not in other.get(TRACES).content.decode()
    assert client_factory().get(TRACES).url.startswith(reverse("dossier:sign_in"))
