"""The two formats between processes: what is written is read, what is newer is refused or passed over by name."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import hypothesis.strategies as st
import msgspec
import pytest
from hypothesis import given

from ringtrace.core.errors import StoreBehind, StoreUnavailable
from ringtrace.core.numbers import Lease
from ringtrace.core.sources import Source
from ringtrace.flows.interpreter import ring_flow
from ringtrace.wire.directory import FORMAT, ConnectionEntry, Directory, NumberEntry, PoolEntry, SiteEntry
from ringtrace.wire.journal import (
    AnyEvent,
    CallReported,
    FormSent,
    NumberClicked,
    PersonNamed,
    RefusalsCounted,
    VisitAlive,
    VisitSeen,
    decode_event,
    encode_event,
)
from ringtrace.wire.opening import open_wire
from ringtrace.wire.sqlite import (
    DRAINED,
    append,
    forget,
    last_place,
    mark,
    open_store,
    publish_directory,
    read_directory,
    read_events,
    read_states,
    rows_after,
    set_mark,
    write_states,
)

KINDS = (VisitSeen, VisitAlive, NumberClicked, FormSent, PersonNamed, CallReported, RefusalsCounted)
WHOLE = Directory(
    version=1,
    sites=(SiteEntry(site_id="s", company_id="c", key="k", origins=("https://x.example",), consent="needed"),),
    pools=(PoolEntry(pool_id="p", site_id="s", company_id="c", target_e164="+13105550123", numbers=("+13105550140",)),),
    numbers=(
        NumberEntry(
            number_id="n", company_id="c", e164="+13105550140", connection_id="l", flow=ring_flow("+13105550199")
        ),
    ),
    connections=(
        ConnectionEntry(connection_id="l", company_id="c", carrier="twilio", public_url="https://e", sealed_secret="x"),
    ),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_store(tmp_path / "edge.sqlite")) as opened:
        yield opened


def click(event_id: str = "ev", at_ms: int = 5) -> NumberClicked:
    return NumberClicked(
        event_id=event_id, at_ms=at_ms, company_id="c", visit_id="v", visitor_id="w", site_id="s", e164="+1"
    )


_sources = st.builds(Source, click_ids=st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3))
_events = st.one_of(
    st.builds(VisitSeen, source=_sources, leases=st.lists(st.from_type(Lease), max_size=3).map(tuple)),
    st.builds(VisitAlive, leases=st.lists(st.from_type(Lease), max_size=3).map(tuple)),
    st.from_type(NumberClicked),
    st.from_type(FormSent),
    st.from_type(PersonNamed),
    st.from_type(CallReported),
    st.from_type(RefusalsCounted),
)


@given(_events)
def test_it_reads_every_event_as_it_was_written(event: AnyEvent) -> None:
    try:
        raw = encode_event(event)
    except (UnicodeEncodeError, OverflowError):
        return  # lone surrogates and numbers beyond 64 bits: no door lets them in
    assert decode_event(raw) == event


@given(st.binary(max_size=200))
def test_it_reads_no_event_out_of_noise_without_saying_so(raw: bytes) -> None:
    try:
        event = decode_event(raw)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    assert isinstance(event, KINDS)


def test_it_passes_over_a_field_that_a_later_ringtrace_added() -> None:
    later = {**msgspec.msgpack.decode(encode_event(click())), "mood": {"of": ["the", "visitor"]}}
    assert decode_event(msgspec.msgpack.encode(later)) == click()


def test_it_reads_an_event_that_lacks_a_field_with_a_default() -> None:
    assert b"gpc" not in encode_event(_seen())
    assert decode_event(encode_event(_seen())) == _seen()


def _seen() -> VisitSeen:
    from_an_older = {"event": "visit", "event_id": "e", "at_ms": 1, "company_id": "c", "visit_id": "v"}
    from_an_older |= {"visitor_id": "w", "site_id": "s", "url": "", "referrer": "", "source": {"channel": "Direct"}}
    return msgspec.convert(from_an_older, VisitSeen)


def encoded(*names: str) -> list[bytes]:
    return [encode_event(click(name)) for name in names]


def names_of(events: list[tuple[int, AnyEvent | None]]) -> list[tuple[int, str | None]]:
    return [(place, event.event_id if event else None) for place, event in events]


def test_it_keeps_the_place_of_an_event_it_cannot_read(store: sqlite3.Connection) -> None:
    newer = {**msgspec.msgpack.decode(encode_event(click())), "event": "something of a later format"}
    last = append(store, 0, [*encoded("a"), msgspec.msgpack.encode(newer), *encoded("b")])
    assert append(store, last, encoded("c")) == 4
    assert names_of(read_events(store, 0, 10)) == [(1, "a"), (2, None), (3, "b"), (4, "c")]


@pytest.mark.parametrize("noise", [b"\xc1 noise", b"", b"\x93\xc0", msgspec.msgpack.encode([{}, 1])])
def test_it_keeps_the_places_of_a_row_it_cannot_read(store: sqlite3.Connection, noise: bytes) -> None:
    append(store, 0, encoded("a"))
    store.execute("INSERT INTO journal (last, first, body) VALUES (3, 2, ?)", (noise,))
    append(store, 3, encoded("b"))
    assert names_of(read_events(store, 0, 10)) == [(1, "a"), (2, None), (3, None), (4, "b")]


def test_it_reads_the_journal_in_order_from_any_place(store: sqlite3.Connection) -> None:
    last = append(store, 0, encoded("1", "2", "3"))
    append(store, last, encoded("4", "5"))
    assert names_of(read_events(store, 1, 1)) == [(2, "2"), (3, "3")]
    assert names_of(read_events(store, 2, 2)) == [(3, "3"), (4, "4"), (5, "5")]
    assert read_events(store, 5, 2) == []
    assert last_place(store) == 5


def test_it_gives_a_starting_edge_what_came_after_a_place(store: sqlite3.Connection) -> None:
    append(store, append(store, 0, encoded("1", "2")), encoded("3"))
    rows = [msgspec.msgpack.decode(body) for body in rows_after(store, 2)]
    assert [[event["event_id"] for event in row] for row in rows] == [["3"]]
    assert list(rows_after(store, 3)) == []


def test_it_forgets_what_is_read_but_never_where_to_go_on(store: sqlite3.Connection) -> None:
    place = 0
    for name in "abcd":
        place = append(store, place, encoded(name, f"{name}2"))
    assert forget(store, 3, 10) == 1  # the second row holds a place that nobody has read yet
    assert forget(store, 8, 1) == 1
    assert names_of(read_events(store, 0, 10)) == [(5, "c"), (6, "c2"), (7, "d"), (8, "d2")]
    assert forget(store, 8, 10) == 1
    assert last_place(store) == 8
    assert names_of(read_events(store, 0, 10)) == [(7, "d"), (8, "d2")]


def test_it_gives_the_disk_back_what_it_forgot(store: sqlite3.Connection) -> None:
    place = 0
    for _ in range(20):
        place = append(store, place, [msgspec.msgpack.encode("x" * 50_000)])
    full = store.execute("PRAGMA page_count").fetchone()[0]
    forget(store, place, 100)
    assert store.execute("PRAGMA page_count").fetchone()[0] < full / 4


def test_a_mark_never_goes_back(store: sqlite3.Connection) -> None:
    assert mark(store, DRAINED) == 0
    set_mark(store, DRAINED, 7)
    set_mark(store, DRAINED, 5)
    assert mark(store, DRAINED) == 7


def test_a_reader_says_how_far_it_has_read(tmp_path: Path) -> None:
    with closing(open_wire(tmp_path / "edge.sqlite")) as wire, closing(open_store(tmp_path / "edge.sqlite")) as store:
        wire.note_drained(12, 5)
        assert mark(store, DRAINED) == 12


def test_it_writes_states_all_or_none(store: sqlite3.Connection) -> None:
    write_states(store, {"a": b"1", "b": b"2"})
    write_states(store, {"a": b"3"})
    assert dict(read_states(store)) == {"a": b"3", "b": b"2"}
    store.execute("CREATE TRIGGER no BEFORE UPDATE ON states WHEN new.name = 'b' BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(StoreUnavailable):
        write_states(store, {"a": b"4", "b": b"5"})
    assert dict(read_states(store)) == {"a": b"3", "b": b"2"}


def test_it_says_what_it_cannot_do(store: sqlite3.Connection) -> None:
    for table in ("journal", "marks", "states"):
        store.execute(f"DROP TABLE {table}")  # - names of our own
    tries = (
        lambda: read_events(store, 0, 1),
        lambda: list(rows_after(store, 0)),
        lambda: append(store, 0, encoded("a")),
        lambda: last_place(store),
        lambda: forget(store, 1, 1),
        lambda: mark(store, DRAINED),
        lambda: set_mark(store, DRAINED, 1),
        lambda: list(read_states(store)),
        lambda: write_states(store, {"a": b""}),
    )
    for attempt in tries:
        with pytest.raises(StoreUnavailable):
            attempt()


def test_it_reads_the_directory_as_it_was_published(store: sqlite3.Connection) -> None:
    assert read_directory(store) is None
    version = publish_directory(store, lambda version: msgspec.structs.replace(WHOLE, version=version))
    assert read_directory(store) == msgspec.structs.replace(WHOLE, version=version)
    assert read_directory(store, version) is None


def test_it_keeps_five_directories_at_most(store: sqlite3.Connection) -> None:
    versions = [publish_directory(store, lambda version: Directory(version=version)) for _ in range(8)]
    kept = [version for (version,) in store.execute("SELECT version FROM directory ORDER BY version")]
    assert kept == versions[-5:]
    assert versions == list(range(1, 9))


def test_it_publishes_nothing_when_the_directory_cannot_be_made(store: sqlite3.Connection) -> None:
    def broken(version: int) -> Directory:
        raise LookupError(version)

    with pytest.raises(LookupError):
        publish_directory(store, broken)
    assert read_directory(store) is None
    assert publish_directory(store, lambda version: Directory(version=version)) == 1


def test_it_refuses_a_directory_of_a_later_format(store: sqlite3.Connection) -> None:
    publish_directory(store, lambda version: Directory(version=version, format=FORMAT + 1))
    with pytest.raises(StoreBehind, match="E301"):
        read_directory(store)


def test_it_refuses_a_directory_it_cannot_read(store: sqlite3.Connection) -> None:
    store.execute("INSERT INTO directory (version, body) VALUES (1, x'c1')")
    with pytest.raises(StoreBehind, match="E301"):
        read_directory(store)


def test_it_passes_over_a_directory_field_that_a_later_ringtrace_added(store: sqlite3.Connection) -> None:
    later = {**msgspec.to_builtins(WHOLE), "weather": "fine"}
    store.execute("INSERT INTO directory (version, body) VALUES (1, ?)", (msgspec.msgpack.encode(later),))
    assert read_directory(store) == WHOLE


def test_it_refuses_a_store_of_a_later_ringtrace(tmp_path: Path) -> None:
    with closing(open_store(tmp_path / "edge.sqlite")) as store:
        store.execute("PRAGMA user_version = 2")
    with pytest.raises(StoreBehind, match="E301"):
        open_store(tmp_path / "edge.sqlite")


def test_it_says_that_a_store_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "edge.sqlite").write_bytes(b"this is no database, though it is long enough for one" * 20)
    for path in (tmp_path / "edge.sqlite", tmp_path / "nowhere" / "edge.sqlite"):
        with pytest.raises(StoreUnavailable, match="E300"):
            open_store(path)


def test_it_is_durable_unless_it_may_be_played_again(tmp_path: Path) -> None:
    for durable, synchronous in ((True, 2), (False, 0)):
        with closing(open_store(tmp_path / "edge.sqlite", durable=durable)) as store:
            assert store.execute("PRAGMA synchronous").fetchone() == (synchronous,)
            assert store.execute("PRAGMA journal_mode").fetchone() == ("wal",)
