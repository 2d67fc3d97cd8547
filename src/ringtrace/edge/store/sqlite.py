"""The embedded edge store: one SQLite file, one process, one event loop.

Leases are in memory, a projection of the journal. States of the pools are written down now and then, so that a start
reads only what came after them, and so that what the worker has read may be dropped.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from ringtrace.core.clock import DAY_MS, MINUTE_MS
from ringtrace.core.errors import StoreUnavailable
from ringtrace.core.numbers import Lease
from ringtrace.edge.store.commits import GroupCommit, Promise
from ringtrace.pools.book import PoolState
from ringtrace.pools.leases import LeaseBook
from ringtrace.wire.directory import Directory, PoolEntry
from ringtrace.wire.journal import AnyEvent, CallReported, VisitAlive, VisitSeen, encode_event
from ringtrace.wire.sqlite import (
    COVERED,
    DRAINED,
    forget,
    mark,
    open_store,
    read_directory,
    read_states,
    rows_after,
    set_mark,
    write_states,
)

log = logging.getLogger("ringtrace.edge")

_REMEMBERED_REPORTS = 20_000
_LEAST_EVENTS = 50_000  # between two rounds of states
_EVENTS_OF_NUMBERS = 5  # a round writes every number: not more often than for a fifth as many events
_LONGEST_ROUND_MS = 10 * MINUTE_MS
_NUMBERS_AT_ONCE = 20_000
_ROWS_AT_ONCE = 200
_APART = "apart"
_POOL = "pool:"


class _Apart(Struct, frozen=True, kw_only=True):
    """What is to be known again and belongs to no pool."""

    leases: tuple[Lease, ...] = ()
    reported: tuple[str, ...] = ()


class _Row(Struct, frozen=True):
    """As much of a journal's event as leases and reports need: other fields are skipped unread."""

    event: str
    event_id: str
    leases: tuple[Lease, ...] = ()
    holder: Lease | None = None


_decode_row = msgspec.msgpack.Decoder(list[_Row]).decode
_decode_state = msgspec.msgpack.Decoder(PoolState).decode
_decode_apart = msgspec.msgpack.Decoder(_Apart).decode


class SqliteEdgeStore:
    """`durable=False` is for towns that can be played again. Raises StoreUnavailable, StoreBehind."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._writer = open_store(path, durable=durable)
        self._reader = open_store(path, durable=durable)
        self._journal = GroupCommit(self._writer)
        self._book = LeaseBook()
        self._restored = False
        self._reported: OrderedDict[str, Promise | None] = OrderedDict()
        self._starting: dict[str, Promise] = {}  # visits whose first event is on its way to disk
        self._covered = mark(self._reader, COVERED)
        self._drained = 0
        self._forgotten = 0  # nothing at or before this place is left to drop
        self._stated: set[str] = set()  # names of the pools' states on disk
        self._round: list[str] | None = None  # pools whose state is still to be written in this round
        self._round_place = 0
        self._round_ms = 0

    @property
    def commits(self) -> int:
        return self._journal.commits

    @property
    def waiting(self) -> int:
        return self._journal.waiting

    def figures(self) -> dict[str, int]:
        return {
            "journal_events_total": self._journal.place,
            "journal_undrained": self._journal.place - self._drained,
            "journal_beyond_states": self._journal.place - self._covered,
        }

    async def set_pools(self, pools: Sequence[PoolEntry], now_ms: int) -> None:
        if self._round is not None:  # a number may move to a pool that this round has no state of: begun anew
            self._book.changed_again(self._round)
            self._round = None
        self._book.set_pools(pools)
        if not self._restored:
            self._round_ms = now_ms
            self._restore()
            self._restored = True

    def _restore(self) -> None:
        for name, body in read_states(self._reader):
            if name == _APART:
                apart = _decode_apart(body)
                self._book.restore(apart.leases)
                self._reported.update(dict.fromkeys(apart.reported))
            else:
                self._stated.add(name)
                self._book.load(_decode_state(body))
        for body in rows_after(self._reader, self._covered):
            self._replay(body)

    def _replay(self, body: bytes) -> None:
        try:
            rows = _decode_row(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return  # a row that this edge did not write holds no lease of it
        for row in rows:
            for lease in row.leases:
                self._book.replay(lease)
            if row.event == "call":
                self._remember(row.event_id, None)
                if row.holder is not None:
                    self._book.replay(row.holder, is_called=True)

    async def start_visit(self, visit: VisitSeen, pools: Sequence[str]) -> VisitSeen:
        starting = self._starting.get(visit.visit_id)
        if starting is not None:
            await starting  # its numbers are renewed only once they are promised; without, this fails as the first did
        book, at_ms = self._book, visit.at_ms
        kept = [book.renew(pool, visit.visit_id, at_ms) for pool in pools]
        granted = [
            None if own else book.grant(pool, visit.visit_id, visit.visitor_id, at_ms)
            for pool, own in zip(pools, kept, strict=True)
        ]
        leases = tuple([lease for lease in (*kept, *granted) if lease is not None])
        held = msgspec.structs.replace(visit, leases=leases)
        done = self._starting[visit.visit_id] = self._journal.append(encode_event(held))
        try:
            await done
        except StoreUnavailable:
            self._take_back(granted)
            raise
        finally:
            if self._starting.get(visit.visit_id) is done:
                del self._starting[visit.visit_id]
        return held

    async def keep_visit(
        self, alive: VisitAlive, pools: Sequence[str], wanted: Sequence[str] = ()
    ) -> VisitAlive | None:
        starting = self._starting.get(alive.visit_id)
        if starting is not None and not await _is_done(starting):
            return None  # the visit it would keep was not recorded
        book, at_ms = self._book, alive.at_ms
        kept = [lease for pool in pools if (lease := book.renew(pool, alive.visit_id, at_ms)) is not None]
        if not kept:
            return None
        granted = self._grant_more(alive, kept, wanted) if wanted else []
        held = msgspec.structs.replace(alive, leases=(*kept, *granted))
        try:
            await self._journal.append(encode_event(held))
        except StoreUnavailable:
            self._take_back(granted)
            raise
        return held

    def _grant_more(self, alive: VisitAlive, kept: Sequence[Lease], wanted: Sequence[str]) -> list[Lease]:
        """Leases for targets that none of those kept stands for."""
        served = {lease.target_e164 for lease in kept}
        granted = (
            self._book.grant(pool, alive.visit_id, alive.visitor_id, alive.at_ms)
            for pool in wanted
            if self._book.target_of(pool) not in served
        )
        return [lease for lease in granted if lease is not None]

    def _take_back(self, granted: Sequence[Lease | None]) -> None:
        for lease in granted:
            if lease is not None:
                self._book.undo(lease)

    async def record(self, event: AnyEvent) -> bool:
        if isinstance(event, CallReported):
            return await self._report(event)
        await self._journal.append(encode_event(event))
        return True

    async def arrive(self, report: CallReported) -> tuple[CallReported, bool]:
        if report.event_id in self._reported:
            return report, await self._report(report)
        holder = self._book.extend(report.called_e164, report.at_ms)
        held = msgspec.structs.replace(report, holder=holder)
        return held, await self._report(held)

    async def _report(self, event: CallReported) -> bool:
        if event.event_id in self._reported:
            earlier = self._reported[event.event_id]
            if earlier is not None:
                await earlier  # the first of two at once is not on disk yet
            return False
        done = self._journal.append(encode_event(event))
        self._remember(event.event_id, done)
        try:
            await done
        except StoreUnavailable:
            self._reported.pop(event.event_id, None)
            raise
        if event.event_id in self._reported:
            self._reported[event.event_id] = None
        return True

    async def holder_of(self, e164: str, now_ms: int) -> Lease | None:
        return self._book.holder_of(e164, now_ms)

    async def directory_after(self, version: int) -> Directory | None:
        try:
            return _read_numbers_last(self._reader, version)
        except sqlite3.Error as error:
            raise StoreUnavailable("The directory cannot be read.", hint="Check the disk.") from error

    async def tidy(self, now_ms: int) -> None:
        """A little at a time: a few pools' states, a few hundred rows of the journal."""
        self._drained = mark(self._reader, DRAINED)
        if self._round is None and self._is_round_due(now_ms):
            self._begin_round(now_ms)
        await self._write_some_states()
        upto = min(self._covered, self._drained)
        if upto > self._forgotten:
            await self._journal.run(lambda writer: self._forget(writer, upto))

    def _forget(self, writer: sqlite3.Connection, upto: int) -> None:
        if forget(writer, upto, _ROWS_AT_ONCE) < _ROWS_AT_ONCE:
            self._forgotten = upto

    def _is_round_due(self, now_ms: int) -> bool:
        behind = self._journal.place - self._covered
        enough = max(_LEAST_EVENTS, self._book.numbers // _EVENTS_OF_NUMBERS)
        return behind >= enough or (behind > 0 and abs(now_ms - self._round_ms) >= _LONGEST_ROUND_MS)

    def _begin_round(self, now_ms: int) -> None:
        self._book.forget_apart(now_ms - DAY_MS)
        self._round = self._book.take_changed()
        self._round_place = self._journal.place
        self._round_ms = now_ms

    async def _write_some_states(self) -> None:
        """The last of a round says up to which place of the journal all is written. What a crash interrupts is begun
        again: a state newer than the mark does no harm, since the latest end of a lease wins."""
        if self._round is None:
            return
        states: dict[str, bytes] = {}
        numbers = 0
        while self._round and numbers < _NUMBERS_AT_ONCE:
            state = self._book.state(self._round.pop())
            if state is not None:
                states[_POOL + state.pool_id] = msgspec.msgpack.encode(state)
                numbers += len(state.tiers)
        is_last, place, gone = not self._round, self._round_place, set[str]()
        if is_last:
            gone = {name for name in self._stated if self._book.target_of(name.removeprefix(_POOL)) is None}
            reported = tuple(event_id for event_id, promise in self._reported.items() if promise is None)
            states[_APART] = msgspec.msgpack.encode(_Apart(leases=self._book.apart(), reported=reported))
        try:
            await self._journal.run(lambda writer: write_states(writer, states, gone))
            self._stated = (self._stated | states.keys()) - gone - {_APART}
            if is_last:
                await self._journal.run(lambda writer: set_mark(writer, COVERED, place))
                self._covered, self._round = place, None
        except StoreUnavailable:
            self._book.changed_again([*(self._round or []), *(name.removeprefix(_POOL) for name in states)])
            self._round = None
            raise

    async def close(self) -> None:
        """Ends with every state written, so that the next start is quick; without, if the disk does not take them."""
        try:
            if self._restored:
                await self._write_all_states()
        except StoreUnavailable:
            log.warning("the pools' states were not written; the next start reads the journal instead")
        finally:
            await self._journal.close()
            self._writer.close()
            self._reader.close()

    async def _write_all_states(self) -> None:
        self._book.changed_again(self._round or [])
        self._begin_round(self._round_ms)
        while self._round is not None:
            await self._write_some_states()

    def _remember(self, event_id: str, done: Promise | None) -> None:
        self._reported[event_id] = done
        if len(self._reported) > _REMEMBERED_REPORTS:
            self._reported.popitem(last=False)


def _read_numbers_last(reader: sqlite3.Connection, version: int) -> Directory | None:
    """A newer directory, its pools' numbers behind all else in memory. They are read once and go; whatever small thing
    stood or moved in between would keep a megabyte of them from being given back (60 MB for a million numbers)."""
    directory = read_directory(reader, version)
    if directory is None:
        return None
    bare = msgspec.msgpack.encode([msgspec.structs.replace(pool, numbers=()) for pool in directory.pools])
    numbers = msgspec.msgpack.encode([pool.numbers for pool in directory.pools])
    directory = msgspec.structs.replace(directory, pools=())
    pools = msgspec.msgpack.decode(bare, type=list[PoolEntry])
    each = msgspec.msgpack.decode(numbers, type=list[tuple[str, ...]])
    whole = tuple(msgspec.structs.replace(pool, numbers=own) for pool, own in zip(pools, each, strict=True))
    return msgspec.structs.replace(directory, pools=whole)


async def _is_done(write: asyncio.Future[None]) -> bool:
    """Whether another request's write became durable; waits for it."""
    try:
        await write
    except StoreUnavailable:
        return False
    return True
