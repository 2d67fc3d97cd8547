"""Times, durations and amounts as call logs write them; sources by the names other systems give them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel
from ringtrace.intake.call_logs.cells import Cells, read_secs, read_value
from ringtrace.intake.call_logs.moments import read_moment
from ringtrace.intake.call_logs.port import LogChoices
from ringtrace.intake.call_logs.said_sources import SaidSource, source_of
from ringtrace.sources import Home

ZONE = "America/Los_Angeles"
FIRST, LAST = datetime(1971, 1, 1), datetime(2090, 1, 1)  # noqa: DTZ001
HALF_PAST_FOUR = datetime(2026, 7, 8, 16, 30, tzinfo=UTC)  # 9:30 in Los Angeles


@pytest.mark.parametrize(
    "text",
    [
        "2026-07-08 09:30",
        "2026-07-08T09:30:00",
        "2026-07-08T16:30:00Z",
        "2026-07-08T16:30:00.512Z",
        "2026-07-08T09:30:00-07:00",
        "2026-07-08 09:30:00 -0700",
        "2026-07-08 09:30 AM -07:00",
        "2026-07-08 16:30:00 UTC",
        "2026/07/08 09:30:00 PDT",
        "7/8/2026 9:30 AM",
        "07/08/26 9:30am",
        "07-08-2026 09:30:00",
        "Jul 8, 2026 9:30am",
        "July 8th, 2026 at 9:30 AM",
        "Wed, 08 Jul 2026 16:30:00 +0000",
        "Wednesday, July 8, 2026 9:30 a.m.",
        "8 Jul 2026 09:30",
        "1783528200",
        "1783528200000",
    ],
)
def test_it_reads_a_moment_however_it_is_written(text: str) -> None:
    assert read_moment(text, ZONE) // 1000 == int(HALF_PAST_FOUR.timestamp())


def test_it_reads_days_first_where_it_is_told_to() -> None:
    assert read_moment("8/7/2026 9:30", ZONE, day_first=True) == read_moment("7/8/2026 9:30", ZONE)
    with pytest.raises(BadInput) as caught:
        read_moment("31/7/2026 9:30", ZONE)
    assert "day comes first" in caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-01 09:00",
        "2026-02-30 09:00",
        "2026-07-08 25:00",
        "7/8/2026 13:00 PM",
        "2026-07-08 09:30 XYZ",
        "0001-01-01 00:00:00",
        "1970-12-31 23:59:59",
        "2201-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "000000000",
        "9999999999999",
    ],
)
def test_it_refuses_a_moment_that_is_none(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_moment(text, ZONE)
    assert caught.value.hint


def test_it_takes_the_first_of_an_hour_that_comes_twice_and_one_that_never_was() -> None:
    assert read_moment("2026-11-01 01:30", ZONE) == read_moment("2026-11-01 01:30 PDT", ZONE)
    assert read_moment("2026-03-08 02:30", ZONE) == read_moment("2026-03-08 02:30 PST", ZONE)


@given(
    st.datetimes(FIRST, LAST),
    st.sampled_from(["%Y-%m-%d %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%b %d, %Y %H:%M:%S"]),
)
def test_it_reads_back_what_is_written(at: datetime, form: str) -> None:
    at = at.replace(microsecond=0)
    assert read_moment(at.strftime(form), "UTC") == int(at.replace(tzinfo=UTC).timestamp()) * 1000


@given(st.text(max_size=40))
def test_it_reads_or_refuses_any_text(text: str) -> None:
    for read in (lambda: read_moment(text, ZONE), lambda: read_secs(text), lambda: read_value(text)):
        try:
            read()
        except BadInput:
            continue


@pytest.mark.parametrize(
    ("text", "secs"),
    [("125", 125), ("61.5", 61.5), ("2:05", 125), ("1:02:05", 3725), ("2m 5s", 125), ("1h 0m", 3600), ("45 sec", 45)],
)
def test_it_reads_a_duration(text: str, secs: float) -> None:
    assert read_secs(text) == secs


@pytest.mark.parametrize(
    ("text", "cents"), [("$4,200.50", 420050), ("1250", 125000), ("USD 12.5", 1250), ("0", None), ("$0.00", None)]
)
def test_it_reads_what_a_call_was_worth(text: str, cents: int | None) -> None:
    assert read_value(text) == cents
    for wrong in ("1.234,50 €", "-5", "(5.00)"):
        with pytest.raises(BadInput):
            read_value(wrong)


def said(source: SaidSource, **cells: str) -> tuple[Channel, str | None, str | None] | None:
    home = Home(hosts=frozenset({"www.example.com"}))
    found = source_of(source, Cells(cells, LogChoices(home=home)))
    return None if found is None else (found.channel, found.source, found.medium)


def test_it_knows_other_systems_names_for_sources() -> None:
    assert said(SaidSource(name="Google Ads")) == (Channel.PAID_SEARCH, "google", "cpc")
    assert said(SaidSource(name="Google Organic")) == (Channel.ORGANIC_SEARCH, "google", "organic")
    assert said(SaidSource(name="Google My Business")) == (Channel.ORGANIC_SEARCH, "google", "organic")
    assert said(SaidSource(name="Bing Ads")) == (Channel.PAID_SEARCH, "bing", "cpc")
    assert said(SaidSource(name="Facebook", medium="CPC")) == (Channel.PAID_SOCIAL, "facebook", "cpc")
    assert said(SaidSource(name="Direct")) == (Channel.DIRECT, "direct", "none")
    assert said(SaidSource(name="Billboard on 101")) == (Channel.UNASSIGNED, "billboard on 101", None)
    assert said(SaidSource(name="Unknown Source")) is None
    assert said(SaidSource()) is None


def test_it_believes_the_landing_pages_parameters_then_the_name_then_the_referrer() -> None:
    google, page = "https://www.google.com/", "https://www.example.com/a"
    tagged = f"{page}?utm_source=news&utm_medium=email"
    assert said(SaidSource(name="Google Ads", landing_url=tagged)) == (Channel.EMAIL, "news", "email")
    assert said(SaidSource(name="Google Ads", landing_url=page, referrer=google)) == (
        Channel.PAID_SEARCH,
        "google",
        "cpc",
    )
    assert said(SaidSource(landing_url=page, referrer=google)) == (Channel.ORGANIC_SEARCH, "google", "organic")
    assert said(SaidSource(landing_url="www.example.com/a")) == (Channel.DIRECT, "direct", "none")


def test_it_reads_click_ids_and_utm_from_columns_of_their_own() -> None:
    assert said(SaidSource(name="Website"), GCLID="abc") == (Channel.PAID_SEARCH, "google", "cpc")
    found = said(
        SaidSource(landing_url="https://www.example.com/a?utm_source=zine#top"), utm_source="y", utm_medium="email"
    )
    assert found == (Channel.EMAIL, "zine", "email")
