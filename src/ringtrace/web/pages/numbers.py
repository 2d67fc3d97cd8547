"""Pools, numbers and carriers: who holds what now, and what the edge refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container
from typing import Any

import msgspec
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from msgspec import Struct

from ringtrace.core.clock import DAY_MS, wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.refusals import HINTS, Refusal
from ringtrace.core.sources import Source
from ringtrace.web import access
from ringtrace.web.actions import do_add_numbers, do_remove_number, do_take_out_number
from ringtrace.web.forms.connections import CARRIER_NAMES, ConnectForm, ConnectionForm
from ringtrace.web.forms.numbers import MoreNumbersForm
from ringtrace.web.forms.reading import refuse, words_of
from ringtrace.web.gate import CompanyRequest, for_company, for_row
from ringtrace.web.models import CallRow, Connection, LeaseRow, Pool, TrackingNumber
from ringtrace.web.pages.number import pasted_lines
from ringtrace.web.pages.pools import targets
from ringtrace.web.pages.start import doors_of
from ringtrace.web.pasted import pasted_numbers
from ringtrace.web.pools import Placed, do_change_static, do_set_overflow
from ringtrace.web.when import in_words
from ringtrace.wire.directory import When

_CALLS_DAYS = 28
_REFUSAL_DAYS = 7
_STATIC, _OVERFLOW, _OUT_OF_USE = "static", "overflow", "out of use"
CONNECT_PREFIX = "connect"


class NumberLine(Struct, frozen=True, kw_only=True):
    number_id: str
    e164: str
    name: str
    destination: str
    calls: int
    may_go: bool  # out of its pool, or for good where no call belongs to it
    source: Source | None
    carrier: str
    held_until_ms: int | None = None
    holder: Source | None = None
    is_alarmed: bool = False  # strangers call it again and again
    shown_to: str = ""  # the visits that a static number is shown to; "" where it is printed


class PoolLine(Struct, frozen=True, kw_only=True):
    """A pool, its numbers, and how many are held at this moment: `full` is their share."""

    pool: Any
    site: str
    words: str
    numbers: list[NumberLine]
    held: int
    full: float


class ConnectionLine(Struct, frozen=True, kw_only=True):
    connection: Any
    carrier: str
    doors: list[tuple[str, str]]
    form: Any


class RefusalLine(Struct, frozen=True, kw_only=True):
    reason: str
    hint: str
    count: int


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    return render_numbers(request)


@for_company
@require_POST
def add(request: CompanyRequest) -> HttpResponse:
    form = _form(request, request.POST)
    if form.is_valid():
        try:
            made = _add(form)
        except BadInput as error:
            refuse(form, error, "numbers")
        else:
            messages.success(request, f"{len(made)} numbers added." if len(made) != 1 else "One number added.")
            return redirect("numbers")
    return render_numbers(request, adding=form, status=422)


@transaction.atomic
def _add(form: MoreNumbersForm) -> list[TrackingNumber]:
    name = form.cleaned_data["name"] if form.static_source else ""
    made = do_add_numbers(
        form.chosen_connection,
        form.cleaned_data["numbers"],
        form.flow,
        pool=form.pool,
        static_source=form.static_source,
        name=name,
    )
    if form.overflow_of is not None:
        do_set_overflow(form.overflow_of, made[0])
    if form.shown_at is not None and form.static_source is not None:
        site, target = form.shown_at
        placed = Placed(target_e164=target, when=When(), place=made[0].place)
        do_change_static(made[0], name=name, stands_for=form.static_source, site=site, placed=placed)
    return made


@for_row(access.access_number, "number_id")
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: CompanyRequest, number: TrackingNumber) -> HttpResponse:
    """Asks first. What is posted says which of the two was asked: a second click does no more than the first."""
    if request.method != "POST":
        return _ask_to_remove(request, number)
    try:
        messages.success(request, _take_away(number, request.POST.get("what", "")))
    except BadInput as error:
        return _ask_to_remove(request, number, problem=words_of(error))
    return redirect("numbers")


def _take_away(number: TrackingNumber, what: str) -> str:
    if what == "take_out":
        do_take_out_number(number)
        return "Taken out of the pool. Calls to it still ring."
    if what == "remove":
        do_remove_number(number)
        return "Number removed."
    raise BadInput("It was not said what to do with the number.", hint="Choose by the button below.")


def _ask_to_remove(request: CompanyRequest, number: TrackingNumber, problem: str = "") -> HttpResponse:
    context = {
        "number": number,
        "destination": _destination(number.flow),
        "calls": access.access_calls(request.user, request.company).filter(number=number).count(),
        "problem": problem,
    }
    return render(request, "web/number_remove.html", context, status=422 if problem else 200)


def _form(request: CompanyRequest, data: Any = None) -> MoreNumbersForm:
    pools = list(access.access_pools(request.user, request.company).select_related("site"))
    return MoreNumbersForm(
        data,
        region=request.company.region,
        connections=list(access.access_connections(request.user, request.company)),
        pools=pools,
        targets=list({(pool.site_id, pool.target_e164): (pool.site, pool.target_e164) for pool in pools}.values()),
    )


def render_numbers(
    request: CompanyRequest,
    *,
    adding: MoreNumbersForm | None = None,
    connecting: ConnectForm | None = None,
    changing: tuple[Connection, ConnectionForm] | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page, with the form that was refused where one was."""
    now_ms = wall_clock()
    alarms = pasted_numbers(request.company, now_ms)
    lines = _number_lines(request, now_ms, {one.number_id for one in alarms})
    pools = access.access_pools(request.user, request.company).select_related("site", "overflow")
    context = {
        "pools": [_pool_line(pool, lines[pool.pk]) for pool in pools],
        "pasted": pasted_lines(request, alarms),
        "is_untried": bool(lines) and not CallRow.objects.filter(company=request.company).exists(),
        "turned_away": _turned_away(request, now_ms),
        "targets": targets(request),
        "statics": lines[_STATIC],
        "overflow": lines[_OVERFLOW],
        "out_of_use": lines[_OUT_OF_USE],
        "connections": _connection_lines(request, changing),
        "refusals": _refusals(request, now_ms),
        "refusal_days": _REFUSAL_DAYS,
        "calls_days": _CALLS_DAYS,
        "form": adding or _form(request),
        "connecting": connecting or ConnectForm(prefix=CONNECT_PREFIX, initial={"public_url": settings.EDGE_URL}),
    }
    return render(request, "web/numbers.html", context, status=status)


def _connection_lines(
    request: CompanyRequest, changing: tuple[Connection, ConnectionForm] | None
) -> list[ConnectionLine]:
    refused = {changing[0].pk: changing[1]} if changing else {}
    return [
        ConnectionLine(
            connection=each,
            carrier=CARRIER_NAMES.get(each.carrier, each.carrier),
            doors=doors_of(each),
            form=refused.get(each.pk) or ConnectionForm(connection=each),
        )
        for each in access.access_connections(request.user, request.company)
    ]


def _number_lines(request: CompanyRequest, now_ms: int, alarmed: Container[str]) -> dict[str, list[NumberLine]]:
    """Every number by its pool; the others under _STATIC, _OVERFLOW and _OUT_OF_USE."""
    recent = Count("calls", filter=Q(calls__started_ms__gte=now_ms - _CALLS_DAYS * DAY_MS))
    had_calls = Exists(CallRow.objects.filter(number=OuterRef("pk")))
    overflows = Exists(Pool.objects.filter(overflow=OuterRef("pk")))
    numbers = access.access_numbers(request.user, request.company).select_related("site")
    numbers = numbers.annotate(recent_calls=recent, had_calls=had_calls, overflows=overflows)
    holders = {lease.e164: lease for lease in access.access_live_leases(request.user, request.company, now_ms)}
    lines: dict[str, list[NumberLine]] = defaultdict(list)
    for number in numbers:
        unpooled = _STATIC if number.static_source else _OVERFLOW if number.overflows else _OUT_OF_USE
        place = number.pool_id or unpooled
        may_go = number.pool_id is not None or not (number.had_calls or number.overflows)
        line = _number_line(number, number.recent_calls, holders.get(number.e164), may_go=may_go)
        lines[place].append(msgspec.structs.replace(line, is_alarmed=number.pk in alarmed))
    return lines


def _number_line(number: TrackingNumber, calls: int, lease: LeaseRow | None, *, may_go: bool) -> NumberLine:
    return NumberLine(
        number_id=number.pk,
        may_go=may_go,
        e164=number.e164,
        name=number.name,
        destination=_destination(number.flow),
        calls=calls,
        source=msgspec.convert(number.static_source, Source) if number.static_source else None,
        carrier=number.connection.name,
        held_until_ms=lease.until_ms if lease else None,
        holder=msgspec.convert(lease.visit.source, Source) if lease else None,
        shown_to=in_words(msgspec.convert(number.when, When)) if number.site_id else "",
    )


def _pool_line(pool: Pool, numbers: list[NumberLine]) -> PoolLine:
    held = sum(number.held_until_ms is not None for number in numbers)
    return PoolLine(
        pool=pool,
        site=pool.site.name,
        words=in_words(msgspec.convert(pool.when, When)),
        numbers=numbers,
        held=held,
        full=held / len(numbers) if numbers else 0.0,
    )


def _destination(flow: dict[str, Any]) -> str:
    rings = [step["ring"]["destination"] for step in flow.get("steps", ()) if step.get("ring")]
    return rings[0] if rings else ""


def _turned_away(request: CompanyRequest, now_ms: int) -> list[tuple[str, int]]:
    """The names of sites where there was no free number, and how often."""
    rows = access.access_refusals(request.user, request.company).filter(
        hour_ms__gte=now_ms - _REFUSAL_DAYS * DAY_MS, reason=Refusal.POOL_EMPTY.value
    )
    times = dict(rows.values_list("site_key").annotate(times=Sum("count")))
    sites = access.access_sites(request.user, request.company)
    return [(site.name, times[site.pk]) for site in sites if site.pk in times]


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
