"""Amounts, counts and durations as exports write them. Unknown is None; what could be read two ways is refused.

Times are in `moments.py`, whose names are to be had here too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from itertools import islice

from ringtrace.core.errors import BadInput
from ringtrace.core.money import MOST_CENTS
from ringtrace.intake.files.moments import DateStyle, guess_date_style, read_date, read_moment

MICROS = 1_000_000
MOST_MICROS = MOST_CENTS * 10_000
_EMPTY = frozenset({"", "-", "--", "---", "–", "—", "n/a", "na", "null", "none", "(none)"})
_SHOWN = 40
_LONGEST = 80
_ENOUGH = 20
_MOST_SAMPLES = 200_000

# A sign that one currency alone uses. $, £ in part, kr, ¥ and R are used by several and say nothing certain.
_SIGNS = {"€": "EUR", "£": "GBP", "₹": "INR", "₽": "RUB", "₺": "TRY", "₪": "ILS", "₩": "KRW", "₴": "UAH", "zł": "PLN"}
_SIGNS |= {"US$": "USD", "CA$": "CAD", "C$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "R$": "BRL", "HK$": "HKD"}
_SHARED_SIGNS = ("$", "¥", "kr.", "kr", "Kč", "Ft", "Fr.", "₫", "฿", "₱")
_SIGNS_BY_LENGTH = sorted((*_SIGNS, *_SHARED_SIGNS), key=len, reverse=True)
_CODE = re.compile(r"(?:\A([A-Z]{3})(?=[\s\d.,(+-])|(?<=[\s\d.,)-])([A-Z]{3})\Z)")
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009'’`´]")
_PLAIN = re.compile(r"\d+\Z")
_POINT = re.compile(r"(?:[1-9]\d{0,2}(?:,\d{2,3})*,\d{3}|\d+)?(?:\.\d*)?\Z")  # Indian groups of two as well
_COMMA = re.compile(r"(?:[1-9]\d{0,2}(?:\.\d{3})+|\d+)?(?:,\d*)?\Z")
_GROUPS = re.compile(r"\d{1,3}(?:[ \u00a0\u202f\u2009'’]\d{3})*(?=[.,]|\Z)")


class NumberStyle(StrEnum):
    POINT = "point"  # 1,234.50
    COMMA = "comma"  # 1.234,50
    AMBIGUOUS = "ambiguous"


def is_empty(text: str) -> bool:
    """Whether a cell says nothing: blank, or a sign for nothing (`--` is Google's, `-` and `—` are spreadsheets')."""
    return text.strip().lower() in _EMPTY


def guess_number_style(samples: Iterable[str]) -> NumberStyle:
    """The style of a column, by those of its cells that can be read one way alone. AMBIGUOUS where none can, or where
    they disagree. Stops once it is sure, and after 200,000 cells."""
    points = commas = 0
    for text in islice(samples, _MOST_SAMPLES):
        style = _style_of(text)
        points += style is NumberStyle.POINT
        commas += style is NumberStyle.COMMA
        if max(points, commas) >= _ENOUGH and min(points, commas) == 0:
            break
    if points and not commas:
        return NumberStyle.POINT
    return NumberStyle.COMMA if commas and not points else NumberStyle.AMBIGUOUS


def read_micros(text: str, style: NumberStyle = NumberStyle.AMBIGUOUS) -> int | None:
    """Millionths of an amount, rounded half to even; None where the cell is empty. Raises BadInput.

    Currency signs and codes before or after are passed over (see `currency_in`), spaces and apostrophes are thousands
    marks, brackets or a minus before or after make it negative. `1,234` and `1.234` are refused unless `style` says.
    """
    return _micros(text, style)


def read_amount_cents(text: str, style: NumberStyle = NumberStyle.AMBIGUOUS) -> int | None:
    """Cents of an amount, rounded half to even; as `read_micros` otherwise."""
    micros = _micros(text, style)
    return None if micros is None else round_half_even(micros, 10_000)


def round_half_even(number: int, unit: int) -> int:
    """`number / unit` as the nearest whole number; of two as near, the even one."""
    whole, rest = divmod(number, unit)
    return whole + (2 * rest > unit or (2 * rest == unit and whole % 2 == 1))


_FIGURES = "0123456789., +-"


def currency_in(text: str) -> str | None:
    """The ISO 4217 code that an amount carries: `EUR` of `12,50 €` or `EUR 12.50`. None without one, and for signs that
    several currencies share ($, ¥, kr)."""
    if not text.strip(_FIGURES):
        return None
    plain = _bare(text).strip("()+- ")
    if found := _CODE.search(plain):
        return found[1] or found[2]
    for sign in _SIGNS_BY_LENGTH:
        if plain.startswith(sign) or plain.endswith(sign):
            return _SIGNS.get(sign)
    return None


@lru_cache(maxsize=16_384)
def read_count(text: str, style: NumberStyle = NumberStyle.AMBIGUOUS) -> int | None:
    """A whole number of clicks or impressions. `1,234` and `1.234` are both 1234: nobody clicks a thousandth time."""
    if is_empty(text):
        return None
    digits = _SPACES.sub("", text.strip())
    if re.fullmatch(r"\d{1,15}", digits):
        return int(digits)
    if re.fullmatch(r"\d{1,3}(?:,\d{3}){1,4}|\d{1,3}(?:\.\d{3}){1,4}|\d{1,3}(?:,\d{2}){0,4},\d{3}", digits):
        return int(digits.replace(",", "").replace(".", ""))
    micros = _micros(text, style)
    if micros is None or micros < 0 or micros % MICROS:
        raise BadInput(f"{_shown(text)} is not a whole number.", hint="Write digits alone, such as 1234.")
    return micros // MICROS


_CLOCK = re.compile(r"(?:(\d{1,4}):)?(\d{1,4}):(\d{2}(?:\.\d+)?)")
_PARTS = re.compile(
    r"(?:(\d+(?:\.\d+)?)\s*h(?:ours?|rs?)?)?\s*(?:(\d+(?:\.\d+)?)\s*m(?:in(?:ute)?s?)?)?"
    r"\s*(?:(\d+(?:\.\d+)?)\s*s(?:ec(?:ond)?s?)?)?",
    re.IGNORECASE,
)


def read_duration(text: str) -> float | None:
    """Seconds of `65`, `1:05` (minutes and seconds), `0:01:05`, `1m 5s`, `1 min 5 sec`. Raises BadInput."""
    plain = text.strip()
    if is_empty(plain):
        return None
    if len(plain) <= _SHOWN:
        if re.fullmatch(r"\d{1,9}(?:\.\d+)?", plain, re.ASCII):
            return float(plain)
        for pattern in (_CLOCK, _PARTS):
            if (found := pattern.fullmatch(plain)) and any(found.groups()):
                hours, minutes, seconds = (float(part or 0) for part in found.groups())
                return hours * 3600 + minutes * 60 + seconds
    raise BadInput(f"{_shown(text)} is not a duration.", hint="Write seconds, such as 65, or 1:05, 0:01:05 or 1m 5s.")


_YES = frozenset({"yes", "y", "true", "t", "1", "ja", "oui", "x", "on", "si", "sí"})
_NO = frozenset({"no", "n", "false", "f", "0", "nein", "non", "off"})


def read_truth(text: str) -> bool | None:
    """`yes`, `true`, `1` and the like; None where the cell is empty. Raises BadInput."""
    plain = text.strip().lower()
    if plain in _YES:
        return True
    if plain in _NO:
        return False
    if is_empty(plain):
        return None
    raise BadInput(f"{_shown(text)} is neither yes nor no.", hint="Write yes or no.")


@lru_cache(maxsize=65_536)
def _micros(text: str, style: NumberStyle) -> int | None:
    if is_empty(text):
        return None
    if len(text) > _LONGEST:
        raise _no_amount(text)
    digits, negative = _unsigned(text)
    read = _style_of_digits(digits)
    if read is None:
        raise _no_amount(text)
    if style is NumberStyle.AMBIGUOUS:
        style = read
    if style is NumberStyle.AMBIGUOUS:
        raise BadInput(
            f"{_shown(text)} can be read two ways: its mark may stand before decimals or between thousands.",
            hint="Say whether the file's numbers have a decimal point or a decimal comma.",
        )
    if not (_PLAIN.match(digits) or (_POINT if style is NumberStyle.POINT else _COMMA).match(digits)):
        wanted = "point" if style is NumberStyle.POINT else "comma"
        raise BadInput(
            f"{_shown(text)} is not an amount with a decimal {wanted}, as this column has them.",
            hint="Write it like the others, or say how the column's numbers are written.",
        )
    return _scaled(text, digits, style) * (-1 if negative else 1)


def _scaled(text: str, digits: str, style: NumberStyle) -> int:
    thousands, decimal = (",", ".") if style is NumberStyle.POINT else (".", ",")
    whole, _, fraction = digits.replace(thousands, "").partition(decimal)
    if len(whole.lstrip("0")) > 12:
        raise BadInput(f"{_shown(text)} is not an amount anybody pays.", hint="Check how many digits it has.")
    micros = int(whole or "0") * MICROS + int((fraction + "0" * 6)[:6])
    rest = fraction[6:].rstrip("0")
    up = rest > "5" or (rest == "5" and micros % 2 == 1)
    if micros + up > MOST_MICROS:
        raise BadInput(f"{_shown(text)} is not an amount anybody pays.", hint="Check how many digits it has.")
    return micros + up


def _style_of(text: str) -> NumberStyle | None:
    if is_empty(text) or len(text) > _LONGEST:
        return None
    digits = _unsigned(text)[0]
    return None if _PLAIN.match(digits) else _style_of_digits(digits)


def _style_of_digits(digits: str) -> NumberStyle | None:
    """POINT or COMMA where the digits can be read so alone, AMBIGUOUS where both ways and they differ, None for what is
    no number. A plain `1234` means the same both ways: POINT."""
    if not any(char in "0123456789" for char in digits):
        return None
    if "." not in digits and "," not in digits:
        return NumberStyle.POINT if _PLAIN.match(digits) and digits.isascii() else None
    point, comma = bool(_POINT.match(digits)), bool(_COMMA.match(digits))
    if not digits.isascii() or not (point or comma):
        return None
    if point and comma:
        return NumberStyle.AMBIGUOUS
    return NumberStyle.POINT if point else NumberStyle.COMMA


def _bare(text: str) -> str:
    return unicodedata.normalize("NFC", text).replace("\u2212", "-").replace("\u2013", "-").strip()


def _unsigned(text: str) -> tuple[str, bool]:
    """The digits and marks alone, and whether they are negative. What is left over makes it no number."""
    plain, negative = _bare(text), False
    for _ in range(4):  # `-($ 5)` is odd enough
        before = plain
        if plain.startswith("(") and plain.endswith(")"):
            plain, negative = plain[1:-1].strip(), True
        if plain.startswith(("-", "+")) or plain.endswith("-"):
            negative = negative or "-" in (plain[:1], plain[-1:])
            plain = plain.lstrip("+-").rstrip("-").strip() if plain.count("-") + plain.count("+") == 1 else ""
        plain = _without_currency(plain)
        if plain == before:
            break
    if _SPACES.search(plain) and not _GROUPS.match(plain):
        return "", False
    return _SPACES.sub("", plain), negative


def _without_currency(text: str) -> str:
    if found := _CODE.search(text):
        return (text[: found.start()] + text[found.end() :]).strip()
    for sign in _SIGNS_BY_LENGTH:
        if text.startswith(sign):
            return text[len(sign) :].strip()
        if text.endswith(sign):
            return text[: -len(sign)].strip()
    return text


def _shown(text: str) -> str:
    plain = text.strip()
    return repr(plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…")


def _no_amount(text: str) -> BadInput:
    return BadInput(f"{_shown(text)} is not an amount.", hint="Write digits alone, such as 420 or 420.50.")


__all__ = [
    "MICROS",
    "MOST_MICROS",
    "DateStyle",
    "NumberStyle",
    "currency_in",
    "guess_date_style",
    "guess_number_style",
    "is_empty",
    "read_amount_cents",
    "read_count",
    "read_date",
    "read_duration",
    "read_micros",
    "read_moment",
    "read_truth",
    "round_half_even",
]
