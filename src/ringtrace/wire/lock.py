"""One of a kind: a lock that a process holds on a file for as long as it lives, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ringtrace.core.errors import DataDirBusy


@contextmanager
def only_one(path: Path, what: str) -> Iterator[None]:
    """Holds `path` locked while the block runs. Raises DataDirBusy if another process holds it; `what` names that."""
    with path.open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise DataDirBusy(
                f"Another {what} runs on {path.parent}.", hint="Stop it, or choose another directory by --data."
            ) from error
        yield
