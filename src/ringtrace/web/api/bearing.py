"""Who asks: the bearer of a token, how often they may, and what they may do."""

from __future__ import annotations

from typing import Protocol, TypeVar

from django.http import HttpRequest
from msgspec import Struct
from ninja.security import HttpBearer

from ringtrace.core.clock import MINUTE_MS, wall_clock
from ringtrace.core.errors import NotFound
from ringtrace.web.access import Right, access_call, role_of
from ringtrace.web.api.counters import Counters
from ringtrace.web.models import CallRow, Company, User
from ringtrace.web.sign_in.factors import lacks_factor
from ringtrace.web.tokens import Bearer, Scope, find_token

A_MINUTE = 600
"""Requests that a token may make in a minute of the clock. Counted by each web process by itself."""


class _Asked(Struct, frozen=True):
    """How many requests in which minute of the clock."""

    minute: int
    requests: int


_ASKED: Counters[_Asked] = Counters()
"""By the key of the token."""


class _OfCompany(Protocol):
    """A row that belongs to a company."""

    @property
    def company(self) -> Company: ...


_Row = TypeVar("_Row", bound=_OfCompany)


class TooMany(Exception):
    """`wait_secs` until the next minute of the clock begins."""

    def __init__(self, wait_secs: int) -> None:
        super().__init__()
        self.wait_secs = wait_secs


class NeedsFactor(Exception):
    """The account asks for a second factor, and the token's person has none."""


class TooHigh(Exception):
    """A token with scopes lifts nobody to this role."""


class NoScope(Exception):
    """The token was not made for that."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope


class Rate(Struct, frozen=True):
    """How many requests a token may make in this minute of the clock, how many are left, and when the next begins."""

    limit: int
    remaining: int
    reset_secs: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset_secs),
        }


class ByToken(HttpBearer):
    """The only way in: no session, so nothing that a page of another site could use."""

    def authenticate(self, request: HttpRequest, token: str) -> Bearer | None:
        """Raises TooMany, NeedsFactor."""
        bearer = find_token(token.strip(), wall_clock())
        if bearer is None:
            return None
        now_ms = wall_clock()
        asked, wait_secs = _count(bearer.key, now_ms)
        request.__dict__["rate"] = Rate(A_MINUTE, max(0, A_MINUTE - asked), wait_secs)
        if asked > A_MINUTE:
            raise TooMany(wait_secs)
        if lacks_factor(bearer.user, bearer.company):
            raise NeedsFactor
        return bearer


def _count(key: str, now_ms: int) -> tuple[int, int]:
    """How many requests the token made in this minute of the clock, and in how many seconds the next begins."""
    minute = now_ms // MINUTE_MS
    wait_secs = max(1, round(((minute + 1) * MINUTE_MS - now_ms) / 1000))
    _, asked = _ASKED.change(key, lambda was: _Asked(minute, _before(was, minute) + 1))
    return asked.requests, wait_secs


def _before(asked: _Asked | None, minute: int) -> int:
    return asked.requests if asked is not None and asked.minute == minute else 0


class ApiRequest(HttpRequest):
    """A request that has shown its token."""

    auth: Bearer


def company_of(request: ApiRequest) -> Company:
    return request.auth.company


def user_of(request: ApiRequest) -> User:
    return request.auth.user


def may_see_callers(request: ApiRequest) -> bool:
    """Whether numbers and names of callers are given in clear."""
    bearer = request.auth
    return bearer.has(Scope.CALLERS) and role_of(bearer.user, bearer.company) in Right.SEE_CALLERS.roles


def call_of(request: ApiRequest, call_id: str) -> CallRow:
    """A call of the token's own company. Raises NotFound."""
    return own(request, access_call(request.auth.user, call_id), "call")


def own(request: ApiRequest, row: _Row, kind: str) -> _Row:
    """The row, which must be of the token's own company: its person may belong to others. Raises NotFound."""
    if row.company.pk != request.auth.company.pk:
        raise NotFound(f"There is no such {kind}.", hint="It may have been removed, or belong to another company.")
    return row
