"""One thing said of many calls of the log: those that were ticked, or all that were found; and the undo of it."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.web import audit
from ringtrace.web.access import access_calls
from ringtrace.web.bulk import among
from ringtrace.web.bulk_calls import WHATS, do_bulk, do_undo, forget_undo, remember, undo_of
from ringtrace.web.call_filters import check_filters
from ringtrace.web.call_search import calls_found
from ringtrace.web.forms.reading import refuse_and_leave_out
from ringtrace.web.gate import CompanyRequest, for_desk
from ringtrace.web.models import CallRow
from ringtrace.web.pages.overview import today_on


@for_desk
@require_POST
def change(request: CompanyRequest) -> HttpResponse:
    """`what` is done with the calls `call`, or, with `all`, with what the filters of the address `back` find."""
    now_ms, what = wall_clock(), request.POST.get("what", "")
    said = request.POST.get("disposition" if what == "disposition" else "tag", "")
    try:
        if what == "disposition" and not said:
            raise BadInput("It is not said how these calls ended.", hint="Choose a disposition first.")
        calls = _wanted(request)
        done = do_bulk(calls, request.company, what, "" if said == "none" else said, request.user, now_ms)
    except BadInput as error:
        refuse_and_leave_out(request, error)
        return _back(request)
    remember(request.session, request.company, done, now_ms)
    audit.say(request, what=what if what in WHATS else "", calls=done.count, all_found="all" in request.POST)
    messages.success(request, done.words)
    return _back(request)


@for_desk
@require_POST
def undo(request: CompanyRequest) -> HttpResponse:
    """Takes back what was said of many last, of those of which nobody said anything else since."""
    now_ms = wall_clock()
    said = undo_of(request.session, request.company, now_ms)
    if said is None:
        audit.leave_out(request)
        messages.info(request, gettext("There is nothing to undo any more."))
        return _back(request)
    count = do_undo(access_calls(request.user, request.company), request.company, said, request.user, now_ms)
    forget_undo(request.session)
    audit.say(request, what=said.what, calls=count)
    left = said.count - count
    rest = f" {left:,} changed since, and stay{'s' if left == 1 else ''} as now." if left else ""
    messages.success(request, f"Undone for {count:,} call{'' if count == 1 else 's'}.{rest}")
    return _back(request)


def _wanted(request: CompanyRequest) -> QuerySet[CallRow]:
    """Only of this company, and only those that this person may see. Raises BadInput."""
    if "all" not in request.POST:
        ticked = request.POST.getlist("call")
        return access_calls(request.user, request.company).filter(pk__in=among(set(ticked)))
    as_of = request.POST.get("as_of", "")
    if not (as_of.isascii() and as_of.isdigit() and len(as_of) < 16):
        raise BadInput("It is not said which calls were shown.", hint="Open the log again.")
    filters = check_filters(QueryDict(request.POST.get("back", "")), today_on(request.company))
    return calls_found(request.user, request.company, filters).filter(started_ms__lte=int(as_of))


def _back(request: HttpRequest) -> HttpResponse:
    query = QueryDict(request.POST.get("back", "")).urlencode()
    return redirect(f"{reverse('calls')}?{query}" if query else reverse("calls"))
