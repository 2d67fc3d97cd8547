"""The store that edge, web and worker share, as web and worker see it: publish the directory, read the journal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ringtrace.wire.directory import Directory
from ringtrace.wire.journal import AnyEvent


class WireStore(Protocol):
    """All methods raise StoreUnavailable when the disk or the database is not there, StoreBehind for a newer format."""

    def publish_directory(self, make: Callable[[int], Directory]) -> int:
        """Writes the directory that `make(version)` returns as the newest version, which it returns."""

    def read_directory(self, newer_than: int = 0) -> Directory | None:
        """The newest directory if it is newer than `newer_than`."""

    def read_events(self, after: int, limit: int) -> list[tuple[int, AnyEvent | None]]:
        """About `limit` events after the place `after`, in order, each with its place; None: one that cannot be read.

        Places only grow, and no event ever appears at or before a place that was read.
        """

    def note_drained(self, place: int, now_ms: int) -> None:
        """Says that every reader has read up to `place`: what no restarting edge needs of it may go."""

    def close(self) -> None: ...
