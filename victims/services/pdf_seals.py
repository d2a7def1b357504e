"""The PAdES seal inside the PDFs that the guichet gives, dated by a time-stamping authority when there is one.

A seal must never stop a filing: without an answer of the authority it is put undated, and the journal of the piece says
so. pyHanko is imported at the first seal only: half a second, that no page of a reader should pay. Nothing is fetched
to check a certificate. Docs: docs/decisions/0022.
"""

import hashlib
import io
import logging
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from django.conf import settings

log = logging.getLogger("victims.seals")
FIELD = "Sceau"
TOLD = "Sceau électronique du guichet"
DATED, UNDATED, UNSEALED = "horodaté", "sans horodatage", "absent"
ROOM = 32 * 1024  # octets kept for the signature with its time stamp: then the authority is asked once, not twice
PATIENCE = 2.5  # seconds in all for the authority: a filing holds a lock
REST = 60  # seconds without asking an authority that did not answer
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_asked_again_at = 0.0


class BadCertificate(ValueError):
    """The certificate or the key in the settings cannot seal; the message says why."""


def _self_made() -> tuple[ec.EllipticCurvePrivateKey, list[x509.Certificate]]:
    """Without a certificate in the settings: one made from the secret of the place, the same in all processes."""
    seed = hashlib.sha512(f"guichet:seal:pdf:{settings.SECRET_KEY}".encode()).digest()
    key = ec.derive_private_key(int.from_bytes(seed, "big") % (P256_ORDER - 1) + 1, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Guichet cyber, certificat fait sur place")])
    usage = [False] * 9
    usage[0] = usage[1] = True  # digital signature, content commitment
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), int.from_bytes(seed[:16], "big") >> 1)
        .not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2046, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(*usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    )
    return key, [made]


def _given():
    passphrase = settings.GUICHET_SEAL_PASSPHRASE.encode() or None
    try:
        chain = x509.load_pem_x509_certificates(Path(settings.GUICHET_SEAL_CERTIFICATE).read_bytes())
        raw = Path(settings.GUICHET_SEAL_PRIVATE_KEY).read_bytes()
        key = serialization.load_pem_private_key(raw, passphrase)
    except (OSError, ValueError, TypeError) as error:
        raise BadCertificate(f"not readable ({type(error).__name__})") from None
    if key.public_key() != chain[0].public_key():
        raise BadCertificate("the first certificate is not the one of the private key")
    return key, chain


def _key_and_chain():
    if settings.GUICHET_SEAL_CERTIFICATE or settings.GUICHET_SEAL_PRIVATE_KEY:
        return _given()
    return _self_made()


def certificates() -> bytes:
    """PEM, the one that seals first: what a reader of PDF needs to trust the seal."""
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in _key_and_chain()[1])


def check_certificate(*, now: datetime) -> None:
    """Raises BadCertificate when the certificate of the settings cannot seal today."""
    first = _key_and_chain()[1][0]
    if not first.not_valid_before_utc <= now <= first.not_valid_after_utc:
        raise BadCertificate(
            f"valid from {first.not_valid_before_utc:%Y-%m-%d} to {first.not_valid_after_utc:%Y-%m-%d}"
        )


@cache
def _signer(_certificate: str, _key: str, _secret: str):
    """Read once: a new certificate comes with a new start, as other settings do."""
    from asn1crypto import keys as asn1_keys
    from asn1crypto import x509 as asn1_x509
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    key, chain = _key_and_chain()
    der = serialization.Encoding.DER
    private = key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    loaded = [asn1_x509.Certificate.load(each.public_bytes(der)) for each in chain]
    registry = SimpleCertificateStore()
    registry.register_multiple(loaded)
    return signers.SimpleSigner(
        signing_cert=loaded[0], signing_key=asn1_keys.PrivateKeyInfo.load(private), cert_registry=registry
    )


def _put(paper: bytes, stamper) -> bytes:
    """One invisible field outside the page: kept from a screen reader and printed nowhere, as PDF/A and PDF/UA ask."""
    from pyhanko.pdf_utils import generic
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    writer = IncrementalPdfFileWriter(io.BytesIO(paper))
    page = writer.root["/Pages"]["/Kids"].raw_get(0)
    while "/Kids" in page.get_object():
        page = page.get_object()["/Kids"].raw_get(0)
    page.get_object()["/Tabs"] = generic.NameObject("/S")
    writer.mark_update(page)
    outside = fields.InvisSigSettings(set_print_flag=True, set_hidden_flag=False, box_out_of_bounds=True)
    field = fields.SigFieldSpec(FIELD, readable_field_name=TOLD, invis_sig_settings=outside)
    about = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, reason=TOLD
    )
    signer = _signer(settings.GUICHET_SEAL_CERTIFICATE, settings.GUICHET_SEAL_PRIVATE_KEY, settings.SECRET_KEY)
    tool = signers.PdfSigner(about, signer=signer, timestamper=stamper, new_field_spec=field)
    return tool.sign_pdf(writer, bytes_reserved=ROOM).getvalue()


def _dated(paper: bytes) -> bytes | None:
    """Sealed with the date of the authority; None when it does not answer as it should."""
    global _asked_again_at
    if not settings.GUICHET_TSA_URL or time.monotonic() < _asked_again_at:
        return None
    from pyhanko.sign.general import SigningError
    from pyhanko.sign.timestamps import HTTPTimeStamper, TimestampRequestError

    try:
        return _put(paper, HTTPTimeStamper(settings.GUICHET_TSA_URL, timeout=PATIENCE))
    except (TimestampRequestError, SigningError, OSError, ValueError, TypeError, KeyError) as error:
        log.warning("time-stamping authority: %s", type(error).__name__)
        _asked_again_at = time.monotonic() + REST
        return None


def sealed(paper: bytes) -> tuple[bytes, str]:
    """The PDF with its seal, and how it is dated. A certificate that fails leaves the paper as it is, and says so."""
    from pyhanko.pdf_utils.misc import PdfError

    dated = _dated(paper)
    if dated:
        return dated, DATED
    try:
        return _put(paper, None), UNDATED
    except (BadCertificate, PdfError, ValueError) as error:
        log.error("paper not sealed: %s", type(error).__name__)
        return paper, UNSEALED
