"""Why this number: what a figure means, how it was made, and the rows that it is made of."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from ringtrace.reports.asked import Figure, MadeOf, Question
from ringtrace.reports.dimensions import DimensionValue
from ringtrace.reports.questions import Scope

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
    """One sum (or quantile) that the formula names. `rows`: how many rows it is made of."""

    words: str
    value: int | float | None
    rows: int
    why: str = ""


class Why(Struct, frozen=True, kw_only=True):
    """`parts` in the formula's order; `rows` are those of parts[`part`], the page `page` (from 1) of `pages`.

    All rows of a part sum to its value (of a percentile, they are what it was taken of), and the formula of the parts'
    values is the figure.
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


def why(
    scope: Scope, question: Question, line: tuple[DimensionValue, ...], metric: str, *, part: int = 0, page: int = 1
) -> Why:
    """Of the figure of `metric` in the line with these values of `question.by`; () for the total. Raises BadInput."""
    raise NotImplementedError
