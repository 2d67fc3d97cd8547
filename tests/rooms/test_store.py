"""What every edge store promises, whichever it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from ringtrace.core.calls import ReportKind
from ringtrace.core.errors import StoreUnavailable
from ringtrace.core.sources import Channel, Source
from ringtrace.edge.store.port import EdgeStore
from ringtrace.edge.store.sqlite import SqliteEdgeStore
from ringtrace.wire.directory import PoolEntry
from ringtrace.wire.journal import CallReported, NumberClicked, RefusalsCounted, VisitAlive, VisitSeen
from tests.rooms.stores import STORES, SqliteKind, StoreKind

NOW_MS = 1_760_000_000_000
HOLD_SECS, COOLDOWN_SECS = 60, 20
HOLD_MS = HOLD_SECS * 1000
POOL = PoolEntry(
    pool_id="pool",
    site_id="site",
    company_id="company",
    target_e164="+13105550123",
    numbers=("+13105550140", "+13105550141"),
    hold_secs=HOLD_SECS,
    cooldown_secs=COOLDOWN_SECS,
)
POOLS = (POOL.pool_id,)

T = TypeVar("T")
Test = Callable[[EdgeStore], Coroutine[object, object, T]]


class Place:
    """A store's place, where tests run against a store that is opened and closed around them."""

    def __init__(self, kind: StoreKind) -> None:
        self.kind = kind

    def run(self, test: Test[T], *, now_ms: int = NOW_MS) -> T:
        async def with_store() -> T:
            store = self.kind.open()
            store.set_pools((POOL,), now_ms)
            try:
                return await test(store)
            finally:
                await store.close()

        return asyncio.run(with_store())


@pytest.fixture(params=sorted(STORES))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(STORES[request.param](tmp_path))


def seen(name: str, at_ms: int = NOW_MS, visitor: str = "") -> VisitSeen:
    return VisitSeen(
        event_id=f"ev_seen_{name}_{at_ms}",
        at_ms=at_ms,
        company_id="company",
        visit_id=name,
        visitor_id=visitor or f"visitor of {name}",
        site_id="site",
        url="https://plumber.example/",
        referrer="",
        source=Source(channel=Channel.DIRECT),
    )


def alive(name: str, at_ms: int) -> VisitAlive:
    return VisitAlive(
        event_id=f"ev_alive_{name}_{at_ms}",
        at_ms=at_ms,
        company_id="company",
        visit_id=name,
        visitor_id=f"visitor of {name}",
        site_id="site",
    )


def arrived(name: str, at_ms: int = NOW_MS) -> CallReported:
    return CallReported(
        event_id=f"ev_{name}",
        at_ms=at_ms,
        company_id="company",
        call_id=f"call_{name}",
        connection_id="conn",
        carrier="kamailio",
        carrier_call_id=name,
        kind=ReportKind.ARRIVED,
        number_id="num",
        called_e164=POOL.numbers[0],
    )


def numbers_of(visit: VisitSeen | VisitAlive | None) -> list[str]:
    return [] if visit is None else [lease.e164 for lease in visit.leases]


async def refused(asked: Awaitable[object]) -> bool:
    """Whether the store said that it did not take it."""
    try:
        await asked
    except StoreUnavailable:
        return True
    return False


def test_it_has_written_a_visit_and_its_lease_before_it_answers(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        visit = await store.start_visit(seen("a"), POOLS)
        assert numbers_of(visit) == [POOL.numbers[0]]
        assert (visit.leases[0].from_ms, visit.leases[0].until_ms) == (NOW_MS, NOW_MS + HOLD_MS)
        assert place.kind.events() == [visit]

    place.run(test)


def test_it_has_written_everything_else_before_it_answers(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        visit = await store.start_visit(seen("a"), POOLS)
        kept = await store.keep_visit(alive("a", NOW_MS + 5), POOLS)
        assert place.kind.events() == [visit, kept]
        more = (
            NumberClicked(
                event_id="ev_click",
                at_ms=NOW_MS,
                company_id="company",
                visit_id="a",
                visitor_id="A",
                site_id="site",
                e164=POOL.numbers[0],
            ),
            RefusalsCounted(event_id="ev_no", at_ms=NOW_MS, company_id="", site_id="", counts={"bot": 2}),
            arrived("call"),
        )
        for event in more:
            assert await store.record(event)
            assert place.kind.events()[-1] == event

    place.run(test)


def test_it_gives_a_visit_that_starts_twice_one_number(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        visits = await asyncio.gather(
            store.start_visit(seen("a"), POOLS), store.start_visit(seen("a", NOW_MS + 1), POOLS)
        )
        assert [numbers_of(visit) for visit in visits] == [[POOL.numbers[0]], [POOL.numbers[0]]]
        place.kind.break_writes()
        assert await refused(store.start_visit(seen("a", NOW_MS + 2), POOLS))
        assert await store.holder_of(POOL.numbers[0], NOW_MS + 2) is not None  # it was promised before

    place.run(test)


def test_it_gives_visits_that_come_at_once_each_its_own_number_or_none(place: Place) -> None:
    async def test(store: EdgeStore) -> list[VisitSeen]:
        return await asyncio.gather(*(store.start_visit(seen(name), POOLS) for name in "abcde"))

    visits = place.run(test)
    shown = [number for visit in visits for number in numbers_of(visit)]
    assert sorted(shown) == sorted(POOL.numbers)
    assert {visit.visit_id for visit in visits} == set("abcde")
    assert {event.event_id for event in place.kind.events()} == {visit.event_id for visit in visits}


def test_it_renews_a_visit_that_holds_a_number(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        visit = await store.start_visit(seen("a"), POOLS)
        kept = await store.keep_visit(alive("a", NOW_MS + 1_000), POOLS)
        assert kept is not None
        assert kept.leases == (msgspec.structs.replace(visit.leases[0], until_ms=NOW_MS + 1_000 + HOLD_MS),)

    place.run(test)


def test_it_records_no_sign_of_life_of_a_visit_that_holds_nothing(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        await store.start_visit(seen("a"), POOLS)
        assert await store.keep_visit(alive("stranger", NOW_MS), POOLS) is None
        assert await store.keep_visit(alive("a", NOW_MS + HOLD_MS), POOLS) is None
        assert len(place.kind.events()) == 1

    place.run(test)


def test_it_says_who_holds_a_number_until_the_hold_is_over(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        visit = await store.start_visit(seen("a"), POOLS)
        assert await store.holder_of(POOL.numbers[0], NOW_MS + HOLD_MS - 1) == visit.leases[0]
        assert await store.holder_of(POOL.numbers[0], NOW_MS + HOLD_MS) is None
        assert await store.holder_of(POOL.numbers[1], NOW_MS) is None
        assert await store.holder_of("not a number", NOW_MS) is None

    place.run(test)


def test_it_takes_a_call_report_once(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        assert await store.record(arrived("x"))
        assert not await store.record(arrived("x", NOW_MS + 1))

    place.run(test)
    place.run(lambda store: _assert_known(store, "x"))
    assert len(place.kind.events()) == 1


async def _assert_known(store: EdgeStore, name: str) -> None:
    """After a restart too, for as long as leases look back."""
    assert not await store.record(arrived(name, NOW_MS + 2))


def test_it_takes_a_call_report_once_when_two_come_together(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        taken = await asyncio.gather(*(store.record(arrived("x")) for _ in range(5)))
        assert sorted(taken) == [False, False, False, False, True]
        assert place.kind.events() == [arrived("x")]

    place.run(test)


def test_it_lets_the_second_of_two_answer_only_when_the_first_is_written(place: Place) -> None:
    place.run(_nothing)
    place.kind.break_writes()

    async def test(store: EdgeStore) -> None:
        both = await asyncio.gather(store.record(arrived("x")), store.record(arrived("x")), return_exceptions=True)
        assert [type(one) for one in both] == [StoreUnavailable, StoreUnavailable]
        place.kind.mend_writes()
        assert await store.record(arrived("x"))

    place.run(test)
    assert place.kind.events() == [arrived("x")]


async def _nothing(store: EdgeStore) -> None:
    """Opens and closes: what is there afterwards was there before."""


def test_it_gives_the_newest_directory_and_only_if_it_is_newer(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        assert await store.directory_after(0) is None
        versions = [place.kind.publish((POOL,)) for _ in range(7)]
        assert versions == sorted(set(versions))
        newest = await store.directory_after(0)
        assert newest is not None
        assert newest.version == versions[-1]
        assert newest.pools == (POOL,)
        assert await store.directory_after(versions[-1]) is None

    place.run(test)


def test_it_finds_its_leases_again_after_a_restart(place: Place) -> None:
    async def before(store: EdgeStore) -> None:
        await store.start_visit(seen("a"), POOLS)
        await store.start_visit(seen("b"), POOLS)
        await store.keep_visit(alive("b", NOW_MS + 30_000), POOLS)

    async def after(store: EdgeStore) -> None:
        kept = await store.keep_visit(alive("b", NOW_MS + HOLD_MS + 1), POOLS)
        assert numbers_of(kept) == [POOL.numbers[1]]
        assert await store.keep_visit(alive("a", NOW_MS + HOLD_MS + 1), POOLS) is None
        late = await store.start_visit(seen("c", NOW_MS + HOLD_MS + 1), POOLS)
        assert numbers_of(late) == []  # the one is held, the other cools
        later = await store.start_visit(seen("d", NOW_MS + HOLD_MS + COOLDOWN_SECS * 1000), POOLS)
        assert numbers_of(later) == [POOL.numbers[0]]

    place.run(before)
    place.run(after, now_ms=NOW_MS + HOLD_MS + 1)


def test_it_gives_a_returning_visitor_the_same_number_after_a_restart(place: Place) -> None:
    async def before(store: EdgeStore) -> None:
        await store.start_visit(seen("a"), POOLS)
        await store.start_visit(seen("b"), POOLS)

    later_ms = NOW_MS + HOLD_MS + 1

    async def after(store: EdgeStore) -> None:
        back = await store.start_visit(seen("b2", later_ms, "visitor of b"), POOLS)
        assert numbers_of(back) == [POOL.numbers[1]]

    place.run(before)
    place.run(after, now_ms=later_ms)


def test_it_keeps_a_lease_while_its_number_is_in_no_pool(place: Place) -> None:
    async def before(store: EdgeStore) -> None:
        await store.start_visit(seen("a"), POOLS)

    async def after(store: EdgeStore) -> None:
        elsewhere = msgspec.structs.replace(POOL, numbers=POOL.numbers[1:])
        store.set_pools((elsewhere,), NOW_MS + 1)
        assert await store.holder_of(POOL.numbers[0], NOW_MS + 1) is None
        store.set_pools((POOL,), NOW_MS + 2)
        holder = await store.holder_of(POOL.numbers[0], NOW_MS + 2)
        assert holder is not None
        assert holder.visit_id == "a"

    place.run(before)
    place.run(after, now_ms=NOW_MS + 1)


def test_it_promises_nothing_when_the_disk_takes_nothing(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        place.kind.break_writes()
        asked = [store.start_visit(seen(name), POOLS) for name in "ab"]
        assert await asyncio.gather(*map(refused, asked)) == [True, True]
        assert [await store.holder_of(number, NOW_MS) for number in POOL.numbers] == [None, None]
        assert place.kind.events() == []
        place.kind.mend_writes()
        visits = [await store.start_visit(seen(name), POOLS) for name in "cd"]
        assert sorted(numbers_of(visits[0]) + numbers_of(visits[1])) == sorted(POOL.numbers)

    place.run(test)
    assert [event.event_id for event in place.kind.events()] == [seen("c").event_id, seen("d").event_id]


def test_it_says_that_a_sign_of_life_was_not_written_and_keeps_the_lease(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        visit = await store.start_visit(seen("a"), POOLS)
        place.kind.break_writes()
        assert await refused(store.keep_visit(alive("a", NOW_MS + 10), POOLS))
        place.kind.mend_writes()
        assert await store.holder_of(visit.leases[0].e164, NOW_MS + HOLD_MS - 1) is not None
        assert await store.keep_visit(alive("a", NOW_MS + 20), POOLS) is not None

    place.run(test)


def test_it_takes_a_call_again_that_was_not_written(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        place.kind.break_writes()
        assert await refused(store.record(arrived("x")))
        place.kind.mend_writes()
        assert await store.record(arrived("x"))
        assert not await store.record(arrived("x"))

    place.run(test)


def test_it_writes_what_waits_before_it_closes(place: Place) -> None:
    async def test(store: EdgeStore) -> list[asyncio.Task[VisitSeen]]:
        visits = [asyncio.create_task(store.start_visit(seen(f"v{n}"), POOLS)) for n in range(700)]
        await asyncio.sleep(0)  # each has asked, none was answered
        assert store.waiting > 0
        await store.close()
        assert store.waiting == 0
        return visits

    async def open_and_ask() -> list[asyncio.Task[VisitSeen]]:
        store = place.kind.open()
        store.set_pools((POOL,), NOW_MS)
        return await test(store)

    visits = asyncio.run(open_and_ask())
    assert all(visit.done() for visit in visits)
    assert [event.event_id for event in place.kind.events()] == [seen(f"v{n}").event_id for n in range(700)]


def test_it_writes_together_what_came_together(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        await asyncio.gather(*(store.record(arrived(str(n))) for n in range(300)))
        assert 1 <= store.commits <= 3

    place.run(test)


def test_it_closes_while_the_disk_takes_nothing(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        place.kind.break_writes()
        assert await refused(store.record(arrived("x")))

    place.run(test)


def test_it_recovers_from_a_full_disk(tmp_path: Path) -> None:
    """A file that may not grow stands for the disk; what does not fit is refused, what was promised stays."""
    kind = SqliteKind(tmp_path)

    async def test(store: EdgeStore) -> None:
        assert isinstance(store, SqliteEdgeStore)
        pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
        store._writer.execute(f"PRAGMA max_page_count = {pages + 5}")
        taken = 0
        while taken < 1_000 and not await refused(store.record(arrived(f"x{taken}"))):
            taken += 1
        assert 0 < taken < 1_000
        assert len(kind.events()) == taken
        store._writer.execute("PRAGMA max_page_count = 1073741823")
        assert await store.record(arrived(f"x{taken}"))

    Place(kind).run(test)


def test_it_rebuilds_leases_at_the_next_try_when_the_journal_cannot_be_read(tmp_path: Path) -> None:
    kind = SqliteKind(tmp_path)

    async def before(store: EdgeStore) -> None:
        await store.start_visit(seen("a"), POOLS)

    async def after() -> None:
        store = SqliteEdgeStore(tmp_path / "edge.sqlite")
        store._reader.execute("ALTER TABLE journal RENAME TO hidden")
        with pytest.raises(StoreUnavailable):
            store.set_pools((POOL,), NOW_MS)
        store._reader.execute("ALTER TABLE hidden RENAME TO journal")
        store.set_pools((POOL,), NOW_MS)
        assert await store.holder_of(POOL.numbers[0], NOW_MS) is not None
        await store.close()

    Place(kind).run(before)
    asyncio.run(after())
