"""Calls that another system took, so that a newcomer sees their own history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction
from msgspec import Struct

from ringtrace.core.ids import derived_id
from ringtrace.core.phones import region_of
from ringtrace.intake.call_logs.moments import check_moment
from ringtrace.intake.port import CallIn
from ringtrace.privacy.keys import caller_purpose
from ringtrace.qualification import check_tag, tag_key
from ringtrace.web.bulk import write_all
from ringtrace.web.customers import chunks, phone_hash
from ringtrace.web.models import CallRow, CallTag, Company, TrackingNumber
from ringtrace.web.models.calls import AttributedBy
from ringtrace.web.months import mark_stale
from ringtrace.web.outcomes import do_retry_misses, do_take_outcomes

_LONGEST_NAME = 200
_FIELDS = (
    *("number", "called_e164", "system", "said_source", "status", "started_ms", "answered_ms", "ended_ms", "ring_secs"),
    *("talk_secs", "caller_hash", "caller_region", "line_type", "agent", "flow_branch", "menu_keys", "disposition"),
    *("is_spam", "transferred", "attributed_by", "is_first_call", "changed_ms"),
)
_SEALED = ("caller_sealed", "name_sealed")  # sealed anew each time: they say nothing of whether a call changed
_COMPARED = tuple(
    "number_id" if name == "number" else name for name in _FIELDS if name not in ("is_first_call", "changed_ms")
)


class TakenCalls(Struct, frozen=True, kw_only=True):
    taken: int = 0
    unchanged: int = 0
    outcomes: int = 0


@transaction.atomic
def do_take_calls(
    company: Company, told: Sequence[CallIn], now_ms: int, *, rates: Mapping[str, float] | None = None
) -> TakenCalls:
    """Takes calls of another system; the same system and id again replaces, never doubles. How a call ended and whether
    it is spam was perhaps corrected here: what is known of these stays. Raises BadInput for a time that cannot be."""
    for one in told:
        check_moment(one.started_ms)
    ids = [derived_id("call", company.pk, one.system, one.external_id) for one in told]
    before = {row.pk: row for some in chunks(ids) for row in CallRow.objects.filter(pk__in=some)}
    numbers = dict(TrackingNumber.objects.filter(company=company).values_list("e164", "number_id"))
    tags = _tags_of(before)
    written: dict[str, CallRow] = {}
    unchanged = 0
    for call_id, one in zip(ids, told, strict=True):
        was = before.get(call_id)
        row = _row(company, call_id, one, numbers.get(one.called_e164), was, now_ms)
        if was is not None and _same(was, row) and _has(tags.get(call_id, {}), _keys(one)):
            unchanged += 1
            continue
        written[call_id] = before[call_id] = row
    write_all(written.values(), "call_id", [*_FIELDS, *_SEALED])
    _tag(written, dict(zip(ids, told, strict=True)), now_ms)
    callers = {row.caller_hash for row in written.values() if row.caller_hash}
    _correct_firsts(company, callers, dict(zip(ids, told, strict=True)), now_ms)
    mark_stale(company, [row.started_ms for row in written.values()])
    outcomes = [
        msgspec.structs.replace(one.outcome, call_id=call_id)
        for call_id, one in zip(ids, told, strict=True)
        if one.outcome is not None
    ]
    taken = do_take_outcomes(company, outcomes, now_ms, system=told[0].system, rates=rates) if outcomes else None
    do_retry_misses(company, now_ms, caller_hashes=callers)
    return TakenCalls(taken=len(told) - unchanged, unchanged=unchanged, outcomes=taken.taken if taken else 0)


def _row(
    company: Company, call_id: str, one: CallIn, number_id: str | None, was: CallRow | None, now_ms: int
) -> CallRow:
    purpose = caller_purpose(company.pk)
    caller, talked = one.caller_e164, one.talk_secs is not None and one.status.is_over and one.status == "answered"
    answered_ms = one.started_ms + round((one.ring_secs or 0) * 1000) if talked else None
    ended_ms = None if answered_ms is None else answered_ms + round((one.talk_secs or 0) * 1000)
    return CallRow(
        call_id=call_id,
        company=company,
        number_id=number_id,
        connection=None,
        called_e164=one.called_e164,
        system=one.system[:40],
        said_source=None if one.source is None else msgspec.to_builtins(one.source),
        status=one.status.value,
        started_ms=one.started_ms,
        answered_ms=answered_ms,
        ended_ms=ended_ms,
        ring_secs=one.ring_secs,
        talk_secs=one.talk_secs,
        caller_sealed=settings.KEYS.seal(caller, purpose) if caller else None,
        caller_hash=phone_hash(company.pk, caller) if caller else None,
        name_sealed=settings.KEYS.seal(one.caller_name[:_LONGEST_NAME], purpose) if one.caller_name else None,
        caller_region=(one.caller_region or region_of(caller))[:120],
        line_type=one.line_type[:40],
        agent=one.agent[:120],
        flow_branch=one.flow_branch[:120],
        menu_keys=one.menu_keys[:40],
        disposition=((was.disposition if was else "") or one.disposition)[:60],
        is_spam=was.is_spam if was else one.is_spam,
        transferred=one.transferred,
        is_first_call=one.is_first_call,
        attributed_by=AttributedBy.NOTHING if one.source is None else AttributedBy.IMPORTED,
        changed_ms=now_ms,
    )


def _same(was: CallRow, row: CallRow) -> bool:
    named = bool(was.name_sealed) == bool(row.name_sealed)
    return named and all(getattr(was, name) == getattr(row, name) for name in _COMPARED)


def _tags_of(call_ids: Collection[str]) -> dict[str, dict[str, str]]:
    """The tags of calls, as they are compared, and who put each there."""
    found: dict[str, dict[str, str]] = {}
    for some in chunks(sorted(call_ids)):
        for call_id, key, by in CallTag.objects.filter(call__in=some).values_list("call_id", "key", "by"):
            found.setdefault(call_id, {})[key] = by
    return found


def _has(tags: Mapping[str, str], told: set[str]) -> bool:
    """Whether a call has all these tags, and no other one of the other system."""
    return {key for key, by in tags.items() if by == "import"} <= told <= tags.keys()


def _keys(one: CallIn) -> set[str]:
    return {tag_key(check_tag(tag)) for tag in one.tags}


def _tag(written: Collection[str], told: dict[str, CallIn], now_ms: int) -> None:
    """The other system's tags; those that people here put there stay."""
    for some in chunks(sorted(written)):
        CallTag.objects.filter(call__in=some, by="import").delete()
    tags = [
        CallTag(call_id=call_id, tag=tag, key=tag_key(tag), by="import", at_ms=now_ms)
        for call_id in written
        for tag in map(check_tag, told[call_id].tags)
    ]
    CallTag.objects.bulk_create(tags, ignore_conflicts=True)


def _correct_firsts(company: Company, callers: Collection[str], told: dict[str, CallIn], now_ms: int) -> None:
    """A caller's first call is the earliest that is known, unless the other system knows of an earlier one."""
    changed: list[CallRow] = []
    for some in chunks(sorted(callers)):
        seen: set[Any] = set()
        rows = CallRow.objects.filter(company=company, caller_hash__in=some).order_by("started_ms", "call_id")
        for row in rows.only("call_id", "caller_hash", "is_first_call", "started_ms"):
            said = told[row.pk].is_first_call if row.pk in told else None
            is_first = row.caller_hash not in seen and said is not False
            seen.add(row.caller_hash)
            if row.is_first_call != is_first and (row.pk in told or not is_first):
                row.is_first_call, row.changed_ms = is_first, now_ms
                changed.append(row)
    CallRow.objects.bulk_update(changed, ["is_first_call", "changed_ms"], batch_size=500)
    mark_stale(company, [row.started_ms for row in changed])
