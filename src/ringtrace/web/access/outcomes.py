"""What came of calls and contacts, all of it; and what led to one call, as its page tells it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from ringtrace.core.clock import DAY_MS
from ringtrace.web.access.calls import access_calls, access_visits
from ringtrace.web.access.one import one
from ringtrace.web.access.rights import AnyUser, Right, access_companies, may, place_of
from ringtrace.web.models import AuditKind, AuditRow, CallRow, Company, LeaseRow, OutcomeRow

_LOOKBACK_MS = 30 * DAY_MS
_LONGEST_HELD_MS = 2 * DAY_MS


def access_all_outcomes(user: AnyUser, company: Company) -> QuerySet[OutcomeRow]:
    """A company's outcomes, newest first; of an agent, those of the calls they answered."""
    role, _ = place_of(user, company)
    outcomes = OutcomeRow.objects.filter(company=company)
    if role not in Right.SEE_CALLS.roles:
        outcomes = outcomes.none()
    elif role not in Right.SEE.roles:
        outcomes = outcomes.filter(call__in=access_calls(user, company).order_by().values("pk"))
    return outcomes.order_by("-at_ms", "-outcome_id")


def access_assignable(user: AnyUser, outcome_id: str, right: Right = Right.SEE) -> OutcomeRow:
    """An outcome that matched nothing, or was given its call by hand."""
    outcomes = OutcomeRow.objects.filter(pk=outcome_id, company__in=access_companies(user, right))
    return one(outcomes.select_related("company").filter(~Q(miss="") | Q(how="hand")), "outcome")


def access_shown(user: AnyUser, call: CallRow) -> QuerySet[LeaseRow]:
    """To whom the number of this call was shown, in the 30 days before it and after, the earliest first; for an agent,
    as far as these are visits of those whose calls they answered."""
    if call.number is None or not access_calls(user, call.company).filter(pk=call.pk).exists():
        return LeaseRow.objects.none()
    around = LeaseRow.objects.filter(
        company=call.company_id,
        e164=call.number.e164,
        from_ms__gte=call.started_ms - _LOOKBACK_MS,
        from_ms__lte=call.started_ms + _LONGEST_HELD_MS,
    )
    if place_of(user, call.company)[0] not in Right.SEE.roles:
        around = around.filter(visit__in=access_visits(user, call.company).order_by().values("pk"))
    return around.select_related("visit").order_by("from_ms", "lease_id")


def access_changes(user: AnyUser, company: Company, row_id: str) -> QuerySet[AuditRow]:
    """Who changed what of this row, newest first; for those who may change the company alone."""
    if not may(user, company, Right.CHANGE):
        return AuditRow.objects.none()
    about = AuditRow.objects.filter(
        company=company, about__gte=row_id, about__lt=f"{row_id}!"
    )  # the id, or it and more
    return about.exclude(kind=AuditKind.SEEN).select_related("user").order_by("-at_ms", "-pk")
