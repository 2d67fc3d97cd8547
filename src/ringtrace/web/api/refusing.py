"""What is answered when something goes wrong: one shape, by the kind of error."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import AuthenticationError, HttpError, ValidationError

from ringtrace.core.errors import BadInput, NotFound, RingtraceError, StoreUnavailable
from ringtrace.web.api.answers import (
    BROKEN,
    NEEDS_FACTOR,
    NO_STORE,
    NO_TOKEN,
    NOT_ALLOWED,
    NOTHING,
    TOO_HIGH,
    TOO_LARGE,
    TOO_MANY,
    UNREADABLE,
    Wrong,
    no_scope,
    refusal,
    wrong_of,
)
from ringtrace.web.api.bearing import NeedsFactor, NoScope, TooHigh, TooMany

log = logging.getLogger("ringtrace.web")
Handler = Callable[[HttpRequest, Any], HttpResponse]


def refusal_of(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """The answer to an error that is known; None for one that nobody foresaw."""
    for kind, handler in HANDLERS[:-1]:
        if isinstance(error, kind):
            return handler(request, error)
    return None


def _answered(wrong: Wrong, status: HTTPStatus) -> Handler:
    return lambda _request, _error: refusal(wrong, status)


def _of_house(status: HTTPStatus) -> Handler:
    return lambda _request, error: refusal(wrong_of(error), status)


def _unproven(_request: HttpRequest, _error: Any) -> HttpResponse:
    return refusal(NO_TOKEN, HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": "Bearer"})


def _too_many(_request: HttpRequest, error: Any) -> HttpResponse:
    return refusal(TOO_MANY, HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": str(error.wait_secs)})


def _out_of_scope(_request: HttpRequest, error: Any) -> HttpResponse:
    return refusal(no_scope(error.scope), HTTPStatus.FORBIDDEN)


def _unreadable(_request: HttpRequest, error: Any) -> HttpResponse:
    """A parameter of the address that is not what it should be: named, without what the library says of it."""
    where = ", ".join(dict.fromkeys(str(one["loc"][-1]) for one in error.errors if one.get("loc")))
    return refusal(Wrong(code="E100", message=f"Not what it should be: {where}."), HTTPStatus.BAD_REQUEST)


def _broken(request: HttpRequest, error: Any) -> HttpResponse:
    log.error("%s %s went wrong", request.method, request.path, exc_info=error)
    return refusal(BROKEN, HTTPStatus.INTERNAL_SERVER_ERROR)


HANDLERS: tuple[tuple[type[Exception], Handler], ...] = (
    (AuthenticationError, _unproven),
    (TooMany, _too_many),
    (NoScope, _out_of_scope),
    (TooHigh, _answered(TOO_HIGH, HTTPStatus.FORBIDDEN)),
    (NeedsFactor, _answered(NEEDS_FACTOR, HTTPStatus.FORBIDDEN)),
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
