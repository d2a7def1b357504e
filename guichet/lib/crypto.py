"""Encryption at rest: one data key per dossier, wrapped by a key-encryption key (KEK) from the environment.

AES-256-GCM everywhere; the associated data names the row and column, so a value moved elsewhere does not open.
Destroying the wrapped key is the erasure. The KEKs rotate (`manage.py rotate_keys`): the first of
`settings.GUICHET_KEKS` wraps, all of them unwrap.
"""

import base64
import binascii
import functools
import hashlib
import hmac
import json
import os
import time

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE = 12


class CannotOpen(Exception):
    """The value is damaged, was moved, or its key is gone."""


@functools.cache
def _named(setting: str, raw: tuple[str, ...]) -> dict[str, bytes]:
    keys = {}
    for entry in raw:
        name, _, value = entry.partition(":")
        try:
            key = base64.b64decode(value, validate=True)
        except binascii.Error as error:
            raise ValueError(f"{setting}: the key « {name} » is not base64.") from error
        if len(key) != 32:
            raise ValueError(f"{setting}: the key « {name} » must be 32 bytes.")
        keys[name] = key
    return keys


def keks() -> dict[str, bytes]:
    return _named("GUICHET_KEKS", tuple(settings.GUICHET_KEKS))


def current_kek() -> str:
    return next(iter(keks()))


def new_key() -> bytes:
    return os.urandom(32)


def seal(key: bytes, value: str | bytes, *, bound: str) -> bytes:
    """Ciphertext that opens only with this key and the same `bound` (« table.column:row »)."""
    data = value.encode() if isinstance(value, str) else value
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, bound.encode())


def unseal(key: bytes, blob: bytes, *, bound: str) -> bytes:
    blob = bytes(blob)
    try:
        return AESGCM(key).decrypt(blob[:NONCE], blob[NONCE:], bound.encode())
    except (InvalidTag, ValueError) as error:
        raise CannotOpen(bound) from error


def wrap(key: bytes, *, owner: str, kek: str | None = None) -> tuple[str, bytes]:
    """(name of the KEK, wrapped key). `owner` is bound: a key copied to another dossier does not open."""
    name = kek or current_kek()
    return name, seal(keks()[name], key, bound=f"key:{owner}")


def unwrap(kek: str, wrapped: bytes | None, *, owner: str) -> bytes:
    if not wrapped:
        raise CannotOpen(f"key:{owner} was destroyed")
    if kek not in keks():
        raise CannotOpen(f"KEK {kek} is not in the environment")
    return unseal(keks()[kek], wrapped, bound=f"key:{owner}")


@functools.cache
def _derived(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), f"guichet:{purpose}".encode(), hashlib.sha256).digest()


def fingerprint(purpose: str, value: str) -> str:
    """Keyed fingerprint (HMAC-SHA-256, hex): equality can be searched, the value cannot be guessed without the key."""
    return hmac.new(_derived(settings.SECRET_KEY, purpose), value.encode(), hashlib.sha256).hexdigest()


def trace_keys() -> dict[str, bytes]:
    """The keys of the traces' fingerprints, the current one first; without a setting, one made from the secret, named
    after itself so that another secret is another key."""
    if settings.GUICHET_TRACE_KEYS:
        return _named("GUICHET_TRACE_KEYS", tuple(settings.GUICHET_TRACE_KEYS))
    key = _derived(settings.SECRET_KEY, "traces")
    return {f"derived-{hashlib.sha256(key).hexdigest()[:8]}": key}


def current_trace_key() -> str:
    return next(iter(trace_keys()))


def trace_mark(kind: str, value: str, *, key: str) -> str:
    """Keyed fingerprint of a trace under the key of that name: each kind has its own domain, so two never agree."""
    domain = hmac.new(trace_keys()[key], f"guichet:trace:{kind}".encode(), hashlib.sha256).digest()
    return hmac.new(domain, value.encode(), hashlib.sha256).hexdigest()


def seal_cookie(purpose: str, data: dict) -> str:
    """A small dict as an encrypted, authenticated, dated cookie value."""
    plain = json.dumps({"t": int(time.time()), "d": data}, separators=(",", ":"), ensure_ascii=False)
    blob = seal(_derived(settings.SECRET_KEY, f"cookie:{purpose}"), plain, bound=purpose)
    return base64.urlsafe_b64encode(blob).decode().rstrip("=")


def open_cookie(purpose: str, value: str, max_age: int) -> dict | None:
    """The dict, or None when the cookie is absent, tampered with or older than `max_age` seconds."""
    try:
        blob = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
        plain = json.loads(unseal(_derived(settings.SECRET_KEY, f"cookie:{purpose}"), blob, bound=purpose))
    except (ValueError, CannotOpen, TypeError):
        return None
    if not isinstance(plain, dict) or time.time() - plain.get("t", 0) > max_age:
        return None
    return plain.get("d")
