"""Reports against sums done by hand, on a lake small enough to read."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from ringtrace.attribution.registry import LAKE_LEARNERS
from ringtrace.core.clock import DAY_MS, HOUR_MS
from ringtrace.core.errors import BadInput
from ringtrace.lake.draft import Facts
from ringtrace.lake.home import read_manifest
from ringtrace.lake.schemas import (
    CALL_TRAITS,
    CENTS,
    COUNTED,
    MODEL_COLUMNS,
    CallFact,
    ConversionFact,
    CreditFact,
    FitFact,
    SpendFact,
    TouchpointFact,
)
from ringtrace.lake.writer import LakeWriter
from ringtrace.reports.by_source import SourceLine, Thin, by_source
from ringtrace.reports.overview import overview
from ringtrace.reports.questions import Scope

COMPANY = "company"
ZONE = "America/Los_Angeles"
MODEL = "last_touch"


def scope(lake_dir: Path, since: date, until: date, zone: str = ZONE) -> Scope:
    return Scope(lake=lake_dir, company_id=COMPANY, time_zone=zone, since_on=since, until_on=until)


DAY = date(2026, 10, 5)
SOLD: dict[str, Any] = {
    "status": "answered",
    "is_first_call": True,
    "p_known": 0.9,
    "sales": 1,
    "leads": 1,
    "sale_cents": 50_000,
}
MISSED: dict[str, Any] = {"status": "missed", "is_first_call": False, "p_known": 0.7}
NOON_MS = Scope(lake=Path(), company_id=COMPANY, time_zone=ZONE, since_on=DAY, until_on=DAY).since_ms + 12 * HOUR_MS


def touchpoint(visit: str, source: str, medium: str, campaign: str | None, at_ms: int = NOON_MS) -> TouchpointFact:
    return TouchpointFact(
        company_id=COMPANY,
        touch_id=visit,
        kind="visit",
        visit_id=visit,
        visitor_id=f"of {visit}",
        at_ms=at_ms,
        channel="Paid Search" if medium == "cpc" else "Direct",
        source=source,
        medium=medium,
        campaign=campaign,
        ad_group=None,
        keyword=None,
        content=None,
        landing_page="/",
        referrer_host=None,
        device="mobile",
        region=None,
    )


def call(name: str, status: str = "answered", *, first: bool = True, at_ms: int = NOON_MS, p: float = 0.9) -> CallFact:
    return CallFact(
        company_id=COMPANY,
        call_id=name,
        number_id="num",
        started_ms=at_ms,
        status=status,
        ring_secs=3.0,
        talk_secs=60.0,
        caller_hash=name,
        is_first_call=first,
        attributed_by="visit",
        visit_id=None,
        p_known=p,
    )


def share(name: str, source: str | None, campaign: str | None, part: float, at_ms: int = NOON_MS, **by: Any) -> Struct:
    """A row of credit: `part` by every rule, by data-driven models what `by` says."""
    nothing = dict.fromkeys(("touch_id", "visit_id", "touch_ms", "ad_group", "keyword", "content", "landing_page"))
    nothing |= dict.fromkeys(("referrer_host", "device", "region", "position", "length"))
    models = dict.fromkeys(MODEL_COLUMNS, part) | dict.fromkeys(LAKE_LEARNERS)
    return CreditFact(
        company_id=COMPANY,
        response_id=name,
        kind=by.pop("kind", "call"),
        at_ms=at_ms,
        channel=by.pop("channel", None if source is None else "Paid Search" if source == "google" else "Direct"),
        source=source,
        medium=None if source is None else "cpc" if source == "google" else "none",
        campaign=campaign,
        p=part,
        reason="unknown" if source is None else None,
        head=by.pop("head", False),
        **{trait: by.pop(trait) for trait in (*CALL_TRAITS, *COUNTED, *CENTS) if trait in by},
        **nothing,
        **models | by,
    )


def sale(name: str, cents: int | None, outcome: str = "sale") -> ConversionFact:
    return ConversionFact(
        company_id=COMPANY,
        conversion_id=f"{outcome} of {name}",
        kind=outcome,
        response_id=name,
        call_id=name,
        at_ms=NOON_MS,
        response_ms=NOON_MS,
        value_cents=cents,
        definition=None,
    )


def spend(cents: int, campaign: str | None = "emergency", on: date = DAY) -> SpendFact:
    return SpendFact(company_id=COMPANY, on_date=on, source="google", medium="cpc", campaign=campaign, cost_cents=cents)


@pytest.fixture
def lake_dir(tmp_path: Path) -> Path:
    """Two calls: A is 0.8 google, 0.2 unknown, sold for $500; B is 0.5 google, 0.5 direct, missed."""
    facts: Facts = {
        "touchpoints": [
            touchpoint("v1", "google", "cpc", "emergency"),
            touchpoint("v2", "google", "cpc", "emergency"),
            touchpoint("v3", "direct", "none", None),
        ],
        "calls": [call("A"), call("B", "missed", first=False, p=0.7)],
        "credits": [
            share("A", "google", "emergency", 0.8, head=True, **SOLD),
            share("A", None, None, 0.2, **SOLD),
            share("B", "google", "emergency", 0.5, head=True, **MISSED),
            share("B", "direct", None, 0.5, **MISSED),
            share("a form", "google", "emergency", 1.0, kind="form", head=True),
        ],
        "conversions": [sale("A", 50_000), sale("A", None, "lead")],
        "spend": [spend(2_600), spend(999, "quiet")],
    }
    LakeWriter(tmp_path).publish({(COMPANY, "2026-10"): facts}, 1, definitions="as it was")
    return tmp_path


def line(lake_dir: Path, source: str | None, campaign: str | None = None) -> SourceLine:
    lines = by_source(scope(lake_dir, DAY, DAY), MODEL).lines
    return next(one for one in lines if (one.source, one.campaign) == (source, campaign))


def test_it_adds_up_credit_by_source_and_campaign(lake_dir: Path) -> None:
    google = line(lake_dir, "google", "emergency")
    assert (google.visits, google.calls, google.answered, google.first_calls) == pytest.approx((2, 1.3, 0.8, 0.8))
    assert (google.sales, google.revenue_cents) == pytest.approx((0.8, 40_000))
    assert (google.cost_cents, google.cost_per_call_cents) == pytest.approx((2_600, 2_000))
    assert google.roas == pytest.approx(40_000 / 2_600)


def test_it_reports_the_unknown_as_unknown_and_last(lake_dir: Path) -> None:
    last = by_source(scope(lake_dir, DAY, DAY), MODEL).lines[-1]
    assert last.unknown
    assert (last.calls, last.revenue_cents) == pytest.approx((0.2, 10_000))


def test_it_does_not_call_missing_spend_zero(lake_dir: Path) -> None:
    direct = line(lake_dir, "direct")
    assert (direct.cost_cents, direct.cost_per_call_cents, direct.roas) == (None, None, None)


def test_it_lists_spend_that_brought_nothing(lake_dir: Path) -> None:
    quiet = line(lake_dir, "google", "quiet")
    assert (quiet.calls, quiet.cost_cents, quiet.cost_per_call_cents) == (0, 999, None)


def test_it_loses_no_call_and_no_cent_between_the_lines(lake_dir: Path) -> None:
    lines = by_source(scope(lake_dir, DAY, DAY), MODEL).lines
    assert sum(one.calls for one in lines) == pytest.approx(2)
    assert sum(one.revenue_cents or 0 for one in lines) == pytest.approx(50_000)
    assert sum(one.cost_cents or 0 for one in lines) == 3_599


def test_it_says_what_it_was_made_from(lake_dir: Path) -> None:
    made = by_source(scope(lake_dir, DAY, DAY), MODEL).made
    assert (made.model, made.params, made.definitions) == (MODEL, "{}", "as it was")
    assert made.data_version == read_manifest(lake_dir).data_version != ""


def test_it_totals_calls_and_compares_with_the_span_before(lake_dir: Path) -> None:
    answer = overview(scope(lake_dir, DAY, DAY), MODEL)
    now = answer.now
    assert (now.visits, now.calls, now.answered, now.missed, now.first_calls, now.sales) == (3, 2, 1, 1, 1, 1)
    assert (now.answer_rate, now.matched_p) == pytest.approx((0.5, 0.8))
    assert (now.revenue_cents, now.cost_cents, now.cost_per_call_cents) == (50_000, 3_599, 1_799.5)
    before = answer.before
    assert (before.calls, before.answer_rate, before.revenue_cents, before.cost_cents) == (0, None, None, None)
    assert {(cell.channel, round(cell.calls, 3)) for cell in answer.days} == {
        ("Paid Search", 1.3),
        ("Direct", 0.5),
        (None, 0.2),
    }


@pytest.mark.parametrize(("on", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 7, 1), 24)])
def test_it_cuts_days_in_the_company_zone_whatever_the_clocks_do(tmp_path: Path, on: date, hours: int) -> None:
    asked = scope(tmp_path, on, on)
    assert asked.until_ms - asked.since_ms == hours * HOUR_MS
    inside, outside = asked.until_ms - 1, asked.until_ms
    facts: Facts = {
        "calls": [call("in", at_ms=inside), call("out", at_ms=outside)],
        "credits": [
            share("in", "google", "x", 1.0, inside, head=True),
            share("out", "google", "x", 1.0, outside, head=True),
        ],
    }
    months: dict[tuple[str, str], Facts] = {
        (COMPANY, month): facts if month == min(asked.months()) else {} for month in asked.months()
    }
    LakeWriter(tmp_path).publish(months, 1)
    answer = overview(asked, MODEL)
    assert answer.now.calls == 1
    assert [(cell.on_date, cell.calls) for cell in answer.days] == [(on, 1.0)]


def test_it_looks_into_the_utc_months_that_a_local_day_reaches(tmp_path: Path) -> None:
    last = scope(tmp_path, date(2026, 10, 31), date(2026, 10, 31))
    assert last.months() == {"2026-10", "2026-11"}
    first = scope(tmp_path, date(2026, 11, 1), date(2026, 11, 1), "Asia/Tokyo")
    assert first.months() == {"2026-10", "2026-11"}
    year = scope(tmp_path, date(2025, 12, 1), date(2026, 2, 28))
    assert {"2025-12", "2026-01", "2026-02", "2026-03"} == year.months()


def test_it_finds_the_spend_of_a_local_day_that_utc_has_in_another_month(tmp_path: Path) -> None:
    last_of_october = date(2026, 10, 31)
    LakeWriter(tmp_path).publish({(COMPANY, "2026-10"): {"spend": [spend(700, on=last_of_october)]}}, 1)
    evening = scope(tmp_path, last_of_october, last_of_october, "Pacific/Kiritimati")  # 14 hours ahead of UTC
    assert overview(evening, MODEL).now.cost_cents == 700
    LakeWriter(tmp_path).publish({(COMPANY, "2026-11"): {"spend": [spend(900, on=date(2026, 11, 1))]}}, 1)
    first = scope(tmp_path, date(2026, 11, 1), date(2026, 11, 1), "Pacific/Kiritimati")
    assert overview(first, MODEL).now.cost_cents == 900


def test_it_refuses_a_span_that_ends_before_it_begins(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="before the first"):
        scope(tmp_path, date(2026, 2, 2), date(2026, 2, 1))


def test_it_does_not_double_spend_that_two_channels_share(tmp_path: Path) -> None:
    facts: Facts = {
        "calls": [call("A"), call("B")],
        "credits": [
            share("A", "google", "emergency", 1.0),
            share("B", "google", "emergency", 1.0, channel="Display"),
        ],
        "spend": [spend(1_000)],
    }
    LakeWriter(tmp_path).publish({(COMPANY, "2026-10"): facts}, 1)
    lines = by_source(scope(tmp_path, DAY, DAY), MODEL).lines
    assert sorted((one.cost_cents or 0) for one in lines) == [0, 1_000]


def test_months_that_are_too_thin_for_a_model_are_said_and_no_zeros(tmp_path: Path) -> None:
    """A is of October, where markov was fitted; B of November, where it was not. Neither is lost."""
    later_ms = NOON_MS + 30 * DAY_MS
    thin = FitFact(company_id=COMPANY, model="markov", params="{}", player=None, effect=None, reason="12 are too few.")
    months: dict[tuple[str, str], Facts] = {
        (COMPANY, "2026-10"): {
            "calls": [call("A")],
            "credits": [
                share("A", "google", "emergency", 0.6, markov=0.5),
                share("A", "direct", None, 0.4, markov=0.5),
            ],
        },
        (COMPANY, "2026-11"): {
            "calls": [call("B", at_ms=later_ms)],
            "credits": [
                share("B", "google", "emergency", 0.9, later_ms),
                share("B", None, None, 0.1, later_ms),
            ],
            "fits": [thin],
        },
    }
    LakeWriter(tmp_path).publish(months, 1)
    asked = scope(tmp_path, DAY, date(2026, 11, 30))
    answer = by_source(asked, "markov")
    assert [(one.source, one.thin, one.calls) for one in answer.lines] == [
        ("direct", False, 0.5),
        ("google", False, 0.5),
        (None, True, 1.0),
    ]
    assert answer.thin == (Thin(month="2026-11", reason="12 are too few."),)
    assert by_source(asked, "last_touch").thin == ()
    days = overview(asked, "markov").days
    assert sum(one.calls for one in days) == 2
    assert [one.calls for one in days if one.channel is None] == [1]


def test_it_takes_no_model_that_the_lake_does_not_keep(lake_dir: Path) -> None:
    for model in ("markov_4", 'p" --', ""):
        with pytest.raises(BadInput):
            by_source(scope(lake_dir, DAY, DAY), model)
