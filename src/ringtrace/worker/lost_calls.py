"""Closes calls whose end no carrier ever told: a row that rings for ever is wrong in every rate."""

from __future__ import annotations

from django.db import transaction

from ringtrace.core.calls import CallStatus
from ringtrace.core.clock import HOUR_MS
from ringtrace.web.models import CallRow
from ringtrace.web.months import mark_stale

LOST_AFTER_MS = 4 * HOUR_MS + HOUR_MS // 2  # Kamailio ends a call after four hours; the report may be late
_CLOSED_AS = {CallStatus.IN_PROGRESS: CallStatus.ANSWERED, CallStatus.RINGING: CallStatus.FAILED}


@transaction.atomic
def close_lost_calls(now_ms: int) -> int:
    """Calls that were answered stay answered, the others failed; end and talk time stay unknown. How many there were.

    A report that still comes folds the call anew, as if it had never been closed.
    """
    lost = CallRow.objects.filter(status__in=_CLOSED_AS, started_ms__lt=now_ms - LOST_AFTER_MS)
    rows = list(lost.only("call_id", "company_id", "status", "started_ms"))
    for row in rows:
        row.status = _CLOSED_AS[CallStatus(row.status)]
        row.changed_ms = now_ms
        row.save(update_fields=["status", "changed_ms"])
        mark_stale(row.company_id, [row.started_ms])
    return len(rows)
