"""Settings, Mailed reports: what is mailed, when and to whom; and what became of each e-mail."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from msgspec import Struct

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.web import audit
from ringtrace.web.access import access_mails, access_schedule, access_schedules
from ringtrace.web.forms.reading import refuse
from ringtrace.web.forms.schedules import ScheduleForm, facts_of
from ringtrace.web.gate import ADMINS, CompanyRequest, for_admin, for_row
from ringtrace.web.mail_server import mail_server
from ringtrace.web.models import MailRow, ReportSchedule
from ringtrace.web.pdf import Told, answer_pdf
from ringtrace.web.schedules import do_ask_report, do_save_schedule, do_stop_for, make_report, read_stop_token

_MOST_MAILS = 30
_WHY = {
    "no_server": "no mail server is named yet",
    "refused": "the mail server refused the address or the message for good",
    "unreachable": "the mail server cannot be reached",
    "sign_in": "the mail server does not take our name and password",
    "put_off": "the mail server asked us to come again later",
    "expired": "its link was too old by then; ask for a new one",
}
_for_schedule = for_row(access_schedule, "schedule_id", ADMINS)


class MailLine(Struct, frozen=True, kw_only=True):
    to: str
    subject: str
    made_ms: int
    state: str
    why: str


@for_admin
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    context = {
        "schedules": access_schedules(request.user, request.company),
        "mails": [_line(row) for row in access_mails(request.user, request.company)[:_MOST_MAILS]],
        **_server(),
    }
    return render(request, "web/schedules.html", context)


@for_admin
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: CompanyRequest) -> HttpResponse:
    form = ScheduleForm(request.POST or None, company=request.company, initial={"recipients": request.user.email})
    if request.method == "POST" and form.is_valid():
        try:
            row = do_save_schedule(request.company, form.wanted, wall_clock(), by=request.user)
        except BadInput as error:
            refuse(form, error, "recipients")
        else:
            audit.say_about(request, row.pk)
            audit.say(request, recipients=len(row.recipients), cadence=row.cadence)
            messages.success(request, gettext("The report is saved."))
            return redirect("schedules")
    return _render(request, form, None)


@_for_schedule
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: CompanyRequest, row: ReportSchedule) -> HttpResponse:
    form = ScheduleForm(request.POST or None, company=request.company, initial=facts_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            do_save_schedule(request.company, form.wanted, wall_clock(), row=row)
        except BadInput as error:
            refuse(form, error, "recipients")
        else:
            audit.say(request, recipients=len(row.recipients), cadence=row.cadence, is_on=row.is_on)
            messages.success(request, gettext("The report is saved."))
            return redirect("schedules")
    return _render(request, form, row)


@_for_schedule
@require_safe
def preview(request: CompanyRequest, row: ReportSchedule) -> HttpResponse:
    """The e-mail's PDF as it would be sent now."""
    report = make_report(row, wall_clock())
    company = request.company
    told = Told(company=company.name, time_zone=company.time_zone, currency=company.currency, title=row.name)
    audit.do_note_export(
        request.user, company, "report", wall_clock(), rows=len(report.answer.lines), form="pdf", about=row.pk
    )
    return HttpResponse(
        answer_pdf(report.answer, told),
        content_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="report.pdf"'},
    )


@_for_schedule
@require_POST
def send(request: CompanyRequest, row: ReportSchedule) -> HttpResponse:
    """One e-mail to the person who asks, as it would be sent now: the worker makes it."""
    do_ask_report(row, request.user.email)
    messages.success(request, f"It is being made, and is on its way to {request.user.email}.")
    return redirect("schedules")


@_for_schedule
@require_POST
def remove(request: CompanyRequest, row: ReportSchedule) -> HttpResponse:
    row.delete()
    messages.success(request, gettext("The report is removed."))
    return redirect("schedules")


@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest) -> HttpResponse:
    """Opened from an e-mail, by whoever got it: asks first, so that no mail program stops it by looking."""
    token = request.POST.get("token", "") or request.GET.get("token", "")
    found = read_stop_token(token)
    if found is None:
        return render(request, "web/report_stop.html", {"row": None}, status=410)
    row, to = found
    is_stopped = request.method == "POST"
    if is_stopped:
        do_stop_for(row, to, wall_clock())
    return render(request, "web/report_stop.html", {"row": row, "to": to, "token": token, "is_stopped": is_stopped})


def _render(request: CompanyRequest, form: ScheduleForm, row: ReportSchedule | None) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "web/schedule.html", {"form": form, "row": row, **_server()}, status=status)


def _server() -> dict[str, object]:
    try:
        server = mail_server()
    except BadInput:
        return {"sender": "", "server_is_wrong": True}
    return {"sender": server.sender if server else "", "server_is_wrong": False, "web_url": settings.WEB_URL}


def _line(row: MailRow) -> MailLine:
    ended = "given up" if row.given_up_ms is not None else "waiting"
    state = "sent" if row.sent_ms is not None else ended
    why = _WHY.get(row.last_error, "") if state != "sent" else ""
    return MailLine(to=row.to, subject=row.subject, made_ms=row.made_ms, state=state, why=why)
