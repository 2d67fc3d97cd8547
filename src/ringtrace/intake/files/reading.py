"""Opens a table whatever wrote it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ringtrace.intake.port import Problem

Line = tuple[int, dict[str, str] | Problem]


class Table:
    """A table in a file. `header`: its columns, made distinct; `preamble`: the lines before it; `footer`: the lines
    after the rows (totals, a copyright), known once the rows have been read; `notes`: what was odd about the file."""

    header: tuple[str, ...]
    preamble: tuple[str, ...]
    footer: tuple[tuple[int, dict[str, str]], ...]
    notes: tuple[str, ...]
    encoding: str
    delimiter: str
    total_bytes: int

    @property
    def bytes_read(self) -> int:
        """How far the latest `rows` has come, of `total_bytes`."""
        raise NotImplementedError

    def rows(self, start_row: int = 0) -> Iterator[Line]:
        """(physical line from 1, the row by column) or (line, Problem), from row number `start_row` (0-based)."""
        raise NotImplementedError

    def samples(self, most: int = 200) -> list[dict[str, str]]:
        """The first good rows."""
        raise NotImplementedError


def open_table(file: Path | str | BinaryIO, *, delimiter: str | None = None) -> Table:
    """Raises UnreadableBody for what is no table."""
    raise NotImplementedError
