from __future__ import annotations

from django.db.models import QuerySet

from ringtrace.web.access.one import one
from ringtrace.web.access.rights import AnyUser, Right, access_companies
from ringtrace.web.models import Company, MailRow, ReportSchedule


def access_schedules(user: AnyUser, company: Company) -> QuerySet[ReportSchedule]:
    """Reports that are mailed; for those who may change the company."""
    rows = ReportSchedule.objects.filter(company=company, company__in=access_companies(user, Right.CHANGE))
    return rows.select_related("view").order_by("name", "schedule_id")


def access_schedule(user: AnyUser, schedule_id: str) -> ReportSchedule:
    rows = ReportSchedule.objects.filter(pk=schedule_id, company__in=access_companies(user, Right.CHANGE))
    return one(rows.select_related("company", "view"), "report")


def access_mails(user: AnyUser, company: Company) -> QuerySet[MailRow]:
    """E-mail of a company, the newest first."""
    rows = MailRow.objects.filter(company=company, company__in=access_companies(user, Right.CHANGE))
    return rows.order_by("-made_ms", "-mail_id")
