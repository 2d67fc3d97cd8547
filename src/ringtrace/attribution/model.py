"""What a model of attribution is. A rule looks at one journey; a data-driven model learns from all of them first."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from ringtrace.attribution.statistics import Statistics
from ringtrace.attribution.steps import Ops, Steps

Floats = NDArray[np.float64]


def params_text(params: Mapping[str, object]) -> str:
    """Parameters as results carry them: JSON, names in order."""
    return msgspec.json.encode(dict(params), order="deterministic").decode()


@dataclass(frozen=True)
class Rule:
    """A model that looks at one journey only. `weigh` gives each touch a weight >= 0, as a column; weights are made
    to sum to one over the journey, and where they sum to zero every touch has the same share."""

    name: str
    title: str
    meaning: str
    weigh: Callable[[Steps, Ops], Any]
    params: str = "{}"


@dataclass(frozen=True)
class Fitted:
    """What a data-driven model learned. One entry a player, in the order of `players`.

    `effects`, all >= 0: a conversion is shared in proportion to the effects of the players of its journey, a player's
    part equally over its touches. `totals`: conversions credited when the whole is shared at once; they sum to all
    conversions, as `value_totals` sum to all value. `errors`: standard errors of `totals` where they were sampled.
    `p_conversion`: the fitted probability that a journey converts. `notes`: what a reader must know.
    """

    model: str
    params: str
    players: tuple[str, ...]
    effects: Floats
    totals: Floats
    value_totals: Floats
    p_conversion: float
    errors: Floats | None = None
    notes: tuple[str, ...] = field(default=())


class Learner(Protocol):
    """A data-driven model. `order` is the longest history it needs (0: none), `coalitions` whether it needs those."""

    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def meaning(self) -> str: ...

    @property
    def params(self) -> str: ...

    @property
    def order(self) -> int: ...

    @property
    def coalitions(self) -> bool: ...

    def fit(self, statistics: Statistics) -> Fitted:
        """The same statistics give the same bytes. Raises TooThin, with what would be enough."""
        ...


Model = Rule | Learner
