import re
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from tests.victims import factory
from victims import views
from victims.models import Access, Dossier
from victims.services import access, complaints, dossiers, evidence
from victims.views import OPENING

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limit_kept():
    cache.clear()


def opened(client, follow: str = "", journey=factory.SEXTORTION) -> Dossier:
    """Through the pages: from a finished journey to the page of the keys."""
    factory.commune()
    factory.with_journey(client, journey)
    client.get(reverse("dossier:open"))
    response = client.post(reverse("dossier:open"), {"q": "Bailleul", "suite": follow})
    assert response.status_code == 302
    assert response.url == reverse("dossier:keys") + (f"?suite={follow}" if follow else "")
    return access.dossier_of(factory.request_of(client))


def code_on(response) -> str:
    return " ".join(re.findall(r"<b>(\d{4})</b>", response.content.decode()))


def test_open_needs_a_finished_journey(client):
    assert client.get(reverse("dossier:open")).url == reverse("diagnostic:start")
    assert client.post(reverse("dossier:open"), {"q": "Bailleul"}).url == reverse("diagnostic:start")


@pytest.mark.parametrize(
    ("journey", "asked"),
    [(factory.SEXTORTION, "Où habitez-vous ?"), (factory.COMPANY, "Où se trouve votre organisation ?")],
)
def test_open_asks_for_the_place_of_who_is_concerned(client, journey, asked):
    factory.with_journey(client, journey)

    assert f"<h1>{asked}</h1>" in client.get(reverse("dossier:open")).content.decode()


def test_open_makes_the_dossier_with_its_commune(client):
    dossier = opened(client)

    assert dossier.commune.name == "Bailleul"
    assert dossier.diagnosis.main_threat == "sextorsion"


def test_second_journey_opens_its_own_dossier_though_the_first_code_was_never_noted(client):
    first = opened(client)
    client.cookies.pop(access.COOKIE)

    second = opened(client, journey=factory.SCAM)

    assert second.pk != first.pk
    assert (first.diagnosis.main_threat, second.diagnosis.main_threat) == ("sextorsion", "faux-site-vente")


def test_too_many_opened_from_one_network_keep_what_was_typed_and_say_when(client, monkeypatch):
    monkeypatch.setattr(views, "OPENED_PER_HOUR", 2)
    factory.commune()
    answers = []
    for address in ("90.1.2.3", "90.1.2.3", "90.1.2.3", "90.1.2.4", "127.0.0.1"):
        somebody = Client(headers={"X-Forwarded-For": address})
        factory.with_journey(somebody)
        somebody.get(reverse("dossier:open"))
        answers.append(somebody.post(reverse("dossier:open"), {"q": "Bailleul", "commune": "59043"}))

    assert [each.status_code for each in answers] == [302, 302, 429, 302, 302]
    page = answers[2].content.decode()
    assert "Votre dossier n’est pas encore ouvert" in page
    assert "Attendre 30 minutes, puis essayer de nouveau, ou appeler un numéro d’aide" in page
    assert 'value="Bailleul"' in page
    assert re.search(r'name="commune" value="59043"[^>]* checked', page)


def test_open_twice_leads_to_the_same_dossier(client):
    first = opened(client)

    client.post(reverse("dossier:open"), {"q": "Bailleul"})

    assert Dossier.objects.get() == first
    assert access.dossier_of(factory.request_of(client)) == first


def test_open_from_abroad_or_unsaid_needs_no_commune(client):
    factory.with_journey(client)
    client.get(reverse("dossier:open"))

    client.post(reverse("dossier:open"), {"abroad": "on"})

    dossier = Dossier.objects.get()
    assert dossier.abroad
    assert dossier.commune is None


def test_open_with_unknown_commune_says_what_to_write(client):
    factory.with_journey(client)
    client.get(reverse("dossier:open"))

    response = client.post(reverse("dossier:open"), {"q": "Nulle-Part-sur-Rien"})

    assert response.status_code == 422
    assert "Nous ne trouvons pas cette commune" in response.content.decode()
    assert 'value="Nulle-Part-sur-Rien"' in response.content.decode()
    assert not Dossier.objects.exists()


def test_keys_show_reference_and_code_that_open_again(client, client_factory):
    dossier = opened(client)

    code = code_on(client.get(reverse("dossier:keys")))

    other = client_factory()
    response = other.post(reverse("dossier:sign_in"), {"reference": dossier.reference.lower(), "code": code})
    assert response.url == reverse("dossier:home")
    assert dossier.reference in other.get(response.url).content.decode()


def test_keys_are_left_only_once_noted(client):
    dossier = opened(client)

    response = client.post(reverse("dossier:keys"), {})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Notez votre code, puis cochez cette case" in page
    assert code_on(response)
    dossier.refresh_from_db()
    assert dossier.code_noted_at is None


def test_code_is_never_shown_again_once_noted(client):
    dossier = opened(client, "plainte")
    code = code_on(client.get(reverse("dossier:keys")))

    response = client.post(reverse("dossier:keys"), {"noted": "on", "suite": "plainte"})

    assert response.url == reverse("dossier:complaint")
    assert client.cookies[OPENING].value == ""
    assert client.get(reverse("dossier:keys")).url == reverse("dossier:home")
    assert code not in client.get(reverse("dossier:home")).content.decode()
    dossier.refresh_from_db()
    assert dossier.code_noted_at


def test_code_that_is_no_longer_shown_can_be_renewed(client, client_factory):
    dossier = opened(client)
    old = code_on(client.get(reverse("dossier:keys")))
    del client.cookies[OPENING]

    assert "n’est plus affiché" in client.get(reverse("dossier:keys")).content.decode()
    client.post(reverse("dossier:renew"))
    new = code_on(client.get(reverse("dossier:keys")))

    assert new != old
    with pytest.raises(dossiers.NotFound):
        dossiers.find_dossier(reference=dossier.reference, code=old)
    assert dossiers.find_dossier(reference=dossier.reference, code=new) == dossier


@pytest.mark.parametrize("who", ["wrong code", "unknown reference"])
def test_sign_in_says_the_same_for_a_wrong_code_and_an_unknown_reference(client, who):
    dossier, other = factory.dossier(opening="a" * 32), dossiers.code_of("b" * 32)
    reference = dossier.reference if who == "wrong code" else "GC-0000-0000"

    response = client.post(reverse("dossier:sign_in"), {"reference": reference, "code": other})

    page = response.content.decode()
    assert response.status_code == 422
    assert "Cette référence et ce code ne vont pas ensemble" in page
    assert f'value="{reference}"' in page
    assert other not in page


def test_sign_in_says_beside_the_field_what_to_look_at(client):
    response = client.post(reverse("dossier:sign_in"), {"reference": "GC-12", "code": "12"})

    page = response.content.decode()
    assert response.status_code == 422
    assert "La référence compte 8 lettres ou chiffres" in page
    assert "Le code compte 16 chiffres" in page


def test_sign_in_is_slowed_down_for_one_reference(client):
    dossier = factory.dossier(opening="a" * 32)
    data = {"reference": dossier.reference, "code": dossiers.code_of("b" * 32)}

    answers = [client.post(reverse("dossier:sign_in"), data) for _ in range(6)]

    assert [each.status_code for each in answers] == [422] * 5 + [429]
    assert "Vous pourrez réessayer dans 12 minutes" in answers[-1].content.decode()
    assert int(answers[-1].headers["Retry-After"]) > 600


def test_right_code_is_never_counted(client):
    """In an unsafe home one leaves fast and comes back, more often than five times an hour."""
    dossier = factory.dossier(opening="a" * 32)
    right = {"reference": dossier.reference, "code": dossiers.code_of("a" * 32)}

    assert {client.post(reverse("dossier:sign_in"), right).status_code for _ in range(40)} == {302}


def test_who_only_knows_the_reference_does_not_keep_its_owner_out(client):
    dossier = factory.dossier(opening="a" * 32)
    wrong = {"reference": dossier.reference, "code": dossiers.code_of("b" * 32)}
    somebody = Client(headers={"X-Forwarded-For": "90.1.2.3"})
    for _ in range(20):
        somebody.post(reverse("dossier:sign_in"), wrong)

    assert somebody.post(reverse("dossier:sign_in"), wrong).status_code == 429
    right = {**wrong, "code": dossiers.code_of("a" * 32)}
    assert client.post(reverse("dossier:sign_in"), right).status_code == 302


def test_one_reference_is_tried_sixty_times_an_hour_from_everywhere(client):
    dossier = factory.dossier(opening="a" * 32)
    wrong = {"reference": dossier.reference, "code": dossiers.code_of("b" * 32)}

    answers = [
        Client(headers={"X-Forwarded-For": f"90.1.2.{number}"}).post(reverse("dossier:sign_in"), wrong).status_code
        for number in range(61)
    ]

    assert answers == [422] * 60 + [429]


def test_spaces_before_a_reference_give_no_more_tries(client):
    dossier = factory.dossier(opening="a" * 32)
    data = {"reference": dossier.reference, "code": dossiers.code_of("b" * 32)}

    answers = [
        client.post(reverse("dossier:sign_in"), {**data, "reference": " " * 40 + data["reference"]}).status_code
        for _ in range(6)
    ]

    assert answers == [422] * 5 + [429]


def test_sign_in_is_slowed_down_for_one_address(client):
    data = {"reference": "illisible", "code": "1"}

    answers = [client.post(reverse("dossier:sign_in"), data).status_code for _ in range(31)]

    assert answers == [422] * 30 + [429]


def test_home_shows_what_happened_what_to_do_and_who_read(client):
    dossier, agent = factory.dossier(), factory.agent()
    factory.let_in(client, dossier)
    dossiers.assign(dossier=dossier, agent=agent)

    page = client.get(reverse("dossier:home")).content.decode()

    assert dossier.diagnosis.main_name in page
    assert dossier.diagnosis.plan[0]["text"] in strip_tags(page)
    assert "Agent 4821" in page
    assert "a reçu la charge de votre dossier" in page
    assert agent.username not in page


def test_home_calls_the_numbers_of_its_gestures(client):
    dossier = factory.dossier()
    factory.let_in(client, dossier)
    assert any("3018" in gesture["text"] for gesture in dossier.diagnosis.plan)

    page = client.get(reverse("dossier:home")).content.decode()

    assert '<a class="call" href="tel:3018">3018</a>' in page


def test_sign_in_leads_who_has_no_dossier_to_the_questions(client):
    page = client.get(reverse("dossier:sign_in")).content.decode()

    before, _, after = page.partition("Pas encore de dossier")
    assert f'href="{reverse("diagnostic:start")}"' in after.partition("</p>")[0]
    assert "<details" not in before.partition("<main")[2]


def test_home_is_for_who_holds_the_key(client, client_factory):
    mine, theirs = factory.dossier(opening="a" * 32), factory.dossier(opening="b" * 32)
    owner, other, nobody = client, client_factory(), client_factory()
    factory.let_in(owner, mine)
    factory.let_in(other, theirs)

    assert mine.reference in owner.get(reverse("dossier:home")).content.decode()
    assert mine.reference not in other.get(reverse("dossier:home")).content.decode()
    assert nobody.get(reverse("dossier:home")).url.startswith(reverse("dossier:sign_in"))


def test_piece_is_for_who_holds_the_key(client, client_factory):
    mine, theirs = factory.dossier(opening="a" * 32), factory.dossier(opening="b" * 32)
    piece = evidence.add_piece(
        dossier=mine,
        kind="recepisse",
        source="x",
        file_name="é.pdf",
        media_type="application/pdf",
        content=b"%PDF",
        actor="v",
    )
    owner, other, nobody = client, client_factory(), client_factory()
    factory.let_in(owner, mine)
    factory.let_in(other, theirs)
    address = reverse("dossier:piece", args=[piece.pk])

    answer = owner.get(address)

    assert answer.content == b"%PDF"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert other.get(address).status_code == 404
    assert nobody.get(address).url.startswith(reverse("dossier:sign_in"))


@pytest.mark.parametrize("harm", ["changed", "lost"])
def test_damaged_piece_is_not_given(client, tmp_path, harm):
    dossier = factory.dossier()
    piece = evidence.add_piece(
        dossier=dossier,
        kind="recepisse",
        source="x",
        file_name="r.pdf",
        media_type="application/pdf",
        content=b"a",
        actor="v",
    )
    stored = tmp_path / "files" / piece.stored_at
    if harm == "lost":
        stored.unlink()
    else:
        kept = stored.read_bytes()
        stored.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
    factory.let_in(client, dossier)

    answer = client.get(reverse("dossier:piece", args=[piece.pk]))

    assert answer.status_code == 500
    assert "ne peut pas être lue" in answer.content.decode()


def test_leave_ends_the_access(client):
    dossier = factory.dossier()
    factory.let_in(client, dossier)
    token = client.cookies[access.COOKIE].value

    client.post(reverse("dossier:leave"))

    client.cookies[access.COOKIE] = token
    assert client.get(reverse("dossier:home")).url.startswith(reverse("dossier:sign_in"))


@pytest.mark.parametrize("end", ["old", "erased"])
def test_access_ends_with_time_and_with_the_dossier(client, end):
    dossier = factory.dossier()
    factory.let_in(client, dossier)
    if end == "old":
        Access.objects.update(created_at=timezone.now() - timedelta(hours=13))
    else:
        dossiers.erase(dossier=dossier)

    assert client.get(reverse("dossier:home")).url.startswith(reverse("dossier:sign_in"))


def test_no_page_of_the_dossier_is_stored(client):
    dossier = factory.dossier()
    factory.let_in(client, dossier)
    complaints.start(dossier=dossier)

    for name in ("home", "complaint", "sign_in"):
        assert client.get(reverse(f"dossier:{name}")).headers["Cache-Control"] == "no-store"


def test_home_asks_few_questions(client, django_assert_max_num_queries):
    dossier = factory.dossier()
    factory.let_in(client, dossier)
    for at in range(3):
        evidence.add_piece(
            dossier=dossier, kind="recepisse", source=str(at), file_name="r", media_type="t", content=b"a", actor="v"
        )

    with django_assert_max_num_queries(9):
        client.get(reverse("dossier:home"))
