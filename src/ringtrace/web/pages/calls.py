"""The call log. New and changed calls appear by themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ringtrace.core.errors import BadInput
from ringtrace.web.access import Right, access_calls, may
from ringtrace.web.gate import CompanyRequest, for_desk
from ringtrace.web.lines import call_line
from ringtrace.web.models import CallRow

_A_PAGE = 50
_NO_NEWS = 204
_COLUMNS = (  # the name, and whether it holds figures
    ("Time", False),
    ("Caller and number called", False),
    ("Status", False),
    ("Ring", True),
    ("Talk", True),
    ("Match", False),
    ("Source and campaign", False),
    ("Keyword and landing page", False),
    ("Outcome", True),
)


@for_desk
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    before = _read_before(request)
    calls = access_calls(request.user, request.company)
    if before is not None:
        started_ms, call_id = before
        older = calls.filter(started_ms=started_ms, call_id__lt=call_id) | calls.filter(started_ms__lt=started_ms)
        calls = older
    rows = list(calls.order_by("-started_ms", "-call_id").prefetch_related("outcomes")[: _A_PAGE + 1])
    more = rows[_A_PAGE - 1] if len(rows) > _A_PAGE else None
    context = _log(request, rows[:_A_PAGE]) | {"is_live": before is None, "more": more, "columns": _COLUMNS}
    return render(request, "web/calls.html", context)


@for_desk
@require_safe
def news(request: CompanyRequest) -> HttpResponse:
    """The rows of the first page if anything in it changed since `since`; else 204. One short index range when idle."""
    since = request.GET.get("since", "")
    newest = access_calls(request.user, request.company).order_by("-started_ms", "-call_id")
    if _stamp(newest.values_list("call_id", "changed_ms")[:_A_PAGE]) == since:
        return HttpResponse(status=_NO_NEWS)
    rows = list(newest.prefetch_related("outcomes")[:_A_PAGE])
    return render(request, "web/parts/log_news.html", _log(request, rows, _since_ms(since)))


def _log(request: CompanyRequest, rows: list[CallRow], since_ms: int | None = None) -> dict[str, Any]:
    may_see = may(request.user, request.company, Right.SEE_CALLERS)
    lines = [call_line(row, row.outcomes.all(), may_see=may_see, since_ms=since_ms) for row in rows]
    return {
        "lines": lines,
        "stamp": _stamp([(row.call_id, row.changed_ms) for row in rows]),
        "fresh": sum(line.fresh for line in lines),
        "zone": request.company.zone,
        "currency": request.company.currency,
    }


def _stamp(seen: Sequence[tuple[str, int]] | Any) -> str:
    """Says which calls a page shows and in what state: newest change, then a digest of all."""
    pairs = [(call_id, changed_ms) for call_id, changed_ms in seen]
    newest_ms = max((changed_ms for _, changed_ms in pairs), default=0)
    return f"{newest_ms}.{hashlib.sha256(repr(pairs).encode()).hexdigest()[:12]}"


def _since_ms(stamp: str) -> int | None:
    head = stamp.partition(".")[0]
    return int(head) if head.isascii() and head.isdigit() and len(head) < 16 else None


def _read_before(request: HttpRequest) -> tuple[int, str] | None:
    """The cursor `before=STARTED_MS.CALL_ID`. Raises BadInput."""
    cursor = request.GET.get("before")
    if not cursor:
        return None
    head, _, call_id = cursor.partition(".")
    started_ms = _since_ms(head)
    if started_ms is None or not call_id:
        raise BadInput("That page of the log does not exist.", hint="Start again from the newest call.")
    return started_ms, call_id
