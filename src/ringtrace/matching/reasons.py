"""Why a visit was weighed as it was, in sentences for people."""

from __future__ import annotations

from ringtrace.core.matches import Candidate
from ringtrace.matching.params import DAY_SECS, Params

_MINUTE_SECS, _HOUR_SECS = 60, 3_600
_TAP_TOLD_FADES = 10  # a tap more than this many fade times before the call is not worth telling


def visit_reasons(called_ms: int, candidate: Candidate, params: Params) -> tuple[str, ...]:
    """The strongest first."""
    told = (
        _tap_reason(called_ms, candidate, params),
        "This caller rang before, after an earlier visit by the same visitor" if candidate.same_caller else None,
        _other_caller_reason(candidate),
        _delay_reason(called_ms, candidate),
        "Held the number when the call came" if candidate.held_at_call else None,
        _open_reason(called_ms, candidate),
    )
    return tuple(reason for reason in told if reason)


def none_reasons(possible: int, background_per_sec: float, params: Params) -> tuple[str, ...]:
    rate = f"Calls without a visit come to this number about {_how_often(background_per_sec)}"
    if possible:
        return (rate,)
    return (f"No visit saw this number in the last {params.lookback_secs / DAY_SECS:.0f} days", rate)


def _tap_reason(called_ms: int, candidate: Candidate, params: Params) -> str | None:
    if candidate.clicked_ms is None:
        return None
    gap_secs = (called_ms - candidate.clicked_ms) / 1000
    if not -params.skew_secs <= gap_secs <= _TAP_TOLD_FADES * params.tap_fade_secs:
        return None
    if gap_secs < 1:
        return "Tapped the number as the call came"
    return f"Tapped the number {say_secs(gap_secs)} before the call"


def _other_caller_reason(candidate: Candidate) -> str | None:
    if candidate.other_caller and not candidate.same_caller:
        return "This visitor's earlier call came from another number"
    return None


def _delay_reason(called_ms: int, candidate: Candidate) -> str:
    delay_secs = (called_ms - candidate.shown_ms) / 1000
    if delay_secs < 1:
        return "Called as soon as the number was shown"
    return f"Called {say_secs(delay_secs)} after seeing the number"


def _open_reason(called_ms: int, candidate: Candidate) -> str | None:
    if candidate.last_seen_ms >= called_ms:
        return "The page was still open"
    quiet_secs = (called_ms - candidate.last_seen_ms) / 1000
    open_secs = (candidate.last_seen_ms - candidate.shown_ms) / 1000
    if open_secs < _MINUTE_SECS or quiet_secs < 1:
        return None
    return f"Last seen on the page {say_secs(quiet_secs)} before the call"


def say_secs(secs: float) -> str:
    """A duration as people say it, in at most two units: `2 min 10 s`, `3 h 5 min`, `4 days`."""
    whole = round(secs)
    if whole < _MINUTE_SECS:
        return f"{whole} s"
    if whole < _HOUR_SECS:
        return _two(whole, _MINUTE_SECS, "min", 1, "s")
    if whole < DAY_SECS:
        return _two(whole, _HOUR_SECS, "h", _MINUTE_SECS, "min")
    days = round(whole / DAY_SECS)
    return f"{days} day" if days == 1 else f"{days} days"


def _two(whole: int, big: int, big_name: str, small: int, small_name: str) -> str:
    many, rest = divmod(whole, big)
    few = rest // small
    return f"{many} {big_name} {few} {small_name}" if few else f"{many} {big_name}"


def _how_often(per_sec: float) -> str:
    days = 1 / (per_sec * DAY_SECS)
    if days >= 1.5:
        return f"once in {days:.0f} days"
    if days >= 1 / 1.5:
        return "once a day"
    return f"{1 / days:.0f} times a day"
