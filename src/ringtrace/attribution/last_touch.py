"""Last touch: all credit to the visit before the conversion."""

from __future__ import annotations

from typing import Any

from ringtrace.attribution.model import Rule
from ringtrace.attribution.steps import Ops, Steps


def _weigh(steps: Steps, ops: Ops) -> Any:
    return ops.when(steps.position == steps.length, 1.0, 0.0)


LAST_TOUCH = Rule("last_touch", "Last touch", "All credit to the last visit before the call.", _weigh)
