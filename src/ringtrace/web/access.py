"""The only way to a row for a person: every function here checks that the row is theirs, and raises NotFound if not.

A row of another account and a row that is not there look the same, so nobody learns what others have.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, Q, QuerySet

from ringtrace.core.errors import NotFound
from ringtrace.web.models import (
    Account,
    CallReportRow,
    CallRow,
    Company,
    Connection,
    LeaseRow,
    Membership,
    OutcomeRow,
    Pool,
    RefusalRow,
    Role,
    Site,
    TrackingNumber,
    User,
    VisitRow,
)

AnyUser = User | AnonymousUser
_Row = TypeVar("_Row", bound=Model)


class Right(Enum):
    """What a person may do with a company."""

    SEE = frozenset({Role.OWNER, Role.ADMIN, Role.ANALYST, Role.VIEWER})
    SEE_CALLERS = frozenset({Role.OWNER, Role.ADMIN, Role.ANALYST})
    CHANGE = frozenset({Role.OWNER, Role.ADMIN})


def access_companies(user: AnyUser, right: Right = Right.SEE) -> QuerySet[Company]:
    """All companies this person has `right` to; none for someone not signed in."""
    if not isinstance(user, User) or not user.is_active:
        return Company.objects.none()
    accounts = Membership.objects.filter(user=user, role__in=right.value).values("account")
    return Company.objects.filter(account__in=accounts).order_by("made_at")


def access_company(user: AnyUser, company_id: str, right: Right = Right.SEE) -> Company:
    return _one(access_companies(user, right).filter(pk=company_id), "company")


def may(user: AnyUser, company: Company, right: Right) -> bool:
    return access_companies(user, right).filter(pk=company.pk).exists()


def access_calls(user: AnyUser, company: Company) -> QuerySet[CallRow]:
    """A company's calls, newest first, with their number and visit."""
    calls = CallRow.objects.filter(company=company, company__in=access_companies(user))
    return calls.select_related("number", "visit", "match").order_by("-started_ms")


def access_call(user: AnyUser, call_id: str, right: Right = Right.SEE) -> CallRow:
    calls = CallRow.objects.filter(pk=call_id, company__in=access_companies(user, right))
    return _one(calls.select_related("number", "visit", "match", "company", "connection"), "call")


def access_sites(user: AnyUser, company: Company) -> QuerySet[Site]:
    return Site.objects.filter(company=company, company__in=access_companies(user)).order_by("name")


def access_site(user: AnyUser, site_id: str, right: Right = Right.SEE) -> Site:
    return _one(Site.objects.filter(pk=site_id, company__in=access_companies(user, right)), "site")


def access_pools(user: AnyUser, company: Company) -> QuerySet[Pool]:
    return Pool.objects.filter(site__company=company, site__company__in=access_companies(user)).order_by("name")


def access_pool(user: AnyUser, pool_id: str, right: Right = Right.SEE) -> Pool:
    return _one(Pool.objects.filter(pk=pool_id, site__company__in=access_companies(user, right)), "pool")


def access_numbers(user: AnyUser, company: Company) -> QuerySet[TrackingNumber]:
    numbers = TrackingNumber.objects.filter(company=company, company__in=access_companies(user))
    return numbers.select_related("pool", "connection").order_by("e164")


def access_number(user: AnyUser, number_id: str, right: Right = Right.SEE) -> TrackingNumber:
    numbers = TrackingNumber.objects.filter(pk=number_id, company__in=access_companies(user, right))
    return _one(numbers.select_related("company", "pool"), "number")


def access_connections(user: AnyUser, company: Company) -> QuerySet[Connection]:
    return Connection.objects.filter(company=company, company__in=access_companies(user)).order_by("name")


def access_connection(user: AnyUser, connection_id: str, right: Right = Right.SEE) -> Connection:
    connections = Connection.objects.filter(pk=connection_id, company__in=access_companies(user, right))
    return _one(connections.select_related("company"), "connection")


def access_visits(user: AnyUser, company: Company) -> QuerySet[VisitRow]:
    return VisitRow.objects.filter(company=company, company__in=access_companies(user)).order_by("-started_ms")


def access_journey(user: AnyUser, visit: VisitRow) -> QuerySet[VisitRow]:
    """All visits of this visit's visitor, oldest first."""
    visits = VisitRow.objects.filter(company=visit.company_id, visitor_id=visit.visitor_id)
    return visits.filter(company__in=access_companies(user)).order_by("started_ms")


def access_leases(user: AnyUser, company: Company) -> QuerySet[LeaseRow]:
    return LeaseRow.objects.filter(company=company, company__in=access_companies(user)).select_related("visit")


def access_reports(user: AnyUser, call: CallRow) -> QuerySet[CallReportRow]:
    """What carriers reported of a call; none for someone who may not see the call."""
    if not access_companies(user).filter(pk=call.company_id).exists():
        return CallReportRow.objects.none()
    return CallReportRow.objects.filter(call_id=call.pk)


def access_refusals(user: AnyUser, company: Company) -> QuerySet[RefusalRow]:
    """A company's refusals; with them those of no company, where nobody but this account is here to mend them."""
    own = access_companies(user).filter(pk=company.pk).values("pk")
    mine = Q(company_key__in=own)
    if own.exists() and Account.objects.count() == 1:
        mine |= Q(company_key="")
    return RefusalRow.objects.filter(mine)


def access_outcomes(user: AnyUser, call: CallRow) -> QuerySet[OutcomeRow]:
    outcomes = OutcomeRow.objects.filter(call=call, company__in=access_companies(user))
    return outcomes.select_related("marked_by").order_by("at_ms")


def access_outcome(user: AnyUser, call: CallRow, outcome_id: str) -> OutcomeRow:
    """One outcome of this call."""
    return _one(access_outcomes(user, call).filter(pk=outcome_id), "outcome")


def _one(rows: QuerySet[_Row], kind: str) -> _Row:
    row = rows.first()
    if row is None:
        raise NotFound(f"There is no such {kind}.", hint="It may have been removed, or belong to another account.")
    return row
