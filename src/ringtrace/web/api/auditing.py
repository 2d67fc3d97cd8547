"""What programs did, in the audit log: every change in its own transaction, and callers that were given in clear."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.cache import cache
from msgspec import Struct

from ringtrace.core.clock import HOUR_MS
from ringtrace.web.api.bearing import ApiRequest
from ringtrace.web.audit import do_note
from ringtrace.web.models import AuditKind, AuditRow

MOST_UNSAID = 500
"""Rows with callers in clear that a token gets at most before the audit log says so again."""

_KEPT_SECS = 24 * 60 * 60


class _Given(Struct, frozen=True):
    """How many rows were given since the last line, and when that was."""

    rows: int
    noted_ms: int


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
    """Callers of `rows` calls were given in clear. A line at once, and then one an hour, or sooner for every
    MOST_UNSAID rows: it says how many rows this process gave the token since the line before."""
    if not rows:
        return
    bearer = request.auth
    place = f"given:{bearer.key}:{what}"
    given = cache.get(place) or _Given(0, 0)
    unsaid = given.rows + rows
    if now_ms - given.noted_ms < HOUR_MS and unsaid < MOST_UNSAID:
        cache.set(place, _Given(unsaid, given.noted_ms), _KEPT_SECS)
        return
    said = {"rows": unsaid, "form": "json"}
    do_note(AuditKind.EXPORT, what, now_ms, user=bearer.user, token=bearer.name, company=bearer.company, said=said)
    cache.set(place, _Given(0, now_ms), _KEPT_SECS)


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
