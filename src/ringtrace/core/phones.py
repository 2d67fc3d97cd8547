"""Phone numbers, read and written by the `phonenumbers` library. Inside the house a number is always E.164."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from ringtrace.core.area_codes import STATE_OF_AREA_CODE
from ringtrace.core.errors import BadPhoneNumber

_LONGEST = 40


def read_phone(text: str, region: str | None = None) -> str:
    """E.164 (`+13105550123`) of what a person or a carrier wrote.

    `region` (ISO 3166, such as `US`) reads national formats. Numbers that are possible but not assigned, such as
    those kept for fiction, pass: a directory number need not be in the library's tables. Raises BadPhoneNumber.
    """
    if len(text) > _LONGEST:
        raise BadPhoneNumber("That is too long for a phone number.", hint="Write it like +13105550123.")
    return _read(text, region)


@lru_cache(maxsize=65_536)
def _read(text: str, region: str | None) -> str:
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        raise BadPhoneNumber(
            f"{text!r} is not a phone number.", hint="Write it like +13105550123, with the country code."
        ) from error
    if not phonenumbers.is_possible_number(number):
        raise BadPhoneNumber(
            f"{text!r} has too few or too many digits for its country.", hint="Write it like +13105550123."
        )
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def try_phone(text: str | None, region: str | None = None) -> str | None:
    """As `read_phone`, None where it would raise: for callers, who may be anonymous or malformed."""
    if not text:
        return None
    try:
        return read_phone(text, region)
    except BadPhoneNumber:
        return None


@lru_cache(maxsize=65_536)
def show_phone(e164: str) -> str:
    """As people of its country write it, with the country code only abroad of +1: `(310) 555-0123`."""
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return e164
    style = PhoneNumberFormat.NATIONAL if number.country_code == 1 else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


@lru_cache(maxsize=4_096)
def calling_code(e164: str) -> str:
    """The country calling code, `1` of `+13105550123`; raises BadPhoneNumber."""
    try:
        return str(phonenumbers.parse(e164, None).country_code)
    except NumberParseException as error:
        raise BadPhoneNumber(f"{e164!r} is not E.164.", hint="Write it like +13105550123.") from error


def mask_phone(e164: str | None) -> str:
    """For those who may not see callers: the last two digits only, `…23`."""
    return "unknown" if not e164 else f"…{e164[-2:]}"


@lru_cache(maxsize=65_536)
def region_of(e164: str | None) -> str:
    """Where a number is from: `US-CA` of +1 by its area code, else the country (ISO 3166, `GB`); "" where it cannot be
    said. People keep their numbers when they move: it is a hint."""
    if not e164:
        return ""
    if e164.startswith("+1") and (state := STATE_OF_AREA_CODE.get(e164[2:5])):
        return state
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse(e164, None))
    except NumberParseException:
        return ""
    return region if region and region.isalpha() else ""
