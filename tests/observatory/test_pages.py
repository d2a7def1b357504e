"""The observatory as a reader meets it: a page, a file and data per table; counters that outlive what they counted."""

import csv
from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from guichet.figures_tables import TABLES
from guichet.observatory import publishing
from guichet.observatory.models import Count, Publication
from guichet.observatory.tables import closed_months
from tchat.models import Desk
from tests.observatory.factory import counted
from tests.victims import factory
from victims.models import Dossier
from victims.services import complaints, dossiers

pytestmark = pytest.mark.django_db
RAW = {"dossier-lieu": "59/sextorsion", "plainte-lieu": "59/thesee", "attente-annoncee": "0-2/2-5"}


def test_every_table_has_its_page_its_file_and_its_data(client):
    month = closed_months(timezone.localdate())[-1]
    for table in TABLES:
        value = next(iter(table.labels()))
        if not Count.objects.filter(day=month, key=table.key).exists():
            counted(RAW.get(table.key, value), 12, month, key=table.key)
    publishing.publish(TABLES)

    for table in TABLES:
        page = client.get(reverse("observatory:table", args=[table.id])).content.decode()
        file = client.get(reverse("observatory:csv", args=[table.id])).content.decode()
        data = client.get(reverse("observatory:json", args=[table.id])).json()

        assert table.title in page
        if not table.yearly:
            assert "<svg" in page
            assert f"{month:%Y-%m};;Ensemble;10;1;" in file, table.id
            assert data["total"]["months"][-1] == {"month": f"{month:%Y-%m}", "n": 10}
            assert [row["at_least"] for row in data["rows"]] == [10]


def test_file_opens_in_a_spreadsheet_and_runs_nothing(client):
    """UTF-8 said by its mark, semicolons; the name of a desk, which an administrator may change, is no formula."""
    month = closed_months(timezone.localdate())[-1]
    Desk.objects.filter(pk="police").update(name='=HYPERLINK("http://exemple.fr")')
    counted("police", 12, month, key="tchat")
    publishing.publish(TABLES)

    file = client.get(reverse("observatory:csv", args=["tchats"])).content

    assert file.startswith(b"\xef\xbb\xbfperiode;valeur;libelle;")
    assert "'=HYPERLINK" in file.decode()
    assert list(csv.reader(file.decode("utf-8-sig").splitlines(), delimiter=";"))[1][3] == "10"


def test_home_says_what_is_hidden_and_shows_national_figures_with_their_source(client):
    page = client.get(reverse("observatory:home")).content.decode()

    assert page.count("Aucun chiffre publié pour l’instant.") == 1
    assert "n’est pas donné" in page
    assert "SSMSI" in page
    assert "Champ :" in page


@pytest.mark.parametrize("name", ["table", "csv", "json", "history", "history_json"])
def test_unknown_table_does_not_exist(client, name):
    assert client.get(reverse(f"observatory:{name}", args=["rien"])).status_code == 404


def test_history_shows_a_revision_beside_what_it_was(client):
    month = closed_months(timezone.localdate())[-1]
    counted("4", 40, month, key="diagnostic-gravite")
    publishing.publish(TABLES)
    Count.objects.update(n=52)
    publishing.publish(TABLES)

    page = client.get(reverse("observatory:history", args=["gravite"])).content.decode()

    assert "40 → 50" in page
    assert "Première publication" in page


# --- counters are sinks -------------------------------------------------------------------------------
def test_dossier_and_complaint_are_counted_where_they_happened_and_no_closer():
    found = factory.dossier(factory.SEXTORTION)
    complaints.file_complaint(complaint=factory.ready_complaint(found))

    told = dict(Count.objects.values_list("key", "value"))

    assert told["dossier-lieu"] == f"59/{found.diagnosis.main_threat}"
    assert told["plainte-lieu"].startswith("59/")
    assert not Count.objects.filter(value__contains=found.commune.code).exists()


def test_exercise_is_not_counted():
    factory.dossier(factory.SEXTORTION, exercise=True)

    assert not Count.objects.filter(key__in=["dossier", "dossier-lieu"]).exists()


def test_purging_every_dossier_changes_no_figure():
    for _ in range(6):
        factory.dossier(factory.SEXTORTION)
    Count.objects.update(day=date(2025, 3, 4))
    publishing.publish(TABLES)
    counts, figures = list(Count.objects.values()), list(Publication.objects.values())
    assert Publication.objects.get(table="departements", period="2025-03").figures == {"": 5, "59": 5}

    for found in Dossier.objects.all():
        dossiers.erase(dossier=found)
    Dossier.objects.all().delete()

    assert list(Count.objects.values()) == counts
    assert publishing.publish(TABLES) == {}
    assert list(Publication.objects.values()) == figures
    assert publishing.check(TABLES).problems == []
