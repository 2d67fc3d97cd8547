"""The company and its sites."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from ringtrace.core.errors import BadInput
from ringtrace.web import access
from ringtrace.web.actions import do_change_company, do_change_site
from ringtrace.web.forms.companies import CompanyForm, SiteForm
from ringtrace.web.forms.places import time_zones
from ringtrace.web.forms.reading import refuse
from ringtrace.web.gate import CompanyRequest, for_company, for_row
from ringtrace.web.models import Company, Site
from ringtrace.web.pages.start import script_tag


@for_company
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: CompanyRequest) -> HttpResponse:
    form = CompanyForm(request.POST or None, initial=_facts(request.company))
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        do_change_company(
            request.company, cleaned["name"], cleaned["time_zone"], cleaned["currency"], cleaned["region"]
        )
        messages.success(request, "Company saved.")
        return redirect("settings")
    return _render(request, form, status=422 if form.is_bound else 200)


@for_row(access.access_site, "site_id")
@require_POST
def site(request: CompanyRequest, changed: Site) -> HttpResponse:
    form = _site_form(changed, request.POST)
    if form.is_valid():
        try:
            do_change_site(changed, form.cleaned_data["name"], form.cleaned_data["origins"])
        except BadInput as error:
            refuse(form, error, "origins")
        else:
            messages.success(request, "Site saved.")
            return redirect("settings")
    return _render(request, CompanyForm(initial=_facts(request.company)), changed=(changed, form), status=422)


def _render(
    request: CompanyRequest, form: CompanyForm, changed: tuple[Site, SiteForm] | None = None, status: int = 200
) -> HttpResponse:
    sites = access.access_sites(request.user, request.company)
    forms = {each.pk: _site_form(each) for each in sites}
    if changed:
        forms[changed[0].pk] = changed[1]
    context = {
        "form": form,
        "sites": [(each, forms[each.pk], script_tag(each)) for each in sites],
        "time_zones": time_zones(),
    }
    return render(request, "web/settings.html", context, status=status)


def _facts(company: Company) -> dict[str, str]:
    return {
        "name": company.name,
        "time_zone": company.time_zone,
        "currency": company.currency,
        "region": company.region,
    }


def _site_form(each: Site, data: Any = None) -> SiteForm:
    return SiteForm(data, initial={"name": each.name, "origins": "\n".join(each.origins)}, prefix=each.pk)
