"""Roles, what each may do, and which companies a person has."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import Enum

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet, Value

from ringtrace.web.access.one import one
from ringtrace.web.models import Company, CompanySeat, Membership, Role, User

AnyUser = User | AnonymousUser


class Right(Enum):
    """What a person may do with a company. `roles`: who may."""

    BELONG = "belong"
    SEE = "see"
    SEE_CALLS = "see_calls"
    """Calls, journeys and what came of them; an agent's are their own calls alone."""
    SEE_CALLERS = "see_callers"
    WORK = "work"
    """Say of calls how they ended and what came of them."""
    CHANGE = "change"
    OWN = "own"

    @property
    def roles(self) -> frozenset[Role]:
        return _ROLES[self]


_ROLES = {
    Right.BELONG: frozenset(Role),
    Right.SEE: frozenset({Role.OWNER, Role.ADMIN, Role.ANALYST, Role.VIEWER}),
    Right.SEE_CALLS: frozenset(Role),
    Right.SEE_CALLERS: frozenset({Role.OWNER, Role.ADMIN, Role.ANALYST, Role.AGENT}),
    Right.WORK: frozenset({Role.OWNER, Role.ADMIN, Role.ANALYST, Role.AGENT}),
    Right.CHANGE: frozenset({Role.OWNER, Role.ADMIN}),
    Right.OWN: frozenset({Role.OWNER}),
}

_removed_only: ContextVar[bool] = ContextVar("removed_only", default=False)


@contextmanager
def among_removed() -> Iterator[None]:
    """Here `access_*` finds rows of removed companies and of no others: only to say of a stale link what happened."""
    token = _removed_only.set(True)
    try:
        yield
    finally:
        _removed_only.reset(token)


def access_companies(user: AnyUser, right: Right = Right.SEE) -> QuerySet[Company]:
    """All companies this person has `right` to; none for someone not signed in.

    A seat in a company says what its person may do there, whatever the place in the account says.
    """
    if not isinstance(user, User) or not user.is_active:
        return Company.objects.none()
    seats = CompanySeat.objects.filter(user=user)
    by_seat = Q(pk__in=seats.filter(role__in=right.roles).values("company"))
    places = Membership.objects.filter(user=user, role__in=right.roles).values("account")
    by_account = Q(account__in=places) & ~Q(pk__in=seats.values("company"))
    companies = Company.objects.filter(by_seat | by_account, removed_ms__isnull=not _removed_only.get())
    return companies.order_by("made_at")


def access_company(user: AnyUser, company_id: str, right: Right = Right.SEE) -> Company:
    return one(access_companies(user, right).filter(pk=company_id), "company")


def may(user: AnyUser, company: Company, right: Right) -> bool:
    return access_companies(user, right).filter(pk=company.pk).exists()


def role_of(user: AnyUser, company: Company) -> Role | None:
    """What this person is in a company: by their seat there, else by their place in its account."""
    return place_of(user, company)[0]


def place_of(user: AnyUser, company: Company) -> tuple[Role | None, frozenset[str]]:
    """Role, and the names by which calls know this person; asked once for each company and person read.

    A name that people give themselves is none of them: by it somebody could take another's calls for their own.
    """
    is_hidden = (company.removed_ms is not None) is not _removed_only.get()
    if not isinstance(user, User) or not user.is_active or is_hidden:
        return None, frozenset()
    known: dict[str, tuple[Role | None, frozenset[str]]] = user.__dict__.setdefault("places_known", {})
    if company.pk not in known:
        columns = ("nth", "role", "agent_name")
        seats = CompanySeat.objects.filter(user=user, company=company).annotate(nth=Value(0)).values_list(*columns)
        places = Membership.objects.filter(user=user, account=company.account_id)
        found = sorted(seats.union(places.annotate(nth=Value(1)).values_list(*columns)))
        names = frozenset(name.strip() for name in (user.email, *(row[2] for row in found)) if name.strip())
        known[company.pk] = (Role(found[0][1]) if found else None, names)
    return known[company.pk]


def rights_of(user: AnyUser, company: Company) -> frozenset[Right]:
    role = role_of(user, company)
    return frozenset(right for right in Right if role in right.roles)
