"""A company applies, is vetted, is listed, and its state changes with a reason, a date and a line of audit."""

import html
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guichet.accounts.enums import Role
from guichet.accounts.models import Agent
from guichet.audit.models import Line
from guichet.directory.enums import ProviderState
from guichet.directory.models import Provider
from guichet.directory.rulebook import CHARTER, RULE, VETTING
from guichet.directory.services import providers
from tests.directory import factory
from tests.guichet.pages import Page

pytestmark = pytest.mark.django_db
APPLY = reverse("directory:apply")
STATES = ProviderState


def page_of(answer) -> Page:
    return Page(answer.content)


# --- the page where one applies


def test_application_is_kept_as_a_candidate_who_accepted_the_charter(client):
    answer = client.post(APPLY, factory.typed(name="Solquet Réseaux"), follow=True)

    assert page_of(answer).text.count("Votre candidature est reçue") == 1
    provider = Provider.objects.get(name="Solquet Réseaux")
    assert (provider.state, provider.charter_version) == (STATES.CANDIDATE, CHARTER.version)
    assert provider.audiences == ["particulier", "entreprise", "collectivite"]
    assert {zone.departement for zone in provider.zones.all()} == {"59", "62"}
    assert {(skill.kind, skill.level) for skill in provider.skills.all()} == {("rancongiciel", 3), ("appareil", 2)}
    assert [change.reason for change in provider.changes.all()] == ["Candidature reçue."]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"siren": "123"}, "Un SIREN compte 9 chiffres"),
        ({"siren": "732829321"}, "Un chiffre du SIREN semble différent"),
        ({"contact_email": "pas une adresse"}, "Écrivez une adresse complète"),
        ({"phone": "bonjour"}, "Écrivez un numéro complet"),
        ({"website": "javascript:alert(1)"}, "Écrivez l’adresse entière"),
        ({"place": "99999"}, "Nous ne trouvons pas cette commune"),
        ({"audiences": []}, "Cochez au moins un public"),
        ({"audiences": ["martiens"]}, "Cochez un public de la liste"),
        ({"departements": "59, 99"}, "Numéro inconnu : 99"),
        ({"departements": "", "remote": ""}, "Écrivez au moins un département"),
        ({"capacity": "0"}, "Au moins une demande"),
        ({"capacity": "beaucoup"}, "Écrivez un nombre"),
        ({"price_low": "500", "price_high": "100"}, "Ce prix doit être au moins le prix le plus bas"),
        ({"label": "expertcyber"}, "Écrivez la date de fin du label"),
        ({"label_until": "demain"}, "Écrivez la date en chiffres"),
        ({"charter": ""}, "Lisez la charte"),
        ({"skill_rancongiciel": "0", "skill_appareil": "0"}, "Choisissez au moins une compétence"),
        ({"skill_rancongiciel": "9"}, "Choisissez un niveau de la liste"),
        ({"name": ""}, "Écrivez le nom de l’entreprise"),
        ({"name": "x" * 101}, "Écrivez au plus 100 caractères"),
    ],
)
def test_bad_input_is_told_beside_the_field_and_nothing_typed_is_lost(client, changes, words):
    answer = client.post(APPLY, factory.typed(presentation="Mes mots à moi") | changes)

    assert answer.status_code == 422
    assert words in page_of(answer).text
    assert "Mes mots à moi" in page_of(answer).text
    assert not Provider.objects.exists()


def test_same_siren_twice_is_told(client):
    known = factory.candidate()

    answer = client.post(APPLY, factory.typed(siren=known.siren))

    assert "déjà une candidature" in page_of(answer).text
    assert Provider.objects.count() == 1


def test_hostile_bytes_are_no_error(client):
    answer = client.post(APPLY, factory.typed(name="a\x00b", presentation="<script>alert(1)</script>"))

    assert answer.status_code == 302
    assert Provider.objects.get().name == "ab"


def test_public_pages_say_the_rule_with_its_weights(client):
    answer = client.get(reverse("directory:rule"))
    text = page_of(answer).text

    for quality, weight in RULE.weights.items():
        assert f'<th scope="row">{RULE.words[quality].name_fr}</th><td>{weight} %</td>' in answer.content.decode()
    assert "tirage au sort" in text
    assert "52 premiers bits" in text
    assert CHARTER.articles[2].title_fr in page_of(client.get(reverse("directory:charter"))).text
    assert client.get(reverse("directory:applied")).status_code == 200


def test_example_on_the_rule_page_is_worked_out(client):
    html = client.get(reverse("directory:rule")).content.decode()

    cells = "".join(f"<td>{cell}</td>" for cell in ("100", "80", "100", "0", "100", "85,0", "61 %"))
    assert f'<th scope="row">Entreprise A</th>{cells}' in html


# --- states


def test_listing_needs_every_check(client):
    provider = factory.candidate()
    provider.checks = [check.id for check in VETTING.checks][1:]

    with pytest.raises(providers.Refused, match="not-vetted"):
        providers.change_state(provider=provider, to=STATES.LISTED, reason="Bien.", actor="agent:1")


def test_each_change_is_dated_reasoned_and_audited():
    provider = factory.listed()

    providers.change_state(provider=provider, to=STATES.SUSPENDED, reason="Un litige.", actor="agent:7")

    change = provider.changes.first()
    assert (change.before, change.after, change.reason, change.actor) == (
        STATES.LISTED, STATES.SUSPENDED, "Un litige.", "agent:7",
    )  # fmt: skip
    line = Line.objects.filter(target=f"prestataire:{provider.pk}").last()
    assert (line.actor, line.detail) == ("agent:7", {"avant": "reference", "après": "suspendu"})
    assert "Un litige" not in str(line.detail)


@pytest.mark.parametrize(
    ("to", "reason", "code"),
    [(STATES.EXPIRED, "x", "not-allowed"), (STATES.LISTED, " ", "no-reason"), (STATES.SUSPENDED, "x", "not-allowed")],
)
def test_wrong_change_is_refused(to, reason, code):
    with pytest.raises(providers.Refused, match=code):
        providers.change_state(provider=factory.candidate(), to=to, reason=reason, actor="agent:1")


def test_two_who_change_at_once_have_one_winner():
    first = factory.listed()
    second = Provider.objects.get(pk=first.pk)
    providers.change_state(provider=first, to=STATES.SUSPENDED, reason="Un.", actor="agent:1")

    with pytest.raises(providers.Refused, match="changed"):
        providers.change_state(provider=second, to=STATES.SUSPENDED, reason="Deux.", actor="agent:2")

    assert second.changes.filter(after=STATES.SUSPENDED).count() == 1


def test_listing_ends_on_its_date_and_lifting_a_suspension_does_not_lengthen_it():
    provider = factory.listed()
    end = provider.listed_until
    providers.change_state(provider=provider, to=STATES.SUSPENDED, reason="Un litige.", actor="agent:1")
    providers.change_state(provider=provider, to=STATES.LISTED, reason="Réglé.", actor="agent:1")
    assert provider.listed_until == end

    assert providers.expire_due(now=timezone.now() + timedelta(days=VETTING.listing_days)) == 0
    assert providers.expire_due(now=timezone.now() + timedelta(days=VETTING.listing_days + 1)) == 1

    provider.refresh_from_db()
    assert provider.state == STATES.EXPIRED


def test_last_answers_are_kept_and_their_median_told():
    provider = factory.listed()
    for minutes in range(40):
        providers.note_answer(provider_id=provider.pk, minutes=minutes)

    provider.refresh_from_db()
    assert provider.answers == list(range(10, 40))
    assert provider.answer_minutes == 24.5


def test_rating_is_told_from_five_notes_on():
    provider = factory.listed()
    for _ in range(4):
        providers.note_rating(provider_id=provider.pk, rating=4)
    provider.refresh_from_db()
    assert provider.rating is None

    providers.note_rating(provider_id=provider.pk, rating=5)
    provider.refresh_from_db()
    assert provider.rating == 4.2


# --- the admin


def person(role: str, **changes) -> Client:
    agent = Agent.objects.create_user(role, password="x", service_number=f"9{role[:3]}", role=role, **changes)
    browser = Client()
    browser.force_login(agent)
    return browser


def test_administrator_lists_with_a_reason(client):
    provider, admin = factory.vet(factory.candidate()), person(Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    address = reverse("admin:directory_provider_state", args=[provider.pk])
    assert "Tout est vérifié" not in admin.get(address).content.decode()

    answer = admin.post(address, {"to": STATES.LISTED, "reason": "Tout est vérifié."}, follow=True)

    assert "Tout est vérifié." in answer.content.decode()
    provider.refresh_from_db()
    assert provider.state == STATES.LISTED


def test_admin_says_what_is_still_to_check(client):
    provider, admin = factory.candidate(), person(Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    address = reverse("admin:directory_provider_state", args=[provider.pk])

    answer = admin.post(address, {"to": STATES.LISTED, "reason": "Vite."})

    assert answer.status_code == 422
    assert "Toutes les vérifications doivent être faites" in answer.content.decode()
    assert VETTING.checks[0].name_fr in answer.content.decode()


@pytest.mark.parametrize("role", [Role.AGENT, Role.EDITOR])
def test_colleague_without_the_right_cannot_change_a_state(role):
    provider = factory.vet(factory.candidate())
    browser = person(role, is_staff=role == Role.EDITOR)

    answer = browser.post(
        reverse("admin:directory_provider_state", args=[provider.pk]), {"to": STATES.LISTED, "reason": "x"}
    )

    assert answer.status_code in {302, 403}
    provider.refresh_from_db()
    assert provider.state == STATES.CANDIDATE


def test_stranger_is_asked_to_sign_in(client):
    provider = factory.candidate()

    for name in ("state", "change"):
        assert client.get(reverse(f"admin:directory_provider_{name}", args=[provider.pk])).status_code == 302


def test_change_of_a_sheet_in_the_admin_is_audited():
    provider, admin = factory.candidate(), person(Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    address = reverse("admin:directory_provider_change", args=[provider.pk])
    form = admin.get(address).context["adminform"].form
    data = {name: form.initial.get(name) for name in form.fields if form.initial.get(name) not in (None, False)}
    data |= {"checks": ["siren"], "capacity": "7"}
    for prefix in ("skills", "zones", "changes"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}

    assert admin.post(address, data).status_code == 302

    provider.refresh_from_db()
    assert (provider.capacity, provider.checks) == (7, ["siren"])
    assert Line.objects.last().detail == {"champs": ["capacity", "checks"]}


def test_admin_has_a_queue_of_applications_and_of_what_ends_soon():
    admin = person(Role.ADMINISTRATOR, is_staff=True, is_superuser=True)
    soon = timezone.localdate() + timedelta(days=10)
    waiting, ending = factory.candidate(name="Attend"), factory.listed(name="Finit bientôt")
    Provider.objects.filter(pk=ending.pk).update(listed_until=soon, label="expertcyber", label_until=soon)
    factory.listed(name="Tranquille")

    page = admin.get(reverse("admin:directory_provider_changelist")).content.decode()

    links = re.findall(r'<a href="(\?[^"]+)">([^<]+) : (\d+)</a>', page)
    assert [number for _, _, number in links] == ["1", "1", "1"]
    for (address, _, _), provider in zip(links, (waiting, ending, ending), strict=True):
        shown = admin.get(reverse("admin:directory_provider_changelist") + html.unescape(address)).content.decode()
        rows = re.findall(r'field-name"><a [^>]+>([^<]+)', shown)
        assert rows == [provider.name]
