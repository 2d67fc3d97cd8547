"""Writes TC strings as the "Consent string and vendor list formats v2" of the IAB Tech Lab lays them out."""

from __future__ import annotations

import base64
from collections.abc import Collection

_MOST_VENDORS = 16


def tc_string(
    *,
    purposes: Collection[int] = (),
    vendors: Collection[int] = (1, 2),
    version: int = 2,
    is_disclosed: bool = True,
    first_segments: str = "",
) -> str:
    """`purposes` and `vendors` from 1; `first_segments` stand between the core and the disclosed vendors."""
    core = _core(version, purposes, vendors)
    disclosed = f".{_text(_field(1, 3) + _list(vendors))}" if is_disclosed else ""
    return f"{_text(core)}{first_segments}{disclosed}"


def publisher_segment(purposes: Collection[int]) -> str:
    """The segment of the publisher's own purposes."""
    return "." + _text(_field(3, 3) + _flags(purposes, 24) + _flags((), 24) + _field(0, 6))


def _core(version: int, purposes: Collection[int], vendors: Collection[int]) -> str:
    decisecs = 17_600_000_000
    return (
        _field(version, 6)
        + _field(decisecs, 36)
        + _field(decisecs, 36)
        + _field(28, 12)  # the CMP
        + _field(1, 12)
        + _field(1, 6)  # its screen
        + _letters("EN")
        + _field(150, 12)  # the vendor list
        + _field(5, 6)  # its policy
        + "10"  # for this service only; no texts of its own
        + _flags((), 12)
        + _flags(purposes, 24)
        + _flags((), 24)  # legitimate interests
        + "0"
        + _letters("DE")
        + _list(vendors)
        + _list(())
        + _field(0, 12)  # restrictions
    )


def _list(vendors: Collection[int]) -> str:
    return _field(_MOST_VENDORS, 16) + "0" + _flags(vendors, _MOST_VENDORS)


def _field(value: int, bits: int) -> str:
    return f"{value:0{bits}b}"


def _flags(ones: Collection[int], bits: int) -> str:
    return "".join("1" if at in ones else "0" for at in range(1, bits + 1))


def _letters(text: str) -> str:
    return "".join(_field(ord(letter) - ord("A"), 6) for letter in text)


def _text(bits: str) -> str:
    padded = bits.ljust(-(-len(bits) // 8) * 8, "0")
    raw = bytes(int(padded[at : at + 8], 2) for at in range(0, len(padded), 8))
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
