"""A name for every request: on its answer, and on each line of the log that it caused."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from ringtrace.core.clock import wall_clock
from ringtrace.core.ids import new_id

HEADER = "X-Request-Id"
_GOOD = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_current: ContextVar[str] = ContextVar("request_id", default="")


class RequestIds:
    """Takes the name that the sender gave where it is plain, else makes one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        said = request.headers.get(HEADER, "")
        request_id = said if _GOOD.match(said) else new_id("req", wall_clock())
        token = _current.set(request_id)
        try:
            response = self._get_response(request)
        finally:
            _current.reset(token)
        response.headers[HEADER] = request_id
        return response


class WithRequestId(logging.Filter):
    """`of_request` of a line: ` [req_…]`, or nothing where no request caused it."""

    def filter(self, record: logging.LogRecord) -> bool:
        request_id = _current.get()
        record.of_request = f" [{request_id}]" if request_id else ""
        return True
