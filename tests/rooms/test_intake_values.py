"""Amounts, counts, dates, times and durations as exports write them."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import hypothesis.strategies as st
import pytest
from hypothesis import example, given

from ringtrace.core.errors import BadInput
from ringtrace.intake.files.moments import DateStyle, guess_date_style, read_date, read_moment, read_range
from ringtrace.intake.files.values import (
    NumberStyle,
    currency_in,
    guess_number_style,
    read_amount_cents,
    read_count,
    read_duration,
    read_micros,
    read_truth,
)

POINT, COMMA, AMBIGUOUS = NumberStyle.POINT, NumberStyle.COMMA, NumberStyle.AMBIGUOUS
MONTH, DAY = DateStyle.MONTH_FIRST, DateStyle.DAY_FIRST
VANCOUVER = "America/Vancouver"


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        *(("420", 42_000), ("1,234.50", 123_450), ("1.234,50", 123_450), ("$1,234.5", 123_450), ("12,50 €", 1_250)),
        *(("EUR 12.50", 1_250), ("12.50 USD", 1_250), ("CA$164.11", 16_411), ("1 234,50", 123_450), ("USD5", 500)),
        *(("1\u202f234,5 kr", 123_450), ("CHF 1'234.50", 123_450), ("1’234.50", 123_450), ("1\xa0234,50 €", 123_450)),
        *(("(12.50)", -1_250), ("-12.5", -1_250), ("12.5-", -1_250), ("−5", -500), ("$-5", -500), ("-$5", -500)),
        *(("($5.00)", -500), ("0.125", 12), ("12,34,567.00", 123_456_700), ("1,234,567", 123_456_700), (".5", 50)),
    ],
)
def test_it_reads_amounts_as_systems_write_them(text: str, cents: int) -> None:
    assert read_amount_cents(text) == cents


@pytest.mark.parametrize("text", ["", " ", "-", "--", " --", "—", "N/A", "null"])
def test_it_takes_an_empty_cell_for_unknown_and_never_for_nothing(text: str) -> None:
    assert read_micros(text) is None
    assert read_count(text) is None
    assert read_date(text) is None
    assert read_moment(text, "UTC") is None
    assert read_duration(text) is None
    assert read_truth(text) is None


@pytest.mark.parametrize("text", ["1,234", "1.234", "10.708", "$1,234", "1.005"])
def test_it_refuses_what_can_be_read_two_ways_unless_told(text: str) -> None:
    with pytest.raises(BadInput, match="two ways") as refused:
        read_micros(text)
    assert refused.value.hint
    point, comma = read_micros(text, POINT), read_micros(text, COMMA)
    assert point is not None
    assert comma is not None
    assert {point, comma} == {min(point, comma), 1000 * min(point, comma)}


@pytest.mark.parametrize("text", ["1.5", "1,234.50", "0.125"])
def test_it_refuses_an_amount_of_the_other_style(text: str) -> None:
    with pytest.raises(BadInput, match="decimal comma"):
        read_micros(text, COMMA)


@pytest.mark.parametrize(
    "text",
    [
        *("lots", "1e5", "1.2.3", "1,2,3", "1 23", "٣", "€", "--5", "5 5", "0x10", "5%", "1_000", "NaN", "½", "=1+1"),
        *("9" * 13, "9" * 5_000, "1,23,4", "12,345,67.0"),
    ],
)
def test_it_refuses_what_is_no_amount(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_micros(text)
    assert refused.value.hint
    assert len(str(refused.value)) < 250


@given(
    st.integers(-(10**12), 10**12),
    st.sampled_from(["{}", "${}", "{} €", "EUR {}", "{} USD"]),
    st.sampled_from(["point", "comma", "space", "swiss", "plain"]),
)
def test_it_reads_back_an_amount_in_every_format(cents: int, shape: str, marks: str) -> None:
    text = f"{Decimal(cents) / 100:,.2f}"
    if marks == "comma":
        text = text.translate(str.maketrans(",.", ".,"))
    elif marks == "space":
        text = text.translate(str.maketrans(",.", "\u202f,"))
    elif marks == "swiss":
        text = text.replace(",", "'")
    elif marks == "plain":
        text = text.replace(",", "")
    assert read_amount_cents(shape.format(text)) == cents
    assert read_micros(shape.format(text)) == cents * 10_000


@given(st.text("0123456789.,-+()$€ '", max_size=24))
@example("(-5)")
def test_it_reads_or_refuses_whatever_the_text(text: str) -> None:
    for style in NumberStyle:
        try:
            micros = read_micros(text, style)
        except BadInput:
            continue
        assert micros is None or abs(micros) <= 10**17


def test_it_finds_the_style_of_a_column() -> None:
    assert guess_number_style(["1", "1,234", "5.50"]) is POINT
    assert guess_number_style(["1", "1.234", "5,5"]) is COMMA
    assert guess_number_style(["1,234", "2,345", "7"]) is AMBIGUOUS
    assert guess_number_style(["1.5", "1,5"]) is AMBIGUOUS
    assert guess_number_style([]) is AMBIGUOUS


def test_it_finds_the_currency_that_an_amount_carries() -> None:
    assert [currency_in(text) for text in ("12,50 €", "EUR 5", "5 CAD", "£5", "CA$5", "(USD 5)", "zł 5")] == [
        *("EUR", "EUR", "CAD", "GBP", "CAD", "USD", "PLN")
    ]
    assert [currency_in(text) for text in ("$5", "5", "", "5 kr")] == [None] * 4


def test_it_counts_thousands_by_either_mark() -> None:
    assert [read_count(text) for text in ("10,708", "10.708", "5", "5.0", "1 234", "12,34,567")] == [
        *(10_708, 10_708, 5, 5, 1_234, 1_234_567)
    ]
    for text in ("5.5", "-3", "many"):
        with pytest.raises(BadInput):
            read_count(text)


def test_it_reads_durations() -> None:
    assert [read_duration(text) for text in ("65", "1:05", "0:01:05", "1m 5s", "1 min 5 sec", "00:01:05")] == [65.0] * 6
    assert read_duration("2h") == 7_200
    for text in ("1:5", "long", "5x", "1:05:", "9" * 50):
        with pytest.raises(BadInput, match="duration"):
            read_duration(text)


def ms(*at: int, zone: str = VANCOUVER) -> int:
    return round(datetime(*at, tzinfo=ZoneInfo(zone)).timestamp() * 1000)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-01 10:00", ms(2026, 5, 1, 10)),
        ("2026-05-01T10:00:00Z", ms(2026, 5, 1, 10, zone="UTC")),
        ("2026-05-01T10:00:00.123+02:00", ms(2026, 5, 1, 8, zone="UTC") + 123),
        ("2026-05-01 10:00:00 +0200", ms(2026, 5, 1, 8, zone="UTC")),
        ("2026-05-01 10:00 UTC", ms(2026, 5, 1, 10, zone="UTC")),
        ("5/31/2026 3:05 PM", ms(2026, 5, 31, 15, 5)),
        ("5/31/2026, 12:05:09 am", ms(2026, 5, 31, 0, 5, 9)),
        ("31/5/2026 15:05", ms(2026, 5, 31, 15, 5)),
        ("1.5.2026 15:05:09", ms(2026, 5, 1, 15, 5, 9)),
        ("May 1, 2026 at 3:05pm", ms(2026, 5, 1, 15, 5)),
        ("Fri, May 1, 2026 3 PM", ms(2026, 5, 1, 15)),
        ("1 May 2026", ms(2026, 5, 1)),
        ("1. Mai 2026", ms(2026, 5, 1)),
        ("1er août 2026", ms(2026, 8, 1)),
        ("01-May-26 9:00", ms(2026, 5, 1, 9)),
        ("20260501", ms(2026, 5, 1)),
        ("1777629600", 1_777_629_600_000),
        ("1777629600123", 1_777_629_600_123),
        ("5/31/2026 3:05 PM EST", ms(2026, 5, 31, 20, 5, zone="UTC")),
    ],
)
def test_it_reads_moments_as_systems_write_them(text: str, expected: int) -> None:
    assert read_moment(text, VANCOUVER) == expected


def test_it_puts_a_time_that_the_clocks_skipped_an_hour_later_and_takes_the_first_of_two() -> None:
    assert read_moment("2026-03-08 02:30", VANCOUVER) == ms(2026, 3, 8, 10, 30, zone="UTC")
    assert read_moment("2026-11-01 01:30", VANCOUVER) == ms(2026, 11, 1, 8, 30, zone="UTC")


def test_it_takes_a_bare_day_as_it_is_asked_to() -> None:
    assert read_moment("2026-05-01", VANCOUVER, end_of_day=True) == ms(2026, 5, 2) - 1
    with pytest.raises(BadInput, match="not the time"):
        read_moment("2026-05-01", VANCOUVER, needs_time=True)


def test_it_refuses_a_day_that_can_be_read_two_ways_unless_told() -> None:
    with pytest.raises(BadInput, match="two ways"):
        read_date("5/6/2026")
    assert read_date("5/6/2026", MONTH) == date(2026, 5, 6)
    assert read_date("5/6/2026", DAY) == date(2026, 6, 5)
    assert read_date("5/5/2026") == date(2026, 5, 5)
    assert read_date("5.6.2026", MONTH) == date(2026, 6, 5)


def test_it_finds_the_style_of_a_column_of_days() -> None:
    assert guess_date_style(["5/6/2026", "5/31/2026"]) is MONTH
    assert guess_date_style(["5/6/2026", "31/5/2026"]) is DAY
    assert guess_date_style(["5/6/2026", "31.5.2026", "2026-05-31"]) is DateStyle.AMBIGUOUS
    assert guess_date_style(["31/5/2026", "5/31/2026"]) is DateStyle.AMBIGUOUS


@pytest.mark.parametrize(
    "text", ["soon", "2026-02-30", "13/13/2026", "2026-05-01 25:00", "1/1/1026", "5/31/2026 3:05 XYZ"]
)
def test_it_refuses_what_is_no_moment(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_moment(text, "UTC")
    assert refused.value.hint


@given(st.text("0123456789/.-: TZapm+,", max_size=24) | st.text(max_size=20))
@example("0001-01-01 00:00")
@example("9999-12-31 23:59")
@example("2026-05-01 10:00+99:99")
def test_it_reads_or_refuses_whatever_the_day(text: str) -> None:
    for style in DateStyle:
        for read in (read_date, lambda said, style: read_moment(said, VANCOUVER, style)):
            try:
                read(text, style)
            except BadInput:
                continue


@given(st.dates(date(1971, 1, 2), date(2199, 1, 1)), st.times(), st.sampled_from([VANCOUVER, "UTC", "Asia/Kolkata"]))
def test_it_reads_back_a_moment_in_every_format(day: date, clock: time, zone: str) -> None:
    at = datetime.combine(day, clock.replace(second=0, microsecond=0))
    expected = round(at.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
    for text, style in (
        (at.isoformat(" "), DateStyle.AMBIGUOUS),
        (at.strftime("%m/%d/%Y %I:%M %p"), MONTH),
        (at.strftime("%d/%m/%Y %H:%M"), DAY),
        (at.strftime("%d.%m.%Y %H:%M"), DateStyle.AMBIGUOUS),
        (at.strftime("%b %d, %Y %H:%M"), DateStyle.AMBIGUOUS),
    ):
        assert read_moment(text, zone, style) == expected


def test_it_reads_the_days_of_a_report() -> None:
    expected = (date(2026, 5, 1), date(2026, 5, 8))
    for text in (
        "1 May 2026 - 8 May 2026",
        "May 1, 2026 – May 8, 2026",
        "1. Mai 2026 - 8. Mai 2026",
        "5/1/2026,5/8/2026",
    ):
        assert read_range(text, MONTH) == expected
    assert read_range("2026-05-01") == (date(2026, 5, 1), date(2026, 5, 1))
    for text in ("All time", "Search keyword report", "8 May 2026 - 1 May 2026", ""):
        assert read_range(text) is None


def test_it_refuses_a_zone_that_is_none() -> None:
    for zone in ("Mars/Base", "../etc/passwd", "", "America"):
        with pytest.raises(BadInput, match="time zone"):
            read_moment("2026-05-01 10:00", zone)
