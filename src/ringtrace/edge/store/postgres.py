"""The edge's store in PostgreSQL, for any number of edges at once. Leases rest in tables; commits go in groups.

What arrives while one batch is on its way is the next batch: one statement, one transaction, committed with
`synchronous_commit = on` before anyone is answered. When the database is gone, everyone who waits is told within
seconds, and the next call tries to reach it again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from ringtrace.core.clock import DAY_MS
from ringtrace.core.errors import StoreUnavailable
from ringtrace.core.numbers import Lease
from ringtrace.edge.store.postgres_batch import (
    GIVE,
    GIVE_ANOTHER,
    KEEP,
    TAKE,
    Outcome,
    Queue,
    Write,
    answer,
    number_of,
    parameters,
    refuse,
    report_key,
    uuid_of,
    write,
)
from ringtrace.edge.store.postgres_link import Link
from ringtrace.edge.store.postgres_pools import bring_up_to
from ringtrace.edge.store.postgres_schema import TABLES
from ringtrace.wire.directory import Directory, PoolEntry, decode_directory
from ringtrace.wire.journal import AnyEvent, CallReported, VisitAlive, VisitSeen
from ringtrace.wire.postgres import NEWEST_DIRECTORY, prepare, read_lease, read_verdict, unavailable

log = logging.getLogger("ringtrace.edge")

_ANSWER_SECS = 3.0
_KEEPING_SECS = 30.0
_MOST_WAITING = 20_000
_REMEMBERED_MS = 7 * DAY_MS  # call reports, to know them when they come again
_FORGOTTEN_AT_ONCE = 5_000
_MANY_DEAD_ROWS = 20_000
_TIDY_LOCK = 0x52696E6704

_HOLDER = """
SELECT ringtrace_edge.lease_row(0, number, names, from_ms, until_ms, visit, visitor)
FROM ringtrace_edge.slots JOIN ringtrace_edge.pools USING (pool) WHERE number = %s AND until_ms > %s
"""
_FORGET = """
DELETE FROM reports WHERE report IN (SELECT report FROM reports WHERE at_ms < %s ORDER BY at_ms LIMIT %s)
"""
_FORGET_HOMELESS = "DELETE FROM slots WHERE pool IS NULL AND until_ms < %s"
_DEAD_ROWS = """
SELECT n_dead_tup FROM pg_stat_user_tables WHERE relid = 'ringtrace_edge.slots'::regclass
"""


class PostgresEdgeStore:
    """`url`: postgresql://… of a database of Ringtrace's own, or one it may make a schema in. Raises BadInput."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._writer = Link(url, "edge", _ANSWER_SECS)
        self._reader = Link(url, "edge reads", _ANSWER_SECS)
        self._keeper = Link(url, "edge keeps", _KEEPING_SECS)
        self._preparing = asyncio.Lock()
        self._has_tables = False
        self._pools: Sequence[PoolEntry] | None = None
        self._numbers: dict[str, int] = {}  # the database's number of each pool
        self._is_in_doubt = False  # the database went away: it may have come back as it was some time before
        self._version = 0
        self._queue = Queue()
        self._on_its_way = 0
        self._running: asyncio.Task[None] | None = None
        self._commits = 0
        self._losses = 0

    @property
    def commits(self) -> int:
        return self._commits

    @property
    def waiting(self) -> int:
        return len(self._queue) + self._on_its_way

    def figures(self) -> dict[str, int]:
        return {
            "store_is_up": int(self._writer.is_up),
            "store_sessions_total": self._writer.times_made,
            "store_refused_batches_total": self._losses,
        }

    async def start_visit(self, visit: VisitSeen, pools: Sequence[str]) -> VisitSeen:
        one = self._write(visit)
        one.visit, one.visitor = uuid_of(visit.visit_id), uuid_of(visit.visitor_id)
        one.wishes = [(self._numbers[pool], GIVE) for pool in pools if pool in self._numbers]
        one.keys = (visit.visit_id, visit.visitor_id)
        recorded = await self._written(one)
        return recorded if isinstance(recorded, VisitSeen) else visit

    async def keep_visit(
        self, alive: VisitAlive, pools: Sequence[str], wanted: Sequence[str] = ()
    ) -> VisitAlive | None:
        one = self._write(alive)
        one.visit, one.visitor = uuid_of(alive.visit_id), uuid_of(alive.visitor_id)
        asked = {**dict.fromkeys(pools, KEEP), **dict.fromkeys(wanted, GIVE_ANOTHER)}
        one.wishes = [(self._numbers[pool], may) for pool, may in asked.items() if pool in self._numbers]
        one.keys = (alive.visit_id, alive.visitor_id) if wanted else (alive.visit_id,)
        recorded = await self._written(one) if one.wishes else None
        return recorded if isinstance(recorded, VisitAlive) else None

    async def record(self, event: AnyEvent) -> bool:
        one = self._write(event)
        if isinstance(event, CallReported):
            one.report, one.keys = report_key(event.event_id), (event.event_id,)
        return await self._written(one) is not None

    async def arrive(self, report: CallReported) -> tuple[CallReported, bool]:
        one = self._write(report)
        one.report, one.number = report_key(report.event_id), number_of(report.called_e164)
        one.keys = (report.event_id, report.called_e164)
        recorded = await self._written(one)
        return (recorded, True) if isinstance(recorded, CallReported) else (report, False)

    async def holder_of(self, e164: str, now_ms: int) -> Lease | None:
        number = number_of(e164)
        rows = await self._reader.fetch(_HOLDER, (number, now_ms)) if number else []
        return read_lease(rows[0][0]) if rows else None

    async def directory_after(self, version: int) -> Directory | None:
        await self._prepare()
        if self._is_in_doubt:
            await self._number_pools()
        rows = await self._reader.fetch(NEWEST_DIRECTORY, (version,))
        if not rows:
            return None
        newest = decode_directory(rows[0][0])
        self._version = newest.version
        return newest

    async def set_pools(self, pools: Sequence[PoolEntry], now_ms: int) -> None:  # noqa: ARG002 - nothing to rebuild
        await self._prepare()
        self._pools = tuple(pools)
        await self._number_pools()

    async def tidy(self, now_ms: int) -> None:
        """One edge at a time does it for all."""
        await self._prepare()
        async with self._keeper.use() as connection:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (_TIDY_LOCK,))
            if await cursor.fetchone() == (True,):
                await connection.execute(_FORGET, (now_ms - _REMEMBERED_MS, _FORGOTTEN_AT_ONCE))
                await connection.execute(_FORGET_HOMELESS, (now_ms - _REMEMBERED_MS,))
                cursor = await connection.execute(_DEAD_ROWS)
                dead = await cursor.fetchone()
                if dead is not None and dead[0] > _MANY_DEAD_ROWS:
                    await connection.execute("VACUUM (ANALYZE) slots")
        await self._keeper.close()

    async def close(self) -> None:
        if self._running is not None:
            await self._running
        for link in (self._writer, self._reader, self._keeper):
            await link.close()

    async def _prepare(self) -> None:
        """Makes the tables where there are none yet; once a process."""
        async with self._preparing:
            if not self._has_tables:
                await asyncio.to_thread(prepare, self._url, "edge", TABLES)
                self._has_tables = True

    async def _number_pools(self) -> None:
        if self._pools is None:
            return
        async with self._keeper.use() as connection:
            self._numbers = await bring_up_to(connection, self._pools, self._version)
        await self._keeper.close()
        self._is_in_doubt = False

    def _write(self, event: AnyEvent) -> Write:
        if len(self._queue) >= _MOST_WAITING or self._writer.is_being_mended:
            raise unavailable()
        return write(event, asyncio.get_running_loop().time() + _ANSWER_SECS)

    async def _written(self, one: Write) -> Outcome:
        self._queue.add(one)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        return await one.done

    async def _run(self) -> None:
        """Batch after batch, until nothing waits. When one is not taken, all who wait are told so."""
        try:
            while self._queue:
                batch = self._queue.take_batch(asyncio.get_running_loop().time())
                self._on_its_way = len(batch)
                try:
                    await self._take(batch)
                finally:
                    refuse(batch)  # those who were not answered
        except StoreUnavailable:
            self._losses += 1
            self._is_in_doubt = True
        finally:
            refuse(self._queue.take_all())
            self._on_its_way = 0
            self._running = None

    async def _take(self, batch: Sequence[Write]) -> None:
        if not batch:
            return
        await self._prepare()
        rows = await self._writer.fetch(TAKE, parameters(batch))
        self._commits += 1
        answer(batch, read_verdict(rows[0][0]))
