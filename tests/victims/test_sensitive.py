"""Images of minors: told not to send them, why and what to do; what comes nonetheless is sealed and opened by none."""

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from tests.victims import factory, files
from victims.services import complaints, deposits, dossiers, evidence
from victims.vault import sensitive
from victims.vault.filetypes import BY_MEDIA_TYPE, SOUND, TEXT

pytestmark = pytest.mark.django_db
PIECES = reverse("dossier:pieces")
CONCERNED = [
    (["contenu-pedocriminel"], [], True),
    (["sollicitation-sexuelle-mineur"], [], True),
    (["sextorsion"], ["minor"], True),
    (["sextorsion"], [], False),
    (["diffusion-images-intimes"], ["minor"], True),
    (["hameconnage"], ["minor"], False),
    (["hameconnage", "contenu-pedocriminel"], [], True),
]


def told(dossier, threats, facts):
    diagnosis = dossier.diagnosis
    diagnosis.threats, diagnosis.facts = threats, facts
    diagnosis.save(update_fields=["threats", "facts"])
    return dossier


@pytest.fixture
def dossier():
    return told(factory.dossier(factory.SEXTORTION), ["sextorsion"], ["minor"])


@pytest.fixture
def victim(client, dossier):
    factory.let_in(client, dossier)
    return client


def text(response) -> str:
    return response.content.decode()


def test_the_threats_named_exist():
    assert sensitive.unknown_threats() == set()


@pytest.mark.parametrize(("threats", "facts", "concerned"), CONCERNED)
def test_page_warns_where_it_must_and_nowhere_else(client, threats, facts, concerned):
    factory.let_in(client, told(factory.dossier(factory.SEXTORTION), threats, facts))

    page = text(client.get(PIECES))

    for words in ("N’envoyez pas d’image intime d’un mineur", "La loi interdit", "PHAROS", "3018", "quarantaine"):
        assert (words in page) is concerned, words
    if concerned:
        assert page.index("N’envoyez pas") < page.index('type="file"')
        assert 'href="tel:3018"' in page


@pytest.mark.parametrize("media_type", files.GOOD)
def test_all_that_may_hold_an_image_goes_to_quarantine(dossier, media_type):
    piece = deposits.keep_file(dossier=dossier, name="a", content=files.GOOD[media_type])

    assert piece.quarantined is (BY_MEDIA_TYPE[media_type].family not in (TEXT, SOUND))


def test_same_image_of_an_adult_is_not_in_quarantine():
    other = told(factory.dossier(factory.SEXTORTION), ["sextorsion"], [])

    assert not deposits.keep_file(dossier=other, name="a", content=files.jpeg()).quarantined


def test_piece_in_quarantine_is_kept_and_given_to_nobody(victim, dossier):
    victim.post(PIECES, {"files": ContentFile(files.jpeg(b"image"), name="photo.jpg")})
    piece = dossier.pieces.get()

    page, response = text(victim.get(PIECES)), victim.get(reverse("dossier:piece", args=[piece.pk]))

    assert "En quarantaine" in page
    assert reverse("dossier:piece", args=[piece.pk]) not in page
    assert response.status_code == 403
    assert "service d’enquête spécialisé" in text(response)
    assert files.jpeg(b"image") not in response.content
    assert evidence.content_of(piece) == files.jpeg(b"image")


def test_piece_in_quarantine_is_filed_with_its_hash_and_stays_closed(victim, dossier):
    piece = deposits.keep_file(dossier=dossier, name="photo.jpg", content=files.jpeg())

    by_a_parent = {"quality": "parent", "represented": "Martin Zoé, 03/02/2012", "proof": "unite"}
    typed = {**factory.TYPED, "capacity": by_a_parent}

    filed = complaints.file_complaint(complaint=factory.ready_complaint(dossier, typed))

    assert piece in filed.pieces.all()
    page = text(victim.get(reverse("dossier:filed")))
    assert piece.sha256 in page
    assert reverse("dossier:piece", args=[piece.pk]) not in page
    assert reverse("dossier:piece", args=[piece.pk]) not in text(victim.get(reverse("dossier:home")))
    with pytest.raises(evidence.Closed):
        evidence.read_piece(piece=piece, actor=dossiers.VICTIM)
