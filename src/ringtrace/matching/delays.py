"""How long after seeing a number people call it: a proper density in 1/s.

A few callers dial at once, having come for the number only (uniform); most during or soon after the visit (log-normal);
the rest hours or days later from a note or a screenshot (exponential). The log-normal stretches with the visit: its
median is the larger of `soon_median_secs` and `stretch` times the time the page was open, so that somebody who reads
for forty minutes and then calls is no surprise.
For each visit the density integrates to one over all delays.
"""

from __future__ import annotations

import math

from msgspec import Struct

_LOG_ROOT_TWO_PI = 0.5 * math.log(2 * math.pi)


class DelayDensity(Struct, frozen=True, kw_only=True):
    """`at_once_share` of callers dial within `at_once_secs`, evenly; `soon_share` are log-normal with
    `soon_median_secs` and `soon_sigma` (of the logarithm); the rest are exponential with `late_mean_secs`."""

    at_once_share: float
    at_once_secs: float
    soon_share: float
    soon_median_secs: float
    soon_sigma: float
    stretch: float
    late_mean_secs: float

    def log_density(self, delay_secs: float, open_secs: float = 0.0) -> float:
        """Natural logarithm of the density (1/s) at `delay_secs` > 0, for a page that was open `open_secs`."""
        log_soon = math.log(self.soon_share) + self._log_soon(delay_secs, open_secs)
        log_late = math.log(self._late_share) - math.log(self.late_mean_secs) - delay_secs / self.late_mean_secs
        log_both = _log_add(log_soon, log_late)
        if delay_secs > self.at_once_secs:
            return log_both
        return _log_add(log_both, math.log(self.at_once_share / self.at_once_secs))

    def share_within(self, delay_secs: float, open_secs: float = 0.0) -> float:
        """The share of callers who have called by `delay_secs`: the integral of the density."""
        soon = 0.5 * math.erfc(-self._deviations(delay_secs, open_secs) / math.sqrt(2))
        late = -math.expm1(-delay_secs / self.late_mean_secs)
        at_once = min(1.0, delay_secs / self.at_once_secs)
        return self.at_once_share * at_once + self.soon_share * soon + self._late_share * late

    @property
    def _late_share(self) -> float:
        return 1.0 - self.at_once_share - self.soon_share

    def _median_secs(self, open_secs: float) -> float:
        return max(self.soon_median_secs, self.stretch * open_secs)

    def _deviations(self, delay_secs: float, open_secs: float) -> float:
        return math.log(delay_secs / self._median_secs(open_secs)) / self.soon_sigma

    def _log_soon(self, delay_secs: float, open_secs: float) -> float:
        deviations = self._deviations(delay_secs, open_secs)
        return -0.5 * deviations * deviations - math.log(delay_secs * self.soon_sigma) - _LOG_ROOT_TWO_PI


def _log_add(a: float, b: float) -> float:
    high, low = (a, b) if a >= b else (b, a)
    return high + math.log1p(math.exp(low - high))
