"""Who may open a page: every view gets a signed-in person and the company it is about.

Behind `for_company` that is the company at hand; behind `for_row`, the company of the row in the address.
"""

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
        _stand_in(passed, current_company(request))
        return view(passed, **kwargs)

    return gated


def for_row(access_row: Callable[[User, str], Any], name: str) -> Callable[[View], View]:
    """Signs in first, finds the row of the address's `name`, and makes its company the one the page is about.

    The right is checked on that company alone, whichever the person looked at last. The view gets the row.
    """

    def gate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _sign_in(request)
            passed = cast("CompanyRequest", request)
            row = access_row(passed.user, kwargs.pop(name))
            _stand_in(passed, row.company)
            return view(passed, row, **kwargs)

        return gated

    return gate


def for_member(view: View) -> View:
    """As `for_company`, but posts are for everybody who sees the company: for what is a person's own."""

    @wraps(view)
    def gated(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return _sign_in(request)
        passed = cast("CompanyRequest", request)
        passed.company = current_company(request)
        return view(passed, **kwargs)

    return gated


def for_members_row(access_row: Callable[[User, str], Any], name: str) -> Callable[[View], View]:
    """As `for_row`, but the view itself says who may post: for rows that may be a person's own."""

    def gate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _sign_in(request)
            passed = cast("CompanyRequest", request)
            row = access_row(passed.user, kwargs.pop(name))
            passed.company = row.company
            return view(passed, row, **kwargs)

        return gated

    return gate


def _stand_in(request: CompanyRequest, company: Company) -> None:
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
