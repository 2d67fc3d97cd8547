"""Candidates: the people who may have made each response, with probabilities."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from ringtrace.lake.definitions.numbers import number
from ringtrace.lake.definitions.people import with_person
from ringtrace.lake.definitions.responses import RESPONSE_KINDS, responses
from ringtrace.lake.definitions.tables import IDENTITIES

PARTS = 1_000_000_000_000
"""Probabilities are counted in 1e-12ths: sums of integers have no order, so that the same data give the same bytes."""

_CARRIED = ("company_id", "response_id", "kind", "at_ms", "lead_ms", "opportunity_ms", "counts", "value_cents")


def candidates() -> Table:
    """The columns of `responses()`, person_id, candidate, visit_id, p_parts (1e-12ths, above 0).

    Visitors who are one person count together; `candidate` numbers them within the response, whose `p_parts` sum to at
    most PARTS. `visit_id` is the likeliest visit that made the response.
    """
    asking = IDENTITIES.filter(IDENTITIES.key_kind.isin(RESPONSE_KINDS))
    asking = asking.select("key", "key_kind", "visitor_id", "visit_id", "p")
    came = responses()
    asked = came.join(asking, [came.response_id == asking.key, came.kind == asking.key_kind])
    asked = asked.mutate(p_parts=(asked.p * number(PARTS)).round().cast("int64"))
    asked = with_person(asked.filter(asked.p_parts > 0))
    likeliest = ibis.window(
        group_by=["response_id", "person_id"],
        order_by=[asked.p_parts.desc(), asked.visitor_id.asc()],
    )
    asked = asked.mutate(rank=ibis.row_number().over(likeliest))
    people = asked.group_by(*_CARRIED, "person_id").agg(
        p_parts=asked.p_parts.sum(),
        visit_id=asked.visit_id.max(where=asked["rank"] == 0),
    )
    of_response = ibis.window(group_by="response_id", order_by="person_id")
    return people.mutate(candidate=ibis.row_number().over(of_response)).alias("candidates")
