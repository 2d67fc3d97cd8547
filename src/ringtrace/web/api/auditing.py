"""What programs did, in the audit log: every change in its own transaction, and callers that were given in clear."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ringtrace.core.clock import HOUR_MS
from ringtrace.web.api.bearing import ApiRequest
from ringtrace.web.api.counters import Counters
from ringtrace.web.audit import do_note
from ringtrace.web.models import AuditKind, AuditRow

MOST_UNSAID = 500
"""Rows with callers in clear that a token gets at most before the audit log says so again."""


class _Given(Struct, frozen=True):
    """How many rows were given since the last line, and when that was."""

    rows: int
    noted_ms: int


_NONE = _Given(0, 0)
_GIVEN: Counters[_Given] = Counters()
"""By the key of the token and the operation."""


def note_change(request: ApiRequest, what: str, ids: Sequence[str], now_ms: int) -> None:
    """The line of a change; `audit.say` and `say_about` add to it as they do on pages."""
    noted = request.__dict__
    if noted.get("audit_left_out"):
        return
    bearer = request.auth
    do_note(
        AuditKind.CHANGE,
        what,
        now_ms,
        user=bearer.user,
        token=bearer.name,
        company=bearer.company,
        about=str(noted.get("audit_about", "")) or " ".join(ids),
        said=noted.get("audit_said"),
    )


def note_callers(request: ApiRequest, what: str, rows: int, now_ms: int) -> None:
    """Callers of `rows` calls are about to be given in clear. A line at once, and then one an hour, or sooner for every
    MOST_UNSAID rows. It is written before they are given, and says how many rows: these and those that this process
    gave the token since the line before; and how many more may follow until the next line."""
    if not rows:
        return
    bearer, place = request.auth, f"{request.auth.key}:{what}"
    was, now = _GIVEN.change(place, lambda was: _with(was or _NONE, rows, now_ms))
    if now.rows:
        return
    before = was or _NONE
    said: dict[str, str | int] = {"rows": before.rows + rows, "then_at_most": MOST_UNSAID - 1, "form": "json"}
    try:
        do_note(AuditKind.EXPORT, what, now_ms, user=bearer.user, token=bearer.name, company=bearer.company, said=said)
    except BaseException:  # these are not given; those before are still to be said, by the next line
        _GIVEN.change(place, lambda since: _Given((since or _NONE).rows + before.rows, 0))
        raise


def _with(given: _Given, rows: int, now_ms: int) -> _Given:
    """No rows: a line says them all."""
    unsaid = given.rows + rows
    is_due = now_ms - given.noted_ms >= HOUR_MS or unsaid >= MOST_UNSAID
    return _Given(0, now_ms) if is_due else _Given(unsaid, given.noted_ms)


def note_seen(request: ApiRequest, call_id: str, now_ms: int) -> None:
    """A caller's number was given in clear with a call; once an hour, token and call is enough."""
    bearer = request.auth
    lines = AuditRow.objects.filter(
        company=bearer.company, user=bearer.user, token=bearer.name, kind=AuditKind.SEEN, about=call_id
    )
    if not lines.filter(at_ms__gt=now_ms - HOUR_MS).exists():
        do_note(
            AuditKind.SEEN,
            "look_at_call",
            now_ms,
            user=bearer.user,
            token=bearer.name,
            company=bearer.company,
            about=call_id,
        )
