"""The Atom feed is valid, says what the page says, and is not sent again unchanged."""

import uuid
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from diagnostic.prevention import current, kit

pytestmark = pytest.mark.django_db
ADDRESS = "/prevention/alertes/flux.atom"
ATOM = "{http://www.w3.org/2005/Atom}"


def _feed(client, query: str = "") -> ElementTree.Element:
    answer = client.get(ADDRESS + query)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    return ElementTree.fromstring(answer.content)


def _titles(feed: ElementTree.Element) -> list[str]:
    return [entry.findtext(f"{ATOM}title") for entry in feed.findall(f"{ATOM}entry")]


def test_feed_has_everything_that_atom_asks_for(client, announce):
    announce()

    feed = _feed(client)

    assert feed.tag == f"{ATOM}feed"
    assert uuid.UUID(feed.findtext(f"{ATOM}id"))
    assert feed.findtext(f"{ATOM}title") == "Alertes du Guichet cyber"
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Guichet cyber (démonstration)"
    assert feed.findtext(f"{ATOM}rights") == "Licence Ouverte 2.0 (Etalab)"
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links == {
        "self": "http://testserver/prevention/alertes/flux.atom",
        "alternate": "http://testserver/prevention/alertes/",
    }
    assert datetime.fromisoformat(feed.findtext(f"{ATOM}updated")).tzinfo
    for entry in feed.findall(f"{ATOM}entry"):
        assert [part for part in ("id", "title", "updated", "summary") if not entry.findtext(ATOM + part)] == []


def test_entry_says_what_the_page_says(client, announce):
    notice = announce(
        "Faux & <b>péages</b>",
        summary="Un SMS réclame 2 €.",
        body="## Quoi faire\n- Appelez.\n\n<script>alert(1)</script>",
        departements=["59"],
        threats=["hameconnage-sms"],
    )

    entry = _feed(client).find(f"{ATOM}entry")

    assert entry.findtext(f"{ATOM}id") == notice.pk.urn
    assert entry.findtext(f"{ATOM}title") == "Faux & <b>péages</b>"
    assert entry.find(f"{ATOM}link").get("href") == f"http://testserver/prevention/alertes/{notice.pk}/"
    html = entry.findtext(f"{ATOM}summary")
    assert "<p>Un SMS réclame 2 €.</p>" in html
    assert "<h2>Quoi faire</h2>" in html
    assert "<script" not in html
    assert {c.get("term") for c in entry.findall(f"{ATOM}category")} == {
        "Nord",
        "Hameçonnage par SMS ou messagerie (smishing)",
    }


def test_feed_without_announcement_is_valid(client):
    feed = _feed(client)

    assert _titles(feed) == []
    assert datetime.fromisoformat(feed.findtext(f"{ATOM}updated")) == kit.edited_at()


def test_feed_is_filtered_and_named_by_departement_and_threat(client, announce):
    announce("Nord", departements=["59"], threats=["hameconnage-sms"])
    announce("Partout")
    announce("Ain", departements=["01"])

    feed = _feed(client, "?departement=59&atteinte=hameconnage-sms")

    assert _titles(feed) == ["Partout", "Nord"]
    assert feed.findtext(f"{ATOM}title").startswith("Alertes du Guichet cyber - Nord - Hameçonnage")
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"].endswith("?departement=59&atteinte=hameconnage-sms")
    assert feed.findtext(f"{ATOM}id") != _feed(client).findtext(f"{ATOM}id")


def test_unknown_filter_filters_nothing(client, announce):
    announce("Partout")

    assert _titles(_feed(client, "?departement=<x>&atteinte=rien")) == ["Partout"]


def test_newest_comes_first(client, announce):
    now = timezone.now()
    announce("Vieille", starts_at=now - timedelta(days=3))
    announce("Neuve", starts_at=now - timedelta(hours=1))

    assert _titles(_feed(client)) == ["Neuve", "Vieille"]


def test_signs_that_xml_cannot_carry_never_break_the_feed(client, announce):
    announce("Titre\x00 avec\x0b signes", summary="Résumé\x1f", body="Texte\x08")

    assert _titles(_feed(client)) == ["Titre avec signes"]


def test_every_entry_has_an_identifier_of_its_own(client, announce):
    shown = [announce("Une"), announce("Autre"), announce("Autre")]

    entries = _feed(client).findall(f"{ATOM}entry")

    assert sorted(entry.findtext(f"{ATOM}id") for entry in entries) == sorted(each.pk.urn for each in shown)
    assert all(datetime.fromisoformat(entry.findtext(f"{ATOM}updated")).tzinfo for entry in entries)


def test_unchanged_feed_is_not_sent_again(client, announce):
    notice = announce()
    first = client.get(ADDRESS)

    same = client.get(ADDRESS, headers={"if-none-match": first["ETag"]})
    other = client.get(ADDRESS + "?departement=01", headers={"if-none-match": first["ETag"]})
    type(notice).objects.filter(pk=notice.pk).update(title="Autre", updated_at=timezone.now())
    current.forget()
    changed = client.get(ADDRESS, headers={"if-none-match": first["ETag"]})

    assert (same.status_code, other.status_code, changed.status_code) == (304, 200, 200)
    assert first["Cache-Control"] == "public, max-age=300"
