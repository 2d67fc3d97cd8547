"""Any other table of spend, by the person's own mapping or by common names of columns.

No defaults of source and medium: the mapping fixes them, or columns tell them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ringtrace.intake.files.moments import DateStyle, read_range
from ringtrace.intake.files.spend.port import Format, Vendor
from ringtrace.intake.files.synonyms import SYNONYMS
from ringtrace.intake.port import What


def _knows(names: frozenset[str], preamble: Sequence[str]) -> bool:  # noqa: ARG001 (a Format's shape)
    return False


def _period(preamble: Sequence[str], style: DateStyle) -> tuple[date, date] | None:
    return next((found for line in preamble if (found := read_range(line, style))), None)


FORMAT = Format(
    vendor=Vendor.GENERIC,
    title="Any other table",
    source="",
    medium="",
    names=SYNONYMS[What.SPEND],
    knows=_knows,
    preamble_period=_period,
)
