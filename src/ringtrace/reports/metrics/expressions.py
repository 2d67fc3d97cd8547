"""Formulas over the lake as trees: what they are in SQL, in words, and in numbers.

Atoms are what one scan adds up; the other nodes are made of them. A value that is not known is `Unknown` with the
reason, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

from ringtrace.reports.metrics.conditions import Known, Where, where_words

COLUMN_WORDS: Mapping[str, str] = {
    "ring_secs": "ring seconds",
    "talk_secs": "talk seconds",
    "p_known": "match probability",
    "appointments": "appointments",
    "opportunities": "opportunities",
    "sales": "sales",
    "sale_cents": "value of sales",
    "refund_cents": "value of refunds",
    "pipeline_cents": "value of open opportunities",
    "cost_cents": "spend",
    "clicks": "clicks",
    "impressions": "impressions",
}
_ALWAYS_KNOWN = frozenset({"appointments", "opportunities", "sales"})
_UNATTRIBUTED_WORDS = {
    None: "credit for {} that no touch has",
    "unknown": "credit for {} that perhaps nobody we know made",
    "no_touches": "credit for {} by people of whom no touch is held",
    "thin": "credit for {} of months that are too thin for the model",
}


class Count(Struct, frozen=True):
    """How many responses."""

    where: Where = ()

    @property
    def words(self) -> str:
        return where_words(self.where)


class Sum(Struct, frozen=True):
    """A column added up; unknown where it is known of no response."""

    column: str
    where: Where = ()

    @property
    def is_count(self) -> bool:
        """Whether nothing added up is 0, and not unknown."""
        return self.column in _ALWAYS_KNOWN

    @property
    def words(self) -> str:
        return f"{COLUMN_WORDS[self.column]} of {where_words(self.where)}" if self.where else COLUMN_WORDS[self.column]


class Quantile(Struct, frozen=True):
    """The least value of a column that at least the part `q` of the responses (by weight) does not exceed."""

    column: str
    q: float
    where: Where = ()

    @property
    def words(self) -> str:
        return f"{round(self.q * 100)}th percentile of {COLUMN_WORDS[self.column]} of {where_words(self.where)}"


class Unattributed(Struct, frozen=True):
    """Credit that no touch has: for one reason (unknown, no_touches, thin), or for any."""

    reason: str | None = None
    where: Where = ()

    @property
    def words(self) -> str:
        return _UNATTRIBUTED_WORDS[self.reason].format(where_words(self.where))


class Spend(Struct, frozen=True):
    """A column of `spend`, added up; of the rows alone of which the column `known` is known, where that is named."""

    column: str
    known: str = ""

    @property
    def words(self) -> str:
        said = f" of which the {COLUMN_WORDS[self.known]} are known" if self.known else ""
        return f"{COLUMN_WORDS[self.column]}{said}"


class Visits(Struct, frozen=True):
    """How many visits."""

    @property
    def words(self) -> str:
        return "visits"


class Unmatched(Struct, frozen=True):
    """Outcomes of a kind for which no response is known: how many, or what they are worth."""

    kind: str
    is_value: bool = False

    @property
    def words(self) -> str:
        return f"{'value of ' if self.is_value else ''}{self.kind}s that matched nothing"


Atom: TypeAlias = Count | Sum | Quantile | Unattributed | Spend | Visits | Unmatched
OF_CREDITS = (Count, Sum, Quantile, Unattributed)


class Ratio(Struct, frozen=True):
    over: Expression
    under: Expression


class Minus(Struct, frozen=True):
    """Unknown where either is."""

    left: Expression
    right: Expression


class Net(Struct, frozen=True):
    """The one less the other, where what is unknown of one counts as nothing as long as the other is known."""

    gain: Expression
    loss: Expression


Expression: TypeAlias = Atom | Ratio | Minus | Net


class Unknown(Struct, frozen=True):
    """`is_of_nothing`: everything is known, but there is nothing to divide by."""

    why: str
    is_of_nothing: bool = False


Value: TypeAlias = int | float | Unknown


def share(part: Where, whole: Where) -> Ratio:
    """Of those in `whole`, how many are in `part` too."""
    return Ratio(Count((*whole, *part)), Count(whole))


def mean(column: str, where: Where) -> Ratio:
    """Of the responses of which the column is known."""
    known = Known(column, f"whose {COLUMN_WORDS[column]} are known" if column.endswith("_secs") else "judged")
    return Ratio(Sum(column, (*where, known)), Count((*where, known)))


def atoms_of(expression: Expression) -> tuple[Atom, ...]:
    """The atoms it is made of, each once, in order."""
    match expression:
        case Ratio(a, b) | Minus(a, b) | Net(a, b):
            return tuple(dict.fromkeys((*atoms_of(a), *atoms_of(b))))
        case _:
            return (expression,)


def in_words(expression: Expression) -> str:
    """`calls answered ÷ calls`."""
    match expression:
        case Ratio(a, b):
            return f"{_inner(a)} ÷ {_inner(b)}"
        case Minus(a, b) | Net(a, b):
            return f"{in_words(a)} − {_inner(b)}"
        case _:
            return expression.words


def _inner(expression: Expression) -> str:
    text = in_words(expression)
    return f"({text})" if isinstance(expression, Ratio | Minus | Net) else text


def in_sql(expression: Expression, columns: Mapping[Atom, str]) -> str:
    """The expression over columns that hold the atoms; null where it is unknown."""
    match expression:
        case Ratio(a, b):
            return f"({in_sql(a, columns)} / nullif({in_sql(b, columns)}, 0))"
        case Minus(a, b):
            return f"({in_sql(a, columns)} - {in_sql(b, columns)})"
        case Net(a, b):
            left, right = in_sql(a, columns), in_sql(b, columns)
            return f"coalesce({left} - {right}, {left}, -{right})"
        case _:
            return columns[expression]


def evaluate(expression: Expression, values: Mapping[Atom, Value]) -> Value:
    """The number, or why there is none."""
    match expression:
        case Ratio(a, b):
            over, under = evaluate(a, values), evaluate(b, values)
            if isinstance(over, Unknown):
                return over
            if isinstance(under, Unknown):
                return under
            nothing = Unknown(f"There is nothing to divide by: {in_words(b)} are none.", is_of_nothing=True)
            return over / under if under else nothing
        case Minus(a, b) | Net(a, b):
            left, right = evaluate(a, values), evaluate(b, values)
            if not isinstance(left, Unknown) and not isinstance(right, Unknown):
                return left - right
            if isinstance(expression, Net) and not isinstance(left, Unknown):
                return left
            if isinstance(expression, Net) and not isinstance(right, Unknown):
                return -right
            return left if isinstance(left, Unknown) else right
        case _:
            return values[expression]


def gradient(expression: Expression, values: Mapping[Atom, Value]) -> dict[Atom, float]:
    """How fast the expression grows with each atom, where it is known; for the delta method."""
    match expression:
        case Ratio(a, b):
            over, under = _number(evaluate(a, values)), _number(evaluate(b, values))
            return _sum(_times(gradient(a, values), 1 / under), _times(gradient(b, values), -over / under**2))
        case Minus(a, b) | Net(a, b):
            return _sum(gradient(a, values), _times(gradient(b, values), -1.0))
        case _:
            return {expression: 1.0}


def _number(value: Value) -> float:
    return 0.0 if isinstance(value, Unknown) else float(value)


def _times(slopes: Mapping[Atom, float], factor: float) -> dict[Atom, float]:
    return {atom: slope * factor for atom, slope in slopes.items()}


def _sum(a: Mapping[Atom, float], b: Mapping[Atom, float]) -> dict[Atom, float]:
    return {atom: a.get(atom, 0.0) + b.get(atom, 0.0) for atom in (*a, *(other for other in b if other not in a))}
