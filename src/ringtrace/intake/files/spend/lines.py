"""One row of a vendor's export as spend."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from datetime import date, timedelta

from ringtrace.intake.files.mapping import ColumnMap
from ringtrace.intake.files.moments import read_date
from ringtrace.intake.files.rows import Cells, Styles
from ringtrace.intake.files.spend.port import SpendFile
from ringtrace.intake.files.values import currency_in, read_count, read_micros
from ringtrace.intake.port import SpendIn, What

_LONGEST_NAME = 500


def line_reader(file: SpendFile, names_of_row: tuple[str, ...]) -> Callable[[Mapping[str, str]], SpendIn]:
    """Makes rows of this file to spend. What it makes raises BadInput for a row that cannot be booked."""
    mapping = ColumnMap(what=What.SPEND, columns=file.columns, fixed=file.fixed)
    styles = Styles(file.numbers, file.dates, "UTC")
    named = [file.columns[field] for field in names_of_row if field in file.columns]

    def read(row: Mapping[str, str]) -> SpendIn:
        cells = Cells(row, mapping, styles)
        if named and not any(row.get(column, "").strip() for column in named):
            raise cells.refuse("cost", "The row has no names: it is the sum of the others, and is left out.")
        since, until = _days(cells, file)
        clicks, impressions = _count(cells, "clicks"), _count(cells, "impressions")
        return SpendIn(
            since_on=since,
            until_on=until,
            cost_micros=_cost(cells, shown=bool(clicks or impressions)),
            currency=_currency(cells, file),
            source=cells.text("source", 200).lower() or file.source,
            medium=cells.text("medium", 200).lower() or file.medium,
            campaign=cells.text("campaign", _LONGEST_NAME),
            ad_group=cells.text("ad_group", _LONGEST_NAME),
            keyword=_bare_keyword(cells.text("keyword", _LONGEST_NAME)),
            clicks=clicks,
            impressions=impressions,
        )

    return read


def _days(cells: Cells, file: SpendFile) -> tuple[date, date]:
    since, until = _row_days(cells, file)
    if since > until:
        raise cells.refuse("until_day", "The row ends before it starts.", "Check its two dates.")
    return since, until


def _row_days(cells: Cells, file: SpendFile) -> tuple[date, date]:
    """The row's own day, week, month or period; the file's where no column tells one."""
    if "day" in file.columns:
        day = _date(cells, "day")
        return day, _date(
            cells, "until_day"
        ) if "until_day" in file.columns and "since_day" not in file.columns else day
    if "since_day" in file.columns:
        since = _date(cells, "since_day")
        return since, _date(cells, "until_day") if "until_day" in file.columns else since
    if "week" in file.columns:
        week = _date(cells, "week")
        return week, week + timedelta(days=6)
    if "month" in file.columns:
        month = _date(cells, "month").replace(day=1)
        return month, month.replace(day=calendar.monthrange(month.year, month.month)[1])
    if file.period is None:
        raise cells.refuse("", "The row has no day, and the file no period.", "Say which days the file is of.")
    return file.period


def _date(cells: Cells, field: str) -> date:
    day = cells.read(field, lambda said: read_date(said, cells.styles.dates))
    if day is None:
        raise cells.refuse(field, "The row has no day.", "Fill in its day, such as 2026-05-31.")
    return day


def _count(cells: Cells, field: str) -> int | None:
    return cells.read(field, lambda said: read_count(said, cells.styles.numbers))


def _cost(cells: Cells, *, shown: bool) -> int:
    micros = cells.read("cost_micros", read_count)
    if micros is None:
        micros = cells.read("cost", lambda said: read_micros(said, cells.styles.numbers))
    if micros is None and shown:
        raise cells.refuse(
            "cost", "The row has clicks or impressions and no cost.", "Fill in its cost; 0 if it was free."
        )
    if micros is not None and micros < 0:
        raise cells.refuse("cost", "The row's cost is less than nothing.", "Enter credits in the days they lower.")
    return micros or 0  # nobody saw it: it cost nothing


def _currency(cells: Cells, file: SpendFile) -> str | None:
    code = cells.text("currency", 20).upper()
    if code and not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise cells.refuse("currency", f"{code!r} is not a currency.", "Write its code, such as EUR.")
    return code or currency_in(cells.text("cost", 80)) or file.currency


def _bare_keyword(text: str) -> str:
    """Without the marks of its match type: `[tow truck]`, `"tow truck"`, `+tow +truck`."""
    if len(text) > 2 and (text[0], text[-1]) in (("[", "]"), ('"', '"')):
        return text[1:-1].strip()
    return " ".join(word.removeprefix("+") for word in text.split(" ")) if "+" in text else text
