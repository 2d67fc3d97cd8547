"""How an operation describes itself in openapi.json: from the same frozen values by which it reads and answers."""

from __future__ import annotations

from typing import Any, TypedDict

import msgspec

from ringtrace.web.api.answers import Error

_TEMPLATE = "#/components/schemas/{name}"
_ERRORS = {
    "400": "It cannot be read, or cannot be.",
    "401": "No token, or one that opens nothing.",
    "403": "The token's person may only read.",
    "404": "It is not there, or not yours.",
    "413": "The body is over 5 MB.",
    "429": "Too many requests; see Retry-After.",
    "503": "The data cannot be reached just now.",
}
_components: dict[str, Any] = {}


class Described(TypedDict):
    operation_id: str
    summary: str
    openapi_extra: dict[str, Any]


def described(operation_id: str, summary: str, *, body: Any = None, answers: Any, csv: bool = False) -> Described:
    """Arguments for a router's decorator. `body` and `answers`: types that msgspec knows."""
    extra: dict[str, Any] = {"responses": {"200": _said("OK", answers, csv=csv)}}
    extra["responses"] |= {status: _said(words, Error) for status, words in _ERRORS.items()}
    if body is not None:
        extra["requestBody"] = {"required": True, "content": {"application/json": {"schema": _schema(body)}}}
    return Described(operation_id=operation_id, summary=summary, openapi_extra=extra)


def components() -> dict[str, Any]:
    """Every schema that an operation named."""
    return dict(sorted(_components.items()))


def _said(words: str, kind: Any, *, csv: bool = False) -> dict[str, Any]:
    content: dict[str, Any] = {"application/json": {"schema": _schema(kind)}}
    if csv:
        content["text/csv"] = {"schema": {"type": "string"}}
    return {"description": words, "content": content}


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), found = msgspec.json.schema_components([kind], ref_template=_TEMPLATE, schema_hook=_anything)
    _components.update(found)
    return schema


def _anything(kind: type) -> dict[str, Any]:
    """Of a value that may be anything."""
    if kind is object:
        return {"description": "Of any type."}
    raise NotImplementedError
