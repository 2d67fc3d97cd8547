"""PostgreSQL goes away under load and comes back: pages are told at once, nothing that was answered is lost."""

from __future__ import annotations

import asyncio
import http.client
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from ringtrace.core.ids import derived_id
from ringtrace.core.numbers import Lease
from ringtrace.telephony.kamailio.simulator import SIMULATOR
from ringtrace.telephony.simulator import Answered, CallScript
from ringtrace.testing.postgres import PostgresServer
from ringtrace.wire.journal import AnyEvent, CallReported, VisitAlive, VisitSeen
from ringtrace.wire.opening import open_wire
from ringtrace.wire.sqlite import SqliteWire
from tests.faults.edges import BROWSER, CONNECTION, KEY, NUMBERS, ORIGIN, PUBLIC_URL, SECRET, SITE, Client, prepare
from tests.faults.edges import running_edge as running
from tests.rooms.stores import need_postgres

OUTAGE_SECS = float(os.environ.get("RINGTRACE_FAULT_OUTAGE_SECS", "3"))
CLIENTS = 16
MOST_WAIT_SECS = 7.0  # for an answer, whatever has become of the database
BACK_WITHIN_SECS = 10.0
pytestmark = [pytest.mark.xdist_group("edge process"), pytest.mark.timeout(240 + 4 * OUTAGE_SECS)]


@dataclass
class Book:
    """What clients were answered."""

    numbers: dict[str, list[str]] = field(default_factory=dict)  # visit token -> the numbers it was shown
    beats: Counter[str] = field(default_factory=Counter)
    calls: set[str] = field(default_factory=set)
    refused: Counter[str] = field(default_factory=Counter)  # by door
    odd: list[tuple[int, bytes]] = field(default_factory=list)
    longest_secs: float = 0.0

    @property
    def kept(self) -> int:
        """How many answers promised something."""
        return len(self.numbers) + self.beats.total() + len(self.calls)

    def __str__(self) -> str:
        return (
            f"{len(self.numbers)} visits, {self.beats.total()} beats and {len(self.calls)} calls taken,"
            f" {self.refused.total()} refused, the longest answer after {self.longest_secs:.2f} s"
        )


class Caller:
    """One client of the edges: browses and calls until it is told to stop."""

    def __init__(self, client: Client, book: Book, chance: random.Random) -> None:
        self._client, self._book, self._chance = client, book, chance

    async def go_on(self, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await (self._call() if self._chance.random() < 0.2 else self._browse())

    async def _browse(self) -> None:
        token = f"visit-{self._chance.getrandbits(64):016x}"
        shown = await self._page("visit", token)
        if shown is None:
            return
        self._book.numbers[token] = shown
        for _ in range(self._chance.randrange(4) if shown else 0):
            if await self._page("beat", token):
                self._book.beats[token] += 1

    async def _page(self, door: str, token: str) -> list[str] | None:
        """The numbers it may show; None where it was refused because the store is down."""
        body = {"v": 1, "site": KEY, "visit": token, "visitor": f"visitor-of-{token}", "url": f"{ORIGIN}/"}
        headers = {"origin": ORIGIN, "user-agent": BROWSER, "content-type": "text/plain"}
        status, raw = await self._post(f"/v1/{door}", msgspec.json.encode({**body, "new": door == "visit"}), headers)
        answer = msgspec.json.decode(raw, type=dict[str, object])
        if status == 200:
            return [swap["number"] for swap in msgspec.convert(answer["swaps"], list[dict[str, str]])]
        self._note_refused(door, status, raw)
        return None

    async def _call(self) -> None:
        script = CallScript(
            key=f"call-{self._chance.getrandbits(64):016x}",
            started_ms=time.time_ns() // 1_000_000,
            public_url=PUBLIC_URL,
            connection_id=CONNECTION,
            secret=SECRET,
            called=self._chance.choice(NUMBERS),
            caller="+14155550123",
            scenario=Answered(ring_secs=3, talk_secs=20),
        )
        inbound = SIMULATOR.inbound(script)
        status, raw = await self._post(inbound.target, inbound.body, inbound.headers)
        call_id = SIMULATOR.read_call_id(raw) if status == 200 else None
        if call_id:
            self._book.calls.add(call_id)
        else:
            self._book.refused["carriers"] += 1

    async def _post(self, target: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        asked = time.monotonic()
        answer = await asyncio.wait_for(self._client.post(target, body, headers), 60)
        self._book.longest_secs = max(self._book.longest_secs, time.monotonic() - asked)
        return answer

    def _note_refused(self, door: str, status: int, raw: bytes) -> None:
        self._book.refused[door] += 1
        if (status, b"store_down" in raw) != (503, True):
            self._book.odd.append((status, raw))


@asynccontextmanager
async def load(ports: Iterable[int], book: Book) -> AsyncIterator[None]:
    """Clients of each of the edges, for as long as the block runs."""
    stop, chance = asyncio.Event(), random.Random()

    async def press(port: int) -> None:
        async with Client(port) as client:
            await Caller(client, book, random.Random(chance.random())).go_on(stop)

    ports = list(ports)
    loads = [asyncio.create_task(press(ports[n % len(ports)])) for n in range(CLIENTS)]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*loads)


async def until(what: str, count: Callable[[], int], more: int, secs: float) -> float:
    """Waits until `count()` has grown by `more`; how long that took."""
    begun, before = time.monotonic(), count()
    while count() < before + more:
        assert time.monotonic() - begun < secs, f"not within {secs} s: {what}"
        await asyncio.sleep(0.01)
    return time.monotonic() - begun


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """One of these tests' own: it is stopped and frozen."""
    need_postgres()
    with closing(PostgresServer()) as server:
        yield server


@pytest.fixture
def url(server: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A database with the directory of `tests.faults.edges`; edges that are started use it."""
    url = server.fresh_database()
    prepare(tmp_path)
    with closing(SqliteWire(tmp_path / "edge.sqlite")) as embedded, closing(open_wire(url)) as wire:
        directory = embedded.read_directory()
        assert directory is not None
        wire.publish_directory(lambda version: msgspec.structs.replace(directory, version=version))
    monkeypatch.setenv("RINGTRACE_EDGE_STORE", url)
    return url


def journal(url: str) -> list[AnyEvent]:
    """Everything, as a worker reads it."""
    events: list[AnyEvent] = []
    place = 0
    with closing(open_wire(url)) as wire:
        while found := wire.read_events(place, 1_000):
            events += [event for _, event in found if event is not None]
            place = found[-1][0]
    return events


def lost(book: Book, events: list[AnyEvent]) -> list[str]:
    """What was answered and is not in the journal as it was answered."""
    shown: defaultdict[str, list[str]] = defaultdict(list)
    beats = Counter(event.visit_id for event in events if isinstance(event, VisitAlive))
    for event in events:
        if isinstance(event, VisitSeen):
            shown[event.visit_id] = [lease.e164 for lease in event.leases]
    names = {token: derived_id("visit", SITE, token) for token in book.numbers}
    visits = [token for token, numbers in book.numbers.items() if shown.get(names[token]) != numbers]
    short = [token for token, count in book.beats.items() if beats[names[token]] < count]
    return [*visits, *short, *(book.calls - {event.call_id for event in events if isinstance(event, CallReported)})]


def overlaps(events: Iterable[AnyEvent]) -> list[tuple[Lease, Lease]]:
    """Leases of two visits on one number whose times overlap."""
    whole: dict[str, Lease] = {}
    for event in events:
        leases = event.leases if isinstance(event, VisitSeen | VisitAlive) else ()
        holder = event.holder if isinstance(event, CallReported) else None
        for lease in (*leases, *([holder] if holder else [])):
            if lease.lease_id not in whole or lease.until_ms > whole[lease.lease_id].until_ms:
                whole[lease.lease_id] = lease
    by_number: defaultdict[str, list[Lease]] = defaultdict(list)
    for lease in sorted(whole.values(), key=lambda lease: lease.from_ms):
        by_number[lease.e164].append(lease)
    return [pair for leases in by_number.values() for pair in pairwise(leases) if pair[1].from_ms < pair[0].until_ms]


def assert_nothing_lost(book: Book, url: str) -> None:
    events = journal(url)
    assert book.odd == []
    assert lost(book, events) == []
    assert overlaps(events) == []
    reports = [event.event_id for event in events if isinstance(event, CallReported)]
    assert len(reports) == len(set(reports))
    assert book.longest_secs < MOST_WAIT_SECS


def reason_of(port: int, path: str = "/v1/visit") -> tuple[int, str | None]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    body = msgspec.json.encode({"v": 1, "site": KEY, "visit": "v" * 20, "visitor": "w" * 20, "url": f"{ORIGIN}/"})
    connection.request("POST", path, body, {"origin": ORIGIN, "user-agent": BROWSER, "accept-language": "en"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, answer.getheader("x-ringtrace-reason")


def test_it_tells_pages_at_once_and_recovers_by_itself_when_the_server_crashes(
    tmp_path: Path, url: str, server: PostgresServer
) -> None:
    book = Book()

    async def test(port: int) -> tuple[float, float]:
        async with load([port], book):
            await until("answers before", lambda: book.kept, 300, 30)
            await asyncio.to_thread(server.stop, "immediate")
            try:
                told_secs = await until("refusals", book.refused.total, 3 * CLIENTS, MOST_WAIT_SECS)
                assert await asyncio.to_thread(reason_of, port) == (503, "store_down")
                await asyncio.sleep(OUTAGE_SECS)  # how long it is gone
            finally:
                await asyncio.to_thread(server.start)
            back_secs = await until("answers again", lambda: book.kept, 300, BACK_WITHIN_SECS)
        return told_secs, back_secs

    with running(tmp_path) as edge:
        told_secs, back_secs = asyncio.run(test(edge.port))
    print(
        f"gone for {OUTAGE_SECS:g} s, told after {told_secs:.2f} s,"
        f" 300 answers {back_secs:.2f} s after it is back: {book}"
    )
    assert_nothing_lost(book, url)


def test_it_keeps_nobody_waiting_for_a_server_that_neither_answers_nor_hangs_up(
    tmp_path: Path, url: str, server: PostgresServer
) -> None:
    book = Book()

    async def test(port: int) -> float:
        async with load([port], book):
            await until("answers before", lambda: book.kept, 200, 30)
            server.freeze()
            try:
                await until("refusals", book.refused.total, 3 * CLIENTS, 2 * MOST_WAIT_SECS)
                await asyncio.sleep(OUTAGE_SECS)
            finally:
                server.freeze(frozen=False)
            return await until("answers again", lambda: book.kept, 200, BACK_WITHIN_SECS)

    with running(tmp_path) as edge:
        back_secs = asyncio.run(test(edge.port))
    print(f"frozen for {OUTAGE_SECS:g} s, 200 answers {back_secs:.2f} s after it goes on: {book}")
    assert_nothing_lost(book, url)


def test_it_shares_one_database_between_edges_through_crashes_of_each(
    tmp_path: Path, url: str, server: PostgresServer
) -> None:
    """Two edges, one killed and started again, the database crashed between: no number twice, nothing lost."""
    book = Book()

    async def test(ports: list[int]) -> None:
        async with load(ports, book):
            await until("answers before", lambda: book.kept, 300, 30)
            await asyncio.to_thread(server.restart, "immediate")
            await until("answers again", lambda: book.kept, 300, 2 * BACK_WITHIN_SECS)

    with running(tmp_path) as first:
        with running(tmp_path) as second:
            asyncio.run(test([first.port, second.port]))
            second.kill()
        with running(tmp_path) as third:
            asyncio.run(test([first.port, third.port]))
    print(f"two edges, the database crashed twice: {book}")
    assert_nothing_lost(book, url)


def test_it_stops_cleanly_while_the_server_is_gone(tmp_path: Path, url: str, server: PostgresServer) -> None:
    with running(tmp_path) as edge:
        assert reason_of(edge.port)[0] == 200
        server.stop("immediate")
        try:
            assert reason_of(edge.port) == (503, "store_down")
            assert edge.stop() == 0
        finally:
            server.start()


def test_it_would_see_what_is_lost_and_what_is_given_twice() -> None:
    """The checks above can fail."""
    assert lost(Book(numbers={"visit-0000000000000000": [NUMBERS[0]]}), []) == ["visit-0000000000000000"]
    assert lost(Book(calls={"call_x"}), []) == ["call_x"]
    one = Lease(
        lease_id="a", e164="+1", pool_id="p", target_e164="+2", visit_id="v", visitor_id="w", from_ms=0, until_ms=10
    )
    other = msgspec.structs.replace(one, lease_id="b", visit_id="u", from_ms=9, until_ms=20)
    event = VisitAlive(
        event_id="e", at_ms=0, company_id="c", visit_id="v", visitor_id="w", site_id="s", leases=(one, other)
    )
    assert overlaps([event]) == [(one, other)]
