"""Shapley value of the sum game: every player of a journey the same, however often it stands there.

The game's worth of a set of players is the number of conversions whose players all lie within it; its Shapley value
gives each conversion in equal parts to its distinct players (Zhao, Mahboobi and Bagheri 2018, "Shapley value methods
for attribution modeling in online advertising", the simplified form). It differs from linear only where a player
repeats, and learns nothing from journeys that came to nothing.
"""

from __future__ import annotations

from typing import Any

from ringtrace.attribution.model import Rule
from ringtrace.attribution.steps import Ops, Steps


def _weigh(steps: Steps, ops: Ops) -> Any:
    return ops.number(1.0) / steps.repeats


SHAPLEY_SUM = Rule(
    "shapley_sum",
    "Shapley, sum game",
    "The same share to every distinct player of the journey: linear, but for repeats.",
    _weigh,
)
