"""Who is given which number, and for how long: the same at every edge store."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from ringtrace.core.numbers import Lease
from ringtrace.edge.store.port import EdgeStore
from ringtrace.pools.likeness import likeness
from ringtrace.wire.directory import PoolEntry
from tests.rooms.stores import (
    COOLDOWN_SECS,
    HOLD_MS,
    NOW_MS,
    POOL,
    POOLS,
    STORES,
    Place,
    alive,
    arrived,
    numbers_of,
    refused,
    seen,
)


@pytest.fixture(params=sorted(STORES))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    return Place(STORES[request.param](tmp_path))


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


def test_it_renews_a_visit_that_holds_a_number(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        visit = await store.start_visit(seen("a"), POOLS)
        kept = await store.keep_visit(alive("a", NOW_MS + 1_000), POOLS)
        assert kept is not None
        assert kept.leases == (msgspec.structs.replace(visit.leases[0], until_ms=NOW_MS + 1_000 + HOLD_MS),)

    place.run(test)


def test_it_says_who_holds_a_number_until_the_hold_is_over(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        visit = await store.start_visit(seen("a"), POOLS)
        assert await store.holder_of(POOL.numbers[0], NOW_MS + HOLD_MS - 1) == visit.leases[0]
        assert await store.holder_of(POOL.numbers[0], NOW_MS + HOLD_MS) is None
        assert await store.holder_of(POOL.numbers[1], NOW_MS) is None
        assert await store.holder_of("not a number", NOW_MS) is None

    place.run(test)


def test_it_gives_the_most_alike_first_and_of_those_the_one_free_for_longest(place: Place) -> None:
    free, local, other = "+18005550100", "+13105550150", "+12125550150"
    mixed = msgspec.structs.replace(POOL, pool_id="mixed", numbers=(other, free, local), cooldown_secs=0)
    toll_free = msgspec.structs.replace(
        mixed, pool_id="free", target_e164="+18885550123", numbers=("+18005550101", "+13105550151")
    )

    async def test(store: EdgeStore) -> None:
        await store.set_pools((POOL, mixed, toll_free), NOW_MS)
        shown = [numbers_of(await store.start_visit(seen(name), ("mixed",)))[0] for name in "abc"]
        assert shown == [local, other, free]
        assert numbers_of(await store.start_visit(seen("d"), ("free",))) == ["+18005550101"]
        first = [numbers_of(await store.start_visit(seen(name, NOW_MS + n), POOLS)) for n, name in enumerate("ef")]
        await store.keep_visit(alive("e", NOW_MS + 10), POOLS)
        later_ms = NOW_MS + 10 + HOLD_MS + COOLDOWN_SECS * 1000
        then = [numbers_of(await store.start_visit(seen(name, later_ms), POOLS)) for name in "gh"]
        assert then == [first[1], first[0]]  # e kept its number longer

    place.run(test)


def test_it_gives_no_number_before_its_cooldown_is_over(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        for name in "ab":
            await store.start_visit(seen(name), POOLS)
        free_ms = NOW_MS + HOLD_MS + COOLDOWN_SECS * 1000
        assert numbers_of(await store.start_visit(seen("c", free_ms - 1), POOLS)) == []
        assert numbers_of(await store.start_visit(seen("d", free_ms), POOLS)) == [POOL.numbers[0]]

    place.run(test)


def test_it_gives_a_returning_visitor_its_last_number_unless_another_visit_holds_it(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        await store.start_visit(seen("a"), POOLS)
        assert numbers_of(await store.start_visit(seen("a again", NOW_MS + 1, "a"), POOLS)) == [POOL.numbers[1]]
        over_ms = NOW_MS + 1 + HOLD_MS
        assert numbers_of(await store.start_visit(seen("a later", over_ms, "a"), POOLS)) == [POOL.numbers[1]]

    place.run(test)


def test_it_neither_shortens_a_promise_nor_frees_early_when_the_clock_steps_back(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        visit = await store.start_visit(seen("a"), POOLS)
        kept = await store.keep_visit(alive("a", NOW_MS - 50_000), POOLS)
        assert kept is not None
        assert kept.leases == visit.leases
        assert await store.holder_of(POOL.numbers[0], NOW_MS + HOLD_MS - 1) == visit.leases[0]
        await store.start_visit(seen("b", NOW_MS - 50_000), POOLS)
        assert numbers_of(await store.start_visit(seen("c", NOW_MS - 40_000), POOLS)) == []

    place.run(test)


def test_it_says_who_held_a_number_that_is_called_and_holds_it_longer(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        visit = await store.start_visit(seen("a"), POOLS)
        report, is_new = await store.arrive(arrived("x", NOW_MS + 1_000))
        called_ms = NOW_MS + 1_000 + POOL.called_hold_secs * 1000
        longer = msgspec.structs.replace(visit.leases[0], until_ms=called_ms)
        assert (report, is_new) == (msgspec.structs.replace(arrived("x", NOW_MS + 1_000), holder=longer), True)
        assert place.kind.events()[-1] == report
        assert await store.holder_of(POOL.numbers[0], called_ms - 1) == longer
        kept = await store.keep_visit(alive("a", NOW_MS + 2_000), POOLS)
        assert kept is not None
        assert kept.leases == (longer,)

    place.run(test)
    place.run(_assert_holds_longer, now_ms=NOW_MS + HOLD_MS * 2)


async def _assert_holds_longer(store: EdgeStore) -> None:
    """After a restart too."""
    assert await store.holder_of(POOL.numbers[0], NOW_MS + HOLD_MS * 2) is not None


def test_it_takes_an_arrival_once_and_one_that_nobody_holds(place: Place) -> None:
    async def test(store: EdgeStore) -> None:
        assert await store.arrive(arrived("x")) == (arrived("x"), True)
        await store.start_visit(seen("a", NOW_MS + 1), POOLS)
        assert await store.arrive(arrived("x", NOW_MS + 2)) == (arrived("x", NOW_MS + 2), False)
        holder = await store.holder_of(POOL.numbers[0], NOW_MS + 2)
        assert holder is not None
        assert holder.until_ms == NOW_MS + 1 + HOLD_MS  # a call told twice holds nothing longer
        both = await asyncio.gather(store.arrive(arrived("y", NOW_MS + 3)), store.arrive(arrived("z", NOW_MS + 3)))
        assert [report.holder is not None for report, _ in both] == [True, True]

    place.run(test)
    assert len(place.kind.events()) == 4


def test_it_gives_a_visit_a_number_for_a_target_that_it_sees_later(place: Place) -> None:
    other = msgspec.structs.replace(POOL, pool_id="other", target_e164="+13105550124", numbers=("+13105550160",))
    same = msgspec.structs.replace(POOL, pool_id="same", numbers=("+13105550161",))
    every = ("pool", "other", "same")

    async def test(store: EdgeStore) -> None:
        await store.set_pools((POOL, other, same), NOW_MS)
        assert await store.keep_visit(alive("a", NOW_MS), every, ("other",)) is None  # it holds nothing yet
        await store.start_visit(seen("a"), POOLS)
        kept = await store.keep_visit(alive("a", NOW_MS + 1), every, ("other", "same"))
        assert sorted(numbers_of(kept)) == [POOL.numbers[0], other.numbers[0]]
        again = await store.keep_visit(alive("a", NOW_MS + 2), every, ("other",))
        assert sorted(numbers_of(again)) == [POOL.numbers[0], other.numbers[0]]
        assert place.kind.events()[-1] == again
        assert await store.holder_of(same.numbers[0], NOW_MS + 2) is None

    place.run(test)


@dataclass
class Slot:
    """One number, in the plain model: the lease it has or had."""

    visit: str = ""
    until_ms: int = 0
    free_ms: int = 0


class Plainly:
    """What stores promise, said as plainly as it can be: tables that are searched from end to end."""

    def __init__(self) -> None:
        self._slots: dict[str, Slot] = {}
        self.pools: tuple[PoolEntry, ...] = ()

    def set_pools(self, pools: tuple[PoolEntry, ...]) -> None:
        self.pools = pools
        for pool in pools:
            self._slots |= {e164: Slot() for e164 in pool.numbers if e164 not in self._slots}

    def renew(self, visit: str, now_ms: int) -> dict[str, int]:
        return {
            e164: self._hold(pool, e164, now_ms + pool.hold_secs * 1000)
            for pool in self.pools
            for e164 in pool.numbers
            if self._slots[e164].visit == visit and self._slots[e164].until_ms > now_ms
        }

    def start(self, visit: str, now_ms: int) -> dict[str, int]:
        kept = self.renew(visit, now_ms)
        for pool in self.pools:
            if not set(kept) & set(pool.numbers):
                own = [e164 for e164 in pool.numbers if self._slots[e164].visit == visit]
                free = [e164 for e164 in pool.numbers if self._slots[e164].free_ms <= now_ms]
                for e164 in (own or sorted(free, key=lambda one: self._rank(pool, one)))[:1]:
                    self._slots[e164] = Slot(visit)
                    kept[e164] = self._hold(pool, e164, now_ms + pool.hold_secs * 1000)
        return kept

    def call(self, e164: str, now_ms: int) -> dict[str, int]:
        [pool] = [pool for pool in self.pools if e164 in pool.numbers]
        is_held = self._slots[e164].until_ms > now_ms
        return {e164: self._hold(pool, e164, now_ms + pool.called_hold_secs * 1000)} if is_held else {}

    def _rank(self, pool: PoolEntry, e164: str) -> tuple[int, int, str]:
        return likeness(pool.target_e164, e164), self._slots[e164].free_ms, e164

    def _hold(self, pool: PoolEntry, e164: str, until_ms: int) -> int:
        slot = self._slots[e164]
        slot.until_ms = max(slot.until_ms, until_ms)
        slot.free_ms = slot.until_ms + pool.cooldown_secs * 1000
        return slot.until_ms


class BesideTheModel:
    """Asks a store and the model for the same. A visitor has one visit, which ends and comes back."""

    def __init__(self, store: EdgeStore, chance: random.Random) -> None:
        self._store, self._chance = store, chance
        self._model = Plainly()
        self._now_ms = NOW_MS
        self.granted = 0

    async def step(self) -> None:
        self._now_ms += 1 + self._chance.choice((0, self._chance.randrange(30_000)))  # never the same twice
        act = self._chance.choices((self.start, self.keep, self.call, self.change_pools), (45, 40, 10, 5))
        await act[0]()

    async def start(self) -> None:
        asked = seen(f"v{self._chance.randrange(12)}", self._now_ms)
        visit = await self._store.start_visit(asked, [pool.pool_id for pool in self._model.pools])
        assert ends(visit.leases) == self._model.start(asked.visit_id, self._now_ms)
        self.granted += len(visit.leases)

    async def keep(self) -> None:
        asked = alive(f"v{self._chance.randrange(12)}", self._now_ms)
        kept = await self._store.keep_visit(asked, [pool.pool_id for pool in self._model.pools])
        assert ends(kept.leases if kept else ()) == self._model.renew(asked.visit_id, self._now_ms)

    async def call(self) -> None:
        called = self._chance.choice(self._model.pools[0].numbers)
        asked = msgspec.structs.replace(arrived(str(self._now_ms), self._now_ms), called_e164=called)
        report, _ = await self._store.arrive(asked)
        assert ends([report.holder] if report.holder else []) == self._model.call(called, self._now_ms)

    async def change_pools(self) -> None:
        """One pool holds for another time; the other leaves or comes back."""
        numbers = (*(f"+1310555{n:04d}" for n in range(4)), "+12125550100")
        hold_secs = self._chance.choice((60, 90))
        pools = (
            msgspec.structs.replace(POOL, numbers=numbers, hold_secs=hold_secs, called_hold_secs=200),
            msgspec.structs.replace(POOL, pool_id="other", target_e164="+13105550124", numbers=("+13105559998",)),
        )[: self._chance.randrange(1, 3)]
        self._model.set_pools(pools)
        await self._store.set_pools(pools, self._now_ms)


def ends(leases: Iterable[Lease]) -> dict[str, int]:
    return {lease.e164: lease.until_ms for lease in leases}


@pytest.mark.parametrize("seed", range(6))
def test_it_gives_the_numbers_that_a_plain_model_gives(place: Place, seed: int) -> None:
    """Some hours of chance: visits, beats, calls, pools that change."""

    async def test(store: EdgeStore) -> None:
        both = BesideTheModel(store, random.Random(seed))
        await both.change_pools()
        for _ in range(300):
            await both.step()
        assert both.granted > 50

    place.run(test)
