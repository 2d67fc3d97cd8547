"""Opens a table whatever wrote it, and streams its rows with the lines they stand on.

Nothing is dropped silently: a row that does not fit is a Problem, lines before the header are `preamble`, totals and
copyright lines after the rows are `footer`. Rows without any text are passed over. NUL bytes are taken out.
"""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

from ringtrace.core.errors import UnreadableBody
from ringtrace.intake.files.layout import lay_out, name_columns
from ringtrace.intake.files.opening import Bytes, find_encoding
from ringtrace.intake.files.rejected import is_rejected_file, unguard
from ringtrace.intake.port import Problem

Line = tuple[int, dict[str, str] | Problem]

LONGEST_LINE = 8 * 2**20
_HEAD = 2**18
_MOST_HELD = 500
_NOTHING = ("", "-", "--")  # Google's own sign for nothing stands before some of its totals
_TOTAL = re.compile(
    r"\s*(?:(?:grand total|totals?|gesamt|insgesamt|gesamtsumme|summe|total général)\s*(?::.*)?"
    r"|(?:results from|ergebnisse aus|résultats de) \d.*|[©@(c]+\s*\d{4} microsoft .*)\s*\Z",
    re.IGNORECASE | re.DOTALL,
)
_MAY_BE_TOTAL = frozenset(("", *" \t\u00a0tTgGiIsSrReE©@(-"))
_Fields = tuple[int, list[str] | Problem]


class Table:
    """A table in a file. `header`: its columns, made distinct; `preamble`: the lines before it; `footer`: lines after
    the rows (totals, a copyright) with their cells, known once the rows have been read to the end; `notes`: what was
    odd about the file; `header_line`: from 1; `kept`: where it is a dict, the rows read, by line, until the reader
    takes them out. Made by `open_table`."""

    def __init__(self, source: Bytes, *, delimiter: str | None = None) -> None:
        found = find_encoding(source)
        self._source = source
        self._position: Callable[[], int] = int
        self.encoding = found.name
        self.total_bytes = source.total_bytes
        self.notes: tuple[str, ...] = (found.note,) if found.note else ()
        layout = lay_out(self._head(), delimiter)
        self.delimiter = layout.delimiter
        self.preamble = layout.preamble
        self.header_line = layout.line
        self.header = name_columns(layout.header)
        self.footer: tuple[tuple[int, dict[str, str]], ...] = ()
        self.kept: dict[int, dict[str, str]] | None = None

    @property
    def bytes_read(self) -> int:
        """How far the latest `rows` has come, of `total_bytes`; ahead of the row by what the readers buffer."""
        return self._position()

    def rows(self, start_row: int = 0) -> Iterator[Line]:
        """(physical line from 1, the row by column) or (line, Problem), from row number `start_row` (0-based; Problems
        are rows too). Skipping reads on without making rows of it: about a second a million."""
        header, is_ours = self.header, is_rejected_file(self.header)
        for line, fields in islice(self._records(), start_row, None):
            if isinstance(fields, Problem):
                yield line, fields
            else:
                row = dict(zip(header, map(unguard, fields) if is_ours else fields, strict=False))
                if self.kept is not None:
                    self.kept[line] = row
                yield line, row

    def samples(self, most: int = 1_000) -> list[dict[str, str]]:
        """The first good rows."""
        position = self._position
        found = list(islice((row for _, row in self.rows() if not isinstance(row, Problem)), most))
        self._position = position
        return found

    def column(self, name: str) -> Iterator[str]:
        """One column's cells from the top, for guessing its style."""
        position = self._position
        for _, row in self.rows():
            if not isinstance(row, Problem):
                yield row.get(name, "")
        self._position = position

    def _text(self) -> TextIO:
        stream, self._position = self._source.open()
        return io.TextIOWrapper(stream, encoding=self.encoding, errors="replace", newline="")

    def _head(self) -> str:
        with self._text() as text:
            head = text.read(_HEAD)
        head = head.lstrip("\ufeff").replace("\0", "")
        whole = len(head) < _HEAD // 2
        return head if whole or "\n" not in head else head[: head.rindex("\n") + 1]

    def _records(self) -> Iterator[_Fields]:
        """Rows as cells. Totals are held back until a row after them shows that they were rows."""
        held: list[tuple[int, list[str]]] = []
        with self._text() as text:
            for line, fields in _Walk(text, self.delimiter, self.header, self.header_line).rows():
                if not isinstance(fields, Problem) and fields[0][:1] in _MAY_BE_TOTAL and _is_total(fields):
                    held.append((line, fields))
                    if len(held) < _MOST_HELD:
                        continue
                for before in held:
                    yield self._fitted(*before)
                if not (held and held[-1][0] == line):
                    yield self._fitted(line, fields)
                held = []
        self.footer = tuple((line, dict(zip(self.header, fields, strict=False))) for line, fields in held)

    def _fitted(self, line: int, fields: list[str] | Problem) -> _Fields:
        """The row as it is where it has as many cells as the header, without blank ones too many, else a Problem."""
        if isinstance(fields, Problem) or len(fields) == len(self.header):
            return line, fields
        width = len(self.header)
        if len(fields) > width and not any(cell.strip() for cell in fields[width:]):
            return line, fields[:width]
        return line, _ragged(line, fields, self.header)


class _Walk:
    """One walk through a file, row by row, that finds its way back where a quote is left open."""

    def __init__(self, text: TextIO, delimiter: str, header: Sequence[str], header_line: int) -> None:
        self._text = text
        self._delimiter = delimiter
        self._header = header
        self._before = header_line - 1  # physical lines before what the reader has seen
        self._again: deque[str] = deque()
        self._pending: list[str] = []  # the physical lines of the row that is being read
        self._cut = False
        for _ in range(header_line - 1):
            self._next_line()

    def rows(self) -> Iterator[_Fields]:
        rows = self._with_header()
        next(rows, None)
        yield from rows

    def _with_header(self) -> Iterator[_Fields]:
        pending = self._pending
        while True:
            reader = csv.reader(self._feed(), delimiter=self._delimiter)
            start, done = self._before, 0
            try:
                for fields in reader:
                    first, done = done + 1, reader.line_num
                    if done != first and not self._is_sound():
                        break
                    if self._cut:
                        self._cut = False
                        yield start + first, self._too_long(start + first)
                    elif fields and (fields[0] or any(fields)):
                        yield start + first, fields
                    pending.clear()
                else:
                    return
            except csv.Error:
                first = done + 1
            self._before = start + first
            broken, self._pending[:] = self._pending[:1], self._pending[1:]
            self._again.extendleft(reversed(pending))
            pending.clear()
            yield self._before, self._broken(self._before, broken)

    def _feed(self) -> Iterator[str]:
        keep = self._pending.append
        while line := self._again.popleft() if self._again else self._next_line():
            keep(line)
            yield line

    def _next_line(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            self._cut = True
            while (more := self._text.readline(LONGEST_LINE)) and more[-1] not in "\r\n":
                pass
            return "\n"
        return line.replace("\0", "") or "\n" if "\0" in line else line

    def _is_sound(self) -> bool:
        """Whether a row of several lines has its quotes as they should be. One left open eats rows until the next."""
        try:
            return len(list(csv.reader(iter(self._pending), delimiter=self._delimiter, strict=True))) <= 1
        except csv.Error:
            return False

    def _broken(self, line: int, lines: Sequence[str]) -> Problem:
        text = lines[0][:LONGEST_LINE] if lines else ""
        cells = text.replace('"', "").rstrip("\r\n").split(self._delimiter)
        raw = dict(zip(self._header, cells, strict=False))
        if text.count('"') % 2 == 0 and len(text) > csv.field_size_limit():
            message = f"A cell of this row is longer than {csv.field_size_limit():,} characters."
            return Problem(line=line, message=message, hint="Shorten it, or leave that column out of the export.")
        return Problem(
            line=line,
            message="A quotation mark is opened in this row and not closed as it should be.",
            hint='Write a mark inside a cell twice (""), and quote the whole cell.',
            raw=raw,
        )

    @staticmethod
    def _too_long(line: int) -> Problem:
        message = f"This line is longer than {LONGEST_LINE:,} characters."
        return Problem(line=line, message=message, hint="Check that the file has line ends.")


def _is_total(fields: Sequence[str]) -> bool:
    first = next((cell for cell in fields if cell.strip() not in _NOTHING), "")
    return bool(_TOTAL.match(first))


def _ragged(line: int, fields: Sequence[str], header: Sequence[str]) -> Problem:
    count, width = len(fields), len(header)
    cells = "1 cell" if count == 1 else f"{count} cells"
    return Problem(
        line=line,
        message=f"This row has {cells}, the header has {width}.",
        hint="Quote cells that hold the separator." if count > width else "Add what is missing, empty if need be.",
        raw=dict(zip(header, fields, strict=False)),
    )


def open_table(file: Path | str | BinaryIO, *, delimiter: str | None = None) -> Table:
    """Opens a path or a seekable binary file (which the caller closes). `delimiter` None: found out.

    Encodings: UTF-8 and UTF-16 with and without a mark, UTF-32 with one, else cp1252. Raises UnreadableBody for an
    empty file and what is no table of text, OSError where the file cannot be read.
    """
    if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
        raise UnreadableBody(f"{delimiter[:20]!r} cannot part cells.", hint="Use one sign, such as a comma.")
    return Table(Bytes(file), delimiter=delimiter)


__all__ = ["LONGEST_LINE", "Line", "Table", "open_table"]
