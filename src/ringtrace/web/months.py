"""Which months of a company the lake must take again."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, Max, Min, Model

from ringtrace.lake.months import month_of, months_between
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


def ledger_months(company_id: str) -> set[str]:
    """Every month from the company's first fact in the ledger to its last, and those of its spend."""
    months: set[str] = set()
    for rows, timed_by in _TIMED:
        ends = rows._default_manager.filter(company_id=company_id).aggregate(first=Min(timed_by), last=Max(timed_by))  # noqa: SLF001
        if ends["first"] is not None:
            months.update(months_between(month_of(ends["first"]), month_of(ends["last"])))
    booked = SpendRow.objects.filter(company_id=company_id).dates("on_date", "month")
    return months | {f"{on:%Y-%m}" for on in booked}
