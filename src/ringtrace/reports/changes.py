"""What changed most between two spans, and why: the change of a total, shared out over the values of each dimension."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from math import sqrt
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from ringtrace.core.clock import at_from_ms
from ringtrace.core.errors import BadInput
from ringtrace.lake.reader import LakeReader, credit_column, read_steadily
from ringtrace.qualification.definitions import DEFAULT as DEFAULT_DEFINITION
from ringtrace.qualification.definitions import Definition
from ringtrace.reports.asked import Compare, Question, Span
from ringtrace.reports.chance import bunching, p_of_difference, p_of_z
from ringtrace.reports.dimensions import DimensionValue
from ringtrace.reports.explore import compared as compared_scope
from ringtrace.reports.filters import Filter, Operation
from ringtrace.reports.metrics.metric import Unit
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.questions import DEFAULT_MODEL, Made, Scope, made_of
from ringtrace.reports.tallies import Names, Tallies, Tally, can_be_tallied, tally

SPLITS = (
    *("channel", "source", "campaign", "landing_page", "device"),
    *("hour", "weekday", "number", "new_repeat"),
)
WITHIN = ("campaign", "source", "landing_page")
"""What a channel's change is told by, in this order."""

_GROUPINGS: tuple[Names, ...] = (
    (),
    ("day",),
    *((name,) for name in SPLITS),
)
_WITHIN: tuple[Names, ...] = tuple(("channel", name) for name in WITHIN)
_ALPHA = 0.05
_LEAST_COUNTED = 8  # of both spans together: fewer can tell nothing
_LEAST_CHANGE = 3.0
_LEAST_MONEY_P = 5  # times the typical amount, below which a sum of money tells nothing
_MOST_TOLD = 4
_LATE = 0.1  # the part of the compared span that may lie before the first data
_MOST_UNLIKE = 1  # days that two spans may differ in length


class Part(Struct, frozen=True, kw_only=True):
    """A value of a dimension: what it brought in both spans, and what of the change is by more or fewer visits
    (`volume`) and by more or fewer responses a visit (`rate`); both None where its visits are not known."""

    value: DimensionValue
    now: float
    before: float
    visits: float | None = None
    visits_before: float | None = None
    volume: float | None = None
    rate: float | None = None

    @property
    def change(self) -> float:
        return self.now - self.before


class Split(Struct, frozen=True, kw_only=True):
    """The change of the total by one dimension: the parts add up to it. The largest change first."""

    dimension: str
    parts: tuple[Part, ...]


class Told(Struct, frozen=True, kw_only=True):
    """A value that stands out. `mostly`: of a channel, the value within it that has most of the change.
    `visits_moved`, `rate_moved`: which of both differ by more than chance; None where visits are not known."""

    dimension: str
    part: Part
    mostly: tuple[str, Part] | None = None
    visits_moved: bool | None = None
    rate_moved: bool | None = None


class Changes(Struct, frozen=True, kw_only=True):
    """`now` or `before` None: unknown, and `why` says why; or there is nothing to compare with. `is_chance`: whether
    the totals differ by no more than chance. `told`: what stands out, the largest change first."""

    metric: str
    span: Span
    compared: Span
    now: float | None
    before: float | None
    splits: tuple[Split, ...]
    told: tuple[Told, ...]
    is_chance: bool
    made: Made
    why: str = ""


def what_changed(
    scope: Scope,
    compare: Compare = "before",
    metric: str = "calls",
    model: str = DEFAULT_MODEL,
    *,
    definition: Definition = DEFAULT_DEFINITION,
    now_ms: int | None = None,
) -> Changes:
    """The change of a metric's total between two spans, by channel, source, campaign, landing page, device, hour,
    weekday, number and new or repeat caller.

    Every dimension's contributions add up to the change. Where visits are known, a contribution is visits × responses
    a visit, and its change is split at the mean of both spans (Kitagawa 1955): Δv·r̄ by volume, Δr·v̄ by rate.

    A value stands out where (1) its counts in the two spans differ by more than chance: the exact conditional binomial
    test of two Poisson rates, after dividing both counts by how much more the days of the compared span vary than a
    Poisson count would (see `chance`), at 5 % over all values that were tested (Benjamini and Hochberg 1995), so that
    of twenty reports of pure noise about one tells of anything; and (2) its change differs from its share of the
    total's, by a normal test at 5 %: what moved as all else did explains nothing. Money is tested by the normal curve
    with the sum of the squares of amounts as its variance. Of those that stand out the one with the largest absolute
    contribution is told; then the question is asked again without it, until nothing stands out, so that no change is
    told twice.

    `now_ms`: the span that has not ended yet is tested by the part of it that has passed. Raises BadInput for a metric
    whose lines do not add up, and for spans of different lengths.
    """
    found = find_metric(metric)
    if not can_be_tallied(found):
        raise BadInput(f"{found.title} does not add up of its parts.", hint="Ask for calls, sales, revenue or visits.")
    credit_column(model)
    other = compared_scope(scope, compare)
    if other is None or abs(other.days - scope.days) > _MOST_UNLIKE:
        raise BadInput("Only spans of one length are compared.", hint="Compare with before, year, or as many days.")
    question = Question(metrics=(metric,), model=model, definition=definition)
    return read_steadily(
        scope.lake, scope.company_id, lambda lake: _Comparing(lake, scope, other, question, now_ms).changes()
    )


class _Comparing:
    """Two spans of one company's lake."""

    def __init__(self, lake: LakeReader, scope: Scope, other: Scope, question: Question, now_ms: int | None) -> None:
        self._lake = lake
        self._scopes = scope, other
        self._question = question
        self._is_money = find_metric(question.metrics[0]).unit is Unit.CENTS
        until_ms = scope.until_ms if now_ms is None else min(max(now_ms, scope.since_ms + 1), scope.until_ms)
        self._exposures = (float(until_ms - scope.since_ms), float(other.until_ms - other.since_ms))

    def changes(self) -> Changes:
        scope, other = self._scopes
        now, before = self._both(())
        made = Changes(
            metric=self._question.metrics[0],
            span=Span(since_on=scope.since_on, until_on=scope.until_on),
            compared=Span(since_on=other.since_on, until_on=other.until_on),
            now=now.total,
            before=before.total,
            splits=(),
            told=(),
            is_chance=True,
            made=made_of(self._lake, self._question.model),
            why=now.why or before.why,
        )
        if why := too_early(self._lake, scope, other):
            return msgspec.structs.replace(made, before=None, why=why)
        if made.now is None or made.before is None:
            return made
        spread = 1.0 if self._is_money else bunching(self._days_before(before))
        chance = _Chance(self._exposures, spread, is_money=self._is_money)
        total = chance.p(_line(now, (), ()), _line(before, (), ()))
        return msgspec.structs.replace(
            made,
            splits=tuple(_splits(now, before)),
            told=tuple(self._told(now, before, chance)),
            is_chance=total > _ALPHA,
        )

    def _both(self, filters: tuple[Filter, ...], groupings: tuple[Names, ...] = _GROUPINGS) -> tuple[Tallies, Tallies]:
        question = msgspec.structs.replace(self._question, filters=filters)
        return tally(self._lake, self._scopes, question, groupings)

    def _days_before(self, before: Tallies) -> dict[date, float]:
        """Of the compared span, as what is usual; within the other, a change looks like a bunch."""
        other = self._scopes[1]
        found = {key[0]: line.amount for key, line in before.of[("day",)].items()}
        return {on: found.get(on, 0.0) for on in (other.since_on + timedelta(days=step) for step in range(other.days))}

    def _told(self, now: Tallies, before: Tallies, chance: _Chance) -> Iterator[Told]:
        filters: tuple[Filter, ...] = ()
        for nth in range(_MOST_TOLD):
            if nth:
                now, before = self._both(filters)
            picked = _pick(now, before, chance)
            if picked is None:
                return
            if picked.dimension == "channel":
                mostly = _mostly(*self._both(filters, ((), *_WITHIN)), chance, picked.part)
                picked = msgspec.structs.replace(picked, mostly=mostly)
            yield picked
            filters = (*filters, Filter(picked.dimension, Operation.IS_NOT_IN, (picked.part.value,)))


_MORE_SQL = "SELECT 1 FROM {{{fact}}} WHERE at_ms < $at_ms LIMIT 1"
_FIRST_SQL = "SELECT min(at_ms) AS first_ms FROM {{{fact}}} WHERE at_ms >= $at_ms"
_FACTS = ("touchpoints", "credits")


def nothing_to_compare(scope: Scope, compare: Compare) -> str:
    """Why these days have nothing to be compared with, as `what_changed` says it; "" where they have."""
    other = compared_scope(scope, compare)
    if other is None:
        return ""
    return read_steadily(scope.lake, scope.company_id, lambda lake: too_early(lake, scope, other))


def too_early(lake: LakeReader, scope: Scope, other: Scope) -> str:
    """Says when the data begin, if too much of the compared span lies before it; else ""."""
    first_on = _first_day(lake, scope, other)
    if first_on is None or (first_on - other.since_on).days <= _LATE * other.days:
        return ""
    return f"The data begin on {first_on:%-d %B %Y}: there is nothing to compare these days with."


def _first_day(lake: LakeReader, scope: Scope, other: Scope) -> date | None:
    """With a visit or response, if it lies in these spans; None if there are any before, or none at all."""
    if any(_asked_first(lake, _MORE_SQL, other.since_ms)):
        return None
    months = scope.months() | other.months()
    rows = _asked_first(lake, _FIRST_SQL, other.since_ms, months)
    firsts = [row["first_ms"] for row in rows if row["first_ms"] is not None]
    return at_from_ms(min(firsts)).astimezone(ZoneInfo(scope.time_zone)).date() if firsts else None


def _asked_first(
    lake: LakeReader, sql: str, at_ms: int, months: frozenset[str] | None = None
) -> Iterator[Mapping[str, Any]]:
    for fact in _FACTS:
        yield from lake.ask(sql.format(fact=fact), {"at_ms": at_ms}, months=months, facts=(fact,))


class _Chance(Struct, frozen=True):
    """Tests of whether two lines differ by more than chance. `spread`: how bunched what is counted comes."""

    exposures: tuple[float, float]
    spread: float = 1.0
    is_money: bool = False

    def p(self, now: Tally, before: Tally) -> float:
        if not self.is_money:
            return p_of_difference(now.amount / self.spread, before.amount / self.spread, self.exposures)
        squares = now.squares + before.squares
        if not squares or _typical(now, before) * _LEAST_MONEY_P > abs(now.amount) + abs(before.amount):
            return 1.0
        return p_of_z(abs(now.amount - before.amount * self.exposures[0] / self.exposures[1]) / sqrt(squares))

    def p_of_share(self, now: Tally, before: Tally, all_now: Tally, all_before: Tally) -> float:
        """That a line changed as all lines did together: its change less its share of the total's."""
        whole = abs(all_now.amount) + abs(all_before.amount)
        if not whole:
            return 1.0
        share = (now.amount + before.amount) / whole
        excess = (now.amount - before.amount) - share * (all_now.amount - all_before.amount)
        own, all_own = (
            self._variance(now) + self._variance(before),
            self._variance(all_now) + self._variance(all_before),
        )
        variance = (1 - share) ** 2 * own + share**2 * max(all_own - own, 0.0)
        return p_of_z(abs(excess) / sqrt(variance)) if variance > 0 else 1.0

    def _variance(self, line: Tally) -> float:
        return line.squares if self.is_money else line.amount * self.spread


def _typical(now: Tally, before: Tally) -> float:
    """The amount that has most of the squares: Σx² / Σx."""
    return (now.squares + before.squares) / max(abs(now.amount) + abs(before.amount), 1e-9)


def _line(side: Tallies, names: Names, key: tuple[DimensionValue, ...]) -> Tally:
    return side.of.get(names, {}).get(key, Tally())


def _keys(now: Tallies, before: Tallies, names: Names) -> list[tuple[DimensionValue, ...]]:
    return list(dict.fromkeys([*now.of.get(names, {}), *before.of.get(names, {})]))


def _splits(now: Tallies, before: Tallies) -> Iterator[Split]:
    for name in SPLITS:
        if (name,) not in now.of:  # visits know nothing of numbers and callers
            continue
        parts = [_part(now, before, (name,), key) for key in _keys(now, before, (name,))]
        yield Split(dimension=name, parts=tuple(sorted(parts, key=lambda part: (-abs(part.change), str(part.value)))))


def _part(now: Tallies, before: Tallies, names: Names, key: tuple[DimensionValue, ...]) -> Part:
    amounts = _line(now, names, key).amount, _line(before, names, key).amount
    part = Part(value=key[-1], now=amounts[0], before=amounts[1])
    visits = _visits_of(now, before, names, key)
    if visits is None:
        return part
    volume = _volume(amounts, visits)
    rate = None if volume is None else part.change - volume
    return msgspec.structs.replace(part, visits=visits[0], visits_before=visits[1], volume=volume, rate=rate)


def _visits_of(
    now: Tallies, before: Tallies, names: Names, key: tuple[DimensionValue, ...]
) -> tuple[float, float] | None:
    """Visits of both spans; None where they are not known by this dimension, or there are none at all."""
    if names not in now.visits or names not in before.visits:
        return None
    found = now.visits[names].get(key, 0.0), before.visits[names].get(key, 0.0)
    return found if any(found) else None


def _volume(amounts: tuple[float, float], visits: tuple[float, float]) -> float | None:
    """Δv·r̄; all of the change where there were no visits in one of the spans."""
    if not all(visits):
        return amounts[0] - amounts[1]
    rates = amounts[0] / visits[0], amounts[1] / visits[1]
    return (visits[0] - visits[1]) * sum(rates) / 2


def _pick(now: Tallies, before: Tallies, chance: _Chance) -> Told | None:
    """The value that stands out with the largest change."""
    tested = list(_tested(now, before, chance))
    least = _threshold([p for *_, p in tested])
    standing = [
        (abs(part.change), name, part)
        for name, key, part, p in tested
        if p <= least and _is_apart(now, before, chance, (name,), key)
    ]
    if not standing:
        return None
    _, name, part = max(standing, key=lambda one: (one[0], -SPLITS.index(one[1])))
    moved = _moved(part, chance)
    return Told(dimension=name, part=part, visits_moved=moved[0], rate_moved=moved[1])


def _tested(
    now: Tallies, before: Tallies, chance: _Chance
) -> Iterator[tuple[str, tuple[DimensionValue, ...], Part, float]]:
    """The values that have enough to tell anything: by what they have in both spans together, which does not depend on
    how they changed. Each with the p of its difference."""
    for name in SPLITS:
        for key in _keys(now, before, (name,)):
            part = _part(now, before, (name,), key)
            if chance.is_money or part.now + part.before >= _LEAST_COUNTED * chance.spread:
                yield name, key, part, chance.p(_line(now, (name,), key), _line(before, (name,), key))


def _threshold(found: list[float]) -> float:
    """The largest p that is told (Benjamini and Hochberg); less than any where none is."""
    passed = [p for nth, p in enumerate(sorted(found), 1) if p <= _ALPHA * nth / len(found)]
    return max(passed, default=-1.0)


def _is_apart(now: Tallies, before: Tallies, chance: _Chance, names: Names, key: tuple[DimensionValue, ...]) -> bool:
    """Whether a line is worth telling and did not move as all others did."""
    line, old = _line(now, names, key), _line(before, names, key)
    if not chance.is_money and abs(line.amount - old.amount) < _LEAST_CHANGE:
        return False
    return chance.p_of_share(line, old, _line(now, (), ()), _line(before, (), ())) < _ALPHA


def _mostly(now: Tallies, before: Tallies, chance: _Chance, part: Part) -> tuple[str, Part] | None:
    """The value within a channel that has at least half of its change, and more than chance."""
    for name in WITHIN:
        names = ("channel", name)
        inner = [key for key in _keys(now, before, names) if key[0] == part.value and key[1] is not None]
        for key in inner:
            one = _part(now, before, names, key)
            is_most = one.change * part.change > 0 and abs(one.change) * 2 >= abs(part.change)
            if is_most and chance.p(_line(now, names, key), _line(before, names, key)) < _ALPHA and len(inner) > 1:
                return name, one
    return None


def _moved(part: Part, chance: _Chance) -> tuple[bool | None, bool | None]:
    """Whether a value's visits, and its responses a visit, differ by more than chance."""
    if part.visits is None or part.visits_before is None:
        return None, None
    spread = chance.spread
    visits = p_of_difference(part.visits / spread, part.visits_before / spread, chance.exposures) < _ALPHA
    if chance.is_money or not part.visits or not part.visits_before:
        return visits, None
    per_visit = p_of_difference(part.now / spread, part.before / spread, (part.visits, part.visits_before)) < _ALPHA
    return visits, per_visit
