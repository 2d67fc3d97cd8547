"""The lease book against a plain model of it: a table that is searched from end to end."""

from __future__ import annotations

from dataclasses import dataclass, field

import hypothesis.strategies as st
import msgspec
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ringtrace.core.ids import derived_id
from ringtrace.core.numbers import Lease
from ringtrace.pools.book import PoolState
from ringtrace.pools.leases import LeaseBook
from ringtrace.pools.likeness import likeness
from ringtrace.wire.directory import PoolEntry

HOLD_MS, COOLDOWN_MS, CALLED_MS = 60_000, 20_000, 300_000
POOL = PoolEntry(
    pool_id="pool",
    site_id="site",
    company_id="company",
    target_e164="+13105550123",
    numbers=("+12135550100", "+13105550140", "+13105550141", "+13105550142", "+18005550100"),
    hold_secs=HOLD_MS // 1000,
    cooldown_secs=COOLDOWN_MS // 1000,
    called_hold_secs=CALLED_MS // 1000,
)
VISITS = st.integers(1, 60)


@dataclass
class Held:
    visit: int
    visitor: str
    until_ms: int


@dataclass
class Model:
    """What the book promises, said as plainly as it can be. `last`: the number each visitor had last."""

    held: dict[str, Held | None] = field(default_factory=lambda: dict.fromkeys(POOL.numbers))
    last: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)  # visitors of whom a grant was taken back: which was their last?

    def free_ms(self, e164: str) -> int:
        held = self.held[e164]
        return 0 if held is None else held.until_ms + COOLDOWN_MS

    def choice(self, visitor: str, now_ms: int, numbers: frozenset[str]) -> set[str]:
        """The numbers of which a grant must take one; empty: it must refuse."""
        if visitor in self.unsure:
            return self.ended(visitor, now_ms, numbers) | self.best(now_ms, numbers)
        own = self.last.get(visitor, "")
        held = self.held.get(own)
        if own in numbers and held is not None and held.visitor == visitor and held.until_ms <= now_ms:
            return {own}
        return self.best(now_ms, numbers)

    def ended(self, visitor: str, now_ms: int, numbers: frozenset[str]) -> set[str]:
        held = {e164: self.held[e164] for e164 in numbers}
        return {e164 for e164, one in held.items() if one and one.visitor == visitor and one.until_ms <= now_ms}

    def best(self, now_ms: int, numbers: frozenset[str]) -> set[str]:
        free = [e164 for e164 in numbers if self.free_ms(e164) <= now_ms]
        best = min((self.rank(e164) for e164 in free), default=None)
        return {e164 for e164 in free if self.rank(e164) == best}

    def rank(self, e164: str) -> tuple[int, int]:
        return likeness(POOL.target_e164, e164), self.free_ms(e164)

    def holding(self, visit: int, now_ms: int) -> list[str]:
        return [e164 for e164, held in self.held.items() if held and held.visit == visit and held.until_ms > now_ms]


class BookAgainstModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 1_000_000_000
        self.book = LeaseBook()
        self.numbers = frozenset(POOL.numbers)
        self.book.set_pools([POOL])
        self.model = Model()
        self.visits = 0

    @rule(step_ms=st.one_of(st.integers(0, HOLD_MS), st.sampled_from([HOLD_MS, COOLDOWN_MS, CALLED_MS])))
    def pass_time(self, step_ms: int) -> None:
        self.now_ms += step_ms

    @rule(step_ms=st.integers(1, 2 * CALLED_MS))
    def set_the_clock_back(self, step_ms: int) -> None:
        self.now_ms -= step_ms

    def start(self, visitor: str) -> Lease | None:
        self.visits += 1
        return self.book.grant(
            "pool", derived_id("visit", str(self.visits)), derived_id("visitor", visitor), self.now_ms
        )

    @rule(visitor=st.sampled_from("ABCDEFGH"))
    def visit(self, visitor: str) -> None:
        choice = self.model.choice(visitor, self.now_ms, self.numbers)
        lease = self.start(visitor)
        assert lease.e164 in choice if lease else not choice
        if lease is not None:
            self.model.held[lease.e164] = Held(self.visits, visitor, self.now_ms + HOLD_MS)
            self.model.last[visitor] = lease.e164
            self.model.unsure.discard(visitor)

    @rule(visitor=st.sampled_from("ABCDEFGH"))
    def visit_that_no_disk_took(self, visitor: str) -> None:
        lease = self.start(visitor)
        if lease is not None:
            self.book.undo(lease)
            self.model.held[lease.e164] = None
            self.model.unsure.add(visitor)

    @rule(visit=VISITS)
    def beat(self, visit: int) -> None:
        renewed = self.book.renew("pool", derived_id("visit", str(visit)), self.now_ms)
        held = [e164 for e164 in self.model.holding(visit, self.now_ms) if e164 in self.numbers]
        assert ([renewed.e164] if renewed else []) == held
        self.hold_on(held, HOLD_MS)

    @rule(e164=st.sampled_from(POOL.numbers))
    def call(self, e164: str) -> None:
        held = self.model.held[e164]
        is_live = held is not None and held.until_ms > self.now_ms and e164 in self.numbers
        assert (self.book.extend(e164, self.now_ms) is not None) == is_live
        if is_live:
            self.hold_on([e164], CALLED_MS)

    def hold_on(self, numbers: list[str], hold_ms: int) -> None:
        for e164 in numbers:
            held = self.model.held[e164]
            assert held is not None
            held.until_ms = max(held.until_ms, self.now_ms + hold_ms)

    @rule(numbers=st.sets(st.sampled_from(POOL.numbers), min_size=1))
    def change_the_numbers(self, numbers: set[str]) -> None:
        self.numbers = frozenset(numbers)
        self.model.unsure.update("ABCDEFGH")  # of numbers that come and go, which was a visitor's last?
        self.book.set_pools([msgspec.structs.replace(POOL, numbers=tuple(sorted(numbers)))])

    @rule()
    def start_again_from_a_state(self) -> None:
        """A new book from what rests on disk."""
        entry = msgspec.structs.replace(POOL, numbers=tuple(sorted(self.numbers)))
        state, apart = self.book.state("pool"), self.book.apart()
        self.book = LeaseBook()
        self.book.set_pools([entry])
        self.book.load(msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=PoolState))
        self.book.restore(apart)

    @precondition(lambda self: self.numbers == frozenset(POOL.numbers))
    @rule()
    def start_again_from_the_journal(self) -> None:
        """A new book from every lease of the old one, in no order. What was taken back is not in the journal."""
        restored = LeaseBook()
        restored.set_pools([POOL])
        leases = [self.book.holder_of(e164, 0) for e164 in sorted(POOL.numbers, reverse=True)]
        restored.restore(lease for lease in leases if lease is not None)
        self.book = restored

    @invariant()
    def agrees_on_every_holder(self) -> None:
        for e164, held in self.model.held.items():
            lease = self.book.holder_of(e164, self.now_ms)
            is_live = held is not None and held.until_ms > self.now_ms and e164 in self.numbers
            assert (lease.visit_id if lease else None) == (
                derived_id("visit", str(held.visit)) if is_live and held else None
            )
            if lease is not None and held is not None:
                assert lease.until_ms == held.until_ms


BookAgainstModel.TestCase.settings = settings(max_examples=80, stateful_step_count=50, deadline=None)
TestBookAgainstModel = BookAgainstModel.TestCase
