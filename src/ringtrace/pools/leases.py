"""Who holds which number: the lease book, in memory, a projection of the journal.

One rule above all: a number is never on two live leases. The book decides; the store makes the decision durable.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from ringtrace.core.numbers import Lease
from ringtrace.pools.book import PoolBook, PoolState, leases_in
from ringtrace.wire.directory import PoolEntry


class LeaseBook:
    """All leases of one edge. Every method takes `now_ms`; times are ms since 1970. Ids of visits and visitors are
    derived ids (`core.ids`); anything else raises ValueError.

    Which number is shown: the visit's own, renewed; else the one this visitor had last, while nobody else holds it;
    else, of those most like the target, the one free for longest, past its cooldown; else none. A number that is called
    stays with its holder for the pool's longer hold. A grant that could not be made durable is undone.
    """

    def __init__(self) -> None:
        self._pools: dict[str, PoolBook] = {}
        self._apart: dict[str, Lease] = {}  # of numbers in no pool now: they may come back while a visit holds them
        self._found: dict[str, PoolBook] = {}  # where numbers were found that someone asked for by name
        self._unsettled: dict[int, PoolBook] = {}
        self._changed: set[str] = set()

    def set_pools(self, pools: Iterable[PoolEntry]) -> None:
        """Takes a new directory's pools; numbers keep their leases when they move between pools, leave or come back."""
        pools = list(pools)
        old, self._pools, self._found = self._pools, {}, {}
        changed = [entry for entry in pools if not self._keep_as_it_is(entry, old.get(entry.pool_id))]
        kept = {id(book) for book in self._pools.values()}
        homeless = [lease for book in old.values() if id(book) not in kept for lease in book.leases()]
        for entry in changed:
            self._pools[entry.pool_id] = PoolBook(entry)
            self._changed.add(entry.pool_id)
        self._house([*self._apart.values(), *homeless])

    def _keep_as_it_is(self, entry: PoolEntry, book: PoolBook | None) -> bool:
        if book is None or not book.is_of(entry):
            return False
        book.retune(entry)
        self._pools[entry.pool_id] = book
        return True

    def _house(self, leases: Sequence[Lease]) -> None:
        """Puts leases where their numbers are now."""
        self._apart = {}
        self.restore(leases)

    def grant(self, pool_id: str, visit_id: str, visitor_id: str, now_ms: int) -> Lease | None:
        """A fresh lease for a visit that holds none in this pool; None when every number is held or cooling."""
        pool = self._pools.get(pool_id)
        if pool is None:
            return None
        self._changed.add(pool_id)
        return pool.grant(visit_id, visitor_id, now_ms)

    def renew(self, pool_id: str, visit_id: str, now_ms: int) -> Lease | None:
        """The visit's live lease in this pool with its end moved on; None when it holds none any more."""
        pool = self._pools.get(pool_id)
        if pool is None:
            return None
        self._changed.add(pool_id)
        return pool.renew(visit_id, now_ms)

    def extend(self, e164: str, now_ms: int) -> Lease | None:
        """The live lease on a number that is called, with its end moved on by the pool's longer hold."""
        pool = self._pool_of(e164)
        if pool is None:
            return None
        self._changed.add(pool.pool_id)
        return pool.extend(e164, now_ms)

    def target_of(self, pool_id: str) -> str | None:
        """The printed number that a pool stands in for."""
        pool = self._pools.get(pool_id)
        return None if pool is None else pool.target_e164

    def holder_of(self, e164: str, now_ms: int) -> Lease | None:
        pool = self._pool_of(e164)
        return None if pool is None else pool.held(pool.slot_of(e164), now_ms)

    def undo(self, lease: Lease) -> None:
        """Takes back a fresh grant that did not become durable; a lease renewed since then stays."""
        pool = self._pool_of(lease.e164)
        if pool is not None:
            self._changed.add(pool.pool_id)
            pool.undo(lease)

    def replay(self, lease: Lease, *, is_called: bool = False) -> None:
        """Puts back a lease as the journal tells it, oldest first; the one with the latest end wins."""
        pool = self._pools.get(lease.pool_id)
        if pool is not None and pool.restore(lease, is_called=is_called):
            self._changed.add(pool.pool_id)
            return
        pool = self._pool_of(lease.e164)
        if pool is not None:
            pool.restore(lease, is_called=is_called)
            self._changed.add(pool.pool_id)
        elif lease.e164 not in self._apart or self._apart[lease.e164].until_ms <= lease.until_ms:
            self._apart[lease.e164] = lease

    def restore(self, leases: Iterable[Lease]) -> None:
        """Puts back leases in whatever order they come: a visitor's last number is the one that was granted last."""
        for lease in sorted(leases, key=_granted_ms):
            self.replay(lease)
            pool = self._pool_of(lease.e164)
            if pool is not None:
                self._unsettled[id(pool)] = pool
        while self._unsettled:
            self._unsettled.popitem()[1].settle()

    def live(self, now_ms: int) -> Iterator[Lease]:
        """Every live lease on a number that is in a pool."""
        return (lease for pool in self._pools.values() for lease in pool.leases(after_ms=now_ms))

    @property
    def numbers(self) -> int:
        """How many numbers all pools have."""
        return sum(len(pool.numbers) for pool in self._pools.values())

    def state(self, pool_id: str) -> PoolState | None:
        """A pool as it can be kept on disk."""
        pool = self._pools.get(pool_id)
        return None if pool is None else pool.state()

    def apart(self) -> tuple[Lease, ...]:
        """What is kept for numbers that are in no pool now."""
        return tuple(self._apart.values())

    def forget_apart(self, before_ms: int) -> None:
        """Drops leases on numbers of no pool that ended before."""
        self._apart = {e164: lease for e164, lease in self._apart.items() if lease.until_ms >= before_ms}

    def load(self, state: PoolState) -> None:
        """Takes back a pool's state, whole or what still fits: a lease that ends later wins."""
        pool = self._pools.get(state.pool_id)
        if pool is None or not pool.load(state):
            self.restore(leases_in(state))

    def take_changed(self) -> list[str]:
        """The pools that changed since the last time; every pool is new at first."""
        changed, self._changed = sorted(self._changed & self._pools.keys()), set()
        return changed

    def changed_again(self, pool_ids: Iterable[str]) -> None:
        """Says that these were not written down after all."""
        self._changed.update(pool_ids)

    def _pool_of(self, e164: str) -> PoolBook | None:
        found = self._found.get(e164)
        if found is None:
            found = next((pool for pool in self._pools.values() if pool.slot_of(e164) >= 0), None)
            if found is not None and len(self._found) < _MOST_FOUND:
                self._found[e164] = found
        return found


_granted_ms = attrgetter("from_ms")
_MOST_FOUND = 10_000
