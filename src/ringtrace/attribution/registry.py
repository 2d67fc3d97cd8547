"""Every model by its name."""

from __future__ import annotations

from types import MappingProxyType

from ringtrace.attribution.first_touch import FIRST_TOUCH
from ringtrace.attribution.last_non_direct import LAST_NON_DIRECT
from ringtrace.attribution.last_touch import LAST_TOUCH
from ringtrace.attribution.linear import LINEAR
from ringtrace.attribution.model import Model

_ALL: tuple[Model, ...] = (FIRST_TOUCH, LAST_TOUCH, LAST_NON_DIRECT, LINEAR)

MODELS: MappingProxyType[str, Model] = MappingProxyType({model.name: model for model in _ALL})
DEFAULT_MODEL = LAST_NON_DIRECT.name
