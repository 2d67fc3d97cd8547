"""Pools, numbers and carriers: who holds what now, and what the edge refused."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec
from django.contrib import messages
from django.db.models import Count, Q, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from msgspec import Struct

from ringtrace.core.clock import DAY_MS, wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.refusals import HINTS, Refusal
from ringtrace.core.sources import Source
from ringtrace.web import access
from ringtrace.web.actions import do_add_numbers
from ringtrace.web.forms.numbers import CARRIER_NAMES, MoreNumbersForm
from ringtrace.web.forms.reading import refuse
from ringtrace.web.gate import CompanyRequest, for_company
from ringtrace.web.models import LeaseRow, Pool, TrackingNumber
from ringtrace.web.pages.start import doors_of

_CALLS_DAYS = 28
_LEASE_DAYS = 2  # no lease is renewed for longer
_REFUSAL_DAYS = 7


class NumberLine(Struct, frozen=True, kw_only=True):
    e164: str
    name: str
    destination: str
    calls: int
    source: Source | None
    carrier: str
    held_until_ms: int | None = None
    holder: Source | None = None


class PoolLine(Struct, frozen=True, kw_only=True):
    """A pool, its numbers, and how many are held at this moment."""

    pool: Any
    site: str
    numbers: list[NumberLine]
    held: int


class RefusalLine(Struct, frozen=True, kw_only=True):
    reason: str
    hint: str
    count: int


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    return _render(request, _form(request))


@for_company
@require_POST
def add(request: CompanyRequest) -> HttpResponse:
    form = _form(request, request.POST)
    if form.is_valid():
        try:
            made = do_add_numbers(
                form.chosen_connection,
                form.cleaned_data["numbers"],
                form.flow,
                pool=form.pool,
                static_source=form.static_source,
                name=form.cleaned_data["name"] if form.pool is None else "",
            )
        except BadInput as error:
            refuse(form, error, "numbers")
        else:
            messages.success(request, f"{len(made)} numbers added." if len(made) != 1 else "One number added.")
            return redirect("numbers")
    return _render(request, form, status=422)


def _form(request: CompanyRequest, data: Any = None) -> MoreNumbersForm:
    return MoreNumbersForm(
        data,
        region=request.company.region,
        connections=list(access.access_connections(request.user, request.company)),
        pools=list(access.access_pools(request.user, request.company)),
    )


def _render(request: CompanyRequest, form: MoreNumbersForm, status: int = 200) -> HttpResponse:
    user, company = request.user, request.company
    now_ms = wall_clock()
    lines = _number_lines(request, now_ms)
    pools = access.access_pools(user, company).select_related("site")
    connections = access.access_connections(user, company)
    context = {
        "pools": [_pool_line(pool, lines[pool.pk]) for pool in pools],
        "statics": lines[None],
        "connections": [(each, CARRIER_NAMES.get(each.carrier, each.carrier), doors_of(each)) for each in connections],
        "refusals": _refusals(request, now_ms),
        "refusal_days": _REFUSAL_DAYS,
        "calls_days": _CALLS_DAYS,
        "form": form,
    }
    return render(request, "web/numbers.html", context, status=status)


def _number_lines(request: CompanyRequest, now_ms: int) -> dict[str | None, list[NumberLine]]:
    """Every number by its pool; static ones under None."""
    recent = Count("calls", filter=Q(calls__started_ms__gte=now_ms - _CALLS_DAYS * DAY_MS))
    numbers = access.access_numbers(request.user, request.company).annotate(recent_calls=recent)
    leases = access.access_leases(request.user, request.company)
    live = leases.filter(from_ms__gte=now_ms - _LEASE_DAYS * DAY_MS, until_ms__gt=now_ms).order_by("from_ms")
    holders = {lease.e164: lease for lease in live}
    lines: dict[str | None, list[NumberLine]] = defaultdict(list)
    for number in numbers:
        lines[number.pool_id].append(_number_line(number, number.recent_calls, holders.get(number.e164)))
    return lines


def _number_line(number: TrackingNumber, calls: int, lease: LeaseRow | None) -> NumberLine:
    return NumberLine(
        e164=number.e164,
        name=number.name,
        destination=_destination(number.flow),
        calls=calls,
        source=msgspec.convert(number.static_source, Source) if number.static_source else None,
        carrier=number.connection.name,
        held_until_ms=lease.until_ms if lease else None,
        holder=msgspec.convert(lease.visit.source, Source) if lease else None,
    )


def _pool_line(pool: Pool, numbers: list[NumberLine]) -> PoolLine:
    held = sum(number.held_until_ms is not None for number in numbers)
    return PoolLine(pool=pool, site=pool.site.name, numbers=numbers, held=held)


def _destination(flow: dict[str, Any]) -> str:
    rings = [step["ring"]["destination"] for step in flow.get("steps", ()) if step.get("ring")]
    return rings[0] if rings else ""


def _refusals(request: CompanyRequest, now_ms: int) -> list[RefusalLine]:
    rows = access.access_refusals(request.user, request.company).filter(hour_ms__gte=now_ms - _REFUSAL_DAYS * DAY_MS)
    counted = rows.values_list("reason").annotate(times=Sum("count")).order_by("-times")
    return [RefusalLine(reason=_words(reason), hint=_hint(reason), count=times) for reason, times in counted]


def _words(reason: str) -> str:
    return reason.replace("_", " ").capitalize()


def _hint(reason: str) -> str:
    try:
        return HINTS[Refusal(reason)]
    except ValueError:  # counted by another version
        return ""
