"""Which sources and campaigns brought calls and revenue, and what they cost?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
from msgspec import Struct

from ringtrace.attribution.registry import LEARNERS
from ringtrace.lake.reader import LakeReader, credit_column, read_steadily
from ringtrace.reports.asked import Question
from ringtrace.reports.dimensions import DimensionValue
from ringtrace.reports.explore import ThinMonth, thin_months
from ringtrace.reports.filters import Filter, Operation
from ringtrace.reports.metrics.expressions import Visits
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.periods import Counted, Key, ask_period
from ringtrace.reports.questions import DEFAULT_MODEL, Made, Scope, made_of, rate

__all__ = ["BySource", "SourceLine", "Thin", "by_source"]
Thin = ThinMonth


class SourceLine(Struct, frozen=True, kw_only=True):
    """One source and campaign. `calls`, `answered`, `sales` and `revenue_cents` are shares of credit added up, as the
    metrics of these names say: sales and revenue less refunds are of contacts that are no calls, too.

    All-None source fields with `unknown` set: calls that no visit explains; with `thin` set: calls of months in which
    the model could learn nothing, which it shares over no source. `cost_cents` None: no spend is known;
    then `cost_per_call_cents` and `roas` are None too. `revenue_cents` None: no outcome has a value.
    """

    channel: str | None
    source: str | None
    medium: str | None
    campaign: str | None
    visits: int | None
    calls: float
    answered: float
    first_calls: float
    sales: float
    revenue_cents: float | None
    cost_cents: int | None
    cost_per_call_cents: float | None
    roas: float | None
    unknown: bool = False
    thin: bool = False


class BySource(Struct, frozen=True, kw_only=True):
    lines: tuple[SourceLine, ...]
    made: Made
    thin: tuple[Thin, ...] = ()


_NAMES = ("source", "medium", "campaign")
_OF_CREDIT = ("calls", "answered_calls", "first_time_callers", "sales", "revenue")


def by_source(scope: Scope, model: str = DEFAULT_MODEL) -> BySource:
    """Lines sorted by calls, most first; the unknown line last. Credit by `model`, weighted by match probability.

    Spend joins by source, medium and campaign; spend without visits or calls has its own line. When two channels share
    one source, medium and campaign, its spend would stand on both lines: it is put on the one with most calls. Raises
    BadInput for a model that the lake has no column of.
    """
    credit_column(model)
    return read_steadily(scope.lake, scope.company_id, lambda lake: _by_source(lake, scope, model))


def _by_source(lake: LakeReader, scope: Scope, model: str) -> BySource:
    question = Question(metrics=("visits", *_OF_CREDIT), by=("channel", *_NAMES), model=model)
    found = ask_period(lake, scope, question).lines
    spent = _spent(lake, scope)
    known = [_line(key, counted, spent) for key, counted in sorted(found.items(), key=_rank) if key[0] is not None]
    rest = [_line((None,) * 4, counted, {}, reason) for reason, counted in _rest(lake, scope, model, found)]
    lines = [*known, *_spent_only(spent), *sorted(rest, key=lambda line: line.thin)]
    thin = tuple(thin_months(lake, scope, model)) if any(line.thin for line in lines) else ()
    return BySource(lines=tuple(lines), made=made_of(lake, model), thin=thin)


def _rest(lake: LakeReader, scope: Scope, model: str, found: Mapping[Key, Counted]) -> Iterator[tuple[str, Counted]]:
    """What no source has: of those whom nobody knows, and of months too thin for the model."""
    if model not in LEARNERS:
        yield from (("unknown", counted) for key, counted in found.items() if key[0] is None)
        return
    for name, reasons in (("unknown", ("unknown", "no_touches")), ("thin", ("thin",))):
        filters = (Filter("reason", Operation.IS_IN, reasons),)
        counted = ask_period(lake, scope, Question(metrics=_OF_CREDIT, filters=filters, model=model)).totals
        if any(_figure(counted, metric) for metric in _OF_CREDIT):
            yield name, counted


def _spent(lake: LakeReader, scope: Scope) -> dict[Key, int]:
    """Cents by source, medium and campaign; what a line takes is taken out."""
    found = ask_period(lake, scope, Question(metrics=("spend",), by=_NAMES)).lines
    return {key: int(_figure(counted, "spend") or 0) for key, counted in found.items()}


def _rank(found: tuple[Key, Counted]) -> tuple[float, float, str]:
    """Most calls first, then most visits."""
    key, counted = found
    return -(_figure(counted, "calls") or 0), -(_figure(counted, "visits") or 0), str(key)


def _line(key: Key, counted: Counted, spent: dict[Key, int], reason: str = "") -> SourceLine:
    channel, source, medium, campaign = key
    cost_cents = _taken(spent, (source, medium, campaign))
    calls, revenue_cents = _figure(counted, "calls") or 0, _figure(counted, "revenue")
    visits = counted.values.get(Visits(), 0)
    return SourceLine(
        channel=_text(channel),
        source=_text(source),
        medium=_text(medium),
        campaign=_text(campaign),
        visits=visits if isinstance(visits, int) and visits else None,
        calls=calls,
        answered=_figure(counted, "answered_calls") or 0,
        first_calls=_figure(counted, "first_time_callers") or 0,
        sales=_figure(counted, "sales") or 0,
        revenue_cents=revenue_cents,
        cost_cents=cost_cents,
        cost_per_call_cents=None if cost_cents is None else rate(cost_cents, calls),
        roas=None if cost_cents is None or revenue_cents is None else rate(revenue_cents, cost_cents),
        unknown=reason == "unknown",
        thin=reason == "thin",
    )


def _spent_only(spent: dict[Key, int]) -> Iterator[SourceLine]:
    """Spend that brought nothing."""
    nothing = Counted(values={atom: 0 for name in _OF_CREDIT for atom in find_metric(name).atoms})
    for names in sorted(spent, key=str):
        line = _line((None, *names), nothing, spent)
        yield msgspec.structs.replace(line, revenue_cents=None, roas=None)


def _taken(spent: dict[Key, int], names: Key) -> int | None:
    """The spend of these names, for the first line that asks; a medium may be missing or empty."""
    source, medium, campaign = names
    for key in dict.fromkeys((names, (source, medium or "", campaign))):
        if key in spent:
            return spent.pop(key)
    return None


def _figure(counted: Counted, name: str) -> int | float | None:
    return counted.figure(find_metric(name), intervals=False).value


def _text(value: DimensionValue) -> str | None:
    return None if value is None else str(value)
