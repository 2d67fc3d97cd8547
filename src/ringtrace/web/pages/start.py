"""The wizard of the first run: owner, site, numbers, done. It goes on where it was left."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe
from msgspec import Struct

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.refusals import HINTS, Refusal
from ringtrace.pools.sizing import load_of, numbers_needed
from ringtrace.web import access
from ringtrace.web.actions import (
    do_add_numbers,
    do_connect_carrier,
    do_create_owner,
    do_create_pool,
    do_create_site,
    do_set_hold,
)
from ringtrace.web.forms.companies import OwnerForm
from ringtrace.web.forms.connections import CARRIER_NAMES
from ringtrace.web.forms.numbers import FirstNumbersForm, FirstSiteForm
from ringtrace.web.forms.places import time_zones
from ringtrace.web.forms.reading import refuse
from ringtrace.web.gate import CompanyRequest, for_company
from ringtrace.web.models import CallRow, Company, Connection, Site, User, VisitRow
from ringtrace.web.pages.welcome import MAY_START
from ringtrace.web.sign_in.entering import do_enter
from ringtrace.web.site_check import last_check
from ringtrace.web.snippet_tag import script_tag

_TELLING = frozenset({Refusal.WRONG_ORIGIN, Refusal.NO_TARGET, Refusal.NO_POOL, Refusal.NO_CONSENT, Refusal.BOT})
_REASONS_LOOKED_AT = 20
_USUAL_TAKEN_SECS = (3 + 30 + 5) * 60
_STEPS = ("Owner", "Site", "Numbers", "Done")


@for_company
@require_safe
def resume(request: CompanyRequest) -> HttpResponse:
    return redirect(next_step(request.user, request.company))


def next_step(user: User, company: Company) -> str:
    """The name of the first step that is still open."""
    if not access.access_sites(user, company).exists():
        return "start_site"
    if not access.access_numbers(user, company).exists():
        return "start_numbers"
    return "start_done"


@require_http_methods(["GET", "HEAD", "POST"])
def owner(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("start")
    if User.objects.exists():
        return render(request, "web/welcome_owned.html", status=409)
    if not request.session.get(MAY_START):
        return render(request, "web/welcome_spent.html", {"has_owner": False}, status=410)
    form = OwnerForm(request.POST or None, initial={"currency": "USD", "region": "US"})
    if request.method == "POST" and form.is_valid():
        person = _create_first_owner(form.cleaned_data)
        if person is None:
            return render(request, "web/welcome_owned.html", status=409)
        do_enter(request, person, by="wizard")
        return redirect("start_site")
    return _step(request, 1, {"form": form, "time_zones": time_zones()})


@transaction.atomic
def _create_first_owner(cleaned: dict[str, Any]) -> User | None:
    """None if another was first: the look and the write are one transaction."""
    if User.objects.exists():
        return None
    do_create_owner(
        cleaned["email"],
        cleaned["password"],
        cleaned["name"],
        cleaned["time_zone"],
        cleaned["currency"],
        cleaned["region"],
    )
    return User.objects.get()


@for_company
@require_http_methods(["GET", "HEAD", "POST"])
def site(request: CompanyRequest) -> HttpResponse:
    if access.access_sites(request.user, request.company).exists():
        return redirect("start_numbers")
    form = FirstSiteForm(request.POST or None, region=request.company.region, initial={"name": "Main site"})
    if request.method == "POST" and form.is_valid():
        try:
            _create_site(request.company, form.cleaned_data)
        except BadInput as error:
            refuse(form, error, "origins")
        else:
            return redirect("start_numbers")
    return _step(request, 2, {"form": form})


@transaction.atomic
def _create_site(company: Company, cleaned: dict[str, Any]) -> None:
    made = do_create_site(company, cleaned["name"], cleaned["origins"])
    do_create_pool(made, "Main pool", cleaned["printed"])


@for_company
@require_http_methods(["GET", "HEAD", "POST"])
def numbers(request: CompanyRequest) -> HttpResponse:
    step = next_step(request.user, request.company)
    if step != "start_numbers":
        return redirect(step)
    usual = {"public_url": settings.EDGE_URL}
    form = FirstNumbersForm(request.POST or None, region=request.company.region, initial=usual)
    if request.method == "POST" and form.is_valid():
        try:
            _create_numbers(request, form)
        except BadInput as error:
            refuse(form, error)
        else:
            return redirect("start_done")
    return _step(request, 3, {"form": form, "sizes": _sizes()})


def _sizes() -> list[tuple[int, int]]:
    """Visits in the busiest hour, and the numbers that they need: of three minutes, the usual hold, and its rest."""
    return [(visits, numbers_needed(load_of(visits, _USUAL_TAKEN_SECS), 0.01)) for visits in (5, 20, 50, 100)]


@transaction.atomic
def _create_numbers(request: CompanyRequest, form: FirstNumbersForm) -> None:
    cleaned = form.cleaned_data
    carrier = cleaned["carrier"]
    connection = do_connect_carrier(request.company, carrier, CARRIER_NAMES[carrier], *form.secret_and_url)
    pool = access.access_pools(request.user, request.company).first()
    if pool is not None:
        do_set_hold(pool, cleaned["hold_mins"] * 60)
    do_add_numbers(connection, cleaned["numbers"], form.flow, pool=pool)


@for_company
@require_safe
def done(request: CompanyRequest) -> HttpResponse:
    if not access.access_sites(request.user, request.company).exists():
        return redirect("start_site")
    sites = _sites(request)
    connections = list(access.access_connections(request.user, request.company))
    context = {
        "sites": [(each, script_tag(each)) for each in sites],
        "connections": [(each, doors_of(each), is_local(each.public_url)) for each in connections],
        "data_dir": str(settings.DATA_DIR),
        "first_number": access.access_numbers(request.user, request.company).first(),
        "progress": progress_of(request),
    }
    return _step(request, 4, context)


@for_company
@require_safe
def progress(request: CompanyRequest) -> HttpResponse:
    """What of the set-up is proven by now; the page asks until all of it is."""
    return render(request, "web/parts/start_progress.html", {"progress": progress_of(request)})


class Progress(Struct, frozen=True, kw_only=True):
    """`number`: the one to call, that of the newest visit where it holds one. `hint`: why a visit may not arrive."""

    tag_seen: bool
    visit: VisitRow | None
    call: CallRow | None
    number: str | None
    hint: str

    @property
    def is_done(self) -> bool:
        return self.visit is not None and self.call is not None


def progress_of(request: CompanyRequest) -> Progress:
    now_ms = wall_clock()
    visit = access.access_visits(request.user, request.company).first()
    call = access.access_calls(request.user, request.company).first()
    refused = access.access_refusals(request.user, request.company).filter(company_key=request.company.pk)
    reasons = list(refused.order_by("-hour_ms").values_list("reason", flat=True)[:_REASONS_LOOKED_AT])
    told = next((reason for reason in reasons if reason in _TELLING), "")
    lease = access.access_live_leases(request.user, request.company, now_ms).last()
    first = access.access_numbers(request.user, request.company).first()
    checked = any((found := last_check(site)) and found.has_tag for site in _sites(request))
    return Progress(
        tag_seen=visit is not None or bool(reasons) or checked,
        visit=visit,
        call=call,
        number=lease.e164 if lease else first.e164 if first else None,
        hint=HINTS[Refusal(told)] if told and visit is None else "",
    )


def _sites(request: CompanyRequest) -> list[Site]:
    return list(access.access_sites(request.user, request.company))


def doors_of(connection: Connection) -> list[tuple[str, str]]:
    """The webhook addresses to give to the carrier; none for one that is configured by a file."""
    if connection.carrier != "twilio":
        return []
    base = f"{connection.public_url}/carriers/{connection.pk}"
    return [("A call comes in", f"{base}/inbound"), ("Call status changes", f"{base}/status")]


def is_local(url: str) -> bool:
    """Whether an address only works on this machine: no carrier out there can reach it."""
    return (urlsplit(url).hostname or "") in ("localhost", "127.0.0.1", "::1")


def _step(request: HttpRequest, at: int, context: dict[str, Any]) -> HttpResponse:
    steps = [(number, name, number < at, number == at) for number, name in enumerate(_STEPS, start=1)]
    template = ("owner", "site", "numbers", "done")[at - 1]
    return render(request, f"web/start_{template}.html", {**context, "steps": steps, "step": at})
