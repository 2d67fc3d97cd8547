"""Which vendor wrote a file, and its rows as spend."""

from __future__ import annotations

from collections.abc import Iterator

from ringtrace.intake.files.mapping import ColumnMap
from ringtrace.intake.files.reading import Table
from ringtrace.intake.files.spend.port import SpendChoices, SpendFile, Vendor
from ringtrace.intake.port import Problem, SpendIn


def detect(table: Table) -> Vendor | None:
    raise NotImplementedError


def describe(
    table: Table, vendor: Vendor, *, mapping: ColumnMap | None = None, choices: SpendChoices = SpendChoices()
) -> SpendFile:
    """What the file is: kind of report, period, currency, styles, complaints."""
    raise NotImplementedError


def read_spend(table: Table, file: SpendFile, *, start_row: int = 0) -> Iterator[tuple[int, SpendIn | Problem]]:
    raise NotImplementedError
