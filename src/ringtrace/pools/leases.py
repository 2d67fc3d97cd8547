"""Who holds which number: the lease book, in memory, a projection of the journal.

One rule above all: a number is never on two live leases. The book decides; the store makes the decision durable.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from ringtrace.core.ids import new_id
from ringtrace.core.numbers import Lease
from ringtrace.wire.directory import PoolEntry


class _Slot(Struct, kw_only=True):
    """One number of one pool: its last lease, and until when it cools after that."""

    e164: str
    lease: Lease | None = None
    queued_ms: int = 0  # the key it waits under in the free queue


class LeaseBook:
    """All leases of one edge. Every method takes `now_ms`; times are ms since 1970.

    Which number is shown: the visit's own, renewed; else the one this visitor had last, while nobody else holds it;
    else the one free for longest, past its cooldown; else none. A grant that could not be made durable is undone.
    """

    def __init__(self) -> None:
        self._pools: dict[str, _PoolBook] = {}
        self._pool_of: dict[str, _PoolBook] = {}
        self._apart: dict[str, _Slot] = {}  # numbers of no pool now: they may come back while a visit holds them

    def set_pools(self, pools: Iterable[PoolEntry]) -> None:
        """Takes a new directory's pools; numbers keep their leases when they move between pools, leave or come back."""
        slots = self._apart | {e164: pool.slots[e164] for e164, pool in self._pool_of.items()}
        self._pools = {entry.pool_id: _PoolBook(entry, slots) for entry in pools}
        self._pool_of = {e164: pool for pool in self._pools.values() for e164 in pool.slots}
        self._apart = {e164: slot for e164, slot in slots.items() if e164 not in self._pool_of}

    def grant(self, pool_id: str, visit_id: str, visitor_id: str, now_ms: int) -> Lease | None:
        """A fresh lease for a visit that holds none in this pool; None when every number is held or cooling."""
        pool = self._pools.get(pool_id)
        return None if pool is None else pool.grant(visit_id, visitor_id, now_ms)

    def renew(self, pool_id: str, visit_id: str, now_ms: int) -> Lease | None:
        """The visit's live lease in this pool with its end moved on; None when it holds none any more."""
        pool = self._pools.get(pool_id)
        return None if pool is None else pool.renew(visit_id, now_ms)

    def holder_of(self, e164: str, now_ms: int) -> Lease | None:
        pool = self._pool_of.get(e164)
        lease = None if pool is None else pool.slots[e164].lease
        return lease if lease is not None and lease.until_ms > now_ms else None

    def undo(self, lease: Lease) -> None:
        """Takes back a fresh grant that did not become durable; a lease renewed since then stays."""
        pool = self._pool_of.get(lease.e164)
        if pool is not None:
            pool.undo(lease)

    def restore(self, lease: Lease) -> None:
        """Puts back a lease read from the journal; the one with the latest end wins."""
        pool = self._pool_of.get(lease.e164)
        if pool is not None:
            pool.restore(lease)
        elif not _ends_later(self._apart.get(lease.e164), lease):
            self._apart[lease.e164] = _Slot(e164=lease.e164, lease=lease)

    def live(self, now_ms: int) -> tuple[Lease, ...]:
        """Every live lease."""
        slots = (slot for pool in self._pools.values() for slot in pool.slots.values())
        return tuple(slot.lease for slot in slots if slot.lease is not None and slot.lease.until_ms > now_ms)


class _PoolBook:
    """The leases of one pool. The free queue is a heap by when each number is free again; renewals do not touch it:
    a number found at the head with a later end is put back under its true key."""

    def __init__(self, entry: PoolEntry, known: dict[str, _Slot]) -> None:
        self.entry = entry
        self.slots = {e164: known.setdefault(e164, _Slot(e164=e164)) for e164 in entry.numbers}
        self._cooldown_ms = entry.cooldown_secs * 1000
        self._hold_ms = entry.hold_secs * 1000
        self._by_visit: dict[str, str] = {}
        self._by_visitor: dict[str, str] = {}
        self._free: list[tuple[int, str]] = []
        for slot in self.slots.values():
            if slot.lease is not None and slot.lease.pool_id == entry.pool_id:
                self._by_visit[slot.lease.visit_id] = slot.e164
                self._by_visitor[slot.lease.visitor_id] = slot.e164
            self._queue(slot)

    def grant(self, visit_id: str, visitor_id: str, now_ms: int) -> Lease | None:
        slot = self._same_as_before(visitor_id, now_ms) or self._longest_free(now_ms)
        if slot is None:
            return None
        lease = Lease(
            lease_id=new_id("lease", now_ms),
            e164=slot.e164,
            pool_id=self.entry.pool_id,
            target_e164=self.entry.target_e164,
            visit_id=visit_id,
            visitor_id=visitor_id,
            from_ms=now_ms,
            until_ms=now_ms + self._hold_ms,
        )
        self._hold(slot, lease)
        return lease

    def renew(self, visit_id: str, now_ms: int) -> Lease | None:
        e164 = self._by_visit.get(visit_id)
        if e164 is None:
            return None
        slot = self.slots[e164]
        lease = slot.lease
        if lease is None or lease.visit_id != visit_id or lease.until_ms <= now_ms:
            return None
        until_ms = max(lease.until_ms, now_ms + self._hold_ms)  # a clock that steps back never shortens a promise
        slot.lease = msgspec.structs.replace(lease, until_ms=until_ms)
        return slot.lease

    def undo(self, lease: Lease) -> None:
        slot = self.slots[lease.e164]
        if slot.lease is not lease:
            return  # renewed since, and that was promised
        self._forget(slot)
        slot.queued_ms = 0
        heapq.heappush(self._free, (0, slot.e164))

    def restore(self, lease: Lease) -> None:
        slot = self.slots[lease.e164]
        if not _ends_later(slot, lease):
            self._hold(slot, lease)

    def _same_as_before(self, visitor_id: str, now_ms: int) -> _Slot | None:
        """The visitor's last number, while nobody else holds it. Its cooldown is for others."""
        e164 = self._by_visitor.get(visitor_id)
        slot = None if e164 is None else self.slots[e164]
        if slot is None or slot.lease is None or slot.lease.visitor_id != visitor_id:
            return None
        return slot if slot.lease.until_ms <= now_ms else None

    def _longest_free(self, now_ms: int) -> _Slot | None:
        while self._free:
            queued_ms, e164 = self._free[0]
            slot = self.slots[e164]
            if queued_ms != slot.queued_ms:
                heapq.heappop(self._free)  # an entry of the past: the number waits under another key
            elif self._free_ms(slot) > queued_ms:
                heapq.heappop(self._free)
                self._queue(slot)
            else:
                return slot if queued_ms <= now_ms else None
        return None

    def _hold(self, slot: _Slot, lease: Lease) -> None:
        self._forget(slot)
        slot.lease = lease
        self._by_visit[lease.visit_id] = slot.e164
        self._by_visitor[lease.visitor_id] = slot.e164
        self._queue(slot)

    def _forget(self, slot: _Slot) -> None:
        if slot.lease is None:
            return
        if self._by_visit.get(slot.lease.visit_id) == slot.e164:
            del self._by_visit[slot.lease.visit_id]
        if self._by_visitor.get(slot.lease.visitor_id) == slot.e164:
            del self._by_visitor[slot.lease.visitor_id]
        slot.lease = None

    def _queue(self, slot: _Slot) -> None:
        slot.queued_ms = self._free_ms(slot)
        heapq.heappush(self._free, (slot.queued_ms, slot.e164))

    def _free_ms(self, slot: _Slot) -> int:
        return 0 if slot.lease is None else slot.lease.until_ms + self._cooldown_ms


def _ends_later(slot: _Slot | None, lease: Lease) -> bool:
    """Whether the slot's own lease ends after this one."""
    return slot is not None and slot.lease is not None and slot.lease.until_ms > lease.until_ms
