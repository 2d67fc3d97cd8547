"""What is a customer worth? Life-time value by cohort and channel."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from ringtrace.reports.asked import MadeOf
from ringtrace.reports.questions import DEFAULT_MODEL, Scope

MOST_MONTHS = 36


class Cohort(Struct, frozen=True, kw_only=True):
    """People whose first response was in the month of `month_on` (its first day), by the channel that brought it.

    `people`: by the credit of that first response, so parts of people; they sum to how many there are. `channel` None:
    unknown. `value_cents[k]`: revenue (sales less refunds) per person by the end of the k-th month after the first,
    added up; None while that month is not over. `whole_cents`: all of their revenue so far.
    """

    month_on: date
    channel: str | None
    people: float
    value_cents: tuple[float | None, ...]
    whole_cents: float


class LifeTime(Struct, frozen=True, kw_only=True):
    """`cohorts` by month and channel; `channels` the same over all months (`month_on`: the first of the span)."""

    cohorts: tuple[Cohort, ...]
    channels: tuple[Cohort, ...]
    months: int
    made: MadeOf


def lifetime(scope: Scope, *, now_on: date, model: str = DEFAULT_MODEL, months: int = 12) -> LifeTime:
    """People whose first response lies in the span, and what they were worth until `now_on`. Raises BadInput."""
    raise NotImplementedError
