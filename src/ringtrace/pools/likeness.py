"""How much a tracking number looks like the number it stands in for: callers trust what looks alike."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

LEAST_ALIKE = 2

# Toll-free area codes of the North American Numbering Plan in use (NANPA).
_NANP_TOLL_FREE = frozenset({"800", "833", "844", "855", "866", "877", "888"})


_BLOCK_DIGITS = 4


class _Kind(NamedTuple):
    """`country` and `area` are leading characters of the E.164: `+1` and `+1310`; the same where there is no area."""

    is_free: bool
    country: str
    area: str


def likeness(target_e164: str, e164: str) -> int:
    """0: both toll-free, or the same area code; 1: the same kind only; 2: unlike (free for paid, another country).

    Both in E.164. Area codes are the `phonenumbers` library's, where a country has any.
    """
    target, number = _kind(target_e164), _kind(e164)
    if (target.is_free, target.country) != (number.is_free, number.country):
        return LEAST_ALIKE
    return 0 if target.is_free or e164.startswith(target.area) else 1


def likenesses(target_e164: str, numbers: Sequence[int]) -> bytes:
    """The likeness of each of `numbers`, E.164 without its plus and sorted. Asked once for each block of numbers that
    begin alike, at most ten thousand: asked of each, a million numbers of a country but +1 took 43 seconds."""
    found = bytearray()
    area_digits = len(_kind(target_e164).area) - 1
    while len(found) < len(numbers):
        first = numbers[len(found)]
        block = 10 ** max(0, min(_BLOCK_DIGITS, len(str(first)) - area_digits))
        end = bisect_left(numbers, (first // block + 1) * block, len(found))
        found += bytes([likeness(target_e164, f"+{first}")]) * (end - len(found))
    return bytes(found)


def _kind(e164: str) -> _Kind:
    """Without the library for +1: pools there hold thousands of numbers."""
    if e164.startswith("+1"):
        return _Kind(e164[2:5] in _NANP_TOLL_FREE, "+1", e164[:5])
    return _looked_up(e164)


@lru_cache(maxsize=65_536)
def _looked_up(e164: str) -> _Kind:
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return _Kind(False, e164, e164)  # like nothing but itself
    country = f"+{number.country_code}"
    area = phonenumbers.length_of_geographical_area_code(number)
    is_free = phonenumbers.number_type(number) == PhoneNumberType.TOLL_FREE
    return _Kind(is_free, country, e164[: len(country) + area])
