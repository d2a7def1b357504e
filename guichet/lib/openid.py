"""Identity by OpenID Connect, authorization code flow, in the manner of FranceConnect. The protocol alone, no model.

What is believed is only what a key of the provider signed, for us, for this request, now: see `docs/identity.md`.
Nothing of it is ever logged.
"""

import hashlib
import hmac
import json
import threading
import time
import urllib.request
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

ALGORITHMS = ["RS256", "ES256"]
KEY_TYPES = {"RS256": "RSA", "ES256": "EC"}
LEVELS = ("eidas1", "eidas2", "eidas3")
SCOPE = "openid given_name family_name preferred_username birthdate gender birthplace birthcountry email"
LEEWAY, OLDEST = 60, 600
TIMEOUT, MOST_BYTES = 6, 64 * 1024
FRESH = 3600


class Refused(Exception):
    """What came cannot be believed, or the provider does not answer. `code` is for the log: it names no person."""

    def __init__(self, code: str):
        super().__init__(code)
        self.code = code


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args, **kwargs):
        return None


_opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))


def _fetch(url: str, *, form: dict | None = None, bearer: str = "") -> str:
    """One request to the provider: never followed elsewhere, never longer than expected, never waited for long."""
    headers = {"Accept": "application/json, application/jwt"}
    if bearer:
        headers["Authorization"] = f"Bearer {bearer}"
    data = urlencode(form).encode() if form else None
    request = urllib.request.Request(url, data=data, headers=headers)  # noqa: S310  (the provider's own, checked)
    try:
        with _opener.open(request, timeout=TIMEOUT) as response:
            body = response.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise Refused("provider-away") from error
    if len(body) > MOST_BYTES:
        raise Refused("answer-too-long")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise Refused("answer-unreadable") from error


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("answer-unreadable") from error
    if not isinstance(found, dict):
        raise Refused("answer-unreadable")
    return found


@dataclass(frozen=True)
class Verified:
    """Who the provider says it is, with the signed answer and the key that opens it, kept as the proof."""

    subject: str
    level: str
    claims: dict[str, Any]
    signed: str
    key: dict[str, Any]
    id_token: str


def challenge_of(verifier: str) -> str:
    """S256 (RFC 7636, 4.2)."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


class Provider:
    """One provider as configured; its addresses and keys are read from itself and kept for an hour."""

    def __init__(self, *, issuer: str, client_id: str, client_secret: str, level: str = "eidas1"):
        self.issuer, self.client_id, self.client_secret, self.level = issuer, client_id, client_secret, level
        self._lock = threading.Lock()
        self._known: tuple[float, dict[str, Any]] = (0.0, {})
        self._keys: tuple[float, list[dict[str, Any]]] = (0.0, [])

    def authorize_url(self, *, redirect_uri: str, state: str, nonce: str, challenge: str) -> str:
        """`challenge` is the S256 of a verifier that this journey alone keeps (RFC 7636)."""
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "acr_values": self.level,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self._address('authorization_endpoint')}?{urlencode(asked)}"

    def logout_url(self, *, id_token: str, state: str, back: str) -> str:
        """Where the browser ends its session at the provider; empty when the provider has no such page."""
        if not self._description().get("end_session_endpoint"):
            return ""
        asked = {"id_token_hint": id_token, "state": state, "post_logout_redirect_uri": back}
        return f"{self._address('end_session_endpoint')}?{urlencode(asked)}"

    def verify(self, *, code: str, redirect_uri: str, nonce: str, verifier: str, now: float | None = None) -> Verified:
        """The identity behind a code that came back to us. Raises Refused."""
        now = time.time() if now is None else now
        tokens = self._exchange(code, redirect_uri, verifier)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise Refused("no-token")
        said, _ = self._signed(id_token, now, dated=True)
        if not isinstance(said.get("nonce"), str) or not hmac.compare_digest(said["nonce"].encode(), nonce.encode()):
            raise Refused("wrong-nonce")
        level = said.get("acr")
        if level not in LEVELS or LEVELS.index(level) < LEVELS.index(self.level):
            raise Refused("level-too-low")
        signed = _fetch(self._address("userinfo_endpoint"), bearer=access_token).strip()
        claims, key = self._signed(signed, now, dated=False)
        subject = said.get("sub")
        if not isinstance(subject, str) or not subject or claims.get("sub") != subject:
            raise Refused("another-person")
        return Verified(subject=subject, level=level, claims=claims, signed=signed, key=key, id_token=id_token)

    def _exchange(self, code: str, redirect_uri: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "code_verifier": verifier,
        }
        return _object(_fetch(self._address("token_endpoint"), form=form))

    def _signed(self, token: str, now: float, *, dated: bool) -> tuple[dict[str, Any], dict[str, Any]]:
        """(claims, key): signed by a key of the provider with an algorithm of ours, by it, for us, and still good."""
        header = self._header(token)
        known = self._key(header)
        try:
            key = (RSAKey if known["kty"] == "RSA" else ECKey).import_key(known)
            claims = jwt.decode(token, key, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise Refused("wrong-signature") from error
        if claims.get("iss") != self.issuer:
            raise Refused("wrong-issuer")
        audience = claims.get("aud")
        if audience != self.client_id and audience != [self.client_id]:
            raise Refused("wrong-audience")
        self._in_time(claims, now, dated=dated)
        return claims, known

    @staticmethod
    def _in_time(claims: dict[str, Any], now: float, *, dated: bool) -> None:
        """The identity token must carry its dates; the userinfo's are checked where it has them."""
        ends, made = claims.get("exp"), claims.get("iat")
        if dated and (ends is None or made is None):
            raise Refused("undated")
        for moment in (ends, made):
            if moment is not None and (isinstance(moment, bool) or not isinstance(moment, int | float)):
                raise Refused("undated")
        if ends is not None and ends + LEEWAY < now:
            raise Refused("expired")
        if made is not None and (made - LEEWAY > now or made + OLDEST < now):
            raise Refused("expired")

    @staticmethod
    def _header(token: str) -> dict[str, Any]:
        """Read before the signature only to choose the key; « none » and shared secrets end here."""
        if token.count(".") != 2:
            raise Refused("not-signed")
        first = token.partition(".")[0]
        try:
            header = json.loads(urlsafe_b64decode(first + "=" * (-len(first) % 4)))
        except (ValueError, RecursionError) as error:
            raise Refused("not-signed") from error
        if not isinstance(header, dict) or header.get("alg") not in ALGORITHMS:
            raise Refused("wrong-algorithm")
        return header

    def _key(self, header: dict[str, Any]) -> dict[str, Any]:
        """The published key of that name and of the kind that the algorithm wants; the keys are read again once."""
        for again in (False, True):
            found = [
                key
                for key in self._published(again=again)
                if key.get("kty") == KEY_TYPES[header["alg"]]
                and key.get("use", "sig") == "sig"
                and key.get("alg", header["alg"]) == header["alg"]
                and ("kid" not in header or key.get("kid") == header["kid"])
            ]
            if len(found) == 1:
                return found[0]
        raise Refused("unknown-key")

    def _published(self, *, again: bool) -> list[dict[str, Any]]:
        with self._lock:
            read_at, keys = self._keys
            if not again and keys and time.time() - read_at < FRESH:
                return keys
        answer = _object(_fetch(self._address("jwks_uri"))).get("keys")
        keys = [key for key in answer if isinstance(key, dict)] if isinstance(answer, list) else []
        with self._lock:
            self._keys = (time.time(), keys)
        return keys

    def _description(self) -> dict[str, Any]:
        with self._lock:
            read_at, known = self._known
            if known and time.time() - read_at < FRESH:
                return known
        known = _object(_fetch(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"))
        if known.get("issuer") != self.issuer:
            raise Refused("wrong-issuer")
        with self._lock:
            self._known = (time.time(), known)
        return known

    def _address(self, name: str) -> str:
        """An address that the provider names: of the same scheme as its issuer, so never less protected."""
        address = self._description().get(name)
        if not isinstance(address, str) or urlsplit(address).scheme != urlsplit(self.issuer).scheme:
            raise Refused("wrong-address")
        if not urlsplit(address).hostname:
            raise Refused("wrong-address")
        return address
