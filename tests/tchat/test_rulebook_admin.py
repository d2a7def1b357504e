"""An administrator changes the rules of the queue: draft, faults in plain words, a try on the past, in force."""

import pytest
from django.urls import reverse

from guichet.accounts.enums import Role
from tchat.models import Rulebook
from tests.tchat import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief():
    people.agent("policier", "police", "gendarmerie", "specialise", "commun")
    chief = people.agent("admin", role=Role.ADMINISTRATOR)
    chief.is_staff = chief.is_superuser = True
    chief.save()
    return chief


@pytest.fixture
def browser(client, chief):
    client.force_login(chief)
    return client


@pytest.fixture
def book(browser):
    browser.post(reverse("admin:tchat_rulebook_add"))
    return Rulebook.objects.get()


def at(name: str, *args) -> str:
    return reverse(f"admin:tchat_rulebook_{name}", args=args)


def typed(browser, book) -> dict[str, str]:
    """The change form as a browser would send it back, untouched."""
    form = browser.get(at("change", book.pk)).context
    found: dict = {}
    for part in (form["adminform"].form, *[one.formset for one in form["inline_admin_formsets"]]):
        for field in part if not hasattr(part, "forms") else [each for one in part.forms for each in one]:
            value = field.value()
            found[field.html_name] = "" if value is None else value
        if hasattr(part, "management_form"):
            found.update({each.html_name: each.value() for each in part.management_form})
    return found


def text(response) -> str:
    return response.content.decode()


def test_draft_begins_as_what_is_in_force_and_comes_into_force_after_a_try(browser, book):
    page = text(browser.get(at("change", book.pk)))
    assert "gravité 4 et une personne mineure est concernée" in page

    tried = text(browser.get(at("try", book.pk)))
    assert "Mettre en vigueur maintenant" in tried
    done = text(browser.post(at("publish", book.pk), follow=True))

    assert "est en vigueur pour les prochaines demandes" in done
    assert people.waiting(people.commune()).rulebook_id == book.pk
    assert "Enregistrer" not in text(browser.get(at("change", book.pk)))


def test_rule_is_written_in_the_form_and_a_wrong_word_is_told_beside_it(browser, book):
    form = typed(browser, book)
    last = int(form["rules-TOTAL_FORMS"]) - 1
    new = {"order": "1", "desk": "commun", "threats": "sextorsion faux-mot", "min_severity": "4", "reason": "essai"}
    form |= {f"rules-{last}-{name}": value for name, value in new.items()}

    refused = browser.post(at("change", book.pk), form)
    assert "« faux-mot » n&#x27;est pas une atteinte du catalogue." in text(refused)

    form[f"rules-{last}-threats"] = "sextorsion"
    form[f"rules-{last}-weekdays"] = ["6", "7"]
    saved = browser.post(at("change", book.pk), form)

    assert saved.status_code == 302
    rule = book.rules.get(order=1)
    assert (rule.threats, rule.weekdays) == (["sextorsion"], [6, 7])


def test_unsound_draft_is_told_and_not_offered(browser, book):
    book.rules.order_by("-order").first().delete()

    page = text(browser.get(at("try", book.pk)))

    assert "La dernière règle doit valoir pour tous" in page
    assert "Mettre en vigueur maintenant" not in page
    assert "a des défauts" in text(browser.post(at("publish", book.pk), follow=True))


def test_agent_has_no_business_here(client, book):
    client.force_login(people.agent("curieux", "police"))

    assert client.post(at("publish", book.pk)).status_code in {302, 403}
    assert Rulebook.objects.get().state == "brouillon"
