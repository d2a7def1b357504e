"""A list shows what an image holds, never the file itself: drawn again apart, sealed, gone with the piece."""

import io
import struct
import zlib

import pytest
from django.core.cache import cache
from django.urls import reverse
from PIL import Image

from guichet.audit.models import Line
from tests.victims import factory, files
from victims.enums import Scan
from victims.models import Evidence
from victims.services import complaints, deposits, dossiers, previews, retention

pytestmark = pytest.mark.django_db
SECRET = b"Hazebrouck-50.72-2.53"


@pytest.fixture(autouse=True)
def _no_limit_kept():
    cache.clear()


def photo(kind: str = "JPEG", size=(1600, 900)) -> bytes:
    """With a place in its metadata, and turned: what a phone sends."""
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112], exif[0x010E] = 6, SECRET.decode()
    Image.new("RGB", size, (200, 30, 30)).save(out, kind, exif=exif)
    return out.getvalue()


def kept(content: bytes, dossier=None, name: str = "capture.jpg") -> Evidence:
    return deposits.keep_file(dossier=dossier or factory.dossier(factory.SCAM), name=name, content=content)


@pytest.fixture
def stored(tmp_path):
    """The sealed files, as they lie in the store."""
    return lambda: [each.read_bytes() for each in (tmp_path / "files").rglob("*") if each.is_file()]


def address(piece: Evidence) -> str:
    return reverse("dossier:preview", args=[piece.pk])


@pytest.fixture
def seen(client):
    def get(piece: Evidence):
        factory.let_in(client, piece.dossier)
        return client.get(address(piece))

    return get


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_image_is_drawn_again_small_upright_and_without_its_metadata(kind, seen):
    piece = kept(photo(kind))

    answer = seen(piece)

    with Image.open(io.BytesIO(answer.content)) as drawn:
        assert (drawn.format, drawn.size, dict(drawn.getexif())) == ("JPEG", (360, 640), {})
        red, green, blue = drawn.getpixel((100, 100))
        assert red > 180
        assert max(green, blue) < 50
    assert SECRET not in answer.content
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_preview_is_made_once_and_sealed_in_the_store(seen, stored, monkeypatch):
    piece = kept(photo())
    first = seen(piece).content

    monkeypatch.setattr(previews, "_drawn", lambda *args: pytest.fail("drawn twice"))

    assert seen(piece).content == first
    assert all(first[:200] not in content and b"JFIF" not in content for content in stored())


def test_list_shows_it_to_the_victim_and_to_the_agent_who_leaves_one_line(client, client_factory):
    piece = kept(photo())
    agent, console = factory.agent(), client_factory()
    complaints.file_complaint(complaint=factory.ready_complaint(piece.dossier))
    dossiers.assign(dossier=piece.dossier, agent=agent)
    factory.let_in(client, piece.dossier)
    console.force_login(agent)
    there = reverse("console:preview", args=[piece.dossier_id, piece.pk])

    listed = console.get(reverse("console:pieces", args=[piece.dossier_id])).content.decode()
    answers = [console.get(there) for _ in range(3)]

    assert f'src="{there}"' in listed
    assert [answer.status_code for answer in answers] == [200] * 3
    assert Line.objects.filter(verb="aperçu vu", actor=agent.audit_name, target=str(piece.pk)).count() == 1
    page = client.get("/dossier/pieces/").content.decode()
    assert f'src="{address(piece)}"' in page
    assert "en a vu l’image." in page


def test_colleague_and_stranger_see_nothing(client, client_factory):
    piece = kept(photo())
    console, stranger = client_factory(), client_factory()
    console.force_login(factory.agent("5555"))
    factory.let_in(stranger, factory.dossier(factory.SCAM))
    there = reverse("console:preview", args=[piece.dossier_id, piece.pk])

    assert console.get(there).status_code == 404
    assert stranger.get(address(piece)).status_code == 404
    assert client.get(address(piece)).status_code == 302


@pytest.mark.parametrize("state", [{"quarantined": True}, {"scan": Scan.REFUSED}])
def test_closed_piece_is_never_shown_even_if_it_was_before(state, client, seen):
    piece = kept(photo())
    assert seen(piece).status_code == 200

    Evidence.objects.filter(pk=piece.pk).update(**state)

    assert seen(piece).status_code == 404
    assert address(piece) not in client.get("/dossier/pieces/").content.decode()


def test_nothing_is_decoded_before_the_scanner_that_is_there_has_answered(seen, settings, monkeypatch):
    settings.GUICHET_CLAMAV = "tcp://127.0.0.1:1"
    monkeypatch.setattr(previews, "_drawn", lambda *args: pytest.fail("decoded"))

    assert seen(kept(photo())).status_code == 404


def bomb() -> bytes:
    """A few kilobytes that tell 30000 by 30000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\x00" * 5_000_000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("content", [bomb(), files.jpeg()], ids=["bomb", "empty"])
def test_image_that_cannot_be_drawn_is_kept_without_preview_and_not_tried_again(content, seen, client, monkeypatch):
    piece = kept(content)

    assert seen(piece).status_code == 404

    monkeypatch.setattr(previews, "_drawn", lambda *args: pytest.fail("tried again"))
    assert seen(piece).status_code == 404
    assert address(piece) not in client.get("/dossier/pieces/").content.decode()


def test_preview_goes_with_the_dossier_and_no_sweep_takes_it_before(seen, stored, django_capture_on_commit_callbacks):
    piece = kept(photo())
    seen(piece)
    assert len(stored()) == 2

    assert retention.delete_orphans(now=piece.added_at.replace(year=2030)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert retention.erase_now(dossier=piece.dossier)

    assert stored() == []
