from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ringtrace.core.errors import BadInput
from ringtrace.core.money import MOST_CENTS, read_cents


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("420", 42_000),
        ("420.5", 42_050),
        ("420.50", 42_050),
        ("420.05", 42_005),
        ("1,420.50", 142_050),
        ("1,420", 142_000),
        ("12,345,678.9", 1_234_567_890),
        (" 7 ", 700),
        ("0", 0),
        ("0.00", 0),
        ("007.10", 710),
        ("100000000000.00", MOST_CENTS),
    ],
)
def test_it_reads_amounts_as_people_write_them(text: str, cents: int) -> None:
    assert read_cents(text) == cents


@pytest.mark.parametrize("text", ["1,50", "1,5", "12,34", "1.420,50", "1,234,5", ",50", "0,99"])
def test_it_does_not_guess_what_a_comma_before_one_or_two_digits_means(text: str) -> None:
    with pytest.raises(BadInput, match="comma") as refused:
        read_cents(text)
    assert "1.50" in refused.value.hint


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "lots", "-1", "+1", "-0", "NaN", "Infinity", "1e3", "1e999999", "1E5", "$80", "80 €", "1 420"),
        *("1.234", "1.420", ".5", "5.", "1..5", "1,42,0", "1,4200", "12345,678", "0x10", "1_000", "١٢", "½", "1.5\n6"),
        *("100000000000.01", "9" * 40, "9" * 5_000),
    ],
)
def test_it_refuses_what_is_no_amount_and_says_what_to_write(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_cents(text)
    assert refused.value.hint
    assert len(str(refused.value)) < 200


@given(st.text() | st.text("0123456789.,-+eE$ ", max_size=20))
@example("1e999999")
@example("9" * 5_000)
def test_it_gives_cents_or_refuses_whatever_the_text(text: str) -> None:
    try:
        cents = read_cents(text)
    except BadInput:
        return
    assert 0 <= cents <= MOST_CENTS
    assert Decimal(text.strip().replace(",", "")) * 100 == cents


@given(st.integers(0, MOST_CENTS))
def test_it_reads_back_what_was_written_with_and_without_commas(cents: int) -> None:
    amount = Decimal(cents) / 100
    assert read_cents(f"{amount:.2f}") == read_cents(f"{amount:,.2f}") == cents
