"""Reports that are mailed by themselves: when each is due, what it asks, and what the e-mail says."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import msgspec
from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from msgspec import Struct

from ringtrace.core.clock import MINUTE_MS, at_from_ms, ms_from_at
from ringtrace.core.errors import BadInput, RingtraceError, StoreUnavailable
from ringtrace.reports.asked import Answer
from ringtrace.reports.explore import explore
from ringtrace.web import audit
from ringtrace.web.mail import Attached, do_queue_mail
from ringtrace.web.models import AuditKind, Cadence, Company, ReportSchedule, SavedView, User
from ringtrace.web.pdf import Told, answer_pdf
from ringtrace.web.questions import Asked, question_of, span_pairs
from ringtrace.web.shown import Row, Showing
from ringtrace.web.spans import Span

log = logging.getLogger("ringtrace.web")

MOST_RECIPIENTS = 50
MOST_SCHEDULES = 100
_LONGEST_NAME = 120
_SAID = ("name", "cadence", "hour", "weekday", "month_day", "is_on", "recipients", "view", "next_ms")
_MOST_LINES = 25
_AGAIN_MS = 15 * MINUTE_MS
_SALT = "ringtrace.schedules.stop"
_OVERVIEW = (
    (
        "metrics",
        "calls,qualified_calls,first_time_callers,answer_rate,sales,revenue,spend,cost_per_qualified_call,roas",
    ),
    ("by", "channel"),
    ("compare", "before"),
)


class Wanted(Struct, frozen=True, kw_only=True):
    """A schedule as somebody wants it. `view_id` "": the overview. `weekday` 0: Monday."""

    name: str
    cadence: Cadence
    hour: int
    recipients: tuple[str, ...]
    view_id: str = ""
    weekday: int = 0
    month_day: int = 1
    is_on: bool = True


class Report(Struct, frozen=True, kw_only=True):
    """What one e-mail tells. `address`: of the page that shows the same, for good."""

    asked: Asked
    answer: Answer
    address: str
    figures: tuple[tuple[str, str, str, str], ...]  # title, value, change, before
    heads: tuple[str, ...]
    rows: tuple[Row, ...]


def check_recipients(said: Iterable[str]) -> list[str]:
    """Raises BadInput that names the one that is wrong."""
    found = list(dict.fromkeys(each.strip().lower() for each in said if each.strip()))
    if not found:
        raise BadInput("Nobody would get this report.", hint="Give at least one e-mail address, one a line.")
    if len(found) > MOST_RECIPIENTS:
        raise BadInput(f"That is more than {MOST_RECIPIENTS} people.", hint="Use the address of a mailing list.")
    for each in found:
        try:
            validate_email(each)
        except ValidationError as error:
            raise BadInput(f"{each[:80]!r} is no e-mail address.", hint="Write it like ann@example.com.") from error
    return found


@transaction.atomic
def do_save_schedule(
    company: Company, wanted: Wanted, now_ms: int, *, by: User | None = None, row: ReportSchedule | None = None
) -> ReportSchedule:
    """A new schedule, or `row` changed. Raises BadInput."""
    name = " ".join(wanted.name.split())
    if not 1 <= len(name) <= _LONGEST_NAME:
        raise BadInput("A report needs a name.", hint=f"1 to {_LONGEST_NAME} characters.")
    if row is None and company.schedules.count() >= MOST_SCHEDULES:
        raise BadInput(f"There are {MOST_SCHEDULES} reports already.", hint="Remove those that nobody reads.")
    if not (0 <= wanted.hour <= 23 and 0 <= wanted.weekday <= 6 and 1 <= wanted.month_day <= 28):
        raise BadInput("That is no time of a report.", hint="Hours are 0 to 23, days of a month 1 to 28.")
    row = row or ReportSchedule(company=company, made_by=by, made_ms=now_ms)
    row.name, row.cadence, row.hour = name, wanted.cadence, wanted.hour
    row.weekday, row.month_day, row.is_on = wanted.weekday, wanted.month_day, wanted.is_on
    row.recipients = check_recipients(wanted.recipients)
    row.view = _view(company, wanted.view_id)
    row.next_ms = next_due_ms(row, company.zone, now_ms)
    row.save(update_fields=None if row._state.adding else _SAID)  # noqa: SLF001  # Django's own way to tell
    return row


def _view(company: Company, view_id: str) -> SavedView | None:
    """Only shared views are mailed: what is a person's own stays so."""
    if not view_id:
        return None
    view = company.views.filter(pk=view_id, is_shared=True).first()
    if view is None:
        raise BadInput("There is no such shared view.", hint="Share the view on the page Metrics first.")
    return view


def next_due_ms(row: ReportSchedule, zone: ZoneInfo, after_ms: int) -> int:
    """The first moment after `after_ms` at the schedule's hour and day there, whatever the clocks do that night."""
    on = at_from_ms(after_ms).astimezone(zone).date()
    while True:
        due = datetime(on.year, on.month, on.day, row.hour, tzinfo=zone)
        due_ms = ms_from_at(due)
        if due_ms > after_ms and _is_day(row, on):
            return due_ms
        on += timedelta(days=1)


def _is_day(row: ReportSchedule, on: date) -> bool:
    match row.cadence:
        case Cadence.WEEKLY:
            return on.weekday() == row.weekday
        case Cadence.MONTHLY:
            return on.day == row.month_day
        case _:
            return True


def span_of(row: ReportSchedule, on: date) -> Span:
    """The days that a report of this day tells: yesterday, the seven days before, or the month before."""
    yesterday = on - timedelta(days=1)
    match row.cadence:
        case Cadence.WEEKLY:
            return Span(since_on=on - timedelta(days=7), until_on=yesterday)
        case Cadence.MONTHLY:
            last = on.replace(day=1) - timedelta(days=1)
            return Span(since_on=last.replace(day=1), until_on=last)
        case _:
            return Span(since_on=yesterday, until_on=yesterday)


def make_report(row: ReportSchedule, at_ms: int) -> Report:
    """Asks the lake what this schedule's e-mail of this moment tells."""
    company = row.company
    on = at_from_ms(at_ms).astimezone(company.zone).date()
    said = parse_qsl(row.view.query) if row.view else list(_OVERVIEW)
    kept = [pair for pair in said if pair[0] not in ("days", "since", "until")]
    asked = question_of(company, [*span_pairs(span_of(row, on)), *kept], on)
    answer = explore(asked.scope, asked.question)
    shown = msgspec.structs.replace(answer, lines=answer.lines[:_MOST_LINES])
    showing = Showing(asked, shown, company.currency)
    heads = [head.title for head in showing.heads]
    metrics = heads[len(asked.question.by) :]
    return Report(
        asked=asked,
        answer=answer,
        address=f"{settings.WEB_URL}{reverse('metrics')}?{asked.query}",
        figures=tuple(
            (title, cell.text, cell.change, cell.before) for title, cell in zip(metrics, showing.totals, strict=True)
        ),
        heads=tuple(heads),
        rows=tuple(showing.rows),
    )


@transaction.atomic
def do_queue_report(row: ReportSchedule, report: Report, now_ms: int, recipients: Sequence[str]) -> int:
    """An e-mail to each recipient, with the figures in it and the same as PDF; how many."""
    company = row.company
    span = report.asked.span
    dates = f"{span.since_on:%-d %b %Y}"
    if span.days > 1:
        dates = f"{span.since_on:%-d %b} to {span.until_on:%-d %b %Y}"
    told = Told(company=company.name, time_zone=company.time_zone, currency=company.currency, title=row.name)
    file = Attached(
        name=f"{company.name} {span.until_on}.pdf".replace("/", "-"),
        type="application/pdf",
        body=answer_pdf(report.answer, told),
    )
    for to in recipients:
        stop = f"{settings.WEB_URL}{reverse('report_stop')}?token={stop_token(row, to)}"
        context = {"row": row, "company": company, "report": report, "dates": dates, "stop": stop}
        do_queue_mail(
            "report",
            to,
            f"{row.name}: {company.name}, {dates}",
            render_to_string("mail/report.txt", context),
            now_ms,
            html=render_to_string("mail/report.html", context),
            company=company,
            attachments=(file,),
        )
    return len(recipients)


def queue_due_reports(now_ms: int) -> int:
    """Queues the reports that are due; how many e-mails. What was missed while nothing ran comes once, not often."""
    queued = 0
    due = ReportSchedule.objects.filter(is_on=True, next_ms__lte=now_ms, company__removed_ms=None)
    for row in due.select_related("company", "view"):
        try:
            queued += _queue_due(row, now_ms)
        except StoreUnavailable:
            raise
        except RingtraceError as error:
            log.warning("the report %s could not be made (%s); it is tried again", row.pk, error.code)
            ReportSchedule.objects.filter(pk=row.pk).update(next_ms=now_ms + _AGAIN_MS)
    return queued


def _queue_due(row: ReportSchedule, now_ms: int) -> int:
    report = make_report(row, row.next_ms)
    following_ms = next_due_ms(row, row.company.zone, now_ms)
    with transaction.atomic():
        claimed = ReportSchedule.objects.filter(pk=row.pk, is_on=True, next_ms=row.next_ms)
        if claimed.update(next_ms=following_ms, last_ms=now_ms) != 1:
            return 0  # somebody changed it meanwhile, or another worker was first
        return do_queue_report(row, report, now_ms, row.recipients)


@transaction.atomic
def do_ask_report(row: ReportSchedule, to: str) -> None:
    """Has it mailed once to this person, as it is now. The mail thread makes it: asking the lake takes its time."""
    fresh = _fresh(row)
    if fresh is not None and to not in fresh.asked_by:
        fresh.asked_by = [*fresh.asked_by, to]
        fresh.save(update_fields=["asked_by"])


def queue_asked_reports(now_ms: int) -> int:
    """Queues the reports that somebody asked for; how many e-mails. One that cannot be made is answered with why."""
    asked = ReportSchedule.objects.exclude(asked_by=[]).filter(company__removed_ms=None)
    return sum(_queue_asked(row, now_ms) for row in asked.select_related("company", "view"))


def _queue_asked(row: ReportSchedule, now_ms: int) -> int:
    report, why = None, ""
    try:
        report = make_report(row, now_ms)
    except StoreUnavailable:
        raise
    except RingtraceError as error:
        log.warning("the report %s could not be made (%s)", row.pk, error.code)
        why = f"{error.args[0]} {error.hint}".strip()
    with transaction.atomic():
        fresh = _fresh(row)
        if fresh is None:
            return 0  # removed meanwhile
        asked, fresh.asked_by = fresh.asked_by, []
        fresh.save(update_fields=["asked_by"])
        if report is not None:
            return do_queue_report(row, report, now_ms, asked)
        for to in asked:
            subject = f"{row.name}: {row.company.name}, could not be made"
            do_queue_mail("report", to, subject, why, now_ms, company=row.company)
        return len(asked)


def _fresh(row: ReportSchedule) -> ReportSchedule | None:
    """As it is now, and as nobody else changes it until the end of the transaction."""
    return ReportSchedule.objects.select_for_update().filter(pk=row.pk).first()


def stop_token(row: ReportSchedule, to: str) -> str:
    """Lets whoever gets this report stop it for themselves, without signing in."""
    return signing.dumps([row.pk, to], salt=_SALT, compress=True)


def read_stop_token(token: str) -> tuple[ReportSchedule, str] | None:
    """The schedule and the address; None where the link is none, or that address gets nothing any more."""
    try:
        schedule_id, to = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    row = ReportSchedule.objects.filter(pk=schedule_id).select_related("company").first()
    return (row, to) if row is not None and to in row.recipients else None


@transaction.atomic
def do_stop_for(row: ReportSchedule, to: str, now_ms: int) -> None:
    """This address gets it no more; a report that nobody gets is switched off. The audit log says so of no address."""
    fresh = _fresh(row)
    if fresh is None or to not in fresh.recipients:
        return
    fresh.recipients = [each for each in fresh.recipients if each != to]
    fresh.is_on = fresh.is_on and bool(fresh.recipients)
    fresh.save(update_fields=["recipients", "is_on"])
    said = {"recipients": len(fresh.recipients), "is_on": fresh.is_on}
    by = "a reader of the report"
    audit.do_note(AuditKind.CHANGE, "report_stop", now_ms, actor=by, company=fresh.company, about=fresh.pk, said=said)
