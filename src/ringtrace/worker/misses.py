"""Outcomes that matched nothing are tried again: what they came of may have been told meanwhile."""

from __future__ import annotations

from ringtrace.web.models import Company, OutcomeRow
from ringtrace.web.outcomes import do_retry_misses


def retry_misses(now_ms: int) -> int:
    """Those of every company; how many were matched."""
    missed = OutcomeRow.objects.exclude(miss="").values("company").distinct()
    return sum(do_retry_misses(company, now_ms) for company in Company.objects.filter(pk__in=missed))
