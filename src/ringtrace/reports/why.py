"""Why this number: what a figure means, how it was made, and the rows that it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from math import ceil
from typing import Any

import msgspec
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.lake.reader import LakeReader, read_steadily
from ringtrace.qualification.words import in_words as condition_in_words
from ringtrace.reports.asked import Figure, MadeOf, Question
from ringtrace.reports.dimensions import DimensionValue
from ringtrace.reports.explore import check, made_of_period
from ringtrace.reports.filters import Filter, Operation
from ringtrace.reports.metrics.expressions import Atom, Count, Quantile, Spend, Sum, Unattributed, Unknown, Unmatched
from ringtrace.reports.metrics.metric import Metric
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.periods import Counted, ask_period, shown_sql
from ringtrace.reports.questions import Scope
from ringtrace.reports.scan import UNMATCHED, Asking, Table, table_of_atom, unattributed_sql, weights_above_none

ROWS_A_PAGE = 50


class Evidence(Struct, frozen=True, kw_only=True):
    """One row that a part of a figure is made of. `value`: what it adds to the part.

    `of`: response, visit, spend or outcome; `row_id` its id (of spend, its names). `at_ms` or `on_date`: when.
    `weight`: the credit with which a response counts, 1 where it simply counts. `p`: the match's probability.
    `reason`: why no touch has it. `kind` and `status` are a response's own.
    """

    of: str
    row_id: str
    at_ms: int | None
    on_date: date | None
    value: float
    weight: float = 1.0
    p: float | None = None
    reason: str | None = None
    kind: str | None = None
    status: str | None = None
    visit_id: str | None = None


class Part(Struct, frozen=True, kw_only=True):
    """One sum (or quantile) that the formula names. `rows`: how many rows it is made of; `why`: why it is unknown."""

    words: str
    value: int | float | None
    rows: int
    why: str = ""


class Why(Struct, frozen=True, kw_only=True):
    """`parts` in the formula's order; `rows` are those of parts[`part`], the page `page` (from 1) of `pages`.

    All rows of a part sum to its value (of a percentile, they are what it was taken of), and the formula of the parts'
    values is the figure. `made.sql` is how the figure was asked, `rows_sql` how the rows were.
    """

    metric: str
    title: str
    plain: str
    formula: str
    filters: tuple[str, ...]
    definition: str
    figure: Figure
    parts: tuple[Part, ...]
    part: int
    rows: tuple[Evidence, ...]
    page: int
    pages: int
    made: MadeOf
    rows_sql: str


_EVIDENCE: Mapping[Table, str] = {
    Table.CREDITS: (
        "'response' AS of, response_id AS row_id, at_ms, NULL::DATE AS on_date, reason, kind, status, visit_id"
    ),
    Table.VISITS: "'visit' AS of, touch_id AS row_id, at_ms, NULL::DATE AS on_date, visit_id",
    Table.SPEND: (
        "'spend' AS of, concat_ws(' / ', source, medium, campaign, ad_group, keyword) AS row_id, NULL::BIGINT AS at_ms,"
        " on_date"
    ),
    Table.UNMATCHED: "'outcome' AS of, conversion_id AS row_id, response_ms AS at_ms, NULL::DATE AS on_date, kind",
}


def why(
    scope: Scope, question: Question, line: tuple[DimensionValue, ...], metric: str, *, part: int = 0, page: int = 1
) -> Why:
    """Of the figure of `metric` in the line with these values of `question.by`; () for the total.

    Raises BadInput for a part or page that is not there.
    """
    asked = of_line(check(question), line, metric)
    return read_steadily(scope.lake, scope.company_id, lambda lake: _why(lake, scope, asked, metric, part, page))


def of_line(question: Question, line: tuple[DimensionValue, ...], metric: str) -> Question:
    """The question whose total is that line's figure: its values become filters."""
    if line and len(line) != len(question.by):
        raise BadInput("The line does not fit the question.", hint=f"It has one value for each of {question.by}.")
    find_metric(metric)
    dimensions = zip(question.by, line, strict=False)
    filters = tuple(Filter(name, Operation.IS_IN, (value,)) for name, value in dimensions)
    return msgspec.structs.replace(
        question,
        metrics=(metric,),
        by=(),
        order="",
        limit=0,
        compare=None,
        filters=(*question.filters, *filters),
    )


def _why(lake: LakeReader, scope: Scope, question: Question, name: str, part: int, page: int) -> Why:
    metric = find_metric(name)
    period = ask_period(lake, scope, question)
    rows = _Rows(lake, Asking(scope, question), metric)
    if not 0 <= part < len(metric.atoms):
        raise BadInput("The formula has no such part.", hint=f"It has {len(metric.atoms)}, counted from 0.")
    parts = tuple(_part(rows, period.totals, atom) for atom in metric.atoms)
    pages = max(1, ceil(parts[part].rows / ROWS_A_PAGE))
    if not 1 <= page <= pages:
        raise BadInput("There is no such page.", hint=f"There are {pages}.")
    return Why(
        metric=name,
        title=metric.title,
        plain=metric.plain,
        formula=metric.formula_in_words,
        filters=tuple(one.words for one in question.filters),
        definition=f"{question.definition.title}: {condition_in_words(question.definition.condition)}",
        figure=period.totals.figure(metric, intervals=question.intervals),
        parts=parts,
        part=part,
        rows=() if parts[part].why else rows.page(metric.atoms[part], page),
        page=page,
        pages=pages,
        made=made_of_period(lake, question, period),
        rows_sql=shown_sql(rows.sql(metric.atoms[part]), question.model),
    )


def _part(rows: _Rows, totals: Counted, atom: Atom) -> Part:
    value = totals.values[atom]
    if isinstance(value, Unknown):
        return Part(words=atom.words, value=None, rows=0, why=value.why)
    return Part(words=atom.words, value=value, rows=rows.count(atom))


class _Rows:
    """The rows that the parts of a metric are made of."""

    def __init__(self, lake: LakeReader, asking: Asking, metric: Metric) -> None:
        self._lake = lake
        self._asking = asking
        self._metric = metric

    def sql(self, atom: Atom) -> str:
        """Every row of a part, in no order."""
        table = table_of_atom(atom)
        said = ", ".join([_EVIDENCE[table], *self._worth(atom)])
        return f"SELECT {said} {self._asking.rows_of(table, self._where(atom))}"

    def count(self, atom: Atom) -> int:
        return int(self._ask(f"SELECT count(*) AS n FROM ({self.sql(atom)})", atom)[0]["n"])  # noqa: S608

    def page(self, atom: Atom, page: int) -> tuple[Evidence, ...]:
        order = "value" if isinstance(atom, Quantile) else "coalesce(at_ms, 0), on_date"
        cut = f"LIMIT {ROWS_A_PAGE} OFFSET {(page - 1) * ROWS_A_PAGE}"
        rows = self._ask(f"SELECT * FROM ({self.sql(atom)}) ORDER BY {order}, row_id, value {cut}", atom)  # noqa: S608
        return tuple(Evidence(**row) for row in rows)

    def _worth(self, atom: Atom) -> list[str]:
        """`weight`, `p` and `value` of a row."""
        asking = self._asking
        weight = asking.credit if asking.is_credited or isinstance(atom, Unattributed) else "1::DOUBLE"
        p = "p" if asking.is_credited or isinstance(atom, Unattributed) else "p_known AS p"
        match atom:
            case Count() | Unattributed():
                return [f"{weight} AS weight", p, f"{weight} AS value"]
            case Sum(column):
                return [f"{weight} AS weight", p, f"{weight} * {column} AS value"]
            case Quantile(column):
                return [f"{weight} AS weight", p, f"{column} AS value"]
            case Spend(column):
                return [f"{column}::DOUBLE AS value"]
            case Unmatched(_, is_value):
                return ["value_cents::DOUBLE AS value" if is_value else "1::DOUBLE AS value"]
            case _:
                return ["1::DOUBLE AS value"]

    def _where(self, atom: Atom) -> Sequence[str]:
        """The rows that add something."""
        asking = self._asking
        match atom:
            case Unattributed(reason, where):
                credited = [f"{asking.credit} > 0"]
                return [*credited, unattributed_sql(asking, reason), asking.where(where)]
            case Count(where):
                return [weights_above_none(asking), asking.where(where)]
            case Sum(column, where) | Quantile(column, _, where):
                nothing = [f"{column} <> 0"] if isinstance(atom, Sum) else [f"{column} IS NOT NULL"]
                return [weights_above_none(asking), asking.where(where), *nothing]
            case Spend(column, known):
                return [f"{column} IS NOT NULL", *([f"{known} IS NOT NULL"] if known else [])]
            case Unmatched(kind, is_value):
                return [UNMATCHED, f"kind = '{kind}'", *(["value_cents IS NOT NULL"] if is_value else [])]
            case _:
                return ["kind = 'visit'"]

    def _ask(self, sql: str, atom: Atom) -> list[dict[str, Any]]:
        asking = self._asking
        return self._lake.ask(
            sql,
            asking.values_of(sql),
            months=asking.scope.months(),
            facts=[table_of_atom(atom).fact],
            model=asking.question.model,
        )
