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
    NumberClicked,
    RefusalsCounted,
    VisitAlive,
    VisitSeen,
    decode_event,
    encode_event,
)
from ringtrace.wire.sqlite import events_since, open_store, publish_directory, read_directory, read_events

KINDS = (VisitSeen, VisitAlive, NumberClicked, CallReported, RefusalsCounted)
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


def append(store: sqlite3.Connection, body: bytes, at_ms: int = 5) -> None:
    store.execute("INSERT INTO journal (at_ms, body) VALUES (?, ?)", (at_ms, body))


_sources = st.builds(Source, click_ids=st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3))
_events = st.one_of(
    st.builds(VisitSeen, source=_sources, leases=st.lists(st.from_type(Lease), max_size=3).map(tuple)),
    st.builds(VisitAlive, leases=st.lists(st.from_type(Lease), max_size=3).map(tuple)),
    st.from_type(NumberClicked),
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


def test_it_keeps_the_place_of_an_event_it_cannot_read(store: sqlite3.Connection) -> None:
    newer = {**msgspec.msgpack.decode(encode_event(click())), "event": "something of a later format"}
    for body in (encode_event(click("a")), b"\xc1 noise", msgspec.msgpack.encode(newer), encode_event(click("b"))):
        append(store, body)
    assert read_events(store, 0, 10) == [(1, click("a")), (2, None), (3, None), (4, click("b"))]
    assert [event.event_id for event in events_since(store, 0)] == ["a", "b"]


def test_it_reads_the_journal_in_order_from_any_place(store: sqlite3.Connection) -> None:
    for n in range(5):
        append(store, encode_event(click(str(n))))
    assert [(seq, event.event_id) for seq, event in read_events(store, 2, 2) if event] == [(3, "2"), (4, "3")]
    assert read_events(store, 5, 2) == []


def test_it_finds_what_happened_since_a_moment(store: sqlite3.Connection) -> None:
    for at_ms in (10, 20, 30):
        append(store, encode_event(click(str(at_ms), at_ms)), at_ms)
    assert [event.event_id for event in events_since(store, 20)] == ["20", "30"]
    assert [event.event_id for event in events_since(store, 0)] == ["10", "20", "30"]
    assert list(events_since(store, 31)) == []


def test_it_says_that_the_journal_cannot_be_read(store: sqlite3.Connection) -> None:
    store.execute("DROP TABLE journal")
    with pytest.raises(StoreUnavailable):
        read_events(store, 0, 1)
    with pytest.raises(StoreUnavailable):
        list(events_since(store, 0))


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
