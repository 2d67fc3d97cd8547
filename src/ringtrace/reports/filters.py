"""Filters: what a question looks at only, and how that is written in a link.

`channel:Paid Search,Email` is one of these; `-device:mobile` is none of these (nor unknown only: what is unknown is
not mobile); `keyword~emergency` contains, whatever the case. `(unknown)` stands for what is unknown or none. A comma
or backslash in a value has a backslash before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.reports.dimensions import Dimension, DimensionValue, ValueKind, find_dimension

PARAMETER = "filter"
UNKNOWN = "(unknown)"
MOST_FILTERS, MOST_VALUES, LONGEST_VALUE = 20, 100, 500
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TEXT = re.compile(r"(-?)([a-z_]+)([:~])(.*)", re.DOTALL)


class Operation(StrEnum):
    IS_IN = "is_in"
    IS_NOT_IN = "is_not_in"
    CONTAINS = "contains"


class Filter(Struct, frozen=True):
    """`values`: as the dimension has them, None for unknown. `contains` has one text."""

    dimension: str
    operation: Operation
    values: tuple[DimensionValue, ...]

    @property
    def text(self) -> str:
        """As it stands in a link."""
        if self.operation is Operation.CONTAINS:
            return f"{self.dimension}~{self.values[0]}"
        sign = "-" if self.operation is Operation.IS_NOT_IN else ""
        kind = find_dimension(self.dimension).value
        return f"{sign}{self.dimension}:{','.join(_escaped(value, kind) for value in self.values)}"

    @property
    def words(self) -> str:
        """`Channel is Paid Search or Email`."""
        dimension = find_dimension(self.dimension)
        values = " or ".join(label_of(dimension, value) for value in self.values)
        verb = {Operation.IS_IN: "is", Operation.IS_NOT_IN: "is not", Operation.CONTAINS: "contains"}
        return f"{dimension.title} {verb[self.operation]} {values}"


class Segment(Struct, frozen=True, kw_only=True):
    """A set of filters with a name."""

    name: str
    filters: tuple[Filter, ...]


def label_of(dimension: Dimension, value: DimensionValue) -> str:
    """A dimension's value for people: `Monday`, `2026-11`, `unknown`."""
    if value is None:
        return "unknown"
    if dimension.value is ValueKind.WEEKDAY and isinstance(value, int):
        return WEEKDAYS[value - 1]
    if dimension.value is ValueKind.HOUR:
        return f"{value:02}:00"
    return value_text(value, dimension.value)


def value_text(value: DimensionValue, kind: ValueKind) -> str:
    """A value as files and links have it."""
    if value is None:
        return UNKNOWN
    return value.isoformat()[:7] if kind is ValueKind.MONTH and isinstance(value, date) else str(value)


def filters_from_query(pairs: Iterable[tuple[str, str]]) -> tuple[Filter, ...]:
    """The filters of a query's `filter=` pairs, in order; other pairs are left alone. Raises BadInput."""
    texts = [text for name, text in pairs if name == PARAMETER]
    return check_filters(tuple(read_filter(text) for text in texts))


def to_query(filters: Sequence[Filter]) -> list[tuple[str, str]]:
    """The pairs that `filters_from_query` reads."""
    return [(PARAMETER, one.text) for one in filters]


def read_filter(text: str) -> Filter:
    """The filter that a text says. Raises BadInput."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise BadInput(f"{text[:60]!r} is not a filter.", hint="Write channel:Email, -device:mobile or keyword~repair.")
    sign, name, mark, rest = found.groups()
    dimension = find_dimension(name)
    if mark == "~" and sign:
        raise BadInput("A filter cannot ask what does not contain.", hint="Use -name:value for what is not a value.")
    if mark == "~":
        return check_filter(Filter(name, Operation.CONTAINS, (rest,)))
    operation = Operation.IS_NOT_IN if sign else Operation.IS_IN
    values = tuple(dict.fromkeys(_value(part, dimension) for part in _split(rest)))
    return check_filter(Filter(name, operation, values))


def check_filters(filters: Sequence[Filter]) -> tuple[Filter, ...]:
    """The filters, each checked. Raises BadInput."""
    if len(filters) > MOST_FILTERS:
        raise BadInput(f"At most {MOST_FILTERS} filters fit.", hint="Take some away.")
    return tuple(check_filter(one) for one in filters)


def check_filter(one: Filter) -> Filter:
    """The filter, if its values are what the dimension has. Raises BadInput."""
    dimension = find_dimension(one.dimension)
    if not 1 <= len(one.values) <= MOST_VALUES:
        raise BadInput(f"A filter by {dimension.title} takes 1 to {MOST_VALUES} values.", hint="Name its values.")
    if one.operation is Operation.CONTAINS:
        _check_contains(one, dimension)
    for value in one.values:
        _check_value(value, dimension)
    return one


def _check_contains(one: Filter, dimension: Dimension) -> None:
    is_text = dimension.value is ValueKind.TEXT and len(one.values) == 1
    if not is_text or not isinstance(one.values[0], str) or not one.values[0]:
        raise BadInput(f"{dimension.title} cannot be searched so.", hint="`~` takes one text, such as keyword~repair.")


def _check_value(value: DimensionValue, dimension: Dimension) -> None:
    match dimension.value, value:
        case _, None:
            fits = True
        case ValueKind.TEXT, str(text):
            fits = 0 < len(text) <= LONGEST_VALUE and "\0" not in text
        case ValueKind.HOUR, int(hour):
            fits = 0 <= hour <= 23
        case ValueKind.WEEKDAY, int(weekday):
            fits = 1 <= weekday <= 7
        case ValueKind.DAY, date():
            fits = True
        case ValueKind.WEEK, date() as monday:
            fits = monday.isoweekday() == 1
        case ValueKind.MONTH, date() as first:
            fits = first.day == 1
        case _:
            fits = False
    if not fits:
        raise _bad_value(value, dimension)


_HINTS = {
    ValueKind.TEXT: f"A text of 1 to {LONGEST_VALUE} characters, or {UNKNOWN}.",
    ValueKind.HOUR: "A whole number from 0 to 23.",
    ValueKind.WEEKDAY: "Monday to Sunday, or 1 to 7.",
    ValueKind.DAY: "A date such as 2026-11-24.",
    ValueKind.WEEK: "The date of a Monday, such as 2026-11-23.",
    ValueKind.MONTH: "A month such as 2026-11.",
}


def _bad_value(value: object, dimension: Dimension) -> BadInput:
    return BadInput(f"{str(value)[:60]!r} is no {dimension.title.lower()}.", hint=_HINTS[dimension.value])


def _value(raw: str, dimension: Dimension) -> DimensionValue:
    if raw == UNKNOWN:
        return None
    text = re.sub(r"\\(.)", r"\1", raw, flags=re.DOTALL)
    try:
        match dimension.value:
            case ValueKind.TEXT:
                return text
            case ValueKind.HOUR:
                return int(text)
            case ValueKind.WEEKDAY:
                return _weekday(text)
            case ValueKind.MONTH:
                return date.fromisoformat(f"{text}-01")
            case ValueKind.DAY | ValueKind.WEEK:
                return date.fromisoformat(text)
    except ValueError:
        raise _bad_value(text, dimension) from None


def _weekday(text: str) -> int:
    names = [name.lower() for name in WEEKDAYS]
    return names.index(text.lower()) + 1 if text.lower() in names else int(text)


def _split(text: str) -> list[str]:
    """At the commas that have no backslash before them."""
    parts, ahead = [""], iter(text)
    for letter in ahead:
        if letter == ",":
            parts.append("")
        else:
            parts[-1] += letter + next(ahead, "") if letter == "\\" else letter
    return parts


def _escaped(value: DimensionValue, kind: ValueKind) -> str:
    if value is None:
        return UNKNOWN
    text = value_text(value, kind).replace("\\", "\\\\").replace(",", "\\,")
    return f"\\{text}" if text == UNKNOWN else text
