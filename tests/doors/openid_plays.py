"""An OpenID provider on loopback: discovery, authorisation, token, keys and userinfo, with a client it knows."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT_ID, CLIENT_SECRET = "ringtrace-here", "a secret of the client"
_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_OTHER_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


class Provider:
    """What it says may be bent: `claims` of the token, `told` by userinfo, `config` of discovery, `is_forged` key."""

    def __init__(self) -> None:
        self.url = ""
        self.claims: dict[str, Any] = {"sub": "42", "email": "alice@example.com", "email_verified": True}
        self.told: dict[str, Any] = {}
        self.config: dict[str, Any] = {}
        self.is_forged = False
        self.algorithm = "RS256"
        self.asked: list[str] = []
        self._codes: dict[str, dict[str, str]] = {}

    def authorize(self, address: str) -> str:
        """What a browser gets there: the address that it is sent back to."""
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.url}/authorize"
        assert (query["client_id"], query["response_type"]) == (CLIENT_ID, "code")
        assert {"openid", "email"} <= set(query["scope"].split())
        assert query["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(12)
        self._codes[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def answer(self, path: str, form: dict[str, str]) -> dict[str, Any] | None:
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            names = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
            places = {name: f"{self.url}/{place}" for name, place in names.items()}
            usual = {"issuer": self.url, "userinfo_endpoint": f"{self.url}/userinfo", **places}
            return usual | {"token_endpoint_auth_methods_supported": ["client_secret_post"]} | self.config
        if path == "/jwks":
            key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_KEY.public_key()))
            return {"keys": [key | {"kid": "k1", "alg": "RS256", "use": "sig"}]}
        if path == "/userinfo":
            return self.told
        return self._token(form) if path == "/token" else None

    def _token(self, form: dict[str, str]) -> dict[str, Any] | None:
        query = self._codes.pop(form.get("code", ""), None)
        if query is None or form.get("client_secret") != CLIENT_SECRET:
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).decode().rstrip("=") == query["code_challenge"]
        assert form["redirect_uri"] == query["redirect_uri"]
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + 300} | self.claims
        keys: dict[str, Any] = {
            "RS256": _OTHER_KEY if self.is_forged else _KEY,
            "HS256": "a key of thirty-two bytes or more",
            "none": None,
        }
        id_token = jwt.encode(claims, keys[self.algorithm], algorithm=self.algorithm, headers={"kid": "k1"})
        return {"access_token": "at", "token_type": "Bearer", "id_token": id_token}


@contextmanager
def a_provider() -> Iterator[Provider]:
    provider = Provider()

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(provider.answer(urlsplit(self.path).path, {}))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(provider.answer(urlsplit(self.path).path, form))

        def _say(self, answer: dict[str, Any] | None) -> None:
            body = json.dumps(answer or {"error": "invalid_request"}).encode()
            self.send_response(400 if answer is None else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *_args: object) -> None:  # noqa: A002
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    provider.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
