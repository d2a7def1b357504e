"""A file sent part by part: cut anywhere, in any order, it is the same bytes once, or nothing."""

import hashlib
import json
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.victims import factory, files
from tests.victims.test_canary import every_cell, every_file
from victims.enums import EvidenceKind
from victims.models import Evidence, Upload, UploadPart
from victims.services import evidence, retention, uploads
from victims.vault import limits
from victims.vault.exceptions import WORDS, Refused

pytestmark = pytest.mark.django_db
BEGIN = reverse("dossier:begin_upload")


@pytest.fixture(autouse=True)
def _no_limit_kept():
    cache.clear()


@pytest.fixture
def dossier():
    return factory.dossier(factory.SCAM)


@pytest.fixture
def victim(client, dossier):
    factory.let_in(client, dossier)
    client.dossier = dossier
    return client


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def stored() -> int:
    store = storages["evidence"]
    try:
        folders, _ = store.listdir("")
    except FileNotFoundError:
        return 0
    return sum(len(store.listdir(folder)[1]) for folder in folders)


def begin(client, content: bytes, name: str = "a.txt", **more) -> dict:
    response = client.post(BEGIN, {"name": name, "size": len(content), **more})
    return {"status": response.status_code, **response.json()}


def put(client, upload: dict, offset, data: bytes, **more):
    return client.put(
        upload["url"], data, content_type="application/octet-stream", headers={"Upload-Offset": str(offset), **more}
    )


def end(client, upload: dict, **said):
    return client.post(upload["finish"], said)


WORDS_OF_FILE = ("Il m’a écrit à 21 h 30. " * 9).encode()
TRIES = st.lists(st.tuples(st.integers(-1, len(WORDS_OF_FILE) + 5), st.integers(0, 150)), max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tries=TRIES, cut=st.integers(20, 300))
def test_any_order_and_any_cut_gives_the_same_bytes_or_nothing(dossier, tries, cut):
    """Parts tried at wrong places, twice, empty or too long change nothing; what is left then goes on."""
    Evidence.objects.all().delete()
    content = WORDS_OF_FILE
    upload = uploads.begin(dossier=dossier, name="a.txt", size=len(content), sha256=sha(content))
    for offset, length in tries:
        before = uploads.find(dossier=dossier, upload_id=upload.pk).received
        try:
            uploads.add_part(upload=upload, offset=offset, data=content[max(0, offset) : max(0, offset) + length])
        except (uploads.WrongOffset, Refused):
            assert uploads.find(dossier=dossier, upload_id=upload.pk).received == before
        else:
            assert offset == before
    received = uploads.begin(dossier=dossier, name="a.txt", size=len(content), sha256=sha(content)).received
    while received < len(content):
        with pytest.raises(uploads.WrongOffset):
            uploads.finish(upload=upload)
        received = uploads.add_part(upload=upload, offset=received, data=content[received : received + cut]).received

    pieces = {uploads.finish(upload=upload, sha256=sha(content)).pk for _ in range(2)}

    assert len(pieces) == 1
    assert evidence.content_of(Evidence.objects.get()) == content
    assert not UploadPart.objects.exists()


@pytest.mark.parametrize("tenth", range(1, 10))
def test_twenty_megabytes_cut_at_a_tenth_go_on_from_there(victim, tenth, tmp_path):
    content = hashlib.sha256(bytes([tenth])).hexdigest().encode() * (limits.FILE_LIMIT // 64)
    cut_at = len(content) * tenth // 10
    upload, at = begin(victim, content, sha256=sha(content)), 0
    while at < cut_at:
        data = content[at : min(at + limits.PART_LIMIT, cut_at)]
        at = put(victim, upload, at, data).json()["received"]

    again = begin(victim, content, sha256=sha(content))
    at = again["received"]
    assert (again["url"], at) == (upload["url"], cut_at)
    while at < len(content):
        at = put(victim, again, at, content[at : at + limits.PART_LIMIT]).json()["received"]

    assert end(victim, again, sha256=sha(content)).json()["sha256"] == sha(content)
    piece = victim.dossier.pieces.get()
    assert (piece.sha256, piece.size) == (sha(content), limits.FILE_LIMIT)
    assert sha(evidence.content_of(piece)) == sha(content)
    assert not UploadPart.objects.exists()


def test_script_is_told_where_to_go_on(victim):
    upload = begin(victim, b"0123456789")
    assert upload["status"] == 201
    put(victim, upload, 0, b"0123")

    wrong = put(victim, upload, 8, b"89")
    twice = put(victim, upload, 0, b"0123")

    assert (wrong.status_code, wrong.json()) == (409, {"received": 4})
    assert (twice.status_code, twice.json()) == (409, {"received": 4})
    assert victim.get(upload["url"]).json() == {"received": 4, "size": 10}
    early = end(victim, upload)
    assert (early.status_code, early.json()) == (409, {"received": 4})
    put(victim, upload, 4, b"456789")
    assert end(victim, upload).json() == {"name": "a.txt", "sha256": sha(b"0123456789")}


def test_parts_are_sealed_and_gone_once_the_piece_is_made(victim, tmp_path, django_capture_on_commit_callbacks):
    content = b"canari-morceau " * 10
    upload = begin(victim, content, name="canari-nom.txt")
    put(victim, upload, 0, content[:70])
    put(victim, upload, 70, content[70:])

    assert stored() == 2
    assert b"canari" not in every_file(tmp_path / "files")
    assert b"canari" not in every_cell()
    with django_capture_on_commit_callbacks(execute=True):
        end(victim, upload)
    assert stored() == 1
    assert b"canari" not in every_cell()


def test_same_file_finished_twice_is_one_piece(victim):
    for _ in range(2):
        upload = begin(victim, b"bonjour", sha256=sha(b"bonjour"))
        put(victim, upload, 0, b"bonjour")
        for _ in range(2):
            assert end(victim, upload, sha256=sha(b"bonjour")).status_code == 200

    assert victim.dossier.pieces.filter(kind=EvidenceKind.FILE).count() == 1


@pytest.mark.parametrize("where", ["begin", "end"])
def test_wrong_hash_is_told_and_nothing_is_kept(victim, where, django_capture_on_commit_callbacks):
    upload = begin(victim, b"bonjour", **({"sha256": "a" * 64} if where == "begin" else {}))
    put(victim, upload, 0, b"bonjour")

    with django_capture_on_commit_callbacks(execute=True):
        response = end(victim, upload, **({"sha256": "b" * 64} if where == "end" else {}))

    assert (response.status_code, response.json()["error"]) == (422, WORDS["wrong-hash"])
    assert not Evidence.objects.exists()
    assert not Upload.objects.exists()
    assert stored() == 0
    assert end(victim, upload).status_code == 404


@pytest.mark.parametrize("digest", ["a" * 64 + "\n", "a" * 65, "A" * 64, "\x00" * 64])
def test_what_is_no_digest_begins_nothing(victim, digest):
    assert begin(victim, b"bonjour", sha256=digest)["status"] == 400
    assert not Upload.objects.exists()


def test_refused_type_is_told_and_nothing_is_kept(victim, django_capture_on_commit_callbacks):
    upload = begin(victim, b"<svg/>", name="image.png")
    put(victim, upload, 0, b"<svg/>")

    with django_capture_on_commit_callbacks(execute=True):
        response = end(victim, upload)

    assert (response.status_code, response.json()["code"]) == (422, "web-page")
    assert not Evidence.objects.exists()
    assert stored() == 0


def test_damaged_part_makes_no_piece(victim, tmp_path):
    upload = begin(victim, b"bonjour")
    put(victim, upload, 0, b"bonjour")
    place = tmp_path / "files" / UploadPart.objects.get().stored_at
    place.write_bytes(place.read_bytes()[::-1])

    assert end(victim, upload).json()["code"] == "wrong-hash"
    assert not Evidence.objects.exists()


@pytest.mark.parametrize(("size", "code"), [(0, "empty"), (limits.FILE_LIMIT + 1, "too-big")])
def test_size_is_refused_before_a_byte_is_sent(victim, size, code):
    response = victim.post(BEGIN, {"name": "a.txt", "size": size})

    assert (response.status_code, response.json()) == (422, {"error": WORDS[code], "code": code})


def test_what_is_on_its_way_counts_in_the_hundred_megabytes(victim):
    for n in range(5):
        assert begin(victim, b"", name=f"{n}", size=limits.FILE_LIMIT)["status"] == 201

    assert victim.post(BEGIN, {"name": "6", "size": 1}).json()["code"] == "full"


def test_part_past_the_announced_size_is_not_taken(victim):
    upload = begin(victim, b"0123")

    assert put(victim, upload, 0, b"01234").status_code == 422
    assert victim.get(upload["url"]).json()["received"] == 0


def test_part_over_a_megabyte_is_answered_before_it_is_read(victim):
    upload = begin(victim, b"a" * limits.FILE_LIMIT)

    assert put(victim, upload, 0, b"a" * (limits.PART_LIMIT + 1)).status_code == 413
    assert stored() == 0


@pytest.mark.parametrize("offset", ["", "-1", "x", "²", "9" * 30])
def test_part_without_a_readable_place_is_not_taken(victim, offset):
    upload = begin(victim, b"0123")

    assert victim.put(upload["url"], b"01", headers={"Upload-Offset": offset.encode().decode("latin-1")}).json() == {
        "received": 0
    }
    assert stored() == 0


def test_another_victim_and_a_stranger_find_no_upload(victim, client_factory):
    upload = begin(victim, b"0123")
    other, stranger = client_factory(), client_factory()
    factory.let_in(other, factory.dossier(factory.SEXTORTION))

    assert other.get(upload["url"]).status_code == 404
    assert put(other, upload, 0, b"0123").status_code == 404
    assert end(other, upload).status_code == 404
    assert other.delete(upload["url"]).status_code == 404
    for response in (stranger.get(upload["url"]), put(stranger, upload, 0, b"01"), stranger.post(BEGIN, {"name": "a"})):
        assert response.status_code == 401
        assert "fermé" in json.loads(response.content)["error"]
    assert Upload.objects.get().received == 0


def test_every_write_asks_for_the_token(victim):
    upload = begin(victim, b"0123")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = victim.cookies

    assert strict.post(BEGIN, {"name": "a.txt", "size": 4}).status_code == 403
    assert put(strict, upload, 0, b"0123").status_code == 403
    assert end(strict, upload).status_code == 403
    assert strict.delete(upload["url"]).status_code == 403
    page = strict.get(reverse("dossier:pieces")).content.decode()
    token = page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]
    assert put(strict, upload, 0, b"0123", **{"X-CSRFToken": token}).status_code == 200


def test_too_many_beginnings_are_slowed(victim):
    for _ in range(300):
        victim.post(BEGIN, {"name": "a.txt", "size": 0})

    # One more is granted each twelve seconds, and a busy machine takes longer than that for three hundred.
    again = (victim.post(BEGIN, {"name": "a.txt", "size": 4}) for _ in range(30))
    response = next(each for each in again if each.status_code == 429)

    assert int(response.headers["Retry-After"]) > 0


def test_upload_that_is_given_up_leaves_nothing(victim, django_capture_on_commit_callbacks):
    upload = begin(victim, b"0123")
    put(victim, upload, 0, b"01")

    with django_capture_on_commit_callbacks(execute=True):
        assert victim.delete(upload["url"]).status_code == 204

    assert stored() == 0
    assert not Upload.objects.exists()


def test_dead_upload_is_cleaned_after_a_day_and_a_live_one_is_not(victim, django_capture_on_commit_callbacks):
    put(victim, begin(victim, b"0123", name="mort"), 0, b"01")
    now = timezone.now()

    assert retention.purge(now=now + timedelta(hours=23))["upload"] == 0
    assert stored() == 1
    Upload.objects.update(touched_at=now + timedelta(hours=2))
    assert retention.purge(now=now + timedelta(hours=25))["upload"] == 0
    assert stored() == 1
    with django_capture_on_commit_callbacks(execute=True):
        assert retention.purge(now=now + timedelta(hours=27))["upload"] == 1
    assert stored() == 0


def test_erased_dossier_leaves_no_part(victim, django_capture_on_commit_callbacks):
    put(victim, begin(victim, b"0123"), 0, b"01")

    with django_capture_on_commit_callbacks(execute=True):
        assert retention.erase_now(dossier=victim.dossier)

    assert stored() == 0
    assert not Upload.objects.exists()


def test_piece_made_by_parts_is_like_any_other(victim):
    content = files.jpeg(b"note")
    upload = begin(victim, content, name="photo.exe")
    put(victim, upload, 0, content)
    end(victim, upload)

    page = victim.get(reverse("dossier:pieces")).content.decode()

    assert "photo.exe.jpg" in page
    assert "Image JPEG" in page
    assert victim.get(reverse("dossier:piece", args=[victim.dossier.pieces.get().pk])).content == content
