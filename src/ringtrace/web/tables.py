"""Every table that a person may take out, as CSV and as Parquet: one registry for the page, the files and the docs.

CSV is streamed a page of rows at a time, so that a million rows take no more memory than a hundred. Text that a
spreadsheet would take for a formula has an apostrophe before it there; Parquet has every value as it is.
"""

from __future__ import annotations

import csv
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from msgspec import Struct

from ringtrace.core.clock import at_from_ms
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.lake.reader import LakeReader
from ringtrace.lake.taking_out import count_rows, fact_sql, query_to_parquet, rows_to_parquet, stream
from ringtrace.reports.asked import Answer
from ringtrace.reports.questions import Scope
from ringtrace.web.csv import BOM, csv_rows, guarded
from ringtrace.web.ledger_tables import LEDGER
from ringtrace.web.models import Company
from ringtrace.web.table_columns import Column, fact_columns

MOST_ROWS = 5_000_000
FORMS = ("csv", "parquet")
_ROWS_A_PIECE = 500


class Table(Struct, frozen=True, kw_only=True):
    """`fact`: of the lake, "" for a table of the ledger or of an answer. `columns` (): they follow from the question.
    `page`: the name of the page that shows it."""

    name: str
    title: str
    plain: str
    page: str
    columns: tuple[Column, ...] = ()
    fact: str = ""
    has_callers: bool = False
    is_of_a_span: bool = True


def _ledger(name: str, title: str, plain: str, page: str, **more: Any) -> Table:
    return Table(name=name, title=title, plain=plain, page=page, columns=LEDGER[name].columns, **more)


def _lake(name: str, title: str, plain: str, fact: str) -> Table:
    return Table(name=name, title=title, plain=plain, page="journeys", columns=fact_columns(fact), fact=fact)


_ALL = (
    _ledger("calls", "Calls", "Every call, a row each, with what brought it.", "calls", has_callers=True),
    _ledger("visits", "Visits", "Every visit of your sites, with its source.", "sources"),
    _ledger("outcomes", "Outcomes", "What came of calls and contacts: leads, appointments, sales, refunds.", "calls"),
    _ledger("contacts", "Contacts", "Forms, chats and store visits.", "metrics"),
    _ledger("spend", "Spend", "What was spent, a row a day and name.", "imports"),
    _ledger("numbers", "Numbers", "Your tracking numbers as they are now.", "numbers", is_of_a_span=False),
    _lake("credits", "Credit", "A row a response and touch, with the share that each model gives it.", "credits"),
    _lake("touchpoints", "Touchpoints", "The steps of all journeys, whether they led to a call or not.", "touchpoints"),
    _lake("conversions", "Conversions", "What counts, with the response that it came of.", "conversions"),
    Table(
        name="sources",
        title="A level of the sources",
        plain="The lines of Sources, as that page shows them: same days, model and way down.",
        page="sources",
    ),
    Table(
        name="landing_pages",
        title="Landing pages",
        plain="Visits, calls and what came of them by the first page of the visit.",
        page="landing_pages",
    ),
    Table(
        name="explore",
        title="An answer of the explorer",
        plain="Any metrics by any dimensions; the address of Metrics says which.",
        page="metrics",
    ),
)
TABLES: Mapping[str, Table] = {table.name: table for table in _ALL}


def find_table(name: str) -> Table:
    """Raises NotFound."""
    if name not in TABLES:
        raise NotFound("There is no such table.", hint=f"Choose of: {', '.join(TABLES)}.")
    return TABLES[name]


class Taken(Struct, frozen=True, kw_only=True):
    """A file on its way: how many rows of its table it has, and its bytes, in pieces or as an open file."""

    rows: int
    pieces: Iterator[bytes] | None = None
    file: IO[bytes] | None = None


def take(table: Table, form: str, company: Company, scope: Scope, *, may_see: bool) -> Taken:
    """A table of the ledger or the lake, in the span. Raises BadInput for more rows than a file can have."""
    if table.fact:
        return _take_fact(table, form, company, scope)
    rows = LEDGER[table.name].rows(company, scope.since_ms, scope.until_ms)
    return take_rows(table, form, company, rows, may_see=may_see)


def take_rows(table: Table, form: str, company: Company, rows: QuerySet[Any], *, may_see: bool) -> Taken:
    """These rows of a table of the ledger. Raises BadInput for more than a file can have."""
    count = check_rows(rows.count())
    cells = LEDGER[table.name].read(rows, may_see=may_see)
    if form == "parquet":
        types = {one.name: one.kind for one in table.columns}
        return Taken(rows=count, file=_written(lambda path: rows_to_parquet(cells, types, path)))
    return Taken(rows=count, pieces=csv_pieces(table.columns, _in_order(table.columns, cells), company.zone))


def take_answer(answer: Answer, form: str, company: Company) -> Taken:
    """An answer of the reports: its lines and its total, with what it was made of on every row."""
    rows = list(csv_rows(answer, time_zone=company.time_zone, currency=company.currency))
    count = max(0, len(rows) - 1)
    if form == "csv":
        return Taken(rows=count, pieces=_pieces([_plain(cell) for cell in row] for row in rows))
    head = [str(name) for name in rows[0]]
    numbers = {name for nth, name in enumerate(head) if any(isinstance(row[nth], int | float) for row in rows[1:])}
    types = {name: "DOUBLE" if name in numbers else "VARCHAR" for name in head}
    lines = ({name: cell if cell != "" else None for name, cell in zip(head, row, strict=True)} for row in rows[1:])
    return Taken(rows=count, file=_written(lambda path: rows_to_parquet(lines, types, path)))


def _take_fact(table: Table, form: str, company: Company, scope: Scope) -> Taken:
    lake = LakeReader(scope.lake, company.pk)
    sql = fact_sql(lake, table.fact, [one.name for one in table.columns], scope.since_ms, scope.until_ms)
    rows = check_rows(count_rows(sql))
    if form == "parquet":
        return Taken(rows=rows, file=_written(lambda path: query_to_parquet(sql, path)))
    return Taken(rows=rows, pieces=csv_pieces(table.columns, stream(sql), company.zone))


def check_rows(rows: int) -> int:
    """Raises BadInput."""
    if rows > MOST_ROWS:
        raise BadInput(f"That is {rows:,} rows; a file has at most {MOST_ROWS:,}.", hint="Choose fewer days.")
    return rows


def _written(write: Callable[[Path], object]) -> IO[bytes]:
    """The file that `write` makes, open and already without a name: whoever closes it has it gone."""
    folder = Path(tempfile.mkdtemp(prefix="ringtrace-"))
    try:
        path = folder / "table.parquet"
        write(path)
        return path.open("rb")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _in_order(columns: Sequence[Column], rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Any, ...]]:
    names = [one.name for one in columns]
    return (tuple(row[name] for name in names) for row in rows)


def csv_pieces(columns: Sequence[Column], rows: Iterable[Sequence[Any]], zone: ZoneInfo) -> Iterator[bytes]:
    """The head and the rows, some hundred rows a piece."""
    kinds = [one.kind for one in columns]
    lines = ([_cell(value, kind, zone) for value, kind in zip(row, kinds, strict=True)] for row in rows)
    return _pieces(lines, [one.name for one in columns])


def _pieces(rows: Iterable[Sequence[str]], head: Sequence[str] = ()) -> Iterator[bytes]:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    text.write(BOM)
    if head:
        writer.writerow(head)
    for nth, row in enumerate(rows, 1):
        writer.writerow(row)
        if nth % _ROWS_A_PIECE == 0:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _cell(value: Any, kind: str, zone: ZoneInfo) -> str:
    """As CSV has it. Times are the company's own, with their offset."""
    if value is None:
        return ""
    if kind == "TIMESTAMP":
        return _local(value, zone)
    if isinstance(value, list | tuple):
        return guarded(", ".join(map(str, value)))
    return _plain(value)


def _plain(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return str(int(value)) if value.is_integer() else repr(round(value, 9))
        case str():
            return guarded(value)
        case datetime():
            return value.isoformat()
        case _:
            return str(value)


def _local(ms: int, zone: ZoneInfo) -> str:
    return at_from_ms(ms).astimezone(zone).isoformat(timespec="seconds")
