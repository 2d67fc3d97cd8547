"""A pool's settings and a static number's: who sees them, in place of what, for how long."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput, NotFound
from ringtrace.core.phones import show_phone
from ringtrace.core.sources import Channel, Source
from ringtrace.web import access, edits
from ringtrace.web.actions import do_create_pool
from ringtrace.web.forms.pools import NewPoolForm, PoolForm, StaticForm, WhenForm
from ringtrace.web.forms.reading import refuse, refuse_and_leave_out, words_of
from ringtrace.web.gate import CompanyRequest, for_company, for_row, looks_only
from ringtrace.web.models import Pool, TrackingNumber
from ringtrace.web.pool_use import USE_DAYS, USUAL_TARGET, use_of
from ringtrace.web.pools import do_change_pool, do_change_static, do_remove_pool
from ringtrace.web.targets import Target, targets_of
from ringtrace.web.when import in_words, when_of
from ringtrace.wire.directory import When

_for_pool = for_row(access.access_pool, "pool_id")


@for_company
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: CompanyRequest) -> HttpResponse:
    sites = list(access.access_sites(request.user, request.company))
    form = NewPoolForm(request.POST or None, sites=sites, region=request.company.region)
    if form.is_valid():
        cleaned = form.cleaned_data
        made = do_create_pool(form.chosen_site, cleaned["name"], cleaned["target"])
        messages.success(request, gettext("Pool made. Say who sees it, then add numbers to it."))
        return redirect("pool", pool_id=made.pk)
    return render(request, "web/pool_add.html", {"form": form}, status=422 if form.is_bound else 200)


@_for_pool
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: CompanyRequest, pool: Pool) -> HttpResponse:
    free, region = _free(request), request.company.region
    form = PoolForm(request.POST or None, pool=pool, free=free, region=region)
    if form.is_valid():
        clash = edits.find_clash(request, pool, form, lambda: PoolForm(pool=pool, free=free, region=region))
        if clash is not None:
            return edits.show_clash(request, clash, title=f"“{pool.name}”", back=reverse("pool", args=[pool.pk]))
        try:
            do_change_pool(
                pool,
                name=form.cleaned_data["name"],
                times=form.times,
                placed=form.placed,
                overflow=form.chosen_overflow,
            )
        except BadInput as error:
            refuse(form, error)
        else:
            messages.success(request, gettext("Pool saved."))
            return redirect("pool", pool_id=pool.pk)
    context = _context(request, form, msgspec.convert(pool.when, When), pool.target_e164)
    context |= {"pool": pool, "numbers": pool.numbers.count(), "live": _live(request, pool), **_use(request, pool)}
    return render(request, "web/pool.html", context, status=422 if form.is_bound else 200)


@_for_pool
@require_POST
def remove(request: CompanyRequest, pool: Pool) -> HttpResponse:
    try:
        do_remove_pool(pool)
    except BadInput as error:
        refuse_and_leave_out(request, error)
        return redirect("pool", pool_id=pool.pk)
    messages.success(request, gettext("Pool removed."))
    return redirect("numbers")


@for_row(access.access_number, "number_id")
@require_http_methods(["GET", "HEAD", "POST"])
def static(request: CompanyRequest, number: TrackingNumber) -> HttpResponse:
    if number.static_source is None:
        raise NotFound("That number stands for no source.", hint="It may have been put into a pool.")
    sites = list(access.access_sites(request.user, request.company))
    region = request.company.region
    form = StaticForm(request.POST or None, number=number, sites=sites, region=region)
    if form.is_valid():
        clash = edits.find_clash(request, number, form, lambda: StaticForm(number=number, sites=sites, region=region))
        if clash is not None:
            back = reverse("static", args=[number.pk])
            return edits.show_clash(request, clash, title=show_phone(number.e164), back=back)
        try:
            do_change_static(
                number,
                name=form.cleaned_data["name"],
                stands_for=form.stands_for,
                site=form.chosen_site,
                placed=form.placed,
            )
        except BadInput as error:
            refuse(form, error)
        else:
            messages.success(request, gettext("Number saved."))
            return redirect("static", number_id=number.pk)
    context = _context(request, form, msgspec.convert(number.when, When), number.target_e164)
    context |= {"number": number}
    return render(request, "web/static.html", context, status=422 if form.is_bound else 200)


@for_company
@looks_only
@require_POST
def words(request: CompanyRequest) -> HttpResponse:
    """The rule that is being written, in plain words."""
    form = WhenForm(request.POST)
    said = in_words(_meant(form.when, request.POST)) if form.is_valid() else ""
    wrong = [(field.label, field.errors) for field in form if field.errors]
    return render(request, "web/parts/rule_words.html", {"words": said, "wrong": wrong})


def _use(request: CompanyRequest, pool: Pool) -> dict[str, Any]:
    """How it was used, and what it would take for the share and the hold that are asked about."""
    target, hold_mins, wrong = USUAL_TARGET, pool.hold_secs / 60, ""
    try:
        target = _asked(request, "target", 0.01, 50) / 100 if request.GET.get("target") else target
        hold_mins = _asked(request, "hold", 1, 1_440) if request.GET.get("hold") else hold_mins
    except BadInput as error:
        wrong = words_of(error)
    zone = request.company.zone
    return {
        "use": use_of(pool, zone, wall_clock(), target=target, hold_secs=round(hold_mins * 60)),
        "asked_target": f"{target * 100:g}",
        "asked_hold": f"{hold_mins:g}",
        "asked_wrong": wrong,
        "use_days": USE_DAYS,
        "hours": range(24),
    }


def _asked(request: CompanyRequest, name: str, least: float, most: float) -> float:
    text = request.GET[name].strip()[:20].replace(",", ".")
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not least <= number <= most:
        raise BadInput(f"{text!r} is not between {least:g} and {most:g}.", hint="The usual values are shown instead.")
    return number


def _meant(when: When, posted: Mapping[str, str]) -> When:
    """A static number whose rule asks nothing is for the visits of the source it stands for."""
    source, medium, campaign = (posted.get(name, "").strip() or None for name in ("source", "medium", "campaign"))
    if when != When() or source is None:
        return when
    return when_of(Source(channel=Channel.UNASSIGNED, source=source, medium=medium, campaign=campaign))


def _context(request: CompanyRequest, form: PoolForm | StaticForm, when: When, target_e164: str) -> dict[str, Any]:
    mine = [target for target in targets(request) if target.target_e164 == target_e164]
    return {"form": form, "words": in_words(when), "targets": mine}


def targets(request: CompanyRequest) -> list[Target]:
    """Every printed number with what stands in for it."""
    pools = access.access_pools(request.user, request.company).select_related("site", "overflow")
    shown = access.access_numbers(request.user, request.company).filter(site__isnull=False, static_source__isnull=False)
    return targets_of(pools, shown.select_related("site"))


def _free(request: CompanyRequest) -> list[TrackingNumber]:
    """The numbers that may overflow: those that do, and those out of use."""
    numbers = access.access_numbers(request.user, request.company)
    return list(numbers.filter(pool__isnull=True, static_source__isnull=True))


def _live(request: CompanyRequest, pool: Pool) -> int:
    live = access.access_live_leases(request.user, request.company, wall_clock()).filter(pool_id=pool.pk)
    return live.order_by().values("e164").distinct().count()
