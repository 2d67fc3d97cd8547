"""Who may open a page: a view behind `for_company` gets a signed-in person and the company at hand."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from ringtrace.core.errors import NotFound
from ringtrace.web.access import Right, access_companies, may
from ringtrace.web.models import Company, User

View = Callable[..., HttpResponse]
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_COMPANY_KEY = "company_id"


class CompanyRequest(HttpRequest):
    """A request that has passed the gate."""

    user: User
    company: Company


def for_company(view: View) -> View:
    """Signs in first, sets `request.company`, and lets only those with Right.CHANGE do more than read."""

    @wraps(view)
    def gated(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _sign_in(request)
        passed = cast("CompanyRequest", request)
        stand_in(passed, current_company(request))
        return view(passed, **kwargs)

    return gated


def stand_in(request: CompanyRequest, company: Company) -> None:
    """Makes `company` the one this page is about. Raises PermissionDenied for a change by someone who only reads."""
    if request.method not in _READING and not may(request.user, company, Right.CHANGE):
        raise PermissionDenied
    request.company = company


def current_company(request: HttpRequest) -> Company:
    """The company chosen last, or the person's first. Raises NotFound for someone with none."""
    companies = access_companies(request.user)
    chosen_id = request.session.get(_COMPANY_KEY)
    company = (companies.filter(pk=chosen_id).first() if chosen_id else None) or companies.first()
    if company is None:
        raise NotFound("You belong to no company here.", hint="Ask the owner to add you.")
    return company


def choose_company(request: HttpRequest, company: Company) -> None:
    request.session[_COMPANY_KEY] = company.pk


def _sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):  # a page left open: load it again, and it leads to the sign-in page
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    return redirect_to_login(request.get_full_path())
