"""What the API answers: JSON of frozen values, moments both ways, and one shape for whatever goes wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.http import HttpResponse
from msgspec import Struct

from ringtrace.core.clock import at_from_ms
from ringtrace.core.errors import RingtraceError

JSON = "application/json; charset=utf-8"


class Wrong(Struct, frozen=True, kw_only=True):
    code: str
    message: str
    hint: str = ""


class Error(Struct, frozen=True):
    """`{"error": {"code": "E100", "message": ..., "hint": ...}}`, whatever went wrong."""

    error: Wrong


NO_TOKEN = Wrong(
    code="E210",
    message="This needs a token.",
    hint="Send Authorization: Bearer rt_...; Settings, API tokens makes one.",
)
NOT_ALLOWED = Wrong(
    code="E211",
    message="The person this token acts as may not do that.",
    hint="docs/api.md says whom each operation is for; an owner or an admin may do almost all of them.",
)
UNDER_WAY = Wrong(
    code="E215",
    message="A request with this Idempotency-Key is still under way.",
    hint="Wait a moment and send the same again.",
)
OTHER_REQUEST = Wrong(
    code="E216",
    message="This Idempotency-Key was used for another request.",
    hint="Make a new key for each thing to do; send the same key only with the very same request.",
)
TOO_HIGH = Wrong(
    code="E214",
    message="A token with scopes makes nobody an owner or an admin.",
    hint="Do it on the page People, or with a token without scopes.",
)
NEEDS_FACTOR = Wrong(
    code="E217",
    message="The account asks for a second factor, and the person this token acts as has none.",
    hint="They set one up under Sign-in and password; then the token opens again.",
)
TOO_MANY = Wrong(code="E212", message="Too many requests.", hint="Wait for as many seconds as Retry-After says.")
NO_METHOD = Wrong(code="E213", message="This address does not take that method.", hint="Allow says which it takes.")
TOO_LARGE = Wrong(code="E103", message="The body is over 5 MB.", hint="Send fewer rows at once.")
NO_LENGTH = Wrong(code="E103", message="The body comes without its length.", hint="Send Content-Length, not in chunks.")
NOTHING = Wrong(code="E200", message="There is nothing at this address.", hint="See docs/api.md for those there are.")
UNREADABLE = Wrong(code="E100", message="This request cannot be read.", hint="Check its address and its headers.")
BROKEN = Wrong(code="E000", message="This went wrong on our side.", hint="It is in the log of the server. Try again.")
NO_STORE = Wrong(code="E300", message="The data cannot be reached just now.", hint="Nothing was taken. Try again.")


def no_scope(scope: str) -> Wrong:
    return Wrong(
        code="E214",
        message=f"This token has not the scope {scope}.",
        hint="Make one that has it: Settings, API tokens, or ringtrace token make --scope.",
    )


def answer(value: object, status: int = HTTPStatus.OK, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(value), status=status, content_type=JSON, headers=headers)


def refusal(wrong: Wrong, status: int, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return answer(Error(wrong), status, headers)


def wrong_of(error: RingtraceError) -> Wrong:
    """An error of the house: its message was written for whoever reads it."""
    return Wrong(code=error.code, message=str(error.args[0]), hint=error.hint)


def at(ms: int | None, zone: ZoneInfo) -> str | None:
    """ISO 8601 with the offset of that moment there: `2026-11-24T09:30:00.000-08:00`."""
    return None if ms is None else local(ms, zone).isoformat(timespec="milliseconds")


def local(ms: int, zone: ZoneInfo) -> datetime:
    return at_from_ms(ms).astimezone(zone)


def plain(value: Any) -> Any:
    """A value of the house as JSON has it, without what is unknown or empty by nature."""
    return msgspec.to_builtins(value)
