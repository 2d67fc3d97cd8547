"""The cells of one row, read by a mapping; what cannot be read says which column it is in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.phones import read_phone
from ringtrace.intake.files.mapping import ColumnMap
from ringtrace.intake.files.moments import DateStyle, guess_date_style, read_moment, zone_of
from ringtrace.intake.files.reading import Table
from ringtrace.intake.files.values import NumberStyle, guess_number_style, is_empty
from ringtrace.intake.port import PersonIn, Problem

_LONGEST_TEXT = 2_000
_LONGEST_ID = 200
In = TypeVar("In")
Read = TypeVar("Read")


class BadCell(BadInput):
    """A cell that cannot be read, with its column's name."""

    def __init__(self, column: str, message: str, hint: str) -> None:
        super().__init__(message, hint=hint)
        self.column = column


class Styles(Struct, frozen=True):
    """How a file's numbers and dates are written, decided once for the whole file."""

    numbers: NumberStyle
    dates: DateStyle
    zone: str


class Cells:
    """One row's cells by our fields' names."""

    __slots__ = ("_columns", "_fixed", "_row", "styles")

    def __init__(self, row: Mapping[str, str], mapping: ColumnMap, styles: Styles) -> None:
        self._row = row
        self._columns = mapping.columns
        self._fixed = mapping.fixed
        self.styles = styles

    def text(self, field: str, longest: int = _LONGEST_TEXT) -> str:
        """The cell, trimmed and cut, or what is fixed; "" where there is neither. `="2"`, as Housecall Pro and others
        write ids for spreadsheets, is `2`."""
        column = self._columns.get(field)
        if column is None:
            return self._fixed.get(field, "")[:longest]
        said = self._row.get(column, "").strip()
        if said.startswith('="') and said.endswith('"'):
            said = said[2:-1].strip()
        if is_empty(said):
            said = self._fixed.get(field, "")
        return said[:longest]

    def read(self, field: str, reader: Callable[[str], Read]) -> Read:
        """What a reader makes of the cell. Raises BadCell."""
        try:
            return reader(self.text(field))
        except BadInput as error:
            raise BadCell(self._columns.get(field, field), str(error.args[0]), error.hint) from error

    def moment(self, field: str, *, end_of_day: bool = False, needs_time: bool = False) -> int | None:
        styles = self.styles
        return self.read(
            field,
            lambda said: read_moment(said, styles.zone, styles.dates, end_of_day=end_of_day, needs_time=needs_time),
        )

    def refuse(self, field: str, message: str, hint: str = "") -> BadCell:
        return BadCell(self._columns.get(field, ""), message, hint)


def styles_of(table: Table, mapping: ColumnMap, zone: str, money: tuple[str, ...], times: tuple[str, ...]) -> Styles:
    """The styles that the mapping says, or that the columns show. Reads as far as it must, which may be all of it."""
    zone_of(mapping.zone or zone)
    numbers, dates = mapping.numbers, mapping.dates
    if numbers is None:
        numbers = _first_sure(
            (guess_number_style(cells) for cells in _cells(table, mapping, money)), NumberStyle.AMBIGUOUS
        )
    if dates is None:
        dates = _first_sure((guess_date_style(cells) for cells in _cells(table, mapping, times)), DateStyle.AMBIGUOUS)
    return Styles(numbers, dates, mapping.zone or zone)


def read_rows(
    table: Table, start_row: int, read: Callable[[Mapping[str, str]], In]
) -> Iterator[tuple[int, In | Problem]]:
    """Each row as `read` makes it; what it refuses is a Problem with the row."""
    for line, row in table.rows(start_row):
        if isinstance(row, Problem):
            yield line, row
            continue
        try:
            yield line, read(row)
        except BadCell as error:
            yield line, problem(line, row, error, error.column)
        except BadInput as error:
            yield line, problem(line, row, error)


def problem(line: int, row: Mapping[str, str], error: BadInput, column: str = "") -> Problem:
    return Problem(line=line, message=str(error.args[0]), hint=error.hint, column=column, raw=row)


def read_person(cells: Cells, region: str | None, system: str) -> PersonIn:
    """Who the row is about. A number or an address that cannot be read is refused: it would be another person."""
    phone = cells.text("phone").lstrip("'")
    email = cells.text("email").lower()
    if email and ("@" not in email[1:-1] or any(char.isspace() for char in email)):
        raise cells.refuse("email", f"{email[:60]!r} is not an e-mail address.", "Write it like name@example.com.")
    crm_id = cells.text("crm_id", _LONGEST_ID)
    if crm_id and ":" not in crm_id:
        crm_id = f"{system}:{crm_id}" if system else ""
    return PersonIn(
        phone_e164=cells.read("phone", lambda _: read_phone(phone, region)) if phone else None,
        email=email or None,
        crm_id=crm_id or None,
        name=(cells.text("person_name", _LONGEST_ID) or None),
    )


Style = TypeVar("Style", NumberStyle, DateStyle)


def _first_sure(styles: Iterator[Style], ambiguous: Style) -> Style:
    return next((style for style in styles if style is not ambiguous), ambiguous)


def _cells(table: Table, mapping: ColumnMap, fields: tuple[str, ...]) -> Iterator[Iterator[str]]:
    return (table.column(mapping.columns[field]) for field in fields if field in mapping.columns)
