"""The rows that were not taken, as a file to mend and to send again.

A cell that a spreadsheet would run as a formula (it starts with `=`, `+`, `-`, `@`, a tab or a line end; OWASP, "CSV
Injection") gets an apostrophe before it, which is how spreadsheets mark text. Plain numbers and phone numbers stay as
they are. `unguard` takes the apostrophe off again, and the reader of files does so by itself where it meets a header
that ends with our own columns: the apostrophe of another file is the other's.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from typing import TextIO

from ringtrace.intake.port import Problem

OWN_COLUMNS = ("line", "problem", "hint")
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_HARMLESS = re.compile(r"[+-]?[\d][\d .,()/-]*\Z|-{1,3}\Z")


class RejectedFile:
    """Writes Problems as CSV: the original columns, then `line`, `problem`, `hint`. `count`: rows written.

    The file is the caller's, opened for text with `newline=""`; UTF-8 with a mark (`utf-8-sig`) opens well in
    spreadsheets. The header is written at once, unless the file has it: it goes on where it stopped."""

    def __init__(self, file: TextIO, header: Sequence[str], *, with_header: bool = True) -> None:
        self.count = 0
        self._header = tuple(column for column in header if not is_own(header, column))
        self._writer = csv.writer(file)
        if with_header:
            self._writer.writerow([guard(cell) for cell in (*self._header, *OWN_COLUMNS)])

    def add(self, problem: Problem) -> None:
        cells = [problem.raw.get(column, "") for column in self._header]
        said = f"{problem.column}: {problem.message}" if problem.column else problem.message
        self._writer.writerow([guard(cell) for cell in (*cells, str(problem.line), said, problem.hint)])
        self.count += 1


def is_rejected_file(header: Sequence[str]) -> bool:
    """Whether a file is one of ours."""
    return len(header) > len(OWN_COLUMNS) and tuple(header[-3:]) == OWN_COLUMNS


def is_own(header: Sequence[str], column: str) -> bool:
    return is_rejected_file(header) and column in OWN_COLUMNS


def guard(cell: str) -> str:
    """A cell that no spreadsheet runs. One that starts with an apostrophe already gets another, so that `unguard` gives
    each cell back as it was."""
    if cell.startswith("'") or (cell.startswith(_STARTS) and not _HARMLESS.match(cell)):
        return f"'{cell}"
    return cell


def unguard(cell: str) -> str:
    return cell.removeprefix("'")


def unguard_row(row: Mapping[str, str]) -> dict[str, str]:
    return {column: unguard(cell) for column, cell in row.items()}
