import pytest

from guichet.territory.models import Commune, Competence, Service
from guichet.territory.services import competence_of, find_commune, search_communes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Bailleul", "Bailleul (Nord)"),
        ("bailleul", "Bailleul (Nord)"),
        ("Y", "Y (Somme)"),
        ("l'hay les roses", "L'Haÿ-les-Roses (Val-de-Marne)"),
        ("L’Haÿ-les-Roses", "L'Haÿ-les-Roses (Val-de-Marne)"),
        ("st etienne", "Saint-Étienne (Loire)"),
        ("ST. ETIENNE", "Saint-Étienne (Loire)"),
        ("Ste Colombe 77", "Sainte-Colombe (Seine-et-Marne)"),
        ("sainte-colombe (69)", "Sainte-Colombe (Rhône)"),
        ("saint denis 974", "Saint-Denis (La Réunion)"),
        ("enghien", "Enghien-les-Bains (Val-d'Oise)"),
        ("Paris", "Paris"),
        ("paris 15ème", "Paris 15e Arrondissement"),
        ("Lyon 3", "Lyon 3e Arrondissement (Rhône)"),
        ("soeurdres", "Les Hauts-d'Anjou (Maine-et-Loire)"),
        ("Sœurdres", "Les Hauts-d'Anjou (Maine-et-Loire)"),
        ("Baileul", "Bailleul (Nord)"),
        ("Marseile", "Marseille (Bouches-du-Rhône)"),
    ],
)
def test_search_table(typed, first):
    assert search_communes(typed)[0].full_name == first


@pytest.mark.parametrize("typed", ["", "  ", "?!", "xqzwk", "xq"])
def test_search_of_nothing_known_is_empty(typed):
    assert search_communes(typed) == []


def test_search_shows_every_homonym_with_its_departement():
    exact = [commune for commune in search_communes("Sainte Colombe", limit=20) if commune.folded == "sainte colombe"]

    assert len(exact) == 12
    assert len({commune.departement for commune in exact}) == 12


def test_search_by_a_former_name_says_so():
    found = search_communes("Annecy-le-Vieux")

    assert [(commune.name, commune.former_name) for commune in found] == [("Annecy", "Annecy-le-Vieux")]


def test_search_names_each_commune_once():
    found = search_communes("arboys", limit=20)

    assert len({commune.code for commune in found}) == len(found)


@pytest.mark.parametrize(("typed", "statements"), [("Bailleul", 1), ("saint", 1), ("Baileul", 2), ("xqzwk", 2)])
def test_search_takes_at_most_two_statements(typed, statements, django_assert_num_queries):
    with django_assert_num_queries(statements):
        search_communes(typed)


def test_search_leaves_an_ended_commune_out():
    Commune.objects.filter(pk="80829").update(ended_at="2027-01-01")

    assert "Y" not in [commune.name for commune in search_communes("Y")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("59043", "59043"),
        ("97133", "97133"),
        ("13200", "13004"),
        ("2a004", "2A004"),
        ("25250", "25558"),
        ("Y", "80829"),
        ("Arbignieu", "01015"),
        ("59190x", None),
        ("Bailleul", None),
        ("", None),
    ],
)
def test_find_commune_wants_only_one(text, code):
    commune = find_commune(text)

    assert (commune and commune.code) == code


def test_competence_of_a_gendarmerie_commune():
    answer = competence_of("01160")

    assert (answer.institution, answer.label_fr) == ("GN", "Gendarmerie nationale")
    assert answer.service_label_fr == "Brigade de gendarmerie : Ornex"
    assert (answer.source, answer.edition) == ("officielle", "2026-08")


def test_competence_of_a_police_commune():
    answer = competence_of("59043")

    assert (answer.code, answer.source) == ("PN", "officielle")
    assert answer.service_label_fr == "Commissariat de police de Lille Agglomération"


def test_competence_of_a_shared_commune_names_both_always_in_the_same_order():
    answer = competence_of("13004")

    assert (answer.institution, answer.service, answer.source) == (None, None, "partagee")
    assert answer.institutions == ("PN", "GN")
    assert [service.institution for service in answer.services] == ["PN", "GN"]
    assert answer.label_fr == "Police nationale et gendarmerie nationale"
    assert answer.service_label_fr == "Commissariat de police d'Arles ou Brigade de gendarmerie : Arles"


@pytest.mark.parametrize("code", ["78621", "78297", "15035", "98901", "00000", ""])
def test_competence_left_blank_or_absent_is_said_to_be_unknown(code):
    answer = competence_of(code)

    assert (answer.institution, answer.institutions, answer.service, answer.source) == (None, (), None, "inconnue")
    assert answer.label_fr == "Police ou gendarmerie"
    assert answer.service_label_fr == ""


@pytest.mark.parametrize(("city", "commissariats"), [("75056", 16), ("69123", 6), ("13055", 14)])
def test_competence_of_a_city_is_that_of_its_arrondissements(city, commissariats):
    answer = competence_of(city)

    assert (answer.institution, answer.source) == ("PN", "officielle")
    assert len(answer.services) == commissariats
    assert (answer.service, answer.service_label_fr) == (None, "")


def test_competence_of_an_ended_commune_is_that_of_its_successor():
    Competence.objects.filter(commune="59087").delete()
    Commune.objects.filter(pk="59087").update(ended_at="2027-01-01", successor="59043")

    assert competence_of("59087").code == "PN"


@pytest.mark.parametrize(("code", "statements"), [("59043", 1), ("13004", 1), ("78621", 1), ("75056", 2), ("15035", 2)])
def test_competence_takes_one_statement_or_two(code, statements, django_assert_num_queries):
    with django_assert_num_queries(statements):
        competence_of(code)


@pytest.mark.parametrize(
    ("institution", "name", "label"),
    [
        ("GN", "Ornex", "Brigade de gendarmerie : Ornex"),
        ("GN", "La Boixe", "Brigade de gendarmerie : La Boixe"),
        ("GN", "Brigade des Arcs", "Brigade de gendarmerie des Arcs"),
        ("PN", "Commissariat de police d'Arles", "Commissariat de police d'Arles"),
    ],
)
def test_service_label_says_which_force(institution, name, label):
    assert Service(institution=institution, name=name).label == label
