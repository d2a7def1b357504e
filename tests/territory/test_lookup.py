import pytest

from guichet.territory.lookup import look_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("13200", "13004"),
        (" 13 200 ", "13004"),
        ("59270 Bailleul", "59043"),
        ("bailleul 59270", "59043"),
        ("Méteren (59270)", "59401"),
        ("Lille", "59350"),
        ("75380 PARIS CEDEX 08", "75056"),
        ("59020 Lille Cedex", "59350"),
        ("97405 SAINT DENIS CEDEX", "97411"),
        ("20184 AJACCIO CEDEX 1", "2A004"),
        ("Annecy-le-Vieux", "74010"),
        ("Y", "80829"),
        ("Paris 75008", "75108"),
    ],
)
def test_look_up_needs_no_further_question(typed, code):
    assert look_up(typed).commune.code == code


@pytest.mark.parametrize(("typed", "count"), [("59270", 8), ("51300", 46), ("Sainte-Colombe", 20), ("59270 Lille", 8)])
def test_look_up_offers_a_choice(typed, count):
    found = look_up(typed)

    assert (found.commune, len(found.communes)) == (None, count)


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "empty"),
        ("  ?", "empty"),
        ("5", "unfinished"),
        ("592", "unfinished"),
        ("59999", "unknown_postcode"),
        ("592701", "unknown_postcode"),
        ("59043 CEDEX", "unknown_postcode"),
        ("xqzwk", "unknown_name"),
        ("59999 xqzwk", "unknown_name"),
    ],
)
def test_look_up_says_why_it_found_nothing(typed, problem):
    found = look_up(typed)

    assert (found.communes, found.problem) == ((), problem)


@pytest.mark.parametrize("typed", ["59270", "59270 Bailleul", "Lille", "59020 Lille Cedex", "Baileul", "xqzwk", "59"])
def test_look_up_takes_at_most_two_statements(typed, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        look_up(typed)
