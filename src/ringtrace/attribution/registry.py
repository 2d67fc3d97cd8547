"""Every model by its name, in the order in which they are shown."""

from __future__ import annotations

from types import MappingProxyType

from ringtrace.attribution.first_touch import FIRST_TOUCH
from ringtrace.attribution.last_non_direct import LAST_NON_DIRECT
from ringtrace.attribution.last_paid import LAST_PAID
from ringtrace.attribution.last_touch import LAST_TOUCH
from ringtrace.attribution.linear import LINEAR
from ringtrace.attribution.markov import MOST_ORDER, Markov
from ringtrace.attribution.model import Learner, Model, Rule
from ringtrace.attribution.position import FULL_PATH, POSITION_BASED, W_SHAPED
from ringtrace.attribution.shapley import Shapley
from ringtrace.attribution.shapley_sum import SHAPLEY_SUM
from ringtrace.attribution.time_decay import TIME_DECAY
from ringtrace.core.errors import BadInput

_RULES: tuple[Rule, ...] = (
    FIRST_TOUCH,
    LAST_TOUCH,
    LAST_NON_DIRECT,
    LAST_PAID,
    LINEAR,
    TIME_DECAY,
    POSITION_BASED,
    W_SHAPED,
    FULL_PATH,
    SHAPLEY_SUM,
)
_LEARNERS: tuple[Learner, ...] = (
    *(Markov(order) for order in range(1, MOST_ORDER + 1)),
    Shapley("rate"),
    Shapley("exact"),
)

RULES: MappingProxyType[str, Rule] = MappingProxyType({model.name: model for model in _RULES})
LEARNERS: MappingProxyType[str, Learner] = MappingProxyType({model.name: model for model in _LEARNERS})
MODELS: MappingProxyType[str, Model] = MappingProxyType({**RULES, **LEARNERS})
LAKE_LEARNERS = ("markov", "markov_2", "shapley")
LAKE_MODELS: tuple[str, ...] = (*RULES, *LAKE_LEARNERS)
"""The models whose shares the lake keeps for every conversion: a column each of its `credits`."""

DEFAULT_MODEL = LAST_NON_DIRECT.name


def find_model(name: str) -> Model:
    """The model of this name. Raises BadInput."""
    if name not in MODELS:
        raise BadInput(f"There is no model {name!r}.", hint=f"Choose one of: {', '.join(MODELS)}.")
    return MODELS[name]
