"""Which conversions a question about journeys looks at, and what each of them counts for, in SQL over `credits`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.lake.reader import LakeReader
from ringtrace.qualification.definitions import DEFAULT as DEFAULT_DEFINITION
from ringtrace.qualification.definitions import Definition
from ringtrace.reports.asked import MadeOf
from ringtrace.reports.metrics.conditions import where_sql
from ringtrace.reports.metrics.expressions import Count, Sum
from ringtrace.reports.metrics.metric import Metric
from ringtrace.reports.metrics.registry import find_metric
from ringtrace.reports.questions import Scope

LONGEST_TEXT = 300
CENTS = "coalesce(sale_cents - refund_cents, sale_cents, -refund_cents)"
"""What came of a response, in cents; null where no value is known."""


class Measure(Struct, frozen=True, kw_only=True):
    """What is counted: a metric by its name, and what one of it is called. Of revenue that is a sale: there money is
    shared, and sales are counted."""

    name: str
    metric_name: str
    title: str
    one: str
    many: str

    @property
    def metric(self) -> Metric:
        return find_metric(self.metric_name)

    @property
    def is_money(self) -> bool:
        return self.name == "revenue"

    @property
    def count_sql(self) -> str:
        """How many conversions a response is."""
        return "1" if isinstance(self.metric.formula, Count) else "sales"

    @property
    def value_sql(self) -> str:
        """What is shared over its touches: conversions, or money."""
        return CENTS if self.is_money else self.count_sql

    def kept_sql(self, definition: Definition) -> str:
        """The responses that count at all. Braces are doubled: it goes through `LakeReader.ask`."""
        match self.metric.formula:
            case Count(where):
                return where_sql(where, definition.condition)
            case Sum(column):
                return f"{column} > 0"
            case _:
                return f"{CENTS} IS NOT NULL"


def _measure(name: str, metric_name: str, title: str, one: str, many: str) -> Measure:
    return Measure(name=name, metric_name=metric_name, title=title, one=one, many=many)


_ALL = (
    _measure("calls", "calls", "Calls", "call", "calls"),
    _measure("qualified", "qualified_calls", "Qualified calls", "qualified call", "qualified calls"),
    _measure("sales", "sales", "Sales", "sale", "sales"),
    _measure("revenue", "revenue", "Revenue", "sale", "sales"),
)
MEASURES: MappingProxyType[str, Measure] = MappingProxyType({one.name: one for one in _ALL})


def find_measure(name: str) -> Measure:
    """The measure of this name. Raises BadInput."""
    if name not in MEASURES:
        raise BadInput(f"Journeys cannot be measured by {name[:60]!r}.", hint=f"Choose of: {', '.join(MEASURES)}.")
    return MEASURES[name]


class Conversions(Struct, frozen=True, kw_only=True):
    """`channel` and `landing_page`: only responses that somebody's touch of that channel, or of a page whose path has
    that text, may have led to. Such a response is looked at whole, with all its touches and what is unknown of it."""

    measure: str = "calls"
    definition: Definition = DEFAULT_DEFINITION
    channel: str = ""
    landing_page: str = ""

    def __post_init__(self) -> None:
        find_measure(self.measure)
        for text in (self.channel, self.landing_page):
            if len(text) > LONGEST_TEXT or "\0" in text:
                raise BadInput("That is too long to look for.", hint=f"At most {LONGEST_TEXT} letters.")

    @property
    def of(self) -> Measure:
        return find_measure(self.measure)

    @property
    def where_sql(self) -> str:
        """The rows of `credits` of these conversions. Its parameters are those of `values`."""
        span = "at_ms >= $since_ms AND at_ms < $until_ms"
        tests = [span, f"({self.of.kept_sql(self.definition)})"]
        touched = [f"AND {test}" for test in self._touched()]
        if touched:
            some = f"SELECT response_id FROM {{credits}} WHERE {span} AND reason IS NULL {' '.join(touched)}"  # noqa: S608
            tests.append(f"response_id IN ({some})")
        return " AND ".join(tests)

    def _touched(self) -> list[str]:
        tests = ["channel = $channel"] if self.channel else []
        return [*tests, *(["contains(lower(landing_page), lower($landing_page))"] if self.landing_page else [])]

    def values(self, scope: Scope) -> dict[str, object]:
        asked = {"channel": self.channel, "landing_page": self.landing_page}
        said = {name: text for name, text in asked.items() if text}
        return {"since_ms": scope.since_ms, "until_ms": scope.until_ms, **said}


CALLS = Conversions()


def made_from(lake: LakeReader, of: Conversions, sql: str, values: Mapping[str, object]) -> MadeOf:
    """What an answer about journeys was made from; it is of no one model."""
    return MadeOf(
        data_version=lake.data_version,
        definitions=lake.definitions or None,
        definition=of.definition.label,
        sql=sql.format(credits="credits"),
        values=values,
    )
