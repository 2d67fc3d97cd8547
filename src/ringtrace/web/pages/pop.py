"""The screen pop: a page that stays open, and shows who calls while it rings.

The page is told by a stream of events that something changed, and asks for what. Without scripts it loads itself again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.web import access, audit
from ringtrace.web.access import Right
from ringtrace.web.agents import do_take
from ringtrace.web.forms.outcomes import OutcomeForm
from ringtrace.web.forms.reading import refuse, words_of
from ringtrace.web.gate import DESK, CompanyRequest, for_desk, for_row
from ringtrace.web.models import CallRow, Company, User
from ringtrace.web.outcomes import do_mark_outcome
from ringtrace.web.pop import card_of, desk_of
from ringtrace.web.pop_stream import NOTIFIER, Stream, mark_of
from ringtrace.web.review import do_set_disposition, do_tag

_NO_NEWS = 204
_FULL = 503
_LONGEST_MARK = 60


def _desk_call(user: User, call_id: str) -> CallRow:
    return access.access_desk_call(user, call_id, wall_clock())


_for_call = for_row(access.access_call, "call_id", DESK)
_for_desk_call = for_row(_desk_call, "call_id", DESK)


@for_desk
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    return render(request, "web/pop.html", _shown(request) | {"has_hints": request.company.pop_hints.exists()})


@for_desk
@require_safe
def now(request: CompanyRequest) -> HttpResponse:
    """What is on the desk now; 204 where nothing changed `since`."""
    if request.GET.get("since") == mark_of(request.company.pk, wall_clock()):
        return HttpResponse(status=_NO_NEWS)
    return render(request, "web/parts/pop_desk.html", _shown(request))


@for_desk
@require_GET
def stream(request: CompanyRequest) -> HttpResponse:
    """Server-sent events: one for each change of the company's calls, of which it tells no more than that."""
    company_id = request.company.pk
    if not NOTIFIER.join(company_id):
        return HttpResponse(
            "Too many pages are open. This one asks by itself.", status=_FULL, content_type="text/plain"
        )
    seen = request.headers.get("Last-Event-ID") or request.GET.get("since", "")
    still_may = partial(_still_may, request.session.session_key or "", company_id)
    events = Stream(NOTIFIER, company_id, seen[:_LONGEST_MARK], still_may)
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response["X-Accel-Buffering"] = "no"
    return cast("HttpResponse", response)  # to the gate one is as the other


def _still_may(session_key: str, company_id: str) -> bool:
    """Whether this session is still somebody's who may see calls of this company. Leaves no connection open."""
    asked = HttpRequest()
    asked.session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    try:
        return access.may(get_user(asked), Company(pk=company_id), Right.SEE_CALLS)
    finally:
        if not connection.in_atomic_block:
            connection.close()


@_for_desk_call
@require_POST
def take(request: CompanyRequest, row: CallRow) -> HttpResponse:
    """This person has the call."""
    try:
        do_take(row, request.user, wall_clock())
    except BadInput as error:
        return _back(request, words_of(error), is_good=False)
    return _back(request, "The call is yours.", row)


@_for_call
@require_POST
def disposition(request: CompanyRequest, row: CallRow) -> HttpResponse:
    said = partial(do_set_disposition, row, request.POST.get("disposition", ""), request.user, wall_clock())
    return _done(request, row, said, "Saved.")


@_for_call
@require_POST
def tag(request: CompanyRequest, row: CallRow) -> HttpResponse:
    said = partial(do_tag, row, request.POST.get("tag", ""), "hand", request.user, wall_clock())
    return _done(request, row, said, "Tagged.")


@_for_call
@require_POST
def outcome(request: CompanyRequest, row: CallRow) -> HttpResponse:
    form = _form(row, request.POST)
    if form.is_valid():
        try:
            _mark(request, row, form.cleaned_data)
        except BadInput as error:
            refuse(form, error, "value")
        else:
            return _back(request, "Outcome saved.", row)
    return _work(request, row, form, status=422)


def _form(row: CallRow, data: Any = None) -> OutcomeForm:
    """Several stand on one page."""
    return OutcomeForm(data, call_id=row.pk, auto_id=f"id_{row.pk}_%s")


def _mark(request: CompanyRequest, row: CallRow, cleaned: dict[str, Any]) -> None:
    """The same form sent twice counts once."""
    do_mark_outcome(
        row,
        OutcomeKind(cleaned["kind"]),
        cleaned["value"],
        wall_clock(),
        by=request.user,
        note=cleaned["note"],
        external_id=f"form:{cleaned['nonce']}",
    )


def _done(request: CompanyRequest, row: CallRow, do: Callable[[], object], words: str) -> HttpResponse:
    try:
        do()
    except BadInput as error:
        return _back(request, words_of(error), row, is_good=False)
    return _back(request, words, row)


def _back(request: CompanyRequest, words: str, row: CallRow | None = None, *, is_good: bool = True) -> HttpResponse:
    """To the page; for htmx the desk as it is now, or the part of the one call that people work in."""
    if not is_good:
        audit.leave_out(request)
    if not request.headers.get("HX-Request"):
        (messages.success if is_good else messages.error)(request, words)
        return redirect("pop")
    if row is None or request.POST.get("part") != "work":
        return render(request, "web/parts/pop_desk.html", _shown(request) | {"said": words})
    return _work(request, row, _form(row), said=words)


def _work(
    request: CompanyRequest, row: CallRow, form: OutcomeForm, *, said: str = "", status: int = 200
) -> HttpResponse:
    card = card_of(request.user, row, wall_clock())
    context = {"card": card, "form": form, "said": said, "known_tags": access.access_tags(request.user, row.company)}
    template = "web/parts/pop_work.html" if request.headers.get("HX-Request") else "web/pop_one.html"
    return render(request, template, context, status=status)


def _shown(request: CompanyRequest) -> dict[str, Any]:
    """The mark is of before the look: a change meanwhile is told again."""
    now_ms = wall_clock()
    mark = mark_of(request.company.pk, now_ms)
    desk = desk_of(request.user, request.company, now_ms)
    return {
        "desk": desk,
        "mark": mark,
        "cards": [(card, _form(card.row) if card.may_say else None) for card in desk.cards],
        "known_tags": access.access_tags(request.user, request.company) if desk.cards else [],
    }
