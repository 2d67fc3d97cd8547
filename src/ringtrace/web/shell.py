"""What every page shows around its own content."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

import ringtrace
from ringtrace.web.access import Right, access_companies, rights_of
from ringtrace.web.brand import brand_for, brand_of
from ringtrace.web.models import Company
from ringtrace.web.navigation import MENU, SETTINGS, links


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of every template: the company at hand, the ones to switch to, what the person may do there."""
    common: dict[str, Any] = {"version": ringtrace.__version__, "demo_url": settings.DEMO_URL}
    company = getattr(request, "company", None)
    if not isinstance(company, Company):
        return common | {"brand": brand_for(request)}
    rights = rights_of(request.user, company)
    here = (request.resolver_match.url_name if request.resolver_match else None) or ""
    companies = list(access_companies(request.user, Right.BELONG))
    menu = links(MENU, rights, here, has_several=len(companies) > 1)
    return common | {
        "company": company,
        "brand": brand_of(company.account_id),
        "zone": company.zone,
        "currency": company.currency,
        "companies": companies,
        "may_change": Right.CHANGE in rights,
        "may_work": Right.WORK in rights,
        "may_own": Right.OWN in rights,
        "is_agent": Right.SEE not in rights,
        "menu": menu,
        "settings_tabs": links(SETTINGS, rights, here),
    }
