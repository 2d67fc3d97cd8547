"""An API's JSON answer as the rows of a table: what these systems' APIs say has the same words as their exports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from ringtrace.core.errors import UnreadableBody
from ringtrace.intake.call_logs.port import RowIn

_LISTS = ("calls", "leads", "activities", "data")
_JOINT = " | "


def json_rows(body: bytes) -> Iterator[RowIn]:
    """(number of the object from 1, its fields as texts): `sale.value` for what is inside, lists joined by ` | `.

    Takes a list of objects, or one under `calls`, `leads`, `activities` or `data`. Raises UnreadableBody.
    """
    try:
        said = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise UnreadableBody("The file is not JSON.", hint="Save the API's answer as it came.") from error
    found = next((said[name] for name in _LISTS if name in said), None) if isinstance(said, dict) else said
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise UnreadableBody("The JSON has no list of calls.", hint=f"A list, or one under {', '.join(_LISTS)}.")
    for number, one in enumerate(found, start=1):
        yield number, dict(_flat(one))


def _flat(fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in fields.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", _text(said)) for inner, said in value.items())
        else:
            yield name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return _JOINT.join(text for one in value if (text := _text(one.get("name") if isinstance(one, dict) else one)))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or isinstance(value, dict) else str(value)
