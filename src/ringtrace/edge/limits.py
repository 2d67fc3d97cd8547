"""How often one address may ask one site: a fixed window, in memory only.

Addresses are kept as this process's keyed hash of them, an IPv6 one of its first 64 bits: whoever has one has them all.
"""

from __future__ import annotations

_MOST_SEEN = 500_000  # addresses: beyond, all begin anew


class RateLimit:
    def __init__(self, most: int, window_ms: int) -> None:
        self._most = most
        self._window_ms = window_ms
        self._window = -1
        self._seen: dict[int, int] = {}

    def is_over(self, site: str, address: str, now_ms: int) -> bool:
        """Counts this request and says whether it is one too many."""
        window = now_ms // self._window_ms
        if window != self._window or len(self._seen) >= _MOST_SEEN:
            self._window = window
            self._seen.clear()
        who = hash((site, _network(address) if ":" in address else address))  # SipHash under a secret of the process
        count = self._seen[who] = self._seen.get(who, 0) + 1
        return count > self._most


def _network(address: str) -> str:
    """The first 64 bits of an IPv6 address as systems write it (RFC 5952), near enough to tell networks apart. An IPv4
    one is whole: a socket that hears both kinds writes `::ffff:192.0.2.1`, some proxies `192.0.2.1:50000`."""
    address = address.lower().lstrip("[").removeprefix("::ffff:")
    if "." in address:
        return address.partition(":")[0]
    head, _, _ = address.partition("::")
    return ":".join([*head.split(":"), "0", "0", "0"][:4])
