"""All companies of a person at a glance; companies added, removed and brought back."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.web import audit
from ringtrace.web.access import Right, access_companies, access_company, rights_of
from ringtrace.web.agency import (
    RESTORABLE_DAYS,
    access_accounts,
    access_removed,
    access_removed_company,
    do_add_company,
    do_remove_company,
    do_restore_company,
)
from ringtrace.web.forms.agency import AddCompanyForm, RemoveCompanyForm
from ringtrace.web.forms.places import time_zones
from ringtrace.web.forms.reading import refuse
from ringtrace.web.gate import OWNERS, CompanyRequest, choose_company, for_everybody, for_row
from ringtrace.web.glance import COLUMNS, glance
from ringtrace.web.models import Company
from ringtrace.web.pages.overview import scope_of, today_on
from ringtrace.web.spans import PRESETS, read_span

MOST_COMPANIES = 100
"""Asked for one page."""


@for_everybody
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    query = request.GET.dict()
    companies = list(access_companies(request.user, Right.SEE).order_by("name", "pk")[: MOST_COMPANIES + 1])
    if not companies and not access_removed(request.user, wall_clock()).exists():
        return redirect("calls")
    asked = []
    for company in companies[:MOST_COMPANIES]:
        span = read_span(query, today_on(company))
        may_own = Right.OWN in rights_of(request.user, company)
        asked.append((company, scope_of(company, span), span, may_own))
    context = {
        "span": read_span(query, today_on(request.company)),
        "presets": PRESETS,
        "columns": COLUMNS,
        "glanced": glance(asked, wall_clock()),
        "is_cut": len(companies) > MOST_COMPANIES,
        "most": MOST_COMPANIES,
        "removed": access_removed(request.user, wall_clock()),
        "restorable_days": RESTORABLE_DAYS,
        "may_add": access_accounts(request.user, Right.CHANGE).exists(),
    }
    return render(request, "web/agency.html", context)


@for_everybody
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: CompanyRequest) -> HttpResponse:
    accounts = list(access_accounts(request.user, Right.CHANGE))
    if not accounts:
        raise PermissionDenied
    initial = {
        "time_zone": request.company.time_zone,
        "currency": request.company.currency,
        "region": request.company.region,
        "account": request.company.account_id,
    }
    form = AddCompanyForm(request.POST or None, accounts=accounts, initial=initial)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data
        account = next((each for each in accounts if each.pk == cleaned.get("account")), accounts[0])
        try:
            made = do_add_company(
                account, cleaned["name"], cleaned["time_zone"], cleaned["currency"], cleaned["region"]
            )
        except BadInput as error:
            refuse(form, error, "name")
        else:
            request.company = made  # what the audit log says is about it
            choose_company(request, made)
            messages.success(request, f"{made} is there. Set up its first site.")
            return redirect("start")
    status = 422 if form.is_bound else 200
    return render(request, "web/company_add.html", {"form": form, "time_zones": time_zones()}, status=status)


@for_row(partial(access_company, right=Right.SEE), "company_id", OWNERS)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: CompanyRequest, company: Company) -> HttpResponse:
    form = RemoveCompanyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            do_remove_company(company, form.cleaned_data["name"], wall_clock())
        except BadInput as error:
            refuse(form, error, "name")
        else:
            other = access_companies(request.user, Right.BELONG).first()
            if other is not None:
                choose_company(request, other)
            messages.success(request, f"{company} is removed. It can be brought back for {RESTORABLE_DAYS} days.")
            return redirect("agency")
    context = {
        "form": form,
        "numbers": company.numbers.count(),
        "sites": company.sites.count(),
        "hooks": company.hooks.count(),
        "tokens": company.tokens.count(),
        "restorable_days": RESTORABLE_DAYS,
    }
    return render(request, "web/company_remove.html", context, status=422 if form.is_bound else 200)


@for_everybody
@require_POST
def restore(request: CompanyRequest, company_id: str) -> HttpResponse:
    if not access_accounts(request.user, Right.OWN).exists():
        raise PermissionDenied
    company = access_removed_company(request.user, company_id, wall_clock())
    do_restore_company(company)
    request.company = company  # what the audit log says is about it
    audit.say_about(request, company.pk)
    messages.success(request, f"{company} is back, with everybody who belonged to it.")
    return redirect("agency")
