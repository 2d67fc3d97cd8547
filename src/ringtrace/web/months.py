"""Which months of a company the lake must take again."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F

from ringtrace.core.clock import at_from_ms
from ringtrace.web.models import Company, StaleMonth


def month_of(ms: int) -> str:
    """The UTC month that a moment's facts rest in: `2026-11`. Reports cut days in the company's own zone."""
    return f"{at_from_ms(ms):%Y-%m}"


def mark_stale(company: Company | str, times_ms: Iterable[int] = (), *, months: Iterable[str] = ()) -> None:
    """Marks the months of these moments, in the transaction of the change itself."""
    company_id = company if isinstance(company, str) else company.pk
    for month in {*map(month_of, times_ms), *months}:
        if not StaleMonth.objects.filter(company_id=company_id, month=month).update(mark=F("mark") + 1):
            StaleMonth.objects.get_or_create(company_id=company_id, month=month)
