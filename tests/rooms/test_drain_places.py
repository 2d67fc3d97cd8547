"""Places of a journal: several events may share one, and the store is told how far every reader has come."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from ringtrace.core.calls import ReportKind
from ringtrace.core.clock import DAY_MS, MINUTE_MS, SECOND_MS
from ringtrace.testing.postgres import shared_server
from ringtrace.web.models import (
    CallReportRow,
    CallRow,
    JournalPlace,
    PassedOver,
    RefusalRow,
    VisitRow,
)
from ringtrace.wire.directory import Directory
from ringtrace.wire.journal import AnyEvent, encode_event
from ringtrace.wire.opening import open_wire
from ringtrace.wire.postgres import pack_bodies
from ringtrace.wire.sqlite import SqliteWire
from ringtrace.worker.drain import drain
from tests.rooms.books import NOW_MS, Books, ledger, new_books
from tests.rooms.stores import need_postgres

pytestmark = pytest.mark.django_db

_INSERT = "INSERT INTO ringtrace_edge.journal (events, bodies, verdict) VALUES (%s, %s, '[[],[]]')"


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Books]:
    with closing(SqliteWire(tmp_path / "edge.sqlite")) as journal:
        yield new_books(journal)


class _Shared:
    """A store that wrote its events in groups: those of a group share a place, and are read together."""

    def __init__(self, store: SqliteWire, groups_of: int) -> None:
        self.store, self._groups_of = store, groups_of
        self.told: list[tuple[int, int]] = []

    def publish_directory(self, make: Callable[[int], Directory]) -> int:
        return self.store.publish_directory(make)

    def read_directory(self, newer_than: int = 0) -> Directory | None:
        return self.store.read_directory(newer_than)

    def read_events(self, after: int, limit: int) -> list[tuple[int, AnyEvent | None]]:
        found = [(-(-seq // self._groups_of), event) for seq, event in self.store.read_events(0, 100_000)]
        found = [(place, event) for place, event in found if place > after]
        last = found[limit - 1][0] if len(found) > limit else None
        return [one for one in found if last is None or one[0] <= last]

    def note_drained(self, place: int, now_ms: int) -> None:
        self.told.append((place, now_ms))

    def close(self) -> None:
        self.store.close()


@pytest.mark.parametrize("most", [1, 4, 1_000])
def test_events_that_share_a_place_are_taken_together(books: Books, most: int) -> None:
    books.write(*books.a_day())
    books.drain()
    alone = ledger()
    for model in (VisitRow, CallRow, CallReportRow, RefusalRow, JournalPlace):
        model.objects.all().delete()
    shared = _Shared(books.journal, 3)
    taken = [drain(shared, NOW_MS, most=most) for _ in range(len(books.a_day()) + 1)]
    assert sum(taken) == len(books.a_day())
    again = ledger()
    for rows in (*alone.values(), *again.values()):
        for row in rows:
            row.pop("id", None)
    assert again == alone


def test_one_odd_event_takes_none_of_its_place_with_it(books: Books) -> None:
    far = books.said("odd", ReportKind.ARRIVED, 1 << 53)
    books.write(books.seen("v1"), far, *books.answered("c1", NOW_MS + MINUTE_MS))
    books.write_noise()
    shared = _Shared(books.journal, 10)
    assert drain(shared, NOW_MS) == 7
    assert CallRow.objects.get().pk == "c1"
    assert not CallReportRow.objects.filter(call_id="odd").exists()  # written before it was found to be odd
    assert VisitRow.objects.get().pk == "v1"
    assert sorted(PassedOver.objects.values_list("seq", "nth", "why")) == [
        (1, 1, "ValueError"),
        (1, 6, "unreadable"),
    ]


def test_it_tells_the_store_what_may_go_every_few_seconds(books: Books) -> None:
    shared = _Shared(books.journal, 1)
    books.write(books.seen("v1"))
    drain(shared, NOW_MS)
    books.write(books.seen("v2"))
    drain(shared, NOW_MS + SECOND_MS)
    assert shared.told == [(1, NOW_MS)]
    drain(shared, NOW_MS + 5 * SECOND_MS)  # nothing new: what was not told before is told now
    drain(shared, NOW_MS + 20 * SECOND_MS)
    assert shared.told == [(1, NOW_MS), (2, NOW_MS + 5 * SECOND_MS)]


def test_it_tells_the_store_no_more_than_every_reader_has_read(books: Books) -> None:
    JournalPlace.objects.create(reader="another", seq=1)
    shared = _Shared(books.journal, 1)
    books.write(books.seen("v1"), books.seen("v2"))
    drain(shared, NOW_MS)
    assert shared.told == [(1, NOW_MS)]
    JournalPlace.objects.filter(reader="another").update(seq=2)
    drain(shared, NOW_MS + 5 * SECOND_MS)
    assert shared.told[1:] == [(2, NOW_MS + 5 * SECOND_MS)]


def test_it_tells_the_store_again_when_the_clock_was_set_back(books: Books) -> None:
    shared = _Shared(books.journal, 1)
    books.write(books.seen("v1"))
    drain(shared, NOW_MS)
    books.write(books.seen("v2"))
    drain(shared, NOW_MS - DAY_MS)
    assert shared.told[1:] == [(2, NOW_MS - DAY_MS)]


@pytest.mark.parametrize("in_a_row", [1, 4, 100])
def test_it_takes_from_postgresql_what_it_takes_from_the_embedded_journal(books: Books, in_a_row: int) -> None:
    """There a row is what one edge wrote in one transaction, and its events share a place."""
    need_postgres()
    url = shared_server().fresh_database()
    day = books.a_day()
    books.write(*day)
    books.drain()
    embedded = ledger()
    for model in (VisitRow, CallRow, CallReportRow, RefusalRow, JournalPlace):
        model.objects.all().delete()
    with closing(open_wire(url)) as wire, psycopg.connect(url, autocommit=True) as edge:
        for start in range(0, len(day), in_a_row):
            bodies = [encode_event(event) for event in day[start : start + in_a_row]]
            edge.execute(_INSERT, (len(bodies), pack_bodies(bodies)))
        taken = [drain(wire, NOW_MS, most=3) for _ in range(len(day) + 1)]
    assert sum(taken) == len(day)
    from_postgres = ledger()
    for rows in (*embedded.values(), *from_postgres.values()):
        for row in rows:
            row.pop("id", None)
    assert from_postgres == embedded
