"""Group commit: events that arrive together become durable in one transaction, and are answered after it.

A quick disk is written in the event loop itself: handing a commit to a thread and back costs more than it takes. A slow
one is written on a thread, so that beats and calls go on being heard meanwhile; what arrives then is the next commit.
No lingering for more: waiting longer did not help where it was measured.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ringtrace.core.errors import StoreUnavailable
from ringtrace.wire.sqlite import append, last_place

_SLOW_SECS = 0.002  # a disk that takes longer is written on the thread
_FORGETS = 0.1  # the weight of the newest commit in the average of what one takes


class Promise(asyncio.Future[None]):
    """That events become durable. Many wait for one, so none of them may cancel it."""

    def cancel(self, msg: object = None) -> bool:  # noqa: ARG002 - of a Future
        return False


Work = Callable[[sqlite3.Connection], None]


class GroupCommit:
    """The only writer of one file. `append` and `run` are called in the event loop."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.place = last_place(connection)  # of the last durable event
        self.commits = 0
        self._connection = connection
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._bodies: list[bytes] = []
        self._promise: Promise | None = None
        self._works: deque[tuple[Work, Promise]] = deque()
        self._is_at_it = False
        self._is_works_turn = False
        self._takes_secs = 0.0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        return len(self._bodies)

    def append(self, body: bytes) -> Promise:
        """Raises StoreUnavailable, when awaited, if the disk did not take it: then the event was not recorded."""
        self._bodies.append(body)
        if self._promise is None:
            loop = asyncio.get_running_loop()
            self._promise = Promise(loop=loop)
            if not self._is_at_it:
                self._get_to_it(loop)
        return self._promise

    def run(self, work: Work) -> Promise:
        """Does something else with the file between two commits, on the thread. Raises what `work` does."""
        loop = asyncio.get_running_loop()
        promise = Promise(loop=loop)
        self._works.append((work, promise))
        if not self._is_at_it:
            self._get_to_it(loop)
        return promise

    async def close(self) -> None:
        """Writes what waits."""
        await self._idle.wait()
        self._thread.shutdown()

    def _get_to_it(self, loop: asyncio.AbstractEventLoop) -> None:
        """In the loop's next turn: whatever else arrives in this one comes along."""
        self._is_at_it = True
        self._idle.clear()
        loop.call_soon(self._turn)

    def _turn(self) -> None:
        promise, bodies = self._promise, self._bodies
        if promise is None or (self._works and self._is_works_turn):
            self._is_works_turn = False
            self._do_next_work()
            return
        self._is_works_turn = True
        self._promise, self._bodies = None, []
        if self._takes_secs < _SLOW_SECS:
            try:
                self._commit(bodies)
            except StoreUnavailable as error:
                self._settle(promise, error)
            else:
                self._settle(promise, None)
            self._go_on()
        else:
            self._on_thread(lambda: self._commit(bodies), promise)

    def _do_next_work(self) -> None:
        work, promise = self._works.popleft()
        self._on_thread(lambda: work(self._connection), promise)

    def _on_thread(self, work: Callable[[], None], promise: Promise) -> None:
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._thread, work)

        def finish(finished: asyncio.Future[None]) -> None:
            self._settle(promise, finished.exception())
            self._go_on()

        done.add_done_callback(finish)

    def _commit(self, bodies: list[bytes]) -> None:
        began = time.perf_counter()
        self.place = append(self._connection, self.place, bodies)
        self.commits += 1
        self._takes_secs += _FORGETS * (time.perf_counter() - began - self._takes_secs)

    def _settle(self, promise: Promise, error: BaseException | None) -> None:
        if error is None:
            promise.set_result(None)
        else:
            promise.set_exception(error)
            promise.exception()  # whoever waited may be gone: then nobody need hear of it

    def _go_on(self) -> None:
        if self._promise is not None or self._works:
            asyncio.get_running_loop().call_soon(self._turn)
        else:
            self._is_at_it = False
            self._idle.set()
