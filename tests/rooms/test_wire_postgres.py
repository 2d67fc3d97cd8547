"""The directory and the journal in PostgreSQL: nothing is missed, whoever commits when."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import msgspec
import psycopg
import pytest

from ringtrace.core.errors import BadInput, StoreBehind, StoreUnavailable
from ringtrace.core.ids import derived_id
from ringtrace.core.sources import Channel, Source
from ringtrace.edge.store.postgres import PostgresEdgeStore
from ringtrace.testing.postgres import PostgresServer, shared_server
from ringtrace.testing.serving import free_ports
from ringtrace.wire.directory import Directory, PoolEntry, SiteEntry
from ringtrace.wire.journal import RefusalsCounted, VisitAlive, VisitSeen, encode_event
from ringtrace.wire.opening import open_wire
from ringtrace.wire.postgres import pack_bodies
from ringtrace.wire.sqlite import SqliteWire
from ringtrace.wire.store import WireStore
from tests.rooms.stores import need_postgres

NOW_MS = 1_760_000_000_000
INSERT = "INSERT INTO ringtrace_edge.journal (events, bodies, verdict) VALUES (%s, %s, '[[],[]]')"


@pytest.fixture
def server() -> PostgresServer:
    need_postgres()
    return shared_server()


@pytest.fixture
def url(server: PostgresServer) -> str:
    return server.fresh_database()


@pytest.fixture
def wire(url: str) -> Iterator[WireStore]:
    with closing(open_wire(url)) as opened:
        yield opened


def event(name: str) -> RefusalsCounted:
    return RefusalsCounted(event_id=name, at_ms=NOW_MS, company_id="", site_id="", counts={})


def insert(connection: psycopg.Connection, *names: str) -> None:
    connection.execute(INSERT, (len(names), pack_bodies([encode_event(event(name)) for name in names])))


def names_in(wire: WireStore, after: int = 0, limit: int = 1_000) -> list[str]:
    return [found.event_id if found else "?" for _, found in wire.read_events(after, limit)]


def last_place(wire: WireStore, after: int = 0) -> int:
    return wire.read_events(after, 1_000_000)[-1][0]


def test_it_misses_nothing_when_what_was_written_first_commits_last(wire: WireStore, url: str) -> None:
    with psycopg.connect(url) as slow, psycopg.connect(url) as quick:
        insert(slow, "first written")
        insert(quick, "second written")
        quick.commit()
        assert names_in(wire) == ["second written"]
        place = last_place(wire)
        insert(quick, "third written")
        quick.commit()
        slow.commit()
        assert names_in(wire, place) == ["first written", "third written"]
        assert names_in(wire) == ["second written", "first written", "third written"]


def test_it_misses_nothing_when_what_was_written_first_is_rolled_back(wire: WireStore, url: str) -> None:
    with psycopg.connect(url) as broken, psycopg.connect(url) as quick:
        insert(broken, "never")
        insert(quick, "a")
        quick.commit()
        broken.rollback()
        place = last_place(wire)
        insert(quick, "b")
        quick.commit()
        assert names_in(wire, place) == ["b"]


def test_it_waits_for_nobody_elses_transaction(wire: WireStore, url: str) -> None:
    """One that has written elsewhere and never ends holds back the server's oldest transaction, and not our readers."""
    with psycopg.connect(url) as foreign, psycopg.connect(url) as edge:
        foreign.execute("CREATE TABLE elsewhere (n int)")
        insert(edge, "a")
        edge.commit()
        assert names_in(wire) == ["a"]


def test_it_gives_one_place_to_what_was_written_together_and_reads_it_whole(wire: WireStore, url: str) -> None:
    with psycopg.connect(url) as edge:
        for n in range(4):
            insert(edge, f"{n}a", f"{n}b", f"{n}c")
            edge.commit()
    assert names_in(wire, limit=4) == ["0a", "0b", "0c", "1a", "1b", "1c"]
    places = [place for place, _ in wire.read_events(0, 100)]
    assert places == sorted(places)
    assert len(set(places)) == 4
    assert names_in(wire, places[5], limit=1) == ["2a", "2b", "2c"]


def test_it_gives_each_row_one_place_when_readers_come_together(url: str) -> None:
    with closing(open_wire(url)), psycopg.connect(url, autocommit=True) as edge:
        for n in range(200):
            insert(edge, str(n))

        def read(_: int) -> list[tuple[int, object]]:
            with closing(open_wire(url)) as reader:
                return [(place, found) for place, found in reader.read_events(0, 1_000)]

        with ThreadPoolExecutor(8) as threads:
            seen = list(threads.map(read, range(8)))
        whole = read(0)
    assert [place for place, _ in whole] == list(range(1, 201))
    assert all(one == whole[: len(one)] for one in seen)  # one that came between the others may have seen less


def test_it_reads_while_many_edges_write_and_sees_everything_once_in_order(url: str, wire: WireStore) -> None:
    def write(edge: int) -> None:
        with psycopg.connect(url) as connection:
            for n in range(60):
                insert(connection, f"{edge}:{n:03}")
                connection.commit()

    seen: list[str] = []
    place = 0
    with ThreadPoolExecutor(4) as threads:
        writing = [threads.submit(write, edge) for edge in range(4)]
        while True:
            is_over = all(one.done() for one in writing)
            found = wire.read_events(place, 50)
            seen += [one.event_id for _, one in found if one]
            place = found[-1][0] if found else place
            if is_over and not found:
                break
    assert len(seen) == len(set(seen)) == 240
    for edge in range(4):
        assert [name for name in seen if name.startswith(f"{edge}:")] == [f"{edge}:{n:03}" for n in range(60)]


def test_it_reads_a_visit_before_its_beat_though_another_edge_took_the_beat(url: str, wire: WireStore) -> None:
    pool = PoolEntry(
        pool_id="pool", site_id="site", company_id="c", target_e164="+13105550123", numbers=("+13105550140",)
    )
    visit_id, visitor_id = derived_id("visit", "a"), derived_id("visitor", "a")
    seen = VisitSeen(
        event_id="seen",
        at_ms=NOW_MS,
        company_id="c",
        visit_id=visit_id,
        visitor_id=visitor_id,
        site_id="site",
        url="",
        referrer="",
        source=Source(channel=Channel.DIRECT),
    )
    alive = VisitAlive(
        event_id="alive", at_ms=NOW_MS, company_id="c", visit_id=visit_id, visitor_id=visitor_id, site_id="site"
    )

    async def browse() -> None:
        edges = PostgresEdgeStore(url), PostgresEdgeStore(url)
        for edge in edges:
            await edge.set_pools((pool,), NOW_MS)
        await edges[0].start_visit(seen, ("pool",))
        assert await edges[1].keep_visit(alive, ("pool",)) is not None
        for edge in edges:
            await edge.close()

    asyncio.run(browse())
    assert names_in(wire) == ["seen", "alive"]


def test_it_drops_what_is_drained_and_nothing_else(wire: WireStore, url: str) -> None:
    with psycopg.connect(url) as edge:
        for n in range(1_203):
            insert(edge, str(n))
    assert len(wire.read_events(0, 10_000)) == 1_000  # so many get their places at once
    place = wire.read_events(1_000, 10_000)[200][0]
    wire.note_drained(place, NOW_MS)
    assert names_in(wire) == ["1201", "1202"]
    wire.note_drained(place, NOW_MS)
    assert names_in(wire) == ["1201", "1202"]
    wire.note_drained(last_place(wire), NOW_MS)
    with psycopg.connect(url, autocommit=True) as edge:
        insert(edge, "later")
    assert names_in(wire, 1_203) == ["later"]


def test_it_goes_on_after_a_dump_is_restored(wire: WireStore, url: str, server: PostgresServer) -> None:
    with psycopg.connect(url, autocommit=True) as edge:
        insert(edge, "read before")
        place = last_place(wire)
        insert(edge, "not read yet")
    elsewhere = server.fresh_database()
    server.run_client("psql", "-q", "-v", "ON_ERROR_STOP=1", elsewhere, given=server.run_client("pg_dump", url))
    with closing(open_wire(elsewhere)) as restored, psycopg.connect(elsewhere, autocommit=True) as edge:
        insert(edge, "written after")
        assert names_in(restored, place) == ["not read yet", "written after"]


def test_it_goes_on_from_its_reader_when_an_older_dump_is_restored(wire: WireStore, url: str) -> None:
    with psycopg.connect(url, autocommit=True) as edge:
        insert(edge, "written after")
    assert names_in(wire, 5_000) == ["written after"]
    assert last_place(wire, 5_000) == 5_001


def test_it_reads_the_rest_when_one_event_or_one_row_cannot_be_read(wire: WireStore, url: str) -> None:
    bodies = [encode_event(event("a")), b"\xff nothing", encode_event(event("b"))]
    with psycopg.connect(url, autocommit=True) as edge:
        edge.execute(INSERT, (3, pack_bodies(bodies)))
        edge.execute(INSERT, (3, b"nothing"))
        insert(edge, "c")
    assert names_in(wire) == ["a", "?", "b", "?", "c"]


def test_it_publishes_the_directory_and_keeps_the_last_ones(wire: WireStore, server: PostgresServer, url: str) -> None:
    assert wire.read_directory() is None
    site = SiteEntry(site_id="s", company_id="c", key="k", origins=("https://a.example",))
    versions = [wire.publish_directory(lambda n: Directory(version=n, sites=(site,))) for _ in range(7)]
    assert versions == [1, 2, 3, 4, 5, 6, 7]
    assert wire.read_directory() == Directory(version=7, sites=(site,))
    assert wire.read_directory(7) is None
    assert server.execute("SELECT count(*) FROM ringtrace_edge.directory", url) == [(5,)]


def test_it_publishes_nothing_when_the_directory_cannot_be_made(wire: WireStore) -> None:
    def fail(version: int) -> Directory:
        raise BadInput("no")

    with pytest.raises(BadInput):
        wire.publish_directory(fail)
    assert wire.read_directory() is None
    assert wire.publish_directory(lambda version: Directory(version=version)) == 1


@pytest.mark.parametrize("body", [b"nothing", msgspec.msgpack.encode(Directory(version=9, format=99))])
def test_it_refuses_a_directory_of_another_format(wire: WireStore, url: str, body: bytes) -> None:
    with psycopg.connect(url, autocommit=True) as web:
        web.execute("INSERT INTO ringtrace_edge.directory VALUES (9, %s)", (body,))
    with pytest.raises(StoreBehind):
        wire.read_directory()


def test_it_refuses_a_store_of_a_newer_ringtrace(wire: WireStore, server: PostgresServer, url: str) -> None:
    server.execute("UPDATE ringtrace_edge.marks SET value = 99 WHERE name = 'format'", url)
    with pytest.raises(StoreBehind, match="E301"):
        open_wire(url)
    with pytest.raises(StoreBehind):
        asyncio.run(PostgresEdgeStore(url).directory_after(0))


def test_it_makes_its_tables_once_though_many_come_first(url: str) -> None:
    async def publish() -> None:
        stores = [PostgresEdgeStore(url) for _ in range(6)]
        assert await asyncio.gather(*(store.directory_after(0) for store in stores)) == [None] * 6
        for store in stores:
            await store.close()

    asyncio.run(publish())


def test_it_says_so_while_the_server_is_gone_and_goes_on_when_it_is_back(
    wire: WireStore, server: PostgresServer, url: str
) -> None:
    wire.publish_directory(lambda version: Directory(version=version))
    server.stop("immediate")
    try:
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                wire.read_directory()
        with pytest.raises(StoreUnavailable):
            open_wire(url)
    finally:
        server.start()
    assert wire.read_directory() == Directory(version=1)
    assert wire.read_events(0, 10) == []


def test_it_repeats_no_password(server: PostgresServer) -> None:
    [port] = free_ports(1)
    for bad in (
        "postgresql://me:s3cret@127.0.0.1:port/x",
        "postgresql://me:pw@s3cret:word@127.0.0.1/x",
        "postgresql://me:s3cret@127.0.0.1/x?odd=s3cret",
        f"postgresql://me:s3cret@127.0.0.1:{port}/x",
    ):
        with pytest.raises((BadInput, StoreUnavailable)) as raised:
            open_wire(bad)
        shown: BaseException | None = raised.value
        while shown is not None:
            assert "s3cret" not in str(shown)
            shown = shown.__cause__


def test_it_opens_what_is_named(tmp_path: Path, wire: WireStore) -> None:
    with closing(open_wire(tmp_path / "edge.sqlite")) as embedded:
        assert isinstance(embedded, SqliteWire)
    assert type(wire).__name__ == "PostgresWire"


def test_it_loads_no_driver_where_none_is_asked_for() -> None:
    code = "import sys, ringtrace.edge.serve, ringtrace.wire.opening; print('psycopg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
