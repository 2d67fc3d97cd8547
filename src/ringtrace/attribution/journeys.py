"""A journey: the touches that led up to a conversion, or to nothing."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Source


class Touch(Struct, frozen=True, kw_only=True):
    """One visit, or one printed number, as a step towards a conversion. `visit_id` is None for a printed number."""

    touch_id: str
    at_ms: int
    visit_id: str | None
    source: Source


class Journey(Struct, frozen=True, kw_only=True):
    """Touches in order of time and the conversion they may have led to.

    `p`: the probability that this is the conversion's journey. A conversion may have several journeys, one for each
    visitor who may have made the call; their `p` sum to at most one and the rest is unknown. `value_cents` None: the
    value is not known. `converted` False: a journey that came to nothing, which only data-driven models learn from.
    Raises BadInput for a `p` outside 0 to 1 or touches out of order.
    """

    conversion_id: str
    touches: tuple[Touch, ...]
    p: float = 1.0
    value_cents: int | None = None
    converted: bool = True

    def __post_init__(self) -> None:
        if not 0.0 <= self.p <= 1.0:
            raise BadInput(f"A journey's probability is {self.p}.", hint="Give one between 0 and 1.")
        times = [touch.at_ms for touch in self.touches]
        if times != sorted(times):
            raise BadInput("A journey's touches are out of order.", hint="Lay them out with lay_out().")


def lay_out(touches: Iterable[Touch], converted_ms: int, lookback_ms: int) -> tuple[Touch, ...]:
    """The touches at most `lookback_ms` before the conversion and not after it, by time; ties keep their order."""
    within = [touch for touch in touches if 0 <= converted_ms - touch.at_ms <= lookback_ms]
    return tuple(sorted(within, key=lambda touch: touch.at_ms))
