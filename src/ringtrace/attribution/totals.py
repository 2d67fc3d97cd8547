"""What each player has by a rule, added up over conversions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringtrace.attribution.journeys import PPM, Journeys
from ringtrace.attribution.model import Fitted, Rule
from ringtrace.attribution.steps import NUMPY_OPS, NumpySteps

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Standing:
    """Where players stand in journeys that converted, one entry a player: conversions they open, close, take part in
    at all, and touches; all weighted by the probability of the conversion."""

    opens: Floats
    closes: Floats
    present: Floats
    touches: Floats


@dataclass(frozen=True)
class RuleTotals:
    """Conversions and value by player, for each rule's name; and how players stand."""

    conversions: Mapping[str, Floats]
    value: Mapping[str, Floats]
    standing: Standing


def rule_totals(journeys: Journeys, rules: Sequence[Rule]) -> RuleTotals:
    """Totals of the batch's conversions."""
    won = journeys if bool(np.all(journeys.converted_ppm > 0)) else journeys.converting
    steps = NumpySteps(won)
    players = len(won.players)
    ppm = np.repeat(won.converted_ppm, won.lengths) / PPM
    micros = np.repeat(won.value_micros, won.lengths) / PPM

    def by_player(weights: Floats) -> Floats:
        return np.bincount(won.codes, weights=weights, minlength=players).astype(np.float64)

    conversions: dict[str, Floats] = {}
    value: dict[str, Floats] = {}
    for rule in rules:
        share = steps.share(rule.weigh(steps, NUMPY_OPS))
        conversions[rule.name] = by_player(share * ppm)
        value[rule.name] = by_player(share * micros)
    standing = Standing(
        opens=by_player(ppm * (steps.position == 1)),
        closes=by_player(ppm * (steps.position == steps.length)),
        present=by_player(ppm / steps.repeats),
        touches=by_player(ppm),
    )
    return RuleTotals(conversions, value, standing)


def add_totals(parts: Sequence[RuleTotals]) -> RuleTotals:
    """The sum, in the order given: the same parts give the same bytes."""

    def summed(columns: Sequence[Floats]) -> Floats:
        total: Floats = np.sum(np.stack(columns), axis=0)
        return total

    first = parts[0]
    return RuleTotals(
        conversions={name: summed([part.conversions[name] for part in parts]) for name in first.conversions},
        value={name: summed([part.value[name] for part in parts]) for name in first.value},
        standing=Standing(
            *(summed([getattr(part.standing, name) for part in parts]) for name in Standing.__dataclass_fields__)
        ),
    )


def fitted_shares(journeys: Journeys, fitted: Fitted) -> Floats:
    """The share of every touch by what a data-driven model learned: a journey's conversion goes to its distinct
    players in proportion to their effects, a player's part equally to its touches. Where all effects are zero, to
    the distinct players alike."""
    steps = NumpySteps(journeys)
    if not len(journeys.codes):
        return np.zeros(0)
    weights = fitted.effects[journeys.codes] / steps.repeats
    worth = np.add.reduceat(weights, journeys.starts[:-1])
    nothing = np.repeat(worth <= 0, journeys.lengths)
    return steps.share(np.where(nothing, 1.0 / steps.repeats, weights))
