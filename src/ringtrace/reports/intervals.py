"""95 % intervals: what is uncertain of a figure, and how much. docs/metrics.md has the derivation.

A response counts in a line with a share s of credit. Who made it is known with probability only, so s is drawn: with
p_c it is s_c, what candidate c's touches in the line have. We add up w = E[s] = Σ p_c s_c and m = E[s²] = Σ p_c s_c².
Where a question asks for no touches, w = m = 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import sqrt

from ringtrace.reports.metrics.expressions import (
    OF_CREDITS,
    Atom,
    Count,
    Expression,
    Minus,
    Net,
    Ratio,
    Sum,
    Unattributed,
    Unknown,
    Value,
    evaluate,
    gradient,
)
from ringtrace.reports.metrics.metric import Interval, Metric, Unit
from ringtrace.reports.scan import Asking, Table, unattributed_sql, weights_above_none

Z = 1.959964
MOST_UNSURE = 2.0  # responses below which a mean has no interval
Bounds = tuple[float | None, float | None]
NO_BOUNDS: Bounds = (None, None)


def wilson(p: float, n: float) -> Bounds:
    """Of a share p of n (Wilson 1927, without continuity correction)."""
    if n <= 0:
        return NO_BOUNDS
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    reach = Z / (1 + Z**2 / n) * sqrt(max(p * (1 - p), 0.0) / n + Z**2 / (4 * n**2))
    return max(0.0, middle - reach), min(1.0, middle + reach)


def student(freedom: float) -> float:
    """The 97.5 % point of Student's t, by the expansion in 1/freedom (Abramowitz and Stegun 26.7.5); for 2 or more
    degrees of freedom it is right to 2 %, from 5 on to 0.1 %."""
    terms = (
        (Z**3 + Z) / 4,
        (5 * Z**5 + 16 * Z**3 + 3 * Z) / 96,
        (3 * Z**7 + 19 * Z**5 + 17 * Z**3 - 15 * Z) / 384,
        (79 * Z**9 + 776 * Z**7 + 1482 * Z**5 - 1920 * Z**3 - 945 * Z) / 92_160,
    )
    return Z + sum(term / freedom**power for power, term in enumerate(terms, 1))


class Moments:
    """The SQL of what intervals are made of: for pairs of atoms x, y of one response Σ m·x·y (`m`), and Σ (m − w²)·x·y
    (`v`, the part that is of the matches alone), a row a line."""

    def __init__(self, asking: Asking, known: Sequence[Metric]) -> None:
        self.asking = asking
        pairs = [pair for metric in known for pair in pairs_of(metric, credited=asking.is_credited)]
        self.pairs = {pair: f"q{place}" for place, pair in enumerate(dict.fromkeys(pairs))}
        self.atoms = list(dict.fromkeys(atom for a, b, _ in self.pairs for atom in (a, b)))

    @property
    def sql(self) -> str:
        """One SELECT; "" where no interval is asked for."""
        if not self.pairs:
            return ""
        keys = self.asking.keys
        x = {atom: f"x{place}" for place, atom in enumerate(self.atoms)}
        spread = {"m": "m2", "v": "greatest(m2 - w * w, 0)"}
        sums = [f"sum({spread[kind]} * {x[a]} * {x[b]}) AS {name}" for (a, b, kind), name in self.pairs.items()]
        grouped = f" GROUP BY {', '.join(keys)}" if keys else ""
        responses = self._of_candidates(x) if self._needs_rows else self._of_heads(x)
        return f"SELECT {', '.join([*keys, *sums])} FROM ({responses}){grouped}"  # noqa: S608 - values are bound

    @property
    def _needs_rows(self) -> bool:
        return self.asking.is_credited or any(isinstance(atom, Unattributed) for atom in self.atoms)

    def _of_heads(self, x: Mapping[Atom, str]) -> str:
        asking = self.asking
        said = [*asking.dimensions_sql(Table.CREDITS), "1 AS w", "1 AS m2"]
        said += [f"{self._fact(atom)} AS {name}" for atom, name in x.items()]
        return f"SELECT {', '.join(said)} {asking.rows_of(Table.CREDITS, ['head'])}"

    def _of_candidates(self, x: Mapping[Atom, str]) -> str:
        """Rows of one response, line, probability and length are of one candidate; of two only where both are tied to
        the last digit: then m is the most that it may be."""
        asking, keys = self.asking, self.asking.keys
        credited = asking.is_credited
        where = [weights_above_none(asking)] if credited else []
        said = [*asking.dimensions_sql(Table.CREDITS), "response_id", "p", "length", f"sum({asking.credit}) AS share"]
        said += [self._of_candidate(atom, name) for atom, name in x.items()]
        by = ", ".join([*keys, "response_id"])
        candidates = f"SELECT {', '.join(said)} {asking.rows_of(Table.CREDITS, where)} GROUP BY {by}, p, length"
        whole = "floor(share / p)"
        second = f"sum(p * ({whole} + (share / p - {whole}) ** 2))"
        sums = [f"{'sum(share)' if credited else '1'} AS w", f"{second if credited else '1'} AS m2"]
        under = "sum(share)" if credited else "1"
        sums += [
            f"{f'sum({name}) / {under}' if isinstance(atom, Unattributed) else f'max({name})'} AS {name}"
            for atom, name in x.items()
        ]
        return f"SELECT {', '.join([*keys, *sums])} FROM ({candidates}) GROUP BY {by}"  # noqa: S608

    def _of_candidate(self, atom: Atom, name: str) -> str:
        if isinstance(atom, Unattributed):
            test = f"{unattributed_sql(self.asking, atom.reason)} AND {self.asking.where(atom.where)}"
            return f"coalesce(sum({self.asking.credit}) FILTER (WHERE {test}), 0) AS {name}"
        return f"any_value({self._fact(atom)}) AS {name}"

    def _fact(self, atom: Atom) -> str:
        """What one response adds to an atom, were it to count whole."""
        match atom:
            case Count(where):
                return f"CASE WHEN {self.asking.where(where)} THEN 1 ELSE 0 END"
            case Sum(column, where):
                return f"CASE WHEN {self.asking.where(where)} THEN coalesce({column}, 0)::DOUBLE ELSE 0 END"
            case _:
                raise TypeError(f"{atom} has no moments")


Pair = tuple[Atom, Atom, str]


def pairs_of(metric: Metric, *, credited: bool) -> Iterator[Pair]:
    """Which moments a metric's interval takes."""
    summed = [atom for atom in metric.atoms if isinstance(atom, OF_CREDITS)]
    match metric.interval, metric.formula:
        case Interval.WILSON, Ratio(_, Count() as whole):
            yield whole, whole, "m"
        case Interval.DELTA, _:
            yield from ((a, b, "m") for place, a in enumerate(summed) for b in summed[place:])
        case Interval.MATCHES, _ if credited:
            yield from ((a, b, "v") for place, a in enumerate(summed) for b in summed[place:])
        case _:
            return


def interval_of(metric: Metric, values: Mapping[Atom, Value], moments: Mapping[Pair, float]) -> Bounds:
    """Low and high of a metric whose value is known; (None, None) where it has none, or is of one response only."""
    match metric.interval, metric.formula:
        case Interval.WILSON, Ratio(_, Count() as whole):
            return _of_share(metric.formula, values, whole, moments)
        case Interval.DELTA, Ratio(_, under):
            return _within(metric, _by_delta(metric.formula, values, moments, "m", _units(under, values, moments)))
        case Interval.MATCHES, _:
            return _within(metric, _by_delta(metric.formula, values, moments, "v", None))
        case _:
            return NO_BOUNDS


def _of_share(formula: Expression, values: Mapping[Atom, Value], whole: Count, moments: Mapping[Pair, float]) -> Bounds:
    part, counted, second = evaluate(formula, values), values[whole], moments.get((whole, whole, "m"), 0.0)
    if isinstance(part, Unknown) or isinstance(counted, Unknown) or not second:
        return NO_BOUNDS
    return wilson(part, counted**2 / second)


def _units(under: Expression, values: Mapping[Atom, Value], moments: Mapping[Pair, float]) -> float | None:
    """How many responses a mean rests on: as many as count whole would make it as uncertain."""
    if not isinstance(under, Count):
        return None
    counted, second = values[under], moments.get((under, under, "m"), 0.0)
    return None if isinstance(counted, Unknown) or not second else counted**2 / second


def _by_delta(
    formula: Expression, values: Mapping[Atom, Value], moments: Mapping[Pair, float], kind: str, units: float | None
) -> Bounds:
    value = evaluate(formula, values)
    if isinstance(value, Unknown) or (kind == "m" and (units is None or units < MOST_UNSURE)):
        return NO_BOUNDS
    slopes = gradient(formula, values)
    pairs = {(a, b): moment for (a, b, of), moment in moments.items() if of == kind and a in slopes and b in slopes}
    if not pairs:
        return NO_BOUNDS
    variance = sum((1 if a == b else 2) * slopes[a] * slopes[b] * moment for (a, b), moment in pairs.items())
    if units is not None:
        variance *= units / (units - 1)
    reach = (Z if units is None else student(units - 1)) * sqrt(max(variance, 0.0))
    return value - reach, value + reach


def _within(metric: Metric, bounds: Bounds) -> Bounds:
    """No share beyond 0 and 1, and no count below 0."""
    low, high = bounds
    if low is None or high is None or any(isinstance(node, Minus | Net) for node in _nodes(metric.formula)):
        return bounds
    return max(low, 0.0), min(high, 1.0) if metric.unit is Unit.SHARE else high


def _nodes(expression: Expression) -> Iterator[Expression]:
    yield expression
    if isinstance(expression, Ratio):
        yield from (*_nodes(expression.over), *_nodes(expression.under))
