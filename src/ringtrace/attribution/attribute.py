"""`attribute`: credit from any table of touches, by any models, in one pass."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from ringtrace.attribution.bootstrap import Interval, intervals_of
from ringtrace.attribution.heap import kept_heap
from ringtrace.attribution.journeys import Journeys, helpings
from ringtrace.attribution.layout import lay_out
from ringtrace.attribution.markov import Markov
from ringtrace.attribution.model import Fitted, Floats, Model, Rule
from ringtrace.attribution.onepass import Found, OnePass, read_once
from ringtrace.attribution.registry import DEFAULT_MODEL, find_model
from ringtrace.attribution.results import DEFINITION, Made, constant, give_back, made_columns
from ringtrace.attribution.shapley import Shapley
from ringtrace.attribution.statistics import Statistics, add_up, gather
from ringtrace.attribution.steps import NUMPY_OPS, NumpySteps
from ringtrace.attribution.totals import RuleTotals, add_totals, fitted_shares, rule_totals
from ringtrace.attribution.touches import Columns, Touches, open_touches, quoted
from ringtrace.core.errors import BadInput

Progress = Callable[[str, float], None]

MEMORY_BYTES = 2 << 30
_MOST_MICROS = float(1 << 62)
_TAKEN = frozenset(
    {"model", "params", "definition", "data_version", "conversions", "share", "value", "low", "high", "error", "note"}
    | {"position", "at", "least", "most", "moved", "moved_by", "why", "baseline", "removed", "without", "lost"}
)
_GUESSED = ("value", "p", "converted_at", "lead", "opportunity")


@dataclass(frozen=True)
class Answer:
    """All that one pass found: by rule, by fitted model, and what was dealt with by rule on the way."""

    read: OnePass
    models: tuple[Model, ...]
    totals: RuleTotals
    statistics: Statistics
    fitted: Mapping[str, Fitted]
    intervals: Mapping[str, Interval]

    @property
    def players(self) -> tuple[str, ...]:
        return self.read.layout.players

    def made(self, model: Model) -> Made:
        return Made(model=model.name, params=model.params, definition=DEFINITION, data_version=self.read.data_version)

    def credited(self, model: Model) -> tuple[Floats, Floats]:
        """Conversions and value by player."""
        if isinstance(model, Rule):
            return self.totals.conversions[model.name], self.totals.value[model.name]
        fitted = self.fitted[model.name]
        return fitted.totals, fitted.value_totals

    def notes(self, model: Model) -> tuple[str, ...]:
        """What a reader of this model's figures must know."""
        counts = ((self.read.found(what), what.value) for what in Found)
        found = tuple(f"{count:,} {words}." for count, words in counts if count)
        if not self.statistics.converted_ppm:
            found = (*found, "No journey converted: there is nothing to share.")
        return found + (() if isinstance(model, Rule) else self.fitted[model.name].notes)


def attribute(
    journeys: object,
    model: str | Model | Sequence[str | Model] = DEFAULT_MODEL,
    *,
    by: str = "channel",
    per: str = "total",
    out: str | Path | None = None,
    top: int | None = None,
    intervals: int | None = None,
    least_conversions: int | None = None,
    null_as: str | None = None,
    duplicates: str = "drop",
    progress: Progress | None = None,
    memory_bytes: int = MEMORY_BYTES,
    **columns: str | None,
) -> Any:
    """Credit by one model or several, as the same kind of table that `journeys` is.

    `journeys`: a row a touch: Parquet path(s), an Arrow, pandas, Polars or Ibis table, or a dict of NumPy arrays;
    `columns` name its columns where they differ from `Columns`, `by` the one whose values get the credit.

    `per="total"`: a row for each model and player: `conversions` and their `share`, `value`, `low` and `high` (95 %,
    from `intervals` resamplings of journeys), `error` where a model was sampled. `per="conversion"`: a row for each
    touch of each journey that converted, with a column of shares for each model; they sum to one over a
    journey, times its `p`. Every row names model, parameters, definition and data version; the same give the same
    bytes.

    `top`: only the so many most frequent values of `by`, the rest as "(other)". `least_conversions`: below it,
    data-driven models raise TooThin. `null_as`: a name for rows without one. `duplicates`: "drop", "keep", "error".
    `memory_bytes`: beyond it, rows go to a temporary file. `progress` is called with a word and a part of one.

    Raises BadInput for what cannot be read, naming the row or column and the cure; TooThin.
    """
    answer = solve(
        journeys,
        model,
        by=by,
        top=top,
        intervals=intervals,
        least_conversions=least_conversions,
        null_as=null_as,
        duplicates=duplicates,
        progress=progress,
        memory_bytes=memory_bytes,
        **columns,
    )
    if per not in ("total", "conversion"):
        raise BadInput(f"per={per!r} is nothing to share by.", hint="Choose 'total' or 'conversion'.")
    made = total_columns(answer) if per == "total" else conversion_columns(answer)
    return give_back(made, answer.read.touches.kind, Path(out) if out is not None else None)


def solve(
    journeys: object,
    model: str | Model | Sequence[str | Model] = DEFAULT_MODEL,
    *,
    by: str = "channel",
    top: int | None = None,
    intervals: int | None = None,
    least_conversions: int | None = None,
    null_as: str | None = None,
    duplicates: str = "drop",
    progress: Progress | None = None,
    memory_bytes: int = MEMORY_BYTES,
    **columns: str | None,
) -> Answer:
    """What `attribute` shows, before it is laid out as a table."""
    models = _models(model, least_conversions)
    touches = open_touches(journeys, _columns(columns, by), memory_bytes=memory_bytes)
    touches = replace(touches, columns=_guessed(touches, columns))
    layout = lay_out(touches, top=top, null_as=null_as)
    with kept_heap(layout.rows):
        read = read_once(touches, layout, duplicates=duplicates, memory_bytes=memory_bytes)
        statistics, totals = _count(read, models, (lambda part: progress("counting", part)) if progress else None)
    fitted = {one.name: one.fit(statistics) for one in models if not isinstance(one, Rule)}
    found = intervals_of(read, models, intervals, progress) if intervals else {}
    return Answer(read, models, totals, statistics, fitted, found)


def _count(
    read: OnePass, models: Sequence[Model], progress: Callable[[float], None] | None
) -> tuple[Statistics, RuleTotals]:
    learners = [one for one in models if not isinstance(one, Rule)]
    order = max((one.order for one in learners), default=0)
    coalitions = any(one.coalitions for one in learners)

    def count(number: int) -> tuple[Statistics, Journeys]:
        walks, won = read.counted(number)
        return gather(walks, order=order, coalitions=coalitions), won

    parts = read.each(count, progress)
    if sum(float(np.abs(won.value_micros).sum(dtype=np.float64)) for _, won in parts) >= _MOST_MICROS:
        raise BadInput(
            "The values sum to more than can be counted in millionths.",
            hint="Give them in a larger unit, such as thousands.",
        )
    rules = [one for one in models if isinstance(one, Rule)]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        totals = list(pool.map(lambda won: rule_totals(won, rules), helpings([part[1] for part in parts])))
    return add_up(part[0] for part in parts), add_totals(totals)


def _models(model: str | Model | Sequence[str | Model], least: int | None) -> tuple[Model, ...]:
    asked = [model] if isinstance(model, str) or not isinstance(model, Sequence) else list(model)
    if not asked:
        raise BadInput("No model is named.", hint="Name one, such as last_non_direct.")
    found = list(dict.fromkeys(find_model(one) if isinstance(one, str) else one for one in asked))
    names = [one.name for one in found]
    if len(set(names)) < len(names):
        raise BadInput(f"Two of the models have one name: {', '.join(names)}.", hint="Give one another by name=.")
    return tuple(
        replace(one, least_conversions=least) if least is not None and isinstance(one, Markov | Shapley) else one
        for one in found
    )


def _columns(named: Mapping[str, str | None], by: str) -> Columns:
    unknown = set(named) - set(Columns.__struct_fields__)
    if unknown:
        raise BadInput(
            f"attribute() has no option {', '.join(sorted(unknown))}.",
            hint=f"Columns are named by: {', '.join(Columns.__struct_fields__)}.",
        )
    if by in _TAKEN or named.get("journey") in _TAKEN:
        raise BadInput(
            f"A column of the result is called {by if by in _TAKEN else named['journey']!r} too.",
            hint="Give that column of the table another name.",
        )
    return msgspec.structs.replace(Columns(player=by), **{name: one for name, one in named.items() if one})


def _guessed(touches: Touches, named: Mapping[str, str | None]) -> Columns:
    """Optional columns that nobody named and that are there by their own name are used; None says not to."""
    found = {role: role for role in _GUESSED if role not in named and role in touches.types}
    if "channel" not in named and "channel" in touches.types and touches.columns.player != "channel":
        found["channel"] = "channel"
    return msgspec.structs.replace(touches.columns, **found)


def total_columns(answer: Answer) -> dict[str, Any]:
    """The columns of `per="total"`, a block of players for each model."""
    blocks = [_total_block(answer, model) for model in answer.models]
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}


def _total_block(answer: Answer, model: Model) -> dict[str, Any]:
    rows = len(answer.players)
    conversions, value = answer.credited(model)
    whole = conversions.sum()
    known = answer.read.touches.columns.value is not None
    block = made_columns(answer.made(model), rows)
    block[answer.read.touches.columns.player] = np.array(answer.players, dtype=object)
    block["conversions"] = conversions
    block["share"] = conversions / whole if whole else np.full(rows, np.nan)
    block["value"] = value if known else np.full(rows, np.nan)
    if answer.intervals:
        block["low"], block["high"] = answer.intervals[model.name].low, answer.intervals[model.name].high
    errors = None if isinstance(model, Rule) else answer.fitted[model.name].errors
    if any(one.errors is not None for one in answer.fitted.values()):
        block["error"] = np.full(rows, np.nan) if errors is None else errors
    block["note"] = constant(" ".join(answer.notes(model)), rows)
    return block


def conversion_columns(answer: Answer) -> dict[str, Any]:
    """The columns of `per="conversion"`."""
    columns = answer.read.touches.columns
    blocks = answer.read.each(lambda number: _conversion_block(answer, answer.read.counted(number)[1]))
    joined = {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
    rows = len(joined["position"])
    names = _ids(answer.read)
    made = {
        f"{model.name}_made": constant(msgspec.json.encode(answer.made(model)).decode(), rows)
        for model in answer.models
    }
    keys = joined.pop("key")
    players = np.array(answer.players, dtype=object)[joined.pop("code")]
    return {
        columns.journey: np.array([names[key] for key in keys.tolist()], dtype=object),
        "at": joined.pop("at").view("datetime64[us]"),
        "position": joined.pop("position"),
        columns.player: players,
        **joined,
        **made,
    }


def _conversion_block(answer: Answer, won: Journeys) -> dict[str, Any]:
    steps = NumpySteps(won)
    p = np.repeat(won.converted_ppm, won.lengths) / 1e6
    block: dict[str, Any] = {
        "key": np.repeat(won.key, won.lengths),
        "at": won.at_us,
        "code": won.codes,
        "position": steps.position,
        "value": np.repeat(won.value_micros, won.lengths) / 1e6,
    }
    for model in answer.models:
        if isinstance(model, Rule):
            share = steps.share(model.weigh(steps, NUMPY_OPS))
        else:
            share = fitted_shares(won, answer.fitted[model.name])
        block[model.name] = share * p
    return block


def _ids(read: OnePass) -> dict[int, str]:
    """The ids of journeys that converted, by their keys."""
    touches = read.touches
    journey, converted = quoted(touches.columns.journey), quoted(touches.columns.converted)
    rows = touches.ask(
        f"SELECT DISTINCT hash({journey}), {journey}::VARCHAR FROM {touches.source} WHERE {converted}::BIGINT <> 0"  # noqa: S608
    )
    return dict(rows)
