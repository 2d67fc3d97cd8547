"""The journeys behind each call, from the ledger, and the credit that a model gives along them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import msgspec

from ringtrace.attribution.credit import Credit, credit
from ringtrace.attribution.journeys import Journey, Touch, lay_out
from ringtrace.attribution.model import Model
from ringtrace.core.clock import DAY_MS
from ringtrace.core.matches import Match
from ringtrace.core.sources import Source
from ringtrace.lake.schemas import CreditFact
from ringtrace.web.models import CallRow, VisitRow
from ringtrace.web.models.calls import AttributedBy

LOOKBACK_MS = 30 * DAY_MS
_LEAST_P = 0.005  # visitors less likely than this are left to the unknown
_CHUNK = 500
_BY_NUMBER = (AttributedBy.STATIC_NUMBER, AttributedBy.OVERFLOW_NUMBER)

VisitsOf = Mapping[str, Sequence[Touch]]


def visitors_of(call: CallRow) -> dict[str, float]:
    """Who may have made this call, with probabilities: the candidates of the match, added up by visitor."""
    if call.attributed_by in _BY_NUMBER or not hasattr(call, "match"):
        return {}
    likely: defaultdict[str, float] = defaultdict(float)
    for weighed in msgspec.convert(call.match.verdict, Match).weighed:
        likely[weighed.visitor_id] += weighed.p
    return {visitor: p for visitor, p in likely.items() if p >= _LEAST_P}


def load_visits(calls: Sequence[CallRow]) -> VisitsOf:
    """The touches of everyone who may have made one of these calls (of one company)."""
    if not calls:
        return {}
    visitors = sorted({visitor for call in calls for visitor in visitors_of(call)})
    since_ms = min(call.started_ms for call in calls) - LOOKBACK_MS
    touches: defaultdict[str, list[Touch]] = defaultdict(list)
    for start in range(0, len(visitors), _CHUNK):
        rows = VisitRow.objects.filter(
            company_id=calls[0].company_id,
            visitor_id__in=visitors[start : start + _CHUNK],
            started_ms__gte=since_ms,
        ).order_by("started_ms", "visit_id")
        for visit in rows:
            touches[visit.visitor_id].append(_touch(visit))
    return touches


def _touch(visit: VisitRow) -> Touch:
    source = msgspec.convert(visit.source, Source)
    return Touch(touch_id=visit.visit_id, at_ms=visit.started_ms, visit_id=visit.visit_id, source=source)


def journeys_of(call: CallRow, visits_of: VisitsOf) -> tuple[Journey, ...]:
    """One journey for each visitor who may have made the call; for a static number, the one it stands for."""
    if call.attributed_by == AttributedBy.STATIC_NUMBER:
        source = msgspec.convert(call.number.static_source, Source)
        touch = Touch(touch_id=call.number_id, at_ms=call.started_ms, visit_id=None, source=source)
        return (Journey(conversion_id=call.call_id, touches=(touch,)),)
    journeys = tuple(
        Journey(
            conversion_id=call.call_id,
            touches=lay_out(visits_of.get(visitor, ()), call.started_ms, LOOKBACK_MS),
            p=min(1.0, p),
        )
        for visitor, p in visitors_of(call).items()
    )
    return journeys or (Journey(conversion_id=call.call_id, touches=(), p=0.0),)


def credit_facts(call: CallRow, visits_of: VisitsOf, model: Model) -> Iterator[CreditFact]:
    """The call's credit by one model, as the lake keeps it; the shares sum to one."""
    for one in credit(journeys_of(call, visits_of), model):
        yield _fact(call, one)


def _fact(call: CallRow, one: Credit) -> CreditFact:
    source = one.source
    is_visit = source is not None and call.attributed_by != AttributedBy.STATIC_NUMBER
    return CreditFact(
        company_id=call.company_id,
        call_id=call.call_id,
        started_ms=call.started_ms,
        model=one.model,
        params=one.params,
        visit_id=one.touch_id if is_visit else None,
        channel=source.channel if source else None,
        source=source.source if source else None,
        medium=source.medium if source else None,
        campaign=source.campaign if source else None,
        keyword=source.keyword if source else None,
        landing_page=source.landing_page if source else None,
        share=one.share,
        reason=one.reason,
    )
