"""The company and its sites."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST
from msgspec import Struct

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.web import access, audit, edits
from ringtrace.web.actions import do_change_company, do_change_site, do_make_server_key, do_remove_server_key
from ringtrace.web.forms.companies import CompanySettingsForm, RateForm, SiteSettingsForm
from ringtrace.web.forms.places import time_zones
from ringtrace.web.forms.reading import refuse
from ringtrace.web.gate import CompanyRequest, for_company, for_row
from ringtrace.web.models import Company, Site
from ringtrace.web.rates import do_remove_rate, do_set_rates
from ringtrace.web.snippet_tag import pinned_tag, script_tag, server_example


class SiteLine(Struct, frozen=True, kw_only=True):
    """A site with what goes into its pages. `fresh_key`: its server key, in the one answer that shows it."""

    site: Any
    form: Any
    tag: str
    pinned: str
    fresh_key: str
    example: str


@for_company
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: CompanyRequest) -> HttpResponse:
    form = CompanySettingsForm(request.POST or None, initial=_facts(request.company))
    if request.method == "POST" and form.is_valid():
        company = request.company
        clash = edits.find_clash(request, company, form, lambda: CompanySettingsForm(initial=_facts(company)))
        if clash is not None:
            return edits.show_clash(request, clash, title=company.name, back=reverse("settings"))
        cleaned = form.cleaned_data
        do_change_company(
            request.company,
            cleaned["name"],
            cleaned["time_zone"],
            cleaned["currency"],
            cleaned["region"],
            lookback_days=cleaned["lookback_days"],
        )
        messages.success(request, gettext("Company saved."))
        return redirect("settings")
    return _render(request, form, status=422 if form.is_bound else 200)


@for_company
@require_POST
def rates(request: CompanyRequest) -> HttpResponse:
    """Sets one rate, or removes one."""
    company = request.company
    if request.POST.get("what") == "remove":
        do_remove_rate(company, request.POST.get("code", ""))
        messages.success(request, gettext("Rate removed. What was valued by it stays."))
        return redirect("settings")
    form = RateForm(request.POST, own=company.currency)
    if form.is_valid():
        try:
            changed = do_set_rates(company, {form.cleaned_data["code"]: form.cleaned_data["rate"]}, wall_clock())
        except BadInput as error:
            refuse(form, error)
        else:
            audit.say(request, currency=form.cleaned_data["code"], rate=form.cleaned_data["rate"], revalued=changed)
            messages.success(request, f"Rate saved. Outcomes valued anew: {changed}.")
            return redirect("settings")
    return _render(request, CompanySettingsForm(initial=_facts(company)), rate_form=form, status=422)


@for_row(access.access_site, "site_id")
@require_POST
def site(request: CompanyRequest, changed: Site) -> HttpResponse:
    form = _site_form(changed, request.POST)
    if form.is_valid():
        clash = edits.find_clash(request, changed, form, lambda: _site_form(changed))
        if clash is not None:
            return edits.show_clash(request, clash, title=changed.name, back=reverse("settings"))
        try:
            _change_site(changed, form.cleaned_data)
        except BadInput as error:
            refuse(form, error, "origins")
        else:
            messages.success(request, gettext("Site saved."))
            return redirect("settings")
    return _render(request, CompanySettingsForm(initial=_facts(request.company)), changed=(changed, form), status=422)


@for_row(access.access_site, "site_id")
@require_POST
def server_key(request: CompanyRequest, changed: Site) -> HttpResponse:
    """A new key is shown in the answer to this post, and never again."""
    what = request.POST.get("what", "")
    if what == "remove":
        do_remove_server_key(changed)
        messages.success(request, gettext("Server key removed. Whoever used it is refused from now on."))
        return redirect("settings")
    if what != "make":
        raise BadInput("It was not said what to do with the key.", hint="Choose by the buttons on the page.")
    key = do_make_server_key(changed)
    return _render(request, CompanySettingsForm(initial=_facts(request.company)), fresh_key=(changed, key))


def _change_site(changed: Site, cleaned: dict[str, Any]) -> None:
    do_change_site(
        changed,
        cleaned["name"],
        cleaned["origins"],
        consent=cleaned["consent"],
        ignored_referrers=cleaned["ignored_referrers"],
    )


def _render(
    request: CompanyRequest,
    form: CompanySettingsForm,
    *,
    changed: tuple[Site, SiteSettingsForm] | None = None,
    fresh_key: tuple[Site, str] | None = None,
    rate_form: RateForm | None = None,
    status: int = 200,
) -> HttpResponse:
    sites = access.access_sites(request.user, request.company)
    forms = {changed[0].pk: changed[1]} if changed else {}
    keys = {fresh_key[0].pk: fresh_key[1]} if fresh_key else {}
    context = {
        "form": form,
        "rates": sorted(request.company.rates.items()),
        "rate_form": rate_form or RateForm(own=request.company.currency),
        "sites": [_site_line(each, forms.get(each.pk), keys.get(each.pk, "")) for each in sites],
        "time_zones": time_zones(),
        "edge_url": settings.EDGE_URL,
    }
    return render(request, "web/settings.html", context, status=status)


def _site_line(each: Site, form: SiteSettingsForm | None, fresh_key: str) -> SiteLine:
    return SiteLine(
        site=each,
        form=form or _site_form(each),
        tag=script_tag(each),
        pinned=pinned_tag(each),
        fresh_key=fresh_key,
        example=server_example(each, fresh_key),
    )


def _facts(company: Company) -> dict[str, object]:
    return {
        "name": company.name,
        "time_zone": company.time_zone,
        "currency": company.currency,
        "region": company.region,
        "lookback_days": company.lookback_days,
    }


def _site_form(each: Site, data: Any = None) -> SiteSettingsForm:
    initial = {
        "name": each.name,
        "origins": "\n".join(each.origins),
        "consent": each.consent,
        "ignored_referrers": "\n".join(each.ignored_referrers),
    }
    return SiteSettingsForm(data, initial=initial, prefix=each.pk)
