"""Identifiers: a prefix that names the kind, then a key.

Fresh ids carry 26 characters that sort by time (the ULID layout); derived ids 32 hexadecimal digits.
"""

from __future__ import annotations

import hashlib
import os
import re

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
_OF_BYTE = bytes(ord(_ALPHABET[byte & 31]) for byte in range(256))  # 256 is 8 times 32: every letter is as likely
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_SHIFTS = tuple(range(40, -1, -10))
_CHANCE_LETTERS = 16  # of 5 bits
_DRAWN = 1024  # ids' worth of chance drawn at once
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")
_KEY_BYTES = 16


class _Fresh:
    """Draws chance for many ids at once: one system call an id is a good part of what an id costs."""

    def __init__(self) -> None:
        self._letters = ""
        self._at = 0
        self._ms = -1
        self._time = ""

    def key(self, now_ms: int) -> str:
        if now_ms != self._ms:
            self._ms, self._time = now_ms, "".join([_PAIRS[(now_ms >> shift) & 1023] for shift in _SHIFTS])
        at = self._at
        if at == len(self._letters):
            self._letters = os.urandom(_DRAWN * _CHANCE_LETTERS).translate(_OF_BYTE).decode()
            at = 0
        self._at = at + _CHANCE_LETTERS
        return self._time + self._letters[at : self._at]

    def forget(self) -> None:
        """A forked process must not draw what its parent draws."""
        self._letters, self._at = "", 0


_fresh = _Fresh()
os.register_at_fork(after_in_child=_fresh.forget)


def new_id(prefix: str, now_ms: int) -> str:
    """A fresh id such as `visit_01jd...`: 50 bits of time in ms, 80 bits of chance. Layout: the ULID specification."""
    return f"{prefix}_{_fresh.key(now_ms)}"


def derived_id(prefix: str, *parts: str) -> str:
    """The same id for the same parts, always: what makes a repeated webhook the same call (BLAKE2b, 128 bits)."""
    return f"{prefix}_{hashlib.blake2b(chr(31).join(parts).encode(), digest_size=_KEY_BYTES).hexdigest()}"


def key_of(derived: str) -> bytes:
    """The 16 bytes of a derived id; raises ValueError for an id that is none."""
    key = bytes.fromhex(derived.rpartition("_")[2])
    if len(key) != _KEY_BYTES:
        raise ValueError("not a derived id")
    return key


def id_of(prefix: str, key: bytes) -> str:
    """The derived id that has this key."""
    return f"{prefix}_{key.hex()}"


def is_token(text: object) -> bool:
    """Whether a browser's own id (visitor, visit) has the agreed shape: 16-64 URL-safe characters."""
    return isinstance(text, str) and _TOKEN.match(text) is not None
