"""How a pool was used, how often visits found no number, and how many numbers it needs.

Everything is of the last 28 days and of the pool's own visits: how many came, and how long each would take a number
with the hold and the rest that are set today.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Sum
from msgspec import Struct

from ringtrace.core.clock import DAY_MS, HOUR_MS, SECOND_MS, at_from_ms
from ringtrace.core.refusals import Refusal
from ringtrace.core.sources import Source
from ringtrace.pools.choice import Visited, fits
from ringtrace.pools.occupancy import Hour, taken_by_hour
from ringtrace.pools.sizing import blocking, busy_hour_arrivals, load_of, numbers_needed, replay
from ringtrace.web.models import LeaseRow, Pool, RefusalRow, VisitRow
from ringtrace.wire.directory import When

USE_DAYS = 28
USUAL_TARGET = 0.01
_FEW_VISITS, _FEW_DAYS = 100, 7
_SHADES = 5
_LONGEST_LEASE_MS = 3 * DAY_MS  # one that is renewed and called; what began earlier is over by then
_CALLED_SLACK_MS = 2 * SECOND_MS
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Taken(NamedTuple):
    """One visit's time with a number, without the rest after it."""

    from_ms: int
    hold_ms: int


class Cell(Struct, frozen=True, kw_only=True):
    """An hour of a weekday: numbers taken on average and at most, and visits that found none. `shade`: 0 to 5, of how
    full the pool was at most."""

    mean: float
    peak: int
    lost: int
    shade: int


class Line(Struct, frozen=True, kw_only=True):
    """What a number of numbers would do: by the formula at the busy hour, and replayed over all 28 days."""

    numbers: int
    formula: float
    replayed: float | None
    is_now: bool = False
    is_advice: bool = False


class Advice(Struct, frozen=True, kw_only=True):
    """How many numbers do for `target`, and what that comes from. `too_few`: why to believe little of it; "" if not."""

    target: float
    visits: int
    days: int
    busy_arrivals: int
    taken_secs: float
    load: float
    needed: int
    lines: tuple[Line, ...]
    too_few: str = ""

    @property
    def now(self) -> Line:
        return next(line for line in self.lines if line.is_now)

    @property
    def then(self) -> Line:
        return next(line for line in self.lines if line.is_advice)


class PoolUse(Struct, frozen=True, kw_only=True):
    """`advice` None: no visit was shown a number of the pool in these days. `lost`: visits that found none free."""

    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    peak: int
    visits: int
    lost: int
    lost_at: tuple[tuple[int, int], ...]
    advice: Advice | None


def use_of(
    pool: Pool, zone: ZoneInfo, now_ms: int, *, target: float = USUAL_TARGET, hold_secs: int | None = None
) -> PoolUse:
    """`hold_secs`: another hold than the pool's, to see what it would take. Raises BadInput for an odd target."""
    since_ms = now_ms - USE_DAYS * DAY_MS
    leases = leases_of(pool, since_ms)
    empty = _empty_hours(pool, since_ms)
    lost_ms = _lost_visits(pool, empty)
    numbers = pool.numbers.count()
    rest_ms = pool.cooldown_secs * SECOND_MS
    spans = [(lease.from_ms, lease.until_ms + rest_ms) for lease in leases]
    hours = list(taken_by_hour(spans, _first_hour(since_ms), now_ms))
    hold_ms = (pool.hold_secs if hold_secs is None else hold_secs) * SECOND_MS
    recent = [lease for lease in leases if lease.from_ms >= since_ms]
    taken = [_taken(lease, pool.hold_secs * SECOND_MS, hold_ms) for lease in recent]
    return PoolUse(
        rows=_grid(hours, lost_ms, zone, numbers),
        peak=max((hour.peak for hour in hours), default=0),
        visits=len(recent) + len(lost_ms),
        lost=len(lost_ms),
        lost_at=_lost_at(lost_ms, zone),
        advice=advise(taken, lost_ms, numbers, rest_ms, target, zone),
    )


class Lease(NamedTuple):
    from_ms: int
    until_ms: int
    last_seen_ms: int


def leases_of(pool: Pool, since_ms: int) -> list[Lease]:
    """Those of a pool that a moment of these days belonged to, the oldest first."""
    rows = LeaseRow.objects.filter(
        company=pool.site.company_id, from_ms__gte=since_ms - _LONGEST_LEASE_MS, pool_id=pool.pk, until_ms__gte=since_ms
    )
    return [Lease(*row) for row in rows.order_by("from_ms").values_list("from_ms", "until_ms", "last_seen_ms")]


def _taken(lease: Lease, old_hold_ms: int, hold_ms: int) -> Taken:
    """As it would be with this hold: a number that was called stays as long as it did."""
    lived_ms = lease.last_seen_ms - lease.from_ms
    kept_ms = lease.until_ms - lease.from_ms
    was_called = kept_ms - lived_ms > old_hold_ms + _CALLED_SLACK_MS
    return Taken(lease.from_ms, max(kept_ms, lived_ms + hold_ms) if was_called else lived_ms + hold_ms)


def advise(
    taken: Sequence[Taken],
    lost_ms: Sequence[int],
    numbers: int,
    rest_ms: int,
    target: float,
    zone: ZoneInfo,
) -> Advice | None:
    """From the visits that had a number and those that found none; the latter take as long as the others on average."""
    if not taken:
        return None
    mean_ms = sum(one.hold_ms for one in taken) / len(taken)
    offered = sorted([*taken, *(Taken(at_ms, round(mean_ms)) for at_ms in lost_ms)])
    arrivals = [one.from_ms for one in offered]
    busy, secs = busy_hour_arrivals(arrivals), (mean_ms + rest_ms) / SECOND_MS
    load = load_of(busy, secs)
    needed = numbers_needed(load, target)
    wanted = sorted({numbers, needed, numbers_needed(load, USUAL_TARGET)})
    days = len({at_from_ms(at_ms).astimezone(zone).date() for at_ms in arrivals})
    return Advice(
        target=target,
        visits=len(arrivals),
        days=days,
        busy_arrivals=busy,
        taken_secs=secs,
        load=load,
        needed=needed,
        lines=tuple(
            Line(
                numbers=many,
                formula=blocking(load, many),
                replayed=replay(arrivals, [one.hold_ms for one in offered], many, rest_ms),
                is_now=many == numbers,
                is_advice=many == needed,
            )
            for many in wanted
        ),
        too_few=_too_few(len(arrivals), days),
    )


def _too_few(visits: int, days: int) -> str:
    if visits >= _FEW_VISITS and days >= _FEW_DAYS:
        return ""
    said = f"There are few visits to go by yet: {visits} in all, on {days} of the last {USE_DAYS} days."
    return f"{said} Look again after {_FEW_DAYS} days and {_FEW_VISITS} visits."


def _empty_hours(pool: Pool, since_ms: int) -> list[int]:
    """The hours in which somebody on the pool's site found no number free."""
    rows = RefusalRow.objects.filter(
        company_key=pool.site.company_id,
        site_key=pool.site_id,
        hour_ms__gte=since_ms - HOUR_MS,
        reason=Refusal.POOL_EMPTY.value,
    )
    counted = rows.values_list("hour_ms").annotate(times=Sum("count")).order_by("hour_ms")
    return [hour_ms for hour_ms, times in counted if times]


def _lost_visits(pool: Pool, empty: Sequence[int]) -> list[int]:
    """When visits that fit the pool's rule began in such an hour and got no number of any pool."""
    if not empty:
        return []
    when = msgspec.convert(pool.when, When)
    visits = VisitRow.objects.filter(
        company=pool.site.company_id,
        started_ms__gte=empty[0] // HOUR_MS * HOUR_MS,
        started_ms__lt=empty[-1] // HOUR_MS * HOUR_MS + HOUR_MS,
        site=pool.site_id,
        leases__isnull=True,
    )
    hours = {hour_ms // HOUR_MS for hour_ms in empty}
    return sorted(
        visit.started_ms
        for visit in visits.only("started_ms", "source", "region", "device").iterator()
        if visit.started_ms // HOUR_MS in hours and fits(when, _visited(visit))
    )


def _visited(visit: VisitRow) -> Visited:
    return Visited(msgspec.convert(visit.source, Source), visit.region or None, visit.device)


def _first_hour(since_ms: int) -> int:
    return -(-since_ms // HOUR_MS) * HOUR_MS


def _grid(
    hours: Iterable[Hour], lost_ms: Iterable[int], zone: ZoneInfo, numbers: int
) -> tuple[tuple[str, tuple[Cell, ...]], ...]:
    """Monday to Sunday, each hour of the day in the company's own zone."""
    found: defaultdict[tuple[int, int], list[Hour]] = defaultdict(list)
    lost: defaultdict[tuple[int, int], int] = defaultdict(int)
    for hour in hours:
        found[_when(hour.from_ms, zone)].append(hour)
    for at_ms in lost_ms:
        lost[_when(at_ms, zone)] += 1
    return tuple(
        (name, tuple(_cell(found[day, hour], lost[day, hour], numbers) for hour in range(24)))
        for day, name in enumerate(_WEEKDAYS)
    )


def _cell(hours: Sequence[Hour], lost: int, numbers: int) -> Cell:
    peak = max((hour.peak for hour in hours), default=0)
    mean = sum(hour.mean for hour in hours) / len(hours) if hours else 0.0
    return Cell(mean=mean, peak=peak, lost=lost, shade=_shade(peak, numbers))


def _shade(peak: int, numbers: int) -> int:
    if not peak:
        return 0
    edges = [numbers * step / _SHADES for step in range(1, _SHADES)]
    return 1 + bisect_left(edges, peak) if numbers else _SHADES


def _when(ms: int, zone: ZoneInfo) -> tuple[int, int]:
    local = at_from_ms(ms).astimezone(zone)
    return local.weekday(), local.hour


def _lost_at(lost_ms: Iterable[int], zone: ZoneInfo) -> tuple[tuple[int, int], ...]:
    """Visits that found none, by hour of the day; the hours without one left out."""
    counts: defaultdict[int, int] = defaultdict(int)
    for at_ms in lost_ms:
        counts[_when(at_ms, zone)[1]] += 1
    return tuple(sorted(counts.items()))
