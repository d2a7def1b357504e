"""A time-stamping authority on this machine, speaking RFC 3161 over HTTP: for the tests, and to try the setting."""

import contextlib
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper


def certified(name: str, *, key=None, usage=ExtendedKeyUsageOID.TIME_STAMPING, days: int = 365):
    """(key, certificate), signed by itself."""
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]), datetime.now(UTC)
    begins = now - timedelta(days=max(1, 1 - days))
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(begins - timedelta(days=1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
        .sign(key, hashes.SHA256())
    )
    return key, made


class Authority:
    """`mode`: "good", "refuses" (an error page), "silent" (answers too late), "nonsense" (not a time stamp)."""

    def __init__(self):
        self.mode, self.asked = "good", 0
        key, made = certified("Autorité d'horodatage d'essai")
        der = serialization.Encoding.DER
        raw = key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        self.certificate = asn1_x509.Certificate.load(made.public_bytes(der))
        self.stamper = DummyTimeStamper(self.certificate, asn1_keys.PrivateKeyInfo.load(raw))

    def answer(self, raw: bytes) -> bytes:
        return self.stamper.request_tsa_response(tsp.TimeStampReq.load(raw)).dump()


def _handler(authority: Authority):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            authority.asked += 1
            asked = self.rfile.read(int(self.headers["Content-Length"]))
            if authority.mode == "silent":
                time.sleep(6)
            status = 503 if authority.mode == "refuses" else 200
            body = authority.answer(asked) if authority.mode == "good" else b"<html>rien</html>"
            with contextlib.suppress(OSError):
                self.send_response(status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *args):
            pass

    return Handler


@contextlib.contextmanager
def listening():
    """(address, authority) for the time of the block."""
    authority = Authority()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(authority))
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", authority
    finally:
        server.shutdown()
        server.server_close()
