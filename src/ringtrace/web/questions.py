"""A question as it stands in the address of a page: everything that changes a figure is there.

since=2026-10-01&until=2026-10-31   or days=28; without either, the last 28 days
metrics=calls,answer_rate           or each by itself, as forms send them
by=channel,device                   at most three
filter=channel:Email                as often as there are filters; see `ringtrace.reports.filters`
model=linear                        without: the usual one
definition=qualified-2              without: the one in force; `qualified` is its newest version
compare=before                      or year, or 2026-09-01..2026-09-30
intervals=1   order=-calls   limit=50
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TypeVar
from urllib.parse import urlencode

import msgspec
from django.conf import settings
from msgspec import Struct

from ringtrace.core.errors import BadInput, RingtraceError
from ringtrace.lake.opening import open_lake
from ringtrace.lake.reader import credit_column
from ringtrace.qualification import Definition
from ringtrace.reports.asked import MOST_DIMENSIONS, Compare, Question
from ringtrace.reports.asked import Span as Dates
from ringtrace.reports.dimensions import DimensionValue, find_dimension
from ringtrace.reports.explore import check, compared
from ringtrace.reports.filters import (
    MOST_FILTERS,
    PARAMETER,
    Filter,
    Operation,
    check_filters,
    read_filter,
)
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.questions import DEFAULT_MODEL, Scope
from ringtrace.web.counting import find_definition
from ringtrace.web.models import Company
from ringtrace.web.spans import Span, last_days, read_span

Pairs = Sequence[tuple[str, str]]
_T = TypeVar("_T")
_S = TypeVar("_S")
USUAL_METRICS = ("calls", "answer_rate", "qualified_calls", "revenue", "cost_per_call")
START: Pairs = (("days", "28"), ("metrics", ",".join(USUAL_METRICS)), ("by", "channel"), ("compare", "before"))
_PARTS = frozenset(
    {"since", "until", "days", "metrics", "by", PARAMETER, "model", "definition", "compare", "intervals"}
    | {"order", "limit"}
)
_MOST_DAYS = 731
_FIRST_YEAR, _LAST_YEAR = 2000, 2999


class Asked(Struct, frozen=True, kw_only=True):
    """What an address asks. `said_definition`: as the address has it, "" for the one in force. `problems`: what could
    not be read, for people; the rest is asked all the same."""

    span: Span
    scope: Scope
    question: Question
    said_definition: str = ""
    problems: tuple[str, ...] = ()

    @property
    def pairs(self) -> list[tuple[str, str]]:
        return [*span_pairs(self.span), *question_pairs(self.question, self.said_definition)]

    @property
    def query(self) -> str:
        return to_address(self.pairs)


def question_of(company: Company, pairs: Iterable[tuple[str, str]], today_on: date) -> Asked:
    """What a query string asks of a company; one that asks nothing asks `START`. Never raises for what it says."""
    said = [(name, text) for name, text in pairs if name in _PARTS and text]
    reading = _Reading(said or START)
    span = reading.span(today_on)
    definition, said_definition = reading.definition(company)
    question = Question(
        metrics=reading.names("metrics", lambda name: find_metric(name).name) or USUAL_METRICS,
        by=reading.names("by", lambda name: find_dimension(name).name, MOST_DIMENSIONS),
        filters=reading.filters(),
        model=reading.model(),
        definition=definition,
        compare=reading.compare(),
        intervals=reading.one("intervals") not in ("", "0"),
        limit=reading.limit(),
    )
    scope = scope_of(company, span)
    question = reading.comparable(scope, question)
    return Asked(
        span=span,
        scope=scope,
        question=reading.ordered(question),
        said_definition=said_definition,
        problems=tuple(reading.problems),
    )


def scope_of(company: Company, span: Span) -> Scope:
    return Scope(
        lake=open_lake(settings.LAKE_URL, settings.LAKE_DIR),
        company_id=company.pk,
        time_zone=company.time_zone,
        since_on=span.since_on,
        until_on=span.until_on,
    )


def question_pairs(question: Question, said_definition: str = "") -> list[tuple[str, str]]:
    """A question's part of an address; what is as usual is left out."""
    said = [
        ("metrics", ",".join(question.metrics)),
        ("by", ",".join(question.by)),
        *((PARAMETER, one.text) for one in question.filters),
        ("model", question.model if question.model != DEFAULT_MODEL else ""),
        ("definition", said_definition),
        ("compare", compare_text(question.compare)),
        ("intervals", "1" if question.intervals else ""),
        ("order", question.order),
        ("limit", str(question.limit) if question.limit else ""),
    ]
    return [(name, text) for name, text in said if text]


def span_pairs(span: Span) -> list[tuple[str, str]]:
    if span.preset:
        return [("days", str(span.preset))]
    return [("since", span.since_on.isoformat()), ("until", span.until_on.isoformat())]


def to_address(pairs: Iterable[tuple[str, str]]) -> str:
    """A query string that people can read: commas and colons stay as they are."""
    return urlencode(list(pairs), safe=",:~()/")


def compare_text(compare: Compare) -> str:
    if isinstance(compare, Dates):
        return f"{compare.since_on.isoformat()}..{compare.until_on.isoformat()}"
    return compare or ""


def line_pairs(by: Sequence[str], values: Sequence[DimensionValue]) -> list[tuple[str, str]]:
    """A line of an answer, for the address of its `why`."""
    return [("line", Filter(name, Operation.IS_IN, (value,)).text) for name, value in zip(by, values, strict=True)]


def line_of(by: Sequence[str], texts: Iterable[str]) -> tuple[DimensionValue, ...]:
    """The line that `line_pairs` says; () for the total. Raises BadInput."""
    said = [read_filter(text) for text in texts]
    if not said:
        return ()
    if [one.dimension for one in said] != list(by) or any(
        len(one.values) != 1 or one.operation is not Operation.IS_IN for one in said
    ):
        raise BadInput("The line does not fit the question.", hint="Follow the link of a figure again.")
    return tuple(one.values[0] for one in said)


class _Reading:
    """Reads one part after the other, and keeps what was wrong with each."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs
        self.problems: list[str] = []

    def one(self, name: str) -> str:
        """The last that was said of this name."""
        return next((text for known, text in reversed(self._pairs) if known == name), "")

    def names(self, name: str, find: Callable[[str], str], most: int = 0) -> tuple[str, ...]:
        said = [part.strip() for known, text in self._pairs if known == name for part in text.split(",")]
        found = [self._try(find, part) for part in dict.fromkeys(said) if part]
        known = tuple(one for one in found if one is not None)
        if most and len(known) > most:
            self.problems.append(f"At most {most} dimensions fit; the others were left out.")
            return known[:most]
        return known

    def filters(self) -> tuple[Filter, ...]:
        texts = list(dict.fromkeys(text for name, text in self._pairs if name == PARAMETER))
        found = [one for text in texts if (one := self._try(read_filter, text)) is not None]
        if self._try(check_filters, found) is None:
            return tuple(found[:MOST_FILTERS])
        return tuple(found)

    def span(self, today_on: date) -> Span:
        days = self.one("days")
        if days and not self.one("since") and not self.one("until"):
            number = int(days) if days.isascii() and days.isdigit() and len(days) < 4 else 0
            if not 1 <= number <= _MOST_DAYS:
                self.problems.append(f"Choose 1 to {_MOST_DAYS} days.")
                return read_span({}, today_on)
            return last_days(number, today_on)
        span = read_span({"since": self.one("since"), "until": self.one("until")}, today_on)
        if span.problem:
            self.problems.append(span.problem)
        return msgspec.structs.replace(span, problem="")

    def definition(self, company: Company) -> tuple[Definition, str]:
        said = self.one("definition")
        found = self._try(lambda label: find_definition(company.pk, label), said) if said else None
        return (found, said) if found is not None else (find_definition(company.pk), "")

    def model(self) -> str:
        said = self.one("model") or DEFAULT_MODEL
        return DEFAULT_MODEL if self._try(credit_column, said) is None else said

    def compare(self) -> Compare:
        said = self.one("compare")
        if said in ("", "none"):
            return None
        return self._try(read_compare, said)

    def limit(self) -> int:
        said = self.one("limit")
        if said and not (said.isascii() and said.isdigit() and len(said) < 6):
            self.problems.append("That is no number of lines.")
            return 0
        return int(said or 0)

    def comparable(self, scope: Scope, question: Question) -> Question:
        """Without a comparison that cannot be made."""
        is_there = self._try(lambda compare: compared(scope, compare) or scope, question.compare) is not None
        return question if is_there else msgspec.structs.replace(question, compare=None)

    def ordered(self, question: Question) -> Question:
        """With its order, where it has one that it can have."""
        said = msgspec.structs.replace(question, order=self.one("order"))
        return self._try(check, said) or question

    def _try(self, read: Callable[[_S], _T], said: _S) -> _T | None:
        try:
            return read(said)
        except RingtraceError as error:
            self.problems.append(f"{error.args[0]} {error.hint}".strip())
            return None


def read_compare(text: str) -> Compare:
    """`before`, `year` or two dates with `..` between. Raises BadInput."""
    match text:
        case "before":
            return "before"
        case "year":
            return "year"
    since, _, until = text.partition("..")
    try:
        since_on, until_on = date.fromisoformat(since), date.fromisoformat(until)
    except ValueError:
        since_on = until_on = date.min
    if since_on.year < _FIRST_YEAR or until_on.year > _LAST_YEAR:
        hint = "Write before, year, or two dates such as 2026-09-01..2026-09-30."
        raise BadInput(f"{text[:60]!r} is no span to compare with.", hint=hint)
    return Dates(since_on=since_on, until_on=until_on)
