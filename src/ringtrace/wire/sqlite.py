"""How the directory and the journal rest in the embedded edge store: one SQLite file in WAL mode.

The edge is the only one to append to the journal. The web adds a directory version now and then (a short write that
waits its turn); the worker only reads.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from ringtrace.core.errors import StoreBehind, StoreUnavailable
from ringtrace.wire import directory as directory_format
from ringtrace.wire.directory import Directory
from ringtrace.wire.journal import AnyEvent, decode_event

SCHEMA_VERSION = 1
_BUSY_MS = 5_000
_DIRECTORIES_KEPT = 5

_SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
    seq   INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    body  BLOB NOT NULL
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

    def note_drained(self, place: int, now_ms: int) -> None:
        """The edge itself drops what may go, between two commits: nobody else writes while it serves."""

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
        directory = make(version)
        body = msgspec.msgpack.encode(directory)
        connection.execute("INSERT INTO directory (version, body) VALUES (?, ?)", (version, body))
        _note_longest_lease(connection, directory)
        connection.execute("DELETE FROM directory WHERE version <= ?", (version - _DIRECTORIES_KEPT,))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
    return version


def _note_longest_lease(connection: sqlite3.Connection, directory: Directory) -> None:
    longest_secs = max((pool.hold_secs + pool.cooldown_secs for pool in directory.pools), default=0)
    connection.execute(
        "INSERT INTO marks (name, value) VALUES ('longest_lease_secs', ?)"
        " ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)",
        (longest_secs,),
    )


def longest_lease_secs(connection: sqlite3.Connection) -> int:
    """The longest hold with its cooldown that any directory ever had: so far back a promise may reach.

    Raises StoreUnavailable.
    """
    try:
        row = connection.execute("SELECT value FROM marks WHERE name = 'longest_lease_secs'").fetchone()
    except sqlite3.Error as error:
        raise StoreUnavailable("The edge store cannot be read.", hint="Check the disk.") from error
    return int(row[0]) if row else 0


def read_directory(connection: sqlite3.Connection, newer_than: int = 0) -> Directory | None:
    """The newest directory if it is newer than `newer_than`."""
    row = connection.execute(
        "SELECT body FROM directory WHERE version > ? ORDER BY version DESC LIMIT 1", (newer_than,)
    ).fetchone()
    if row is None:
        return None
    found = _decode_directory(row[0])
    if found.format > directory_format.FORMAT:
        raise StoreBehind(
            f"The directory has format {found.format}, this edge reads up to {directory_format.FORMAT}.",
            hint="Restart the edge with the same Ringtrace as the web.",
        )
    return found


def _decode_directory(body: bytes) -> Directory:
    try:
        return msgspec.msgpack.decode(body, type=Directory)
    except msgspec.DecodeError as error:
        raise StoreBehind(
            "The newest directory cannot be read.", hint="Restart edge and web with the same Ringtrace."
        ) from error


def read_events(connection: sqlite3.Connection, after_seq: int, limit: int) -> list[tuple[int, AnyEvent | None]]:
    """Up to `limit` events after `after_seq`, in order, each with its own place. None: a place that cannot be read."""
    try:
        rows = connection.execute(
            "SELECT seq, body FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", (after_seq, limit)
        ).fetchall()
    except sqlite3.Error as error:
        raise StoreUnavailable("The journal cannot be read.", hint="Check the disk.") from error
    return [(seq, _decode_or_none(body)) for seq, body in rows]


def _decode_or_none(body: bytes) -> AnyEvent | None:
    try:
        return decode_event(body)
    except msgspec.DecodeError:
        return None


def events_since(connection: sqlite3.Connection, since_ms: int) -> Iterator[AnyEvent]:
    """Every readable event at or after `since_ms`, oldest first: what a starting edge rebuilds its leases from.

    Raises StoreUnavailable.
    """
    try:
        row = connection.execute(
            "SELECT seq FROM journal WHERE at_ms < ? ORDER BY seq DESC LIMIT 1", (since_ms,)
        ).fetchone()
        after_seq = row[0] if row else 0
        for (body,) in connection.execute("SELECT body FROM journal WHERE seq > ? ORDER BY seq", (after_seq,)):
            event = _decode_or_none(body)
            if event is not None:
                yield event
    except sqlite3.Error as error:
        raise StoreUnavailable("The journal cannot be read.", hint="Check the disk.") from error
