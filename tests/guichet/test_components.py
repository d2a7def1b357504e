"""The component partials: what a person sees and hears, and that none is an orphan."""

import re
from pathlib import Path

import pytest
from django import forms
from django.template.loader import render_to_string

from guichet.specimens import Label, SpecimenForm
from tests.guichet.pages import Page

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
COMPONENTS = sorted((TEMPLATES / "components").glob("_*.html"))


def draw(name: str, **parameters) -> Page:
    return Page(render_to_string(f"components/_{name}.html", parameters))


def group(form: forms.Form, name: str) -> Page:
    return Page(form[name].as_field_group())


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_component_says_its_parameters_at_its_head(path):
    assert re.match(r"{# [A-Z].* #}\n|{% comment %}\n[A-Z]", path.read_text()), path.name
    assert "arameter" in path.read_text().split("\n<")[0], path.name


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_component_is_used(path):
    users = [p for p in TEMPLATES.rglob("*.html") if f"components/{path.name}" in p.read_text() and p != path]

    assert users or path.name == "_field.html", path.name


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/composants/", "/composants/?erreurs", "/composants/?console"])
def test_specimens_have_unique_ids_and_name_every_control(client, address):
    page = Page(client.get(address).content)

    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    labelled = {attrs["for"] for attrs in page.all("label")}
    controls = [a for tag, a in page.tags if tag in ("input", "select", "textarea") and a.get("type") != "hidden"]
    described = {part for _, attrs in page.tags for part in attrs.get("aria-describedby", "").split()}
    assert sorted(ids) == sorted(set(ids))
    assert [control for control in controls if control.get("id") not in labelled] == []
    assert described <= set(ids)


def test_errors_link_to_every_field_that_waits():
    form = SpecimenForm({"amount": "deux cents"})
    page = draw("errors", form=form)
    drawn = Page("".join(str(form[name].as_field_group()) for name in form.fields))

    assert "6 réponses à compléter" in page.text
    assert len(page.links) == 6
    assert {link[1:] for link in page.links} <= drawn.ids
    assert page.all("div", role="alert", tabindex="-1")


def test_errors_say_nothing_when_nothing_is_missing():
    page = draw("errors", form=SpecimenForm())

    assert page.text == ""


def test_one_error_is_said_in_the_singular():
    form = SpecimenForm({"answer": "a1", "amount": "2", "day": "2026-01-02", "secret": "x", "bank": "v"})

    assert "Une réponse à compléter" in draw("errors", form=form).text


@pytest.mark.parametrize("name", ["amount", "day", "secret", "bank"])
def test_field_shows_its_error_beside_and_tells_screen_readers(name):
    page = group(SpecimenForm({"amount": "deux"}), name)
    control = next(attrs for tag, attrs in page.tags if tag in ("input", "select"))

    assert control["aria-invalid"] == "true"
    assert f"id_{name}_error" in control["aria-describedby"].split()
    assert f"id_{name}_error" in page.ids


def test_field_tells_its_hint_and_that_it_may_stay_empty():
    page = group(SpecimenForm(), "account")

    assert page.text == "IBAN du bénéficiaire (facultatif) Il commence par deux lettres."
    assert page.all("input", aria_describedby="id_account_helptext")


def test_required_field_says_nothing_more():
    assert "facultatif" not in group(SpecimenForm(), "amount").text


def test_choices_are_a_named_group_with_each_answer_once():
    page = group(SpecimenForm(), "answer")
    radios = page.all("input", type="radio", name="answer")

    assert [radio["value"] for radio in radios] == ["a1", "a2", "a9"]
    assert page.all("fieldset", aria_describedby="id_answer_helptext")
    assert "De quoi vous menace-t-on ? Choisissez" in page.text


def test_choices_keep_what_was_ticked():
    page = group(SpecimenForm({"facts": ["minor"]}), "facts")

    assert [box["value"] for box in page.all("input", type="checkbox") if "checked" in box] == ["minor"]


def test_choice_may_have_a_second_line():
    page = group(SpecimenForm(), "facts")

    assert Label("Un", "Deux").small == "Deux"
    assert "J’ai déjà envoyé de l’argent Même une petite somme." in page.text


def test_last_answer_stands_apart():
    page = draw("choices", field=SpecimenForm()["answer"], apart="a9")

    assert page.text.endswith("ou Je ne sais pas") or "ouJe ne sais pas" in page.text


@pytest.mark.parametrize(
    ("place", "words"),
    [(1, "Vous êtes le prochain"), (2, "1 personne est devant vous"), (5, "4 personnes sont devant vous")],
)
def test_turn_counts_the_people_before(place, words):
    assert words in draw("turn", place=place).text


def test_turn_promises_no_time_it_does_not_know():
    assert "Nous ne savons pas encore combien de temps" in draw("turn", place=3).text


def test_stepper_is_a_sentence_and_its_bar_is_silent():
    page = draw("stepper", now=3, total=7, at_most=True)

    assert page.text == "Étape 3 sur 7 au plus"
    assert [attrs.get("class", "") for attrs in page.all("li")] == ["is-done"] * 2 + ["is-now"] + [""] * 4
    assert page.all("ol", aria_hidden="true")


def test_severity_is_said_in_words():
    page = draw("severity", level=3)

    assert page.text == "Gravité 3 sur 4"
    assert len(page.all("i", class_="on")) == 3


def test_message_is_text_whatever_it_holds():
    page = draw("bubble", messages=[{"text": "<script>alert(1)</script>\nligne", "time": "23:53"}])

    assert page.all("script") == []
    assert "<script>alert(1)</script>" in page.text


def test_message_says_its_state_in_a_word():
    page = draw(
        "bubble", messages=[{"text": "oui", "time": "23:53", "mine": True, "state_label": "lu", "state": "read"}]
    )

    assert "23:53 · lu" in page.text


def test_phone_number_in_a_text_is_one_press_away():
    parts = (("Appelez le ", ""), ("17", "tel:17"), (".", ""))
    page = draw("todos", actions=[{"parts": parts, "who": "Vous", "deadline": {"text": "Dans l’heure"}}], tick=True)

    assert page.text == "Appelez le 17.Dans l’heure Vous"
    assert page.links == ["tel:17"]


def test_door_to_another_site_says_so_and_tells_it_nothing():
    page = draw("doors", doors=[{"href": "https://example.org/", "title": "En ligne", "outside": True}])

    assert "S’ouvre sur un autre site" in page.text
    assert page.all("a", rel="noreferrer noopener")


def test_form_of_a_component_carries_the_token_it_is_given():
    page = draw("offer", title="Parlez-en", label="Ouvrir", action="/tchat/", csrf_token="abc")

    assert page.all("input", name="csrfmiddlewaretoken", value="abc")


def test_composer_keeps_what_was_typed_and_says_why_it_was_refused():
    page = draw("composer", action="/tchat/", csrf_token="abc", text="Bonsoir", error="Écrivez un message")

    assert "Bonsoir" in page.text
    assert page.all("textarea", aria_invalid="true", maxlength="4000")


def test_queue_says_that_nobody_waits():
    assert "Personne n’attend." in draw("queue", items=[]).text
