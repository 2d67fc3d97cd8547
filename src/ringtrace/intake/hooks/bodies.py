"""What CRMs write in JSON, as our values: texts, amounts, moments, phones. Whatever cannot be read is None.

Amounts come as numbers and as texts (`4200`, `"4200.50"`), moments as ms since 1970, as seconds, or as ISO 8601; a text
without an offset is UTC, as these systems' APIs have it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, TypeAlias

import msgspec

from ringtrace.core.clock import ms_from_at
from ringtrace.core.errors import UnreadableBody
from ringtrace.core.money import MOST_CENTS
from ringtrace.core.phones import try_phone
from ringtrace.intake.hooks.port import LONGEST_BODY

Fields: TypeAlias = Mapping[str, Any]

_LONGEST_TEXT = 1_000
_LONGEST_ID = 100
_FIRST_MS = 10**11  # below it a number is seconds: 1973 in ms, the year 5138 in seconds
_LAST_MS = 32_503_680_000_000  # the year 3000


def read_json(body: bytes, system: str) -> Any:
    """Raises UnreadableBody."""
    if len(body) > LONGEST_BODY:
        raise UnreadableBody(f"{system}'s message is over {LONGEST_BODY:,} bytes.", hint="Send fewer events at once.")
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise UnreadableBody(f"{system}'s message is not JSON.", hint="Send JSON with the type of body set.") from error


def fields_of(value: Any, what: str) -> Fields:
    """Raises UnreadableBody for anything but a JSON object."""
    if not isinstance(value, dict):
        raise UnreadableBody(f"{what} is no JSON object.", hint="See the page on what comes in for its shape.")
    return value


def text_in(fields: Fields, *names: str) -> str:
    """The first of these that says something, one line, at most 1,000 characters."""
    for name in names:
        value = fields.get(name)
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, float) and (not math.isfinite(value) or value != int(value)):
            text = str(value)
        elif isinstance(value, (int, float)):
            text = str(int(value)) if abs(value) < 10**30 else ""
        else:
            text = value if isinstance(value, str) else ""
        text = " ".join(text.split())[:_LONGEST_TEXT]
        if text:
            return text
    return ""


def id_in(fields: Fields, *names: str) -> str:
    """As `text_in`, "" for what is too long for an id."""
    text = text_in(fields, *names)
    return text if len(text) <= _LONGEST_ID else ""


def truth_in(fields: Fields, name: str) -> bool | None:
    value = fields.get(name)
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None


def cents_in(fields: Fields, name: str) -> int | None:
    """Cents of an amount, half to even; None for none, and for what no one pays (below nothing, 10**13 and over)."""
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float, str)) or len(str(value)[:50]) > 40:
        return None
    try:
        amount = Decimal(str(value).strip())
        cents = (amount * 100).quantize(Decimal(1), ROUND_HALF_EVEN) if amount.is_finite() else None
    except InvalidOperation:
        return None
    return int(cents) if cents is not None and 0 <= cents <= MOST_CENTS else None


def ms_in(fields: Fields, *names: str) -> int | None:
    """The first of these that is a moment, in ms."""
    for name in names:
        value = fields.get(name)
        found = _ms_of_text(value.strip()) if isinstance(value, str) else _ms_of_number(value)
        if found is not None:
            return found
    return None


def _ms_of_number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    if not math.isfinite(value) or not 0 < value < _LAST_MS:
        return None
    return int(value) if value >= _FIRST_MS else round(value * 1000)


def _ms_of_text(text: str) -> int | None:
    if not text or len(text) > 40:
        return None
    if text.isascii() and text.isdigit():
        return _ms_of_number(int(text))
    try:
        at = datetime.fromisoformat(text)
        found = ms_from_at(at if at.tzinfo is not None else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return None
    return found if 0 < found < _LAST_MS else None


def phone_in(fields: Fields, region: str | None, *names: str) -> str | None:
    """E.164 of the first of these that is a number."""
    for name in names:
        found = try_phone(text_in(fields, name), region)
        if found is not None:
            return found
    return None


def email_in(fields: Fields, *names: str) -> str | None:
    for name in names:
        found = read_email(text_in(fields, name))
        if found is not None:
            return found
    return None


def read_email(text: str) -> str | None:
    """Lower case and trimmed; None for what is no address."""
    plain = text.strip().lower()
    user, at, host = plain.rpartition("@")
    return plain if at and user and "." in host and " " not in plain and len(plain) <= 254 else None


def currency_in(fields: Fields, name: str, fallback: str | None) -> str | None:
    code = text_in(fields, name).upper()
    return code if len(code) == 3 and code.isascii() and code.isalpha() else fallback
