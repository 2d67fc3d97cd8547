"""One question of credit as columns, for the command line: totals, conversions, comparison or what-if."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringtrace.attribution.attribute import Progress, conversion_columns, solve, total_columns
from ringtrace.attribution.comparison import comparison_columns
from ringtrace.attribution.markov import Markov
from ringtrace.attribution.registry import DEFAULT_MODEL, MODELS
from ringtrace.attribution.results import write as write
from ringtrace.attribution.what_if import what_if_columns


@dataclass(frozen=True)
class Request:
    """`models` ("all",): every one. `options` are those of `attribute`, columns' names among them."""

    touches: tuple[str, ...]
    models: tuple[str, ...]
    per: str
    compare: bool
    without: str | None
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Report:
    columns: Mapping[str, Any]
    notes: tuple[str, ...]


def make_report(request: Request, progress: Progress) -> Report:
    """The answer. Raises BadInput, TooThin."""
    if request.without is not None:
        model = Markov()
        answer = solve(list(request.touches), model, progress=progress, **request.options)
        return Report(what_if_columns(answer, model, request.without), answer.notes(model))
    models = tuple(MODELS) if request.models == ("all",) else request.models
    answer = solve(list(request.touches), models, progress=progress, **request.options)
    notes = tuple(dict.fromkeys(note for model in answer.models for note in answer.notes(model)))
    if request.compare:
        baseline = DEFAULT_MODEL if DEFAULT_MODEL in models else models[0]
        return Report(comparison_columns(answer, baseline), notes)
    return Report(total_columns(answer) if request.per == "total" else conversion_columns(answer), notes)
