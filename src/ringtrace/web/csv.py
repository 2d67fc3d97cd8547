"""An answer as CSV: a row a line, then the total; what it was made of is on every row, in columns of its own.

Values are plain numbers (money in the currency's units, shares of one, seconds), unknown ones empty. Text that a
spreadsheet would take for a formula has an apostrophe before it (OWASP, "CSV Injection").
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from typing import TypeAlias

from ringtrace.reports.asked import Answer, Figure, Line
from ringtrace.reports.dimensions import find_dimension
from ringtrace.reports.filters import value_text
from ringtrace.reports.metrics.metric import Metric, Unit
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.web.questions import compare_text

Cell: TypeAlias = str | float | None
BOM = "\ufeff"  # without it some spreadsheets read UTF-8 as something else
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones count too
_CENTS = 100
_DIGITS = 9  # credit is added up in floats: 49 calls are 49, not 48.999999999999986


def answer_csv(answer: Answer, *, time_zone: str, currency: str) -> str:
    """All lines of an answer."""
    return write_csv(csv_rows(answer, time_zone=time_zone, currency=currency))


def write_csv(rows: Iterable[Iterable[Cell]]) -> str:
    """Rows of text and numbers, guarded."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULAS) or text.startswith(_FORMULAS) else text


def csv_rows(answer: Answer, *, time_zone: str, currency: str) -> Iterator[list[Cell]]:
    """The head, the lines, the total."""
    metrics = [find_metric(name) for name in answer.question.metrics]
    made = _made(answer, time_zone)
    columns = [name for metric in metrics for name in _columns(metric, answer, currency)]
    yield ["row", *answer.question.by, *columns, *made]
    for line in answer.lines if answer.question.by else ():
        yield ["line", *_values(answer, line), *_figures(metrics, line.figures, answer), *made.values()]
    blanks = [""] * len(answer.question.by)
    yield ["total", *blanks, *_figures(metrics, answer.totals, answer), *made.values()]


def header_of(metric: Metric, currency: str) -> str:
    """`revenue_USD`, `answer_rate_share`, `talk_time_mean_seconds`; counts have no unit."""
    unit = currency if metric.unit is Unit.CENTS else metric.unit.value
    return metric.name if metric.unit is Unit.COUNT else f"{metric.name}_{unit}"


def number_of(metric: Metric, value: float | None) -> float | None:
    """A figure in the unit of its header."""
    return value / _CENTS if value is not None and metric.unit is Unit.CENTS else value


def _columns(metric: Metric, answer: Answer, currency: str) -> Iterator[str]:
    name = header_of(metric, currency)
    yield name
    if answer.question.intervals:
        yield f"{name}_low"
        yield f"{name}_high"
    if answer.compared is not None:
        yield f"{name}_before"
    yield f"{metric.name}_unknown_because"


def _figures(metrics: Iterable[Metric], figures: Mapping[str, Figure], answer: Answer) -> Iterator[Cell]:
    for metric in metrics:
        figure = figures[metric.name]
        yield number_of(metric, figure.value)
        if answer.question.intervals:
            yield number_of(metric, figure.low)
            yield number_of(metric, figure.high)
        if answer.compared is not None:
            yield number_of(metric, figure.before)
        yield figure.why if figure.value is None else ""


def _values(answer: Answer, line: Line) -> Iterator[str]:
    for name, value in zip(answer.question.by, line.values, strict=True):
        yield value_text(value, find_dimension(name).value)


def _made(answer: Answer, time_zone: str) -> dict[str, Cell]:
    made = answer.made
    compared = answer.compared
    return {
        "since": answer.span.since_on.isoformat(),
        "until": answer.span.until_on.isoformat(),
        "time_zone": time_zone,
        **({"compared_with": compare_text(compared)} if compared is not None else {}),
        "filters": " and ".join(one.text for one in answer.question.filters),
        "model": made.model,
        "model_params": made.params,
        "definition": made.definition,
        "definitions": made.definitions,
        "data_version": made.data_version,
    }


def _cell(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return guarded(cell)
    number = round(float(cell), _DIGITS)
    return str(int(number)) if number.is_integer() else repr(number)
