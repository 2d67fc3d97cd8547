"""The lake is written in a thread of its own: calls are taken meanwhile, and who answers waits for no report."""

from __future__ import annotations

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from django.db import OperationalError, connection

from ringtrace.core.clock import MINUTE_MS, SECOND_MS, Clock
from ringtrace.core.errors import StoreUnavailable
from ringtrace.lake.home import LakeHome
from ringtrace.lake.writer import LakeWriter
from ringtrace.worker.publish import Publisher, mark_behind

log = logging.getLogger("ringtrace.worker")

_SWEEP_EVERY_MS = 10 * MINUTE_MS
_TROUBLE_MS = 2 * SECOND_MS


class LakeThread:
    """Publishes what changed, one go after the other. Has to be closed, which waits for the go that is under way."""

    def __init__(self, lake: LakeHome | Path) -> None:
        self._writer = LakeWriter(lake)
        self._publisher = Publisher(self._writer)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lake")
        self._go_on: Future[None] | None = None
        self._is_behind = True  # until it was looked at: an older Ringtrace may have written this lake
        self._swept_ms = 0
        self._in_trouble = False
        self._not_before_ms = 0

    def step(self, clock: Clock) -> None:
        """Begins the next go once the last is over, or a while after it where that failed: calls wait for neither."""
        if self._go_on is not None:
            if not self._go_on.done():
                return
            last, self._go_on = self._go_on, None
            self._look_at(last, clock)
        if clock() >= self._not_before_ms:
            self._go_on = self._thread.submit(self._go, clock)

    def _look_at(self, last: Future[None], clock: Clock) -> None:
        """A disk or a database that fails is said once each time it begins. Raises what is no such trouble."""
        try:
            last.result()
        except (OperationalError, StoreUnavailable, OSError):
            if not self._in_trouble:
                log.exception("the lake cannot be published for now; it is tried again")
            self._in_trouble = True
            self._not_before_ms = clock() + _TROUBLE_MS
        else:
            self._in_trouble = False

    def _go(self, clock: Clock) -> None:
        try:
            if self._is_behind:
                mark_behind(self._writer)
                self._is_behind = False
            self._publisher.publish_if_due(clock)
            if clock() - self._swept_ms > _SWEEP_EVERY_MS:
                self._swept_ms = clock()
                self._writer.sweep(self._swept_ms)
        except BaseException:
            connection.close()  # this thread's: the next go opens another
            raise

    def close(self) -> None:
        self._thread.submit(_close_connection).result()
        self._thread.shutdown(wait=True)
        self._writer.close()


def _close_connection() -> None:
    """Of the thread that runs this."""
    connection.close()
