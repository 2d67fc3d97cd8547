"""A question for `explore`, and its answer, as values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from ringtrace.qualification.definitions import DEFAULT as DEFAULT_DEFINITION
from ringtrace.qualification.definitions import Definition
from ringtrace.reports.dimensions import DimensionValue
from ringtrace.reports.filters import Filter
from ringtrace.reports.questions import DEFAULT_MODEL, Made

MOST_DIMENSIONS = 3


class Span(Struct, frozen=True, kw_only=True):
    """Days in the company's time zone, both included."""

    since_on: date
    until_on: date


Compare: TypeAlias = Literal["before", "year"] | Span | None


class Question(Struct, frozen=True, kw_only=True):
    """What is asked. `metrics` and `by` are names; all filters must be met.

    `order`: a metric or one of `by`, with `-` before it for the largest first; "": by time where the first dimension
    is a time, else by the first metric, the largest first and the line of which nothing is known last. `limit` 0: all
    lines; totals are always of all. `compare`: the span of the same length just before, the same days a year earlier,
    or a span of one's own. `intervals`: 95 %.
    """

    metrics: tuple[str, ...]
    by: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    model: str = DEFAULT_MODEL
    definition: Definition = DEFAULT_DEFINITION
    compare: Compare = None
    order: str = ""
    limit: int = 0
    intervals: bool = False


class Figure(Struct, frozen=True, kw_only=True):
    """`value` None: unknown, and `why` says why. `low` and `high`: the 95 % interval, where there is one; either may be
    None by itself where the data do not bound it. `before`: the value in the compared span, None where unknown."""

    value: int | float | None
    low: float | None = None
    high: float | None = None
    why: str = ""
    before: int | float | None = None


class Line(Struct, frozen=True, kw_only=True):
    """`values`: one a dimension, in the order of `by`; None: unknown, or none. `figures` by metric, in order."""

    values: tuple[DimensionValue, ...]
    figures: Mapping[str, Figure]


class MadeOf(Made, frozen=True, kw_only=True):
    """How to make an answer again. `definition`: such as qualified-1. `sql`: what the lake was asked, with `values`
    bound to its parameters; tables stand for the rows of the company and of the months that the span touches."""

    definition: str
    sql: str
    values: Mapping[str, object]


class ThinMonth(Struct, frozen=True, kw_only=True):
    """A UTC month in which the model could learn nothing, and why: its credit stands in the line of the unknown."""

    month: str
    reason: str


class Answer(Struct, frozen=True, kw_only=True):
    """`line_count`: how many lines there are without the limit. `nothing`: the figures of a line in which nothing came,
    for lines that an answer does not have. `compared`: the span of `before`."""

    question: Question
    span: Span
    compared: Span | None
    lines: tuple[Line, ...]
    line_count: int
    totals: Mapping[str, Figure]
    nothing: Mapping[str, Figure]
    made: MadeOf
    thin: tuple[ThinMonth, ...] = ()
