"""Last paid touch: all credit to the last visit that was paid for; without one, as last non-direct."""

from __future__ import annotations

from typing import Any

from ringtrace.attribution.last_non_direct import last_sent
from ringtrace.attribution.model import Rule
from ringtrace.attribution.steps import Ops, Steps


def _weigh(steps: Steps, ops: Ops) -> Any:
    chosen = ops.when(steps.last_paid > 0, steps.last_paid, last_sent(steps, ops))
    return ops.when(steps.position == chosen, 1.0, 0.0)


LAST_PAID = Rule(
    "last_paid",
    "Last paid",
    "All credit to the last visit that was paid for; without one, to the last that came from somewhere.",
    _weigh,
)
