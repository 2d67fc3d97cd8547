"""Outcomes: told, listed (those that matched nothing too), taken back."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from msgspec import Struct
from ninja import Router

from ringtrace.core.errors import NotFound
from ringtrace.core.outcomes import check_kind
from ringtrace.intake.port import OutcomeIn, What
from ringtrace.web.access import access_assignable, access_companies
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, call_of, company_of, own, user_of
from ringtrace.web.api.operations import READS, TELLS_OUTCOMES, operation
from ringtrace.web.api.paging import USUAL, between, page_of, same
from ringtrace.web.api.params import Cursor, Exactly, Flag, Id, Limit, Time
from ringtrace.web.api.reading import (
    Cents,
    Currency,
    ExternalId,
    Moment,
    Name,
    PersonBody,
    Text,
    bounds,
    ms_of,
    one,
    person_of,
)
from ringtrace.web.api.taking import SYSTEM, TakenRows, take_rows
from ringtrace.web.audit import say_about
from ringtrace.web.models import Company, OutcomeRow
from ringtrace.web.outcome_changes import do_assign_outcome
from ringtrace.web.outcomes import MISSES, Miss, do_remove_outcome

router = Router(tags=["outcomes"])


class OutcomeBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What came of a call or a contact. The same `external_id` again replaces, never doubles."""

    kind: Name
    at: Moment
    external_id: ExternalId | None = None
    value_cents: Cents | None = None
    currency: Currency | None = None
    call_id: Name | None = None
    contact_external_id: Name | None = None
    called_at: Moment | None = None
    person: PersonBody = PersonBody()
    stage: Name = ""
    is_lost: bool = False
    note: Text = ""
    removed: bool = False


class AssignBody(Struct, frozen=True, forbid_unknown_fields=True):
    """The call that it came of."""

    call_id: Name


class OutcomeOut(Struct, frozen=True, kw_only=True):
    """`value_cents` in `currency`, the company's. `said_cents` in `said_currency`: as told, where that is another.

    `miss` and `why`: why it matched nothing; null where it did.
    """

    outcome_id: str
    external_id: str | None
    kind: str
    at: str | None
    at_ms: int
    value_cents: int | None
    currency: str
    said_cents: int | None
    said_currency: str | None
    stage: str
    is_lost: bool
    note: str
    system: str
    call_id: str | None
    contact_id: str | None
    how: str | None
    miss: str | None
    why: str | None


class OutcomePage(Struct, frozen=True, kw_only=True):
    outcomes: list[OutcomeOut]
    next: str | None


class Removed(Struct, frozen=True):
    removed: str


@operation(
    router,
    "POST /outcomes",
    "tell_outcomes",
    "Tell outcomes, one or up to 1,000",
    TELLS_OUTCOMES,
    body=OutcomeBody | list[OutcomeBody],
    answers=TakenRows,
)
def tell(request: ApiRequest) -> TakenRows:
    return take_rows(request, What.OUTCOMES, OutcomeBody, outcome_in)


@operation(
    router, "GET /outcomes", "list_outcomes", "Outcomes, the newest first", READS, answers=OutcomePage, rows="outcomes"
)
def listed(
    request: ApiRequest,
    missed: Flag = None,
    kind: Exactly = "",
    system: Exactly = "",
    call_id: Exactly = "",
    external_id: Exactly = "",
    since: Time = "",
    until: Time = "",
    cursor: Cursor = "",
    limit: Limit = USUAL,
) -> OutcomePage:
    company = company_of(request)
    rows = _outcomes(request)
    if missed is not None:
        rows = rows.exclude(miss="") if missed else rows.filter(miss="")
    if kind:
        rows = rows.filter(kind=check_kind(kind))
    rows = same(rows, system=system, call=call_id, external_id=external_id)
    rows = between(rows, "at_ms", bounds(company, since, until))
    found, following = page_of(rows, "at_ms", cursor, limit)
    return OutcomePage(outcomes=[outcome_out(row, company) for row in found], next=following)


@operation(
    router,
    "DELETE /outcomes/{path:external_id}",
    "remove_outcome",
    "Take an outcome back, by its external id or its own",
    TELLS_OUTCOMES,
    answers=Removed,
)
def remove(request: ApiRequest, external_id: Id) -> Removed:
    rows = _outcomes(request).filter(Q(external_id=external_id) | Q(pk=external_id))
    row = min(rows, key=lambda row: (row.pk != external_id, row.system not in (SYSTEM, ""), row.pk), default=None)
    if row is None or not external_id:
        raise NotFound("There is no such outcome.", hint="It may have been removed, or belong to another company.")
    say_about(request, row.pk)  # an external id is whatever its system wrote, an e-mail address perhaps
    do_remove_outcome(row)
    return Removed(external_id)


@operation(
    router,
    "POST /misses/{outcome_id}/assign",
    "assign_outcome",
    "Say which call an outcome came of that matched nothing",
    TELLS_OUTCOMES,
    body=AssignBody,
    answers=OutcomeOut,
)
def assign(request: ApiRequest, outcome_id: Id) -> OutcomeOut:
    row = own(request, access_assignable(user_of(request), outcome_id), "outcome")
    call = call_of(request, one(request, AssignBody).call_id)
    do_assign_outcome(row, call, user_of(request))
    return outcome_out(row, company_of(request))


def outcome_in(body: OutcomeBody, company: Company) -> OutcomeIn:
    return OutcomeIn(
        kind=check_kind(body.kind),
        at_ms=ms_of(body.at),
        external_id=body.external_id or "",
        value_cents=body.value_cents,
        currency=body.currency if body.value_cents is not None else None,
        call_id=body.call_id,
        contact_external_id=body.contact_external_id,
        called_ms=None if body.called_at is None else ms_of(body.called_at),
        person=person_of(body.person, company),
        stage=body.stage,
        is_lost=body.is_lost,
        note=body.note,
        removed=body.removed,
    )


def outcome_out(row: OutcomeRow, company: Company) -> OutcomeOut:
    zone: ZoneInfo = company.zone
    return OutcomeOut(
        outcome_id=row.pk,
        external_id=row.external_id or None,
        kind=row.kind,
        at=at(row.at_ms, zone),
        at_ms=row.at_ms,
        value_cents=row.value_cents,
        currency=company.currency,
        said_cents=row.said_cents,
        said_currency=row.currency or None,
        stage=row.stage,
        is_lost=row.is_lost,
        note=row.note,
        system=row.system,
        call_id=row.call_id,
        contact_id=row.contact_id,
        how=row.how or None,
        miss=row.miss or None,
        why=_why(row.miss),
    )


def _why(miss: str) -> str | None:
    return MISSES.get(Miss(miss)) if miss in list(Miss) else None


def _outcomes(request: ApiRequest) -> QuerySet[OutcomeRow, Any]:
    company = company_of(request)
    return OutcomeRow.objects.filter(company=company, company__in=access_companies(user_of(request)))
