"""How the directory and the journal rest in PostgreSQL, where any number of edges write at once.

**Why a reader gives places.** Edges commit side by side, so what they number does not appear in the order of its
numbers: a row numbered 7 may become visible after row 8 was read, and a reader that remembered 8 would lose it for
ever. So rows are written without a place. The reader, before it reads, gives places to the rows it can see, in the
order in which they were written, under a lock on the last place given, and commits that. What becomes visible later
gets a later place. Nothing is ever missed, and nothing waits: no other transaction of the server, however long it
runs, holds readers up (as it would if they stayed below the oldest running transaction).

**Order.** A visit's beat is asked for after its first view was answered, which was after that had been committed. So
the view's row has the lower number, and a reader that sees the beat's row sees the view's too: it gives it the earlier
place.

**Dumps.** Places and the last one given are rows like any other, and nothing here is a transaction's number: a restored
database goes on where the dump ended. If its readers are further (an older dump), places go on from them.

**A row is a batch.** All that an edge wrote in one transaction is one row with one place: the events as they were
asked for (`bodies`) and what the database decided on them (`verdict`: leases granted, events dropped).
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import msgspec
import psycopg
from msgspec import Struct
from psycopg.conninfo import conninfo_to_dict

from ringtrace.core.errors import BadInput, RingtraceError, StoreBehind, StoreUnavailable
from ringtrace.core.ids import derived_id
from ringtrace.core.numbers import Lease
from ringtrace.wire.directory import Directory, decode_directory
from ringtrace.wire.journal import AnyEvent, CallReported, VisitAlive, VisitSeen, decode_event

FORMAT = 1
CONNECT_SECS = 3
_ANSWER_SECS = 30
_DIRECTORIES_KEPT = 5
_PLACED_AT_ONCE = 1_000  # rows
_DROPPED_AT_ONCE = 500
_DROPS_A_CALL = 40
_DDL_LOCK, _DIRECTORY_LOCK = 0x52696E6701, 0x52696E6702  # advisory locks: "Ring" and a number

_TABLES = """
CREATE SCHEMA IF NOT EXISTS ringtrace_edge;
CREATE TABLE IF NOT EXISTS ringtrace_edge.marks (
    name  text PRIMARY KEY,
    value bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS ringtrace_edge.directory (
    version bigint PRIMARY KEY,
    body    bytea NOT NULL
);
CREATE TABLE IF NOT EXISTS ringtrace_edge.journal (
    id      bigint GENERATED ALWAYS AS IDENTITY,
    place   bigint UNIQUE,
    events  integer NOT NULL,
    bodies  bytea NOT NULL,
    verdict text NOT NULL
);
ALTER TABLE ringtrace_edge.journal ALTER bodies SET STORAGE EXTERNAL;
CREATE INDEX IF NOT EXISTS journal_without_place ON ringtrace_edge.journal (id) WHERE place IS NULL;
INSERT INTO ringtrace_edge.marks (name, value) VALUES ('place', 0) ON CONFLICT DO NOTHING;
"""

_READ = """
SELECT place, bodies, verdict FROM (
    SELECT place, bodies, verdict, sum(events) OVER (ORDER BY place) - events AS before
    FROM (SELECT * FROM ringtrace_edge.journal WHERE place > %(after)s ORDER BY place LIMIT %(limit)s) AS next
) AS counted WHERE before < %(limit)s ORDER BY place
"""
_GIVE_PLACES = """
WITH next AS (
    SELECT id, row_number() OVER (ORDER BY id) AS nth FROM (
        SELECT id FROM ringtrace_edge.journal WHERE place IS NULL ORDER BY id LIMIT %(most)s
    ) AS seen
), placed AS (
    UPDATE ringtrace_edge.journal AS journal SET place = %(last)s + nth FROM next
    WHERE journal.place IS NULL AND journal.id = next.id RETURNING 1
)
UPDATE ringtrace_edge.marks SET value = %(last)s + (SELECT count(*) FROM placed) WHERE name = 'place'
"""
_DROP = """
DELETE FROM ringtrace_edge.journal WHERE place IN (
    SELECT place FROM ringtrace_edge.journal WHERE place <= %(place)s ORDER BY place LIMIT %(most)s
)
"""


class LeaseRow(Struct, frozen=True, array_like=True):
    """A lease as the database tells it, of the event `nth` (from 0). Ids are None where they are the event's own."""

    nth: int
    e164: str
    pool_id: str
    target_e164: str
    from_ms: int
    until_ms: int
    visit_id: str | None = None
    visitor_id: str | None = None


class Verdict(Struct, frozen=True, array_like=True):
    """What the database decided on a batch; `dropped` are the events that are not recorded."""

    leases: tuple[LeaseRow, ...] = ()
    dropped: tuple[int, ...] = ()

    def outcomes(self, events: Sequence[AnyEvent | None]) -> Iterator[tuple[int, AnyEvent | None]]:
        """The events that are recorded, as they are recorded, each with its place in the batch; None stays None."""
        rows: dict[int, list[LeaseRow]] = {}
        for row in self.leases:
            rows.setdefault(row.nth, []).append(row)
        dropped = frozenset(self.dropped)
        for nth, event in enumerate(events):
            if nth not in dropped:
                yield nth, event if nth not in rows or event is None else with_leases(event, rows[nth])


def with_leases(event: AnyEvent, rows: Sequence[LeaseRow]) -> AnyEvent:
    """A visit with its leases, a call with its number's holder."""
    if isinstance(event, VisitSeen | VisitAlive):
        leases = tuple(
            [_lease(row, row.visit_id or event.visit_id, row.visitor_id or event.visitor_id) for row in rows]
        )
        return msgspec.structs.replace(event, leases=leases)
    if isinstance(event, CallReported):
        return msgspec.structs.replace(event, holder=_lease(rows[0], rows[0].visit_id or "", rows[0].visitor_id or ""))
    return event


def read_lease(raw: str) -> Lease:
    """A row with its visit and visitor."""
    row = _read_row(raw)
    return _lease(row, row.visit_id or "", row.visitor_id or "")


def _lease(row: LeaseRow, visit_id: str, visitor_id: str) -> Lease:
    return Lease(
        lease_id=derived_id("lease", visit_id, row.e164, str(row.from_ms)),
        e164=row.e164,
        pool_id=row.pool_id,
        target_e164=row.target_e164,
        visit_id=visit_id,
        visitor_id=visitor_id,
        from_ms=row.from_ms,
        until_ms=row.until_ms,
    )


_read_row = msgspec.json.Decoder(LeaseRow).decode
read_verdict = msgspec.json.Decoder(Verdict).decode
pack_bodies = msgspec.msgpack.Encoder().encode
_unpack_bodies = msgspec.msgpack.Decoder(list[bytes]).decode


def connection_options(url: str, part: str) -> dict[str, Any]:
    """What to connect with: nothing waits for a server that is gone for longer than a few seconds.

    Raises BadInput for what is no address of a database; its text, which may hold a password, is not repeated.
    """
    try:
        given = conninfo_to_dict(_checked(url))
    except (ValueError, psycopg.Error):
        raise BadInput(
            "The address of the edge store cannot be read.",
            hint="Write it like postgresql://user@host:5432/database; in a password, @ as %40, : as %3A, / as %2F.",
        ) from None
    bounds = {
        "connect_timeout": CONNECT_SECS,
        "tcp_user_timeout": CONNECT_SECS * 1000,
        "keepalives_idle": 2,
        "keepalives_interval": 1,
        "keepalives_count": 3,
        "target_session_attrs": "read-write",
        "application_name": f"ringtrace {part}",
    }
    return bounds | {name: value for name, value in given.items() if value is not None}


def _checked(url: str) -> str:
    """Raises ValueError where an unescaped sign makes a part of the password look like a host or port: errors of the
    network would tell it."""
    parts = urlsplit(url)
    if parts.netloc.count("@") > 1 or (parts.port is not None and parts.port < 1):
        raise ValueError
    return url


def session(answer_secs: float) -> str:
    """The statements that begin every session: durable commits, and no statement without an end."""
    answer_ms = round(answer_secs * 1000)
    return (
        "SET search_path = ringtrace_edge; SET synchronous_commit = on; SET jit = off"
        "; SET default_transaction_isolation = 'read committed'"
        f"; SET statement_timeout = {answer_ms}; SET lock_timeout = {answer_ms}"
        f"; SET idle_in_transaction_session_timeout = {answer_ms}"
    )


def connect(url: str, part: str) -> psycopg.Connection[tuple[Any, ...]]:
    """A session of its own, each statement a transaction. Raises StoreUnavailable, BadInput."""
    options = connection_options(url, part)
    try:
        connection = psycopg.connect(**options, autocommit=True)
        connection.execute(session(_ANSWER_SECS))
    except psycopg.Error as error:
        raise unavailable() from error
    return connection


def unavailable() -> StoreUnavailable:
    return StoreUnavailable(
        "The edge store's PostgreSQL did not take it.", hint="Check that it runs, its disk, and RINGTRACE_EDGE_STORE."
    )


def _ensure_tables(connection: psycopg.Connection[tuple[Any, ...]], part: str, tables: str) -> None:
    """Makes the tables and functions of one part, if they are not there as they are here; several may do so at once.

    Raises StoreBehind, psycopg.Error.
    """
    wanted = {"format": FORMAT, f"tables of {part}": zlib.crc32(tables.encode())}
    if _marks(connection, wanted) == wanted:
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (_DDL_LOCK,))
        if _marks(connection, wanted) == wanted:
            return
        connection.execute(tables)
        for name, value in wanted.items():
            connection.execute(
                "INSERT INTO ringtrace_edge.marks (name, value) VALUES (%s, %s)"
                " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )


def _marks(connection: psycopg.Connection[tuple[Any, ...]], wanted: dict[str, int]) -> dict[str, int]:
    row = connection.execute("SELECT to_regclass('ringtrace_edge.marks')").fetchone()
    if row is None or row[0] is None:
        return {}
    rows = connection.execute("SELECT name, value FROM ringtrace_edge.marks WHERE name = ANY(%s)", (list(wanted),))
    found = {str(name): int(value) for name, value in rows}
    if found.get("format", 0) > FORMAT:
        raise StoreBehind(
            f"The edge store has format {found['format']}, this Ringtrace reads up to {FORMAT}.",
            hint="Start the newer Ringtrace that wrote it.",
        )
    return found


def prepare(url: str, part: str, tables: str) -> None:
    """Makes the tables of journal and directory, and those of one part. Raises StoreUnavailable, StoreBehind."""
    wire = PostgresWire(url)
    try:
        wire.ensure_tables(part, tables)
    finally:
        wire.close()


class PostgresWire:
    """`ringtrace.wire.store.WireStore` over PostgreSQL. A lost connection is made again by the next call."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        with self._connected():
            pass

    def ensure_tables(self, part: str, tables: str) -> None:
        """Makes what another part keeps in the same database."""
        with self._connected() as connection:
            _ensure_tables(connection, part, tables)

    def publish_directory(self, make: Callable[[int], Directory]) -> int:
        with self._connected() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (_DIRECTORY_LOCK,))
            row = connection.execute("SELECT coalesce(max(version), 0) + 1 FROM directory").fetchone()
            version = int(row[0]) if row else 1
            body = msgspec.msgpack.encode(make(version))
            connection.execute("INSERT INTO directory (version, body) VALUES (%s, %b)", (version, body))
            connection.execute("DELETE FROM directory WHERE version <= %s", (version - _DIRECTORIES_KEPT,))
        return version

    def read_directory(self, newer_than: int = 0) -> Directory | None:
        with self._connected() as connection:
            row = connection.execute(NEWEST_DIRECTORY, (newer_than,), binary=True).fetchone()
        return None if row is None else decode_directory(row[0])

    def read_events(self, after: int, limit: int) -> list[tuple[int, AnyEvent | None]]:
        """As `WireStore`; all events of one transaction have one place, and come together."""
        with self._connected() as connection:
            found = _read(connection, after, limit)
            if len(found) < limit and _give_places(connection, after):
                found = _read(connection, after, limit)
        return found

    def note_drained(self, place: int, now_ms: int) -> None:  # noqa: ARG002 - age does not matter here
        """Leases rest in tables of their own: no restart needs what is drained. Dropped in small transactions."""
        with self._connected() as connection:
            for _ in range(_DROPS_A_CALL):
                dropped = connection.execute(_DROP, {"place": place, "most": _DROPPED_AT_ONCE}).rowcount
                if dropped < _DROPPED_AT_ONCE:
                    return

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        try:
            if self._connection is None:
                self._connection = connect(self._url, "wire")
                _ensure_tables(self._connection, "wire", _TABLES)
            yield self._connection
        except psycopg.Error as error:
            self.close()
            raise unavailable() from error
        except RingtraceError:
            self.close()
            raise


NEWEST_DIRECTORY = "SELECT body FROM ringtrace_edge.directory WHERE version > %s ORDER BY version DESC LIMIT 1"


def _read(connection: psycopg.Connection[tuple[Any, ...]], after: int, limit: int) -> list[tuple[int, AnyEvent | None]]:
    rows = connection.execute(_READ, {"after": after, "limit": limit}, binary=True).fetchall()
    return [(place, event) for place, bodies, verdict in rows for event in _events(bodies, verdict)]


def _events(bodies: bytes, verdict: str) -> list[AnyEvent | None]:
    try:
        outcomes = read_verdict(verdict).outcomes([_decode_or_none(body) for body in _unpack_bodies(bodies)])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return [None]
    return [event for _, event in outcomes]


def _decode_or_none(body: bytes) -> AnyEvent | None:
    try:
        return decode_event(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def _give_places(connection: psycopg.Connection[tuple[Any, ...]], after: int) -> int:
    """Gives places to rows that have none, beyond `after`; how many there were at most."""
    waiting = connection.execute("SELECT FROM journal WHERE place IS NULL LIMIT 1").rowcount
    if not waiting:
        return 0
    with connection.transaction():
        row = connection.execute("SELECT value FROM marks WHERE name = 'place' FOR UPDATE").fetchone()
        last = max(after, int(row[0]) if row else 0)
        connection.execute(_GIVE_PLACES, {"last": last, "most": _PLACED_AT_ONCE})
    return waiting
