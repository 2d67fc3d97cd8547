"""Wakes pages that are open when a company's calls change, by server-sent events.

One thread a web process looks at the ledger, only while somebody listens. What is sent says that something changed,
never what: the page asks for that itself, through the gate like any page.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from django.db import DatabaseError, connection
from django.db.models import Count, Max

from ringtrace.core.clock import HOUR_MS, wall_clock
from ringtrace.web.models import CallRow

log = logging.getLogger("ringtrace.web.pop")

MOST_STREAMS = 40
"""At once in one web process, which has more threads than that."""

LIFE_SECS = 60.0
_BEAT_SECS = 5.0
_RETRY_MS = 1_000
_LOOK_SECS = 0.25
_LOOKED_AT_MS = 6 * HOUR_MS

Marks = Mapping[str, str]
Look = Callable[[Collection[str]], Marks]


def mark_of(company_id: str, now_ms: int) -> str:
    """Says in what state a company's recent calls are: another mark, another state. One short range of an index."""
    recent = CallRow.objects.filter(company=company_id, started_ms__gte=now_ms - _LOOKED_AT_MS)
    found = recent.aggregate(newest=Max("changed_ms"), calls=Count("pk"))
    return f"{found['newest'] or 0}.{found['calls']}"


class LedgerLook:
    """The marks of companies; asked again without a change of the ledger, what was seen last."""

    def __init__(self) -> None:
        self._version: int | None = None
        self._marks: dict[str, str] = {}

    def __call__(self, company_ids: Collection[str]) -> Marks:
        version = _data_version()
        if version is None or version != self._version or not self._marks.keys() >= set(company_ids):
            self._marks = {company_id: mark_of(company_id, wall_clock()) for company_id in company_ids}
            self._version = version  # of before the look: what is written meanwhile is seen the next time
        return self._marks


def _data_version() -> int | None:
    """SQLite's own count of what other connections wrote; None where there is no such."""
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])


class Notifier:
    """Lets many wait for a company's mark to change. `look` is asked by one thread, between pauses."""

    def __init__(
        self,
        look: Look,
        *,
        most: int = MOST_STREAMS,
        pause: Callable[[float], object] = time.sleep,
        starts: bool = True,
    ) -> None:
        self._look, self._most, self._pause, self._starts = look, most, pause, starts
        self._changed = threading.Condition()
        self._listening: Counter[str] = Counter()
        self._marks: dict[str, str] = {}
        self._thread: threading.Thread | None = None

    @property
    def listeners(self) -> int:
        return self._listening.total()

    def join(self, company_id: str) -> bool:
        """Whether there is room for one more, who has to leave again."""
        with self._changed:
            if self.listeners >= self._most:
                return False
            self._listening[company_id] += 1
            if self._thread is None and self._starts:
                self._thread = threading.Thread(target=self._watch, name="calls", daemon=True)
                self._thread.start()
        return True

    def leave(self, company_id: str) -> None:
        with self._changed:
            self._listening[company_id] -= 1
            if not self._listening[company_id]:
                del self._listening[company_id]
                self._marks.pop(company_id, None)

    def wait(self, company_id: str, seen: str, secs: float) -> str:
        """The mark once it is another than `seen`, or what it is after so many seconds; "" where none is known yet."""
        with self._changed:
            self._changed.wait_for(lambda: self._marks.get(company_id, seen) != seen, secs)
            return self._marks.get(company_id, "")

    def look_once(self) -> None:
        """Asks for the marks of whoever is listened for, and wakes who waits for one that changed."""
        with self._changed:
            wanted = frozenset(self._listening)
        marks = self._look(wanted)
        with self._changed:
            fresh = {one: marks[one] for one in wanted if one in self._listening and one in marks}
            if any(self._marks.get(one) != mark for one, mark in fresh.items()):
                self._marks |= fresh
                self._changed.notify_all()

    def _watch(self) -> None:
        in_trouble = False
        while not self._is_over():
            try:
                self.look_once()
            except DatabaseError:
                if not in_trouble:
                    log.exception("the ledger cannot be looked at for now; calls appear later")
                in_trouble = True
                connection.close()
            else:
                in_trouble = False
            self._pause(_LOOK_SECS)
        connection.close()

    def _is_over(self) -> bool:
        with self._changed:
            if not self._listening:
                self._thread = None
            return self._thread is None


class Life(NamedTuple):
    """How long a stream lives, how often it says that it is there, and by which clock."""

    secs: float = LIFE_SECS
    beat_secs: float = _BEAT_SECS
    clock: Callable[[], float] = time.monotonic


_USUAL = Life()


class Stream(Iterator[bytes]):
    """The events of one page. The browser comes back by itself after its end, and says what it saw last.

    `still_may`: whether its person is still signed in and may see calls; asked before everything that is sent. Has to
    be closed, however it ended.
    """

    def __init__(
        self, notifier: Notifier, company_id: str, seen: str, still_may: Callable[[], bool], life: Life = _USUAL
    ) -> None:
        self._notifier, self._company_id, self._seen = notifier, company_id, seen
        self._still_may, self._life = still_may, life
        self._until: float | None = None
        self._is_open = True

    def __next__(self) -> bytes:
        if not self._is_open:
            raise StopIteration
        if self._until is None:
            self._until = self._life.clock() + self._life.secs
            return f"retry: {_RETRY_MS}\n\n".encode()
        if self._life.clock() >= self._until:
            self.close()
            raise StopIteration
        mark = self._notifier.wait(self._company_id, self._seen, self._life.beat_secs)
        if not self._still_may():
            self.close()
            return b"event: over\ndata: signed out\n\n"
        if mark in ("", self._seen):
            return b": still here\n\n"
        self._seen = mark
        return f"id: {mark}\nevent: calls\ndata: {mark}\n\n".encode()

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._notifier.leave(self._company_id)


NOTIFIER = Notifier(LedgerLook())
