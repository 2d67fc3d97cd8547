"""Shares one conversion over its touchpoints. One file a model."""

from ringtrace.attribution.credit import Credit, NoTouch, credit
from ringtrace.attribution.journeys import Journey, Touch, lay_out
from ringtrace.attribution.model import FittedModel, Model, Rule
from ringtrace.attribution.registry import DEFAULT_MODEL, MODELS

__all__ = [
    "DEFAULT_MODEL",
    "MODELS",
    "Credit",
    "FittedModel",
    "Journey",
    "Model",
    "NoTouch",
    "Rule",
    "Touch",
    "credit",
    "lay_out",
]
