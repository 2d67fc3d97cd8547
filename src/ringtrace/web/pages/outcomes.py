"""What came of calls and contacts, all of it; and which call an outcome came of that matched nothing."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from ringtrace.core.clock import at_from_ms, wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.web import access, audit
from ringtrace.web.call_filters import read_filters
from ringtrace.web.call_search import MOST_COUNTED, find_calls
from ringtrace.web.gate import CompanyRequest, Needs, for_desk, for_row
from ringtrace.web.lines import call_line
from ringtrace.web.models import OutcomeRow
from ringtrace.web.outcome_changes import do_assign_outcome
from ringtrace.web.outcome_search import (
    OutcomeFilters,
    outcome_choices,
    outcome_lines,
    outcomes_found,
    read_outcome_filters,
)
from ringtrace.web.pages.overview import today_on
from ringtrace.web.spans import PRESETS

_A_PAGE = 50
_MOST_OFFERED = 20
_NAMES = ("q", "days", "since", "until", "kind", "how", "system", "miss")
_for_outcome = for_row(access.access_assignable, "outcome_id", Needs(access.Right.SEE, access.Right.WORK))


@for_desk
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    if any(not text for name in _NAMES for text in request.GET.getlist(name)):
        return redirect(_tidy(request.GET))
    filters = read_outcome_filters(request.GET, today_on(request.company))
    found = outcomes_found(request.user, request.company, filters)
    place = _read_before(request)
    rows = found
    if place is not None:
        at_ms, outcome_id = place
        rows = found.filter(at_ms__lte=at_ms).exclude(at_ms=at_ms, outcome_id__gte=outcome_id)
    shown = list(rows[: _A_PAGE + 1])
    count = len(shown) if place is None and len(shown) <= _A_PAGE else _count(found)
    missed = access.access_misses(request.user, request.company)
    context = {
        "filters": filters,
        "lines": outcome_lines(request.user, request.company, shown[:_A_PAGE]),
        "older_query": _older(filters, shown[_A_PAGE - 1]) if len(shown) > _A_PAGE else "",
        "is_first": place is None,
        "count": count,
        "count_is_cut": count > MOST_COUNTED,
        "most_counted": MOST_COUNTED,
        "missed": _count(missed),
        "presets": PRESETS,
        **outcome_choices(request.user, request.company),
    }
    return render(request, "web/outcomes.html", context)


@_for_outcome
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: CompanyRequest, row: OutcomeRow) -> HttpResponse:
    """Offers calls that it may have come of; the one that is chosen is the one."""
    if request.method == "POST":
        return _assign(request, row)
    asked = request.GET.copy()
    if not asked.get("q") and not asked.get("on"):
        asked["on"] = _day_of(request, row)
    filters = read_filters(_as_filters(asked), today_on(request.company))
    found = find_calls(request.user, request.company, filters)
    may_see = access.may(request.user, request.company, access.Right.SEE_CALLERS)
    rows = list(found.calls.prefetch_related("outcomes")[:_MOST_OFFERED])
    context = {
        "line": outcome_lines(request.user, request.company, [row])[0],
        "q": asked.get("q", ""),
        "on": asked.get("on", ""),
        "problems": filters.problems,
        "notes": found.notes,
        "calls": [call_line(each, each.outcomes.all(), may_see=may_see) for each in rows],
        "most": _MOST_OFFERED,
    }
    return render(request, "web/outcome_assign.html", context)


def _assign(request: CompanyRequest, row: OutcomeRow) -> HttpResponse:
    call_id = request.POST.get("call", "")
    if not call_id:
        raise BadInput("No call was chosen.", hint="Go back, and choose the call that it came of.")
    call = access.access_call(request.user, call_id)
    do_assign_outcome(row, call, request.user)
    audit.say(request, call=call.pk)
    messages.success(request, gettext("The outcome came of this call now."))
    return redirect("call", call_id=call.pk)


def _as_filters(asked: QueryDict) -> QueryDict:
    """`on`: one day; a search by number is of all days."""
    kept = QueryDict(mutable=True)
    kept.setlist("q", asked.getlist("q"))
    for name in ("since", "until"):
        kept.setlist(name, asked.getlist("on"))
    return kept


def _day_of(request: CompanyRequest, row: OutcomeRow) -> str:
    """The day on which its call was said to be, else its own."""
    at = at_from_ms(min(row.called_ms or row.sought_ms or row.at_ms, wall_clock()))
    return at.astimezone(request.company.zone).date().isoformat()


def _tidy(asked: QueryDict) -> str:
    kept = asked.copy()
    for name in _NAMES:
        kept.setlist(name, [text for text in kept.getlist(name) if text.strip()])
    return f"{reverse('outcomes')}?{kept.urlencode()}" if kept.urlencode() else reverse("outcomes")


def _count(rows: QuerySet[OutcomeRow]) -> int:
    return rows.order_by().values("pk")[: MOST_COUNTED + 1].count()


def _older(filters: OutcomeFilters, last: OutcomeRow) -> str:
    return "&".join(filter(None, (filters.query, f"before={last.at_ms}.{last.pk}")))


def _read_before(request: HttpRequest) -> tuple[int, str] | None:
    """The cursor `before=AT_MS.OUTCOME_ID`. Raises BadInput."""
    cursor = request.GET.get("before")
    if not cursor:
        return None
    head, _, outcome_id = cursor.partition(".")
    if not (head.isascii() and head.isdigit() and len(head) < 16 and outcome_id):
        raise BadInput("That page of the outcomes does not exist.", hint="Start again from the newest.")
    return int(head), outcome_id
