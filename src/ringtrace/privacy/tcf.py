"""Reads a TC string of IAB Europe's Transparency and Consent Framework: may something be stored on the device?

Layout: "Consent string and vendor list formats v2" of the IAB Tech Lab. Since version 2.3 (28 February 2026) a string
without the segment of disclosed vendors is invalid. Whatever comes in, nothing is raised: what cannot be read is no
consent.
"""

from __future__ import annotations

import base64
import re

_LONGEST = 8_192
_VERSION = 2  # the first six bits
# In bits: version 6, times 2 x 36, CMP 24, screen 6, language 12, lists 18, flags 2, features 12. So the first of 24
# purposes, storage, is the first bit of a byte.
_PURPOSES_AT = 152 // 8
_PURPOSES = 24 // 8
_DISCLOSED_VENDORS = 1  # the type of a segment, its first three bits
_LEAST_DISCLOSURE = 3  # bytes: type 3 bits, highest vendor 16, how they are listed 1
_LOOKED_AT = 32  # characters of a segment that hold what is asked for, and a whole number of bytes
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+={0,2}")


def allows_storage(tc_string: str) -> bool:
    """Whether a valid string consents to purpose 1, storing and reading on the device."""
    segments = tc_string[:_LONGEST].split(".")
    core = _head(segments[0])
    if len(core) < _PURPOSES_AT + _PURPOSES or core[0] >> 2 != _VERSION or not core[_PURPOSES_AT] & 0x80:
        return False
    return any(_is_disclosure(_head(segment)) for segment in segments[1:])


def _is_disclosure(head: bytes) -> bool:
    return len(head) >= _LEAST_DISCLOSURE and head[0] >> 5 == _DISCLOSED_VENDORS


def _head(segment: str) -> bytes:
    """A segment's first bytes; none for what is no base64url."""
    if _SEGMENT.fullmatch(segment) is None:
        return b""
    letters = segment.rstrip("=")[:_LOOKED_AT]
    if len(letters) % 4 == 1:
        return b""
    return base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4))
