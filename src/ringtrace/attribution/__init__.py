"""Shares conversions over their touchpoints. One file a model; `attribute` is the way in.

`attribute`, `compare` and `what_if` load the engine when they are first asked for: those who only need a model's name
do not wait for it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ringtrace.attribution.registry import DEFAULT_MODEL, LAKE_MODELS, MODELS, find_model

if TYPE_CHECKING:
    from ringtrace.attribution.attribute import attribute
    from ringtrace.attribution.comparison import compare
    from ringtrace.attribution.what_if import what_if

__all__ = ["DEFAULT_MODEL", "LAKE_MODELS", "MODELS", "attribute", "compare", "find_model", "what_if"]

_LAZY = {"attribute": "attribute", "compare": "comparison", "what_if": "what_if"}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    globals()[name] = found  # a room's file of the same name must not shadow its function
    return found
