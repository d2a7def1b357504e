import pytest

from guichet.observatory.models import Count
from guichet.observatory.services import count

pytestmark = pytest.mark.django_db


def test_counts_add_up_per_day_key_and_value(django_assert_num_queries):
    with django_assert_num_queries(3):
        count("resultat", "sextorsion")
        count("resultat", "sextorsion")
        count("dossier")

    assert list(Count.objects.order_by("key").values_list("key", "value", "n")) == [
        ("dossier", "", 1),
        ("resultat", "sextorsion", 2),
    ]
