"""Every edge store there is, and how to break and mend each: what the conformance suite runs over."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Protocol

from ringtrace.edge.store.port import EdgeStore
from ringtrace.edge.store.sqlite import SqliteEdgeStore
from ringtrace.wire.directory import Directory, PoolEntry
from ringtrace.wire.journal import AnyEvent
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


STORES: Mapping[str, type[StoreKind]] = {"sqlite": SqliteKind}
