"""Groups the rows of a log into journeys in one pass, in memory or, beyond a budget, over a file.

Rows arrive in input order as (hash of the journey's id, payload); the payload holds time, player and flags in one
integer. They are dealt to partitions by the first bits of the hash, which keeps each small enough for the
processor's cache, and within a partition sorted by radix on 32 further bits, stably, so that a log in order of time is
never compared. Whatever the order of the input, what comes out is in the same order.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from dataclasses import dataclass, field
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]
Ints = NDArray[np.int64]

ROWS_A_PARTITION = 160_000
MOST_BITS = 14
_DEALT_ROWS = 100_000  # at once, at least: every deal leaves a slice in each partition
_WRITTEN_ROWS = 1 << 20
_BLOCK_BYTES = 32 << 20


@dataclass
class _Run:
    """Rows dealt to partitions: those of partition n lie from `bounds[n]` to `bounds[n + 1]`; in the file, from
    `offset` on, where there are no arrays."""

    bounds: list[int]
    keys: Keys | None
    payload: Ints | None
    offset: int = 0


@dataclass
class Partitions:
    """`rows` expected (a guess does); `memory_bytes` that rows may take before they go to a file."""

    rows: int
    memory_bytes: int
    _runs: list[_Run] = field(default_factory=list)
    _waiting: list[tuple[Keys, Ints]] = field(default_factory=list)
    _waiting_rows: int = 0
    _file: IO[bytes] | None = None
    _block: NDArray[np.uint8] = field(default_factory=lambda: np.empty(0, dtype=np.uint8))

    def __post_init__(self) -> None:
        wanted = max(self.rows // ROWS_A_PARTITION, 1)
        self.bits = min(max(int(wanted - 1).bit_length(), 1), MOST_BITS)
        self.spills = self.rows * 16 > self.memory_bytes
        if self.spills:
            self._file = tempfile.TemporaryFile(prefix="ringtrace-journeys-")  # noqa: SIM115 - closed with us
            weakref.finalize(self, self._file.close)

    @property
    def count(self) -> int:
        return 1 << self.bits

    def add(self, keys: Keys, payload: Ints) -> None:
        """Takes a batch of rows; both arrays are copied."""
        enough = _WRITTEN_ROWS if self.spills else _DEALT_ROWS
        if len(keys) >= enough:
            self._deal(keys, payload)
            return
        self._waiting.append((keys.copy(), payload.copy()))
        self._waiting_rows += len(keys)
        if self._waiting_rows >= enough:
            self.flush()

    def flush(self) -> None:
        """Deals what is waiting."""
        if self._waiting:
            self._deal(*(np.concatenate(columns) for columns in zip(*self._waiting, strict=True)))
            self._waiting, self._waiting_rows = [], 0

    def _deal(self, keys: Keys, payload: Ints) -> None:
        part = _sixteen_bits(keys, 3) >> np.uint16(16 - self.bits)
        part = part.astype(np.uint8) if self.bits <= 8 else part
        order = np.argsort(part, kind="stable")
        bounds = [0, *np.cumsum(np.bincount(part, minlength=self.count)).tolist()]
        if self._file is None:
            self._runs.append(_Run(bounds, self._kept(keys, order), self._kept(payload, order)))
            return
        keys, payload = keys.take(order), payload.take(order)
        self._runs.append(_Run(bounds, None, None, self._file.tell()))
        self._file.write(keys.data)
        self._file.write(payload.data)

    def _kept(self, column: NDArray[Any], order: Ints) -> NDArray[Any]:
        """The column in this order, in a piece of a large block: memory that is asked for in small pieces costs a page
        fault every 4 kB."""
        size = len(order) * column.itemsize
        if len(self._block) < size:
            self._block = np.empty(max(_BLOCK_BYTES if self.rows * 16 > _BLOCK_BYTES else 0, size), dtype=np.uint8)
        kept = self._block[:size].view(column.dtype)
        self._block = self._block[size:]
        column.take(order, out=kept, mode="clip")
        return kept

    def partition(self, number: int) -> tuple[Keys, Ints]:
        """The rows of one partition, in input order."""
        if self._file is not None:
            self._file.flush()
        keys, payload = [], []
        for run in self._runs:
            low, high = run.bounds[number], run.bounds[number + 1]
            if run.keys is not None and run.payload is not None:
                keys.append(run.keys[low:high])
                payload.append(run.payload[low:high])
            else:
                keys.append(np.frombuffer(self._read(run, low, high), dtype=np.uint64))
                payload.append(np.frombuffer(self._read(run, run.bounds[-1] + low, run.bounds[-1] + high), np.int64))
        if not keys:
            return np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
        return np.concatenate(keys), np.concatenate(payload)

    def _read(self, run: _Run, low: int, high: int) -> bytes:
        assert self._file is not None  # noqa: S101 - a run without arrays lies in the file
        return os.pread(self._file.fileno(), (high - low) * 8, run.offset + low * 8)


def _sixteen_bits(keys: Keys, place: int) -> NDArray[np.uint16]:
    """Bits 16 `place` to 16 `place` + 15 of each key."""
    return np.ascontiguousarray(keys.astype("<u8", copy=False).view("<u2")[place::4])


def group(keys: Keys, payload: Ints) -> tuple[Keys, Ints, Ints]:
    """(keys, payloads, starts) of one partition's rows by journey and, in a journey, by payload: by time, then player.
    `starts` has one entry more than there are journeys."""
    order = np.argsort(_sixteen_bits(keys, 1), kind="stable")
    order = order.take(np.argsort(_sixteen_bits(keys, 0).take(order), kind="stable"))
    keys, payload = keys.take(order), payload.take(order)
    differs = keys[1:] != keys[:-1]
    radix = keys.astype("<u8", copy=False).view("<u4")[::2]
    if not np.array_equal(radix[1:] != radix[:-1], differs):  # two ids that agree in 32 bits: compare them whole
        order = np.argsort(keys, kind="stable")
        keys, payload = keys.take(order), payload.take(order)
        differs = keys[1:] != keys[:-1]
    if bool(np.any((payload[1:] < payload[:-1]) & ~differs)):
        payload = payload.take(np.lexsort((payload, np.concatenate([[0], np.cumsum(differs)]))))
    return keys, payload, _starts(differs, len(keys))


def _starts(differs: NDArray[np.bool_], rows: int) -> Ints:
    inner = np.flatnonzero(differs)
    starts = np.empty(len(inner) + 2 if rows else 1, dtype=np.int64)
    starts[0] = 0
    if rows:
        np.add(inner, 1, out=starts[1:-1])
        starts[-1] = rows
    return starts
