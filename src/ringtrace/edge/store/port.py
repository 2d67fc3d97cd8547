"""The protocol every edge store keeps. What it returned is on disk: it survives `kill -9`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ringtrace.core.numbers import Lease
from ringtrace.wire.directory import Directory, PoolEntry
from ringtrace.wire.journal import AnyEvent, CallReported, VisitAlive, VisitSeen


class EdgeStore(Protocol):
    """All methods raise StoreUnavailable when the disk or the database did not take it: then nothing was promised.

    A number is never granted to two visits whose leases are live.
    """

    async def start_visit(self, visit: VisitSeen, pools: Sequence[str]) -> VisitSeen:
        """Grants one number of each of `pools` that has one free, records the visit with its leases, returns it so.

        A visit that holds a number of a pool already (its page posted twice) keeps that one.
        """

    async def keep_visit(
        self, alive: VisitAlive, pools: Sequence[str], wanted: Sequence[str] = ()
    ) -> VisitAlive | None:
        """Renews the visit's leases in `pools` (all of its site), grants one of each pool of `wanted` whose target none
        of them stands for, and records the sign of life. None, and nothing recorded, if it held none."""

    async def record(self, event: AnyEvent) -> bool:
        """Records an event; False if a call report with its id was recorded before, as far as the store remembers."""

    async def arrive(self, report: CallReported) -> tuple[CallReported, bool]:
        """Records a call's arrival with the number's holder as `holder`, whose hold it moves on by the pool's
        `called_hold_secs`; returned as recorded, and whether it is new (else it is as it was asked)."""

    async def holder_of(self, e164: str, now_ms: int) -> Lease | None:
        """Who holds this number now."""

    async def directory_after(self, version: int) -> Directory | None:
        """The newest directory if it is newer than `version`."""

    async def set_pools(self, pools: Sequence[PoolEntry], now_ms: int) -> None:
        """Takes the pools of a new directory; with the first, rebuilds leases from the disk where it needs to."""

    async def tidy(self, now_ms: int) -> None:
        """Now and then: drops what is drained and no restart needs, writes what makes the next start short."""

    @property
    def waiting(self) -> int:
        """How many writes wait to become durable."""

    @property
    def commits(self) -> int:
        """How many groups of writes became durable since the start."""

    def figures(self) -> dict[str, int]:
        """More of the store's own, for `/metrics`: names in snake_case, `_total` for what only grows."""

    async def close(self) -> None:
        """Writes what waits and lets go of the file or the connections."""
