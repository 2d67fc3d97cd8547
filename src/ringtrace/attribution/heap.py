"""Freed memory is kept while a large pass runs: giving it back to the system and taking it anew, page by page, would be
a third of the pass's processor time."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3) of the GNU C library
_KEPT_BYTES, _MAPPED_FROM_BYTES = 1 << 29, 1 << 26
_DEFAULT_BYTES = 128 << 10
_LARGE_ROWS = 500_000


@contextmanager
def kept_heap(rows: int) -> Iterator[None]:
    """For a pass over so many rows; afterwards all is given back. Does nothing for small passes, and where the C
    library is another one."""
    library = ctypes.CDLL(None) if rows >= _LARGE_ROWS else None
    if library is None or not hasattr(library, "mallopt"):
        yield
        return
    library.mallopt(_MMAP_THRESHOLD, _MAPPED_FROM_BYTES)
    library.mallopt(_TRIM_THRESHOLD, _KEPT_BYTES)
    try:
        yield
    finally:
        library.mallopt(_MMAP_THRESHOLD, _DEFAULT_BYTES)
        library.mallopt(_TRIM_THRESHOLD, _DEFAULT_BYTES)
        library.malloc_trim(0)
