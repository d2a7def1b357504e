import pytest

from victims.complaint_form import BLOCKS, NOTICES, scene_of, sections_for
from victims.forms import SectionForm, stored_form

EVERYTHING = scene_of(facts=["paid_card", "money_lost"], audience="entreprise", severity=4)


def section(name: str):
    return next(each for each in BLOCKS.sections if each.id == name)


def ids(**changes) -> list[str]:
    return [
        each.id for each in sections_for(scene_of(**{"facts": [], "audience": "particulier", "severity": 2, **changes}))
    ]


def test_blocks_follow_the_diagnosis():
    assert ids() == ["declarant", "facts", "traces", "steps", "declarations"]
    assert ids(facts=["paid_transfer"]) == ["declarant", "facts", "loss", "traces", "steps", "declarations"]
    assert ids(asked=["money_lost"]) == ids(facts=["money_lost"])
    assert "organisation" in ids(audience="collectivite")


def test_steps_ask_for_the_card_only_when_there_is_one():
    without = [each.id for each in section("steps").asked(scene_of(facts=[], audience="particulier", severity=2))]
    with_card = [each.id for each in section("steps").asked(EVERYTHING)]

    assert without == ["platform", "other_complaint"]
    assert with_card == ["opposition", "perceval", "bank", "platform", "other_complaint"]


def test_notices_hold_the_four_points_of_the_law_with_source_and_date():
    text = " ".join(each.text_fr for each in NOTICES.notices)

    assert all(word in text for word in ("pas une obligation", "demander à être entendu", "obligatoire", "interprète"))
    assert all("D8-2-2" in each.source for each in NOTICES.notices)
    assert NOTICES.verify
    assert NOTICES.truth.source == "Code pénal, article 434-26"


def test_what_was_typed_stays_as_typed():
    form = SectionForm(
        section("loss"), EVERYTHING, stored={}, version=1, data={"asked": " 1 200,50 € ", "paid": "deux cents"}
    )

    assert form.errors == {"paid": ["Écrivez la somme en chiffres, par exemple 200."]}
    assert form.typed()["asked"] == "1 200,50 €"
    assert form.typed()["paid"] == "deux cents"


def test_payments_are_kept_without_blank_rows():
    data = {"payments-0-amount": "", "payments-2-amount": "50", "payments-2-means": "carte", "payments-99-amount": "1"}

    form = SectionForm(section("loss"), EVERYTHING, stored={}, version=1, data=data)

    assert [row["amount"] for row in form.typed()["payments"]] == ["50"]
    assert form.rows == 3


def test_payments_never_exceed_the_limit():
    data = {f"payments-{at}-amount": "1" for at in range(500)}

    form = SectionForm(section("loss"), EVERYTHING, stored={}, version=1, data=data)

    assert form.rows == 8
    assert len(form.typed()["payments"]) == 8


def test_too_long_a_text_keeps_the_former_one():
    data = {"story": "a" * 10_001, "when_words": "hier soir"}

    form = SectionForm(section("facts"), EVERYTHING, stored={"story": "avant"}, version=1, data=data)

    assert form.errors["story"] == ["Ce texte compte 10001 caractères. Gardez-en 10000 au plus."]
    assert form.has_unkept()
    assert form.typed()["story"] == "avant"
    assert form.typed()["when_words"] == "hier soir"


def test_choice_that_does_not_exist_is_refused_and_not_kept():
    form = SectionForm(section("declarations"), EVERYTHING, stored={}, version=1, data={"heard": "<script>"})

    assert form.errors["heard"] == ["Choisissez une réponse\u00a0: Souhaitez-vous être entendu par un enquêteur\u00a0?"]
    assert form.typed()["heard"] == ""


@pytest.mark.parametrize(
    ("name", "stored", "field", "said"),
    [
        ("declarant", {}, "mobile", "Indiquez un téléphone ou une adresse e-mail."),
        ("facts", {"story": "x"}, "started_on", "Indiquez une date, ou dites quand avec vos mots."),
    ],
)
def test_one_of_several_fields_is_wanted(name, stored, field, said):
    assert stored_form(section(name), EVERYTHING, stored).errors[field] == [said]


def test_one_of_several_fields_is_enough():
    assert "started_on" not in stored_form(section("facts"), EVERYTHING, {"when_words": "hier"}).errors
