"""Which months of a company the lake must take again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import F, Max, Min, Model, QuerySet

from ringtrace.lake.months import month_of, month_span_ms, months_between
from ringtrace.web.models import CallRow, Company, ContactRow, OutcomeRow, PersonRow, SpendRow, StaleMonth, VisitRow

__all__ = ["ledger_months", "mark_all_stale", "mark_stale", "month_of"]

_TIMED: tuple[tuple[type[Model], str], ...] = (
    (VisitRow, "started_ms"),
    (CallRow, "started_ms"),
    (ContactRow, "at_ms"),
    (PersonRow, "at_ms"),
    (OutcomeRow, "at_ms"),
)


def mark_stale(
    company: Company | str, times_ms: Iterable[int] = (), *, months: Iterable[str] = (), forget: bool = False
) -> None:
    """Marks the months of these moments, in the transaction of the change itself.

    `forget`: somebody was erased from them, so the files that held them go at once and not after a while.
    """
    company_id = company if isinstance(company, str) else company.pk
    change = {"mark": F("mark") + 1, **({"forget": True} if forget else {})}
    for month in {*map(month_of, times_ms), *months}:
        if not StaleMonth.objects.filter(company_id=company_id, month=month).update(**change):
            StaleMonth.objects.get_or_create(company_id=company_id, month=month, defaults={"forget": forget})


def mark_all_stale(company: Company | str) -> int:
    """Marks every month that the company has; how many."""
    months = ledger_months(company if isinstance(company, str) else company.pk)
    mark_stale(company, months=months)
    return len(months)


def _has_any(rows: QuerySet[Any], timed_by: str, month: str) -> bool:
    """One call of long ago, or of a wrong clock, must not make every month since a month to publish."""
    since_ms, until_ms = month_span_ms(month)
    return rows.filter(**{f"{timed_by}__gte": since_ms, f"{timed_by}__lt": until_ms}).exists()


def ledger_months(company_id: str) -> set[str]:
    """Every month in which the company has a fact in the ledger."""
    months: set[str] = set()
    for model, timed_by in _TIMED:
        rows = model._default_manager.filter(company_id=company_id)  # noqa: SLF001 - Django's name
        ends = rows.aggregate(first=Min(timed_by), last=Max(timed_by))
        if ends["first"] is not None:
            between = months_between(month_of(ends["first"]), month_of(ends["last"]))
            months.update(month for month in between if month not in months and _has_any(rows, timed_by, month))
    booked = SpendRow.objects.filter(company_id=company_id).dates("on_date", "month")
    return months | {f"{on:%Y-%m}" for on in booked}
