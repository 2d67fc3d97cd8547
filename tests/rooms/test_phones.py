"""Phone numbers as people, carriers and pages write them."""

from __future__ import annotations

import re

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ringtrace.core.errors import BadPhoneNumber
from ringtrace.core.phones import calling_code, mask_phone, read_phone, region_of, show_phone, try_phone

E164 = re.compile(r"\+[1-9][0-9]{3,16}\Z")


@pytest.mark.parametrize(
    ("text", "region", "e164"),
    [
        ("+13105550123", None, "+13105550123"),
        ("(310) 555-0123", "US", "+13105550123"),
        ("310.555.0123", "US", "+13105550123"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("0176 04069 123", "DE", "+4917604069123"),
        ("\u00a0+1\u00a0310\u00a0555\u00a00123 ", None, "+13105550123"),
        ("tel:+1-310-555-0123", None, "+13105550123"),
        ("+1 (310) 555\u20110123", None, "+13105550123"),
        ("1-800-FLOWERS", "US", "+18003569377"),
        ("＋１３１０５５５０１２３", None, "+13105550123"),  # full-width, as some keyboards type
    ],
)
def test_it_reads_what_people_write(text: str, region: str | None, e164: str) -> None:
    assert read_phone(text, region) == e164


@pytest.mark.parametrize(
    "text", ["", " ", "anonymous", "+", "+1", "555", "3105550123", "+1310555012", "+999123456789", "1" * 41, "\x00"]
)
def test_it_refuses_what_is_no_number(text: str) -> None:
    with pytest.raises(BadPhoneNumber, match="E101"):
        read_phone(text)
    assert try_phone(text) is None


_digits = st.text("0123456789+()-. /\u00a0", max_size=50)


@given(
    text=st.text(st.characters(), max_size=60) | _digits, region=st.sampled_from([None, "US", "GB", "DE", "IT", "ZZ"])
)
def test_it_makes_of_any_text_e164_or_a_typed_error(text: str, region: str | None) -> None:
    try:
        e164 = read_phone(text, region)
    except BadPhoneNumber:
        assert try_phone(text, region) is None
        return
    assert E164.match(e164)
    assert try_phone(text, region) == e164


@given(st.from_regex(r"\+1[2-9][0-9]{9}", fullmatch=True))
def test_it_reads_back_what_it_shows(e164: str) -> None:
    assert read_phone(show_phone(e164), "US") == e164
    assert read_phone(e164) == e164


def test_it_shows_numbers_as_their_country_writes_them() -> None:
    assert show_phone("+13105550123") == "(310) 555-0123"
    assert show_phone("+442079460958") == "+44 20 7946 0958"
    assert show_phone("withheld") == "withheld"


def test_it_knows_the_calling_code() -> None:
    assert (calling_code("+13105550123"), calling_code("+442079460958")) == ("1", "44")
    with pytest.raises(BadPhoneNumber):
        calling_code("nobody")


def test_it_shows_no_more_than_two_digits_to_those_who_may_not_see() -> None:
    assert mask_phone("+13105550123") == "…23"
    assert mask_phone(None) == mask_phone("") == "unknown"


def test_it_has_no_number_of_nobody() -> None:
    assert try_phone(None) is None


@pytest.mark.parametrize(
    ("e164", "region"),
    [
        ("+13105550123", "US-CA"),
        ("+12125550123", "US-NY"),
        ("+16045550123", "CA-BC"),
        ("+442079460958", "GB"),
        ("+18005550123", "US"),  # toll-free: a country, no state
        ("+80012345678", ""),
        (None, ""),
        ("not a number", ""),
    ],
)
def test_it_says_where_a_number_is_from(e164: str | None, region: str) -> None:
    assert region_of(e164) == region
