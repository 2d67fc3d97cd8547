"""Whose call log a file is, and its calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ringtrace.core.errors import NotFound
from ringtrace.intake.call_logs.callrail import LOG as CALLRAIL
from ringtrace.intake.call_logs.calltrackingmetrics import LOG as CALLTRACKINGMETRICS
from ringtrace.intake.call_logs.generic import LOG as GENERIC
from ringtrace.intake.call_logs.port import CallLog, LogChoices, RowIn, RowOut
from ringtrace.intake.call_logs.twilio import LOG as TWILIO
from ringtrace.intake.call_logs.whatconverts import LOG as WHATCONVERTS

CALL_LOGS: Mapping[str, CallLog] = {
    log.name: log for log in (CALLRAIL, CALLTRACKINGMETRICS, WHATCONVERTS, TWILIO, GENERIC)
}


def detect(header: Iterable[str]) -> str | None:
    """The name of the system whose columns these are; None where they are no known system's: ask for a column map."""
    names = tuple(header)
    return next((log.name for log in CALL_LOGS.values() if log.knows(names)), None)


def read_calls(rows: Iterable[RowIn], system: str, choices: LogChoices) -> Iterator[RowOut]:
    """The calls (and, of WhatConverts, forms and chats) of a log, with a problem for every row that is neither.

    Raises NotFound for a system that is none of CALL_LOGS, BadInput for choices that cannot work.
    """
    log = CALL_LOGS.get(system)
    if log is None:
        raise NotFound(f"{system[:40]!r} is no call log we read.", hint=f"Choose one of {', '.join(CALL_LOGS)}.")
    return log.read(rows, choices)
