"""Twilio: Call resources as JSON or CSV. A call is its inbound leg; the legs it dialled fold into it.

Fields by Twilio's OpenAPI description of the Call resource: sid, parent_call_sid, from, to, status (`queued`,
`ringing`, `in-progress`, `completed`, `busy`, `failed`, `no-answer`, `canceled`), start_time and date_created (RFC
2822, GMT), duration, direction (`inbound`, `outbound-api`, `outbound-dial`), caller_name. From memory: the titles of
the console's CSV (`Call Sid`, `Start Time`), which has no parent.

The inbound leg's own `completed` says nothing of the business: it was answered where a dialled leg was completed, and
talked as long as those legs lasted. Where no leg was dialled, nobody was rung: missed. A log without parents at all
cannot tell: its completed calls are taken as answered, their talk time unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from ringtrace.core.calls import CallStatus
from ringtrace.core.errors import BadInput
from ringtrace.core.phones import try_phone
from ringtrace.intake.call_logs.cells import Cells, plain_name, plain_names
from ringtrace.intake.call_logs.port import CallLog, LogChoices, RowIn, RowOut
from ringtrace.intake.call_logs.reading import Outbound, problem_of
from ringtrace.intake.port import CallIn

_CALLS = frozenset({"from", "to", "status", "direction"})
_SIDS = frozenset({"sid", "callsid"})
_KEYPAD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "22233344455566677778889999")
# Withheld callers come as a word spelled on a keypad, after a plus.
_WITHHELD = frozenset(
    word.translate(_KEYPAD) for word in ("ANONYMOUS", "BLOCKED", "PRIVATE", "RESTRICTED", "UNAVAILABLE", "UNKNOWN")
)
# What a leg says that nobody answered, the strongest first.
_UNANSWERED = {
    "canceled": CallStatus.ABANDONED,
    "noanswer": CallStatus.MISSED,
    "busy": CallStatus.BUSY,
    "failed": CallStatus.FAILED,
}


class _Legs(Struct):
    """What the legs that one call dialled came to."""

    answered: int = 0
    talk_secs: float = 0.0
    statuses: set[str] = set()


class TwilioLog:
    name = "twilio"
    title = "Twilio"

    def knows(self, header: Iterable[str]) -> bool:
        names = plain_names(header)
        return names >= _CALLS and not names.isdisjoint(_SIDS)

    def read(self, rows: Iterable[RowIn], choices: LogChoices) -> Iterator[RowOut]:
        """Holds the whole log: a leg may stand before its call or after it."""
        held = [(line, Cells(row, choices)) for line, row in rows]
        legs = _gather(cells for _, cells in held)
        has_parents = any(cells.has("parentcallsid") for _, cells in held)
        known = {_sid(cells) for _, cells in held}
        for line, cells in held:
            if cells.text("parentcallsid") in known:
                continue
            try:
                yield line, _call(cells, legs.get(_sid(cells)), has_parents=has_parents)
            except BadInput as error:
                yield line, problem_of(line, cells, error)


def _sid(cells: Cells) -> str:
    return cells.text("sid", "callsid")


def _gather(rows: Iterable[Cells]) -> Mapping[str, _Legs]:
    legs: dict[str, _Legs] = {}
    for cells in rows:
        parent, status = cells.text("parentcallsid"), plain_name(cells.text("status"))
        if not parent:
            continue
        leg = legs.setdefault(parent, _Legs(statuses=set()))
        leg.statuses.add(status)
        if status == "completed":
            leg.answered += 1
            leg.talk_secs += _duration(cells) or 0.0
    return legs


def _duration(cells: Cells) -> float | None:
    text = cells.text("duration", "durationseconds")
    return float(text) if text.isascii() and text.isdigit() and len(text) < 8 else None


def _call(cells: Cells, legs: _Legs | None, *, has_parents: bool) -> CallIn:
    if cells.text("parentcallsid"):
        raise BadInput("It is a leg of a call that is not in this file.", hint="Export both legs together.")
    direction = plain_name(cells.text("direction"))
    if direction not in ("inbound", "incoming"):
        raise Outbound
    status = _status(cells, legs, has_parents=has_parents)
    sid = cells.needed("sid", "callsid")[:80]
    started_ms = cells.moment_ms("starttime", "datecreated", "date")
    said = cells.needed("to")
    return CallIn(
        system="twilio",
        external_id=sid,
        started_ms=started_ms,
        status=status,
        called_e164=_number(said, cells) or cells.called("to"),
        caller_e164=_number(cells.text("from"), cells),
        caller_name=cells.text("callername")[:200] or None,
        talk_secs=legs.talk_secs if legs is not None and status is CallStatus.ANSWERED else None,
        transferred=None if legs is None else legs.answered > 1,
    )


def _status(cells: Cells, legs: _Legs | None, *, has_parents: bool) -> CallStatus:
    said = plain_name(cells.needed("status"))
    if said in ("queued", "ringing", "inprogress", "initiated"):
        raise BadInput("The call is not over.", hint="Export the log again when it is.")
    if said != "completed" and said not in _UNANSWERED:
        raise BadInput(f"{said[:40]!r} is no status of a call.", hint="Export the log of calls.")
    if legs is not None and legs.answered:
        return CallStatus.ANSWERED
    if legs is not None:
        return next((status for word, status in _UNANSWERED.items() if word in legs.statuses), CallStatus.MISSED)
    if said == "completed":
        return CallStatus.MISSED if has_parents else CallStatus.ANSWERED
    return _UNANSWERED[said]


def _number(text: str, cells: Cells) -> str | None:
    """Of a number or of the user part of a SIP address."""
    user = text.partition(":")[2].partition("@")[0] if text.startswith(("sip:", "sips:")) else text
    return None if user.lstrip("+") in _WITHHELD else try_phone(user, cells.choices.region)


LOG: CallLog = TwilioLog()
