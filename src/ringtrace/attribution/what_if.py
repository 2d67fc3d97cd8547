"""What if a player were gone: what the fitted chain expects of conversions without it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ringtrace.attribution.attribute import Answer, solve
from ringtrace.attribution.markov import Markov, chain_of, removal_losses, without
from ringtrace.attribution.model import Floats
from ringtrace.attribution.results import constant, give_back, made_columns
from ringtrace.core.errors import BadInput


def what_if(journeys: object, player: str, *, order: int = 1, out: str | Path | None = None, **options: Any) -> Any:
    """A row for each player: conversions credited now (`conversions`) and in the chain without `player` (`without`),
    and on each row the whole: `conversions_now`, `conversions_without`, `lost` (a part of one).

    The chain sends whoever came by the player to nothing: it is the most that could be lost, since people find
    other ways. What marketing causes, an experiment shows. Raises BadInput for a player that is not there, TooThin.
    """
    model = Markov(order)
    answer = solve(journeys, model, **options)
    columns = what_if_columns(answer, model, player)
    return give_back(columns, answer.read.touches.kind, Path(out) if out is not None else None)


def what_if_columns(answer: Answer, model: Markov, player: str) -> dict[str, Any]:
    """The columns of `what_if`."""
    name = answer.read.touches.columns.player
    if player not in answer.players:
        raise BadInput(f"There is no {name} {player!r}.", hint=f"There are: {', '.join(answer.players[:20])}.")
    gone = answer.players.index(player)
    fitted, statistics = answer.fitted[model.name], answer.statistics
    left = without(chain_of(statistics.lower(model.order)), gone)
    conversions = left.base[0] * statistics.journeys
    effects: Floats = np.clip(removal_losses(left, len(answer.players))[0], 0.0, None)
    effects[gone] = 0.0
    rows = len(answer.players)
    return made_columns(answer.made(model), rows) | {
        name: np.array(answer.players, dtype=object),
        "removed": constant(player, rows),
        "conversions": fitted.totals,
        "without": effects / effects.sum() * conversions if effects.sum() else effects,
        "conversions_now": np.full(rows, statistics.conversions),
        "conversions_without": np.full(rows, conversions),
        "lost": np.full(rows, fitted.effects[gone]),
    }
