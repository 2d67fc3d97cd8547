"""Who asks: the bearer of a token, how often they may, and what they may do."""

from __future__ import annotations

from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from ninja.security import HttpBearer

from ringtrace.core.clock import MINUTE_MS, wall_clock
from ringtrace.core.errors import NotFound
from ringtrace.web.access import Right, access_call, may
from ringtrace.web.models import CallRow, Company, User
from ringtrace.web.tokens import Bearer, find_token

A_MINUTE = 600
"""Requests that a token may make in a minute of the clock. Counted by each web process by itself."""

_MINUTE_SECS = 60


class TooMany(Exception):
    """`wait_secs` until the next minute of the clock begins."""

    def __init__(self, wait_secs: int) -> None:
        super().__init__()
        self.wait_secs = wait_secs


class ByToken(HttpBearer):
    """The only way in: no session, so nothing that a page of another site could use."""

    def authenticate(self, request: HttpRequest, token: str) -> Bearer | None:  # noqa: ARG002
        bearer = find_token(token.strip(), wall_clock())
        if bearer is not None:
            _count(bearer.key, wall_clock())
        return bearer


def _count(key: str, now_ms: int) -> None:
    """Raises TooMany."""
    minute = now_ms // MINUTE_MS
    place = f"api:{key}:{minute}"
    cache.add(place, 0, timeout=2 * _MINUTE_SECS)
    try:
        asked = cache.incr(place)
    except ValueError:  # culled between the two: the minute begins again
        return
    if asked > A_MINUTE:
        raise TooMany(max(1, round(((minute + 1) * MINUTE_MS - now_ms) / 1000)))


class ApiRequest(HttpRequest):
    """A request that has shown its token."""

    auth: Bearer


def company_of(request: ApiRequest) -> Company:
    return request.auth.company


def user_of(request: ApiRequest) -> User:
    return request.auth.user


def may_see_callers(request: ApiRequest) -> bool:
    return may(request.auth.user, request.auth.company, Right.SEE_CALLERS)


def check_may_write(request: ApiRequest) -> Company:
    """The company to write to. Raises PermissionDenied for somebody who only reads."""
    if not may(request.auth.user, request.auth.company, Right.CHANGE):
        raise PermissionDenied
    return request.auth.company


def call_of(request: ApiRequest, call_id: str) -> CallRow:
    """A call of the token's own company. Raises NotFound."""
    row = access_call(request.auth.user, call_id)
    if row.company_id != request.auth.company.pk:
        raise NotFound("There is no such call.", hint="It may have been removed, or belong to another company.")
    return row


def call_to_write(request: ApiRequest, call_id: str) -> CallRow:
    """First whether it is there at all, then whether it may be changed. Raises NotFound, PermissionDenied."""
    row = call_of(request, call_id)
    check_may_write(request)
    return row
