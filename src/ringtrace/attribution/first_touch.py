"""First touch: all credit to what first brought the visitor."""

from __future__ import annotations

from typing import Any

from ringtrace.attribution.model import Rule
from ringtrace.attribution.steps import Ops, Steps


def _weigh(steps: Steps, ops: Ops) -> Any:
    return ops.when(steps.position == 1, 1.0, 0.0)


FIRST_TOUCH = Rule("first_touch", "First touch", "All credit to the first visit of the journey.", _weigh)
