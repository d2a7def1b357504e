"""A provider of identity on this machine, in the manner of FranceConnect: real HTTP, real keys, and ways to lie."""

import hashlib
import http.server
import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwk, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "guichet-essai", "secret-d-essai"
PERSON = {
    "sub": "b6048e95bb134ec5b1d1e1fa69f287172e91722b9354d637a1bcf2ebb0fd2ef5v1",
    "given_name": "Angela Claire Louise",
    "family_name": "DUBOIS",
    "preferred_username": "MARTIN",
    "birthdate": "1962-08-24",
    "gender": "female",
    "birthplace": "59043",
    "birthcountry": "99100",
    "email": "angela@exemple.fr",
}


def _named(key, name: str):
    return type(key).import_key({**key.as_dict(private=True), "kid": name, "use": "sig"})


KEYS = {
    "RS256": _named(RSAKey.generate_key(2048), "rsa-1"),
    "ES256": _named(ECKey.generate_key("P-256"), "ec-1"),
}
STRANGER = _named(RSAKey.generate_key(2048), "rsa-1")


class LocalProvider:
    """`lies` changes what is answered; each name is one way to attack."""

    def __init__(self):
        self.lies: dict = {}
        self.codes: dict[str, dict] = {}
        self.tokens: dict[str, dict] = {}
        self.algorithm = "RS256"
        self.ended: list[dict] = []
        self.logged: list[str] = []
        self.refused: list[str] = []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.issuer = f"http://127.0.0.1:{self._server.server_port}/api/v2"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def description(self) -> dict:
        return {
            "issuer": self.lies.get("described_issuer", self.issuer),
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": self.lies.get("token_endpoint", f"{self.issuer}/token"),
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/session/end",
        }

    def jwks(self) -> dict:
        return jwk.KeySet(list(KEYS.values())).as_dict(private=False)

    def id_token(self, asked: dict) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": PERSON["sub"],
            "nonce": asked["nonce"],
            "acr": asked["acr_values"],
            "iat": now,
            "exp": now + 60,
        }
        return self.sign({**claims, **self.lies.get("id_token", {})}, self.lies.get("id_token_by", ""))

    def userinfo(self) -> str:
        claims = {"iss": self.issuer, "aud": CLIENT_ID, **PERSON, **self.lies.get("userinfo", {})}
        if self.lies.get("userinfo_plain"):
            return json.dumps(claims)
        return self.sign(claims, self.lies.get("userinfo_by", ""))

    def sign(self, claims: dict, lie: str) -> str:
        claims = {name: value for name, value in claims.items() if value is not None}
        if lie == "none":
            head, body, _ = jwt.encode({"alg": "RS256"}, claims, KEYS["RS256"]).split(".")
            return f"{_b64({'alg': 'none', 'typ': 'JWT'})}.{body}."
        if lie == "secret":
            public = KEYS["RS256"].as_pem(private=False)
            return jwt.encode({"alg": "HS256", "kid": "rsa-1"}, claims, OctKey.import_key(public))
        if lie == "stranger":
            return jwt.encode({"alg": "RS256", "kid": "rsa-1"}, claims, STRANGER)
        key = KEYS[self.algorithm]
        token = jwt.encode({"alg": self.algorithm, "kid": key.kid}, claims, key)
        if lie == "changed":
            head, body, mark = token.split(".")
            return f"{head}.{_b64({**claims, 'family_name': 'AUTRE'})}.{mark}"
        if lie == "own-key":
            header = {"alg": "RS256", "kid": "inconnue", "jwk": STRANGER.as_dict(private=False)}
            return jwt.encode(header, claims, STRANGER)
        return token


def _b64(data: dict) -> str:
    return urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")


def _challenge_of(verifier: str) -> str:
    """RFC 7636, 4.6: by our own arithmetic, not by the client's."""
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _handler(provider: LocalProvider):
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args) -> None:
            provider.logged.append(self.path)

        def _answer(self, body: str, kind: str = "application/json", status: int = 200) -> None:
            data = body.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def _to(self, address: str) -> None:
            self.send_response(302)
            self.send_header("Location", address)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(url.query).items()}
            match url.path.removeprefix("/api/v2"):
                case "/.well-known/openid-configuration":
                    self._answer(json.dumps(provider.description()))
                case "/jwks":
                    self._answer(json.dumps(provider.jwks()))
                case "/authorize" if asked.get("code_challenge_method") != "S256":
                    provider.refused.append("no-challenge")
                    self._answer(json.dumps({"error": "invalid_request"}), status=400)
                case "/authorize":
                    code = secrets.token_urlsafe(16)
                    provider.codes[code] = asked
                    self._to(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}")
                case "/userinfo":
                    token = self.headers.get("Authorization", "").removeprefix("Bearer ")
                    if provider.lies.get("redirect_userinfo"):
                        self._to("http://127.0.0.1:1/ailleurs")
                    elif token in provider.tokens:
                        self._answer(provider.userinfo(), "application/jwt")
                    else:
                        self._answer("{}", status=401)
                case "/session/end":
                    provider.ended.append(asked)
                    self._to(asked["post_logout_redirect_uri"])
                case _:
                    self._answer("{}", status=404)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            asked = provider.codes.pop(sent.get("code", ""), None)
            good = (
                asked
                and sent.get("client_id") == CLIENT_ID
                and sent.get("client_secret") == CLIENT_SECRET
                and sent.get("redirect_uri") == asked["redirect_uri"]
                and sent.get("grant_type") == "authorization_code"
            )
            if good and _challenge_of(sent.get("code_verifier", "")) != asked["code_challenge"]:
                provider.refused.append("wrong-verifier")
                good = False
            if not good:
                self._answer(json.dumps({"error": "invalid_grant"}), status=400)
                return
            access = secrets.token_urlsafe(16)
            provider.tokens[access] = asked
            answer = {"access_token": access, "token_type": "Bearer", "expires_in": 60}
            if not provider.lies.get("no_id_token"):
                answer["id_token"] = provider.id_token(asked)
            self._answer(json.dumps(answer) + " " * provider.lies.get("padding", 0))

    return Handler
