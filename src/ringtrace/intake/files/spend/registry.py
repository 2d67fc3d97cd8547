"""Which vendor wrote a file, what kind of report it is, and its rows as spend."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice

from msgspec import structs

from ringtrace.core.errors import BadInput
from ringtrace.intake.files.mapping import ColumnMap, fold_column, guess_map
from ringtrace.intake.files.moments import DateStyle, guess_date_style, read_date
from ringtrace.intake.files.reading import Table
from ringtrace.intake.files.rows import read_rows
from ringtrace.intake.files.spend import generic, google_ads, meta_ads, microsoft_ads
from ringtrace.intake.files.spend.lines import line_reader
from ringtrace.intake.files.spend.port import Format, ReportKind, SpendChoices, SpendFile, ToldTotal, Vendor
from ringtrace.intake.files.values import NumberStyle, guess_number_style, read_micros
from ringtrace.intake.port import Problem, SpendIn, What

FORMATS: Mapping[Vendor, Format] = {
    found.FORMAT.vendor: found.FORMAT for found in (google_ads, microsoft_ads, meta_ads, generic)
}
_NO_CHOICES = SpendChoices()
_PARENTHESES = re.compile(r"\s*\([^)]*\)\s*\Z")
_CODE_IN_HEADER = re.compile(r"\(([A-Z]{3})\)\s*\Z")
_DAYS = ("day", "since_day", "until_day", "week", "month")
_TRIED = 2_000
_ACCOUNT = re.compile(r":\s*(?:account|konto|compte)\s*\Z", re.IGNORECASE)


def detect(table: Table) -> Vendor | None:
    """The vendor whose export this is by its header and the lines before it; None where none is sure."""
    names = _names(table)
    for vendor in (Vendor.META_ADS, Vendor.MICROSOFT_ADS, Vendor.GOOGLE_ADS):
        if FORMATS[vendor].knows(frozenset(names), table.preamble):
            return vendor
    return None


def describe(
    table: Table, vendor: Vendor, *, mapping: ColumnMap | None = None, choices: SpendChoices = _NO_CHOICES
) -> SpendFile:
    """What the file is: kind of report, columns, period, currency, styles, and what stands in the way (`complaints`).

    `mapping` (of spend) goes before the vendor's own names of columns, `choices` before both."""
    known = FORMATS[vendor]
    told = mapping or ColumnMap(what=What.SPEND)
    columns = _columns(table, known, told)
    dates = choices.dates or told.dates or _date_style(table, columns)
    source = choices.source or told.fixed.get("source") or known.source
    medium = choices.medium or told.fixed.get("medium") or known.medium
    header = _CODE_IN_HEADER.search(columns.get("cost", ""))
    file = SpendFile(
        vendor=vendor,
        report=_report(columns),
        columns=columns,
        fixed={field: value for field, value in told.fixed.items() if field not in ("source", "medium", "currency")},
        period=_period(table, known, columns, dates, choices),
        currency=choices.currency or told.fixed.get("currency") or (header[1] if header else None),
        numbers=choices.numbers or told.numbers or _number_style(table, columns),
        dates=dates,
        source=source.lower() or None,
        medium=medium.lower() or None,
    )
    return structs.replace(file, complaints=tuple(_complaints(file, table)))


def read_spend(table: Table, file: SpendFile, *, start_row: int = 0) -> Iterator[tuple[int, SpendIn | Problem]]:
    """(physical line, spend or why not), one a row. Raises BadInput where the file has complaints."""
    if file.complaints:
        raise BadInput(" ".join(file.complaints), hint="Answer these, then import again.")
    return read_rows(table, start_row, line_reader(file, FORMATS[file.vendor].names_of_row))


def totals_of(table: Table, file: SpendFile) -> tuple[ToldTotal, ...]:
    """The totals that the file itself gives, once its rows have been read to the end: to be held against their sum."""
    column = file.columns.get("cost", "")
    found = []
    for _, row in table.footer:
        label = next((cell.strip() for cell in row.values() if cell.strip() not in ("", "-", "--")), "")
        try:
            micros = read_micros(row.get(column, ""), file.numbers)
        except BadInput:
            micros = None
        if micros is not None:
            found.append(ToldTotal(label, micros, bool(_ACCOUNT.search(label))))
    return tuple(found)


def _names(table: Table) -> dict[str, str]:
    """Folded name -> column: as written, and without what stands in brackets at the end."""
    names: dict[str, str] = {}
    for column in table.header:
        names.setdefault(fold_column(column), column)
        names.setdefault(fold_column(_PARENTHESES.sub("", column)), column)
    return names


def _columns(table: Table, known: Format, told: ColumnMap) -> dict[str, str]:
    if known.vendor is Vendor.GENERIC and not told.columns:
        return dict(guess_map(What.SPEND, table.header).columns)
    names = _names(table)
    found = {
        field: next(names[name] for name in wanted if name in names)
        for field, wanted in known.names.items()
        if any(name in names for name in wanted) and known.vendor is not Vendor.GENERIC
    }
    return {**found, **told.columns}


def _report(columns: Mapping[str, str]) -> ReportKind:
    order = (
        ("search_term", ReportKind.SEARCH_TERMS),
        ("keyword", ReportKind.KEYWORDS),
        ("ad", ReportKind.ADS),
        ("ad_group", ReportKind.AD_GROUPS),
        ("campaign", ReportKind.CAMPAIGNS),
    )
    return next((kind for field, kind in order if field in columns), ReportKind.ACCOUNT)


def _date_style(table: Table, columns: Mapping[str, str]) -> DateStyle:
    for field in _DAYS:
        if field in columns and (style := guess_date_style(table.column(columns[field]))) is not DateStyle.AMBIGUOUS:
            return style
    return DateStyle.AMBIGUOUS


def _number_style(table: Table, columns: Mapping[str, str]) -> NumberStyle:
    """By the cost, else by the averages and counts of conversions beside it, which have decimals as well."""
    beside = [name for name in table.header if fold_column(name).startswith(("avg", "cpc", "cpm", "conv", "durchschn"))]
    for column in (*([columns["cost"]] if "cost" in columns else []), *beside[:6]):
        if (style := guess_number_style(table.column(column))) is not NumberStyle.AMBIGUOUS:
            return style
    return NumberStyle.AMBIGUOUS


def _period(
    table: Table, known: Format, columns: Mapping[str, str], dates: DateStyle, choices: SpendChoices
) -> tuple[date, date] | None:
    if any(field in columns for field in ("day", "since_day", "week", "month")):
        return None
    if choices.since_on and choices.until_on:
        return choices.since_on, choices.until_on
    return known.preamble_period(table.preamble, dates)


def _complaints(file: SpendFile, table: Table) -> Iterator[str]:
    for field, column in file.columns.items():
        if column not in table.header:
            yield f"The file has no column {column!r}, which {field} is to be read from."
    if not {"cost", "cost_micros"} & set(file.columns):
        yield "No column tells the cost: map one."
    has_days = any(field in file.columns for field in ("day", "since_day", "week", "month"))
    if not has_days and file.period is None:
        yield "No column tells the day and the file names no period: say which days it is of, or export it by day."
    if file.period and file.period[0] > file.period[1]:
        yield "The period ends before it starts."
    untold = [field for field in ("source", "medium") if not getattr(file, field) and field not in file.columns]
    if untold:
        yield f"Nothing tells the {' and the '.join(untold)}: say it, such as google for a source and cpc for a medium."
    if file.numbers is NumberStyle.AMBIGUOUS and (shown := _refused(table, file, "cost")):
        yield f"{shown!r} may have a decimal mark or a thousands mark: say which marks the file's numbers have."
    if file.dates is DateStyle.AMBIGUOUS:
        for field in _DAYS:
            if shown := _refused(table, file, field):
                yield f"In {shown!r} the day or the month may come first: say which."
                break


def _refused(table: Table, file: SpendFile, field: str) -> str:
    """A cell of the field that can be read two ways; "" where none of the first ones can."""
    column = file.columns.get(field)
    if column is None:
        return ""
    for cell in islice(table.column(column), _TRIED):
        try:
            read_micros(cell) if field == "cost" else read_date(cell)
        except BadInput as error:
            if "two ways" in str(error.args[0]):
                return cell.strip()
    return ""
