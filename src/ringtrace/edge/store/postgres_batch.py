"""A batch of writes as PostgreSQL's function takes it: columns of numbers and keys, and the events in one piece."""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from ringtrace.core.ids import key_of
from ringtrace.wire.journal import AnyEvent, encode_event
from ringtrace.wire.postgres import Verdict, pack_bodies, unavailable

KEEP, GIVE, GIVE_ANOTHER = 0, 1, 2  # what `ringtrace_edge.take_batch` may do for a wish
MOST_EVENTS = 256
TAKE = (
    "SELECT ringtrace_edge.take_batch(%s::int, %b::bytea,"
    " %s::int[], %s::uuid[], %s::uuid[], %s::bigint[], %s::bigint[], %s::smallint[],"
    " %s::int[], %s::uuid[], %s::bigint[], %s::bigint[])"
)

Outcome = AnyEvent | None  # as it was recorded; None: it was not


class Write(Struct, eq=False, kw_only=True):
    """An event that waits to be written. `keys` are what it speaks of: two writes of one key are never in one batch.

    `wishes` are pools (by the database's number) with what may be done; `number` is a call's that arrives.
    """

    event: AnyEvent
    body: bytes
    done: asyncio.Future[Outcome]
    too_late_at: float
    keys: tuple[str, ...] = ()
    visit: str = ""
    visitor: str = ""
    wishes: Sequence[tuple[int, int]] = ()
    report: str = ""
    number: int = 0


def write(event: AnyEvent, too_late_at: float) -> Write:
    done: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    return Write(event=event, body=encode_event(event), done=done, too_late_at=too_late_at)


def uuid_of(derived_id: str) -> str:
    """The key of a visit's or visitor's id. Raises ValueError for one that is not derived."""
    return key_of(derived_id).hex()


def report_key(event_id: str) -> str:
    """128 bits for an event's id, whatever its shape."""
    return hashlib.blake2b(event_id.encode(), digest_size=16).hexdigest()


def number_of(e164: str) -> int:
    """0 for what is no E.164."""
    digits = e164[1:]
    return int(digits) if e164[:1] == "+" and digits.isdecimal() and len(digits) <= 15 else 0


class Queue:
    """Writes in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: deque[Write] = deque()

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, one: Write) -> None:
        self._waiting.append(one)

    def take_all(self) -> list[Write]:
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    def take_batch(self, now: float) -> list[Write]:
        """The next batch. A write that speaks of what an earlier one speaks of waits for the next; one that has waited
        too long is told so."""
        batch: list[Write] = []
        keys: set[str] = set()
        passed: list[Write] = []
        while self._waiting and len(batch) < MOST_EVENTS and len(passed) < MOST_EVENTS:
            one = self._waiting.popleft()
            if one.too_late_at < now:
                refuse((one,))
                continue
            (batch if keys.isdisjoint(one.keys) else passed).append(one)
            keys.update(one.keys)
        self._waiting.extendleft(reversed(passed))
        return batch


def refuse(writes: Iterable[Write]) -> None:
    for one in writes:
        if not one.done.done():
            one.done.set_exception(unavailable())


def answer(writes: Sequence[Write], verdict: Verdict) -> None:
    outcomes = dict(verdict.outcomes([one.event for one in writes]))
    for nth, one in enumerate(writes):
        if not one.done.done():
            one.done.set_result(outcomes.get(nth))


def parameters(writes: Sequence[Write]) -> tuple[object, ...]:
    """For TAKE. Only digits and hexadecimal stand in the arrays: nothing needs quoting."""
    wishes = [(nth, one, pool, may) for nth, one in enumerate(writes) for pool, may in one.wishes]
    calls = [(nth, one) for nth, one in enumerate(writes) if one.report]
    return (
        len(writes),
        pack_bodies([one.body for one in writes]),
        _array(str(nth) for nth, _, _, _ in wishes),
        _array(one.visit for _, one, _, _ in wishes),
        _array(one.visitor for _, one, _, _ in wishes),
        _array(str(pool) for _, _, pool, _ in wishes),
        _array(str(one.event.at_ms) for _, one, _, _ in wishes),
        _array(str(may) for _, _, _, may in wishes),
        _array(str(nth) for nth, _ in calls),
        _array(one.report for _, one in calls),
        _array(str(one.number) for _, one in calls),
        _array(str(one.event.at_ms) for _, one in calls),
    )


def _array(items: Iterator[str]) -> str:
    return "{" + ",".join(items) + "}"
