import pytest
from django.contrib import admin

from diagnostic.models import Diagnosis
from guichet.observatory.models import Count


@pytest.mark.parametrize("model", [Diagnosis, Count])
def test_what_proves_is_read_only(rf, model):
    site = admin.site._registry[model]
    request = rf.get("/admin/")

    assert not site.has_add_permission(request)
    assert not site.has_change_permission(request)
    assert not site.has_delete_permission(request)
