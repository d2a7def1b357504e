"""The guichet's own signature (Ed25519) under what people take away. The first key of `GUICHET_SEAL_KEYS` signs, all
are published, so that an older bundle is still known. Without one, the key is derived from the secret of the place."""

import base64
import binascii
import hashlib
import json

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings


def _private() -> list[Ed25519PrivateKey]:
    seeds = []
    for entry in settings.GUICHET_SEAL_KEYS:
        try:
            seeds.append(base64.b64decode(entry, validate=True))
        except binascii.Error as error:
            raise ValueError("GUICHET_SEAL_KEYS: a key is not base64.") from error
    if not seeds:
        seeds = [hashlib.sha256(f"guichet:seal:{settings.SECRET_KEY}".encode()).digest()]
    return [Ed25519PrivateKey.from_private_bytes(seed) for seed in seeds]


def public_keys() -> list[bytes]:
    return [key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw) for key in _private()]


def seal(message: bytes) -> bytes:
    """`MANIFEST.sig`: one line of JSON, always written the same way."""
    key = _private()[0]
    signature = {"public_key": public_keys()[0].hex(), "signature": key.sign(message).hex()}
    return json.dumps(signature).encode()
