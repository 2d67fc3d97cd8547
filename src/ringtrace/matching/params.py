"""The numbers the matching runs on. `DEFAULTS` are priors, reasoned in docs/matching.md and fitted to nothing."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from ringtrace.core.sources import Channel
from ringtrace.matching.delays import DelayDensity

DAY_SECS = 86_400.0


class Params(Struct, frozen=True, kw_only=True):
    """One version of the parameters. The ratios are likelihood ratios: how much likelier the evidence is when this
    visit made the call than when it did not."""

    version: str
    calls_per_visit: Mapping[str, float]  # r: calls a visit leads to, by channel
    calls_per_visit_otherwise: float
    delay: DelayDensity
    background_per_sec: float  # mu: calls of one number that no visit led to
    lookback_secs: float
    skew_secs: float  # how far the carrier's clock may lag behind the page's
    tap_ratio: float  # a tap on the number at the moment of the call ...
    tap_fade_secs: float  # ... fading with the time between tap and call
    held_ratio: float
    same_caller_ratio: float
    other_caller_ratio: float

    def rate_of(self, channel: str | None) -> float:
        """r for a channel by its name; unknown names have the rate for all others."""
        return self.calls_per_visit.get(channel or "", self.calls_per_visit_otherwise)


DEFAULTS = Params(
    version="default-1",
    calls_per_visit={
        Channel.PAID_SEARCH: 0.12,
        Channel.DIRECT: 0.10,
        Channel.ORGANIC_SEARCH: 0.08,
        Channel.AI_ASSISTANT: 0.08,
        Channel.REFERRAL: 0.08,
        Channel.EMAIL: 0.05,
        Channel.SMS: 0.05,
        Channel.AFFILIATES: 0.04,
        Channel.PAID_OTHER: 0.03,
        Channel.PAID_SOCIAL: 0.03,
        Channel.ORGANIC_SOCIAL: 0.03,
        Channel.DISPLAY: 0.01,
    },
    calls_per_visit_otherwise=0.05,
    delay=DelayDensity(
        at_once_share=0.04,
        at_once_secs=30.0,
        soon_share=0.76,
        soon_median_secs=150.0,
        soon_sigma=1.1,
        stretch=0.5,
        late_mean_secs=2.5 * DAY_SECS,
    ),
    background_per_sec=1 / (10 * DAY_SECS),
    lookback_secs=30 * DAY_SECS,
    skew_secs=5.0,
    tap_ratio=300.0,
    tap_fade_secs=30.0,
    held_ratio=1.0,
    same_caller_ratio=1_000.0,
    other_caller_ratio=0.1,
)
