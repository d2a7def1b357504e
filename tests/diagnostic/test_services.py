import pytest

from diagnostic import services
from diagnostic.journey import Journey
from diagnostic.models import Diagnosis
from guichet.observatory.models import Count

pytestmark = pytest.mark.django_db

BLACKMAIL = {
    "q_audience": ("a2",),
    "q_p_sujet": ("a6",),
    "q_personne": ("a4", "a2"),
    "q_chantage": ("a1",),
    "f_chantage": ("money_lost",),
}


def test_diagnosis_keeps_the_words_of_the_day(catalogue):
    diagnosis = services.save_diagnosis(journey=Journey(answers=dict(BLACKMAIL)), commune_code="59043")

    found = Diagnosis.objects.get(pk=diagnosis.pk)
    assert found.tree_version == catalogue.version
    assert (found.audience, found.severity, found.chat_offered) == ("particulier", 4, True)
    assert (found.main_threat, found.main_name) == ("sextorsion", "Chantage avec des images intimes (sextorsion)")
    assert found.answers == {node: sorted(ids) for node, ids in BLACKMAIL.items()} | {"q_personne": ["a4", "a2"]}
    assert found.path[-1] == {
        "node": "f_chantage",
        "question": "Le chantage. Cochez tout ce qui est vrai.",
        "answers": ["J’ai perdu de l’argent"],
    }
    assert found.facts == ["extortion_ongoing", "money_lost", "suicidal"]
    assert found.plan[0]["id"] == "suicide"
    assert [action["first"] for action in found.plan[:5]] == [True] * 5
    assert {"id", "text", "who", "when", "deadline", "due", "channel", "first"} == set(found.plan[0])
    assert found.doors[0]["channel"] == "3114"
    assert found.commune_code == "59043"


def test_abroad_changes_the_advice():
    diagnosis = services.save_diagnosis(journey=Journey(answers=dict(BLACKMAIL)), abroad=True)

    assert "abroad" in diagnosis.facts
    assert "consulat" in [action["id"] for action in diagnosis.plan]


def test_unfinished_journey_is_refused():
    with pytest.raises(services.JourneyIncomplete):
        services.save_diagnosis(journey=Journey(answers={"q_audience": ("a2",)}))

    assert not Diagnosis.objects.exists()


def test_outcome_is_counted_in_one_statement(catalogue, django_assert_num_queries):
    resolution = services.engine.resolve(catalogue, BLACKMAIL)

    with django_assert_num_queries(1):
        assert services.report_outcome(catalogue, resolution)

    assert list(Count.objects.order_by("key").values_list("key", "value", "n")) == [
        ("diagnostic", "sextorsion", 1),
        ("diagnostic-gravite", "4", 1),
        ("diagnostic-porte", "3114", 1),
        ("diagnostic-public", "particulier", 1),
    ]


def test_database_that_does_not_answer_never_hides_the_advice(catalogue, monkeypatch):
    def broken(pairs):
        raise services.DatabaseError

    monkeypatch.setattr(services, "count_all", broken)

    assert services.report_outcome(catalogue, services.engine.resolve(catalogue, BLACKMAIL)) is False
