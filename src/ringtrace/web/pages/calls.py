"""The call log. New and changed calls appear by themselves, under filters too."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.web.access import Right, access_calls, rights_of
from ringtrace.web.bulk_calls import MOST_AT_ONCE, undo_of
from ringtrace.web.call_choices import chips_of, choices_of, review_query
from ringtrace.web.call_filters import NAMES, Filters, read_filters
from ringtrace.web.call_search import MOST_COUNTED, Found, before, count_up_to, find_calls
from ringtrace.web.gate import CompanyRequest, for_desk
from ringtrace.web.lines import call_line
from ringtrace.web.models import CallRow
from ringtrace.web.pages.overview import today_on
from ringtrace.web.spans import PRESETS

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
    ("Outcome and tags", False),
)


@for_desk
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    if any(not text for name in NAMES for text in request.GET.getlist(name)):
        return redirect(_tidy(request.GET))
    filters = read_filters(request.GET, today_on(request.company))
    place = _read_before(request)
    found = find_calls(request.user, request.company, filters)
    calls = found.calls if place is None else before(found.calls, *place)
    rows = _rows(request, calls, _A_PAGE + 1)
    more = rows[_A_PAGE - 1] if len(rows) > _A_PAGE else None
    context = _log(request, filters, rows[:_A_PAGE]) | _counted(found, rows, is_first=place is None)
    context |= {
        "filters": filters,
        "notes": found.notes,
        "chips": chips_of(filters),
        "presets": PRESETS,
        "is_live": place is None,
        "more": more,
        "columns": _COLUMNS,
        "older_query": "&".join(filter(None, (filters.query, f"before={more.started_ms}.{more.pk}"))) if more else "",
        "review_query": review_query(filters, today_on(request.company)),
        "download": _download(request, filters),
        "undo": undo_of(request.session, request.company, wall_clock()),
        **choices_of(request.user, request.company),
    }
    return render(request, "web/calls.html", context)


@for_desk
@require_safe
def news(request: CompanyRequest) -> HttpResponse:
    """The rows of the first page if any of the newest calls changed since `since`; else 204. One short index range
    when idle, whatever the filters."""
    since = request.GET.get("since", "")
    filters = read_filters(request.GET, today_on(request.company))
    if _newest_stamp(request) == since:
        return HttpResponse(status=_NO_NEWS)
    found = find_calls(request.user, request.company, filters)
    rows = _rows(request, found.calls, _A_PAGE + 1)
    context = _log(request, filters, rows[:_A_PAGE], _since_ms(since)) | _counted(found, rows, is_first=True)
    return render(request, "web/parts/log_news.html", context | {"filters": filters, "is_live": True})


def _download(request: CompanyRequest, filters: Filters) -> str:
    """The address of these calls as a file; "" for who may not take it. Without days it asks for all until today: a
    file of no days has the usual ones alone."""
    if Right.SEE not in rights_of(request.user, request.company):
        return ""
    if filters.since_on is None and filters.until_on is None:
        filters = msgspec.structs.replace(filters, until_on=today_on(request.company))
    return f"{reverse('download', kwargs={'table': 'calls', 'form': 'csv'})}?{filters.query}"


def _tidy(asked: QueryDict) -> str:
    """The address without what a form sent empty: a link worth keeping."""
    kept = asked.copy()
    for name in NAMES:
        kept.setlist(name, [text for text in kept.getlist(name) if text.strip()])
    return f"{reverse('calls')}?{kept.urlencode()}" if kept.urlencode() else reverse("calls")


def _rows(request: CompanyRequest, calls: Any, most: int) -> list[CallRow]:
    """First their ids, for which the index is enough; then these rows alone."""
    ids = list(calls.values_list("pk", flat=True)[:most])
    rows = access_calls(request.user, request.company).filter(pk__in=ids).order_by("-started_ms", "-call_id")
    return list(rows.prefetch_related("outcomes", "tags"))


def _counted(found: Found, rows: Sequence[CallRow], *, is_first: bool) -> dict[str, Any]:
    count = len(rows) if is_first and len(rows) <= _A_PAGE else count_up_to(found.calls)
    return {
        "count": count,
        "count_is_cut": count > MOST_COUNTED,
        "most_counted": MOST_COUNTED,
        "may_take_all": _A_PAGE < count <= MOST_AT_ONCE,
        "is_too_many": count > MOST_AT_ONCE,
        "most_at_once": MOST_AT_ONCE,
        "as_of_ms": wall_clock(),
    }


def _log(request: CompanyRequest, filters: Filters, rows: list[CallRow], since_ms: int | None = None) -> dict[str, Any]:
    rights = rights_of(request.user, request.company)
    may_see = Right.SEE_CALLERS in rights
    lines = [
        call_line(row, row.outcomes.all(), may_see=may_see, since_ms=since_ms, tags=row.tags.all()) for row in rows
    ]
    return {
        "lines": lines,
        "stamp": _newest_stamp(request),
        "fresh": sum(line.fresh for line in lines),
        "zone": request.company.zone,
        "currency": request.company.currency,
        "is_narrowed": bool(filters.pairs),
    }


def _newest_stamp(request: CompanyRequest) -> str:
    newest = access_calls(request.user, request.company).order_by("-started_ms", "-call_id")
    return _stamp(newest.values_list("call_id", "changed_ms")[:_A_PAGE])


def _stamp(seen: Sequence[tuple[str, int]] | Any) -> str:
    """Says which calls are the newest and in what state: newest change, then a digest of all."""
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
