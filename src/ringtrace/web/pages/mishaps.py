"""One page for everything that goes wrong. It never shows an exception's text."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from msgspec import Struct

from ringtrace.core.clock import at_from_ms
from ringtrace.core.errors import BadInput, NotFound, RingtraceError, StoreUnavailable
from ringtrace.web.agency import RESTORABLE_DAYS
from ringtrace.web.gate import CompanyRemoved
from ringtrace.web.models import Company


class Mishap(Struct, frozen=True):
    title: str
    words: str


_MISHAPS = {
    HTTPStatus.BAD_REQUEST: Mishap(
        "That could not be read", "The address or the form has something in it that this page does not take."
    ),
    HTTPStatus.FORBIDDEN: Mishap(
        "Not for your role", "An owner or an admin of the account can do this, or give you another role."
    ),
    HTTPStatus.NOT_FOUND: Mishap("Nothing here", "It may have been removed, or belong to another account."),
    HTTPStatus.TOO_MANY_REQUESTS: Mishap("Too many tries", "Wait a minute, then try again."),
    HTTPStatus.INTERNAL_SERVER_ERROR: Mishap(
        "This went wrong on our side", "It has been written to the log of the server. Trying again may help."
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: Mishap(
        "The data cannot be reached just now",
        "Nothing is lost. Try again in a moment; if it stays, check the disk of the server.",
    ),
}
_UNPROVEN = Mishap(
    "This form is too old", "It was open for long, or cookies are blocked. Go back, load the page again and repeat it."
)


class Mishaps:
    """Turns the house's errors into their pages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._get_response(request)

    def process_exception(self, _request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, CompanyRemoved):
            return _page(HTTPStatus.GONE, _removed(exception.company), exception.code)
        if isinstance(exception, NotFound):
            return _answer(HTTPStatus.NOT_FOUND, exception)
        if isinstance(exception, BadInput):
            return _answer(HTTPStatus.BAD_REQUEST, exception)
        if isinstance(exception, StoreUnavailable):
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, exception)
        return None


def _removed(company: Company) -> Mishap:
    removed_on = at_from_ms(company.removed_ms or 0).astimezone(company.zone).date()
    return Mishap(
        f"{company.name} was removed",
        f"An owner of its account removed it on {removed_on:%-d %B %Y}, and with it this page. For "
        f"{RESTORABLE_DAYS} days an owner can bring it back, with all that was in it, on the page of all companies.",
    )


def _handler(status: HTTPStatus) -> Callable[..., HttpResponse]:
    def handle(*_args: object, **_named: object) -> HttpResponse:
        return _answer(status)

    return handle


bad_request = _handler(HTTPStatus.BAD_REQUEST)
denied = _handler(HTTPStatus.FORBIDDEN)
not_found = _handler(HTTPStatus.NOT_FOUND)
too_many = _handler(HTTPStatus.TOO_MANY_REQUESTS)
broken = _handler(HTTPStatus.INTERNAL_SERVER_ERROR)


def unproven(*_args: object, **_named: object) -> HttpResponse:
    """A POST without its CSRF token."""
    return _page(HTTPStatus.FORBIDDEN, _UNPROVEN)


def _answer(status: HTTPStatus, error: RingtraceError | None = None) -> HttpResponse:
    return _page(status, _MISHAPS[status], error.code if error else "")


def _page(status: HTTPStatus, mishap: Mishap, code: str = "") -> HttpResponse:
    """Made without the request: no context processor, no database, nothing that could fail again."""
    context = {"mishap": mishap, "status": int(status), "code": code}
    return HttpResponse(render_to_string("web/mishap.html", context), status=status)
