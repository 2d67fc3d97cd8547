"""How the directory and the journal rest in the embedded edge store: one SQLite file in WAL mode.

The edge is the only one to append to the journal: one row for all events of a commit. The web adds a directory version
now and then, the worker says how far it has read: short writes that wait their turn. What both have no more use for,
the edge drops.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from ringtrace.core.errors import StoreBehind, StoreUnavailable
from ringtrace.wire.directory import Directory, decode_directory
from ringtrace.wire.journal import AnyEvent, decode_event

SCHEMA_VERSION = 1
_BUSY_MS = 5_000
_DIRECTORIES_KEPT = 5

_SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
    last  INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,
    body  BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS states (
    name TEXT PRIMARY KEY,
    body BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS directory (
    version INTEGER PRIMARY KEY,
    body    BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS marks (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT;
"""


def open_store(path: Path, *, durable: bool = True) -> sqlite3.Connection:
    """Opens the store, making it if it is not there.

    `durable=False` lets the machine's crash (not the process's) lose the last moments: for a town that can be played
    again, never for real visits. Raises StoreUnavailable, StoreBehind.
    """
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000)
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file only: it must be able to shrink
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")
        _check_version(connection)
        connection.executescript(_SCHEMA)
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except sqlite3.Error as error:
        raise StoreUnavailable(
            f"The edge store {path.name} cannot be opened.", hint="Check the disk and the folder's owner."
        ) from error
    return connection


class SqliteWire:
    """`ringtrace.wire.store.WireStore` over the embedded store."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self.connection = open_store(path, durable=durable)

    def publish_directory(self, make: Callable[[int], Directory]) -> int:
        return publish_directory(self.connection, make)

    def read_directory(self, newer_than: int = 0) -> Directory | None:
        return read_directory(self.connection, newer_than)

    def read_events(self, after: int, limit: int) -> list[tuple[int, AnyEvent | None]]:
        return read_events(self.connection, after, limit)

    def note_drained(self, place: int, now_ms: int) -> None:  # noqa: ARG002 - of the protocol
        """The edge itself drops what may go, between two commits: nobody else writes while it serves."""
        set_mark(self.connection, DRAINED, place)

    def close(self) -> None:
        self.connection.close()


def _check_version(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA user_version").fetchone()[0]
    if found > SCHEMA_VERSION:
        raise StoreBehind(
            f"The edge store has format {found}, this Ringtrace reads up to {SCHEMA_VERSION}.",
            hint="Start the newer Ringtrace that wrote it.",
        )


def publish_directory(connection: sqlite3.Connection, make: Callable[[int], Directory]) -> int:
    """Writes the directory that `make(version)` returns as the newest version; old ones beyond five are dropped."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = int(connection.execute("SELECT coalesce(max(version), 0) + 1 FROM directory").fetchone()[0])
        body = msgspec.msgpack.encode(make(version))
        connection.execute("INSERT INTO directory (version, body) VALUES (?, ?)", (version, body))
        connection.execute("DELETE FROM directory WHERE version <= ?", (version - _DIRECTORIES_KEPT,))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return version


DRAINED = "drained"  # the place up to which every reader has read
COVERED = "covered"  # the place up to which the edge's own states hold all that it must know again


def set_mark(connection: sqlite3.Connection, name: str, value: int) -> None:
    """Raises StoreUnavailable. A mark never goes back."""
    with _told("The edge store did not take a mark."):
        connection.execute(
            "INSERT INTO marks (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
            (name, value),
        )


def mark(connection: sqlite3.Connection, name: str) -> int:
    """0 where nothing was marked. Raises StoreUnavailable."""
    with _told("The edge store cannot be read."):
        row = connection.execute("SELECT value FROM marks WHERE name = ?", (name,)).fetchone()
    return int(row[0]) if row else 0


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreUnavailable(what, hint="Check the disk's space and the folder's owner.") from error


def read_directory(connection: sqlite3.Connection, newer_than: int = 0) -> Directory | None:
    """The newest directory if it is newer than `newer_than`. Raises StoreBehind, sqlite3.Error."""
    row = connection.execute(
        "SELECT body FROM directory WHERE version > ? ORDER BY version DESC LIMIT 1", (newer_than,)
    ).fetchone()
    return None if row is None else decode_directory(row[0])


def append(connection: sqlite3.Connection, after: int, bodies: Sequence[bytes]) -> int:
    """Appends encoded events behind the place `after` as one row, durable on return; returns the new last place.

    Raises StoreUnavailable; then none of them was recorded.
    """
    last = after + len(bodies)
    with _told(f"The journal did not take {len(bodies)} events."):
        connection.execute(
            "INSERT INTO journal (last, first, body) VALUES (?, ?, ?)",
            (last, after + 1, _ARRAY_OF.pack(0xDD, len(bodies)) + b"".join(bodies)),
        )
    return last


def last_place(connection: sqlite3.Connection) -> int:
    """0 in an empty journal. Raises StoreUnavailable."""
    with _told("The journal cannot be read."):
        return int(connection.execute("SELECT coalesce(max(last), 0) FROM journal").fetchone()[0])


def read_events(connection: sqlite3.Connection, after: int, limit: int) -> list[tuple[int, AnyEvent | None]]:
    """About `limit` events after the place `after`, in order, each with its own. None: one that cannot be read."""
    found: list[tuple[int, AnyEvent | None]] = []
    with _told("The journal cannot be read."):
        rows = connection.execute("SELECT last, first, body FROM journal WHERE last > ? ORDER BY last", (after,))
        for last, first, body in rows:
            places = enumerate(_decode_row(body, last - first + 1), first)
            found.extend((place, event) for place, event in places if place > after)
            if len(found) >= limit:
                break
    return found


def _decode_row(body: bytes, count: int) -> Sequence[AnyEvent | None]:
    try:
        events = _decode_all(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return _decode_each(body, count)
    return events if len(events) == count else _decode_each(body, count)


def _decode_each(body: bytes, count: int) -> list[AnyEvent | None]:
    """One by one where not all can be read; a row that is no list of events at all is `count` that cannot be read."""
    try:
        raw = _decode_raw(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raw = []
    events = [_decode_or_none(bytes(one)) for one in raw[:count]]
    return events + [None] * (count - len(events))


def _decode_or_none(body: bytes) -> AnyEvent | None:
    try:
        return decode_event(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def rows_after(connection: sqlite3.Connection, after: int) -> Iterator[bytes]:
    """The rows behind a place as they were written, each a msgpack array of events: what a starting edge reads its
    leases from. Raises StoreUnavailable."""
    with _told("The journal cannot be read."):
        for (body,) in connection.execute("SELECT body FROM journal WHERE last > ? ORDER BY last", (after,)):
            yield body


def forget(connection: sqlite3.Connection, upto: int, most_rows: int) -> int:
    """Drops up to `most_rows` rows whose events all stand at or before `upto`; the last row stays, whoever has read
    it, since it tells where to go on. How many went. Gives pages back to the file system. Raises StoreUnavailable."""
    with _told("The journal cannot be shortened."):
        gone = connection.execute(
            "DELETE FROM journal WHERE last IN (SELECT last FROM journal"
            " WHERE last <= ? AND last < (SELECT max(last) FROM journal) ORDER BY last LIMIT ?)",
            (upto, most_rows),
        ).rowcount
        if gone:
            connection.executescript("PRAGMA incremental_vacuum(1000)")  # `execute` would give back one page
    return gone


def write_states(connection: sqlite3.Connection, states: Mapping[str, bytes], gone: Iterable[str] = ()) -> None:
    """Writes states of the edge by name and drops those that are `gone`, all or none. Raises StoreUnavailable."""
    with _told("The edge store did not take a state."):
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.executemany(
                "INSERT INTO states (name, body) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET body = excluded.body",
                states.items(),
            )
            connection.executemany("DELETE FROM states WHERE name = ?", [(name,) for name in gone])
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")


def read_states(connection: sqlite3.Connection) -> Iterator[tuple[str, bytes]]:
    """Raises StoreUnavailable."""
    with _told("The edge store cannot be read."):
        yield from connection.execute("SELECT name, body FROM states")


_ARRAY_OF = struct.Struct(">BI")  # msgpack's array 32
_decode_all = msgspec.msgpack.Decoder(list[AnyEvent]).decode
_decode_raw = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode
