"""How an operation describes itself in openapi.json: from the same frozen values by which it reads and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import msgspec

from ringtrace.web.api.answers import Error

_TEMPLATE = "#/components/schemas/{name}"
_ERRORS = {
    400: "It cannot be read, or cannot be.",
    401: "No token, or one that opens nothing.",
    403: "The token has not the scope, or its person not the right.",
    404: "It is not there, or not yours.",
    429: "Too many requests; see Retry-After.",
    500: "It went wrong on our side.",
    503: "The data cannot be reached just now.",
}
_OF_WRITES = {
    409: "A request with this Idempotency-Key is still under way.",
    413: "The body is over 5 MB.",
    422: "This Idempotency-Key was used for another request.",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same request with the same key again does nothing and is answered the same, for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
_HEADERS = {
    name: {"description": words, "schema": {"type": kind}}
    for name, words, kind in (
        ("X-Request-Id", "Names this request in the log.", "string"),
        ("X-RateLimit-Limit", "Requests that the token may make in a minute of the clock.", "integer"),
        ("X-RateLimit-Remaining", "How many of them are left.", "integer"),
        ("X-RateLimit-Reset", "Seconds until the next minute begins.", "integer"),
    )
}
_components: dict[str, Any] = {}


class Described(TypedDict):
    operation_id: str
    summary: str
    openapi_extra: dict[str, Any]


def described(
    operation_id: str,
    summary: str,
    *,
    scope: str,
    answers: Any,
    body: Any = None,
    csv: bool = False,
    writes: bool = False,
    fields: Sequence[str] = (),
) -> Described:
    """Arguments for a router's decorator. `body` and `answers`: types that msgspec knows."""
    errors = _ERRORS | (_OF_WRITES if writes else {})
    extra: dict[str, Any] = {"responses": {200: _said("OK", answers, csv=csv, headers=_HEADERS)}, "x-scope": scope}
    extra["responses"] |= {status: _said(words, Error) for status, words in errors.items()}
    if writes:
        extra["parameters"] = [_KEY]
    else:
        extra["x-fields"] = list(fields)
    if body is not None:
        extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(body)}}}
    return Described(operation_id=operation_id, summary=summary, openapi_extra=extra)


def components() -> dict[str, Any]:
    """Every schema that an operation named."""
    return dict(sorted(_components.items()))


def _said(words: str, kind: Any, *, csv: bool = False, headers: Mapping[str, Any] | None = None) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": _schema(kind)}}
    if csv:
        content["text/csv"] = {"schema": {"type": "string"}}
    return {"description": words, "content": content} | ({"headers": dict(headers)} if headers else {})


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), found = msgspec.json.schema_components([kind], ref_template=_TEMPLATE, schema_hook=_anything)
    _components.update(found)
    return schema


def _anything(kind: type) -> dict[str, Any]:
    """Of a value that may be anything."""
    if kind is object:
        return {"description": "Of any type."}
    raise NotImplementedError
