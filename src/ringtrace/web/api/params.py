"""Parameters of addresses that several operations take, with their bounds."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, TypeAlias

from pydantic import BeforeValidator, Field

from ringtrace.web.api.paging import MOST

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
Limit: TypeAlias = Annotated[int, Field(ge=1, le=MOST, description="How many at most.")]
Cursor: TypeAlias = Annotated[str, Field(max_length=200, description="`next` of the page before.")]
Time: TypeAlias = Annotated[
    str, Field(max_length=40, description="A day of the company (`until` included), a moment, or ms since 1970.")
]


def _written_out(said: Any) -> Any:
    """Pydantic takes a bare number for seconds since 1970: no day is written so."""
    if isinstance(said, str) and not _DAY.match(said):
        raise ValueError("Such as 2026-03-08.")
    return said


Day: TypeAlias = Annotated[date | None, BeforeValidator(_written_out), Field(description="Such as 2026-03-08.")]
Exactly: TypeAlias = Annotated[str, Field(max_length=200, description="Exactly this.")]
Flag: TypeAlias = Annotated[bool | None, Field(description="true or false; without it, both.")]
Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=200)]
Code: TypeAlias = Annotated[str, Field(pattern="^[A-Za-z]{3}$")]
Number: TypeAlias = Annotated[int, Field(ge=0, le=2**53)]

Page: TypeAlias = Annotated[int, Field(ge=1, le=10**6)]
Months: TypeAlias = Annotated[int, Field(ge=1, le=120)]
Format: TypeAlias = Annotated[str, Field(pattern="^(json|csv)?$", description="json or csv.")]

LINE = {
    "line": Annotated[
        str, Field(max_length=1_000, description="One a dimension of `by`, such as `channel:Email`; none: the total.")
    ]
}
QUESTION: dict[str, Any] = {
    name: Annotated[str, Field(max_length=4_000, description=words)]
    for name, words in (
        ("metrics", "Names of metrics with commas between."),
        ("metric", "Where one is asked about."),
        ("by", "Names of dimensions with commas between."),
        ("filter", "Said as often as there are filters: `channel:Email`, `-device:mobile`, `keyword~repair`."),
        ("since", "First day."),
        ("until", "Last day."),
        ("days", "That many days up to today, in place of since and until."),
        ("model", "Which model of credit."),
        ("definition", "What counts: `qualified`, or a version such as `qualified-2`."),
        ("compare", "`before`, `year`, or two days with .. between."),
        ("intervals", "1: with intervals."),
        ("order", "A metric or dimension; with - before it, the largest first."),
        ("limit", "How many lines at most."),
    )
}
"""What a question of reports is made of, by the words that the pages' addresses have."""
