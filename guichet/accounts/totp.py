"""The six digits of an application (TOTP, RFC 6238), the address that it reads, and the codes that replace it."""

import base64
import hmac
import re
import secrets
from datetime import datetime

import segno
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES = 20  # RFC 4226, section 4: 160 bits
DIGITS, STEP = 6, 30
DRIFT = 1  # steps before and after that still count: telephones are seldom exactly on time
RECOVERY_DIGITS = 10
ISSUER = "Guichet cyber"


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)


def _clock(secret: bytes) -> TOTP:
    # SHA-1 is what every application reads; as the hash of an HMAC it is not weakened by its collisions.
    return TOTP(secret, DIGITS, SHA1(), STEP)  # noqa: S303


def code_at(secret: bytes, step: int) -> str:
    return _clock(secret).generate(step * STEP).decode()


def step_of(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def matching_step(secret: bytes, code: str, *, now: datetime, after: int) -> int | None:
    """The step whose code this is, among those around now that are later than `after`: a code counts once."""
    here, found = step_of(now), None
    for step in range(here - DRIFT, here + DRIFT + 1):
        same = hmac.compare_digest(code_at(secret, step), code)
        if same and step > after and found is None:
            found = step
    return found


def spelled(secret: bytes) -> str:
    """The secret as one types it into an application: base 32, in groups of four."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return " ".join(re.findall(".{1,4}", text))


def address(secret: bytes, *, name: str) -> str:
    return _clock(secret).get_provisioning_uri(name, ISSUER)


def picture(address: str) -> str:
    """The QR as an SVG in a `data:` address: our policy lets an image be one, and nothing is fetched."""
    code = segno.make(address, error="m", micro=False)
    return code.svg_data_uri(scale=6, border=4, light="#fff", dark="#000", xmldecl=False)


def new_recovery_code() -> str:
    return f"{secrets.randbelow(10**RECOVERY_DIGITS):0{RECOVERY_DIGITS}d}"


def spelled_recovery(code: str) -> str:
    return f"{code[:5]} {code[5:]}"
