"""Rows of a file as outcomes."""

from __future__ import annotations

from collections.abc import Iterator

from ringtrace.intake.files.mapping import ColumnMap
from ringtrace.intake.files.reading import Table
from ringtrace.intake.port import OutcomeIn, Problem


def read_outcomes(
    table: Table, mapping: ColumnMap, *, region: str | None, zone: str, start_row: int = 0
) -> Iterator[tuple[int, OutcomeIn | Problem]]:
    """`region` (ISO 3166) reads national phone numbers, `zone` (IANA) times without an offset."""
    raise NotImplementedError
