"""Who may open a page: every view gets a signed-in person and the company it is about.

Behind `for_company` that is the company at hand; behind `for_row`, the company of the row in the address. What is not
a read runs in one transaction, with its line in the audit log; but for posts that only look (`looks_only`), which hold
up nobody who writes. What a view needs stands on it as `needs`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import NotFound
from ringtrace.web import audit
from ringtrace.web.access import Right, access_companies, among_removed, role_of
from ringtrace.web.brand import remember
from ringtrace.web.models import Company, User
from ringtrace.web.sign_in.factors import accounts_that_wait, lacks_factor

View = Callable[..., HttpResponse]
READING = frozenset({"GET", "HEAD", "OPTIONS"})
_COMPANY_KEY = "company_id"
_LEAST_REFUSED = 400


class CompanyRequest(HttpRequest):
    """A request that has passed the gate."""

    user: User
    company: Company


class CompanyRemoved(NotFound):
    """What somebody wanted is of a company of theirs that was removed."""

    def __init__(self, company: Company) -> None:
        super().__init__(f"{company.name} was removed.", hint="Its account’s owner can bring it back for a while.")
        self.company = company


class Needs:
    """Which right it takes to read a page, and to post to it. `instead`: the page to which somebody of the company is
    led who lacks the right to read; "": they are refused."""

    def __init__(self, see: Right, post: Right, instead: str = "") -> None:
        self.see = see
        self.post = post
        self.instead = instead


PAGES = Needs(Right.SEE, Right.CHANGE)
MEMBERS = Needs(Right.SEE, Right.SEE)
"""For what is a person's own, or where the view itself says who may post."""
DESK = Needs(Right.SEE_CALLS, Right.WORK)
"""For the pages on which people work with calls: an agent sees these and no others."""
HOME = Needs(Right.SEE, Right.CHANGE, instead="calls")
"""For the first page after signing in: who sees calls alone is led to them."""
EVERYBODY = Needs(Right.BELONG, Right.BELONG)
"""For pages about a person's companies, where the view itself says which and who may post."""
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
            company = current_company(request)
            if _is_led_away(passed, company, needs):
                return redirect(needs.instead)
            if needs is EVERYBODY and accounts_that_wait(passed.user):  # it shows companies of several accounts
                return _set_up_first(passed)
            _stand_in(passed, company, needs)
            return _run(passed, partial(view, passed, **kwargs), kwargs.values(), _is_look(view, passed))

        return _marked(gated, needs)

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
            row = _find(access_row, passed.user, row_id)
            _stand_in(passed, row if isinstance(row, Company) else row.company, needs)
            ids = (row_id, *kwargs.values())
            return _run(passed, partial(view, passed, row, **kwargs), ids, _is_look(view, passed))

        return _marked(gated, needs)

    return gate


def looks_only(view: View) -> View:
    """Posts to this view change nothing: they run outside the transaction, and without a line. Put below the gate."""
    view.is_look = lambda _request: True  # type: ignore[attr-defined]  # for the gate
    return view


def looks_unless(what: str) -> Callable[[View], View]:
    """As `looks_only`, but for posts whose button says `what`."""

    def marked(view: View) -> View:
        view.is_look = lambda request: request.POST.get("what", "") != what  # type: ignore[attr-defined]
        return view

    return marked


def _is_look(view: View, request: HttpRequest) -> bool:
    asked: Callable[[HttpRequest], bool] | None = getattr(view, "is_look", None)
    return request.method in READING or (asked is not None and asked(request))


def _marked(view: View, needs: Needs) -> View:
    view.needs = needs  # type: ignore[attr-defined]  # for the test that asks every address as every role
    return view


for_company = company_gate(PAGES)
for_member = company_gate(MEMBERS)
for_desk = company_gate(DESK)
for_home = company_gate(HOME)
for_everybody = company_gate(EVERYBODY)
for_admin = company_gate(ADMINS)
for_owner = company_gate(OWNERS)


def for_members_row(access_row: Callable[[User, str], Any], name: str) -> Callable[[View], View]:
    """As `for_row`, but the view itself says who may post: for rows that may be a person's own."""
    return for_row(access_row, name, MEMBERS)


def _find(access_row: Callable[[User, str], Any], user: User, row_id: str) -> Any:
    """The row; of a company of theirs that was removed, this is said. Raises NotFound, CompanyRemoved."""
    try:
        return access_row(user, row_id)
    except NotFound as missing:
        try:
            with among_removed():
                row = access_row(user, row_id)
        except NotFound:
            raise missing from None
        raise CompanyRemoved(row if isinstance(row, Company) else row.company) from None


def _is_led_away(request: CompanyRequest, company: Company, needs: Needs) -> bool:
    """Whether somebody of the company reads a page that is not for them, and has another in its place."""
    if not needs.instead or request.method not in READING:
        return False
    role = role_of(request.user, company)
    return role is not None and role not in needs.see.roles


def _stand_in(request: CompanyRequest, company: Company, needs: Needs) -> None:
    """Makes `company` the one this page is about. Raises PermissionDenied for somebody without the right."""
    needed = needs.see if request.method in READING else needs.post
    if role_of(request.user, company) not in needed.roles:
        raise PermissionDenied
    request.company = company


def _run(request: CompanyRequest, view: Callable[[], HttpResponse], ids: Any, is_look: bool) -> HttpResponse:
    if lacks_factor(request.user, request.company):
        return _set_up_first(request)
    if is_look:
        response = view()
        if request.method in READING:
            remember(request, response, request.company)
        return response
    user = request.user  # who leaves the account is signed out by the view
    with transaction.atomic():
        response = view()
        if response.status_code < _LEAST_REFUSED:
            audit.do_note_change(request, user, request.company, wall_clock(), ids)
    return response


def current_company(request: HttpRequest) -> Company:
    """The company chosen last, or the person's first. Raises NotFound for someone with none, CompanyRemoved."""
    companies = access_companies(request.user, Right.BELONG).select_related("account").defer("account__brand_logo")
    chosen_id = request.session.get(_COMPANY_KEY)
    company = companies.filter(pk=chosen_id).first() if chosen_id else companies.first()
    if company is not None:
        return company
    request.session.pop(_COMPANY_KEY, None)  # the next page is about another
    with among_removed():
        removed = access_companies(request.user, Right.BELONG)
        gone = (removed.filter(pk=chosen_id) if chosen_id else removed).first()
    if gone is not None:
        raise CompanyRemoved(gone)
    company = companies.first()
    if company is None:
        raise NotFound("You belong to no company here.", hint="Ask the owner to add you.")
    return company


def choose_company(request: HttpRequest, company: Company) -> None:
    request.session[_COMPANY_KEY] = company.pk


def _sign_in(request: HttpRequest) -> HttpResponse:
    return _load_again() if request.headers.get("HX-Request") else redirect_to_login(request.get_full_path())


def _set_up_first(request: HttpRequest) -> HttpResponse:
    """The account wants a second factor before anything else: `me` is where it is set up."""
    return _load_again() if request.headers.get("HX-Request") else redirect("me")


def _load_again() -> HttpResponse:
    """For a page left open: it loads again, and that leads to where the person has to go."""
    return HttpResponse(status=204, headers={"HX-Refresh": "true"})
