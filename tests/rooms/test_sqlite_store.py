"""What only the embedded store has to get right: its states, and what a failed commit leaves behind."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from ringtrace.core.errors import StoreUnavailable
from ringtrace.edge.store import commits
from ringtrace.edge.store import sqlite as store_module
from ringtrace.edge.store.sqlite import SqliteEdgeStore
from ringtrace.wire.journal import VisitSeen
from ringtrace.wire.sqlite import COVERED, append, mark, open_store, read_events, read_states
from tests.rooms.stores import NOW_MS, POOL, POOLS, refused, seen

FIRST, SECOND = POOL.numbers[:2]
A = msgspec.structs.replace(POOL, pool_id="a", numbers=(FIRST, SECOND))
B = msgspec.structs.replace(POOL, pool_id="b", numbers=("+13105550199",))


def test_a_number_that_moves_while_states_are_written_keeps_its_lease(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One pool's state a turn; between two turns the number goes to the pool that was written already; then a crash."""
    monkeypatch.setattr(store_module, "_NUMBERS_AT_ONCE", 1)
    monkeypatch.setattr(store_module, "_LEAST_EVENTS", 1)

    async def until_the_crash() -> None:
        store = SqliteEdgeStore(tmp_path / "edge.sqlite")
        await store.set_pools((A, B), NOW_MS)
        await store.start_visit(seen("visit"), ("a",))
        await store.tidy(NOW_MS)
        moved = (
            msgspec.structs.replace(A, numbers=(SECOND,)),
            msgspec.structs.replace(B, numbers=(*B.numbers, FIRST)),
        )
        await store.set_pools(moved, NOW_MS)
        for _ in range(4):
            await store.tidy(NOW_MS)

    async def after_it() -> None:
        store = SqliteEdgeStore(tmp_path / "edge.sqlite")
        await store.set_pools((A, B), NOW_MS + 1)
        holder = await store.holder_of(FIRST, NOW_MS + 1)
        assert holder is not None
        assert holder.visit_id == seen("visit").visit_id
        await store.close()

    asyncio.run(until_the_crash())
    with closing(open_store(tmp_path / "edge.sqlite")) as store:
        assert mark(store, COVERED) == 1
    asyncio.run(after_it())


def test_a_pool_that_is_gone_leaves_its_leases_and_no_state(tmp_path: Path) -> None:
    async def test() -> None:
        store = SqliteEdgeStore(tmp_path / "edge.sqlite")
        await store.set_pools((A, B), NOW_MS)
        await store.start_visit(seen("visit"), ("a",))
        await store.close()
        again = SqliteEdgeStore(tmp_path / "edge.sqlite")
        await again.set_pools((B,), NOW_MS + 1)
        await again.close()
        with closing(open_store(tmp_path / "edge.sqlite")) as file:
            assert {name for name, _ in read_states(file)} == {"apart", "pool:b"}
        back = SqliteEdgeStore(tmp_path / "edge.sqlite")
        await back.set_pools((A, B), NOW_MS + 2)
        holder = await back.holder_of(FIRST, NOW_MS + 2)
        assert holder is not None
        assert holder.visit_id == seen("visit").visit_id
        await back.close()

    asyncio.run(test())


def test_a_page_that_is_viewed_twice_is_promised_nothing_by_a_commit_that_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second view comes while the first is on its way to a disk that will not take it."""
    is_under_way, may_fail = threading.Event(), threading.Event()

    def fail_once(connection: sqlite3.Connection, after: int, bodies: Sequence[bytes]) -> int:
        if may_fail.is_set():
            return append(connection, after, bodies)
        is_under_way.set()
        assert may_fail.wait(20)
        raise StoreUnavailable("no", hint="no")

    async def test() -> None:
        store = SqliteEdgeStore(tmp_path / "edge.sqlite")
        await store.set_pools((POOL,), NOW_MS)
        monkeypatch.setattr(commits, "_SLOW_SECS", 0.0)  # commits on the thread
        monkeypatch.setattr(commits, "append", fail_once)
        first = asyncio.create_task(refused(store.start_visit(seen("visit"), POOLS)))
        assert await asyncio.to_thread(is_under_way.wait, 20)
        second = asyncio.create_task(refused(store.start_visit(seen("visit"), POOLS)))
        await asyncio.wait([second], timeout=0.01)
        may_fail.set()
        assert await first
        other = await store.start_visit(seen("other"), POOLS)
        if not await second:
            again = await store.start_visit(seen("visit"), POOLS)
            assert {lease.e164 for lease in (*other.leases, *again.leases)} == {FIRST, SECOND}
        numbers = [lease.e164 for visit in _visits(tmp_path) for lease in visit.leases]
        assert len(numbers) == len(set(numbers))
        await store.close()

    asyncio.run(test())


def _visits(folder: Path) -> list[VisitSeen]:
    with closing(open_store(folder / "edge.sqlite")) as store:
        return [event for _, event in read_events(store, 0, 1_000) if isinstance(event, VisitSeen)]
