"""The papers that are given carry their own seal: alone, a reader of PDF says whether they changed."""

import io

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import ExtendedKeyUsageOID
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from guichet.audit.models import Line
from guichet.lib import documents
from tests.deploy_check import SAFE, check
from tests.victims import factory, time_authority
from victims import checks
from victims.enums import EvidenceKind
from victims.services import complaints, evidence, pdf_seals

pytestmark = pytest.mark.once

LETTER = {
    **dict.fromkeys(("place_and_date", "subject"), "Essai"),
    **{name: ["Essai"] for name in ("sender", "to", "body", "enclosures")},
    "title": "Essai",
}


@pytest.fixture(autouse=True)
def _authority_asked_again():
    pdf_seals._asked_again_at = 0.0


@pytest.fixture(scope="module")
def authority():
    with time_authority.listening() as (address, found):
        yield address, found


def filed():
    return complaints.file_complaint(complaint=factory.ready_complaint(factory.dossier()))


def papers_of(complaint) -> dict[str, bytes]:
    given = complaint.pieces.filter(media_type="application/pdf")
    return {piece.kind: evidence.content_of(piece) for piece in given}


def seal_of(paper: bytes, *trusted):
    """What a reader says that trusts these certificates and asks nobody."""
    (found,) = PdfFileReader(io.BytesIO(paper)).embedded_signatures
    context = ValidationContext(trust_roots=list(trusted), allow_fetching=False)
    return validate_pdf_signature(found, signer_validation_context=context, ts_validation_context=context)


def published(client) -> "time_authority.asn1_x509.Certificate":
    pem = client.get("/verifier/certificat/").content
    return time_authority.asn1_x509.Certificate.load(
        x509.load_pem_x509_certificate(pem).public_bytes(serialization.Encoding.DER)
    )


@pytest.mark.django_db
def test_each_paper_of_a_filing_is_sealed_by_the_certificate_that_is_published(client):
    papers = papers_of(filed())

    assert set(papers) == {EvidenceKind.COMPLAINT, EvidenceKind.RECEIPT}
    for paper in papers.values():
        told = seal_of(paper, published(client))
        assert (told.intact, told.valid, told.trusted, told.timestamp_validity) == (True, True, True, None)


@pytest.mark.django_db
def test_one_octet_changed_breaks_the_seal(client):
    paper = papers_of(filed())[EvidenceKind.COMPLAINT]
    place = paper.index(b"/CreationDate") + 20

    told = seal_of(paper[:place] + bytes([paper[place] ^ 1]) + paper[place + 1 :], published(client))

    assert not told.intact


@pytest.mark.django_db
def test_sealed_paper_keeps_its_standards_and_its_structure():
    for paper in papers_of(filed()).values():
        with pikepdf.open(io.BytesIO(paper)) as pdf:
            assert pdf.check_pdf_syntax() == []
            with pdf.open_metadata() as metadata:
                assert (metadata["pdfuaid:part"], metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == (
                    "1",
                    "2",
                    "A",
                )
            assert pdf.Root.MarkInfo.Marked
            assert "/StructTreeRoot" in pdf.Root
            assert str(pdf.Root.Lang) == "fr-FR"
            (field,) = pdf.Root.AcroForm.Fields
            left, low, right, high = map(float, field.Rect)
            assert (right - left, high - low) == (0, 0)
            assert max(left, low) < 0
            assert int(field.F) & 4
            assert not int(field.F) & (1 | 2 | 32)
            assert str(field.TU) == "Sceau électronique du guichet"
            assert str(field.P.Tabs) == "/S"


@pytest.mark.django_db
def test_authority_that_answers_dates_the_seal(authority, client, settings):
    settings.GUICHET_TSA_URL, found = authority
    found.mode = "good"

    paper = papers_of(filed())[EvidenceKind.RECEIPT]

    told = seal_of(paper, published(client), found.certificate)
    assert (told.intact, told.valid) == (True, True)
    assert (told.timestamp_validity.intact, told.timestamp_validity.valid, told.timestamp_validity.trusted) == (
        True,
        True,
        True,
    )
    assert abs((told.timestamp_validity.timestamp - timezone.now()).total_seconds()) < 60


@pytest.mark.django_db
@pytest.mark.parametrize("mode", ["refuses", "nonsense", "silent", "away"])
def test_authority_that_fails_stops_no_filing_and_is_told(mode, authority, client, settings):
    settings.GUICHET_TSA_URL, found = authority if mode != "away" else ("http://127.0.0.1:9/", authority[1])
    found.mode, found.asked = mode, 0

    complaint = filed()

    for paper in papers_of(complaint).values():
        told = seal_of(paper, published(client))
        assert (told.intact, told.valid, told.timestamp_validity) == (True, True, None)
    lines = Line.objects.filter(chain=complaint.dossier.chain, verb="pièce ajoutée")
    assert [line.detail["sceau"] for line in lines if "sceau" in line.detail] == ["sans horodatage"] * 2
    assert found.asked == (0 if mode == "away" else 1)


@pytest.mark.django_db
def test_journal_of_a_piece_tells_how_it_is_sealed(client):
    complaint = filed()
    factory.let_in(client, complaint.dossier)

    said = client.get("/dossier/pieces/").content.decode()

    assert said.count("Scellée, sans date d’un tiers.") == 2


@pytest.fixture
def own_certificate(tmp_path):
    """Writes a certificate and its key; gives the settings that name them."""

    def write(*, days: int = 365, of_another: bool = False) -> dict[str, str]:
        key, made = time_authority.certified("Cachet", usage=ExtendedKeyUsageOID.EMAIL_PROTECTION, days=days)
        if of_another:
            key, _ = time_authority.certified("Autre")
        lock = serialization.BestAvailableEncryption(b"phrase")
        kept = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, lock)
        (tmp_path / "cle.pem").write_bytes(kept)
        (tmp_path / "cachet.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
        return {
            "GUICHET_SEAL_CERTIFICATE": str(tmp_path / "cachet.pem"),
            "GUICHET_SEAL_PRIVATE_KEY": str(tmp_path / "cle.pem"),
            "GUICHET_SEAL_PASSPHRASE": "phrase",
        }

    return write


def _paper() -> bytes:
    return documents.render("letter", LETTER)


def test_certificate_of_the_settings_seals(client, own_certificate, settings):
    for name, value in own_certificate().items():
        setattr(settings, name, value)

    paper, how = pdf_seals.sealed(_paper())

    told = seal_of(paper, published(client))
    assert (how, told.intact, told.valid, told.trusted) == ("sans horodatage", True, True, True)
    assert told.signing_cert.subject.native["common_name"] == "Cachet"


def test_certificate_that_is_lost_leaves_the_paper_and_says_so(own_certificate, settings, tmp_path):
    for name, value in own_certificate().items():
        setattr(settings, name, value)
    (tmp_path / "cle.pem").unlink()
    paper = _paper()

    assert pdf_seals.sealed(paper) == (paper, "absent")


@pytest.mark.parametrize(
    ("check_id", "changes"),
    [
        ("", {}),
        ("guichet.E010", {"GUICHET_SEAL_KEYS": "abc"}),
        ("guichet.E011", {"GUICHET_SEAL_PASSPHRASE": "fausse"}),
        ("guichet.E012", {"GUICHET_TSA_URL": "ftp://heure.example.fr"}),
    ],
)
def test_production_refuses_a_seal_that_cannot_be_put(own_certificate, check_id, changes):
    found = check({**SAFE, **own_certificate(), **changes})

    assert (found.returncode == 0) == (not check_id)
    assert check_id in found.stderr


@pytest.mark.parametrize(
    ("made", "changes"),
    [({}, {}), ({}, {"GUICHET_SEAL_PRIVATE_KEY": ""}), ({"days": -3}, {}), ({"of_another": True}, {})],
    ids=["good", "without its key", "too old", "with the key of another"],
)
def test_certificate_is_good_for_sealing_or_refused(own_certificate, settings, made, changes):
    settings.PRODUCTION = True
    for name, value in {**own_certificate(**made), **changes}.items():
        setattr(settings, name, value)

    found = [each.id for each in checks.seals_can_be_put(None)]

    assert found == (["guichet.E011"] if made or changes else [])
