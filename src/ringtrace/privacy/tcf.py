"""Reads a TC string of IAB Europe's Transparency and Consent Framework: may something be stored on the device?

Layout: "Consent string and vendor list formats v2" of the IAB Tech Lab. Since version 2.3 (28 February 2026) a string
without the segment of disclosed vendors is invalid. Whatever comes in, nothing is raised: what cannot be read is no
consent.
"""

from __future__ import annotations

import base64
import re

_LONGEST = 8_192
_VERSION = 2
_PURPOSES_AT = 152  # bits: version 6, times 2 x 36, CMP 24, screen 6, language 12, lists 18, flags 2, features 12
_PURPOSES = 24
_DISCLOSED_VENDORS = 1  # the type of a segment, its first three bits
_STORAGE = 1
_LOOKED_AT = 32  # characters of a segment that hold what is asked for, and a whole number of bytes
_LEAST_DISCLOSURE = 20  # bits: type 3, highest vendor 16, how they are listed 1
_SEGMENT = re.compile(r"[A-Za-z0-9_-]+={0,2}")


def allows_storage(tc_string: str) -> bool:
    """Whether a valid string consents to purpose 1, storing and reading on the device."""
    segments = tc_string[:_LONGEST].split(".")
    core = _bits(segments[0])
    if core is None or len(core) < _PURPOSES_AT + _PURPOSES or int(core[:6], 2) != _VERSION:
        return False
    return any(_is_disclosure(segment) for segment in segments[1:]) and core[_PURPOSES_AT + _STORAGE - 1] == "1"


def _is_disclosure(segment: str) -> bool:
    bits = _bits(segment)
    return bits is not None and len(bits) >= _LEAST_DISCLOSURE and int(bits[:3], 2) == _DISCLOSED_VENDORS


def _bits(segment: str) -> str | None:
    """A segment's first bits as text; None for what is no base64url."""
    if _SEGMENT.fullmatch(segment) is None:
        return None
    letters = segment.rstrip("=")[:_LOOKED_AT]
    if len(letters) % 4 == 1:
        return None
    raw = base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4))
    return "".join(f"{byte:08b}" for byte in raw)
