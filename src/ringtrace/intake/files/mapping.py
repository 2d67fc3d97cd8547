"""Which column of a file is which field of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from ringtrace.intake.files.values import DateStyle, NumberStyle
from ringtrace.intake.port import What


class ColumnMap(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a file's columns are read. `columns`: our field -> the file's column; `fixed`: our field -> a value that is the
    same on every row (`kind`, `source`, `medium`, `campaign`, `currency`); `kinds`: what the file says (`Closed Won`) -> a
    kind (`sale`, `lost`, or `` to leave such rows out); `system` prefixes CRM ids. Styles and zone None: as guessed, asked."""

    what: What
    columns: Mapping[str, str] = {}
    fixed: Mapping[str, str] = {}
    kinds: Mapping[str, str] = {}
    numbers: NumberStyle | None = None
    dates: DateStyle | None = None
    zone: str | None = None
    system: str = ""


def guess_map(what: What, header: Sequence[str], samples: Sequence[Mapping[str, str]] = ()) -> ColumnMap:
    raise NotImplementedError


def check_map(mapping: ColumnMap, header: Sequence[str]) -> list[str]:
    """What is wrong with a mapping for this header, one sentence each; empty: nothing."""
    raise NotImplementedError


def map_to_json(mapping: ColumnMap) -> bytes:
    raise NotImplementedError


def map_from_json(data: bytes) -> ColumnMap:
    """Raises BadInput."""
    raise NotImplementedError
