"""What a reader of another system's call log is: it knows the system's columns, and takes rows to calls.

Rows come as (line of the file, column -> text), from a file, or flattened from an API's JSON by `json_rows`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol, TypeAlias

from msgspec import Struct

from ringtrace.core.calls import CallStatus
from ringtrace.intake.port import CallIn, ContactIn, OutcomeIn, Problem
from ringtrace.sources import Home

RowIn: TypeAlias = tuple[int, Mapping[str, str]]
RowOut: TypeAlias = tuple[int, CallIn | ContactIn | OutcomeIn | Problem]


class LogChoices(Struct, frozen=True, kw_only=True):
    """What the person says of the file.

    `zone` (IANA): of times without an offset; a row that needs it and finds none is a problem. `region` (ISO 3166)
    reads national numbers. `currency`: of amounts. `day_first`: 3/4/2026 is 3 April. `home`: what is the site's own,
    for landing pages and referrers. `called_e164`: the number called, of logs which do not say. `duration_is_talk`:
    where a system tells one duration alone, which may hold ringing and greetings, take it as talk time of answered
    calls; else their talk time is unknown. The generic log alone: `columns`, from our field to the file's column;
    `statuses`, from the file's word to a status; `system`, what to call it.
    """

    zone: str | None = None
    region: str | None = "US"
    currency: str | None = None
    day_first: bool = False
    home: Home = Home()
    called_e164: str | None = None
    duration_is_talk: bool = False
    columns: Mapping[str, str] = {}
    statuses: Mapping[str, CallStatus] = {}
    system: str = "import"


class CallLog(Protocol):
    """One file a system, with a `LOG` of this shape. Columns are compared by their letters and digits alone."""

    name: str
    title: str

    def knows(self, header: Iterable[str]) -> bool:
        """Whether these columns are this system's."""

    def read(self, rows: Iterable[RowIn], choices: LogChoices) -> Iterator[RowOut]:
        """At least one value or problem a row, in order; but a leg that is part of another call gives none.

        A form or chat that was worth something gives two: the contact, then the outcome that names it.
        """
