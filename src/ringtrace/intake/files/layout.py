"""Where the table is in a file: which sign parts its cells, and which line is its header.

Exports put lines before the header: Google Ads a title and a date range (seen in real exports), Microsoft Advertising a
block of `Report Name: …` lines and a blank one (learn.microsoft.com, "Reports" guide), spreadsheets `sep=;`.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from ringtrace.core.errors import UnreadableBody

DELIMITERS = (",", "\t", ";", "|")
_MOST_ROWS = 300
_SEP = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)
_TOLD = re.compile(r"[^\W\d][\w ./()-]*:(\s|\Z)")  # `Report Name: …`
_LETTER = re.compile(r"[^\W\d_]")
_FIGURE = re.compile(r"[\s\d.,:/%€$£+-]*\Z")

_Cells = tuple[int, list[str]]


class Layout(Struct, frozen=True):
    """`line`: the header's first line, from 1. `header`: its cells as written."""

    delimiter: str
    preamble: tuple[str, ...]
    line: int
    header: tuple[str, ...]


class _Guess(Struct):
    score: float
    delimiter: str
    rows: list[_Cells]
    at: int


def lay_out(head: str, delimiter: str | None = None) -> Layout:
    """The layout of a table that starts with `head`. Raises UnreadableBody where there is nothing."""
    if not head.strip():
        raise UnreadableBody("The file is empty.", hint="Export it again, with its header and rows.")
    told = _SEP.fullmatch(head.splitlines()[0])
    wanted = delimiter or (told[1] if told else None)
    guesses = [_guess(head, sign) for sign in ((wanted,) if wanted else DELIMITERS)]
    best = max(guesses, key=lambda guess: guess.score)
    line, header = best.rows[best.at]
    before = (best.delimiter.join(cells).strip(best.delimiter + " \t") for _, cells in best.rows[: best.at])
    return Layout(best.delimiter, tuple(text for text in before if text), line, tuple(header))


def name_columns(header: Sequence[str]) -> tuple[str, ...]:
    """Trimmed and distinct: `Name`, `Name (2)`; one without a name is `column 3`; blank ones at the end are dropped."""
    names = [cell.strip().lstrip("\ufeff") for cell in header]
    while len(names) > 1 and not names[-1]:
        names.pop()
    seen: Counter[str] = Counter()
    taken = set(names)
    found = []
    for number, name in enumerate(names, 1):
        plain = name or f"column {number}"
        seen[plain] += 1
        told = plain
        while seen[plain] > 1 and (told := f"{plain} ({seen[plain]})") in taken:
            seen[plain] += 1
        taken.add(told)
        found.append(told)
    return tuple(found)


def _guess(head: str, delimiter: str) -> _Guess:
    """The best reading by this delimiter: the more cells stand in rows as wide as their header, the better."""
    rows = _rows(head, delimiter)
    readings = [(_score(rows, width, at), at) for width in _widths(rows) if (at := _header_at(rows, width)) is not None]
    score, at = max(readings, key=lambda reading: (reading[0], -reading[1]), default=(0.0, 0))
    return _Guess(score, delimiter, rows, at)


def _score(rows: Sequence[_Cells], width: int, at: int) -> float:
    header = [cell for cell in rows[at][1] if cell.strip()]
    likeness = sum(bool(_LETTER.search(cell)) and not _FIGURE.match(cell) for cell in header) / len(header)
    same = sum(len(cells) == width for _, cells in rows[at:])
    return max(same, 1) * (width - 1) * (0.02 + likeness)


def _rows(head: str, delimiter: str) -> list[_Cells]:
    """The first rows that hold something, each with its first line."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    rows: list[_Cells] = []
    before = 0
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells) and not (before == 0 and cells[0].lower().startswith("sep=")):
                rows.append((before + 1, cells))
            before = reader.line_num
            if len(rows) >= _MOST_ROWS:
                break
    except csv.Error:  # a cell beyond the reader's limit: what came before it must do
        pass
    return rows or [(1, [head.splitlines()[0]])]


def _widths(rows: Sequence[_Cells]) -> list[int]:
    """How many cells a row may have. One wide row among many is no table, but the last may be a header without rows."""
    counts = Counter(len(cells) for _, cells in rows)
    last = max((number for number, (_, cells) in enumerate(rows) if len(cells) > 1), default=0)
    alone = len(rows[last][1])
    return [width for width, n in counts.items() if width > 1 and (n > 1 or width == alone or len(rows) < 4)]


def _header_at(rows: Sequence[_Cells], width: int) -> int | None:
    trailing = all(not cells[-1].strip() for _, cells in rows if len(cells) == width)
    for number, (_, cells) in enumerate(rows):
        filled = sum(bool(cell.strip()) for cell in cells)
        fits = len(cells) == width or len(_trimmed(cells)) == width or (trailing and len(cells) == width - 1)
        if fits and filled * 2 >= width and not (_TOLD.match(cells[0].strip()) and filled <= 2 < width):
            return number
    return None


def _trimmed(cells: Sequence[str]) -> Sequence[str]:
    end = len(cells)
    while end and not cells[end - 1].strip():
        end -= 1
    return cells[:end]
