"""Sealing and hashing of personal data. One master key a data directory; every use derives its own from it.

Sealing is AES-256-GCM, hashing is HMAC-SHA-256, derivation is HKDF (RFC 5869), all by `cryptography`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ringtrace.core.errors import BadInput

_KEY_BYTES = 32
_NONCE_BYTES = 12


class Keys:
    """All keys of one data directory. `repr` never shows them."""

    def __init__(self, master: bytes) -> None:
        if len(master) != _KEY_BYTES:
            raise BadInput("The master key must be 32 bytes.", hint="Restore keys/master.key from your backup.")
        self._derive = lru_cache(maxsize=1024)(lambda purpose: _hkdf(master, purpose))
        self._cipher = lru_cache(maxsize=1024)(lambda purpose: AESGCM(self._derive(purpose)))

    def __repr__(self) -> str:
        return "Keys(…)"

    def seal(self, text: str, purpose: str) -> str:
        """Encrypts `text` for `purpose` (such as `caller:company_01…`); the result is URL-safe text."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._cipher(purpose).encrypt(nonce, text.encode(), purpose.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def unseal(self, sealed: str, purpose: str) -> str:
        """Raises BadInput if it was sealed by another key, for another purpose, or was altered."""
        try:
            raw = base64.urlsafe_b64decode(sealed)
            return self._cipher(purpose).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise BadInput(
                "A sealed value cannot be opened with this key.",
                hint="Restore keys/master.key from your backup.",
            ) from error

    def hash(self, text: str, purpose: str) -> str:
        """A keyed hash for joining: the same text and purpose give the same 32 hexadecimal digits."""
        return hmac.digest(self._derive(purpose), text.encode(), "sha256").hex()[:32]

    def text(self, purpose: str) -> str:
        """A derived secret as text, such as Django's own key."""
        return base64.urlsafe_b64encode(self._derive(purpose)).decode()


def phone_digest(e164: str) -> str:
    """The SHA-256 of an E.164 number in hexadecimal: as browsers and ad platforms hash it, and what is hashed with our
    own key, so that callers can be joined with what pages say of their visitors."""
    return hashlib.sha256(e164.encode()).hexdigest()


def caller_purpose(company_id: str) -> str:
    """Callers of one company are sealed and hashed apart from those of any other."""
    return f"caller:{company_id}"


def connection_purpose(connection_id: str) -> str:
    return f"connection:{connection_id}"


def sso_purpose(provider_id: str) -> str:
    return f"sso:{provider_id}"


FACTOR_PURPOSE = "second-factor"


def load_keys(data_dir: Path) -> Keys:
    """The keys of a data directory, made on first use (file mode 0600)."""
    path = data_dir / "keys" / "master.key"
    if not path.exists():
        _make_key(path)
    return Keys(path.read_bytes())


def _make_key(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(f".{os.getpid()}")
    fresh.touch(mode=0o600)
    fresh.write_bytes(os.urandom(_KEY_BYTES))
    try:
        os.link(fresh, path)  # fails if another process was first: then its key is the key
    except FileExistsError:
        pass
    finally:
        fresh.unlink()


def _hkdf(master: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=_KEY_BYTES, salt=None, info=purpose.encode()).derive(master)
