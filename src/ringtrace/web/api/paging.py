"""Pages of a list, the newest first: each says where the next begins, so that what comes in meanwhile moves nothing."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from ringtrace.core.errors import BadInput

USUAL, MOST = 50, 500
_LONGEST_CURSOR = 200
_Row = TypeVar("_Row", bound=Model)


def page_of(
    rows: QuerySet[_Row], when: str, cursor: str, limit: int, *, as_told: bool = False
) -> tuple[list[_Row], str | None]:
    """One page of `rows` by the column `when`, newest first, and the cursor of the next; None on the last.

    `when`: ms, or days; "": by their ids, which sort by time. `as_told`: of one `when`, the oldest first.
    Raises BadInput for a limit or cursor that is none.
    """
    if not 1 <= limit <= MOST:
        raise BadInput("limit is out of bounds.", hint=f"1 to {MOST}.")
    if cursor:
        rows = _after(rows, when, cursor, "pk__gt" if as_told else "pk__lt")
    pk = "pk" if as_told else "-pk"
    order = (f"-{when}", pk) if when else (pk,)
    found = list(rows.order_by(*order)[: limit + 1])
    if len(found) <= limit:
        return found, None
    last: Any = found[limit - 1]
    return found[:limit], _written(getattr(last, when) if when else "", last.pk)


def between(rows: QuerySet[_Row], when: str, bounds: tuple[int | None, int | None]) -> QuerySet[_Row]:
    """Those of [since, until); None: without that end."""
    since_ms, until_ms = bounds
    if since_ms is not None:
        rows = rows.filter(**{f"{when}__gte": since_ms})
    if until_ms is not None:
        rows = rows.filter(**{f"{when}__lt": until_ms})
    return rows


def same(rows: QuerySet[_Row], **said: str | bool | None) -> QuerySet[_Row]:
    """Those whose columns are exactly as said; "" and None ask nothing."""
    return rows.filter(**{name: value for name, value in said.items() if value not in ("", None)})


def _after(rows: QuerySet[_Row], when: str, cursor: str, beyond: str) -> QuerySet[_Row]:
    key, pk = _read(cursor)
    try:
        if not when:
            return rows.filter(**{beyond: pk})
        return rows.filter(Q(**{f"{when}__lt": key}) | Q(**{when: key, beyond: pk}))
    except (ValueError, ValidationError):  # of another list
        raise _no_cursor() from None


def _written(key: object, pk: object) -> str:
    return base64.urlsafe_b64encode(f"{key} {pk}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[str, str]:
    try:
        said = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        said = ""
    key, _, pk = said.partition(" ")
    if not pk or not said.isascii() or not said.isprintable() or len(cursor) > _LONGEST_CURSOR:
        raise _no_cursor()
    return key, pk


def _no_cursor() -> BadInput:
    return BadInput("That is no cursor.", hint="Take `next` of the page before, unchanged.")
