"""Time decay: a touch counts half as much for each half-life that it lies before the conversion."""

from __future__ import annotations

from typing import Any

from ringtrace.attribution.model import Rule, params_text
from ringtrace.attribution.steps import Ops, Steps
from ringtrace.core.errors import BadInput

HALF_LIFE_DAYS = 7.0


def time_decay(half_life_days: float = HALF_LIFE_DAYS, *, name: str = "time_decay") -> Rule:
    """The model with this half-life, in days. Raises BadInput if that is not above zero."""
    if not half_life_days > 0:
        raise BadInput(f"A half-life of {half_life_days} days decays nothing.", hint="Give one above 0, such as 7.")

    def weigh(steps: Steps, ops: Ops) -> Any:
        return ops.exp2(-steps.days_before / ops.number(half_life_days))

    return Rule(
        name,
        "Time decay",
        f"The nearer to the call the more: half as much for every {half_life_days:g} days before it.",
        weigh,
        params_text({"half_life_days": half_life_days}),
    )


TIME_DECAY = time_decay()
