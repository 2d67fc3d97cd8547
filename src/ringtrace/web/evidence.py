"""The evidence of one call, in the order it happened: the number that was shown and to whom, the way the call took,
and the same caller's other calls."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec
from django.db.models import QuerySet
from msgspec import Struct

from ringtrace.core.calls import CallStatus, EndCause, ReportKind
from ringtrace.core.errors import BadInput
from ringtrace.core.phones import show_phone
from ringtrace.core.sources import Source
from ringtrace.flows.interpreter import Step, read_flow
from ringtrace.web import access
from ringtrace.web.audit_words import words_of_what
from ringtrace.web.call_search import before
from ringtrace.web.models import AuditRow, CallRow, LeaseRow, OutcomeRow, User
from ringtrace.web.templatetags.show import place, secs
from ringtrace.web.timeline import Event
from ringtrace.wire.journal import CallReported

_EARLIER, _LATER = 4, 3
MOST_OTHERS = 20
_MOST_CHANGES = 20
_CAUSES = {
    EndCause.HUNG_UP: "Somebody hung up.",
    EndCause.CANCELED: "The caller gave up while it rang.",
    EndCause.NO_ANSWER: "Nobody answered.",
    EndCause.BUSY: "It was busy.",
    EndCause.REJECTED: "The business declined it.",
    EndCause.FAILED: "The carrier could not connect it.",
    EndCause.UNKNOWN: "The carrier said only that it ended.",
}


class Holding(Struct, frozen=True, kw_only=True):
    """A visit that was shown this number. `when`: of the call. `is_best`: the one that the call counts for."""

    visit_id: str
    source: Source
    from_ms: int
    until_ms: int
    clicked_ms: int | None
    when: Literal["before", "held", "after"]
    is_best: bool


class Passed(Struct, frozen=True, kw_only=True):
    """A stage of the call. `at_ms` None: nobody reported when. `came`: whether the call came so far; None: unknown."""

    title: str
    words: str
    at_ms: int | None = None
    came: bool | None = True


class Change(Struct, frozen=True, kw_only=True):
    at_ms: int
    who: str
    words: str


def holdings_of(user: User, call: CallRow, reports: Sequence[CallReported], best_id: str | None) -> list[Holding]:
    """Who was shown the number: the last few before the call, who held it then, and the first few after."""
    shown = access.access_shown(user, call)
    earlier = list(shown.filter(from_ms__lte=call.started_ms).order_by("-from_ms", "-lease_id")[:_EARLIER])
    later = list(shown.filter(from_ms__gt=call.started_ms)[:_LATER])
    told = next((report.holder.lease_id for report in reports if report.holder), None)
    best = [] if best_id in {row.visit_id for row in earlier} else list(shown.filter(visit=best_id)[:1])
    rows = [*best, *reversed(earlier), *later]
    return [_holding(row, call, told, best_id) for row in sorted(rows, key=lambda row: (row.from_ms, row.pk))]


def _holding(row: LeaseRow, call: CallRow, told: str | None, best_id: str | None) -> Holding:
    covers = row.from_ms <= call.started_ms < row.until_ms
    held = row.pk == told if told else covers
    after: Literal["before", "after"] = "after" if row.from_ms > call.started_ms else "before"
    return Holding(
        visit_id=row.visit_id,
        source=msgspec.convert(row.visit.source, Source),
        from_ms=row.from_ms,
        until_ms=row.until_ms,
        clicked_ms=row.clicked_ms,
        when="held" if held else after,
        is_best=row.visit_id == best_id,
    )


def path_of(call: CallRow, reports: Sequence[CallReported]) -> list[Passed]:
    """The steps of the number's flow as it is drawn now, between how the call came in and how it ended."""
    arrived = next((report for report in reports if report.kind is ReportKind.ARRIVED), None)
    ended = next((report for report in reversed(reports) if report.kind is ReportKind.ENDED), None)
    number = call.number.e164 if call.number else call.called_e164
    came = Passed(
        title="It came in",
        words=f"To {show_phone(number)}." if number else "To a number that was not told.",
        at_ms=call.started_ms if arrived or not reports else reports[0].at_ms,
    )
    steps = [_step(nth, step, call, reports) for nth, step in enumerate(_steps(call), 1)]
    over = CallStatus(call.status).is_over
    cause = _CAUSES[ended.cause] if ended and ended.cause else ""
    end = Passed(
        title="It ended" if over else "It is under way",
        words=cause or ("How it ended was not reported." if over else "It has not ended yet."),
        at_ms=call.ended_ms,
        came=over,
    )
    return [came, *steps, end]


def _steps(call: CallRow) -> tuple[Step, ...]:
    if call.number is None:
        return ()
    try:
        return read_flow(call.number.flow).steps
    except BadInput:  # a flow of a newer Ringtrace
        return ()


def _step(nth: int, step: Step, call: CallRow, reports: Sequence[CallReported]) -> Passed:
    if step.ring is None:
        came = call.status in (CallStatus.BLOCKED, CallStatus.BUSY)
        return Passed(title=f"Step {nth}: turned away", words=f"As {step.reject}.", came=came)
    rang = next((report for report in reports if report.kind is ReportKind.RINGING), None)
    answered = next((report for report in reports if report.kind is ReportKind.ANSWERED), None)
    title = f"Step {nth}: ring {place(step.ring.destination)} for up to {step.ring.timeout_secs} seconds"
    if rang and rang.destination and rang.destination != step.ring.destination:
        title += f". Then it rang {place(rang.destination)}: the flow was changed since"
    if call.answered_ms is not None or answered or call.talk_secs is not None:
        return Passed(title=title, words=_answered(call), at_ms=call.answered_ms)
    if call.ring_secs is not None:
        return Passed(title=title, words=f"It rang {secs(call.ring_secs)}, and nobody answered.", at_ms=_at(rang))
    return Passed(title=title, words="Whether it rang was not reported.", at_ms=_at(rang), came=bool(rang) or None)


def _answered(call: CallRow) -> str:
    rang = "It rang" if call.ring_secs is None else f"It rang {secs(call.ring_secs)}"
    who = f"{call.agent} answered" if call.agent else "it was answered"
    talked = "" if call.talk_secs is None else f" They talked {secs(call.talk_secs)}."
    return f"{rang}, then {who}.{talked}"


def _at(report: CallReported | None) -> int | None:
    return None if report is None else report.said_ms or report.at_ms


def others_of(user: User, call: CallRow) -> QuerySet[CallRow]:
    """The same caller's other calls, newest first; none where the number was withheld."""
    calls = access.access_calls(user, call.company)
    if call.caller_hash is None:
        return calls.none()
    theirs = calls.filter(caller_hash=call.caller_hash).exclude(pk=call.pk)
    return theirs.order_by("-started_ms").prefetch_related("outcomes")  # in the order of the index by caller


def neighbours_of(user: User, call: CallRow) -> tuple[str | None, str | None]:
    """The calls just before and just after, in time."""
    calls = access.access_calls(user, call.company)
    earlier = before(calls.order_by("-started_ms", "-call_id"), call.started_ms, call.pk)
    later = calls.filter(started_ms__gte=call.started_ms).exclude(started_ms=call.started_ms, pk__lte=call.pk)
    later = later.order_by("started_ms", "call_id")
    return earlier.values_list("pk", flat=True).first(), later.values_list("pk", flat=True).first()


def changes_of(user: User, call: CallRow) -> list[Change]:
    """Who changed what, for those who may change the company."""
    rows: Iterable[AuditRow] = access.access_changes(user, call.company, call.pk)[:_MOST_CHANGES]
    return [Change(at_ms=row.at_ms, who=row.actor, words=words_of_what(row.kind, row.what)) for row in rows]


def outcome_events(outcomes: Iterable[OutcomeRow]) -> list[Event]:
    return [Event(at_ms=row.at_ms, kind="outcome", words=row.kind.replace("_", " ").capitalize()) for row in outcomes]
