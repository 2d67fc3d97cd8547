"""Saved views: kept, listed, opened, renamed, removed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from msgspec import Struct

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.web import access
from ringtrace.web.access import Right, may
from ringtrace.web.forms.reading import refuse_and_leave_out
from ringtrace.web.gate import CompanyRequest, choose_company, for_member, for_members_row
from ringtrace.web.models import SavedView
from ringtrace.web.views import address_of, do_change_view, do_remove_view, do_save_view, may_change_view

_for_view = for_members_row(access.access_view, "view_id")


class ViewLine(Struct, frozen=True, kw_only=True):
    view: Any
    may_change: bool


@for_member
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    rows = access.access_views(request.user, request.company).select_related("made_by", "company")
    lines = [ViewLine(view=row, may_change=may_change_view(request.user, row)) for row in rows.order_by("name")]
    return render(request, "web/metrics_views.html", {"lines": lines})


@for_member
@require_POST
def save(request: CompanyRequest) -> HttpResponse:
    """Keeps `query` under `name`; `shared` with everybody of the company, or for oneself."""
    name, query = request.POST.get("name", ""), request.POST.get("query", "")
    is_shared = request.POST.get("shared") == "1" and may(request.user, request.company, Right.CHANGE)
    try:
        view = do_save_view(request.company, request.user, name, query, wall_clock(), is_shared=is_shared)
    except BadInput as error:
        refuse_and_leave_out(request, error)
        return redirect(f"{reverse('metrics')}?{query}")
    messages.success(request, f"Saved as “{view.name}”.")
    return _opened(view)


@_for_view
@require_safe
def show(request: CompanyRequest, view: SavedView) -> HttpResponse:
    choose_company(request, view.company)
    return _opened(view)


@_for_view
@require_POST
def change(request: CompanyRequest, view: SavedView) -> HttpResponse:
    try:
        renamed = do_change_view(view, request.user, request.POST.get("name", ""))
    except BadInput as error:
        refuse_and_leave_out(request, error)
    else:
        messages.success(request, f"The view is called “{renamed.name}” now.")
    return redirect("metrics_views")


@_for_view
@require_POST
def remove(request: CompanyRequest, view: SavedView) -> HttpResponse:
    try:
        do_remove_view(view, request.user)
    except BadInput as error:
        refuse_and_leave_out(request, error)
    else:
        messages.success(request, f"“{view.name}” is removed.")
    return redirect("metrics_views")


def _opened(view: SavedView) -> HttpResponse:
    place, query = address_of(view)
    return redirect(f"{reverse(place)}?{query}")
