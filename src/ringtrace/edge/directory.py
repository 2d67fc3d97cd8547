"""The directory as the edge looks things up in it."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from urllib.parse import urlsplit

from msgspec import Struct

from ringtrace.core.phones import calling_code
from ringtrace.flows.interpreter import Flow, read_flow
from ringtrace.privacy.keys import Keys, connection_purpose
from ringtrace.telephony.port import Carrier
from ringtrace.telephony.registry import CARRIERS
from ringtrace.wire.directory import ConnectionEntry, Directory, NumberEntry, PoolEntry, SiteEntry


class SiteDoor(Struct, frozen=True, kw_only=True):
    """A site with what its visits need at hand."""

    site: SiteEntry
    hosts: frozenset[str]
    pools: tuple[str, ...]
    beat_secs: int


NOWHERE = SiteDoor(
    site=SiteEntry(site_id="", company_id="", key="", origins=()), hosts=frozenset(), pools=(), beat_secs=60
)


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
        self.directory = directory
        self._keys = keys
        self._numbers = {(entry.company_id, entry.e164): entry for entry in directory.numbers}
        self._connections = {entry.connection_id: entry for entry in directory.connections}
        self._lines: dict[str, Line] = {}
        self._flows: dict[str, Flow] = {}
        self.calling_codes = {pool.target_e164: calling_code(pool.target_e164) for pool in directory.pools}

    @cached_property
    def sites(self) -> dict[str, SiteDoor]:
        pools: defaultdict[str, list[PoolEntry]] = defaultdict(list)
        for pool in self.directory.pools:
            pools[pool.site_id].append(pool)
        return {site.key: _site_door(site, pools[site.site_id]) for site in self.directory.sites}

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


def _site_door(site: SiteEntry, pools: list[PoolEntry]) -> SiteDoor:
    return SiteDoor(
        site=site,
        hosts=frozenset(urlsplit(origin).hostname or "" for origin in site.origins),
        pools=tuple(pool.pool_id for pool in pools),
        beat_secs=min((pool.beat_secs for pool in pools), default=60),
    )
