"""What is usual for something that comes by itself: how long it is silent, and how often it goes wrong."""

from __future__ import annotations

from math import sqrt
from typing import Any

from django.db.models import QuerySet
from msgspec import Struct

from ringtrace.core.clock import DAY_MS, HOUR_MS
from ringtrace.reports.chance import p_at_least

WEEK_MS = 7 * DAY_MS
WEEKS = 4
_LEAST_EACH_WEEK = 3
_LEAST_MEAN = 12.0  # a Poisson count of this mean is 0 once in 160,000 times: less than one false alarm in a year
_LONGEST_LOOKED_AT_MS = 6 * DAY_MS  # so that no week before reaches into the silence itself
_SHORTEST_MS = HOUR_MS
_KNOWN_MS = 13 * WEEK_MS
_YOUNG_DAY = 20  # of one day, where there is no week before
_UNUSUAL = 0.0002
_LEAST_SEEN = 5


class Silence(Struct, frozen=True, kw_only=True):
    """`last_ms`: when the last came; `usual`: how many came in the same hours of the weeks before, on average."""

    last_ms: int
    usual: float


def unusual_silence(rows: QuerySet[Any], timed_by: str, now_ms: int) -> Silence | None:
    """Whether rows stopped coming, by their own rhythm.

    Compared is the time since the last one (at most six days of it) with the same hours of each of the four weeks
    before it. It is unusual where in every one of them at least 3 came, and surely 12 on average (two standard errors
    below their mean): a Poisson count of that mean is 0 once in 160,000 times, and every pause between two visits is
    looked at. What is younger than a week is compared with its last day, of which 20 are asked.
    """
    times = rows.filter(**{f"{timed_by}__gte": now_ms - _KNOWN_MS}).values_list(timed_by, flat=True)
    last_ms = times.order_by(f"-{timed_by}").first()
    if last_ms is None or now_ms - last_ms < _SHORTEST_MS:
        return None
    first_ms = times.order_by(timed_by).first() or last_ms
    length_ms = min(now_ms - last_ms, _LONGEST_LOOKED_AT_MS)
    weeks = min((last_ms - first_ms) // WEEK_MS, WEEKS)
    if weeks == 0:
        day = _between(rows, timed_by, last_ms - DAY_MS, last_ms)
        return Silence(last_ms=last_ms, usual=float(day)) if length_ms >= DAY_MS and day >= _YOUNG_DAY else None
    counts = []
    for nth in range(1, weeks + 1):
        began_ms = last_ms - nth * WEEK_MS
        counts.append(_between(rows, timed_by, began_ms, began_ms + length_ms))
        if counts[-1] < _LEAST_EACH_WEEK:
            return None
    total = sum(counts)
    is_sure = (total - 2 * sqrt(total)) / len(counts) >= _LEAST_MEAN
    return Silence(last_ms=last_ms, usual=total / len(counts)) if is_sure else None


def is_unusually_often(bad: int, seen: int, usual_bad: int, usual_seen: int) -> bool:
    """Whether so many of `seen` go wrong once in 5,000 times only, by the share that is usual and one standard error
    on top of it."""
    if seen < _LEAST_SEEN or usual_seen < _LEAST_SEEN * WEEKS:
        return False
    usual = (usual_bad + 1) / (usual_seen + 2)
    share = min(usual + sqrt(usual * (1 - usual) / usual_seen), 1.0)
    return bad / seen > share and p_at_least(bad, seen, share) < _UNUSUAL


def _between(rows: QuerySet[Any], timed_by: str, since_ms: int, until_ms: int) -> int:
    return rows.filter(**{f"{timed_by}__gt": since_ms, f"{timed_by}__lte": until_ms}).count()
