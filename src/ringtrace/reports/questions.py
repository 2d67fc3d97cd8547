"""What a question is asked about: one company, a span of days, a model of credit."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from ringtrace.attribution.registry import DEFAULT_MODEL, find_model
from ringtrace.core.clock import ms_from_at
from ringtrace.core.errors import BadInput
from ringtrace.lake.home import LakeHome
from ringtrace.lake.reader import LakeReader

__all__ = ["DEFAULT_MODEL", "Made", "Scope", "made_of", "rate"]

_LONGEST_DAYS = 3_700


class Scope(Struct, frozen=True, kw_only=True):
    """`since_on` and `until_on` are days in `time_zone`, both included. `lake`: where it is, a folder or more."""

    lake: Path | LakeHome
    company_id: str
    time_zone: str
    since_on: date
    until_on: date

    def __post_init__(self) -> None:
        if self.until_on < self.since_on:
            raise BadInput("The last day is before the first.", hint="Swap the two dates.")
        if self.days > _LONGEST_DAYS:
            raise BadInput("That is more than ten years.", hint="Choose a shorter span.")

    @property
    def days(self) -> int:
        return (self.until_on - self.since_on).days + 1

    @property
    def since_ms(self) -> int:
        return self.day_starts_ms(self.since_on)

    @property
    def until_ms(self) -> int:
        """The first moment after the span."""
        return self.day_starts_ms(self.until_on + timedelta(days=1))

    def day_starts_ms(self, on: date) -> int:
        """Midnight in the company's zone: days of 23 and 25 hours come out right."""
        return ms_from_at(datetime.combine(on, time(), ZoneInfo(self.time_zone)))

    def before(self) -> Scope:
        """The span of the same length just before."""
        days = timedelta(days=self.days)
        return msgspec.structs.replace(self, since_on=self.since_on - days, until_on=self.until_on - days)

    def months(self) -> frozenset[str]:
        """The UTC months that this span touches."""
        first = datetime.fromtimestamp(self.since_ms / 1000, tz=UTC)
        last = datetime.fromtimestamp((self.until_ms - 1) / 1000, tz=UTC)
        count = (last.year - first.year) * 12 + last.month - first.month
        months = ((first.year * 12 + first.month - 1 + step) for step in range(count + 1))
        spans_utc = {f"{month // 12}-{month % 12 + 1:02d}" for month in months}
        return frozenset(spans_utc | {f"{self.since_on:%Y-%m}", f"{self.until_on:%Y-%m}"})


class Made(Struct, frozen=True, kw_only=True):
    """What an answer was made from, so that it can be made again."""

    data_version: str
    definitions: str | None = None
    model: str | None = None
    params: str | None = None


def made_of(lake: LakeReader, model: str) -> Made:
    return Made(
        data_version=lake.data_version,
        definitions=lake.definitions or None,
        model=model,
        params=find_model(model).params,
    )


def rate(part: float, whole: float) -> float | None:
    """None where there is nothing to divide by: unknown is not zero."""
    return part / whole if whole else None
