"""Every edge store there is, and how to break and mend each: what the conformance suite runs over, and its cast."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from ringtrace.core.calls import ReportKind
from ringtrace.core.errors import PartMissing, StoreUnavailable
from ringtrace.core.ids import derived_id
from ringtrace.core.sources import Channel, Source
from ringtrace.edge.store.port import EdgeStore
from ringtrace.edge.store.postgres import PostgresEdgeStore
from ringtrace.edge.store.sqlite import SqliteEdgeStore
from ringtrace.testing.postgres import find_programs, shared_server
from ringtrace.wire.directory import Directory, PoolEntry
from ringtrace.wire.journal import AnyEvent, CallReported, VisitAlive, VisitSeen
from ringtrace.wire.opening import open_wire
from ringtrace.wire.sqlite import open_store, publish_directory, read_events


class StoreKind(Protocol):
    """One kind of store at one place."""

    def __init__(self, folder: Path) -> None: ...

    def open(self) -> EdgeStore: ...

    def events(self) -> list[AnyEvent]:
        """What another process reads in the journal now."""

    def publish(self, pools: tuple[PoolEntry, ...]) -> int: ...

    def break_writes(self) -> None:
        """From now on the journal takes nothing."""

    def mend_writes(self) -> None: ...


class SqliteKind:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "edge.sqlite"

    def open(self) -> EdgeStore:
        return SqliteEdgeStore(self._path)

    def events(self) -> list[AnyEvent]:
        with closing(open_store(self._path)) as store:
            return [event for _, event in read_events(store, 0, 1_000_000) if event is not None]

    def publish(self, pools: tuple[PoolEntry, ...]) -> int:
        with closing(open_store(self._path)) as store:
            return publish_directory(store, lambda version: Directory(version=version, pools=pools))

    def break_writes(self) -> None:
        self._execute("CREATE TRIGGER broken BEFORE INSERT ON journal BEGIN SELECT RAISE(ABORT, 'broken'); END")

    def mend_writes(self) -> None:
        self._execute("DROP TRIGGER broken")

    def _execute(self, statement: str) -> None:
        with closing(sqlite3.connect(self._path, isolation_level=None)) as store:
            store.execute(statement)


class PostgresKind:
    """A database of its own on the tests' server. Broken, it refuses as a full disk does: when the row is written."""

    def __init__(self, folder: Path) -> None:
        need_postgres()
        self.server = shared_server()
        self.url = self.server.fresh_database()

    def open(self) -> EdgeStore:
        return PostgresEdgeStore(self.url)

    def events(self) -> list[AnyEvent]:
        with closing(open_wire(self.url)) as store:
            return [event for _, event in store.read_events(0, 1_000_000) if event is not None]

    def publish(self, pools: tuple[PoolEntry, ...]) -> int:
        with closing(open_wire(self.url)) as store:
            return store.publish_directory(lambda version: Directory(version=version, pools=pools))

    def break_writes(self) -> None:
        open_wire(self.url).close()  # there must be a journal to break
        self._execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'broken' USING ERRCODE = 'disk_full'; END $$"
        )
        self._execute(
            "CREATE TRIGGER broken BEFORE INSERT ON ringtrace_edge.journal FOR EACH ROW EXECUTE FUNCTION refuse()"
        )

    def mend_writes(self) -> None:
        self._execute("DROP FUNCTION refuse() CASCADE")

    def _execute(self, statement: str) -> None:
        self.server.execute(statement, self.url)


def need_postgres() -> None:
    """Skips, saying why, where PostgreSQL is missing; in CI that is a failure."""
    try:
        find_programs()
    except PartMissing as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


STORES: Mapping[str, type[StoreKind]] = {"postgres": PostgresKind, "sqlite": SqliteKind}

NOW_MS = 1_760_000_000_000
HOLD_SECS, COOLDOWN_SECS = 60, 20
HOLD_MS = HOLD_SECS * 1000
POOL = PoolEntry(
    pool_id="pool",
    site_id="site",
    company_id="company",
    target_e164="+13105550123",
    numbers=("+13105550140", "+13105550141"),
    hold_secs=HOLD_SECS,
    cooldown_secs=COOLDOWN_SECS,
)
POOLS = (POOL.pool_id,)

T = TypeVar("T")
Test = Callable[[EdgeStore], Coroutine[object, object, T]]


class Place:
    """A store's place, where tests run against a store that is opened and closed around them."""

    def __init__(self, kind: StoreKind) -> None:
        self.kind = kind

    def run(self, test: Test[T], *, now_ms: int = NOW_MS) -> T:
        async def with_store() -> T:
            store = self.kind.open()
            await store.set_pools((POOL,), now_ms)
            try:
                return await test(store)
            finally:
                await store.close()

        return asyncio.run(with_store())


def visit_id(name: str) -> str:
    return derived_id("visit", name)


def visitor_id(name: str) -> str:
    return derived_id("visitor", name)


def seen(name: str, at_ms: int = NOW_MS, visitor: str = "") -> VisitSeen:
    return VisitSeen(
        event_id=f"ev_seen_{name}_{at_ms}",
        at_ms=at_ms,
        company_id="company",
        visit_id=visit_id(name),
        visitor_id=visitor_id(visitor or name),
        site_id="site",
        url="https://plumber.example/",
        referrer="",
        source=Source(channel=Channel.DIRECT),
    )


def alive(name: str, at_ms: int) -> VisitAlive:
    return VisitAlive(
        event_id=f"ev_alive_{name}_{at_ms}",
        at_ms=at_ms,
        company_id="company",
        visit_id=visit_id(name),
        visitor_id=visitor_id(name),
        site_id="site",
    )


def arrived(name: str, at_ms: int = NOW_MS) -> CallReported:
    return CallReported(
        event_id=f"ev_{name}",
        at_ms=at_ms,
        company_id="company",
        call_id=f"call_{name}",
        connection_id="conn",
        carrier="kamailio",
        carrier_call_id=name,
        kind=ReportKind.ARRIVED,
        number_id="num",
        called_e164=POOL.numbers[0],
    )


def numbers_of(visit: VisitSeen | VisitAlive | None) -> list[str]:
    return [] if visit is None else [lease.e164 for lease in visit.leases]


async def refused(asked: Awaitable[object]) -> bool:
    """Whether the store said that it did not take it."""
    try:
        await asked
    except StoreUnavailable:
        return True
    return False
