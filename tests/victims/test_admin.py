import pytest
from django.urls import reverse

from guichet.accounts.models import Agent
from tests.victims import factory
from victims.models import Complaint, Dossier, Evidence
from victims.services import complaints

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client):
    client.force_login(Agent.objects.create_superuser(username="chef", password="x" * 12, service_number="1"))
    return client


@pytest.fixture
def filed():
    return complaints.file_complaint(complaint=factory.ready_complaint(factory.dossier()))


@pytest.mark.parametrize("model", [Dossier, Complaint, Evidence])
def test_admin_shows_no_sealed_word_and_changes_nothing(administrator, filed, model):
    name = model._meta.model_name
    found = model.objects.first()

    listed = administrator.get(reverse(f"admin:victims_{name}_changelist"))
    shown = administrator.get(reverse(f"admin:victims_{name}_change", args=[found.pk]))

    assert str(found) in listed.content.decode()
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "Lefèvre" not in page
    for hidden in ("wrapped_key", "code_hash", "sealed_form", "stored_at", "opening"):
        assert f"field-{hidden}" not in page
    assert 'name="_save"' not in page
    assert administrator.get(reverse(f"admin:victims_{name}_add")).status_code == 403
    assert administrator.post(reverse(f"admin:victims_{name}_delete", args=[found.pk])).status_code == 403
