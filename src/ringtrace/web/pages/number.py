"""One number: its calls by day, who held it, where it rings, and whether something is wrong with it."""

from __future__ import annotations

from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST
from msgspec import Struct

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.phones import show_phone
from ringtrace.core.sources import Source
from ringtrace.web import access, audit, edits
from ringtrace.web.actions import do_change_flow
from ringtrace.web.forms.numbers import FlowForm, StandForm
from ringtrace.web.forms.reading import refuse
from ringtrace.web.gate import CompanyRequest, for_row
from ringtrace.web.lines import CallLine, call_line
from ringtrace.web.models import TrackingNumber
from ringtrace.web.number_history import HISTORY_DAYS, days_of, health_of, holders_of
from ringtrace.web.pasted import Pasted, pasted_numbers
from ringtrace.web.pools import do_make_static

_MOST_CALLS = 10
_MOST_EVIDENCE = 12
_for_number = for_row(access.access_number, "number_id")


class PastedLine(Struct, frozen=True, kw_only=True):
    """An alarm with its evidence."""

    alarm: Pasted
    calls: tuple[CallLine, ...]
    written: tuple[str, ...]


@_for_number
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: CompanyRequest, number: TrackingNumber) -> HttpResponse:
    """What is posted says where its calls go."""
    form = _flow_form(number, request.POST if request.method == "POST" else None)
    if form.is_valid():
        clash = edits.find_clash(request, number, form, lambda: _flow_form(number))
        if clash is not None:
            back = reverse("number", args=[number.pk])
            return edits.show_clash(request, clash, title=show_phone(number.e164), back=back)
        try:
            changed = do_change_flow(number, form.flow, with_sisters=form.cleaned_data.get("everywhere", False))
        except BadInput as error:
            refuse(form, error)
        else:
            audit.say(request, numbers=changed)
            messages.success(request, "Saved." if changed == 1 else f"Saved for {changed} numbers.")
            return redirect("number", number_id=number.pk)
    return _render(request, number, form, StandForm())


@_for_number
@require_POST
def stand(request: CompanyRequest, number: TrackingNumber) -> HttpResponse:
    """A number that stands somewhere is taken out of its pool and stands for a source from then on."""
    form = StandForm(request.POST)
    if form.is_valid():
        try:
            do_make_static(number, form.stands_for, form.cleaned_data["name"])
        except BadInput as error:
            refuse(form, error)
        else:
            messages.success(request, gettext("It is a static number now: every call to it counts for that source."))
            return redirect("number", number_id=number.pk)
    return _render(request, number, _flow_form(number), form)


def _flow_form(number: TrackingNumber, data: Any = None) -> FlowForm:
    sisters = number.pool.numbers.filter(flow=number.flow).exclude(pk=number.pk).count() if number.pool else 0
    return FlowForm(data, flow=number.flow, region=number.company.region, sisters=sisters)


def _render(request: CompanyRequest, number: TrackingNumber, form: FlowForm, standing: StandForm) -> HttpResponse:
    now_ms = wall_clock()
    calls = access.access_calls(request.user, request.company).filter(number=number)
    leases = access.access_leases(request.user, request.company).filter(e164=number.e164)
    alarms = [one for one in pasted_numbers(request.company, now_ms) if one.number_id == number.pk]
    context = {
        "number": number,
        "source": msgspec.convert(number.static_source, Source) if number.static_source else None,
        "overflows": list(number.overflow_of.all()),
        "form": form,
        "standing": standing,
        "days": days_of(calls, request.company.zone, now_ms),
        "history_days": HISTORY_DAYS,
        "holders": holders_of(leases, calls, now_ms),
        "health": health_of(number, calls, leases, now_ms),
        "recent": lines_of(request, [call.pk for call in calls[:_MOST_CALLS]]),
        "pasted": pasted_lines(request, alarms),
    }
    return render(request, "web/number.html", context, status=422 if form.is_bound or standing.is_bound else 200)


def pasted_lines(request: CompanyRequest, alarms: list[Pasted]) -> list[PastedLine]:
    return [
        PastedLine(alarm=one, calls=lines_of(request, one.calls[:_MOST_EVIDENCE]), written=_written(one.e164))
        for one in alarms
    ]


def lines_of(request: CompanyRequest, call_ids: list[str] | tuple[str, ...]) -> tuple[CallLine, ...]:
    """In their order, with only what the person may see."""
    may_see = access.may(request.user, request.company, access.Right.SEE_CALLERS)
    rows = access.access_calls(request.user, request.company).prefetch_related("outcomes").in_bulk(call_ids)
    found = (rows[call_id] for call_id in call_ids if call_id in rows)
    return tuple(call_line(row, row.outcomes.all(), may_see=may_see) for row in found)


def _written(e164: str) -> tuple[str, ...]:
    """How a number is written on pages, to search for."""
    shown = show_phone(e164)
    return tuple(dict.fromkeys((shown, shown.replace("(", "").replace(") ", "-"), e164)))
