"""The embedded edge store: one SQLite file, one writer, group commit. Leases are a projection of the journal.

Writes that arrive while one commit is on its way to disk wait together and become the next commit: one transaction,
one sync, then all are answered. No lingering for more: waiting longer did not help where it was measured.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from ringtrace.core.errors import StoreUnavailable
from ringtrace.core.numbers import Lease
from ringtrace.pools.leases import LeaseBook
from ringtrace.wire.directory import Directory, PoolEntry
from ringtrace.wire.journal import AnyEvent, CallReported, VisitAlive, VisitSeen, encode_event
from ringtrace.wire.sqlite import events_since, longest_lease_secs, open_store, read_directory

_REMEMBERED_REPORTS = 100_000
_MOST_ROWS = 500  # of one commit

_Write = tuple[int, bytes, asyncio.Future[None]]  # at_ms, body, and who waits for it


class SqliteEdgeStore:
    """One process, one event loop. `durable=False` is for towns that can be played again."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._writer = open_store(path, durable=durable)
        self._reader = open_store(path, durable=durable)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._book = LeaseBook()
        self._restored = False
        self._reported: OrderedDict[str, asyncio.Future[None] | None] = OrderedDict()
        self._starting: dict[str, asyncio.Future[None]] = {}  # visits whose first event is on its way to disk
        self._waiting: list[_Write] = []
        self._settled = asyncio.Event()
        self._settled.set()
        self._commits = 0

    @property
    def commits(self) -> int:
        return self._commits

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def set_pools(self, pools: Sequence[PoolEntry], now_ms: int) -> None:
        self._book.set_pools(pools)
        if not self._restored:
            longest_secs = max((pool.hold_secs + pool.cooldown_secs for pool in pools), default=0)
            # What was promised under an earlier, longer hold is still promised.
            self._restore(now_ms - max(longest_secs, longest_lease_secs(self._reader)) * 1000)
            self._restored = True

    def _restore(self, since_ms: int) -> None:
        for event in events_since(self._reader, since_ms):
            if isinstance(event, VisitSeen | VisitAlive):
                for lease in event.leases:
                    self._book.restore(lease)
            elif isinstance(event, CallReported):
                self._remember(event.event_id, None)

    async def start_visit(self, visit: VisitSeen, pools: Sequence[str]) -> VisitSeen:
        kept = [self._book.renew(pool, visit.visit_id, visit.at_ms) for pool in pools]
        granted = [
            None if own else self._book.grant(pool, visit.visit_id, visit.visitor_id, visit.at_ms)
            for pool, own in zip(pools, kept, strict=True)
        ]
        leases = tuple(lease for lease in (*kept, *granted) if lease is not None)
        held = msgspec.structs.replace(visit, leases=leases)
        done = self._starting[visit.visit_id] = self._enqueue(held)
        try:
            await done
        except StoreUnavailable:
            for lease in granted:
                if lease is not None:
                    self._book.undo(lease)
            raise
        finally:
            if self._starting.get(visit.visit_id) is done:
                del self._starting[visit.visit_id]
        return held

    async def keep_visit(self, alive: VisitAlive, pools: Sequence[str]) -> VisitAlive | None:
        starting = self._starting.get(alive.visit_id)
        if starting is not None and not await _is_done(starting):
            return None  # the visit it would keep was not recorded
        renewed = (self._book.renew(pool, alive.visit_id, alive.at_ms) for pool in pools)
        leases = tuple(lease for lease in renewed if lease is not None)
        if not leases:
            return None
        held = msgspec.structs.replace(alive, leases=leases)
        await self._append(held)
        return held

    async def record(self, event: AnyEvent) -> bool:
        if not isinstance(event, CallReported):
            await self._append(event)
            return True
        if event.event_id in self._reported:
            earlier = self._reported[event.event_id]
            if earlier is not None:
                await asyncio.shield(earlier)  # the first of two at once is not on disk yet
            return False
        done = self._enqueue(event)
        self._remember(event.event_id, done)
        try:
            await done
        except StoreUnavailable:
            self._reported.pop(event.event_id, None)
            raise
        if event.event_id in self._reported:
            self._reported[event.event_id] = None
        return True

    async def holder_of(self, e164: str, now_ms: int) -> Lease | None:
        return self._book.holder_of(e164, now_ms)

    async def directory_after(self, version: int) -> Directory | None:
        try:
            return read_directory(self._reader, version)
        except sqlite3.Error as error:
            raise StoreUnavailable("The directory cannot be read.", hint="Check the disk.") from error

    async def close(self) -> None:
        await self._settled.wait()
        self._thread.shutdown()
        self._writer.close()
        self._reader.close()

    def _remember(self, event_id: str, done: asyncio.Future[None] | None) -> None:
        self._reported[event_id] = done
        if len(self._reported) > _REMEMBERED_REPORTS:
            self._reported.popitem(last=False)

    async def _append(self, event: AnyEvent) -> None:
        await self._enqueue(event)

    def _enqueue(self, event: AnyEvent) -> asyncio.Future[None]:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._waiting.append((event.at_ms, encode_event(event), done))
        if self._settled.is_set():
            self._settled.clear()
            loop.call_soon(self._start_commit)
        return done

    def _start_commit(self) -> None:
        writes, self._waiting = self._waiting[:_MOST_ROWS], self._waiting[_MOST_ROWS:]
        commit = asyncio.get_running_loop().run_in_executor(self._thread, self._commit, writes)
        commit.add_done_callback(lambda finished: self._committed(finished, writes))

    def _committed(self, finished: asyncio.Future[None], writes: list[_Write]) -> None:
        error = finished.exception()
        self._commits += error is None
        for _, _, done in writes:
            if done.cancelled():
                continue
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
        if self._waiting:
            self._start_commit()
        else:
            self._settled.set()

    def _commit(self, writes: list[_Write]) -> None:
        """Runs on the journal's thread. Raises StoreUnavailable; then none of the events was recorded."""
        values = [value for at_ms, body, _ in writes for value in (at_ms, body)]
        try:
            self._writer.execute(_insert(len(writes)), values)
        except sqlite3.Error as error:
            raise StoreUnavailable(
                f"The journal did not take {len(writes)} events.",
                hint="Check the disk's space and the folder's owner.",
            ) from error


async def _is_done(write: asyncio.Future[None]) -> bool:
    """Whether another request's write became durable; waits for it."""
    try:
        await asyncio.shield(write)
    except StoreUnavailable:
        return False
    return True


def _insert(rows: int) -> str:
    """One statement, a transaction of its own. Row by row, the journal's thread would wait for the interpreter's lock
    after each row, behind a busy loop."""
    return f"INSERT INTO journal (at_ms, body) VALUES {', '.join(['(?, ?)'] * rows)}"  # noqa: S608
