"""What does each model give each touch of one call?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ringtrace.attribution.registry import LAKE_MODELS
from ringtrace.lake.reader import LakeReader, credit_column, read_steadily
from ringtrace.reports.questions import Scope

_COLUMNS = "touch_ms, visit_id, channel, source, medium, campaign, landing_page, position, length, p, reason"


class CreditLine(Struct, frozen=True, kw_only=True):
    """A touch of a call's journey, or (`reason`: unknown, no_touches) what goes to no touch. `p`: how likely the
    journey made the call. `shares` by model, `p` included: over a call's lines each model's sum to one. None: the month
    is too thin for the model."""

    touch_ms: int | None
    visit_id: str | None
    channel: str | None
    source: str | None
    medium: str | None
    campaign: str | None
    landing_page: str | None
    position: int | None
    length: int | None
    p: float
    reason: str | None
    shares: Mapping[str, float | None]


def call_credit(scope: Scope, call_id: str) -> tuple[CreditLine, ...]:
    """The likeliest journey's touches first, in order of time; what is unknown last. () for a call that is not in the
    lake (yet): the days of `scope` have to hold it."""
    return read_steadily(scope.lake, scope.company_id, lambda lake: _call_credit(lake, scope, call_id))


def _call_credit(lake: LakeReader, scope: Scope, call_id: str) -> tuple[CreditLine, ...]:
    models = ", ".join(f"{credit_column(model)} AS m{nth}" for nth, model in enumerate(LAKE_MODELS))
    sql = (
        f"SELECT {_COLUMNS}, {models} FROM {{credits}} WHERE response_id = $call_id"  # noqa: S608 - values are bound
        " ORDER BY reason IS NOT NULL, p DESC, length, touch_ms, touch_id, reason DESC"
    )
    rows = lake.ask(sql, {"call_id": call_id}, months=scope.months(), facts=("credits",))
    return tuple(map(_line, rows))


def _line(row: Mapping[str, Any]) -> CreditLine:
    known = {name: row[name] for name in _COLUMNS.split(", ")}
    return CreditLine(**known, shares={model: row[f"m{nth}"] for nth, model in enumerate(LAKE_MODELS)})
