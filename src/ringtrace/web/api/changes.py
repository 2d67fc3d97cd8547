"""What changed most between two spans, and by what."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from msgspec import Struct
from ninja import Router
from pydantic import Field

from ringtrace.core.clock import wall_clock
from ringtrace.reports.changes import Changes, Part, what_changed
from ringtrace.reports.dimensions import find_dimension
from ringtrace.reports.filters import value_text
from ringtrace.reports.questions import DEFAULT_MODEL, Made
from ringtrace.web.api.bearing import ApiRequest, company_of
from ringtrace.web.api.journeys import Days, Label, asked_scope
from ringtrace.web.api.operations import READS, operation
from ringtrace.web.api.params import Day
from ringtrace.web.api.reports import SpanOut
from ringtrace.web.counting import find_definition

router = Router(tags=["reports"])
Metric: TypeAlias = Annotated[str, Field(max_length=60, description="Whose change.")]
Model: TypeAlias = Annotated[str, Field(max_length=60, description="Which model of credit.")]
Against: TypeAlias = Annotated[str, Field(pattern="^(before|year)$", description="The days before, or a year ago.")]


class PartOut(Struct, frozen=True, kw_only=True):
    """A value of a dimension in both spans; of its change, what is by more visits (`volume`) and by more responses a
    visit (`rate`); null where its visits are not known."""

    value: str | None
    now: float
    before: float
    visits: float | None
    visits_before: float | None
    volume: float | None
    rate: float | None


class SplitOut(Struct, frozen=True, kw_only=True):
    """The parts add up to the change of the total."""

    dimension: str
    parts: list[PartOut]


class ToldOut(Struct, frozen=True, kw_only=True):
    """What stands out by more than chance; `mostly`: the value within it that has most of the change."""

    dimension: str
    part: PartOut
    mostly: SplitOut | None
    visits_moved: bool | None
    rate_moved: bool | None


class ChangesOut(Struct, frozen=True, kw_only=True):
    """`is_chance`: the totals differ by no more than chance. `why`: why nothing is known, where that is so."""

    metric: str
    span: SpanOut
    compared: SpanOut
    now: float | None
    before: float | None
    is_chance: bool
    told: list[ToldOut]
    splits: list[SplitOut]
    why: str
    made: Made


@operation(
    router,
    "GET /changes",
    "what_changed",
    "What changed most between two spans, and by what",
    READS,
    answers=ChangesOut,
)
def changes(
    request: ApiRequest,
    metric: Metric = "calls",
    compare: Against = "before",
    model: Model = DEFAULT_MODEL,
    definition: Label = "",
    since: Day = None,
    until: Day = None,
    days: Days = 28,
) -> ChangesOut:
    found = what_changed(
        asked_scope(request, since, until, days),
        "year" if compare == "year" else "before",
        metric,
        model,
        definition=find_definition(company_of(request).pk, definition),
        now_ms=wall_clock(),
    )
    return _changes(found)


def _changes(found: Changes) -> ChangesOut:
    return ChangesOut(
        metric=found.metric,
        span=SpanOut(since=found.span.since_on, until=found.span.until_on),
        compared=SpanOut(since=found.compared.since_on, until=found.compared.until_on),
        now=found.now,
        before=found.before,
        is_chance=found.is_chance,
        told=[
            ToldOut(
                dimension=each.dimension,
                part=_part(each.dimension, each.part),
                mostly=SplitOut(dimension=each.mostly[0], parts=[_part(*each.mostly)]) if each.mostly else None,
                visits_moved=each.visits_moved,
                rate_moved=each.rate_moved,
            )
            for each in found.told
        ],
        splits=[
            SplitOut(dimension=each.dimension, parts=[_part(each.dimension, part) for part in each.parts])
            for each in found.splits
        ],
        why=found.why,
        made=found.made,
    )


def _part(dimension: str, part: Part) -> PartOut:
    return PartOut(
        value=None if part.value is None else value_text(part.value, find_dimension(dimension).value),
        now=part.now,
        before=part.before,
        visits=part.visits,
        visits_before=part.visits_before,
        volume=part.volume,
        rate=part.rate,
    )
