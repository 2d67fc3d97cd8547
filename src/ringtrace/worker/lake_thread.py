"""The lake is written in a thread of its own: calls are taken meanwhile, and who answers waits for no report."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from django.db import connection

from ringtrace.core.clock import MINUTE_MS, Clock
from ringtrace.lake.home import LakeHome
from ringtrace.lake.writer import LakeWriter
from ringtrace.worker.publish import Publisher, mark_behind

_SWEEP_EVERY_MS = 10 * MINUTE_MS


class LakeThread:
    """Publishes what changed, one go after the other. Has to be closed, which waits for the go that is under way."""

    def __init__(self, lake: LakeHome | Path) -> None:
        self._writer = LakeWriter(lake)
        self._publisher = Publisher(self._writer)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="lake")
        self._go_on: Future[None] | None = None
        self._is_behind = True  # until it was looked at: an older Ringtrace may have written this lake
        self._swept_ms = 0

    def step(self, clock: Clock) -> None:
        """Begins the next go once the last is over. Raises what that raised."""
        if self._go_on is not None:
            if not self._go_on.done():
                return
            last, self._go_on = self._go_on, None
            last.result()
        self._go_on = self._thread.submit(self._go, clock)

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
        self._thread.submit(connection.close)
        self._thread.shutdown(wait=True)
        self._writer.close()
