"""Identifiers: a prefix that names the kind, then 26 characters that sort by time (the ULID layout)."""

from __future__ import annotations

import hashlib
import os
import re

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32, lower case
_PAIRS = tuple(a + b for a in _ALPHABET for b in _ALPHABET)
_SHIFTS = tuple(range(120, -1, -10))
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")


def new_id(prefix: str, now_ms: int) -> str:
    """A fresh id such as `visit_01jd...`: 48 bits of time in ms, 80 bits of chance. Source: the ULID specification."""
    return f"{prefix}_{_encode((now_ms << 80) | int.from_bytes(os.urandom(10), 'big'))}"


def derived_id(prefix: str, *parts: str) -> str:
    """The same id for the same parts, always: what makes a repeated webhook the same call (SHA-256, 130 bits kept)."""
    digest = hashlib.sha256("\x1f".join(parts).encode()).digest()
    return f"{prefix}_{_encode(int.from_bytes(digest[:17], 'big') >> 6)}"


def is_token(text: object) -> bool:
    """Whether a browser's own id (visitor, visit) has the agreed shape: 16-64 URL-safe characters."""
    return isinstance(text, str) and _TOKEN.match(text) is not None


def _encode(number: int) -> str:
    return "".join([_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS])
