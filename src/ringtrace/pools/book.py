"""The leases of one pool, in columns: about 90 bytes a number, so that a million live visits fit in small memory."""

from __future__ import annotations

import heapq
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from ringtrace.core.ids import derived_id, id_of, key_of
from ringtrace.core.numbers import Lease
from ringtrace.pools.index import KEY_BYTES, KeyIndex
from ringtrace.pools.likeness import LEAST_ALIKE, likenesses
from ringtrace.wire.directory import PoolEntry

_TIERS = LEAST_ALIKE + 1
_APART = -1  # in no queue: among the late ones


class PoolState(Struct, frozen=True, array_like=True):
    """A pool's leases as they rest on disk: the columns as they are in memory, little-endian."""

    pool_id: str
    target_e164: str
    numbers: bytes
    tiers: bytes
    until_ms: bytes
    from_ms: bytes
    visits: bytes
    visitors: bytes
    after: bytes
    before: bytes
    visit_table: bytes
    visitor_table: bytes
    late: tuple[list[tuple[int, int]], ...]


class PoolBook:
    """One pool. A slot is a number's place in `numbers` (sorted); `until_ms` 0: never held, or taken back.

    Free numbers wait in queues, one for each likeness to the target, in the order of their leases' ends: a lease that
    begins or is renewed goes to the end. What would break the order (a called number's longer hold, a clock that
    stepped back) waits apart, in a heap by the time when it is free again.
    """

    def __init__(self, entry: PoolEntry) -> None:
        self.numbers = _sorted_numbers(entry)
        slots = len(self.numbers)
        self._tiers = likenesses(entry.target_e164, self.numbers)
        self._until_ms = array("q", bytes(8 * slots))
        self._from_ms = array("q", bytes(8 * slots))
        self._visits = bytearray(KEY_BYTES * slots)
        self._visitors = bytearray(KEY_BYTES * slots)
        self._by_visit = KeyIndex(self._visits)
        self._by_visitor = KeyIndex(self._visitors)
        self.retune(entry)
        self.settle()

    def retune(self, entry: PoolEntry) -> None:
        """Takes the entry's settings; its numbers and target are this pool's own."""
        self.pool_id: str = entry.pool_id
        self.target_e164: str = entry.target_e164
        self._hold_ms = entry.hold_secs * 1000
        self._called_hold_ms = entry.called_hold_secs * 1000
        self._cooldown_ms = entry.cooldown_secs * 1000

    def is_of(self, entry: PoolEntry) -> bool:
        return self.target_e164 == entry.target_e164 and self.numbers == _sorted_numbers(entry)

    def grant(self, visit_id: str, visitor_id: str, now_ms: int) -> Lease | None:
        visitor = key_of(visitor_id)
        slot = self._same_as_before(visitor, now_ms)
        if slot < 0:
            slot = self._longest_free(now_ms)
            if slot < 0:
                return None
        self._hold(slot, key_of(visit_id), visitor, now_ms, now_ms + self._hold_ms)
        return self._lease(slot, visit_id, visitor_id)

    def renew(self, visit_id: str, now_ms: int) -> Lease | None:
        slot = self._by_visit.find(key_of(visit_id))
        if slot < 0 or self._until_ms[slot] <= now_ms:
            return None
        until_ms = now_ms + self._hold_ms
        if until_ms > self._until_ms[slot]:  # a clock that steps back never shortens a promise
            self._until_ms[slot] = until_ms
            self._touch(slot)
        return self._lease(slot, visit_id)

    def extend(self, e164: str, now_ms: int) -> Lease | None:
        """The live lease on a number that is being called, held longer from now on."""
        slot = self.slot_of(e164)
        if slot < 0 or self._until_ms[slot] <= now_ms:
            return None
        until_ms = now_ms + self._called_hold_ms
        if until_ms > self._until_ms[slot]:
            self._until_ms[slot] = until_ms
            self._set_apart(slot)
        return self._lease(slot)

    def undo(self, lease: Lease) -> None:
        """Takes back a grant, unless the lease has been renewed since: that was promised."""
        slot = self.slot_of(lease.e164)
        if (
            slot < 0
            or self._until_ms[slot] != lease.until_ms
            or self._key(self._visits, slot) != key_of(lease.visit_id)
        ):
            return
        self._forget(slot)
        self._put_first(slot)
        self._find_again(key_of(lease.visitor_id))

    def restore(self, lease: Lease, *, is_called: bool = False) -> bool:
        """Puts back a lease; the one with the latest end wins. False if it is on no number of this pool. `settle` once
        all are back, if they came in no order."""
        slot = self.slot_of(lease.e164)
        if slot < 0:
            return False
        if self._until_ms[slot] <= lease.until_ms:
            visit, visitor = key_of(lease.visit_id), key_of(lease.visitor_id)
            if self._until_ms[slot] and self._by_visit.find(visit) == slot == self._by_visitor.find(visitor):
                self._from_ms[slot], self._until_ms[slot] = lease.from_ms, lease.until_ms
                self._touch(slot)  # most of a journal is signs of life: nobody moved
            else:
                self._hold(slot, visit, visitor, lease.from_ms, lease.until_ms)
            if is_called:
                self._set_apart(slot)
        return True

    def settle(self) -> None:
        """Makes the queues anew, in the order of the leases' ends."""
        slots = len(self.numbers)
        self._after = array("i", bytes(4 * (slots + _TIERS)))
        self._before = array("i", self._after)
        self._late: tuple[list[tuple[int, int]], ...] = tuple([] for _ in range(_TIERS))
        order = range(slots) if self.is_empty else sorted(range(slots), key=self._until_ms.__getitem__)
        for tier in range(_TIERS):
            self._chain(slots + tier, [slot for slot in order if self._tiers[slot] == tier])

    def _chain(self, end: int, queue: Sequence[int]) -> None:
        """A whole queue, in order."""
        before = end
        for slot in queue:
            self._after[before] = slot
            self._before[slot] = before
            before = slot
        self._after[before] = end
        self._before[end] = before

    @property
    def is_empty(self) -> bool:
        """Whether no number was ever held."""
        return not any(self._until_ms)

    def slot_of(self, e164: str) -> int:
        """-1 for what is no number of this pool."""
        digits = e164[1:]
        if e164[:1] != "+" or not (digits.isascii() and digits.isdecimal()) or len(digits) > 15:
            return -1
        number = int(digits)
        slot = bisect_left(self.numbers, number)
        return slot if slot < len(self.numbers) and self.numbers[slot] == number else -1

    def held(self, slot: int, now_ms: int) -> Lease | None:
        """The live lease in a slot."""
        return self._lease(slot) if slot >= 0 and self._until_ms[slot] > now_ms else None

    def leases(self, after_ms: int = 0) -> Iterator[Lease]:
        """Every lease, over or not, that ends after `after_ms`."""
        return (self._lease(slot) for slot, until_ms in enumerate(self._until_ms) if until_ms > after_ms)

    def state(self) -> PoolState:
        return PoolState(
            self.pool_id,
            self.target_e164,
            self.numbers.tobytes(),
            self._tiers,
            self._until_ms.tobytes(),
            self._from_ms.tobytes(),
            bytes(self._visits),
            bytes(self._visitors),
            self._after.tobytes(),
            self._before.tobytes(),
            self._by_visit.table.tobytes(),
            self._by_visitor.table.tobytes(),
            self._late,
        )

    def load(self, state: PoolState) -> bool:
        """Takes back a state into a pool that has granted nothing yet; False if it is of other numbers."""
        if not self.is_empty or state.numbers != self.numbers.tobytes() or state.tiers != self._tiers:
            return False
        self._until_ms = array("q", state.until_ms)
        self._from_ms = array("q", state.from_ms)
        self._visits, self._visitors = bytearray(state.visits), bytearray(state.visitors)
        self._after, self._before = array("i", state.after), array("i", state.before)
        self._by_visit = KeyIndex(self._visits, state.visit_table)
        self._by_visitor = KeyIndex(self._visitors, state.visitor_table)
        self._late = tuple([(free_ms, slot) for free_ms, slot in late] for late in state.late)
        return True

    def _same_as_before(self, visitor: bytes, now_ms: int) -> int:
        """The visitor's last number, while nobody else holds it. Its cooldown is for others."""
        slot = self._by_visitor.find(visitor)
        return slot if slot >= 0 and self._until_ms[slot] <= now_ms else -1

    def _longest_free(self, now_ms: int) -> int:
        """The most alike first; among equals the one free for longest; -1 if none is free."""
        slots = len(self.numbers)
        for tier in range(_TIERS):
            first = self._after[slots + tier]
            is_free = first < slots and self._free_ms(first) <= now_ms
            late = self._first_late(tier, now_ms) if self._late[tier] else -1
            if late >= 0 and not (is_free and self._free_ms(first) <= self._free_ms(late)):
                heapq.heappop(self._late[tier])
                self._put_first(late)
                return late
            if is_free:
                return first
        return -1

    def _first_late(self, tier: int, now_ms: int) -> int:
        """The first slot that waits apart and is free by now, or -1. The heap's times are hints: a slot may have been
        renewed or have left since, and is put where it belongs."""
        late = self._late[tier]
        while late and late[0][0] <= now_ms:
            slot = late[0][1]
            if self._after[slot] != _APART:
                heapq.heappop(late)
            elif self._free_ms(slot) > now_ms:
                heapq.heappop(late)
                self._put_last(slot)
            elif self._free_ms(slot) > late[0][0]:
                heapq.heapreplace(late, (self._free_ms(slot), slot))
            else:
                return slot
        return -1

    def _free_ms(self, slot: int) -> int:
        until_ms = self._until_ms[slot]
        return until_ms + self._cooldown_ms if until_ms else 0

    def _hold(self, slot: int, visit: bytes, visitor: bytes, from_ms: int, until_ms: int) -> None:
        self._forget(slot)
        at = slot * KEY_BYTES
        self._leave(self._by_visit, visit)
        self._leave(self._by_visitor, visitor)
        self._visits[at : at + KEY_BYTES] = visit
        self._visitors[at : at + KEY_BYTES] = visitor
        self._by_visit.add(visit, slot)
        self._by_visitor.add(visitor, slot)
        self._from_ms[slot] = from_ms
        self._until_ms[slot] = until_ms
        self._touch(slot)

    def _forget(self, slot: int) -> None:
        if not self._until_ms[slot]:
            return
        self._by_visit.remove(self._key(self._visits, slot), slot)
        self._by_visitor.remove(self._key(self._visitors, slot), slot)
        self._until_ms[slot] = 0

    def _find_again(self, visitor: bytes) -> None:
        """Indexes the number that a visitor had last, by looking through all: after a grant that was taken back."""
        column = self._visitors
        own = [slot for slot in range(len(self.numbers)) if self._until_ms[slot] and self._key(column, slot) == visitor]
        if own and self._by_visitor.find(visitor) < 0:
            self._by_visitor.add(visitor, max(own, key=self._from_ms.__getitem__))

    def _leave(self, index: KeyIndex, key: bytes) -> None:
        """Whoever takes a slot is found there, and no longer where they were before."""
        earlier = index.find(key)
        if earlier >= 0:
            index.remove(key, earlier)

    def _touch(self, slot: int) -> None:
        """To the end of its queue; one that waits apart stays there, and is looked at when its time comes."""
        if self._after[slot] != _APART:
            self._unlink(slot)
            self._put_last(slot)

    def _put_last(self, slot: int) -> None:
        """At the end of its queue if that keeps the order, else apart."""
        tier, slots = self._tiers[slot], len(self.numbers)
        last = self._before[slots + tier]
        if last < slots and self._until_ms[last] > self._until_ms[slot]:
            self._set_apart(slot)
        else:
            self._link(slot, last, slots + tier)

    def _put_first(self, slot: int) -> None:
        self._unlink(slot)
        end = len(self.numbers) + self._tiers[slot]
        self._link(slot, end, self._after[end])

    def _set_apart(self, slot: int) -> None:
        self._unlink(slot)
        heapq.heappush(self._late[self._tiers[slot]], (self._free_ms(slot), slot))

    def _link(self, slot: int, before: int, after: int) -> None:
        self._before[slot], self._after[slot] = before, after
        self._after[before] = self._before[after] = slot

    def _unlink(self, slot: int) -> None:
        before, after = self._before[slot], self._after[slot]
        if after != _APART:
            self._after[before], self._before[after] = after, before
            self._after[slot] = self._before[slot] = _APART

    def _key(self, column: bytearray, slot: int) -> bytes:
        return bytes(column[slot * KEY_BYTES : (slot + 1) * KEY_BYTES])

    def _lease(self, slot: int, visit_id: str = "", visitor_id: str = "") -> Lease:
        """The lease in a slot; ids that the caller has at hand need not be written anew."""
        return _make_lease(
            self,
            self.numbers[slot],
            visit_id or id_of("visit", self._key(self._visits, slot)),
            visitor_id or id_of("visitor", self._key(self._visitors, slot)),
            self._from_ms[slot],
            self._until_ms[slot],
        )


class _Named(Protocol):
    @property
    def pool_id(self) -> str: ...

    @property
    def target_e164(self) -> str: ...


def _make_lease(pool: _Named, number: int, visit_id: str, visitor_id: str, from_ms: int, until_ms: int) -> Lease:
    e164 = f"+{number}"
    return Lease(
        lease_id=derived_id("lease", visit_id, e164, str(from_ms)),
        e164=e164,
        pool_id=pool.pool_id,
        target_e164=pool.target_e164,
        visit_id=visit_id,
        visitor_id=visitor_id,
        from_ms=from_ms,
        until_ms=until_ms,
    )


def leases_in(state: PoolState) -> Iterator[Lease]:
    """Every lease of a state, over or not."""
    numbers, until_ms, from_ms = (array("q", column) for column in (state.numbers, state.until_ms, state.from_ms))
    for slot, number in enumerate(numbers):
        if until_ms[slot]:
            key = slice(slot * KEY_BYTES, (slot + 1) * KEY_BYTES)
            visit_id, visitor_id = id_of("visit", state.visits[key]), id_of("visitor", state.visitors[key])
            yield _make_lease(state, number, visit_id, visitor_id, from_ms[slot], until_ms[slot])


def _sorted_numbers(entry: PoolEntry) -> array[int]:
    return array("q", sorted(set(map(int, entry.numbers))))
