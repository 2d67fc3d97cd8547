"""Pooled numbers that were copied somewhere: strangers call them although no visit was shown them.

Every number gets such calls now and then: from people who wrote it down and call days later, or who dialled wrong. A
number that stands in a listing gets them again and again, from somebody else each time. Counted is for each number how
many callers, who never called the company before, came unexplained: no visit held the number when they called (nor
within its rest), or another caller had used that visit's lease already. Held against it is how often that happens to
the company's other pooled numbers, by the tail of the Poisson distribution, over the last four and the last twelve
weeks: a busy listing is seen soon, a quiet one surely. The chance of a false alarm is 1 in 1,000 for each look at all
numbers and both spans together (Bonferroni).
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct

from ringtrace.core.clock import DAY_MS, SECOND_MS
from ringtrace.matching.params import DAY_SECS, DEFAULTS
from ringtrace.pools.sizing import poisson_tail
from ringtrace.web.models import CallRow, Company, LeaseRow, TrackingNumber

WATCHED_DAYS = (28, 84)
FALSE_ALARMS = 0.001
_FEWEST_CALLERS, _FEWEST_DAYS = 5, 3
_STILL_CALLED = 2  # callers within the shortest span: a listing that is gone is no alarm
_LONGEST_LEASE_MS = 3 * DAY_MS
_USUAL_DAYS = 1 / (DEFAULTS.background_per_sec * DAY_SECS)  # between two calls that no visit led to


class Pasted(Struct, frozen=True, kw_only=True):
    """A number that is thought to stand somewhere. `callers` came unexplained, where `expected` would have by
    themselves; `p_chance`: how likely so many or more are by chance; `calls`: ids, the newest first."""

    number_id: str
    e164: str
    pool_name: str
    callers: int
    expected: float
    p_chance: float
    days: int
    watched_days: int
    first_ms: int
    last_ms: int
    calls: tuple[str, ...]

    @property
    def once_in(self) -> float:
        return 1 / max(self.p_chance, 1e-12)


class _Call(NamedTuple):
    call_id: str
    started_ms: int
    caller: str
    is_stranger: bool


class _Lease(NamedTuple):
    from_ms: int
    until_ms: int


class _Tally(NamedTuple):
    """What came unexplained to one number, of how many days."""

    number: TrackingNumber
    calls: list[_Call]
    watched_days: float

    @property
    def callers(self) -> int:
        return len({call.caller for call in self.calls})

    @property
    def days(self) -> int:
        return len({call.started_ms // DAY_MS for call in self.calls})


def pasted_numbers(company: Company, now_ms: int) -> list[Pasted]:
    """The company's pooled numbers that strangers call again and again, the surest first."""
    spans = [_tallies(company, days, now_ms) for days in WATCHED_DAYS]
    still = {tally.number.pk for tally in spans[0] if tally.callers >= _STILL_CALLED}
    surest: dict[str, Pasted] = {}
    for days, tallies in zip(WATCHED_DAYS, spans, strict=True):
        for one in _alarms(tallies, days):
            before = surest.get(one.number_id)
            if one.number_id in still and (before is None or one.p_chance < before.p_chance):
                surest[one.number_id] = one
    return sorted(surest.values(), key=lambda one: one.p_chance)


def _alarms(tallies: Sequence[_Tally], span_days: int) -> Iterator[Pasted]:
    callers = sum(tally.callers for tally in tallies)
    days = sum(tally.watched_days for tally in tallies)
    for tally in tallies:
        if tally.callers < _FEWEST_CALLERS or tally.days < _FEWEST_DAYS:
            continue
        per_day = (callers - tally.callers + 1) / (days - tally.watched_days + _USUAL_DAYS)
        expected = per_day * tally.watched_days
        p_chance = poisson_tail(tally.callers, expected)
        if p_chance * len(tallies) * len(WATCHED_DAYS) < FALSE_ALARMS:
            yield _pasted(tally, expected, p_chance, span_days)


def _pasted(tally: _Tally, expected: float, p_chance: float, span_days: int) -> Pasted:
    times_ms = [call.started_ms for call in tally.calls]
    return Pasted(
        number_id=tally.number.pk,
        e164=tally.number.e164,
        pool_name=tally.number.pool.name if tally.number.pool else "",
        callers=tally.callers,
        expected=expected,
        p_chance=p_chance,
        days=tally.days,
        watched_days=span_days,
        first_ms=min(times_ms),
        last_ms=max(times_ms),
        calls=tuple(call.call_id for call in reversed(tally.calls)),
    )


def _tallies(company: Company, days: int, now_ms: int) -> list[_Tally]:
    since_ms = now_ms - days * DAY_MS
    numbers = list(TrackingNumber.objects.filter(company=company, pool__isnull=False).select_related("pool"))
    calls = _calls(company, numbers, since_ms, now_ms)
    leases = _leases(company, since_ms, now_ms)
    return [
        _tally(number, calls.get(number.pk, ()), leases.get(number.e164, ()), since_ms, now_ms) for number in numbers
    ]


def _tally(
    number: TrackingNumber, calls: Sequence[_Call], leases: Sequence[_Lease], since_ms: int, now_ms: int
) -> _Tally:
    rest_ms = number.pool.cooldown_secs * SECOND_MS if number.pool else 0
    seen_ms = min([now_ms, *(call.started_ms for call in calls[:1]), *(lease.from_ms for lease in leases[:1])])
    watched_days = (now_ms - max(since_ms, seen_ms)) / DAY_MS
    unexplained = [call for call in _unexplained(calls, leases, rest_ms) if call.is_stranger]
    return _Tally(number, unexplained, watched_days)


def _unexplained(calls: Iterable[_Call], leases: Sequence[_Lease], rest_ms: int) -> Iterable[_Call]:
    """In order of time. A lease explains its first caller, however often that one calls."""
    starts = [lease.from_ms for lease in leases]
    used: dict[int, str] = {}
    for call in calls:
        nth = bisect_right(starts, call.started_ms) - 1
        is_held = nth >= 0 and call.started_ms <= leases[nth].until_ms + rest_ms
        if not is_held or used.setdefault(nth, call.caller) != call.caller:
            yield call


def _calls(
    company: Company, numbers: Iterable[TrackingNumber], since_ms: int, now_ms: int
) -> Mapping[str, list[_Call]]:
    """By number, the oldest first; what is spam says nothing."""
    rows = CallRow.objects.filter(
        company=company,
        number__in=[number.pk for number in numbers],
        started_ms__gte=since_ms,
        started_ms__lte=now_ms,
        is_spam=False,
    )
    found: defaultdict[str, list[_Call]] = defaultdict(list)
    columns = ("number_id", "pk", "started_ms", "caller_hash", "is_first_call")
    for number_id, call_id, started_ms, caller, is_first in rows.order_by("started_ms").values_list(*columns):
        known_as = caller or f"withheld on {started_ms // DAY_MS}"  # nobody can tell them apart: one a day
        call = _Call(call_id, started_ms, known_as, is_stranger=is_first is not False)
        found[number_id].append(call)
    return found


def _leases(company: Company, since_ms: int, now_ms: int) -> Mapping[str, list[_Lease]]:
    """By number, the oldest first."""
    rows = LeaseRow.objects.filter(company=company, from_ms__gte=since_ms - _LONGEST_LEASE_MS, from_ms__lte=now_ms)
    found: defaultdict[str, list[_Lease]] = defaultdict(list)
    for e164, from_ms, until_ms in rows.order_by("from_ms").values_list("e164", "from_ms", "until_ms"):
        found[e164].append(_Lease(from_ms, until_ms))
    return found
