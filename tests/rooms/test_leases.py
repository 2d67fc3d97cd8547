"""The lease book against a plain model of it, and each of its promises by name."""

from __future__ import annotations

from dataclasses import dataclass, field

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from ringtrace.core.numbers import Lease
from ringtrace.pools.leases import LeaseBook
from ringtrace.wire.directory import PoolEntry

HOLD_SECS, COOLDOWN_SECS = 60, 20
HOLD_MS, COOLDOWN_MS = HOLD_SECS * 1000, COOLDOWN_SECS * 1000


def pool(count: int = 3) -> PoolEntry:
    return PoolEntry(
        pool_id="pool",
        site_id="site",
        company_id="company",
        target_e164="+13105550123",
        numbers=tuple(f"+1310555{1000 + n}" for n in range(count)),
        hold_secs=HOLD_SECS,
        cooldown_secs=COOLDOWN_SECS,
    )


def book(count: int = 3) -> LeaseBook:
    made = LeaseBook()
    made.set_pools([pool(count)])
    return made


def granted(book: LeaseBook, visit: str, visitor: str, now_ms: int) -> Lease:
    lease = book.grant("pool", visit, visitor, now_ms)
    assert lease is not None
    return lease


def test_it_gives_two_live_visits_two_numbers() -> None:
    leases = book()
    assert granted(leases, "a", "A", 0).e164 != granted(leases, "b", "B", 0).e164


def test_it_refuses_when_every_number_is_held() -> None:
    leases = book(1)
    granted(leases, "a", "A", 0)
    assert leases.grant("pool", "b", "B", 1) is None


def test_it_keeps_a_number_cooling_after_its_lease() -> None:
    leases = book(1)
    granted(leases, "a", "A", 0)
    assert leases.grant("pool", "b", "B", HOLD_MS + COOLDOWN_MS - 1) is None
    assert leases.grant("pool", "b", "B", HOLD_MS + COOLDOWN_MS) is not None


def test_it_gives_a_returning_visitor_the_same_number() -> None:
    leases = book(3)
    first = granted(leases, "a", "A", 0)
    for n in range(2):
        granted(leases, f"other{n}", f"O{n}", 1)
    assert granted(leases, "a2", "A", HOLD_MS + 1).e164 == first.e164


def test_it_shows_the_number_that_was_free_for_longest() -> None:
    leases = book(3)
    first, second, third = (granted(leases, name, name.upper(), at) for at, name in enumerate("abc"))
    leases.renew("pool", "a", 50)  # a stays longest
    after = HOLD_MS + 100 + COOLDOWN_MS
    assert [granted(leases, name, name.upper(), after).e164 for name in "xyz"] == [second.e164, third.e164, first.e164]


def test_it_renews_a_lease_and_says_when_it_is_lost() -> None:
    leases = book(1)
    lease = granted(leases, "a", "A", 0)
    renewed = leases.renew("pool", "a", 1_000)
    assert renewed is not None
    assert (renewed.lease_id, renewed.until_ms) == (lease.lease_id, 1_000 + HOLD_MS)
    assert leases.renew("pool", "a", 1_000 + HOLD_MS) is None


def test_it_never_shortens_a_promise_when_the_clock_steps_back() -> None:
    leases = book(1)
    lease = granted(leases, "a", "A", 1_000_000)
    renewed = leases.renew("pool", "a", 400_000)
    assert renewed is not None
    assert renewed.until_ms == lease.until_ms


def test_it_takes_back_a_grant_that_was_not_durable() -> None:
    leases = book(1)
    leases.undo(granted(leases, "a", "A", 0))
    assert leases.grant("pool", "b", "B", 1) is not None


def test_it_keeps_a_lease_that_was_renewed_since_the_grant() -> None:
    leases = book(1)
    lease = granted(leases, "a", "A", 0)
    leases.renew("pool", "a", 5)
    leases.undo(lease)
    assert leases.grant("pool", "b", "B", 6) is None


def test_it_keeps_leases_when_a_number_moves_between_pools() -> None:
    leases = book(1)
    lease = granted(leases, "a", "A", 0)
    moved = PoolEntry(
        pool_id="other", site_id="site", company_id="company", target_e164="+13105550123", numbers=(lease.e164,)
    )
    leases.set_pools([moved])
    assert leases.grant("other", "b", "B", 1) is None
    assert leases.holder_of(lease.e164, 1) == lease


def test_it_restores_the_latest_lease_of_a_number() -> None:
    leases, restored = book(1), book(1)
    first = granted(leases, "a", "A", 0)
    renewed = leases.renew("pool", "a", 10)
    assert renewed is not None
    for lease in (renewed, first):
        restored.restore(lease)
    assert restored.holder_of(first.e164, HOLD_MS + 5) == renewed
    assert restored.grant("pool", "b", "B", 20) is None


@dataclass
class _Held:
    visit: str
    visitor: str
    until_ms: int


@dataclass
class _Model:
    """What the book promises, as plainly as it can be said: a table searched from end to end."""

    held: dict[str, _Held | None] = field(default_factory=dict)

    def must_take(self, now_ms: int) -> set[str]:
        """The numbers that are free for anybody: while there is one, a grant may not refuse."""
        return {e164 for e164, held in self.held.items() if held is None or held.until_ms + COOLDOWN_MS <= now_ms}

    def may_take(self, visitor: str, now_ms: int) -> set[str]:
        """The numbers that a grant may choose from."""
        return {
            e164
            for e164, held in self.held.items()
            if held is None
            or held.until_ms + COOLDOWN_MS <= now_ms
            or (held.visitor == visitor and held.until_ms <= now_ms)
        }


class BookAgainstModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 1_000_000
        self.book = book(3)
        self.model = _Model(dict.fromkeys(pool(3).numbers))
        self.visits = 0

    @rule(step_ms=st.integers(0, HOLD_MS))
    def pass_time(self, step_ms: int) -> None:
        self.now_ms += step_ms

    @rule(visitor=st.sampled_from("ABCDE"))
    def visit(self, visitor: str) -> None:
        self.visits += 1
        visit = f"visit{self.visits}"
        lease = self.book.grant("pool", visit, visitor, self.now_ms)
        may_take = self.model.may_take(visitor, self.now_ms)
        if lease is None:
            assert not self.model.must_take(self.now_ms)
            return
        assert lease.e164 in may_take
        self.model.held[lease.e164] = _Held(visit, visitor, self.now_ms + HOLD_MS)

    @rule(visit=st.integers(1, 40))
    def beat(self, visit: int) -> None:
        renewed = self.book.renew("pool", f"visit{visit}", self.now_ms)
        held = [
            (e164, one)
            for e164, one in self.model.held.items()
            if one is not None and one.visit == f"visit{visit}" and one.until_ms > self.now_ms
        ]
        assert (renewed is not None) == bool(held)
        for _, one in held:
            one.until_ms = self.now_ms + HOLD_MS

    @rule()
    def restart(self) -> None:
        """A new book from the leases of the old one, as a starting edge makes it from the journal."""
        restored = book(3)
        for e164 in self.model.held:
            lease = self.book.holder_of(e164, 0)
            if lease is not None:
                restored.restore(lease)
        self.book = restored

    @invariant()
    def agrees_on_every_holder(self) -> None:
        for e164, held in self.model.held.items():
            lease = self.book.holder_of(e164, self.now_ms)
            expected = held.visit if held is not None and held.until_ms > self.now_ms else None
            assert (lease.visit_id if lease else None) == expected


BookAgainstModel.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestBookAgainstModel = BookAgainstModel.TestCase
