"""Held touches: those of a response's person inside the lookback, before they are laid in order."""

from __future__ import annotations

from ibis.expr.types import BooleanValue, Table

from ringtrace.lake.definitions.candidates import candidates
from ringtrace.lake.definitions.laying import Laying
from ringtrace.lake.definitions.numbers import without
from ringtrace.lake.definitions.people import with_person
from ringtrace.lake.definitions.tables import TOUCHPOINTS, lookback_ms, since_ms, until_ms

DIMENSIONS = tuple(
    name
    for name in TOUCHPOINTS.columns
    if name not in ("company_id", "touch_id", "kind", "visit_id", "visitor_id", "at_ms")
)
_CAMPAIGN = ("source", "medium", "campaign")


def needed(laying: Laying) -> tuple[str, ...]:
    """The dimensions that laying out needs: all others join at the end, so that what is sorted stays narrow."""
    by_campaign = laying.level == "campaign" or laying.within_ms is not None
    return tuple(dict.fromkeys(("channel", laying.by, *(_CAMPAIGN if by_campaign else ()))))


def person_touches(laying: Laying) -> Table:
    """Touches that a response of the span may hold, with the person they are of."""
    rows = TOUCHPOINTS.filter(TOUCHPOINTS.at_ms >= since_ms() - lookback_ms(), TOUCHPOINTS.at_ms < until_ms())
    names = ["touch_id", "visitor_id", *needed(laying)]
    rows = rows.select("company_id", *names, touch_visit_id="visit_id", touch_ms="at_ms")
    return with_person(rows).alias("person_touches")


def held(laying: Laying) -> Table:
    """One row a touch that a candidate's journey holds: the columns of `candidates()` and of `person_touches()`."""
    who = candidates()
    touches = without(person_touches(laying), "company_id")
    joined = who.join(touches, [who.person_id == touches.person_id])
    age_ms = joined.at_ms - joined.touch_ms
    joined = joined.filter(age_ms >= 0, age_ms <= lookback_ms())
    joined = joined.filter(_of_session(joined)) if laying.level == "session" else joined
    return joined.alias("held")


def _of_session(rows: Table) -> BooleanValue:
    """The touch is the visit that made the response, or the static number that was dialled."""
    return (rows.touch_visit_id == rows.visit_id) | (rows.visitor_id == "call:" + rows.response_id)
