import re

import pytest
from django.template.loader import render_to_string
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guichet.territory.forms import CommuneForm
from guichet.territory.lookup import look_up

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("reference")]


def drawn(form):
    return render_to_string("territory/_picker.html", {"form": form})


def test_commune_form_takes_a_postcode_of_one_commune():
    form = CommuneForm({"q": "13200"})

    assert form.is_valid()
    assert (form.cleaned_data["commune"].code, form.cleaned_data["abroad"]) == ("13004", False)


def test_commune_form_offers_the_communes_of_a_postcode_then_takes_the_choice():
    first = CommuneForm({"q": "59270"})

    page = drawn(first) if not first.is_valid() else ""
    second = CommuneForm({"q": "59270", "commune": "59401"})

    assert first.errors["commune"] == ["Plusieurs communes correspondent. Choisissez la vôtre."]
    assert page.count('type="radio"') == 8
    assert 'value="59270"' in page
    assert " Bailleul Nord (59) Méteren Nord (59) " in " ".join(re.sub("<[^>]*>", " ", page).split())
    assert second.is_valid()
    assert second.cleaned_data["commune"].name == "Méteren"


def test_commune_form_ignores_a_choice_left_from_an_earlier_text():
    form = CommuneForm({"q": "13200", "commune": "59401"})

    assert form.is_valid()
    assert form.cleaned_data["commune"].code == "13004"


def test_commune_form_refuses_a_commune_that_was_not_offered():
    form = CommuneForm({"q": "59270", "commune": "75056"})

    assert not form.is_valid()
    assert 'value="75056"' not in drawn(form)


def test_commune_form_shows_the_departement_and_the_former_name():
    form = CommuneForm({"q": "annecy-le-vieu"})

    assert not form.is_valid()
    assert "Haute-Savoie (74), ancienne commune Annecy-le-Vieux" in drawn(form)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Écrivez votre code postal ou le nom de votre commune"),
        ("59", "Écrivez les cinq chiffres du code postal"),
        ("59999", "écrivez plutôt le nom de votre commune"),
        ("xqzwk", "Essayez son code postal"),
        ("a" * 101, "Écrivez au plus 100 caractères"),
    ],
)
def test_commune_form_says_what_to_write(typed, message):
    form = CommuneForm({"q": typed})

    assert not form.is_valid()
    assert message in form.errors["q"][0]
    assert drawn(form).count(form.errors["q"][0]) == 1


@pytest.mark.parametrize("typed", ["", "59999", "59270", "a" * 200])
@pytest.mark.parametrize(("box", "abroad"), [("abroad", True), ("unsaid", False)])
def test_commune_form_takes_another_answer_whatever_was_typed(typed, box, abroad):
    form = CommuneForm({"q": typed, box: "on"})

    assert form.is_valid()
    assert (form.cleaned_data["commune"], form.cleaned_data["abroad"]) == (None, abroad)


def test_commune_form_is_not_called_optional():
    assert "facultatif" not in drawn(CommuneForm())


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(categories=None), max_size=40), st.text(st.characters(categories=None), max_size=8))
def test_commune_form_survives_anything(typed, chosen):
    form = CommuneForm({"q": typed, "commune": chosen})

    assert form.is_valid() == (not form.errors)
    assert drawn(form)


def test_communes_while_typing_are_those_of_the_page(client):
    form = CommuneForm()
    form.offer(look_up("59270"))

    answer = client.get("/territoire/communes/", {"q": "59270"}, headers={"HX-Request": "true"}).content.decode()

    assert answer.count('type="radio"') == 8
    assert answer in drawn(form)


def test_communes_while_typing_mark_the_one_that_needs_no_question(client):
    answer = client.get("/territoire/communes/", {"q": "Lille"}).content.decode()

    assert answer.count("checked") == 1
    assert 'value="59350" id="id_commune_0" checked' in answer


@pytest.mark.parametrize("typed", ["", "5", "592"])
def test_communes_while_typing_says_nothing_too_early(client, typed):
    assert client.get("/territoire/communes/", {"q": typed}).content.decode().strip() == ""


def test_communes_while_typing_leads_a_cedex_to_the_name(client):
    answer = client.get("/territoire/communes/", {"q": "59043"}).content.decode()

    assert "écrivez plutôt le nom de votre commune" in answer


def test_communes_while_typing_refuses_a_text_too_long(client):
    response = client.get("/territoire/communes/", {"q": "a" * 101})

    assert response.status_code == 422
    assert response.content.decode() == "Écrivez au plus 100 caractères : le code postal ou le nom suffit."


@pytest.mark.parametrize("typed", ["59270", "Baileul", "saint"])
def test_communes_while_typing_take_at_most_two_statements(client, typed, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        client.get("/territoire/communes/", {"q": typed})
