"""The page of the pieces: told first, several files in a plain form, each one kept or refused beside the field."""

import hashlib
import logging

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from guichet.audit.models import Line
from tests.victims import factory, files
from tests.victims.test_canary import every_cell, every_file
from victims.enums import EvidenceKind, Scan
from victims.models import Evidence
from victims.services import complaints, deposits, evidence
from victims.vault import limits
from victims.vault.exceptions import WORDS

pytestmark = pytest.mark.django_db
PIECES = reverse("dossier:pieces")


@pytest.fixture(autouse=True)
def _no_limit_kept():
    cache.clear()


@pytest.fixture
def victim(client):
    client.dossier = factory.dossier(factory.SCAM)
    factory.let_in(client, client.dossier)
    return client


def sent(name: str, content: bytes, told: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=told)


def text(response) -> str:
    return response.content.decode()


def of_victim(dossier):
    return dossier.pieces.filter(kind=EvidenceKind.FILE)


def test_limits_and_types_are_told_before_a_file_is_chosen(victim):
    page = text(victim.get(PIECES))

    assert "<b>20 Mo</b> par fichier, <b>100 Mo</b> en tout" in page
    assert "Il reste 100 Mo dans ce dossier" in page
    assert "JPEG, PNG, WebP, HEIC, GIF" in page
    assert page.index("20 Mo") < page.index('type="file"')
    assert 'enctype="multipart/form-data"' in page
    assert " multiple" in page
    assert PIECES in text(victim.get(reverse("dossier:home")))


def test_several_files_are_kept_sealed_as_received(victim, tmp_path):
    picture, words = files.jpeg(b"canari-image"), b"canari-texte: il a dit 200 euros"

    response = victim.post(PIECES, {"files": [sent("capture canari.jpg", picture), sent("canari.txt", words)]})

    assert response.status_code == 302
    page = text(victim.get(response.url))
    assert "2 fichiers sont gardés dans votre dossier" in page
    assert "capture canari.jpg" in page
    assert hashlib.sha256(picture).hexdigest() in page
    assert "Vous l’avez ajoutée." in page
    kept = {piece.media_type: piece for piece in of_victim(victim.dossier)}
    assert evidence.content_of(kept["image/jpeg"]) == picture
    assert evidence.content_of(kept["text/plain"]) == words
    assert b"canari" not in every_file(tmp_path / "files")
    line = Line.objects.get(verb="pièce ajoutée", target=str(kept["image/jpeg"].pk))
    assert (line.actor, line.detail["sha256"]) == ("victime", hashlib.sha256(picture).hexdigest())


def test_names_and_words_of_files_stand_nowhere_in_clear(victim, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    victim.post(PIECES, {"files": [sent("canari-nom.txt", b"canari-mot"), sent("canari-refus.exe", b"MZ\x00")]})

    assert of_victim(victim.dossier).get().name == "canari-nom.txt"
    for place in (every_cell(), every_file(tmp_path / "files"), caplog.text.encode()):
        assert b"canari" not in place


def test_one_refused_file_is_told_beside_the_field_and_the_others_are_kept(victim):
    sending = [
        sent("bon.png", files.png()),
        sent("facture.pdf", b"MZ\x90\x00", "application/pdf"),
        sent("image.png", b"<svg onload='x'/>", "image/png"),
        sent("vide.txt", b""),
    ]

    response = victim.post(PIECES, {"files": sending})

    page = text(response)
    assert response.status_code == 422
    assert "3 fichiers n’ont pas été gardés" in page
    for name, code in (("facture.pdf", "program"), ("image.png", "web-page"), ("vide.txt", "empty")):
        assert f"{name} : {escape(WORDS[code])}" in page
    assert 'aria-describedby="files_hint files_error"' in page
    assert "Un fichier est gardé dans votre dossier" in page
    assert [piece.name for piece in of_victim(victim.dossier)] == ["bon.png"]


def test_nothing_chosen_is_told(victim):
    response = victim.post(PIECES, {})

    assert response.status_code == 422
    assert "Choisissez au moins un fichier." in text(response)


def test_type_comes_from_the_content_and_the_ending_follows(victim):
    victim.post(PIECES, {"files": [sent("../../photo\u202efdp.exe", files.jpeg(), "application/x-msdownload")]})

    piece = of_victim(victim.dossier).get()
    response = victim.get(reverse("dossier:piece", args=[piece.pk]))
    assert (piece.media_type, piece.name) == ("image/jpeg", "photofdp.exe.jpg")
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Content-Disposition"] == 'attachment; filename="photofdp.exe.jpg"'


def test_piece_is_served_as_a_file_that_can_run_nothing(victim):
    victim.post(PIECES, {"files": [sent("courriel.eml", files.MAIL)]})

    response = victim.get(reverse("dossier:piece", args=[of_victim(victim.dossier).get().pk]))

    assert response.content == files.MAIL
    assert response.headers["Content-Disposition"].startswith("attachment")
    policy = response.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "default-src 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Vous l’avez ouverte." in text(victim.get(PIECES))


def test_damaged_bytes_are_not_given(victim, tmp_path):
    victim.post(PIECES, {"files": [sent("a.txt", b"bonjour")]})
    piece = of_victim(victim.dossier).get()
    stored = tmp_path / "files" / piece.stored_at
    stored.write_bytes(stored.read_bytes()[:-1] + b"\x00")

    response = victim.get(reverse("dossier:piece", args=[piece.pk]))

    assert response.status_code == 500
    assert b"bonjour" not in response.content


def test_same_file_twice_is_one_piece(victim):
    for name in ("a.txt", "b.txt"):
        victim.post(PIECES, {"files": [sent(name, b"bonjour")]})

    assert [piece.name for piece in of_victim(victim.dossier)] == ["a.txt"]


def test_file_over_twenty_megabytes_is_refused_and_the_next_is_kept(victim):
    heavy = sent("film.txt", b"a" * (limits.FILE_LIMIT + 1))

    page = text(victim.post(PIECES, {"files": [heavy, sent("b.txt", b"ok")]}))

    assert escape(WORDS["too-big"]) in page
    assert [piece.name for piece in of_victim(victim.dossier)] == ["b.txt"]


def test_file_of_exactly_twenty_megabytes_is_kept(victim):
    assert victim.post(PIECES, {"files": [sent("a.txt", b"a" * limits.FILE_LIMIT)]}).status_code == 302


def test_dossier_takes_a_hundred_megabytes(victim):
    piece = deposits.keep_file(dossier=victim.dossier, name="a.txt", content=b"a")
    Evidence.objects.filter(pk=piece.pk).update(size=limits.DOSSIER_LIMIT - 10)

    page = text(victim.post(PIECES, {"files": [sent("b.txt", b"b" * 11), sent("c.txt", b"c" * 10)]}))

    assert f"b.txt : {escape(WORDS['full'])}" in page
    assert of_victim(victim.dossier).count() == 2


def test_request_that_is_too_heavy_is_answered_before_it_is_read(victim):
    response = victim.post(PIECES, {"files": [sent("a.txt", b"a")]}, CONTENT_LENGTH=limits.REQUEST_LIMIT + 1)

    assert response.status_code == 413
    assert "Cet envoi est trop lourd" in text(response)
    assert not of_victim(victim.dossier).exists()


def test_too_many_sendings_are_slowed(victim):
    for _ in range(60):
        victim.post(PIECES, {})

    response = victim.post(PIECES, {"files": [sent("a.txt", b"a")]})

    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert "Beaucoup de fichiers viennent d’être envoyés" in text(response)


def test_stranger_adds_nothing_and_another_victim_opens_nothing(victim, client_factory):
    victim.post(PIECES, {"files": [sent("a.txt", b"bonjour")]})
    piece = of_victim(victim.dossier).get()
    stranger, other = client_factory(), client_factory()
    factory.let_in(other, factory.dossier(factory.SEXTORTION))

    response = stranger.post(PIECES, {"files": [sent("b.txt", b"b")]})

    assert response.url.startswith(reverse("dossier:sign_in"))
    assert Evidence.objects.count() == 1
    assert other.get(reverse("dossier:piece", args=[piece.pk])).status_code == 404
    assert "a.txt" not in text(other.get(PIECES))


def test_form_without_its_token_is_refused(victim):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = victim.cookies

    assert strict.post(PIECES, {"files": [sent("a.txt", b"a")]}).status_code == 403
    token = text(strict.get(PIECES)).split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    sending = {"csrfmiddlewaretoken": token, "files": [sent("a.txt", b"a")]}
    assert strict.post(PIECES, sending).status_code == 302
    assert of_victim(victim.dossier).count() == 1


def test_list_is_read_in_as_many_statements_with_three_pieces_as_with_one(victim, django_assert_num_queries):
    deposits.keep_file(dossier=victim.dossier, name="1.txt", content=b"1")
    with django_assert_num_queries(6):
        victim.get(PIECES)
    for n in "23":
        deposits.keep_file(dossier=victim.dossier, name=f"{n}.txt", content=n.encode())

    with django_assert_num_queries(6):
        page = text(victim.get(PIECES))
    assert page.count("SHA-256") == 3


def test_complaint_takes_the_files_and_its_receipt_lists_them(victim, monkeypatch):
    papers = {}
    render = complaints.complaint_papers.documents.render
    monkeypatch.setattr(
        complaints.complaint_papers.documents,
        "render",
        lambda name, data, **more: papers.setdefault(name, data) and render(name, data, **more),
    )
    piece = deposits.keep_file(dossier=victim.dossier, name="relevé.pdf", content=files.pdf())

    filed = complaints.file_complaint(complaint=factory.ready_complaint(victim.dossier))

    assert piece in filed.pieces.all()
    assert [("relevé.pdf", piece.sha256)] == [
        (each["name"], each["sha256"]) for each in papers["receipt"]["pieces"] if each["kind"] == "Fichier ajouté"
    ]
    assert piece.sha256 in text(victim.get(reverse("dossier:filed")))


def test_file_added_after_filing_joins_the_complaint(victim):
    filed = complaints.file_complaint(complaint=factory.ready_complaint(victim.dossier))

    victim.post(PIECES, {"files": [sent("plus tard.txt", b"plus tard")]})

    assert of_victim(victim.dossier).get() in filed.pieces.all()


def test_file_that_no_scanner_saw_waits_and_is_never_said_clean(victim):
    victim.post(PIECES, {"files": [sent("a.txt", files.EICAR)]})

    page = text(victim.get(PIECES))

    assert of_victim(victim.dossier).get().scan == Scan.WAITING
    assert "Pas encore analysée par l’antivirus" in page
    assert "aucun virus" not in page


def test_file_in_which_a_virus_is_known_is_kept_and_given_to_nobody(victim):
    piece = deposits.keep_file(dossier=victim.dossier, name="a.txt", content=files.EICAR)
    Evidence.objects.filter(pk=piece.pk).update(scan=Scan.REFUSED)

    response = victim.get(reverse("dossier:piece", args=[piece.pk]))

    assert response.status_code == 403
    assert files.EICAR not in response.content
    assert "Un virus est reconnu" in text(response)
    assert f'href="{reverse("dossier:piece", args=[piece.pk])}"' not in text(victim.get(PIECES))
    assert not Line.objects.filter(verb="pièce ouverte").exists()


def test_name_too_long_for_a_form_is_told(victim):
    head = b'--x\r\nContent-Disposition: form-data; name="files"; filename="' + b"a" * 5000 + b'.txt"\r\n\r\n'

    response = victim.generic("POST", PIECES, head + b"a\r\n--x--\r\n", content_type="multipart/form-data; boundary=x")

    assert response.status_code == 422
    assert "le nom d’un fichier est trop long" in text(response)
    assert not of_victim(victim.dossier).exists()


@pytest.mark.parametrize("cut", [30, 90, 150])
def test_form_cut_on_its_way_is_told(victim, cut):
    whole = (
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n' + b"a" * 100 + b"\r\n--x--\r\n"
    )

    response = victim.generic("POST", PIECES, whole[:cut], content_type="multipart/form-data; boundary=x")

    assert response.status_code in (302, 422)
    assert [piece.size for piece in of_victim(victim.dossier)] in ([], [100])
