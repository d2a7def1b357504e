from datetime import date

import pytest

from guichet.observatory.models import Count
from guichet.observatory.services import count, count_all

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


def test_several_counts_are_one_statement(django_assert_num_queries):
    count("gravite", "4")

    with django_assert_num_queries(1):
        count_all([("resultat", "sextorsion"), ("gravite", "4"), ("resultat", "sextorsion")])

    assert list(Count.objects.order_by("key").values_list("key", "value", "n")) == [
        ("gravite", "4", 2),
        ("resultat", "sextorsion", 1),
    ]


def test_nothing_to_count_is_no_statement(django_assert_num_queries):
    with django_assert_num_queries(0):
        count_all([])


def test_a_new_day_has_its_own_counts():
    count("dossier", day=date(2026, 1, 1))
    count("dossier", day=date(2026, 1, 2))

    assert Count.objects.filter(key="dossier").count() == 2
