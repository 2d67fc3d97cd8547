"""Reports that are mailed by themselves."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from ninja import Router

from ringtrace.core.clock import wall_clock
from ringtrace.web.access import access_schedule, access_schedules
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, company_of, own, user_of
from ringtrace.web.api.operations import READS_SETTINGS, SETS, operation
from ringtrace.web.api.paging import USUAL, page_of
from ringtrace.web.api.params import Cursor, Id, Limit
from ringtrace.web.api.reading import Name, Word, one, or_else
from ringtrace.web.api.sites import Gone
from ringtrace.web.audit import say_about
from ringtrace.web.edits import refresh
from ringtrace.web.models import Cadence, Company, ReportSchedule
from ringtrace.web.schedules import MOST_RECIPIENTS, Wanted, do_ask_report, do_save_schedule

router = Router(tags=["reports by mail"])
Recipients = Annotated[tuple[Name, ...], Meta(min_length=1, max_length=MOST_RECIPIENTS)]
How = Literal["daily", "weekly", "monthly"]
Hour = Annotated[int, Meta(ge=0, le=23)]
Weekday = Annotated[int, Meta(ge=0, le=6)]
MonthDay = Annotated[int, Meta(ge=1, le=28)]


class ScheduleBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays as it is. `view_id`: a shared view, null: the overview; `weekday` 0: Monday; `hour`: the
    company's."""

    name: Word | UnsetType = UNSET
    cadence: How | UnsetType = UNSET
    recipients: Recipients | UnsetType = UNSET
    view_id: Name | UnsetType | None = UNSET
    hour: Hour | UnsetType = UNSET
    weekday: Weekday | UnsetType = UNSET
    month_day: MonthDay | UnsetType = UNSET
    is_on: bool | UnsetType = UNSET


class NewScheduleBody(ScheduleBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Word
    cadence: How
    recipients: Recipients


class ScheduleOut(Struct, frozen=True, kw_only=True):
    schedule_id: str
    name: str
    cadence: str
    recipients: list[str]
    view_id: str | None
    hour: int
    weekday: int
    month_day: int
    is_on: bool
    next_at: str | None
    last_at: str | None


class SchedulePage(Struct, frozen=True, kw_only=True):
    schedules: list[ScheduleOut]
    next: str | None


class Asked(Struct, frozen=True):
    """It is made in a moment, and mailed to `to`."""

    schedule_id: str
    to: str


@operation(
    router,
    "GET /schedules",
    "list_schedules",
    "Reports that are mailed, the newest first",
    READS_SETTINGS,
    answers=SchedulePage,
    rows="schedules",
)
def listed(request: ApiRequest, cursor: Cursor = "", limit: Limit = USUAL) -> SchedulePage:
    company = company_of(request)
    found, following = page_of(access_schedules(user_of(request), company), "made_ms", cursor, limit)
    return SchedulePage(schedules=[_out(row, company) for row in found], next=following)


@operation(router, "POST /schedules", "make_schedule", "Mail a report", SETS, body=NewScheduleBody, answers=ScheduleOut)
def make(request: ApiRequest) -> ScheduleOut:
    company = company_of(request)
    wanted = _wanted(one(request, NewScheduleBody), ReportSchedule())
    row = do_save_schedule(company, wanted, wall_clock(), by=user_of(request))
    say_about(request, row.pk)
    return _out(row, company)


@operation(
    router,
    "PATCH /schedules/{schedule_id}",
    "change_schedule",
    "Change a mailed report",
    SETS,
    body=ScheduleBody,
    answers=ScheduleOut,
)
def change(request: ApiRequest, schedule_id: Id) -> ScheduleOut:
    company, row, body = company_of(request), _row(request, schedule_id), one(request, ScheduleBody)
    refresh(row)
    return _out(do_save_schedule(company, _wanted(body, row), wall_clock(), row=row), company)


@operation(router, "DELETE /schedules/{schedule_id}", "remove_schedule", "Mail a report no more", SETS, answers=Gone)
def remove(request: ApiRequest, schedule_id: Id) -> Gone:
    _row(request, schedule_id).delete()
    return Gone(schedule_id)


@operation(
    router,
    "POST /schedules/{schedule_id}/send",
    "send_schedule",
    "Mail a report once, now, to the token's person",
    SETS,
    answers=Asked,
)
def send(request: ApiRequest, schedule_id: Id) -> Asked:
    row, to = _row(request, schedule_id), user_of(request).email
    do_ask_report(row, to)
    return Asked(row.pk, to)


def _row(request: ApiRequest, schedule_id: str) -> ReportSchedule:
    return own(request, access_schedule(user_of(request), schedule_id), "report")


def _wanted(body: ScheduleBody, row: ReportSchedule) -> Wanted:
    """What the body says over what is there."""
    return Wanted(
        name=or_else(body.name, row.name),
        cadence=Cadence(row.cadence if body.cadence is UNSET else body.cadence),
        hour=or_else(body.hour, row.hour),
        recipients=or_else(body.recipients, tuple(row.recipients)),
        view_id=(row.view_id if body.view_id is UNSET else body.view_id) or "",
        weekday=or_else(body.weekday, row.weekday),
        month_day=or_else(body.month_day, row.month_day),
        is_on=or_else(body.is_on, row.is_on),
    )


def _out(row: ReportSchedule, company: Company) -> ScheduleOut:
    return ScheduleOut(
        schedule_id=row.pk,
        name=row.name,
        cadence=row.cadence,
        recipients=row.recipients,
        view_id=row.view_id,
        hour=row.hour,
        weekday=row.weekday,
        month_day=row.month_day,
        is_on=row.is_on,
        next_at=at(row.next_ms, company.zone),
        last_at=at(row.last_ms, company.zone),
    )
