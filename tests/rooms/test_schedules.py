"""When a mailed report is due, in the company's own hours."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ringtrace.core.clock import ms_from_at
from ringtrace.web.models import Cadence, ReportSchedule
from ringtrace.web.schedules import next_due_ms


def _schedule(cadence: Cadence, **more: Any) -> ReportSchedule:
    return ReportSchedule(cadence=cadence, hour=7, **more)


@pytest.mark.parametrize(
    ("row", "after", "due"),
    [
        (_schedule(Cadence.DAILY), "2026-11-24T06:59", "2026-11-24T07:00"),
        (_schedule(Cadence.DAILY), "2026-11-24T07:00", "2026-11-25T07:00"),
        (_schedule(Cadence.WEEKLY, weekday=0), "2026-11-24T08:00", "2026-11-30T07:00"),
        (_schedule(Cadence.MONTHLY, month_day=1), "2026-12-01T07:00", "2027-01-01T07:00"),
        (_schedule(Cadence.MONTHLY, month_day=28), "2027-02-01T00:00", "2027-02-28T07:00"),
    ],
)
def test_it_is_due_at_the_companys_own_hour(row: ReportSchedule, after: str, due: str) -> None:
    zone = ZoneInfo("America/Los_Angeles")
    wanted = ms_from_at(datetime.fromisoformat(due).replace(tzinfo=zone))
    assert next_due_ms(row, zone, ms_from_at(datetime.fromisoformat(after).replace(tzinfo=zone))) == wanted


def test_it_is_due_once_a_day_where_the_clocks_change() -> None:
    zone = ZoneInfo("Europe/Berlin")
    row = ReportSchedule(cadence=Cadence.DAILY, hour=2)
    at_ms = ms_from_at(datetime(2026, 3, 27, 12, tzinfo=UTC))
    days = []
    for _ in range(4):
        at_ms = next_due_ms(row, zone, at_ms)
        days.append(datetime.fromtimestamp(at_ms / 1000, tz=zone).day)
    assert days == [28, 29, 30, 31]
    at_ms = ms_from_at(datetime(2026, 10, 24, 12, tzinfo=UTC))
    days = []
    for _ in range(3):
        at_ms = next_due_ms(row, zone, at_ms)
        days.append(datetime.fromtimestamp(at_ms / 1000, tz=zone).day)
    assert days == [25, 26, 27]
