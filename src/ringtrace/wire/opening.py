"""Opens the store that edge, web and worker share, by where it is."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

from ringtrace.wire.sqlite import SqliteWire
from ringtrace.wire.store import WireStore

_SCHEMES = ("postgresql://", "postgres://")


def is_database(where: str | Path) -> bool:
    """Whether a store is named by a database's URL, and not by a path."""
    return isinstance(where, str) and where.startswith(_SCHEMES)


def open_wire(where: str | Path) -> WireStore:
    """`where`: the path of the embedded store, or postgresql://… . Raises StoreUnavailable, StoreBehind, BadInput."""
    if not is_database(where):
        return SqliteWire(Path(where))
    postgres = import_module("ringtrace.wire.postgres")  # its driver is loaded only where it is used
    opened: WireStore = postgres.PostgresWire(where)
    return opened
