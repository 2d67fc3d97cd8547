"""Models side by side: what each player has by each, what moved against a baseline, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ringtrace.attribution.attribute import Answer, solve
from ringtrace.attribution.model import Model, Rule
from ringtrace.attribution.registry import DEFAULT_MODEL, LAKE_MODELS
from ringtrace.attribution.results import constant, give_back, made_columns
from ringtrace.core.errors import BadInput

_LEAST_MOVE = 0.005  # of all conversions: less is no move worth a word


def compare(
    journeys: object,
    models: Sequence[str | Model] = LAKE_MODELS,
    *,
    baseline: str = DEFAULT_MODEL,
    out: str | Path | None = None,
    **options: Any,
) -> Any:
    """A row for each player: conversions by each model (a column each), `least` and `most` of them, the model that
    moves it furthest from the `baseline` with the difference, and `why` in words, from where the player stands in
    journeys. The same kind of table as `journeys`; options as for `attribute`. Raises BadInput, TooThin."""
    answer = solve(journeys, models, **options)
    kind = answer.read.touches.kind
    return give_back(comparison_columns(answer, baseline), kind, Path(out) if out is not None else None)


def comparison_columns(answer: Answer, baseline: str) -> dict[str, Any]:
    """The columns of `compare`. Raises BadInput where the baseline is not among the models."""
    by_model = {model.name: answer.credited(model)[0] for model in answer.models}
    if baseline not in by_model:
        raise BadInput(f"The baseline {baseline!r} is not compared.", hint=f"Choose one of: {', '.join(by_model)}.")
    stacked = np.stack(list(by_model.values()))
    moved = stacked - by_model[baseline]
    furthest = np.argmax(np.abs(moved), axis=0)
    rows = len(answer.players)
    models = {model.name: model for model in answer.models}
    names = list(by_model)
    columns: dict[str, Any] = {answer.read.touches.columns.player: np.array(answer.players, dtype=object)}
    columns |= by_model
    columns |= {"least": stacked.min(axis=0), "most": stacked.max(axis=0)}
    columns["moved_by"] = np.array([names[model] for model in furthest], dtype=object)
    columns["moved"] = moved[furthest, np.arange(rows)]
    columns["why"] = np.array(
        [
            _why(answer, player, models[names[furthest[player]]], columns["moved"][player], baseline)
            for player in range(rows)
        ],
        dtype=object,
    )
    made = made_columns(answer.made(models[baseline]), rows)
    return (
        columns
        | {"baseline": made["model"], "definition": made["definition"], "data_version": made["data_version"]}
        | {"params": constant("; ".join(f"{one.name} {one.params}" for one in answer.models), rows)}
    )


def _why(answer: Answer, player: int, model: Model, moved: float, baseline: str) -> str:
    standing = answer.totals.standing
    opens, closes, present, touches = (
        float(column[player]) for column in (standing.opens, standing.closes, standing.present, standing.touches)
    )
    name = answer.players[player]
    if not present:
        return f"{name} is in no journey that converted."
    if abs(moved) < _LEAST_MOVE * answer.statistics.conversions:
        return f"All models say nearly the same of {name}."
    place = (
        f"{name} is in {present:,.0f} conversions: it opens {opens / present:.0%} and closes {closes / present:.0%} of "
        f"them, with {touches / present:.1f} visits in each"
    )
    return f"{place}. {model.title} gives it {moved:+,.1f} beside {baseline}{_reason(answer, player, model, moved)}."


def _reason(answer: Answer, player: int, model: Model, moved: float) -> str:
    standing = answer.totals.standing
    if isinstance(model, Rule):
        if moved > 0 and standing.opens[player] > standing.closes[player]:
            return ", since it begins journeys more often than it ends them"
        if moved < 0 and standing.closes[player] > standing.opens[player]:
            return ", since it ends journeys more often than it begins them"
        return ""
    effect = float(answer.fitted[model.name].effects[player])
    if model.name.startswith("markov"):
        return f": without it {effect:.0%} of conversions would be lost if its visitors came by nothing else"
    part = effect / float(answer.fitted[model.name].effects.sum())
    return f": what it adds to the conversion rates of the sets it joins is {part:.0%} of what all add"
