"""Which visit made this call: competing intensities, normalised. The maths is in docs/matching.md.

Visit i that saw the number makes a call after delay d with intensity r_i f(d) g_i; calls without a visit come with
intensity mu. The posterior of each is its intensity over the sum of all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from ringtrace.core.matches import Candidate, Match, Weighed
from ringtrace.matching.params import DEFAULTS, Params
from ringtrace.matching.reasons import none_reasons, visit_reasons

_SHORTEST_DELAY_SECS = 1.0
_RAREST_PER_SEC = 1e-10  # once in three centuries: "none" is never quite impossible


def match_call(
    called_ms: int,
    candidates: Sequence[Candidate],
    params: Params = DEFAULTS,
    *,
    background_per_sec: float | None = None,
    most: int | None = None,
) -> Match:
    """The verdict on one call. `background_per_sec` is the number's own rate of calls without a visit, where known.

    Visits that first saw the number after the call, beyond the clock skew of the parameters, or before the lookback
    cannot have made it and are dropped. All others are weighed; `most` keeps so many of the likeliest. The order of the
    candidates does not matter.
    """
    mu = max(_RAREST_PER_SEC, params.background_per_sec if background_per_sec is None else background_per_sec)
    possible = sorted((c for c in candidates if _is_possible(called_ms, c, params)), key=lambda c: c.visit_id)
    logs = [_log_intensity(called_ms, candidate, params) for candidate in possible]
    shares, p_none = _normalise(logs, math.log(mu))
    likeliest = sorted(zip(possible, shares, strict=True), key=lambda weighed: -weighed[1])[:most]
    return Match(
        weighed=tuple(_weighed(called_ms, candidate, p, params) for candidate, p in likeliest),
        p_none=p_none,
        none_reasons=none_reasons(len(possible), mu, params),
        params=params.version,
    )


def _weighed(called_ms: int, candidate: Candidate, p: float, params: Params) -> Weighed:
    return Weighed(
        visit_id=candidate.visit_id,
        visitor_id=candidate.visitor_id,
        p=p,
        reasons=visit_reasons(called_ms, candidate, params),
    )


def _is_possible(called_ms: int, candidate: Candidate, params: Params) -> bool:
    delay_secs = (called_ms - candidate.shown_ms) / 1000
    return -params.skew_secs <= delay_secs <= params.lookback_secs


def _log_intensity(called_ms: int, candidate: Candidate, params: Params) -> float:
    delay_secs = max(_SHORTEST_DELAY_SECS, (called_ms - candidate.shown_ms) / 1000)
    last_ms = min(called_ms, max(candidate.last_seen_ms, candidate.clicked_ms or 0))  # a tap is a sign of life
    open_secs = max(0.0, (last_ms - candidate.shown_ms) / 1000)
    return (
        math.log(params.rate_of(candidate.channel))
        + params.delay.log_density(delay_secs, open_secs)
        + _log_evidence(called_ms, candidate, params)
    )


def _log_evidence(called_ms: int, candidate: Candidate, params: Params) -> float:
    log_ratio = math.log(tap_ratio(called_ms, candidate.clicked_ms, params))
    if candidate.held_at_call:
        log_ratio += math.log(params.held_ratio)
    if candidate.same_caller:
        log_ratio += math.log(params.same_caller_ratio)
    elif candidate.other_caller:
        log_ratio += math.log(params.other_caller_ratio)
    return log_ratio


def tap_ratio(called_ms: int, clicked_ms: int | None, params: Params) -> float:
    """How much a tap speaks for a visit: `tap_ratio` at once, fading to one; a tap after the call says nothing."""
    if clicked_ms is None:
        return 1.0
    gap_secs = (called_ms - clicked_ms) / 1000
    if gap_secs < -params.skew_secs:
        return 1.0
    return 1.0 + (params.tap_ratio - 1.0) * math.exp(-max(0.0, gap_secs) / params.tap_fade_secs)


def _normalise(logs: Sequence[float], log_none: float) -> tuple[list[float], float]:
    """Shares of each and of "none", by the log-sum-exp: no underflow, however many and however small."""
    highest = max(log_none, *logs) if logs else log_none
    raised = [math.exp(log - highest) for log in logs]
    none = math.exp(log_none - highest)
    total = math.fsum([*raised, none])
    return [one / total for one in raised], none / total
