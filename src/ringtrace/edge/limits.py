"""How often one address may ask one site: a fixed window of a minute, in memory only."""

from __future__ import annotations

from collections import Counter

from ringtrace.core.clock import MINUTE_MS


class RateLimit:
    def __init__(self, most_per_minute: int) -> None:
        self._most = most_per_minute
        self._minute = -1
        self._seen: Counter[tuple[str, str]] = Counter()

    def is_over(self, site: str, address: str, now_ms: int) -> bool:
        """Counts this request and says whether it is one too many."""
        minute = now_ms // MINUTE_MS
        if minute != self._minute:
            self._minute = minute
            self._seen.clear()
        self._seen[site, address] += 1
        return self._seen[site, address] > self._most
