"""The directory as the edge looks things up in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from urllib.parse import urlsplit

from msgspec import Struct

from ringtrace.core.phones import calling_code
from ringtrace.edge.posts import Swap
from ringtrace.flows.interpreter import Flow, read_flow
from ringtrace.pools.choice import Option, is_printed, targets_of
from ringtrace.privacy.keys import Keys, connection_purpose
from ringtrace.sources import Home
from ringtrace.telephony.port import Carrier
from ringtrace.telephony.registry import CARRIERS
from ringtrace.wire.directory import ConnectionEntry, Directory, NumberEntry, PoolEntry, SiteEntry, StaticEntry


class SiteDoor:
    """A site with what its visits need at hand.

    `plain_options`, `plain_pools`: what every visit is given where nothing has conditions, else None.
    """

    def __init__(self, site: SiteEntry, pools: Sequence[PoolEntry] = (), statics: Sequence[StaticEntry] = ()) -> None:
        self.site = site
        self.home = Home(
            hosts=frozenset(urlsplit(origin).hostname or "" for origin in site.origins),
            rules=site.source_rules,
            ignored=frozenset(site.ignored_referrers),
        )
        self.targets = targets_of(pools, statics)
        self.pools = tuple(pool.pool_id for pool in pools)
        self.static_numbers = frozenset(static.e164 for static in statics)
        self.overflows = {pool.pool_id: pool.overflow_e164 for pool in pools if pool.overflow_e164}
        self.is_mixed = bool(self.static_numbers or self.overflows)
        self.beat_secs = min((pool.beat_secs for pool in pools), default=60)
        self._codes = {target.e164: calling_code(target.e164) for target in self.targets}
        self.plain_options: tuple[Option, ...] | None = None
        self.plain_pools: tuple[str, ...] | None = None
        if not any(target.has_conditions for target in self.targets):
            self.plain_options = tuple(target.options[0] for target in self.targets)
            self.plain_pools = tuple(option.pool_id for option in self.plain_options if option.pool_id)

    def prints(self, target_e164: str, numbers: tuple[str, ...] | None) -> bool:
        """Whether a page that says it prints `numbers` prints the target; one that does not say may."""
        return numbers is None or is_printed(target_e164, numbers)

    def prints_all(self, numbers: tuple[str, ...] | None) -> bool:
        return numbers is None or all(is_printed(target.e164, numbers) for target in self.targets)

    def swap(self, target_e164: str, number: str) -> Swap:
        return Swap(target_e164, self._codes.get(target_e164) or calling_code(target_e164), number)


NOWHERE = SiteDoor(SiteEntry(site_id="", company_id="", key="", origins=()))


class Line(Struct, frozen=True, kw_only=True):
    """A carrier account with its language and its secret in clear (in memory only)."""

    entry: ConnectionEntry
    carrier: Carrier
    secret: str

    def __repr__(self) -> str:
        return f"Line({self.entry.connection_id})"


class Lookup:
    """One directory, indexed. Swapped whole when a newer one is published."""

    def __init__(self, directory: Directory, keys: Keys) -> None:
        self.version = directory.version
        self._keys = keys
        self._numbers = {(entry.company_id, entry.e164): entry for entry in directory.numbers}
        self._connections = {entry.connection_id: entry for entry in directory.connections}
        self._lines: dict[str, Line] = {}
        self._flows: dict[str, Flow] = {}
        self.sites = _site_doors(directory)

    def number(self, company_id: str, e164: str) -> NumberEntry | None:
        """A number of this company; one of another company is unknown to it."""
        return self._numbers.get((company_id, e164))

    def line(self, connection_id: str) -> Line | None:
        """The connection with its carrier. Raises BadInput if its secret was sealed by another key."""
        found = self._lines.get(connection_id)
        entry = self._connections.get(connection_id)
        if found is not None or entry is None or entry.carrier not in CARRIERS:
            return found
        secret = self._keys.unseal(entry.sealed_secret, connection_purpose(connection_id))
        self._lines[connection_id] = Line(entry=entry, carrier=CARRIERS[entry.carrier], secret=secret)
        return self._lines[connection_id]

    def flow(self, number: NumberEntry) -> Flow:
        """The number's call flow. Raises BadInput; the web checks flows before it publishes them."""
        if number.number_id not in self._flows:
            self._flows[number.number_id] = read_flow(number.flow)
        return self._flows[number.number_id]


def _site_doors(directory: Directory) -> dict[str, SiteDoor]:
    pools: defaultdict[str, list[PoolEntry]] = defaultdict(list)
    statics: defaultdict[str, list[StaticEntry]] = defaultdict(list)
    for pool in directory.pools:
        pools[pool.site_id].append(pool)
    for static in directory.statics:
        statics[static.site_id].append(static)
    return {site.key: SiteDoor(site, pools[site.site_id], statics[site.site_id]) for site in directory.sites}
