"""Rows of a file as contacts."""

from __future__ import annotations

from collections.abc import Iterator

from ringtrace.intake.files.mapping import ColumnMap
from ringtrace.intake.files.reading import Table
from ringtrace.intake.port import ContactIn, Problem


def read_contacts(
    table: Table, mapping: ColumnMap, *, region: str | None, zone: str, start_row: int = 0
) -> Iterator[tuple[int, ContactIn | Problem]]:
    """`region` (ISO 3166) reads national phone numbers, `zone` (IANA) times without an offset."""
    raise NotImplementedError
