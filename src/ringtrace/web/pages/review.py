"""The review of calls: one after the other, those without a disposition first, by a key each.

A sitting begins at a moment (`sitting`, in ms): what is said of a call during it leaves the call in its place, so that
the reviewer can go back. What was said can be undone, the last twenty of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from django.contrib import messages
from django.db.models import Case, IntegerField, Q, Value, When
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe
from msgspec import Struct

from ringtrace.core.calls import CallStatus
from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.web import access, audit
from ringtrace.web.call_choices import chips_of, suggested_tags
from ringtrace.web.call_filters import Filters, read_filters, with_days
from ringtrace.web.call_search import calls_found
from ringtrace.web.forms.outcomes import OutcomeForm
from ringtrace.web.forms.reading import refuse, refuse_and_leave_out
from ringtrace.web.gate import DESK, CompanyRequest, for_desk, for_row
from ringtrace.web.lines import call_line, show_caller, verdict_of
from ringtrace.web.models import CallRow
from ringtrace.web.pages.call import candidates_of, mark, said_of
from ringtrace.web.pages.overview import today_on
from ringtrace.web.review import do_mark_spam, do_set_disposition, do_tag, do_untag
from ringtrace.web.spans import PRESETS, Span, read_span

_MOST_CALLS = 2_000
_MOST_UNDONE = 20
_UNDO_KEY = "review_undo"
_SHOWS = (("all", "All calls"), ("answered", "Answered calls"))
_UNDER_WAY = [status.value for status in CallStatus if not status.is_over]
_for_call = for_row(access.access_call, "call_id", DESK)


class Queue(Struct, frozen=True, kw_only=True):
    """The calls of a sitting in their order. `place` counts from 1; None: the call shown is not among them."""

    calls: int
    undecided: int
    place: int | None
    earlier: str | None
    later: str | None
    is_cut: bool


class Sitting(Struct, frozen=True, kw_only=True):
    """Which calls are reviewed, as it stands in the address."""

    span: Span
    show: str
    since_ms: int
    filters: Filters

    @property
    def narrowed(self) -> str:
        """The filters of the call log that it was begun with, but for their days."""
        return self.filters.without("days", "since", "until")

    @property
    def query(self) -> str:
        narrowed = f"&{self.narrowed}" if self.narrowed else ""
        return f"{self.span.query}&show={self.show}{narrowed}&sitting={self.since_ms}"

    def address(self, call_id: str | None) -> str:
        return f"{reverse('review')}?{self.query}" + (f"&call={call_id}" if call_id else "")


@for_desk
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    sitting = _sitting(request)
    order = _order(request, sitting)
    wanted = request.GET.get("call") or (order[0][0] if order else None)
    row = None if wanted is None else _call(request, wanted)
    return _render(request, sitting, order, row, None if row is None else OutcomeForm(call_id=row.pk))


@_for_call
@require_POST
def disposition(request: CompanyRequest, row: CallRow) -> HttpResponse:
    was = row.disposition
    try:
        said = do_set_disposition(row, request.POST.get("disposition", ""), request.user, wall_clock())
    except BadInput as error:
        refuse_and_leave_out(request, error)
        return _to_form(request, row)
    if said != was:
        _remember(request, row, "disposition", was)
    return _back(request, row, f"Marked “{said}”." if said else "The disposition is taken back.", goes_on=bool(said))


@_for_call
@require_POST
def spam(request: CompanyRequest, row: CallRow) -> HttpResponse:
    was, is_spam = row.is_spam, request.POST.get("spam") == "yes"
    do_mark_spam(row, is_spam, request.user, wall_clock())
    if was != is_spam:
        _remember(request, row, "spam", "yes" if was else "")
    return _back(request, row, "Marked as spam." if is_spam else "No longer marked as spam.")


@_for_call
@require_POST
def tag(request: CompanyRequest, row: CallRow) -> HttpResponse:
    try:
        before = row.tags.count()
        put = do_tag(row, request.POST.get("tag", ""), "hand", request.user, wall_clock())
    except BadInput as error:
        refuse_and_leave_out(request, error)
        return _to_form(request, row)
    if row.tags.count() != before:
        _remember(request, row, "tag", put.tag)
    return _back(request, row, f"Tagged “{put.tag}”.")


@_for_call
@require_POST
def untag(request: CompanyRequest, row: CallRow) -> HttpResponse:
    removed = do_untag(row, request.POST.get("tag", ""), wall_clock())
    _remember(request, row, "untag", removed.tag)
    return _back(request, row, f"No longer tagged “{removed.tag}”.")


@_for_call
@require_POST
def outcome(request: CompanyRequest, row: CallRow) -> HttpResponse:
    form = OutcomeForm(request.POST, call_id=row.pk)
    if form.is_valid():
        try:
            mark(row, form.cleaned_data, request.user)
        except BadInput as error:
            refuse(form, error, "value")
        else:
            return _back(request, row, "Outcome saved.")
    sitting = _sitting(request)
    return _render(request, sitting, _order(request, sitting), row, form, status=422)


@for_desk
@require_POST
def undo(request: CompanyRequest) -> HttpResponse:
    """Takes back what was said last, and shows that call again."""
    said = request.session.get(_UNDO_KEY) or []
    if not said:
        audit.leave_out(request)
        messages.info(request, gettext("There is nothing to undo."))
        return redirect(_sitting(request).address(None))
    call_id, what, was = said[-1]
    request.session[_UNDO_KEY] = said[:-1]
    if _undo(request, _call(request, call_id), what, was):
        messages.success(request, gettext("Undone."))
    else:
        audit.leave_out(request)
        messages.info(request, gettext("Somebody took that back already."))
    return redirect(_sitting(request).address(call_id))


def _undo(request: CompanyRequest, row: CallRow, what: str, was: str) -> bool:
    """False: somebody took it back already."""
    now_ms = wall_clock()
    try:
        if what == "disposition":
            do_set_disposition(row, was, request.user, now_ms, as_was=True)
        elif what == "spam":
            do_mark_spam(row, bool(was), request.user, now_ms)
        elif what == "tag":
            do_untag(row, was, now_ms)
        else:
            do_tag(row, was, "hand", request.user, now_ms)
    except NotFound:
        return False
    return True


def _remember(request: CompanyRequest, row: CallRow, what: str, was: str) -> None:
    said = request.session.get(_UNDO_KEY) or []
    request.session[_UNDO_KEY] = [*said, [row.pk, what, was]][-_MOST_UNDONE:]


def _back(request: CompanyRequest, row: CallRow, words: str, *, goes_on: bool = False) -> HttpResponse:
    """To where the form stood; in the review to the next call where `goes_on`."""
    messages.success(request, words)
    return _to_form(request, row, goes_on=goes_on)


def _to_form(request: CompanyRequest, row: CallRow, *, goes_on: bool = False) -> HttpResponse:
    """The call's page, or the review."""
    if request.POST.get("from") != "review":
        return redirect("call", call_id=row.pk)
    following = request.POST.get("later") if goes_on else None
    return redirect(_sitting(request).address(following or row.pk))


def _sitting(request: HttpRequest) -> Sitting:
    """Of the address, or of the form that was sent."""
    asked = (request.POST if request.method == "POST" else request.GET).dict()
    narrowed = QueryDict(request.POST.get("narrowed", "")) if request.method == "POST" else request.GET
    since = asked.get("sitting", "")
    company = request.company  # type: ignore[attr-defined]  # behind the gate
    show = asked.get("show", "")
    return Sitting(
        span=read_span(asked, today_on(company)),
        show=show if show in dict(_SHOWS) else _SHOWS[0][0],
        since_ms=int(since) if since.isascii() and since.isdigit() and len(since) < 16 else wall_clock(),
        filters=read_filters(narrowed, today_on(company)),
    )


def _call(request: CompanyRequest, call_id: str) -> CallRow:
    """A call of the company at hand. Raises NotFound."""
    row = access.access_call(request.user, call_id)
    if row.company_id != request.company.pk:
        raise NotFound("This call is of another company.", hint="Switch to that company first.")
    return row


def _order(request: CompanyRequest, sitting: Sitting) -> Sequence[tuple[str, str]]:
    """Ids and dispositions: what has none, or was changed during the sitting, before the rest; newest first."""
    asked = with_days(sitting.filters, sitting.span.since_on, sitting.span.until_on)
    calls = calls_found(request.user, request.company, asked).exclude(status__in=_UNDER_WAY)
    if sitting.show == "answered":
        calls = calls.filter(status=CallStatus.ANSWERED.value)
    to_do = When(Q(disposition="") | Q(changed_ms__gte=sitting.since_ms), then=Value(0))
    calls = calls.annotate(done=Case(to_do, default=Value(1), output_field=IntegerField()))
    return list(calls.order_by("done", "-started_ms", "-call_id").values_list("call_id", "disposition")[:_MOST_CALLS])


def _queue(order: Sequence[tuple[str, str]], call_id: str | None) -> Queue:
    ids = [each for each, _ in order]
    at = ids.index(call_id) if call_id in ids else None
    return Queue(
        calls=len(ids),
        undecided=sum(not said for _, said in order),
        place=None if at is None else at + 1,
        earlier=ids[at - 1] if at else None,
        later=(ids[at + 1] if at + 1 < len(ids) else None) if at is not None else (ids[0] if ids else None),
        is_cut=len(ids) == _MOST_CALLS,
    )


def _render(
    request: CompanyRequest,
    sitting: Sitting,
    order: Sequence[tuple[str, str]],
    row: CallRow | None,
    form: OutcomeForm | None,
    status: int = 200,
) -> HttpResponse:
    queue = _queue(order, row.pk if row else None)
    context: dict[str, Any] = {
        "sitting": sitting,
        "span": sitting.span,
        "presets": PRESETS,
        "shows": _SHOWS,
        "queue": queue,
        "earlier": sitting.address(queue.earlier) if queue.earlier else "",
        "later": sitting.address(queue.later) if queue.later else "",
        "kept_query": sitting.narrowed,
        "kept_pairs": parse_qsl(sitting.narrowed),
        "chips": chips_of(read_filters(QueryDict(sitting.narrowed), today_on(request.company))),
        "may_undo": bool(request.session.get(_UNDO_KEY)),
        "row": row,
        "form": form,
    }
    if row is not None:
        context |= _shown(request, row)
    part = "web/parts/review_panel.html" if request.headers.get("HX-Request") else "web/review.html"
    return render(request, part, context, status=status)


def _shown(request: CompanyRequest, row: CallRow) -> dict[str, Any]:
    user, company = request.user, row.company
    may_see = access.may(user, company, access.Right.SEE_CALLERS)
    outcomes = list(access.access_outcomes(user, row))
    verdict = verdict_of(row)
    return {
        "call": row,
        "caller": show_caller(row, may_see=may_see),
        "line": call_line(row, outcomes, may_see=may_see),
        "outcomes": outcomes,
        "verdict": verdict,
        "candidates": candidates_of(user, company, verdict)[:2],
        "known_tags": suggested_tags(user, company),
        **said_of(row, may_see=may_see),
    }
