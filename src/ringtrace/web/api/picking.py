"""`fields`: only what was asked for, of the rows of a list or of one answer."""

from __future__ import annotations

from typing import Any, get_args, get_type_hints

from django.http import HttpRequest
from msgspec import Struct

from ringtrace.core.errors import BadInput


def known_fields(answers: type[Struct], rows: str) -> tuple[str, ...]:
    """The names that `fields` may have: those of a row of `rows`, or of the answer."""
    kind = get_args(get_type_hints(answers)[rows])[0] if rows else answers
    return tuple(kind.__struct_encode_fields__)


def asks_for(request: HttpRequest, *names: str) -> bool:
    """Whether one of these fields will be in the answer."""
    chosen = request.GET.get("fields", "")
    return not chosen or not {each.strip() for each in chosen.split(",")}.isdisjoint(names)


def picked(said: Struct, answers: type[Struct], rows: str, chosen: str) -> dict[str, Any]:
    """The answer with only these of each row's fields, or of its own. Raises BadInput that names those there are."""
    wanted = dict.fromkeys(name.strip() for name in chosen.split(",") if name.strip())
    known = known_fields(answers, rows)
    strange = [name for name in wanted if name not in known]
    if strange or not wanted:
        raise BadInput(f"There is no field {''.join(strange[:1])[:40]!r}.", hint=f"There are: {', '.join(known)}.")
    if not rows:
        return {name: getattr(said, name) for name in wanted}
    whole = {name: getattr(said, name) for name in said.__struct_fields__}
    return whole | {rows: [{name: getattr(row, name) for name in wanted} for row in whole[rows]]}
