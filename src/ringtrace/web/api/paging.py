"""Pages of a list, the newest first: each says where the next begins, so that what comes in meanwhile moves nothing."""

from __future__ import annotations

import base64
import binascii
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from ringtrace.core.errors import BadInput

USUAL, MOST = 50, 500
_Row = TypeVar("_Row", bound=Model)


def page_of(rows: QuerySet[_Row], when: str, cursor: str, limit: int) -> tuple[list[_Row], str | None]:
    """One page of `rows` by the column `when`, newest first, and the cursor of the next; None on the last.

    Raises BadInput for a limit or cursor that is none.
    """
    if not 1 <= limit <= MOST:
        raise BadInput("limit is out of bounds.", hint=f"1 to {MOST}.")
    if cursor:
        ms, pk = _read(cursor)
        rows = rows.filter(Q(**{f"{when}__lt": ms}) | Q(**{when: ms, "pk__lt": pk}))
    found = list(rows.order_by(f"-{when}", "-pk")[: limit + 1])
    if len(found) <= limit:
        return found, None
    last: Any = found[limit - 1]
    return found[:limit], _written(getattr(last, when), last.pk)


def _written(ms: int, pk: object) -> str:
    return base64.urlsafe_b64encode(f"{ms} {pk}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[int, str]:
    try:
        said = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        said = ""
    ms, _, pk = said.partition(" ")
    if not pk or not ms.isascii() or not ms.isdigit() or len(ms) > 15 or len(cursor) > 200:
        raise BadInput("That is no cursor.", hint="Take `next` of the page before, unchanged.")
    return int(ms), pk
