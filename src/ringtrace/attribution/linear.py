"""Linear: every touch the same."""

from __future__ import annotations

from typing import Any

from ringtrace.attribution.model import Rule
from ringtrace.attribution.steps import Ops, Steps


def _weigh(steps: Steps, ops: Ops) -> Any:
    return ops.number(1.0) / steps.length


LINEAR = Rule("linear", "Linear", "The same share to every visit of the journey.", _weigh)
