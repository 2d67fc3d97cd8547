"""Which visit made this call, how sure we are, and why."""

from ringtrace.matching.delays import DelayDensity
from ringtrace.matching.match import match_call
from ringtrace.matching.params import DEFAULTS, Params

__all__ = ["DEFAULTS", "DelayDensity", "Params", "match_call"]
