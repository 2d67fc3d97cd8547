"""Life-time value and the grid of hours, against sums done by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ringtrace.core.errors import BadInput
from ringtrace.reports.by_hour import by_hour, hours_of
from ringtrace.reports.explore import Question
from ringtrace.reports.filters import read_filter
from ringtrace.reports.lifetime import LifeTime, lifetime
from tests.rooms.metric_lakes import (
    DAY,
    MODEL,
    ZONE,
    day_facts,
    email,
    google,
    nobody,
    outcome,
    published,
    response,
    scope_of,
)


def at(month: int, day: int, hour: int = 12) -> int:
    return round(datetime(2026, month, day, hour, tzinfo=ZoneInfo(ZONE)).timestamp()) * 1000


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """Ann comes by Google (0.6) or e-mail (0.4) in January, buys for 100 then, 50 in March, and is paid back 30 in May.

    Bo comes by Google in January, late on the last evening of the month, which is February in UTC, and never buys. Cy
    comes in February, by nobody knows what, and buys for 200 in March. Di came in December first.
    """
    ann = [google(p=0.6, linear=0.6), email(p=0.4, linear=0.4)]
    published(
        tmp_path,
        {
            "2025-12": {"credits": response("di-1", [email()], at_ms=at(1, 1) - 30 * 86_400_000, person="di")},
            "2026-01": {
                "credits": [
                    *response("ann-1", ann, at_ms=at(1, 10), person="ann"),
                    *response("di-2", [google()], at_ms=at(1, 11), person="di"),
                ],
                "conversions": [
                    outcome("s1", "sale", 10_000, at(1, 10), response_id="ann-1", response_ms=at(1, 10)),
                    outcome("s3", "refund", 3_000, at(5, 2), response_id="ann-1", response_ms=at(1, 10)),
                    outcome("s5", "sale", 77_700, at(1, 12), response_id="di-2", response_ms=at(1, 11)),
                    outcome("s6", "sale", None, at(1, 12), response_id="ann-1", response_ms=at(1, 10)),
                ],
            },
            "2026-02": {
                "credits": [
                    *response("bo-1", [google()], at_ms=at(1, 31, 23), person="bo"),
                    *response("cy-1", [nobody(1.0)], at_ms=at(2, 5)),
                ]
            },
            "2026-03": {
                "credits": response("ann-2", [email()], at_ms=at(3, 3), person="ann"),
                "conversions": [
                    outcome("s2", "sale", 5_000, at(3, 3), response_id="ann-2", response_ms=at(3, 3)),
                    outcome("s4", "sale", 20_000, at(3, 9), response_id="cy-1", response_ms=at(2, 5)),
                    outcome("s7", "sale", 100, at(3, 9), person="bo"),
                ],
            },
        },
    )
    return tmp_path


def asked(lake: Path, now_on: date = date(2026, 4, 10), months: int = 4) -> LifeTime:
    return lifetime(scope_of(lake, date(2026, 1, 1), date(2026, 2, 28)), now_on=now_on, model=MODEL, months=months)


def test_it_adds_up_what_people_were_worth_by_months_since_the_first(lake: Path) -> None:
    told = asked(lake)
    cohorts = {(one.month_on.month, one.channel): one for one in told.cohorts}
    assert {key: one.people for key, one in cohorts.items()} == pytest.approx(
        {(1, "Paid Search"): 1.6, (1, "Email"): 0.4, (2, None): 1}
    )
    assert list(cohorts[1, "Email"].value_cents) == pytest.approx([10_000, 10_000, 15_000, None])
    google_cents = [0.6 * 10_000, 0.6 * 10_000, 0.6 * 15_000 + 100]
    assert cohorts[1, "Paid Search"].value_cents[:3] == pytest.approx([cents / 1.6 for cents in google_cents])
    assert list(cohorts[2, None].value_cents) == pytest.approx([0, 20_000, None, None])
    assert told.channels[0].channel == "Paid Search"


def test_what_is_sold_or_paid_back_later_counts_in_the_whole(lake: Path) -> None:
    told = asked(lake, date(2026, 6, 1), months=2)
    mail = next(one for one in told.cohorts if one.channel == "Email")
    assert list(mail.value_cents) == pytest.approx([10_000, 10_000])
    assert mail.whole_cents == pytest.approx(12_000)


def test_cohorts_of_a_channel_are_taken_together_where_their_months_are_over(tmp_path: Path) -> None:
    published(
        tmp_path,
        {
            f"2026-{month:02}": {
                "credits": response(f"r{month}", [google()], at_ms=at(month, 5)),
                "conversions": [
                    outcome(f"s{month}", "sale", month * 1_000, at(month, 5), response_id=f"r{month}"),
                ],
            }
            for month in (1, 2, 3)
        },
    )
    told = lifetime(scope_of(tmp_path, date(2026, 1, 1), date(2026, 3, 31)), now_on=date(2026, 4, 1), months=4)
    assert told.channels[0].value_cents == pytest.approx((2_000, 1_500, 1_000, None))
    assert (told.channels[0].people, told.channels[0].whole_cents) == (3, 2_000)


def test_without_any_value_it_is_unknown_and_not_zero(tmp_path: Path) -> None:
    published(tmp_path, {"2026-01": {"credits": response("r", [google()], at_ms=at(1, 5))}})
    told = asked(tmp_path)
    assert (told.cohorts[0].people, told.cohorts[0].value_cents, told.cohorts[0].whole_cents) == (1, (None,) * 4, None)
    assert told.why
    assert asked(published(tmp_path, {"2026-01": {}})).cohorts == ()


def test_it_refuses_months_and_models_that_are_not_there(lake: Path) -> None:
    with pytest.raises(BadInput):
        asked(lake, months=37)
    with pytest.raises(BadInput):
        lifetime(scope_of(lake), now_on=DAY, model="nothing")


def test_it_lays_calls_out_by_hour_and_weekday(tmp_path: Path) -> None:
    published(tmp_path, {"2026-10": day_facts()})
    grid = by_hour(scope_of(tmp_path, DAY, date(2026, 10, 18)), Question(metrics=("calls",)))
    assert [len(row) for row in grid.rows] == [24] * 7
    assert (grid.rows[0][12].figure.value, grid.rows[0][12].hours) == (5, 2)
    assert (grid.rows[6][3].figure.value, grid.rows[6][3].hours, grid.total.value) == (0, 2, 5)
    rates = by_hour(scope_of(tmp_path), Question(metrics=("answer_rate",), filters=(read_filter("kind:call"),)))
    assert (rates.rows[0][12].figure.value, rates.rows[0][11].figure.value) == (0.4, None)
    assert rates.rows[0][11].figure.why


def test_a_day_of_23_hours_has_none_at_two(tmp_path: Path) -> None:
    spring, autumn = hours_of(scope_of(tmp_path, date(2026, 3, 8))), hours_of(scope_of(tmp_path, date(2026, 11, 1)))
    assert (spring[7, 2], spring[7, 3], sum(spring.values())) == (0, 1, 23)
    assert (autumn[7, 1], sum(autumn.values())) == (2, 25)
    assert at(3, 8, 3) == round(datetime(2026, 3, 8, 10, tzinfo=UTC).timestamp()) * 1000
