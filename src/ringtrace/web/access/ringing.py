"""Calls on the desk: those that ring, those somebody speaks on, and those that just ended.

Whoever sees the company's calls sees all of them. An agent sees a call that rings until somebody has answered it,
unless it rings at another's own place; once it is answered, whose it is alone sees it. Of a call that was answered and
that nobody said was theirs, an agent learns only that there was one (`access_untaken`), to say so.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q, QuerySet

from ringtrace.core.calls import CallStatus
from ringtrace.core.clock import HOUR_MS, MINUTE_MS
from ringtrace.core.errors import NotFound
from ringtrace.flows.interpreter import read_flow
from ringtrace.web.access.calls import access_calls
from ringtrace.web.access.one import one
from ringtrace.web.access.rights import AnyUser, Right, access_companies, place_of
from ringtrace.web.models import (
    CallRow,
    Company,
    CompanySeat,
    ContactRow,
    Membership,
    PopHint,
    TapRow,
    User,
)

WRAP_UP_MS = 10 * MINUTE_MS
"""How long after its end a call stays on the desk."""

_LONGEST_CALL_MS = 4 * HOUR_MS
_MOST = 100
_UNDER_WAY = (CallStatus.RINGING.value, CallStatus.IN_PROGRESS.value)


def access_ringing(user: AnyUser, company: Company, now_ms: int) -> QuerySet[CallRow]:
    """Calls under way that this person may see whole, newest first."""
    looker = _Looker(user, company)
    return _rows([row for row in _desk(company, now_ms) if row.status in _UNDER_WAY and looker.sees(row)])


def access_just_ended(user: AnyUser, company: Company, now_ms: int) -> QuerySet[CallRow]:
    """Calls that ended within WRAP_UP_MS and that this person may see whole, newest first."""
    looker = _Looker(user, company)
    return _rows([row for row in _desk(company, now_ms) if row.status not in _UNDER_WAY and looker.sees(row)])


def access_untaken(user: AnyUser, company: Company, now_ms: int) -> QuerySet[CallRow]:
    """Calls on the desk that this person may not see, and may say are theirs: nobody's yet, and of no one's place."""
    looker = _Looker(user, company)
    return _rows([row for row in _desk(company, now_ms) if looker.may_take(row) and not looker.sees(row)])


def access_desk_call(user: AnyUser, call_id: str, now_ms: int) -> CallRow:
    """A call that this person may see, or may say is theirs."""
    rows = CallRow.objects.filter(pk=call_id, company__in=access_companies(user, Right.SEE_CALLS))
    row = rows.select_related("company", "number", "visit", "connection").first()
    if row is not None:
        if access_calls(user, row.company).filter(pk=row.pk).exists():
            return row
        if any(some(user, row.company, now_ms).filter(pk=row.pk).exists() for some in _ON_DESK):
            return row
    raise NotFound("There is no such call.", hint="It may have been removed, or be somebody else’s.")


def access_done(
    user: AnyUser, company: Company, calls: Collection[CallRow], now_ms: int
) -> tuple[QuerySet[TapRow], QuerySet[ContactRow]]:
    """What the visits of these calls did: taps on a number, and forms that were sent; oldest first."""
    asked = [row.pk for row in calls]
    seen = [*access_ringing(user, company, now_ms), *access_just_ended(user, company, now_ms)]
    visits = [row.visit_id for row in seen if row.visit_id and row.pk in asked]
    taps, forms = TapRow.objects.filter(visit__in=visits), ContactRow.objects.filter(visit__in=visits)
    return taps.order_by("at_ms"), forms.order_by("at_ms")


def access_pop_hints(user: AnyUser, company: Company) -> QuerySet[PopHint]:
    """What people who answer are told to do, in its order."""
    hints = PopHint.objects.filter(company=company, company__in=access_companies(user))
    return hints.select_related("made_by").order_by("place", "hint_id")


def access_pop_hint(user: AnyUser, hint_id: str, right: Right = Right.SEE) -> PopHint:
    hints = PopHint.objects.filter(pk=hint_id, company__in=access_companies(user, right))
    return one(hints.select_related("company"), "hint")


def agent_name_of(user: User, company: Company) -> str:
    """By which a call that this person answered is known to be theirs."""
    _, names = place_of(user, company)
    return min(names - {user.email}, default=user.email)


def whose_places(company: Company) -> dict[str, str]:
    """What calls say of a company's people, by the same in small letters: a name, or the place at which only they are
    rung."""
    people = Membership.objects.filter(account=company.account_id)
    seats = CompanySeat.objects.filter(company=company)
    names = [*people.values_list("agent_name", flat=True), *seats.values_list("agent_name", flat=True)]
    return {name.strip().casefold(): name.strip() for name in names if name.strip()}


class _Looker:
    """What one person may see of a company's desk."""

    def __init__(self, user: AnyUser, company: Company) -> None:
        self._role, names = place_of(user, company)
        self._mine = {name.casefold() for name in names}
        self._peoples = frozenset(whose_places(company))

    def sees(self, row: CallRow) -> bool:
        if self._role in Right.SEE.roles:
            return True
        if self._role not in Right.SEE_CALLS.roles:
            return False
        if row.agent:
            return row.agent.casefold() in self._mine
        places = places_of(row)
        return bool(places & self._mine) or (row.status == CallStatus.RINGING and not places & self._peoples)

    def may_take(self, row: CallRow) -> bool:
        is_open = not row.agent and not (places_of(row) & self._peoples - self._mine)
        return self._role in Right.WORK.roles and is_open


def _desk(company: Company, now_ms: int) -> list[CallRow]:
    """Live calls; those of other systems come when they are over."""
    recent = CallRow.objects.filter(company=company, started_ms__gte=now_ms - _LONGEST_CALL_MS, system="")
    on_desk = Q(status__in=_UNDER_WAY) | Q(ended_ms__gte=now_ms - WRAP_UP_MS)
    return list(recent.filter(on_desk).select_related("number").order_by("-started_ms", "-call_id")[:_MOST])


def _rows(rows: Collection[CallRow]) -> QuerySet[CallRow]:
    found = CallRow.objects.filter(pk__in=[row.pk for row in rows])
    return found.select_related("company", "number", "visit").order_by("-started_ms", "-call_id")


def places_of(row: CallRow) -> set[str]:
    """Where a call rings, as agents are named: its destination, and its number's name."""
    if row.number is None:
        return set()
    rung = (step.ring.destination for step in read_flow(row.number.flow).steps if step.ring is not None)
    return {place.strip().casefold() for place in (*rung, row.number.name) if place.strip()}


_ON_DESK = (access_ringing, access_just_ended, access_untaken)
