"""openapi.json for people: operations by what they are about, with what each takes and answers, and an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct

from ringtrace.web.api.operations import OPERATIONS
from ringtrace.web.people import RANKS

_DEEPEST = 5
_EXAMPLES = {"date-time": "2026-11-24T09:30:00-08:00", "date": "2026-11-24"}
_FORMATS = {"date-time": "moment with an offset", "date": "day"}
_READABLE = {"^([A-Z]{3})?$": "USD", "^[A-Z]{3}$": "USD"}


class Named(Struct, frozen=True, kw_only=True):
    """A parameter, or a field of a body or an answer. `kind`: what it may be, in words."""

    name: str
    kind: str
    words: str = ""
    is_needed: bool = False


class Told(Struct, frozen=True, kw_only=True):
    """One operation. `example`: as it is asked on a command line."""

    name: str
    method: str
    path: str
    summary: str
    scope: str
    roles: str
    parameters: tuple[Named, ...]
    body_words: str
    body: tuple[Named, ...]
    answer_words: str
    answer: tuple[Named, ...]
    example: str


class Value(Struct, frozen=True, kw_only=True):
    """What stands inside of other values."""

    name: str
    words: str
    fields: tuple[Named, ...]


class Section(Struct, frozen=True, kw_only=True):
    title: str
    slug: str
    operations: tuple[Told, ...]


@lru_cache(maxsize=4)
def sections(description: bytes, root: str) -> tuple[Section, ...]:
    """Of the description as JSON; `root`: the address below which it all is."""
    schema = msgspec.json.decode(description)
    schemas = schema["components"]["schemas"]
    found: dict[str, list[Told]] = {}
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            found.setdefault(said["tags"][0], []).append(_told(method.upper(), path, said, schemas, root))
    return tuple(
        Section(title=tag.capitalize(), slug=tag.replace(" ", "-"), operations=tuple(told))
        for tag, told in found.items()
    )


@lru_cache(maxsize=4)
def values(description: bytes) -> tuple[Value, ...]:
    """By name."""
    schemas = msgspec.json.decode(description)["components"]["schemas"]
    return tuple(
        Value(name=name, words=_words(schema, schemas), fields=tuple(_fields(schema, schemas)))
        for name, schema in sorted(schemas.items())
        if schema.get("properties")
    )


def _told(method: str, path: str, said: Mapping[str, Any], schemas: Mapping[str, Any], root: str) -> Told:
    needs = OPERATIONS[said["operationId"]].needs
    body = _content(said.get("requestBody"))
    answer = _content(said["responses"]["200"])
    return Told(
        name=said["operationId"],
        method=method,
        path=path,
        summary=said["summary"],
        scope=needs.scope.value,
        roles=", ".join(role.value for role in reversed(RANKS) if role in needs.right.roles),
        parameters=tuple(_parameter(each) for each in said["parameters"]),
        body_words=_words(body, schemas),
        body=tuple(_fields(body, schemas)),
        answer_words=_words(answer, schemas),
        answer=tuple(_fields(answer, schemas)),
        example=_command(method, root + path, said, body, schemas),
    )


def _content(said: Mapping[str, Any] | None) -> Mapping[str, Any]:
    return said["content"]["application/json"]["schema"] if said else {}


def _parameter(said: Mapping[str, Any]) -> Named:
    where = "" if said["in"] == "query" else f", in the {'address' if said['in'] == 'path' else said['in']}"
    return Named(
        name=said["name"],
        kind=f"{kind_of(said['schema'])}{where}",
        words=said.get("description", ""),
        is_needed=said.get("required", False),
    )


def _object(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object that a schema is, or one of a list."""
    if "$ref" in schema:
        return _object(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    if "anyOf" in schema:
        return _object(schema["anyOf"][0], schemas)
    return schema


def _words(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> str:
    return " ".join(_object(schema, schemas).get("description", "").replace("`", "").split()) if schema else ""


def _fields(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> Iterator[Named]:
    found = _object(schema, schemas)
    for name, said in found.get("properties", {}).items():
        yield Named(
            name=name,
            kind=kind_of(said),
            words=said.get("description", ""),
            is_needed=name in found.get("required", ()),
        )


def kind_of(schema: Mapping[str, Any]) -> str:
    """`text, at most 200 characters`; `list of OutcomeOut`; `one of daily, weekly, monthly`."""
    if "$ref" in schema:
        return str(schema["$ref"].rsplit("/", 1)[1])
    for several in ("anyOf", "allOf"):
        if several in schema:
            return " or ".join(dict.fromkeys(kind_of(each) for each in schema[several]))
    if "enum" in schema:
        return f"one of {', '.join(str(each) for each in schema['enum'])}"
    match schema.get("type"):
        case "array":
            return f"list of {kind_of(schema.get('items') or {})}"
        case "string":
            return _text(schema)
        case "integer" | "number" as kind:
            return _bounds("whole number" if kind == "integer" else "number", schema)
        case "boolean":
            return "true or false"
        case "null":
            return "null"
        case "object":
            return "object"
        case _:
            return "anything"


def _text(schema: Mapping[str, Any]) -> str:
    if "format" in schema:
        return _FORMATS.get(str(schema["format"]), str(schema["format"]))
    most = schema.get("maxLength")
    return f"text, at most {most:,} characters" if most else "text"


def _bounds(words: str, schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minimum"), schema.get("maximum")
    if least is not None and most is not None:
        return f"{words} from {least:,} to {most:,}"
    return f"{words} from {least:,}" if least is not None else words


def _command(
    method: str, address: str, said: Mapping[str, Any], body: Mapping[str, Any], schemas: Mapping[str, Any]
) -> str:
    shown = address
    for each in said["parameters"]:
        if each["in"] == "path":
            shown = shown.replace(f"{{{each['name']}}}", each["name"].upper())
    parts = [
        f"curl -sS {'' if method == 'GET' else f'-X {method} '}'{shown}'",
        "-H 'Authorization: Bearer rt_YOUR_TOKEN'",
    ]
    if method != "GET":
        parts.append("-H 'Idempotency-Key: ONE_FOR_EACH_THING_TO_DO'")
    if body:
        data = msgspec.json.encode(example_of(body, schemas)).decode().replace("'", "’")
        parts += ["-H 'Content-Type: application/json'", f"--data-binary '{data}'"]
    return " \\\n  ".join(parts)


def example_of(schema: Mapping[str, Any], schemas: Mapping[str, Any], deep: int = 0) -> Any:
    """The smallest value that a schema allows: of an object what it needs, or else its first field."""
    found = _object(schema, schemas)
    if "enum" in found:
        return found["enum"][0]
    match found.get("type"):
        case "object":
            return _example_object(found, schemas, deep)
        case "array":
            return [example_of(found.get("items") or {}, schemas, deep + 1)] if deep < _DEEPEST else []
        case "string":
            return _EXAMPLES.get(found.get("format", "")) or _READABLE.get(found.get("pattern", ""), "…")
        case "integer" | "number":
            return found.get("minimum", 1) or 1
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return {"field": "talk_secs", "at_least": 60}  # a condition: nothing else is of any type


def _example_object(found: Mapping[str, Any], schemas: Mapping[str, Any], deep: int) -> dict[str, Any]:
    properties = found.get("properties", {})
    wanted = list(found.get("required", ())) or list(properties)[:1]
    return {name: example_of(properties[name], schemas, deep + 1) for name in wanted} if deep < _DEEPEST else {}
