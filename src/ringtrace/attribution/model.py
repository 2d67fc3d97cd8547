"""What a model of attribution is. Rules need no fitting; data-driven models learn from all journeys first."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ringtrace.attribution.journeys import Journey, Touch


class FittedModel(Protocol):
    """A model that is ready to share. `params` is its parameters as JSON text, as results carry them."""

    @property
    def name(self) -> str: ...

    @property
    def params(self) -> str: ...

    def share(self, journey: Journey) -> tuple[float, ...]:
        """The share of each touch, in the journey's order: none below zero, summing to one; () without touches."""
        ...


class Model(Protocol):
    """A way to share credit. Fitting twice on the same journeys gives the same shares."""

    @property
    def name(self) -> str: ...

    @property
    def params(self) -> str: ...

    def fit(self, journeys: Sequence[Journey]) -> FittedModel:
        """Learns from journeys that converted and those that did not."""
        ...


@dataclass(frozen=True)
class Rule:
    """A model that looks at one journey only. `weigh` gives each touch a weight; weights are made to sum to one."""

    name: str
    weigh: Callable[[Sequence[Touch]], Sequence[float]]
    params: str = "{}"

    def fit(self, journeys: Sequence[Journey]) -> Rule:  # noqa: ARG002 - a rule has nothing to learn
        return self

    def share(self, journey: Journey) -> tuple[float, ...]:
        if not journey.touches:
            return ()
        weights = self.weigh(journey.touches)
        total = sum(weights)
        return tuple(weight / total for weight in weights)


def all_on(touches: Sequence[Touch], chosen: int) -> tuple[float, ...]:
    """Everything on one touch, by its index from the start (or, negative, from the end)."""
    at = range(len(touches))[chosen]
    return tuple(float(index == at) for index in range(len(touches)))
