"""Last non-direct touch: all credit to the last visit that somebody sent; to the last visit if all were direct."""

from __future__ import annotations

from typing import Any

from ringtrace.attribution.model import Rule
from ringtrace.attribution.steps import Ops, Steps


def last_sent(steps: Steps, ops: Ops) -> Any:
    """The position of the last touch that was not direct, or of the last touch where all were."""
    return ops.when(steps.last_sent > 0, steps.last_sent, steps.length)


def _weigh(steps: Steps, ops: Ops) -> Any:
    return ops.when(steps.position == last_sent(steps, ops), 1.0, 0.0)


LAST_NON_DIRECT = Rule(
    "last_non_direct",
    "Last non-direct",
    "All credit to the last visit that came from somewhere; direct only if there was nothing else.",
    _weigh,
)
