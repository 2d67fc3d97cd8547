"""Which model gives whom how much? Every model of the lake side by side, from one scan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from math import fsum
from typing import Any, Literal, TypeAlias, get_args

from msgspec import Struct

from ringtrace.attribution.registry import DEFAULT_MODEL, LAKE_MODELS, LEARNERS, find_model
from ringtrace.core.errors import BadInput
from ringtrace.lake.reader import LakeReader, credit_column, read_steadily
from ringtrace.reports.asked import MadeOf, ThinMonth
from ringtrace.reports.explore import thin_months
from ringtrace.reports.journeys.conversions import CALLS, Conversions, made_from
from ringtrace.reports.questions import Scope

By: TypeAlias = Literal["channel", "source", "campaign", "landing_page"]
BY: tuple[By, ...] = get_args(By)
MOST_LINES = 50
_NOTHING = 1e-9  # sums of shares differ from whole numbers by less


class LineKind(StrEnum):
    VALUE = "value"
    NONE = "none"  # of touches that are known, but have no such thing: a printed number has no landing page
    REST = "rest"  # the lines that an answer has no place for, together
    UNKNOWN = "unknown"  # what goes to no touch
    THIN = "thin"  # of months in which a model could learn nothing


class ModelLine(Struct, frozen=True, kw_only=True):
    """What each model gives one value. `value` is None but of kind VALUE; `count`: how many lines the rest is.

    `figures` by model; None: unknown, since all its months are too thin. `low`, `high`: the least and the most that a
    model gives, of those that are thin in no month; `furthest`: which of these is furthest from the default one.
    """

    value: str | None
    kind: LineKind
    figures: Mapping[str, float | None]
    low: float
    high: float
    furthest: str | None
    count: int = 1

    @property
    def spread(self) -> float:
        return self.high - self.low


class ModelColumn(Struct, frozen=True, kw_only=True):
    """One model. `moved`: the part of the whole that it gives to other lines than the default model does; None where
    there is nothing to share, or part of it is of months too `thin` for this model."""

    model: str
    total: float
    moved: float | None
    thin: tuple[ThinMonth, ...]
    is_thin_everywhere: bool = False


class ModelComparison(Struct, frozen=True, kw_only=True):
    """`lines`: those with most credit by the default model first; then the rest, what has none, what is unknown and
    what is thin. Every column sums to `total`. `furthest`: the model that moves most."""

    by: By
    of: Conversions
    default: str
    columns: tuple[ModelColumn, ...]
    lines: tuple[ModelLine, ...]
    total: float
    furthest: str | None
    made: MadeOf


def model_comparison(
    scope: Scope, by: By = "channel", of: Conversions = CALLS, most: int = MOST_LINES
) -> ModelComparison:
    """Every model's credit for `of`, by the values of `by`. Raises BadInput."""
    if by not in BY:
        raise BadInput(f"Models cannot be compared by {str(by)[:60]!r}.", hint=f"Choose of: {', '.join(BY)}.")
    return read_steadily(scope.lake, scope.company_id, lambda lake: _compared(lake, scope, by, of, most))


def _compared(lake: LakeReader, scope: Scope, by: By, of: Conversions, most: int) -> ModelComparison:
    sql, values = _sql(by, of), of.values(scope)
    rows = lake.ask(sql, values, months=scope.months(), facts=("credits",))
    totals = {model: fsum(row[f"m{nth}"] + row[f"t{nth}"] for row in rows) for nth, model in enumerate(LAKE_MODELS)}
    thin = {model: fsum(row[f"t{nth}"] for row in rows) for nth, model in enumerate(LAKE_MODELS)}
    whole = totals[DEFAULT_MODEL]
    lines = list(_lines(rows, thin, totals, most))
    months = {model: tuple(thin_months(lake, scope, model)) for model, of_thin in thin.items() if of_thin > _NOTHING}
    columns = tuple(
        ModelColumn(
            model=model,
            total=totals[model],
            moved=None if model in months or not whole else _moved(lines, model, whole),
            thin=months.get(model, ()),
            is_thin_everywhere=_is_all(thin[model], totals[model]),
        )
        for model in LAKE_MODELS
    )
    moving = [one for one in columns if one.moved is not None and one.moved > _NOTHING]
    return ModelComparison(
        by=by,
        of=of,
        default=DEFAULT_MODEL,
        columns=columns,
        lines=tuple(lines),
        total=whole,
        furthest=max(moving, key=lambda one: one.moved or 0.0).model if moving else None,
        made=made_from(lake, of, sql, values),
    )


def _sql(by: By, of: Conversions) -> str:
    value = of.of.value_sql
    sums = [f"coalesce(sum({credit_column(model)} * {value}), 0) AS m{nth}" for nth, model in enumerate(LAKE_MODELS)]
    sums += [f"{_thin_sql(model, value)} AS t{nth}" for nth, model in enumerate(LAKE_MODELS)]
    return (
        f"SELECT {by} AS value, reason IS NOT NULL AS is_unknown, {', '.join(sums)} "  # noqa: S608 - values are bound
        f"FROM {{credits}} WHERE {of.where_sql} GROUP BY value, is_unknown"
    )


def _thin_sql(model: str, value: str) -> str:
    """Of months too thin for the model: the candidate's probability, in equal parts over its touches."""
    if model not in LEARNERS:
        return "0.0::DOUBLE"
    thin = f"sum(p / coalesce(length, 1) * {value}) FILTER (WHERE {credit_column(model)} IS NULL)"
    return f"coalesce({thin}, 0)"


def _lines(
    rows: Sequence[Mapping[str, Any]], thin: Mapping[str, float], totals: Mapping[str, float], most: int
) -> Iterator[ModelLine]:
    default = LAKE_MODELS.index(DEFAULT_MODEL)
    whole = [model for model in LAKE_MODELS if thin[model] <= _NOTHING]
    hidden = {model for model in LAKE_MODELS if _is_all(thin[model], totals[model])}
    known = [row for row in rows if row["value"] is not None and not row["is_unknown"]]
    known.sort(key=lambda row: (-row[f"m{default}"], row["value"]))

    def line(kind: LineKind, some: Sequence[Mapping[str, Any]], value: str | None = None) -> ModelLine:
        sums = {model: fsum(row[f"m{nth}"] for row in some) for nth, model in enumerate(LAKE_MODELS)}
        return _line(kind, value, sums, whole, hidden, len(some))

    for row in known[:most]:
        yield line(LineKind.VALUE, [row], row["value"])
    others = [
        (LineKind.REST, known[most:]),
        (LineKind.NONE, [row for row in rows if row["value"] is None and not row["is_unknown"]]),
        (LineKind.UNKNOWN, [row for row in rows if row["is_unknown"]]),
    ]
    yield from (line(kind, some) for kind, some in others if some)
    if any(of_thin > _NOTHING for of_thin in thin.values()):
        yield _line(LineKind.THIN, None, thin, whole, set(), 1)


def _line(
    kind: LineKind, value: str | None, sums: Mapping[str, float], whole: Sequence[str], hidden: set[str], count: int
) -> ModelLine:
    compared = {model: sums[model] for model in whole}
    furthest = max(compared, key=lambda model: abs(compared[model] - sums[DEFAULT_MODEL]))
    differs = abs(compared[furthest] - sums[DEFAULT_MODEL]) > _NOTHING
    return ModelLine(
        value=value,
        kind=kind,
        figures={model: None if model in hidden else amount for model, amount in sums.items()},
        low=min(compared.values()),
        high=max(compared.values()),
        furthest=furthest if differs else None,
        count=count,
    )


def _moved(lines: Sequence[ModelLine], model: str, whole: float) -> float:
    differences = (abs((line.figures[model] or 0.0) - (line.figures[DEFAULT_MODEL] or 0.0)) for line in lines)
    return fsum(differences) / 2 / abs(whole)


def _is_all(part: float, whole: float) -> bool:
    return part > _NOTHING and abs(part - whole) <= _NOTHING * max(1.0, abs(whole))


def model_words(model: str) -> str:
    """What a model does, in one sentence."""
    return find_model(model).meaning
