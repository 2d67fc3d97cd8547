"""One metric of two spans by many dimensions at once: a scan of the credits and one of the visits, by grouping sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from ringtrace.lake.reader import LakeReader
from ringtrace.reports.asked import Question
from ringtrace.reports.dimensions import DimensionKind, DimensionValue, find_dimension
from ringtrace.reports.metrics.expressions import Atom, Count, Sum, Unknown, Visits, evaluate
from ringtrace.reports.metrics.metric import Metric, Unit
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.questions import Scope
from ringtrace.reports.scan import Adding, Asking, Table, decoded, is_never_unknown

Names = tuple[str, ...]
Key = tuple[DimensionValue, ...]


class Tally(Struct, frozen=True, kw_only=True):
    """What came in one line. `squares`: the sum of the squares of amounts, weighted by credit, for what is money."""

    amount: float = 0.0
    squares: float = 0.0


class Tallies(Struct, frozen=True, kw_only=True):
    """`of` a grouping (() is the total) has its lines; `visits` likewise, where visits are known by it. `total` None:
    unknown, and `why` says why."""

    of: Mapping[Names, Mapping[Key, Tally]]
    visits: Mapping[Names, Mapping[Key, float]]
    total: float | None
    why: str = ""


def can_be_tallied(metric: Metric) -> bool:
    """Whether its lines add up to its total, and are known of responses or visits."""
    return metric.is_additive and all(isinstance(atom, Count | Sum | Visits) for atom in metric.atoms)


def tally(
    lake: LakeReader, spans: tuple[Scope, Scope], question: Question, groupings: Sequence[Names]
) -> tuple[Tallies, Tallies]:
    """The first metric of the question, with its filters, model and definition, by each of `groupings`, of each span;
    they may overlap."""
    metric = find_metric(question.metrics[0])
    visits = _visits(lake, spans, question, groupings)
    if metric.atoms == (Visits(),):
        first, second = (_only_visits(side) for side in visits)
        return first, second
    scan = _Scan(spans, question, groupings, metric)
    found: tuple[dict[Names, dict[Key, Tally]], ...] = tuple({names: {} for names in groupings} for _ in spans)
    totals: list[float | Unknown] = [scan.nothing, scan.nothing]
    for side, names, key, row in scan.rows(lake):
        amount = evaluate(metric.formula, scan.values(row, credited=_is_credited(names)))
        if not names:
            totals[side] = amount
        found[side][names][key] = Tally(
            amount=0.0 if isinstance(amount, Unknown) else float(amount),
            squares=scan.squares(row, credited=_is_credited(names)),
        )
    first, second = (
        Tallies(of=of, visits=known, total=None, why=metric.why_unknown(total))
        if isinstance(total, Unknown)
        else Tallies(of=of, visits=known, total=float(total))
        for of, known, total in zip(found, visits, totals, strict=True)
    )
    return first, second


def _only_visits(side: Mapping[Names, Mapping[Key, float]]) -> Tallies:
    found = {names: {key: Tally(amount=n) for key, n in lines.items()} for names, lines in side.items()}
    total = found.get((), {}).get((), Tally()).amount
    return Tallies(of=found, visits={}, total=total)


def _is_credited(names: Names) -> bool:
    return any(find_dimension(name).kind is DimensionKind.TOUCH for name in names)


class _Scan:
    """The SQL over credits: each metric's atom twice, by credit for groupings by touches, and one a response."""

    def __init__(
        self, spans: tuple[Scope, Scope], question: Question, groupings: Sequence[Names], metric: Metric
    ) -> None:
        self._spans = spans
        self._groupings = groupings
        self._metric = metric
        dimensions = tuple(dict.fromkeys(name for names in groupings for name in names))
        whole = tuple(name for name in dimensions if find_dimension(name).kind is not DimensionKind.TOUCH)
        self._asking = _asking(spans, question, dimensions)
        self._by_credit = Adding(_asking(spans, question, ("channel",)), all_rows=False, common=())
        self._by_one = Adding(_asking(spans, question, whole), all_rows=True, common=())
        self._model = question.model

    @property
    def nothing(self) -> float | Unknown:
        """The metric where nothing came."""
        return evaluate(self._metric.formula, {atom: _value(atom, None) for atom in self._metric.atoms})

    def rows(self, lake: LakeReader) -> Iterator[tuple[int, Names, Key, dict[str, Any]]]:
        some = f"({self._asking.credit} > 0 OR head)"
        sql = sides_sql(self._asking, Table.CREDITS, self._spans, self._groupings, [some], list(self._sums()))
        model = self._model if "{credit}" in sql else None
        values = self._asking.values_of(sql)
        rows = lake.ask(sql, values, months=months_of(self._spans), facts=("credits",), model=model)
        yield from keyed(self._asking, self._groupings, rows)

    def _sums(self) -> Iterator[str]:
        for place, atom in enumerate(self._metric.atoms):
            yield f"{self._by_credit.sql(atom)} AS c{place}"
            yield f"{self._by_one.sql(atom)} AS h{place}"
            if self._metric.unit is Unit.CENTS and isinstance(atom, Sum):
                squared = Sum(f"{atom.column}::DOUBLE * {atom.column}", atom.where)
                yield f"{self._by_credit.sql(squared)} AS cc{place}"
                yield f"{self._by_one.sql(squared)} AS hh{place}"

    def values(self, row: Mapping[str, Any], *, credited: bool) -> dict[Atom, int | float | Unknown]:
        side = "c" if credited else "h"
        return {atom: _value(atom, row[f"{side}{place}"]) for place, atom in enumerate(self._metric.atoms)}

    def squares(self, row: Mapping[str, Any], *, credited: bool) -> float:
        side = "cc" if credited else "hh"
        return sum(row.get(f"{side}{place}") or 0.0 for place in range(len(self._metric.atoms)))


def _asking(spans: tuple[Scope, Scope], question: Question, by: Names) -> Asking:
    """About all from the first day of both spans to the last."""
    since_on, until_on = min(span.since_on for span in spans), max(span.until_on for span in spans)
    scope = msgspec.structs.replace(spans[0], since_on=since_on, until_on=until_on)
    return Asking(scope, msgspec.structs.replace(question, by=by))


def _value(atom: Atom, raw: int | float | None) -> int | float | Unknown:
    if raw is not None:
        return raw
    return 0 if is_never_unknown(atom) else Unknown("No sale or refund here has a value.")


def _visits(
    lake: LakeReader, spans: tuple[Scope, Scope], question: Question, groupings: Sequence[Names]
) -> tuple[dict[Names, dict[Key, float]], ...]:
    """Visits by the groupings that they are known by; none where the filters ask for what they do not know."""
    known = [names for names in groupings if all(Table.VISITS.knows(find_dimension(name)) for name in names)]
    asking = _asking(spans, question, tuple(dict.fromkeys(name for names in known for name in names)))
    if asking.unknown_of(Table.VISITS):
        return {}, {}
    sql = sides_sql(asking, Table.VISITS, spans, known, ["kind = 'visit'"], ["count(*) AS n"])
    rows = lake.ask(sql, asking.values_of(sql), months=months_of(spans), facts=("touchpoints",))
    found: tuple[dict[Names, dict[Key, float]], ...] = tuple({names: {} for names in known} for _ in spans)
    for side, names, key, row in keyed(asking, known, rows):
        found[side][names][key] = float(row["n"])
    return found


def months_of(spans: tuple[Scope, Scope]) -> frozenset[str]:
    return spans[0].months() | spans[1].months()


def sides_sql(
    asking: Asking,
    table: Table,
    spans: tuple[Scope, Scope],
    groupings: Sequence[Names],
    where: Sequence[str],
    sums: Sequence[str],
) -> str:
    """One SELECT: `side` (0: the first span, 1: the other), the dimensions, `mask`, which says by which of them a row
    is grouped, and the sums."""
    within = [f"(at_ms >= {span.since_ms} AND at_ms < {span.until_ms})" for span in spans]
    side = f"unnest(CASE WHEN {within[0]} AND {within[1]} THEN [0, 1] WHEN {within[0]} THEN [0] ELSE [1] END) AS side"
    if spans[0].since_ms >= spans[1].until_ms or spans[1].since_ms >= spans[0].until_ms:
        side = f"CASE WHEN {within[0]} THEN 0 ELSE 1 END AS side"
    rows = asking.rows_of(table, [f"({' OR '.join(within)})", *where])
    inner = f"SELECT *, {', '.join([*asking.dimensions_sql(table), side])} {rows}"
    columns = dict(zip(asking.question.by, asking.keys, strict=True))
    sets = ", ".join(f"({', '.join(['side', *(columns[name] for name in names)])})" for names in groupings)
    said = ["side", *asking.keys, f"grouping({', '.join(asking.keys)}) AS mask", *sums]
    return f"SELECT {', '.join(said)} FROM ({inner}) GROUP BY GROUPING SETS ({sets})"  # noqa: S608 - values are bound


def keyed(
    asking: Asking, groupings: Sequence[Names], rows: Sequence[dict[str, Any]]
) -> Iterator[tuple[int, Names, Key, dict[str, Any]]]:
    """Each row with its side, its grouping and its line."""
    by = asking.question.by
    of_mask = {
        sum(1 << (len(by) - 1 - place) for place, name in enumerate(by) if name not in names): names
        for names in groupings
    }
    places = {name: place for place, name in enumerate(by)}
    for row in rows:
        names = of_mask[row["mask"]]
        key = tuple(decoded(asking.dimensions[places[name]], row[f"d{places[name]}"]) for name in names)
        yield row["side"], names, key, row
