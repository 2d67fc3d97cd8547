"""Two edges on one database, hundreds of requests at once; and a network that hangs up or goes silent."""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from urllib.parse import urlsplit

import msgspec
import psycopg
import pytest

from ringtrace.core.calls import ReportKind
from ringtrace.core.errors import StoreUnavailable
from ringtrace.core.ids import derived_id
from ringtrace.core.numbers import Lease
from ringtrace.core.sources import Channel, Source
from ringtrace.edge.store.postgres import PostgresEdgeStore
from ringtrace.testing.postgres import PostgresServer, shared_server
from ringtrace.wire.directory import Directory, PoolEntry
from ringtrace.wire.journal import AnyEvent, CallReported, VisitAlive, VisitSeen
from ringtrace.wire.opening import open_wire
from tests.rooms.stores import need_postgres

NOW_MS = 1_760_000_000_000
HOLD_MS = 60_000
POOL = PoolEntry(
    pool_id="pool",
    site_id="site",
    company_id="c",
    target_e164="+13105550123",
    numbers=tuple(f"+1310556{n:04}" for n in range(300)),
    hold_secs=60,
    cooldown_secs=0,
)
POOLS = (POOL.pool_id,)
_SOON_SECS = 5.0  # to be told that a silent database took nothing: a bound of three seconds, and some


@pytest.fixture
def server() -> PostgresServer:
    need_postgres()
    return shared_server()


@pytest.fixture
def url(server: PostgresServer) -> str:
    return server.fresh_database()


def seen(name: str, at_ms: int = NOW_MS, visitor: str = "") -> VisitSeen:
    return VisitSeen(
        event_id=f"ev_{name}_{at_ms}",
        at_ms=at_ms,
        company_id="c",
        visit_id=derived_id("visit", name),
        visitor_id=derived_id("visitor", visitor or name),
        site_id="site",
        url="https://plumber.example/",
        referrer="",
        source=Source(channel=Channel.DIRECT),
    )


def alive(name: str, at_ms: int) -> VisitAlive:
    return VisitAlive(
        event_id=f"ev_alive_{name}_{at_ms}",
        at_ms=at_ms,
        company_id="c",
        visit_id=derived_id("visit", name),
        visitor_id=derived_id("visitor", name),
        site_id="site",
    )


def called(name: str, e164: str = POOL.numbers[0], at_ms: int = NOW_MS) -> CallReported:
    return CallReported(
        event_id=f"ev_{name}",
        at_ms=at_ms,
        company_id="c",
        call_id=f"call_{name}",
        connection_id="conn",
        carrier="kamailio",
        carrier_call_id=name,
        kind=ReportKind.ARRIVED,
        number_id="num",
        called_e164=e164,
    )


@asynccontextmanager
async def opened(*urls: str, pools: Sequence[PoolEntry] = (POOL,)) -> AsyncIterator[list[PostgresEdgeStore]]:
    stores = [PostgresEdgeStore(url) for url in urls]
    try:
        for store in stores:
            await store.set_pools(pools, NOW_MS)
        yield stores
    finally:
        for store in stores:
            await store.close()


def journal(url: str) -> list[AnyEvent]:
    wire = open_wire(url)
    events: list[AnyEvent] = []
    place = 0
    while found := wire.read_events(place, 10_000):
        events += [event for _, event in found if event]
        place = found[-1][0]
    wire.close()
    return events


def numbers_of(visits: Sequence[VisitSeen]) -> list[str]:
    return [lease.e164 for visit in visits for lease in visit.leases]


async def refused_after(asked: Awaitable[object]) -> float | None:
    """How long it took to be told; None if it was taken."""
    begun = time.monotonic()
    try:
        await asked
    except StoreUnavailable:
        return time.monotonic() - begun
    return None


def test_it_gives_no_number_twice_when_two_edges_are_asked_at_once(url: str) -> None:
    async def test() -> list[VisitSeen]:
        async with opened(url, url) as stores:
            return await asyncio.gather(*(stores[n % 2].start_visit(seen(f"v{n}"), POOLS) for n in range(600)))

    visits = asyncio.run(test())
    shown = numbers_of(visits)
    assert sorted(shown) == sorted(POOL.numbers)
    assert sorted(event.event_id for event in journal(url)) == sorted(visit.event_id for visit in visits)


def test_it_gives_one_number_to_a_visit_that_starts_at_two_edges_at_once(url: str) -> None:
    async def test() -> list[VisitSeen]:
        async with opened(url, url) as stores:
            return await asyncio.gather(
                *(store.start_visit(seen(f"v{n}"), POOLS) for n in range(200) for store in stores)
            )

    visits = asyncio.run(test())
    assert len(set(numbers_of(visits))) == 200
    assert [one.leases[0].e164 for one in visits[::2]] == [other.leases[0].e164 for other in visits[1::2]]


def test_it_takes_a_report_once_though_both_edges_hear_it(url: str) -> None:
    async def test() -> list[bool]:
        async with opened(url, url) as stores:
            return await asyncio.gather(*(stores[n % 2].record(called(str(n // 4))) for n in range(400)))

    taken = asyncio.run(test())
    assert sum(taken) == 100
    assert sorted(event.event_id for event in journal(url)) == sorted(f"ev_{n}" for n in range(100))


def test_it_knows_at_each_edge_what_the_other_has_promised(url: str) -> None:
    async def test() -> None:
        async with opened(url, url) as (one, other):
            visit = await one.start_visit(seen("a"), POOLS)
            kept = await other.keep_visit(alive("a", NOW_MS + 1_000), POOLS)
            assert kept is not None
            assert await one.holder_of(visit.leases[0].e164, NOW_MS + HOLD_MS) == kept.leases[0]
            report, is_new = await other.arrive(called("x", visit.leases[0].e164, NOW_MS + 2_000))
            assert is_new
            assert report.holder is not None
            assert not await one.record(called("x", visit.leases[0].e164, NOW_MS + 3_000))

    asyncio.run(test())


def test_it_never_overlaps_leases_in_a_long_fight_for_few_numbers(url: str) -> None:
    """Two edges, twenty numbers, visits that come, stay, go, come back and call, on one clock that moves on."""
    few = msgspec.structs.replace(POOL, numbers=POOL.numbers[:20], hold_secs=3, called_hold_secs=9)

    async def live(stores: list[PostgresEdgeStore], chance: random.Random, clock: list[int]) -> None:
        for _ in range(40):
            name = f"v{chance.randrange(60)}"
            visit = await chance.choice(stores).start_visit(seen(name, clock[0]), POOLS)
            clock[0] += chance.randrange(300)
            for _ in range(chance.randrange(3)):
                await chance.choice(stores).keep_visit(alive(name, clock[0]), POOLS, POOLS)
            if visit.leases and chance.random() < 0.2:
                call = called(f"{chance.getrandbits(64):x}", visit.leases[0].e164, clock[0])
                await chance.choice(stores).arrive(call)

    async def test() -> None:
        clock, chance = [NOW_MS], random.Random()
        async with opened(url, url, pools=(few,)) as stores:
            await asyncio.gather(*(live(stores, random.Random(chance.random()), clock) for _ in range(40)))

    asyncio.run(test())
    whole: dict[str, Lease] = {}
    for event in journal(url):
        holder = event.holder if isinstance(event, CallReported) else None
        leases = event.leases if isinstance(event, VisitSeen | VisitAlive) else ((holder,) if holder else ())
        for lease in leases:
            if lease.lease_id not in whole or whole[lease.lease_id].until_ms < lease.until_ms:
                whole[lease.lease_id] = lease
    assert len(whole) > 100
    for number in few.numbers:
        of_number = sorted((one for one in whole.values() if one.e164 == number), key=lambda one: one.from_ms)
        assert [pair for pair in pairwise(of_number) if pair[1].from_ms < pair[0].until_ms] == []


def test_it_takes_free_numbers_past_an_edge_that_holds_some_back(url: str) -> None:
    """A transaction that has locked the first numbers and stands still makes nobody wait."""

    async def test() -> None:
        async with opened(url) as [store]:
            await store.start_visit(seen("warm"), ())
            with psycopg.connect(url) as other:
                other.execute("SELECT FROM ringtrace_edge.slots ORDER BY number LIMIT 10 FOR UPDATE")
                begun = time.monotonic()
                visits = await asyncio.gather(*(store.start_visit(seen(f"v{n}"), POOLS) for n in range(5)))
                assert time.monotonic() - begun < 2
            assert sorted(numbers_of(visits)) == list(POOL.numbers[10:15])

    asyncio.run(test())


def test_it_takes_pools_that_several_edges_bring_at_once(url: str, server: PostgresServer) -> None:
    fewer = msgspec.structs.replace(POOL, numbers=POOL.numbers[100:], hold_secs=90)
    other = msgspec.structs.replace(POOL, pool_id="other", numbers=POOL.numbers[:50])

    async def test() -> None:
        async with opened(url, url, url, url) as stores:
            for pools in ((fewer, other), (POOL,), (other,), (fewer,), (POOL,), (fewer, other)):
                loads = [store.start_visit(seen(f"v{n}"), POOLS) for n, store in enumerate(stores * 10)]
                await asyncio.gather(*(store.set_pools(pools, NOW_MS) for store in stores), *loads)

    asyncio.run(test())
    assert server.execute("SELECT pool_id, hold_ms FROM ringtrace_edge.pools ORDER BY 1", url) == [
        ("other", 60_000),
        ("pool", 90_000),
    ]
    found = server.execute(
        "SELECT pool_id, count(*) FROM ringtrace_edge.slots LEFT JOIN ringtrace_edge.pools USING (pool)"
        " GROUP BY 1 ORDER BY 1",
        url,
    )
    assert found == [("other", 50), ("pool", 200), (None, 50)]


def test_it_does_not_go_back_to_an_older_directory_that_a_slow_edge_brings(url: str) -> None:
    def publish(pools: tuple[PoolEntry, ...]) -> None:
        wire = open_wire(url)
        wire.publish_directory(lambda version: Directory(version=version, pools=pools))
        wire.close()

    async def test() -> None:
        quick, slow = PostgresEdgeStore(url), PostgresEdgeStore(url)
        publish((POOL,))
        older = await slow.directory_after(0)
        publish((msgspec.structs.replace(POOL, numbers=POOL.numbers[:1]),))
        newer = await quick.directory_after(0)
        assert older is not None
        assert newer is not None
        await quick.set_pools(newer.pools, NOW_MS)
        await slow.set_pools(older.pools, NOW_MS)
        visits = [await slow.start_visit(seen(name), POOLS) for name in "ab"]
        assert [len(visit.leases) for visit in visits] == [1, 0]
        await quick.close()
        await slow.close()

    asyncio.run(test())


def test_it_promises_nothing_that_fails_as_it_commits(url: str, server: PostgresServer) -> None:
    async def test() -> None:
        async with opened(url) as [store]:
            server.execute(
                "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'at the end'; END $$", url
            )
            server.execute(
                "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON ringtrace_edge.journal DEFERRABLE INITIALLY DEFERRED"
                " FOR EACH ROW EXECUTE FUNCTION late()",
                url,
            )
            assert await refused_after(store.start_visit(seen("a"), POOLS)) is not None
            assert await store.holder_of(POOL.numbers[0], NOW_MS) is None
            server.execute("DROP FUNCTION late() CASCADE", url)
            assert numbers_of([await store.start_visit(seen("a"), POOLS)]) == [POOL.numbers[0]]

    asyncio.run(test())
    assert len(journal(url)) == 1


class Network:
    """Stands between a store and its database, and can hang up (RST) or go silent."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._to = (parts.hostname or "", parts.port or 0)
        self._url = parts
        self._lines: list[asyncio.StreamWriter] = []
        self._carrying: set[asyncio.Task[None] | None] = set()
        self._flows = asyncio.Event()
        self._flows.set()

    async def __aenter__(self) -> str:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        return self._url._replace(netloc=f"{self._url.username}@127.0.0.1:{port}").geturl()

    async def __aexit__(self, *_: object) -> None:
        self._flows.set()
        self._server.close()
        self.hang_up()
        await asyncio.gather(*(one for one in self._carrying if one))

    def hang_up(self) -> None:
        """Every connection is reset."""
        for line in self._lines:
            if not line.is_closing():
                line.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                line.transport.abort()
        self._lines.clear()

    def go_silent(self, *, silent: bool = True) -> None:
        """Nothing is carried any more, and nobody is told."""
        (self._flows.clear if silent else self._flows.set)()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._carrying.add(asyncio.current_task())
        there, back = await asyncio.open_connection(*self._to)
        self._lines += [writer, back]
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer))

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while data := await source.read(65_536):
                await self._flows.wait()
                target.write(data)
                await target.drain()
            target.close()
        except OSError:
            target.close()


def test_it_goes_on_after_the_network_hung_up(url: str) -> None:
    async def test() -> None:
        network = Network(url)
        async with network as through, opened(through) as [store]:
            taken: list[str] = []
            for n in range(60):
                if n % 10 == 5:
                    network.hang_up()
                try:
                    taken.append((await store.start_visit(seen(f"v{n}"), POOLS)).event_id)
                except StoreUnavailable:
                    continue
            assert len(taken) >= 48
            assert set(taken) <= {event.event_id for event in journal(url)}

    asyncio.run(test())


def test_it_tells_everyone_who_waits_when_the_network_goes_silent(url: str) -> None:
    async def test() -> None:
        network = Network(url)
        async with network as through, opened(through) as [store]:
            await store.start_visit(seen("a"), POOLS)
            assert await store.holder_of(POOL.numbers[0], NOW_MS) is not None
            network.go_silent()
            asked = [refused_after(store.start_visit(seen(f"v{n}"), POOLS)) for n in range(400)]
            asked += [refused_after(store.holder_of(POOL.numbers[0], NOW_MS)), refused_after(store.directory_after(0))]
            told = await asyncio.gather(*asked)
            assert None not in told
            assert max(one for one in told if one is not None) < _SOON_SECS
            assert store.waiting == 0
            network.go_silent(silent=False)
            begun = time.monotonic()
            for ask in (lambda: store.keep_visit(alive("a", NOW_MS + 1), POOLS), lambda: store.directory_after(0)):
                while await refused_after(ask()) is not None:
                    assert time.monotonic() - begun < _SOON_SECS
                    await asyncio.sleep(0.01)
            assert await store.holder_of(POOL.numbers[0], NOW_MS) is not None

    asyncio.run(test())


def test_it_ends_what_was_abandoned_so_that_others_can_go_on(url: str, server: PostgresServer) -> None:
    """An edge that vanished in the middle of a transaction holds its locks for a few seconds at most."""

    async def test() -> None:
        network = Network(url)
        async with network as through, opened(url) as [store], opened(through) as [vanishing]:
            visit = await store.start_visit(seen("a"), POOLS)
            async with vanishing._writer.use() as connection:
                await connection.execute("BEGIN")
                await connection.execute("SELECT FROM slots WHERE number = %s FOR UPDATE", (int(visit.leases[0].e164),))
                network.go_silent()
                told = await refused_after(store.keep_visit(alive("a", NOW_MS + 1), POOLS))
            begun = time.monotonic()
            while told is not None:
                assert time.monotonic() - begun < _SOON_SECS
                told = await refused_after(store.keep_visit(alive("a", NOW_MS + 1), POOLS))

    asyncio.run(test())
