"""The API put together: every resource, one way in, one shape of error."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from ringtrace.core.errors import BadInput, NotFound, RingtraceError, StoreUnavailable
from ringtrace.web.api import calls, contacts, counting, imports, names, outcomes, reports, spend
from ringtrace.web.api.answers import (
    BROKEN,
    NO_LENGTH,
    NO_METHOD,
    NO_STORE,
    NO_TOKEN,
    NOT_ALLOWED,
    NOTHING,
    TOO_LARGE,
    TOO_MANY,
    UNREADABLE,
    Wrong,
    refusal,
    wrong_of,
)
from ringtrace.web.api.bearing import ByToken, TooMany
from ringtrace.web.api.describing import components

log = logging.getLogger("ringtrace.web")

VERSION = "1"
ROOT = "/api/"


class Api(NinjaAPI):
    """Ninja's, with the schemas of our own values in its description."""

    def get_openapi_schema(self, **named: Any) -> Any:
        schema = super().get_openapi_schema(**named)
        schema["components"].setdefault("schemas", {}).update(components())
        return schema


def _answered(wrong: Wrong, status: HTTPStatus) -> Callable[[HttpRequest, Any], HttpResponse]:
    return lambda _request, _error: refusal(wrong, status)


def _of_house(status: HTTPStatus) -> Callable[[HttpRequest, Any], HttpResponse]:
    return lambda _request, error: refusal(wrong_of(error), status)


def _unproven(_request: HttpRequest, _error: Any) -> HttpResponse:
    return refusal(NO_TOKEN, HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})


def _too_many(_request: HttpRequest, error: Any) -> HttpResponse:
    return refusal(TOO_MANY, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(error.wait_secs)})


def _unreadable(_request: HttpRequest, error: Any) -> HttpResponse:
    """A parameter of the address that is not what it should be: named, without what the library says of it."""
    where = ", ".join(dict.fromkeys(str(one["loc"][-1]) for one in error.errors if one.get("loc")))
    return refusal(Wrong(code="E100", message=f"Not what it should be: {where}."), HTTPStatus.BAD_REQUEST)


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("%s %s went wrong", request.method, request.path, exc_info=error)
    return refusal(BROKEN, HTTPStatus.INTERNAL_SERVER_ERROR)


_HANDLERS: tuple[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]], ...] = (
    (AuthenticationError, _unproven),
    (TooMany, _too_many),
    (ValidationError, _unreadable),
    (RequestDataTooBig, _answered(TOO_LARGE, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)),
    (PermissionDenied, _answered(NOT_ALLOWED, HTTPStatus.FORBIDDEN)),
    (Http404, _answered(NOTHING, HTTPStatus.NOT_FOUND)),
    (HttpError, _answered(UNREADABLE, HTTPStatus.BAD_REQUEST)),
    (OperationalError, _answered(NO_STORE, HTTPStatus.SERVICE_UNAVAILABLE)),
    (NotFound, _of_house(HTTPStatus.NOT_FOUND)),
    (BadInput, _of_house(HTTPStatus.BAD_REQUEST)),
    (StoreUnavailable, _of_house(HTTPStatus.SERVICE_UNAVAILABLE)),
    (RingtraceError, _answered(BROKEN, HTTPStatus.INTERNAL_SERVER_ERROR)),
    (Exception, _broken),
)


def make_api() -> NinjaAPI:
    made = Api(
        title="Ringtrace",
        version=VERSION,
        description="Calls, what came of them, what they cost, and the metrics. Money is in cents, times are ISO 8601.",
        docs_url=None,  # its page would load scripts from elsewhere
        auth=ByToken(),
        urls_namespace="api",
    )
    for kind, handler in _HANDLERS:
        made.add_exception_handler(kind, handler)
    for module in (outcomes, contacts, spend, calls, reports, counting, names, imports):
        made.add_router("", module.router)
    return made


api = make_api()


@csrf_exempt
def no_such(_request: HttpRequest, **_named: str) -> HttpResponse:
    """Any other address below `/api/`."""
    return refusal(NOTHING, HTTPStatus.NOT_FOUND)


_PLAIN = {
    HTTPStatus.BAD_REQUEST: UNREADABLE,
    HTTPStatus.FORBIDDEN: NOT_ALLOWED,
    HTTPStatus.NOT_FOUND: NOTHING,
    HTTPStatus.METHOD_NOT_ALLOWED: NO_METHOD,
    HTTPStatus.INTERNAL_SERVER_ERROR: BROKEN,
    HTTPStatus.SERVICE_UNAVAILABLE: NO_STORE,
}


class OneShape:
    """What went wrong below `/api/` before or beside the API has the API's shape, and no page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith(ROOT) and _is_in_pieces(request):
            return refusal(NO_LENGTH, HTTPStatus.LENGTH_REQUIRED)
        response = self._get_response(request)
        if not request.path.startswith(ROOT) or response.status_code not in _PLAIN:
            return response
        if response.get("Content-Type", "").startswith("application/json"):
            return response
        kept = {name: response[name] for name in ("Allow",) if name in response}
        return refusal(_PLAIN[HTTPStatus(response.status_code)], response.status_code, kept)


def _is_in_pieces(request: HttpRequest) -> bool:
    """Django takes such a body for none."""
    return bool(request.headers.get("Transfer-Encoding")) and not request.headers.get("Content-Length")
