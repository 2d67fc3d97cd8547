"""The protocol every edge store keeps. What it returned is on disk: it survives `kill -9`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ringtrace.core.numbers import Lease
from ringtrace.wire.directory import Directory, PoolEntry
from ringtrace.wire.journal import AnyEvent, VisitAlive, VisitSeen


class EdgeStore(Protocol):
    """All methods raise StoreUnavailable when the disk or the database did not take it: then nothing was promised.

    `pools` are ids of the site's pools. A number is never granted to two visits whose leases are live.
    """

    async def start_visit(self, visit: VisitSeen, pools: Sequence[str]) -> VisitSeen:
        """Grants one number of each pool that has one free, records the visit with its leases, returns it so.

        A visit that holds a number of a pool already (its page posted twice) keeps that one.
        """

    async def keep_visit(self, alive: VisitAlive, pools: Sequence[str]) -> VisitAlive | None:
        """Renews the visit's leases and records the sign of life; None, and nothing recorded, if it holds none."""

    async def record(self, event: AnyEvent) -> bool:
        """Records an event; False if one with its id was recorded before, as far back as the store remembers."""

    async def holder_of(self, e164: str, now_ms: int) -> Lease | None:
        """Who holds this number now."""

    async def directory_after(self, version: int) -> Directory | None:
        """The newest directory if it is newer than `version`."""

    def set_pools(self, pools: Sequence[PoolEntry], now_ms: int) -> None:
        """Takes the pools of a new directory; with the first, rebuilds leases from the journal where it needs to."""

    @property
    def waiting(self) -> int:
        """How many writes wait to become durable."""

    @property
    def commits(self) -> int:
        """How many groups of writes became durable since the start."""

    async def close(self) -> None:
        """Writes what waits and lets go of the file or the connections."""
