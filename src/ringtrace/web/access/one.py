"""One row out of those that somebody may see."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from ringtrace.core.errors import NotFound

_Row = TypeVar("_Row", bound=Model)


def one(rows: QuerySet[_Row], kind: str) -> _Row:
    row = rows.first()
    if row is None:
        raise NotFound(f"There is no such {kind}.", hint="It may have been removed, or belong to another account.")
    return row


def number(row_id: str) -> int:
    """The number of a row; 0, which is nobody's, for what is none."""
    return int(row_id) if row_id.isascii() and row_id.isdigit() and len(row_id) < 19 else 0
