"""Who may open a page: every view gets a signed-in person and the company it is about.

Behind `for_company` that is the company at hand; behind `for_row`, the company of the row in the address. What is not
a read runs in one transaction, with its line in the audit log.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import NotFound
from ringtrace.web import audit
from ringtrace.web.access import Right, access_companies, role_of
from ringtrace.web.models import Company, User

View = Callable[..., HttpResponse]
READING = frozenset({"GET", "HEAD", "OPTIONS"})
_COMPANY_KEY = "company_id"
_LEAST_REFUSED = 400


class CompanyRequest(HttpRequest):
    """A request that has passed the gate."""

    user: User
    company: Company


class Needs:
    """Which right it takes to read a page, and to post to it."""

    def __init__(self, see: Right, post: Right) -> None:
        self.see = see
        self.post = post


PAGES = Needs(Right.SEE, Right.CHANGE)
MEMBERS = Needs(Right.SEE, Right.SEE)
"""For what is a person's own, or where the view itself says who may post."""
DESK = Needs(Right.SEE_CALLS, Right.WORK)
"""For the pages on which people work with calls: an agent sees these and no others."""
OWNERS = Needs(Right.OWN, Right.OWN)
ADMINS = Needs(Right.CHANGE, Right.CHANGE)


def company_gate(needs: Needs) -> Callable[[View], View]:
    """Signs in first, sets `request.company`, and lets in whoever has the right."""

    def gate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _sign_in(request)
            passed = cast("CompanyRequest", request)
            _stand_in(passed, current_company(request), needs)
            return _run(passed, partial(view, passed, **kwargs), kwargs.values())

        return gated

    return gate


def for_row(access_row: Callable[[User, str], Any], name: str, needs: Needs = PAGES) -> Callable[[View], View]:
    """Signs in first, finds the row of the address's `name`, and makes its company the one the page is about.

    The right is checked on that company alone, whichever the person looked at last. The view gets the row.
    """

    def gate(view: View) -> View:
        @wraps(view)
        def gated(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _sign_in(request)
            passed = cast("CompanyRequest", request)
            row_id = kwargs.pop(name)
            row = access_row(passed.user, row_id)
            _stand_in(passed, row.company, needs)
            return _run(passed, partial(view, passed, row, **kwargs), (row_id, *kwargs.values()))

        return gated

    return gate


for_company = company_gate(PAGES)
for_member = company_gate(MEMBERS)
for_desk = company_gate(DESK)
for_admin = company_gate(ADMINS)
for_owner = company_gate(OWNERS)


def for_members_row(access_row: Callable[[User, str], Any], name: str) -> Callable[[View], View]:
    """As `for_row`, but the view itself says who may post: for rows that may be a person's own."""
    return for_row(access_row, name, MEMBERS)


def _stand_in(request: CompanyRequest, company: Company, needs: Needs) -> None:
    """Makes `company` the one this page is about. Raises PermissionDenied for somebody without the right."""
    needed = needs.see if request.method in READING else needs.post
    if role_of(request.user, company) not in needed.roles:
        raise PermissionDenied
    request.company = company


def _run(request: CompanyRequest, view: Callable[[], HttpResponse], ids: Any) -> HttpResponse:
    if request.method in READING:
        return view()
    with transaction.atomic():
        response = view()
        if response.status_code < _LEAST_REFUSED:
            audit.do_note_change(request, request.user, request.company, wall_clock(), ids)
    return response


def current_company(request: HttpRequest) -> Company:
    """The company chosen last, or the person's first. Raises NotFound for someone with none."""
    companies = access_companies(request.user, Right.BELONG)
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
