import pytest
from django.urls import reverse

from guichet.accounts.models import Agent
from guichet.territory.models import Commune, Competence, Service, Unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.fixture
def administrator(client):
    client.force_login(Agent.objects.create_superuser("chef", password="x", service_number="0000"))
    return client


def test_admin_finds_a_commune_however_it_is_written(administrator):
    page = administrator.get(reverse("admin:territory_commune_changelist"), {"q": "L’HAŸ LES ROSES"}).content.decode()

    assert "L&#x27;Haÿ-les-Roses" in page


def test_admin_changes_only_the_notes_of_a_commune(administrator):
    address = reverse("admin:territory_commune_change", args=["59043"])

    administrator.post(address, {"name": "Autre", "notes": "à relire"} | INLINES)

    assert Commune.objects.values_list("name", "notes").get(pk="59043") == ("Bailleul", "à relire")


def test_admin_changes_only_the_notes_of_a_competence(administrator):
    competence = Competence.objects.get(commune="59043")
    address = reverse("admin:territory_competence_change", args=[competence.pk])

    administrator.post(address, {"institution": "GN", "notes": "convention"})

    competence.refresh_from_db()
    assert (competence.institution, competence.notes) == ("PN", "convention")


def test_admin_adds_a_unit_that_search_finds_without_accents(administrator):
    unit = {"institution": "GN", "name": "Brigade de Méteren", "postcode": "59270", "address": "1 rue Haute"}

    administrator.post(reverse("admin:territory_unit_add"), unit)

    page = administrator.get(reverse("admin:territory_unit_changelist"), {"q": "meteren"}).content.decode()
    assert Unit.objects.get().folded == "brigade de meteren"
    assert "Brigade de Méteren" in page


@pytest.mark.parametrize("model", ["commune", "service", "competence", "unit", "edition"])
def test_admin_list_costs_few_statements(administrator, model, django_assert_max_num_queries):
    with django_assert_max_num_queries(9):
        response = administrator.get(reverse(f"admin:territory_{model}_changelist"))

    assert response.status_code == 200


def test_admin_never_deletes_a_service(administrator):
    service = Service.objects.first()

    response = administrator.get(reverse("admin:territory_service_delete", args=[service.pk]))

    assert response.status_code == 403


INLINES = {
    f"{name}-{field}": "0"
    for name in ("postcodes", "aliases", "competences")
    for field in ("TOTAL_FORMS", "INITIAL_FORMS")
}
