"""What every edge store promises, whichever it is: what is on disk, once, and what happens when the disk is full.

`test_store_leases.py` has who is given which number.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import msgspec
import pytest

from ringtrace.core.errors import StoreUnavailable
from ringtrace.edge.store.port import EdgeStore
from ringtrace.edge.store.sqlite import SqliteEdgeStore
from ringtrace.wire.journal import NumberClicked, RefusalsCounted, VisitSeen
from tests.rooms.stores import (
    COOLDOWN_SECS,
    HOLD_MS,
    NOW_MS,
    POOL,
    POOLS,
    STORES,
    Place,
    SqliteKind,
    alive,
    arrived,
    numbers_of,
    refused,
    seen,
    visit_id,
    visitor_id,
)


@pytest.fixture(params=sorted(STORES))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(STORES[request.param](tmp_path))


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
                visit_id=visit_id("a"),
                visitor_id=visitor_id("a"),
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


def test_it_gives_visits_that_come_at_once_each_its_own_number_or_none(place: Place) -> None:
    async def test(store: EdgeStore) -> list[VisitSeen]:
        return await asyncio.gather(*(store.start_visit(seen(name), POOLS) for name in "abcde"))

    visits = place.run(test)
    shown = [number for visit in visits for number in numbers_of(visit)]
    assert sorted(shown) == sorted(POOL.numbers)
    assert {visit.visit_id for visit in visits} == {visit_id(name) for name in "abcde"}
    assert {event.event_id for event in place.kind.events()} == {visit.event_id for visit in visits}


def test_it_records_no_sign_of_life_of_a_visit_that_holds_nothing(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        await store.start_visit(seen("a"), POOLS)
        assert await store.keep_visit(alive("stranger", NOW_MS), POOLS) is None
        assert await store.keep_visit(alive("a", NOW_MS + HOLD_MS), POOLS) is None
        assert len(place.kind.events()) == 1

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
        back = await store.start_visit(seen("b2", later_ms, "b"), POOLS)
        assert numbers_of(back) == [POOL.numbers[1]]

    place.run(before)
    place.run(after, now_ms=later_ms)


def test_it_keeps_a_lease_while_its_number_is_in_no_pool(place: Place) -> None:
    async def before(store: EdgeStore) -> None:
        await store.start_visit(seen("a"), POOLS)

    async def after(store: EdgeStore) -> None:
        elsewhere = msgspec.structs.replace(POOL, numbers=POOL.numbers[1:])
        await store.set_pools((elsewhere,), NOW_MS + 1)
        assert await store.holder_of(POOL.numbers[0], NOW_MS + 1) is None
        await store.set_pools((POOL,), NOW_MS + 2)
        holder = await store.holder_of(POOL.numbers[0], NOW_MS + 2)
        assert holder is not None
        assert holder.visit_id == visit_id("a")

    place.run(before)
    place.run(after, now_ms=NOW_MS + 1)


def test_it_keeps_what_is_promised_when_it_tidies_up(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        visit = await store.start_visit(seen("a"), POOLS)
        await store.arrive(arrived("x"))
        await store.tidy(NOW_MS + 1_000)
        holder = await store.holder_of(POOL.numbers[0], NOW_MS + 1_000)
        assert holder is not None
        assert holder.lease_id == visit.leases[0].lease_id
        assert not await store.record(arrived("x"))

    place.run(test)


def test_it_tells_its_figures_by_names_that_a_metric_may_have(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        await store.start_visit(seen("a"), POOLS)
        figures = store.figures()
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in figures)
        assert all(isinstance(value, int) for value in figures.values())

    place.run(test)


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
        await store.set_pools((POOL,), NOW_MS)
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
            await store.set_pools((POOL,), NOW_MS)
        store._reader.execute("ALTER TABLE hidden RENAME TO journal")
        await store.set_pools((POOL,), NOW_MS)
        assert await store.holder_of(POOL.numbers[0], NOW_MS) is not None
        await store.close()

    Place(kind).run(before)
    asyncio.run(after())
