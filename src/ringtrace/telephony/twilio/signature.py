"""Twilio's request signature: base64 of HMAC-SHA-1, keyed with the account's auth token.

Forms: over the URL, then every parameter's name and value, sorted by name, a repeated name's distinct values sorted.
Other bodies: over the URL alone, which then carries `bodySHA256`. Source: twilio.com/docs/usage/security.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlsplit, urlunsplit

SIGNATURE_HEADER = "x-twilio-signature"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def sign_form(auth_token: str, url: str, form: list[tuple[str, str]]) -> str:
    return _sign(auth_token, url + "".join(name + value for name, value in sorted(set(form))))


def sign_url(auth_token: str, url: str) -> str:
    return _sign(auth_token, url)


def is_genuine(auth_token: str, url: str, body: bytes, given: str) -> bool:
    """Whether `given` proves URL and body. The URL is tried as it is, without its port, and with the default one:
    Twilio signs now the one, now the other."""
    body_hash = _body_hash(url)
    if body_hash is not None and not _same(body_hash, hashlib.sha256(body).hexdigest()):
        return False
    form = [] if body_hash is not None else read_form(body)
    found = [_same(sign_form(auth_token, spelling, form), given) for spelling in _spellings(url)]
    return any(found)


def read_form(body: bytes) -> list[tuple[str, str]]:
    """Every name and value of a form, empty ones too, in the order sent; what is not UTF-8 becomes U+FFFD."""
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, errors="replace")


def _sign(auth_token: str, text: str) -> str:
    digest = hmac.new(auth_token.encode(), text.encode("utf-8", "replace"), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "replace"), other.encode("utf-8", "replace"))


def _body_hash(url: str) -> str | None:
    return parse_qs(urlsplit(url).query).get("bodySHA256", [None])[0]


def _spellings(url: str) -> list[str]:
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    name = host if host.endswith("]") else host.rsplit(":", 1)[0]
    default = _DEFAULT_PORTS.get(parts.scheme)
    ported = [host] if default is None else [host, f"{name}:{default}"] if name == host else [host]
    return list(dict.fromkeys(_with_host(parts, spelling) for spelling in (*ported, name)))


def _with_host(parts: SplitResult, host: str) -> str:
    user, at, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}{at}{host}"))
