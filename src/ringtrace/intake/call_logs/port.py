"""What a reader of another system's call log is: it knows the system's columns, and takes rows to calls.

Rows come as (line of the file, column -> text), from a file, or flattened from an API's JSON by `json_rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, TypeAlias

from msgspec import Struct

from ringtrace.core.calls import CallStatus
from ringtrace.intake.port import CallIn, ContactIn, Problem
from ringtrace.sources import Home

RowIn: TypeAlias = tuple[int, Mapping[str, str]]
RowOut: TypeAlias = tuple[int, CallIn | ContactIn | Problem]


class LogChoices(Struct, frozen=True, kw_only=True):
    """What the person says of the file.

    `zone` (IANA): of times without one; a row that needs it and finds none is a problem. `region` (ISO 3166) reads
    national numbers. `currency`: of amounts. `day_first`: 3/4/2026 is 3 April. `home`: what is the site's own, for
    landing pages and referrers. `columns` (generic alone): our field -> the file's column. `statuses` (generic alone):
    the file's word, lower case -> status. `system`: what to call a generic log, such as `oldpbx`. `called_e164`: the
    number called, of logs which do not say.
    """

    zone: str | None = None
    region: str | None = "US"
    currency: str | None = None
    day_first: bool = False
    home: Home = Home()
    columns: Mapping[str, str] = {}
    statuses: Mapping[str, CallStatus] = {}
    system: str = "import"
    called_e164: str | None = None


class CallLog(Protocol):
    """One file a system, with a `LOG` of this shape. Names of columns are compared in small letters and digits alone."""

    name: str
    title: str

    def knows(self, header: Iterable[str]) -> bool:
        """Whether these columns are this system's."""

    def read(self, rows: Iterable[RowIn], choices: LogChoices) -> Iterator[RowOut]:
        """One value or problem a row; a row that is part of another (a call's second leg) gives none of its own."""
