"""How Kamailio's requests are signed: a hash within a hash, each with its own key.

The Kamailio of Debian 12 (5.6) has SHA-256 but no HMAC, so the signature is
`sha256(outer_key || hex(sha256(inner_key || timestamp || "." || door || "." || body)))` in lower-case hexadecimal, keys
as 64 hexadecimal digits. The inner hash alone could be extended by who sees it; only the outer one is ever sent.
Source of the construction: NMAC, Bellare, Canetti, Krawczyk, "Keying hash functions for message authentication" (1996).
"""

from __future__ import annotations

import hashlib
import hmac

from msgspec import Struct

TIMESTAMP_HEADER = "x-ringtrace-timestamp"
SIGNATURE_HEADER = "x-ringtrace-signature"
LONGEST_AGE_SECS = 300


class SigningKeys(Struct, frozen=True, kw_only=True):
    """Both keys as 64 hexadecimal digits."""

    inner: str
    outer: str

    def __repr__(self) -> str:
        return "SigningKeys(…)"


def signing_keys(secret: str) -> SigningKeys:
    """The two keys of a connection's secret (HMAC-SHA-256 with a label each)."""
    return SigningKeys(inner=_labelled(secret, "inner"), outer=_labelled(secret, "outer"))


def sign(keys: SigningKeys, timestamp: str, door: str, body: bytes) -> str:
    """64 hexadecimal digits. `timestamp` is whole seconds since 1970, as text."""
    head = f"{keys.inner}{timestamp}.{door}.".encode("utf-8", "replace")
    inner = hashlib.sha256(head + body).hexdigest()
    return hashlib.sha256(keys.outer.encode() + inner.encode()).hexdigest()


def _labelled(secret: str, label: str) -> str:
    return hmac.new(secret.encode(), f"ringtrace kamailio {label}".encode(), hashlib.sha256).hexdigest()
