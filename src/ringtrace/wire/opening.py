"""Opens the store that edge, web and worker share, by where it is."""

from __future__ import annotations

from pathlib import Path

from ringtrace.wire.sqlite import SqliteWire
from ringtrace.wire.store import WireStore


def open_wire(where: str | Path) -> WireStore:
    """`where`: the path of the embedded store. Raises StoreUnavailable, StoreBehind."""
    return SqliteWire(Path(where))
