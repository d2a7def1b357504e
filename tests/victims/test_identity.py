"""Identity by OpenID Connect against a provider that speaks real HTTP: the good way in, and every lie refused."""

import time
import urllib.request
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.urls import reverse
from django.utils import timezone

from guichet.audit.models import Line
from guichet.lib import crypto, openid
from tests.victims import factory
from tests.victims.openid_provider import CLIENT_ID, CLIENT_SECRET, PERSON, LocalProvider
from victims.enums import IdentitySource
from victims.models import Identity, IdentityRequest
from victims.services import complaints, follow_up, identities

pytestmark = pytest.mark.django_db
PAGE, BEGIN, BACK = (reverse(f"dossier:{name}") for name in ("identity", "identity_begin", "identity_back"))


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def provider(settings):
    found = LocalProvider()
    settings.GUICHET_OIDC_ISSUER = found.issuer
    settings.GUICHET_OIDC_CLIENT_ID, settings.GUICHET_OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
    settings.GUICHET_OIDC_LABEL = "Identité d'essai"
    identities._provider.cache_clear()
    yield found
    found.stop()


@pytest.fixture
def dossier(client):
    found = factory.dossier(factory.SCAM)
    factory.let_in(client, found)
    return found


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


def follow(address: str) -> str:
    """Where the provider sends the browser."""
    try:
        urllib.request.build_opener(Stay).open(address, timeout=5)
    except urllib.error.HTTPError as answer:
        return answer.headers["Location"]
    raise AssertionError("the provider sends nowhere")


def leave(client) -> str:
    """The return address that the provider gives for this browser's journey."""
    response = client.post(BEGIN)
    return follow(response.context["leave"])


def come_back(client, address: str):
    return client.get(address.removeprefix("http://testserver"))


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_identity_comes_back_verified_and_the_session_there_is_ended(client, provider, dossier, algorithm):
    provider.algorithm = algorithm

    response = come_back(client, leave(client))
    final = follow(response.url)

    page = text(client.get(PAGE))
    identity = Identity.objects.get()
    assert final == f"http://testserver{PAGE}"
    assert provider.ended[0]["id_token_hint"].count(".") == 2
    assert "Vérifiée en ligne le" in page
    assert "niveau eidas1" in page
    assert "<dd>DUBOIS</dd>" in page
    assert "<dd>24/08/1962</dd>" in page
    assert "<dd>Bailleul" in page
    assert b"DUBOIS" not in bytes(identity.sealed_claims)
    assert PERSON["sub"] not in identity.subject_mark
    assert Line.objects.filter(verb="identité vérifiée").count() == 1


def test_identity_fills_blanks_and_replaces_nothing_typed(client, provider, dossier):
    client.post(reverse("dossier:complaint"), {"read": "on"})
    client.post(
        reverse("dossier:section", args=["declarant"]), {"usual_name": "Petit", "action": "later", "version": 1}
    )

    come_back(client, leave(client))

    typed = complaints.read_form(complaints.current(dossier))["declarant"]
    assert (typed["birth_name"], typed["usual_name"], typed["sex"]) == ("DUBOIS", "Petit", "femme")


def test_complaint_begun_later_knows_who(client, provider, dossier):
    come_back(client, leave(client))

    client.post(reverse("dossier:complaint"), {"read": "on"})

    typed = complaints.read_form(complaints.current(dossier))["declarant"]
    assert typed["first_names"] == "Angela Claire Louise"


LIES = {
    "wrong nonce": {"id_token": {"nonce": "autre"}},
    "no nonce": {"id_token": {"nonce": None}},
    "wrong issuer": {"id_token": {"iss": "https://ailleurs.example"}},
    "wrong audience": {"id_token": {"aud": "un-autre-site"}},
    "several audiences": {"id_token": {"aud": [CLIENT_ID, "un-autre-site"]}},
    "expired": {"id_token": {"exp": int(time.time()) - 3600}},
    "without end": {"id_token": {"exp": None}},
    "end in words": {"id_token": {"exp": "demain"}},
    "made tomorrow": {"id_token": {"iat": int(time.time()) + 86_400}},
    "made long ago": {"id_token": {"iat": int(time.time()) - 86_400, "exp": int(time.time()) + 600}},
    "level unknown": {"id_token": {"acr": "eidas0"}},
    "level missing": {"id_token": {"acr": None}},
    "alg none": {"id_token_by": "none"},
    "public key as secret": {"id_token_by": "secret"},
    "other key": {"id_token_by": "stranger"},
    "key in the header": {"id_token_by": "own-key"},
    "changed after signing": {"id_token_by": "changed"},
    "no identity token": {"no_id_token": True},
    "userinfo not signed": {"userinfo_plain": True},
    "userinfo alg none": {"userinfo_by": "none"},
    "userinfo other key": {"userinfo_by": "stranger"},
    "userinfo changed": {"userinfo_by": "changed"},
    "userinfo of another person": {"userinfo": {"sub": "quelqu-un-d-autre"}},
    "userinfo for another site": {"userinfo": {"aud": "un-autre-site"}},
    "userinfo of another issuer": {"userinfo": {"iss": "https://ailleurs.example"}},
    "userinfo expired": {"userinfo": {"exp": int(time.time()) - 3600}},
    "userinfo sends elsewhere": {"redirect_userinfo": True},
    "endless answer": {"padding": 100_000},
    "describes another": {"described_issuer": "https://ailleurs.example"},
    "address of another scheme": {"token_endpoint": "file:///etc/hostname"},
}


@pytest.mark.parametrize("lie", LIES)
def test_every_lie_is_refused_in_words_and_leaves_nothing(client, provider, dossier, lie, caplog):
    back = leave(client)
    provider.lies = LIES[lie]
    identities._provider.cache_clear()

    response = come_back(client, back)

    assert response.status_code == 422, lie
    assert "n’a pas" in text(response)
    assert Identity.objects.count() == 0
    assert "DUBOIS" not in caplog.text


def test_return_serves_once(client, provider, dossier):
    back = leave(client)
    come_back(client, back)

    again = come_back(client, back)

    assert again.status_code == 422
    assert "il a déjà servi" in text(again)
    assert Identity.objects.count() == 1


def test_code_of_another_journey_is_refused_by_the_provider(client, provider, dossier):
    """A code that was issued for another verifier: the state is ours, the code is not of this journey."""
    mine, other = leave(client), leave(client)
    stolen = other.partition("code=")[2].partition("&")[0]
    own = mine.partition("code=")[2].partition("&")[0]

    response = come_back(client, mine.replace(own, stolen))

    assert response.status_code == 422
    assert Identity.objects.count() == 0
    assert provider.refused == ["wrong-verifier"]
    assert not any("userinfo" in path for path in provider.logged)


def test_code_of_another_nonce_is_refused_where_the_provider_checks_no_verifier(client, provider, dossier):
    mine, other = leave(client), leave(client)
    stolen, own = (each.partition("code=")[2].partition("&")[0] for each in (other, mine))
    provider.codes[stolen]["code_challenge"] = provider.codes[own]["code_challenge"]

    response = come_back(client, mine.replace(own, stolen))

    assert response.status_code == 422
    assert Identity.objects.count() == 0
    assert provider.refused == []


def test_each_journey_has_its_own_verifier_that_never_leaves_the_server(client, provider, dossier):
    first, second = client.post(BEGIN), client.post(BEGIN)

    asked = [dict(parse_qsl(urlsplit(each.context["leave"]).query)) for each in (first, second)]
    assert asked[0]["code_challenge_method"] == "S256"
    assert asked[0]["code_challenge"] != asked[1]["code_challenge"]
    for request, each in zip(IdentityRequest.objects.order_by("created_at"), (first, second), strict=True):
        verifier = crypto.unseal(dossier.key, request.sealed_verifier, bound=request.verifier_bound)
        assert 43 <= len(verifier) <= 128
        assert verifier not in each.content
        assert verifier not in bytes(request.sealed_verifier)


def test_return_is_for_the_browser_that_left(client, client_factory, provider, dossier):
    back = leave(client)
    same_dossier, other = client_factory(), client_factory()
    factory.let_in(same_dossier, dossier)
    factory.let_in(other, factory.dossier(opening="b" * 32))

    answers = [come_back(each, back).status_code for each in (same_dossier, other)]

    assert answers == [422, 422]
    assert Identity.objects.count() == 0
    assert come_back(client, back).status_code == 302


def test_late_return_is_refused(client, provider, dossier):
    back = leave(client)
    IdentityRequest.objects.update(created_at=timezone.now() - timedelta(minutes=11))

    assert "dix minutes" in text(come_back(client, back))


def test_wrong_state_and_giving_up_change_nothing(client, provider, dossier):
    back = leave(client)
    state = back.partition("state=")[2]

    wrong = come_back(client, back.replace(state, "x" * 43))
    given_up = client.get(BACK, {"error": "access_denied", "state": state})

    assert (wrong.status_code, given_up.status_code) == (422, 422)
    assert "Rien n’a changé" in text(given_up)
    assert Identity.objects.count() == 0


def test_stronger_level_is_wanted_where_the_settings_say_so(client, provider, dossier, settings):
    settings.GUICHET_OIDC_LEVEL = "eidas2"
    back = leave(client)
    provider.lies = {"id_token": {"acr": "eidas1"}}

    assert come_back(client, back).status_code == 422


def test_provider_that_is_away_is_said(client, provider, dossier):
    provider.stop()

    response = client.post(BEGIN)

    assert response.status_code == 422
    assert "ne répond pas" in text(response)


def test_off_by_default(client, dossier):
    assert identities.provider() is None
    assert client.post(BEGIN).status_code == 404
    assert "n’est pas ouverte sur ce guichet" in text(client.get(PAGE))


def test_challenge_is_the_one_of_the_standard():
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"

    assert openid.challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_keys_that_turn_over_are_read_again(provider):
    from tests.victims import openid_provider

    found = openid.Provider(issuer=provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    found._keys = (time.time(), [{"kty": "RSA", "kid": "ancienne", "n": "AQAB", "e": "AQAB"}])

    token = provider.sign({"iss": provider.issuer, "aud": CLIENT_ID}, "")

    assert found._signed(token, time.time(), dated=False)[1]["kid"] == openid_provider.KEYS["RS256"].kid


def test_unit_sees_papers_and_the_victim_sees_that(client, client_factory, dossier):
    filed = complaints.file_complaint(complaint=factory.ready_complaint(dossier))
    agent, stranger, console = factory.agent("7001"), factory.agent("7002"), client_factory()
    agent.service = filed.service
    agent.save()
    console.force_login(agent)
    address = reverse("console:vouch", args=[filed.pk])

    before = text(console.get(reverse("console:complaint", args=[filed.pk])))
    after = text(console.post(address, follow=True))
    console.force_login(stranger)

    assert "Déclarée, pas encore vérifiée" in before
    assert "Vérifiée à l&#x27;unité le" in after
    assert "a vérifié votre identité à l&#x27;unité" in text(client.get(reverse("dossier:home")))
    assert console.post(address).status_code == 404
    with pytest.raises(follow_up.Refused):
        identities.vouch(complaint=filed, agent=stranger)


@pytest.mark.parametrize("already", [False, True])
def test_papers_seen_twice_or_after_a_proof_online_are_noted_once(dossier, already):
    filed = complaints.file_complaint(complaint=factory.ready_complaint(dossier))
    agent = factory.agent("7001")
    agent.service = filed.service
    agent.save()
    if already:
        Identity.objects.create(dossier=dossier, source=IdentitySource.ONLINE, verified_at=timezone.now())

    found = {identities.vouch(complaint=filed, agent=agent).pk for _ in range(2)}

    assert found == {Identity.objects.get().pk}
    assert Line.objects.filter(verb="identité vérifiée à l'unité").count() == (not already)
