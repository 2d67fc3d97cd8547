"""The span of days a report is about, as it stands in the address of the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from msgspec import Struct

PRESETS = (7, 28, 90)
_USUAL_DAYS = 28
_MOST_DAYS = 731


class Span(Struct, frozen=True, kw_only=True):
    """`since_on` to `until_on`, both included. `preset`: its length if it was chosen by length, and ends today."""

    since_on: date
    until_on: date
    preset: int | None = None
    problem: str = ""

    @property
    def days(self) -> int:
        return (self.until_on - self.since_on).days + 1

    @property
    def before(self) -> Span:
        """The span of the same length just before."""
        until_on = self.since_on - timedelta(days=1)
        return Span(since_on=until_on - timedelta(days=self.days - 1), until_on=until_on)

    @property
    def dates(self) -> list[date]:
        return [self.since_on + timedelta(days=number) for number in range(self.days)]

    @property
    def query(self) -> str:
        if self.preset:
            return urlencode({"days": self.preset})
        return urlencode({"since": self.since_on.isoformat(), "until": self.until_on.isoformat()})


def last_days(days: int, today_on: date, problem: str = "") -> Span:
    return Span(since_on=today_on - timedelta(days=days - 1), until_on=today_on, preset=days, problem=problem)


def read_span(query: Mapping[str, str], today_on: date) -> Span:
    """`days=28`, or `since=2026-03-01&until=2026-03-31`. What cannot be read gives the last 28 days and says so."""
    if query.get("since") or query.get("until"):
        return _read_dates(query.get("since", ""), query.get("until", ""), today_on)
    wanted = query.get("days", "")
    days = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 4 else _USUAL_DAYS
    return last_days(days if days in PRESETS else _USUAL_DAYS, today_on)


def _read_dates(since: str, until: str, today_on: date) -> Span:
    try:
        since_on, until_on = date.fromisoformat(since), date.fromisoformat(until) if until else today_on
    except ValueError:
        return last_days(_USUAL_DAYS, today_on, "Those dates cannot be read; write them like 2026-03-31.")
    if since_on > until_on:
        return last_days(_USUAL_DAYS, today_on, "The first day comes after the last.")
    if (until_on - since_on).days >= _MOST_DAYS or since_on.year < 2000 or until_on.year > 2999:
        return last_days(_USUAL_DAYS, today_on, "Choose at most two years.")
    return Span(since_on=since_on, until_on=until_on)
