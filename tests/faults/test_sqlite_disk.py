"""The embedded store on a full or read-only disk, when a crash cuts a round of states, when the journal shrinks."""

from __future__ import annotations

import asyncio
import random
import resource
import subprocess
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing
from functools import wraps
from pathlib import Path
from typing import ParamSpec

import pytest

from ringtrace.core.errors import StoreUnavailable
from ringtrace.core.ids import derived_id
from ringtrace.core.sources import Channel, Source
from ringtrace.edge.store import sqlite as store_of_sqlite
from ringtrace.edge.store.sqlite import SqliteEdgeStore
from ringtrace.testing.serving import free_ports
from ringtrace.wire.directory import PoolEntry
from ringtrace.wire.journal import AnyEvent, VisitAlive, VisitSeen, encode_event
from ringtrace.wire.sqlite import DRAINED, SqliteWire, mark
from tests.faults.edges import Client, EdgeProcess, Promises, call, journal, prepare, running_edge

NOW_MS = 1_760_000_000_000
HOLD_MS = 60_000
ROUND_MS = 600_000  # the edge writes its states at least as often
POOLS = tuple(
    PoolEntry(
        pool_id=f"pool_{pool}",
        site_id="site",
        company_id="c",
        target_e164="+13105550123",
        numbers=tuple(f"+1310556{pool}{n:03}" for n in range(200)),
        hold_secs=HOLD_MS // 1000,
        cooldown_secs=0,
    )
    for pool in range(3)
)
NAMES = tuple(pool.pool_id for pool in POOLS)


P = ParamSpec("P")


def in_a_loop(test: Callable[P, Coroutine[object, object, None]]) -> Callable[P, None]:
    @wraps(test)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        asyncio.run(test(*args, **kwargs))

    return run


def seen(name: str, at_ms: int = NOW_MS) -> VisitSeen:
    return VisitSeen(
        event_id=f"ev_{name}_{at_ms}",
        at_ms=at_ms,
        company_id="c",
        visit_id=derived_id("visit", name),
        visitor_id=derived_id("visitor", name),
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


async def opened(folder: Path, now_ms: int = NOW_MS) -> SqliteEdgeStore:
    store = SqliteEdgeStore(folder / "edge.sqlite")
    await store.set_pools(POOLS, now_ms)
    return store


def crash(store: SqliteEdgeStore) -> None:
    """The process is gone: nothing more is written, locks are free."""
    store._writer.close()
    store._reader.close()


async def visit(store: SqliteEdgeStore, names: range, at_ms: int = NOW_MS) -> dict[str, set[str]]:
    """By visit, the numbers it was promised."""
    started = await asyncio.gather(*(store.start_visit(seen(f"v{n}", at_ms), NAMES) for n in names))
    return {f"v{n}": {lease.e164 for lease in one.leases} for n, one in zip(names, started, strict=True)}


async def held(store: SqliteEdgeStore, names: list[str], at_ms: int) -> dict[str, set[str]]:
    """What visits hold still, as their signs of life are answered."""
    found = [await store.keep_visit(alive(name, at_ms), NAMES) for name in names]
    return {
        name: {lease.e164 for lease in one.leases} if one else set() for name, one in zip(names, found, strict=True)
    }


def let_it_write(edge: EdgeProcess, most_bytes: int) -> None:
    """How far into a file the process may write: beyond that the kernel refuses, as on a full disk."""
    _, hard = resource.prlimit(edge.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(edge.process.pid, resource.RLIMIT_FSIZE, (most_bytes, hard))


@pytest.mark.xdist_group("edge process")
def test_it_says_so_on_a_full_disk_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    prepare(tmp_path)
    promises = Promises()

    async def test(edge: EdgeProcess) -> None:
        async with Client(edge.port) as client:
            before = await client.page("visit", "a-visit-from-before", new=True)
            assert before is not None
            let_it_write(edge, 1)
            assert await client.page("visit", "a-visit-in-between", new=True) is None
            assert await client.page("beat", "a-visit-from-before") is None
            await call(client, promises, random.Random(1))
            let_it_write(edge, resource.RLIM_INFINITY)
            kept = await client.page("beat", "a-visit-from-before")
            assert kept is not None
            assert kept.numbers == before.numbers
            assert await client.page("visit", "a-visit-in-between", new=True) is not None

    with running_edge(tmp_path) as edge:
        asyncio.run(test(edge))
        assert edge.stop() == 0
    assert (promises.calls, len(promises.unexpected)) == (set(), 1)
    visits = [event.visit_id for event in journal(tmp_path) if isinstance(event, VisitSeen)]
    assert visits == [derived_id("visit", "site_f", name) for name in ("a-visit-from-before", "a-visit-in-between")]


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes, where one may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("nothing may be mounted here")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def make_room(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=20m", disk], check=True)


async def visit_if_it_can(store: SqliteEdgeStore, number: int) -> dict[str, set[str]] | None:
    try:
        return await visit(store, range(number, number + 1), NOW_MS + number * HOLD_MS // 100)
    except StoreUnavailable:
        return None


@in_a_loop
async def test_it_loses_nothing_when_the_file_system_runs_full(small_disk: Path) -> None:
    store = await opened(small_disk)
    promised: dict[str, set[str]] = {}
    while (more := await visit_if_it_can(store, len(promised))) is not None:
        promised |= more
    count = len(promised)
    last_ms = NOW_MS + count * HOLD_MS // 100
    late = list(promised)[-50:]
    with pytest.raises(StoreUnavailable):
        await store.keep_visit(alive(late[0], last_ms), NAMES)
    crash(store)
    make_room(small_disk)
    store = await opened(small_disk, last_ms)
    assert await held(store, late, last_ms) == {name: promised[name] for name in late}
    await store.close()
    with closing(SqliteWire(small_disk / "edge.sqlite")) as wire:
        events = [event for _, event in wire.read_events(0, 1_000_000)]
    assert len([event for event in events if isinstance(event, VisitSeen)]) == count


@pytest.mark.xdist_group("edge process")
def test_it_says_what_is_wrong_on_a_read_only_disk(small_disk: Path) -> None:
    prepare(small_disk)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    edge = EdgeProcess(small_disk, free_ports(1)[0])
    with pytest.raises(RuntimeError):
        edge.wait_until_up()
    assert edge.stop() == 1


@in_a_loop
async def test_a_disk_that_turns_read_only_takes_no_promise_back(tmp_path: Path) -> None:
    store = await opened(tmp_path)
    promised = await visit(store, range(5))
    store._writer.execute("PRAGMA query_only = 1")
    with pytest.raises(StoreUnavailable):
        await store.start_visit(seen("refused"), NAMES)
    with pytest.raises(StoreUnavailable):
        await store.tidy(NOW_MS + ROUND_MS)
    (number, *_) = promised["v0"]
    holder = await store.holder_of(number, NOW_MS)
    assert holder is not None
    assert holder.visit_id == derived_id("visit", "v0")
    store._writer.execute("PRAGMA query_only = 0")
    assert await held(store, list(promised), NOW_MS + 1) == promised
    await store.tidy(NOW_MS + ROUND_MS)
    await store.close()


@pytest.mark.parametrize("steps", range(1, 5))
@in_a_loop
async def test_it_loses_no_lease_when_a_crash_cuts_a_round_of_states(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """A pool a step: the crash comes after the first, the second, the last with its mark, and one more."""
    monkeypatch.setattr(store_of_sqlite, "_NUMBERS_AT_ONCE", 1)
    store = await opened(tmp_path)
    promised = await visit(store, range(50))
    for step in range(steps):
        await store.tidy(NOW_MS + ROUND_MS + step)
        promised |= await visit(store, range(50 + 10 * step, 60 + 10 * step), NOW_MS + step)
    assert (mark(store._reader, "covered") > 0) is (steps >= 3)
    crash(store)
    store = await opened(tmp_path)
    newcomers = await visit(store, range(1_000, 1_100), NOW_MS + 10)
    taken = {number for numbers in promised.values() for number in numbers}
    assert taken & {number for numbers in newcomers.values() for number in numbers} == set()
    assert await held(store, list(promised), NOW_MS + 10) == promised
    await store.close()


def bytes_on_disk(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


@in_a_loop
async def test_its_disk_use_stays_bounded_while_a_reader_drains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty thousand events, 20 MB: every one is read once, none is missing, and the files never had half of it."""
    monkeypatch.setattr(store_of_sqlite, "_LEAST_EVENTS", 500)
    store = await opened(tmp_path)
    read: list[AnyEvent | None] = []
    sizes: list[int] = []
    place, now_ms = 0, NOW_MS
    with closing(SqliteWire(tmp_path / "edge.sqlite")) as wire:
        for turn in range(200):
            now_ms += 2 * HOLD_MS
            await visit(store, range(100 * turn, 100 * turn + 100), now_ms)
            found = wire.read_events(place, 1_000)
            read += [event for _, event in found]
            place = found[-1][0]
            wire.note_drained(place, now_ms)
            await store.tidy(now_ms)
            sizes.append(bytes_on_disk(tmp_path))
        [(rows,)] = wire.connection.execute("SELECT count(*) FROM journal")
    assert [event.event_id for event in read if event is not None] == [
        f"ev_v{n}_{NOW_MS + (n // 100 + 1) * 2 * HOLD_MS}" for n in range(20_000)
    ]
    assert rows < 50
    assert max(sizes) < sum(len(encode_event(event)) for event in read if event is not None) / 2
    await store.close()


@in_a_loop
async def test_it_drops_nothing_that_no_reader_has_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_of_sqlite, "_LEAST_EVENTS", 100)
    store = await opened(tmp_path)
    with closing(SqliteWire(tmp_path / "edge.sqlite")) as wire:
        for turn in range(20):
            await visit(store, range(100 * turn, 100 * turn + 100), NOW_MS + turn)
            await store.tidy(NOW_MS + turn)
            if turn == 9:
                wire.note_drained(450, NOW_MS)
        assert mark(wire.connection, DRAINED) == 450
        places = [place for place, _ in wire.read_events(450, 10_000)]
        assert places == list(range(451, 2_001))
        assert wire.read_events(0, 10_000)[0][0] > 1  # else nothing was dropped, and nothing tried
    await store.close()


@pytest.mark.parametrize("is_clean", [True, False])
@in_a_loop
async def test_after_a_compaction_and_a_restart_leases_hold_and_places_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_clean: bool
) -> None:
    monkeypatch.setattr(store_of_sqlite, "_LEAST_EVENTS", 100)
    store = await opened(tmp_path)
    promised = await visit(store, range(150))
    with closing(SqliteWire(tmp_path / "edge.sqlite")) as wire:
        wire.note_drained(150, NOW_MS)
        await store.tidy(NOW_MS)
        promised |= await visit(store, range(150, 160))
        wire.note_drained(160, NOW_MS)
        await store.tidy(NOW_MS + ROUND_MS)
        assert len(wire.read_events(0, 1_000)) <= 10  # the rest is dropped
        promised |= await visit(store, range(160, 170))
        promised |= await visit(store, range(170, 180))
        wire.note_drained(180, NOW_MS)
        await store.tidy(NOW_MS + ROUND_MS + 1)  # read, but in no state: what a crash leaves must tell of them
        if is_clean:
            await store.close()
        else:
            crash(store)
        store = await opened(tmp_path)
        assert await held(store, list(promised), NOW_MS + 1) == promised
        assert [place for place, _ in wire.read_events(180, 1_000)] == list(range(181, 361))
    await store.close()
