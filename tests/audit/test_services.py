import pytest
from django.db import DatabaseError, connection

from guichet.audit import services as audit
from guichet.audit.models import Chain, Line

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE audit_line DISABLE TRIGGER audit_line_is_final")
    for verb in ("dossier ouvert", "dossier lu", "tchat pris", "pièce ouverte"):
        audit.record(actor="agent:4821", verb=verb, chain="d1", target="GC-1")
    return "d1"


def test_untouched_journal_holds(chain):
    assert audit.verify(chain) == ""
    assert list(Line.objects.filter(chain=chain).values_list("position", flat=True)) == [1, 2, 3, 4]


def test_edited_line_is_told(chain):
    Line.objects.filter(chain=chain, position=2).update(actor="agent:9999")

    assert audit.verify(chain) == "d1 : la ligne 2 a été changée."


def test_dropped_line_is_told(chain):
    Line.objects.filter(chain=chain, position=2).delete()

    assert audit.verify(chain) == "d1 : il manque la ligne 2."


def test_journal_cut_at_the_end_is_told(chain):
    Line.objects.filter(chain=chain, position=4).delete()

    assert audit.verify(chain) == "d1 : la fin du journal manque."


def test_swapped_lines_are_told(chain):
    two, three = Line.objects.filter(chain=chain, position__in=(2, 3)).order_by("position")
    Line.objects.filter(pk=two.pk).update(verb=three.verb)
    Line.objects.filter(pk=three.pk).update(verb=two.verb)

    assert audit.verify(chain)


def test_chains_do_not_touch_each_other(chain):
    audit.record(actor="victime", verb="accès ouvert", chain="d2")

    assert Chain.objects.get(name="d1").length == 4
    assert list(audit.verify_all()) == []


@pytest.mark.stack
def test_database_refuses_to_change_a_line():
    audit.record(actor="victime", verb="accès ouvert", chain="d3")

    with pytest.raises(DatabaseError):
        Line.objects.filter(chain="d3").update(actor="agent:1")
