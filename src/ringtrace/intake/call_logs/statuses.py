"""Words for what became of a call."""

from __future__ import annotations

from ringtrace.core.calls import CallStatus
from ringtrace.core.errors import BadInput
from ringtrace.intake.call_logs.cells import Cells, plain_name

# By letters and digits alone. `completed` is a call that was answered, but for a carrier's own log (twilio.py).
_WORDS: dict[str, CallStatus] = {
    **dict.fromkeys(("answered", "answeredcall", "answer", "completed", "complete", "connected"), CallStatus.ANSWERED),
    **dict.fromkeys(("missed", "missedcall", "noanswer", "notanswered", "unanswered"), CallStatus.MISSED),
    **dict.fromkeys(("abandoned", "abandonedcall", "hangup", "canceled", "cancelled"), CallStatus.ABANDONED),
    **dict.fromkeys(("voicemail", "voicemailtranscription", "leftvoicemail", "machine"), CallStatus.VOICEMAIL),
    **dict.fromkeys(("busy", "busycall"), CallStatus.BUSY),
    **dict.fromkeys(("failed", "failedcall", "error"), CallStatus.FAILED),
    **dict.fromkeys(("blocked", "blockedcall", "rejected"), CallStatus.BLOCKED),
}  # fmt: skip


def status_of(cells: Cells, *names: str) -> CallStatus:
    """The person's own words first (`LogChoices.statuses`; "" is a row without one). Raises BadInput."""
    said = cells.text(*names)
    own = {word.strip().lower(): status for word, status in cells.choices.statuses.items()}
    found = own.get(said.lower()) or (_WORDS.get(plain_name(said)) if said else None)
    if found is not None:
        return found
    if not said:
        raise BadInput("The row does not say what became of the call.", hint='Say what "" means under statuses.')
    raise BadInput(f"{said[:40]!r} is no end of a call that we know.", hint="Say what this word means under statuses.")


def known_status(said: str) -> CallStatus | None:
    return _WORDS.get(plain_name(said))
