"""The edge with a million live visits: how long a restart takes, what it weighs; and whether visits get dearer as
pools and the number of visitors grow.

Of the directory it has sites and pools only. Where the calls of each number go (`NumberEntry`) is not in these figures:
about 1,300 bytes a number.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, closing
from http.client import HTTPConnection
from itertools import count, islice
from pathlib import Path

import msgspec
from msgspec import Struct
from rich.progress import track

from benchmarks.figures import Figure, alone, below, beside, median
from ringtrace.core.clock import SetClock, wall_clock
from ringtrace.core.errors import RingtraceError
from ringtrace.core.ids import derived_id
from ringtrace.core.sources import Channel, Source
from ringtrace.edge.app import Edge
from ringtrace.edge.inprocess import InProcess
from ringtrace.edge.store.sqlite import SqliteEdgeStore
from ringtrace.pools.book import PoolState, leases_in
from ringtrace.privacy.keys import load_keys
from ringtrace.testing.serving import free_ports
from ringtrace.wire.directory import Directory, PoolEntry, SiteEntry
from ringtrace.wire.journal import VisitAlive, VisitSeen, encode_event
from ringtrace.wire.sqlite import SqliteWire, append, last_place, read_states

ORIGIN = "https://plumber.example"
TARGET = "+13105550123"
COMPANY = "company"
POOLS = 200
NUMBERS = 5_000  # a pool
TAIL = POOLS * NUMBERS // 4  # the events between two rounds of states, and those that come while a round is written
STARTS = 5
MOST_START_SECS = 2.0
MOST_MEGABYTES = 200
POOL_SIZES = (10, 100, 1_000, 5_000)
VISITORS = int(os.environ.get("RINGTRACE_BENCH_VISITORS", "1000000"))
FEW_VISITORS = 10_000
_IN_A_ROW = 25  # tail events of a commit
_AT_ONCE = 8
_HOLD_SECS = 1  # in the comparisons: every visit finds numbers whose holds are over, in the smallest pool too
_TURNS = 7
_A_TURN = 4_000  # visits
_HEADERS = {
    "origin": ORIGIN,
    "accept-language": "en-US",
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36",
}
_MANY = 10**9


class Started(Struct, frozen=True, kw_only=True):
    """One start of the edge's process: until its first answer, and what it weighs then and weighed at most."""

    secs: float
    megabytes: float
    most_megabytes: float


def run() -> list[Figure]:
    """Raises RingtraceError if an edge did not do what was measured."""
    with tempfile.TemporaryDirectory(prefix="ringtrace-bench-") as folder:
        return [*_restarts(Path(folder)), *asyncio.run(_flatness(Path(folder)))]


def _restarts(folder: Path) -> list[Figure]:
    empty, full = folder / "empty", folder / "full"
    asyncio.run(_fill(empty, pools=1, numbers=1))
    asyncio.run(_fill(full, pools=POOLS, numbers=NUMBERS))
    stopped, bare = _start_in_turns(full, empty)
    _write_tail(full)
    killed, bare_again = _start_in_turns(full, empty)
    bare += bare_again
    return [
        alone("start, no visits", [one.secs for one in bare], "s"),
        alone("memory, no visits", [one.megabytes for one in bare], "MB"),
        *_start_figures("after a stop", stopped, bare),
        *_start_figures("after a kill", killed, bare),
    ]


def _start_figures(after: str, series: Sequence[Started], bare: Sequence[Started]) -> list[Figure]:
    least = median([one.secs for one in bare])
    return [
        below(f"{after}: start, beyond no visits", [one.secs - least for one in series], "s", MOST_START_SECS),
        below(f"{after}: memory", [one.megabytes for one in series], "MB", MOST_MEGABYTES),
        alone(f"{after}: most memory at the start", [one.most_megabytes for one in series], "MB"),
    ]


def directory(
    version: int, *, pools: int, numbers: int, hold_secs: int = 86_400, cooldown_secs: int = 300
) -> Directory:
    """A site for each pool."""
    return Directory(
        version=version,
        sites=tuple(
            SiteEntry(site_id=f"site_{n}", company_id=COMPANY, key=f"st_{n}", origins=(ORIGIN,)) for n in range(pools)
        ),
        pools=tuple(
            PoolEntry(
                pool_id=f"pool_{pool}",
                site_id=f"site_{pool}",
                company_id=COMPANY,
                target_e164=TARGET,
                numbers=tuple(f"+1{201 + pool}55{n:05d}" for n in range(numbers)),
                hold_secs=hold_secs,
                cooldown_secs=cooldown_secs,
            )
            for pool in range(pools)
        ),
    )


async def _fill(folder: Path, *, pools: int, numbers: int) -> None:
    """A visit for every number, drained as a worker does, and a clean stop."""
    load_keys(folder)
    with closing(SqliteWire(folder / "edge.sqlite", durable=False)) as wire:
        wire.publish_directory(lambda version: directory(version, pools=pools, numbers=numbers))
        store = SqliteEdgeStore(folder / "edge.sqlite", durable=False)
        found = await store.directory_after(0)
        now_ms = wall_clock()
        await store.set_pools(found.pools if found else (), now_ms)
        for pool in track(range(pools), description="a million visits", transient=True):
            await asyncio.gather(
                *(store.start_visit(_seen(pool, n, now_ms), (f"pool_{pool}",)) for n in range(numbers))
            )
            wire.note_drained(last_place(wire.connection), now_ms)
            await store.tidy(now_ms)
        await store.close()


def _seen(pool: int, number: int, now_ms: int) -> VisitSeen:
    return VisitSeen(
        event_id=f"ev_{pool}_{number}",
        at_ms=now_ms,
        company_id=COMPANY,
        visit_id=derived_id("visit", f"site_{pool}", _token("visit", number)),
        visitor_id=derived_id("visitor", COMPANY, _token(f"visitor-{pool}", number)),
        site_id=f"site_{pool}",
        url=f"{ORIGIN}/",
        referrer="",
        source=Source(channel=Channel.DIRECT),
    )


def _token(of: str, number: int) -> str:
    return f"{of}-token-{number:09d}"


def _write_tail(folder: Path) -> None:
    """Signs of life that came after the last states: what a kill leaves at the worst."""
    with closing(SqliteWire(folder / "edge.sqlite", durable=False)) as wire:
        place = last_place(wire.connection)
        events = _signs_of_life(wire)
        while bodies := list(islice(events, _IN_A_ROW)):
            place = append(wire.connection, place, bodies)


def _signs_of_life(wire: SqliteWire) -> Iterator[bytes]:
    states = (body for name, body in list(read_states(wire.connection)) if name.startswith("pool:"))
    leases = (lease for body in states for lease in leases_in(msgspec.msgpack.decode(body, type=PoolState)))
    for number, lease in enumerate(islice(leases, TAIL)):
        yield encode_event(
            VisitAlive(
                event_id=f"ev_alive_{number}",
                at_ms=lease.from_ms + 60_000,
                company_id=COMPANY,
                visit_id=lease.visit_id,
                visitor_id=lease.visitor_id,
                site_id=f"site_{lease.pool_id.removeprefix('pool_')}",
                leases=(msgspec.structs.replace(lease, until_ms=lease.until_ms + 60_000),),
            )
        )


def _start_in_turns(full: Path, empty: Path) -> tuple[list[Started], list[Started]]:
    """Every start ends by a kill, so that it leaves behind what it found."""
    fulls, empties = [], []
    for _ in track(range(STARTS), description="starts", transient=True):
        fulls.append(_start(full, is_held=True))
        empties.append(_start(empty, is_held=True))
    return fulls, empties


def _start(folder: Path, *, is_held: bool) -> Started:
    [port] = free_ports(1)
    began = time.perf_counter()
    command = [sys.executable, "-m", "ringtrace", "edge", "--data", str(folder), "--port", str(port)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        answer = _first_answer(process, port)
        secs = time.perf_counter() - began
        if (b'"held":true' in answer) is not is_held:
            raise RingtraceError("A visit lost its number over a restart.", hint="The edge is broken.")
        status = Path(f"/proc/{process.pid}/status").read_text()
    finally:
        process.kill()
        process.communicate()
    return Started(secs=secs, megabytes=_megabytes(status, "VmRSS"), most_megabytes=_megabytes(status, "VmHWM"))


def _first_answer(process: subprocess.Popen[bytes], port: int) -> bytes:
    body = {"v": 1, "site": "st_0", "visit": _token("visit", 0), "visitor": _token("visitor-0", 0), "url": f"{ORIGIN}/"}
    while process.poll() is None:
        with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            try:
                connection.request("POST", "/v1/beat", msgspec.json.encode(body), _HEADERS)
            except ConnectionError:
                time.sleep(0.005)  # nothing tells when a port begins to listen
                continue
            return connection.getresponse().read()
    raise RingtraceError("An edge of the benchmark did not start.", hint="What went wrong is said above.")


def _megabytes(status: str, name: str) -> float:
    """From the kB of /proc/PID/status; a megabyte is a million bytes."""
    line = next(line for line in status.splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024 / 1e6


class Bench:
    """An edge in this process that visitors come to: each turn as many, none seen before. Its disk is not waited for
    (`durable=False`): what is compared is the work, and a disk's moods would drown it."""

    def __init__(self, edge: Edge, clock: SetClock) -> None:
        self._clients = InProcess(edge, _HEADERS)
        self._clock = clock
        self._next = count()

    async def play(self, visits: int) -> float:
        """Seconds of this process's CPU a visit, each with a number of its own."""
        began = time.process_time()
        for _ in range(0, visits, _AT_ONCE):
            self._clock.now_ms += _HOLD_SECS * 1_000
            answers = await asyncio.gather(*(self._visit(next(self._next)) for _ in range(_AT_ONCE)))
            if not all(answers):
                raise RingtraceError("A visit was shown no number.", hint="The edge is broken.")
        return (time.process_time() - began) / visits

    async def _visit(self, number: int) -> bool:
        body = (
            f'{{"v":1,"site":"st_0","url":"{ORIGIN}/emergency?utm_source=google&utm_medium=cpc&gclid=c-{number}",'
            f'"referrer":"https://www.google.com/","visitor":"{_token("visitor", number)}",'
            f'"visit":"{_token("visit", number)}","numbers":["{TARGET}"],"new":true}}'
        )
        return b'"held":true' in (await self._clients.post("/v1/visit", body.encode())).body


@asynccontextmanager
async def _bench(folder: Path, numbers: int) -> AsyncIterator[Bench]:
    keys = load_keys(folder)
    clock = SetClock(wall_clock())
    with closing(SqliteWire(folder / "edge.sqlite", durable=False)) as wire:
        wire.publish_directory(
            lambda version: directory(version, pools=1, numbers=numbers, hold_secs=_HOLD_SECS, cooldown_secs=0)
        )
    store = SqliteEdgeStore(folder / "edge.sqlite", durable=False)
    edge = Edge(store, keys, clock, visits_per_minute=_MANY, new_per_ten_minutes=_MANY)
    await edge.refresh()
    yield Bench(edge, clock)
    await store.close()


async def _flatness(folder: Path) -> list[Figure]:
    return [*await _by_pool_size(folder), *await _by_visitors(folder)]


async def _by_pool_size(folder: Path) -> list[Figure]:
    series: dict[int, list[float]] = {size: [] for size in POOL_SIZES}
    for turn in track(range(_TURNS + 1), description="pool sizes", transient=True):
        for size in POOL_SIZES:
            async with _bench(folder / f"pool-{size}-{turn}", size) as bench:
                await bench.play(_A_TURN)
                secs = await bench.play(_A_TURN)
            if turn:
                series[size].append(secs * 1e6)
    smallest = f"{POOL_SIZES[0]} numbers"
    first = series[POOL_SIZES[0]]
    return [
        alone(f"visit, {smallest}", first, "us CPU"),
        *(beside(f"visit, {size:,} numbers", series[size], "us CPU", smallest, first) for size in POOL_SIZES[1:]),
    ]


async def _by_visitors(folder: Path) -> list[Figure]:
    """One edge, with more and more visitors behind it."""
    async with _bench(folder / "visitors", NUMBERS) as bench:
        await bench.play(FEW_VISITORS)
        few = [await bench.play(_A_TURN) * 1e6 for _ in range(_TURNS)]
        for _ in track(range(0, VISITORS, FEW_VISITORS), description=f"{VISITORS:,} visitors", transient=True):
            await bench.play(FEW_VISITORS)
        many = [await bench.play(_A_TURN) * 1e6 for _ in range(_TURNS)]
    before = f"{FEW_VISITORS:,} visitors before"
    return [
        alone(f"visit, {before}", few, "us CPU"),
        beside(f"visit, {VISITORS:,} visitors before", many, "us CPU", before, few),
    ]
