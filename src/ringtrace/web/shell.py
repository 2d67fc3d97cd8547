"""What every page shows around its own content."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

import ringtrace
from ringtrace.web.access import Right, access_companies, may
from ringtrace.web.models import Company


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of every template: the company at hand, the ones to switch to, what the person may do there."""
    common: dict[str, Any] = {"version": ringtrace.__version__, "demo_url": settings.DEMO_URL}
    company = getattr(request, "company", None)
    if not isinstance(company, Company):
        return common
    return common | {
        "company": company,
        "zone": company.zone,
        "currency": company.currency,
        "companies": list(access_companies(request.user)),
        "may_change": may(request.user, company, Right.CHANGE),
    }
