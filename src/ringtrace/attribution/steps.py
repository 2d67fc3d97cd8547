"""What a rule looks at: the steps of journeys as columns. The same rule reads NumPy arrays and Ibis tables."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ringtrace.attribution.journeys import Journeys

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
DAY_US = 86_400_000_000


class Steps(Protocol):
    """One row a touch, in journey order; each attribute a column.

    `position` counts from 1 to `length`. `days_before`: days from the touch to the conversion, >= 0. `last_sent` and
    `last_paid`: the position of the journey's last touch that was not direct, that was paid; 0 where there is none.
    `lead` and `opportunity`: the position of the touch before the lead was made, before the opportunity was; 0 where
    that is not known. `repeats`: how many touches of the journey have this touch's player.
    """

    @property
    def position(self) -> Any: ...

    @property
    def length(self) -> Any: ...

    @property
    def days_before(self) -> Any: ...

    @property
    def last_sent(self) -> Any: ...

    @property
    def last_paid(self) -> Any: ...

    @property
    def lead(self) -> Any: ...

    @property
    def opportunity(self) -> Any: ...

    @property
    def repeats(self) -> Any: ...


class Ops(Protocol):
    """The few operations that differ between the engines. All else is arithmetic and comparison of columns."""

    def number(self, value: float) -> Any:
        """A constant, as a double everywhere: engines disagree about what a bare `0.3` is."""
        ...

    def when(self, condition: Any, then: Any, otherwise: Any) -> Any: ...

    def exp2(self, power: Any) -> Any:
        """Two to the power of a column."""
        ...


class NumpyOps:
    def number(self, value: float) -> float:
        return float(value)

    def when(self, condition: Any, then: Any, otherwise: Any) -> Any:
        return np.where(condition, then, otherwise)

    def exp2(self, power: Any) -> Any:
        return np.exp2(power)


NUMPY_OPS: Ops = NumpyOps()


class NumpySteps:
    """The steps of a batch of journeys, each column made when a rule first asks for it."""

    def __init__(self, journeys: Journeys) -> None:
        self._of = journeys
        self._lengths = np.diff(journeys.starts)
        self._journey = np.repeat(np.arange(len(self._lengths)), self._lengths)

    @cached_property
    def position(self) -> Ints:
        return np.arange(1, len(self._journey) + 1) - self._of.starts[self._journey]

    @cached_property
    def length(self) -> Ints:
        return self._lengths[self._journey]

    @cached_property
    def days_before(self) -> Floats:
        return (self._of.converted_us[self._journey] - self._of.at_us) / DAY_US

    @cached_property
    def last_sent(self) -> Ints:
        return self._last(~self._of.is_direct)

    @cached_property
    def last_paid(self) -> Ints:
        return self._last(self._of.is_paid)

    @cached_property
    def lead(self) -> Ints:
        return self._last(self._of.is_lead)

    @cached_property
    def opportunity(self) -> Ints:
        return self._last(self._of.is_opportunity)

    @cached_property
    def repeats(self) -> Ints:
        players = len(self._of.players)
        pairs = self._journey * players + self._of.codes
        order = np.argsort(pairs, kind="stable")
        first = np.flatnonzero(np.diff(pairs[order], prepend=-1))
        counts = np.diff(first, append=len(pairs))
        repeats = np.empty_like(pairs)
        repeats[order] = np.repeat(counts, counts)
        return repeats

    def share(self, weights: Any) -> Floats:
        """Weights made to sum to one over each journey; where they sum to zero, every touch the same."""
        weights = np.broadcast_to(np.asarray(weights, dtype=np.float64), self._journey.shape)
        if not len(weights):
            return np.zeros(0)
        total = np.add.reduceat(weights, self._of.starts[:-1])[self._journey]
        share: Floats = np.divide(weights, total, out=1.0 / self.length, where=total > 0)
        return share

    def _last(self, chosen: NDArray[np.bool_] | None) -> Ints:
        """The last position of each journey at which `chosen` holds, for every touch; 0 where at none."""
        if chosen is None or not len(self._journey):
            return np.zeros(len(self._journey), dtype=np.int64)
        last: Ints = np.maximum.reduceat(np.where(chosen, self.position, 0), self._of.starts[:-1])
        return last[self._journey]
