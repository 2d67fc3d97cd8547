"""Calls as the pages list them: one frozen line a call, with only what this person may see."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from django.conf import settings
from msgspec import Struct

from ringtrace.core.calls import CallStatus
from ringtrace.core.errors import BadInput
from ringtrace.core.matches import Match
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.core.phones import mask_phone, show_phone
from ringtrace.core.sources import Source
from ringtrace.privacy.keys import caller_purpose
from ringtrace.web.models import CallRow, CallTag, MatchRow, OutcomeRow
from ringtrace.web.models.calls import AttributedBy

WITHHELD = "withheld"


class CallLine(Struct, frozen=True, kw_only=True):
    """One call. `source` is the matched visit's or the static number's; None where nothing explains the call.

    `sale_cents` is None where no sale has a known value. `fresh`: changed since the reader looked last.
    """

    call_id: str
    started_ms: int
    status: CallStatus
    is_over: bool
    caller: str
    is_first: bool | None
    e164: str
    number_name: str
    ring_secs: float | None
    talk_secs: float | None
    by: str
    p_visit: float | None
    p_none: float | None
    source: Source | None
    outcome: str | None
    sale_cents: int | None
    fresh: bool = False
    is_spam: bool = False
    disposition: str = ""
    tags: tuple[str, ...] = ()


def call_line(
    row: CallRow,
    outcomes: Iterable[OutcomeRow],
    *,
    may_see: bool,
    since_ms: int | None = None,
    tags: Iterable[CallTag] = (),
) -> CallLine:
    """`tags`: those that somebody put there."""
    marked = list(outcomes)
    status = CallStatus(row.status)
    return CallLine(
        call_id=row.call_id,
        started_ms=row.started_ms,
        status=status,
        is_over=status.is_over,
        caller=show_caller(row, may_see=may_see),
        is_first=row.is_first_call,
        e164=row.number.e164 if row.number else row.called_e164,
        number_name=row.number.name if row.number else "",
        ring_secs=row.ring_secs,
        talk_secs=row.talk_secs,
        by=row.attributed_by,
        p_visit=row.p_visit,
        p_none=row.p_none,
        source=source_of(row),
        outcome=marked[-1].kind if marked else None,
        sale_cents=_sales(marked),
        fresh=since_ms is not None and row.changed_ms > since_ms,
        is_spam=row.is_spam,
        disposition=row.disposition,
        tags=tuple(put.tag for put in tags),
    )


def show_caller(row: CallRow, *, may_see: bool) -> str:
    """The caller in clear for those who may see it, else the last two digits."""
    if row.caller_sealed is None:
        return WITHHELD
    try:
        e164 = settings.KEYS.unseal(row.caller_sealed, caller_purpose(row.company_id))
    except BadInput:  # the key this was sealed with is gone: the call itself still counts
        return "sealed"
    return show_phone(e164) if may_see else mask_phone(e164)


def source_of(row: CallRow) -> Source | None:
    """What brought this call, as far as it is known."""
    if row.attributed_by == AttributedBy.VISIT and row.visit is not None:
        return msgspec.convert(row.visit.source, Source)
    if row.attributed_by == AttributedBy.IMPORTED and row.said_source:
        return msgspec.convert(row.said_source, Source)
    if row.attributed_by == AttributedBy.STATIC_NUMBER and row.number and row.number.static_source:
        return msgspec.convert(row.number.static_source, Source)
    return None


def verdict_of(row: CallRow) -> Match | None:
    """All candidates of a call, if it has been matched."""
    found = MatchRow.objects.filter(pk=row.pk).first()
    return None if found is None else msgspec.convert(found.verdict, Match)


def _sales(outcomes: list[OutcomeRow]) -> int | None:
    values = [marked.value_cents for marked in outcomes if marked.kind == OutcomeKind.SALE]
    known = [value for value in values if value is not None]
    return sum(known) if known else None
