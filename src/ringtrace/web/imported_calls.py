"""Calls that another system took, so that a newcomer sees their own history."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from msgspec import Struct

from ringtrace.core.clock import MINUTE_MS
from ringtrace.core.ids import derived_id
from ringtrace.core.phones import region_of
from ringtrace.intake.call_logs.moments import check_moment
from ringtrace.intake.port import CallIn, OutcomeIn, PersonIn
from ringtrace.privacy.keys import caller_purpose
from ringtrace.qualification import check_tag, tag_key
from ringtrace.web.bulk import among, write_all
from ringtrace.web.customers import chunks, phone_hash
from ringtrace.web.models import CallRow, CallTag, Company, Connection, OutcomeRow, TrackingNumber
from ringtrace.web.models.calls import AttributedBy
from ringtrace.web.months import mark_stale
from ringtrace.web.outcomes import do_retry_misses, do_take_outcomes
from ringtrace.web.review import spelling_of

_LONGEST_NAME = 200
_SAME_CALL_MS = MINUTE_MS
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
    it is spam was perhaps corrected here: what is known of these stays. A call that came here itself stays as it is,
    and gets the tags and the outcome. Raises BadInput for a time that cannot be."""
    for one in told:
        check_moment(one.started_ms)
    batch = _Batch(company, told, now_ms)
    unchanged = 0
    for call_id, one in zip(batch.ids, told, strict=True):
        has_tags = _has(batch.tags.get(call_id, {}), _keys(one))
        if call_id in batch.live:
            unchanged += 1
            if not has_tags:
                batch.tagged_live[call_id] = batch.live[call_id]
            continue
        was = batch.before.get(call_id)
        row = _row(batch, call_id, one, was)
        if was is not None and _same(was, row) and has_tags:
            unchanged += 1
            continue
        batch.note(was, row)
    write_all(batch.written.values(), "call_id", [*_FIELDS, *_SEALED])
    by_id = dict(zip(batch.ids, told, strict=True))
    _tag(company, {call_id: by_id[call_id] for call_id in (*batch.written, *batch.tagged_live)}, now_ms)
    _touch_live(company, batch.tagged_live.values(), now_ms)
    callers = {row.caller_hash for row in batch.written.values() if row.caller_hash}
    _correct_firsts(batch, by_id)
    mark_stale(company, batch.times_ms)
    outcomes = _outcomes_of(batch, told)
    taken = do_take_outcomes(company, outcomes, now_ms, system=told[0].system, rates=rates) if outcomes else None
    do_retry_misses(company, now_ms, caller_hashes=callers)
    return TakenCalls(taken=len(told) - unchanged, unchanged=unchanged, outcomes=taken.taken if taken else 0)


class _Batch:
    """Calls told at once, and what is known of them. `ids`: of each, here; `live`: those that came here themselves.

    `written`: the rows to write; `moved`: by caller, the earliest moment at which a call came or went; `lost`: callers
    whose first call became another's or later.
    """

    def __init__(self, company: Company, told: Sequence[CallIn], now_ms: int) -> None:
        self.company, self.now_ms = company, now_ms
        callers = {one.caller_e164 for one in told if one.caller_e164}
        self.hashes = {e164: phone_hash(company.pk, e164) for e164 in callers}
        self.numbers = dict(TrackingNumber.objects.filter(company=company).values_list("e164", "number_id"))
        ids = [derived_id("call", company.pk, one.system, one.external_id) for one in told]
        self.before = {row.pk: row for some in chunks(ids) for row in CallRow.objects.filter(pk__in=some)}
        unknown = {call_id: one for call_id, one in zip(ids, told, strict=True) if call_id not in self.before}
        live = _find_live(company, unknown, self.hashes, self.numbers)
        self.ids = [live[call_id].pk if call_id in live else call_id for call_id in ids]
        self.live = {row.pk: row for row in live.values()}
        known = [*self.before.values(), *self.live.values()]
        self.tags = _tags_of({row.pk for row in known})
        self.erased = {row.pk for row in known if _is_erased(row)}
        self.written: dict[str, CallRow] = {}
        self.tagged_live: dict[str, CallRow] = {}
        self.times_ms: list[int] = []
        self.moved: dict[str, int] = {}
        self.lost: set[str] = set()

    def note(self, was: CallRow | None, row: CallRow) -> None:
        """The row is to be written in the place of what was."""
        self.written[row.pk] = self.before[row.pk] = row
        self.times_ms.append(row.started_ms)
        if was is None:
            self._move(row)
        elif (was.caller_hash, was.started_ms) != (row.caller_hash, row.started_ms):
            self.times_ms.append(was.started_ms)
            self._move(was)
            self._move(row)
            if was.is_first_call and was.caller_hash:
                self.lost.add(was.caller_hash)

    def _move(self, row: CallRow) -> None:
        if row.caller_hash:
            self.moved[row.caller_hash] = min(row.started_ms, self.moved.get(row.caller_hash, row.started_ms))


def _find_live(
    company: Company, told: Mapping[str, CallIn], hashes: Mapping[str, str], numbers: Mapping[str, str]
) -> dict[str, CallRow]:
    """The calls of these that came here themselves, by the ids they are told under: of a carrier of ours by its own
    id, else the one by the same caller to the same number within a minute. Each is told of once."""
    found = _live_by_id(company, told)
    taken = {row.pk for row in found.values()}
    asked: dict[tuple[str, str], list[str]] = {}
    for call_id, one in told.items():
        if call_id not in found and one.caller_e164 and one.called_e164 in numbers:
            asked.setdefault((hashes[one.caller_e164], numbers[one.called_e164]), []).append(call_id)
    times_ms = [told[call_id].started_ms for of_caller in asked.values() for call_id in of_caller]
    near = CallRow.objects.filter(company=company, system="", number__isnull=False)
    pairs: list[tuple[int, str, str, CallRow]] = []
    for some in chunks(sorted({caller for caller, _ in asked})):
        since_ms, until_ms = min(times_ms) - _SAME_CALL_MS, max(times_ms) + _SAME_CALL_MS
        for row in near.filter(caller_hash__in=some, started_ms__gte=since_ms, started_ms__lte=until_ms):
            for call_id in asked.get((str(row.caller_hash), str(row.number_id)), ()):
                apart_ms = abs(row.started_ms - told[call_id].started_ms)
                if apart_ms <= _SAME_CALL_MS:
                    pairs.append((apart_ms, call_id, row.pk, row))
    for _, call_id, pk, row in sorted(pairs, key=lambda pair: pair[:3]):
        if call_id not in found and pk not in taken:
            found[call_id] = row
            taken.add(pk)
    return found


def _live_by_id(company: Company, told: Mapping[str, CallIn]) -> dict[str, CallRow]:
    connections: dict[str, list[str]] = {}
    for carrier, connection_id in Connection.objects.filter(company=company).values_list("carrier", "pk"):
        connections.setdefault(carrier, []).append(connection_id)
    here = {
        derived_id("call", connection_id, one.external_id): call_id
        for call_id, one in told.items()
        for connection_id in connections.get(one.system, ())
    }
    rows = (row for some in chunks(sorted(here)) for row in CallRow.objects.filter(company=company, pk__in=some))
    return {here[row.pk]: row for row in rows if not row.system}


def _touch_live(company: Company, rows: Collection[CallRow], now_ms: int) -> None:
    """Open call logs show the tags by themselves, and the lake takes them."""
    changed = Greatest(F("changed_ms") + 1, Value(now_ms))
    CallRow.objects.filter(pk__in=among([row.pk for row in rows])).update(changed_ms=changed)
    mark_stale(company, [row.started_ms for row in rows])


def _is_erased(row: CallRow) -> bool:
    """Whether its caller was forgotten: nobody's hash, and no number to it."""
    return row.caller_hash is not None and row.caller_sealed is None


def _outcomes_of(batch: _Batch, told: Sequence[CallIn]) -> list[OutcomeIn]:
    """What came of these calls. Of a forgotten caller's nobody is told; what was known of them before has lost its id,
    so it is not taken a second time."""
    said = [(call_id, one.outcome) for call_id, one in zip(batch.ids, told, strict=True) if one.outcome is not None]
    gone = [call_id for call_id, _ in said if call_id in batch.erased]
    kept = OutcomeRow.objects.filter(call__in=among(gone), external_id__startswith="erased:")
    known = set(kept.values_list("call_id", "kind")) if gone else set()
    outcomes = []
    for call_id, one in said:
        person, note = (PersonIn(), "") if call_id in batch.erased else (one.person, one.note)
        if (call_id, one.kind) not in known:
            outcomes.append(msgspec.structs.replace(one, call_id=call_id, person=person, note=note))
    return outcomes


def _row(batch: _Batch, call_id: str, one: CallIn, was: CallRow | None) -> CallRow:
    company, purpose = batch.company, caller_purpose(batch.company.pk)
    caller, talked = one.caller_e164, one.talk_secs is not None and one.status.is_over and one.status == "answered"
    answered_ms = one.started_ms + round((one.ring_secs or 0) * 1000) if talked else None
    ended_ms = None if answered_ms is None else answered_ms + round((one.talk_secs or 0) * 1000)
    row = CallRow(
        call_id=call_id,
        company=company,
        number_id=batch.numbers.get(one.called_e164),
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
        caller_hash=batch.hashes[caller] if caller else None,
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
        changed_ms=batch.now_ms,
    )
    if was is not None and _is_erased(was):
        row.caller_hash, row.caller_sealed, row.name_sealed = was.caller_hash, None, None
        (row.said_source or {}).pop("click_ids", None)
    return row


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


def _tag(company: Company, told: Mapping[str, CallIn], now_ms: int) -> None:
    """The other system's tags, as the company spells them; those that people here put there stay."""
    spelled: dict[str, str] = {}
    for tag in (check_tag(tag) for one in told.values() for tag in one.tags):
        if tag_key(tag) not in spelled:
            spelled[tag_key(tag)] = spelling_of(company, tag)
    for some in chunks(sorted(told)):
        CallTag.objects.filter(call__in=some, by="import").delete()
    tags = [
        CallTag(call_id=call_id, tag=spelled[key], key=key, by="import", at_ms=now_ms)
        for call_id, one in told.items()
        for key in map(tag_key, map(check_tag, one.tags))
    ]
    CallTag.objects.bulk_create(tags, ignore_conflicts=True)


def _correct_firsts(batch: _Batch, told: Mapping[str, CallIn]) -> None:
    """A caller's first call is the earliest that is known, unless the other system knows of an earlier one. Calls
    after one that came or went are marked too: they say how long before a caller called last."""
    changed: list[CallRow] = []
    callers = {row.caller_hash for row in batch.written.values() if row.caller_hash} | batch.moved.keys()
    for some in chunks(sorted(callers)):
        seen: set[Any] = set()
        rows = CallRow.objects.filter(company=batch.company, caller_hash__in=some).order_by("started_ms", "call_id")
        for row in rows.only("call_id", "caller_hash", "is_first_call", "started_ms"):
            caller = str(row.caller_hash)
            if row.started_ms > batch.moved.get(caller, row.started_ms):
                batch.times_ms.append(row.started_ms)
            said = told[row.pk].is_first_call if row.pk in batch.written else None
            is_first = caller not in seen and said is not False
            seen.add(caller)
            may_become = row.pk in batch.written or caller in batch.lost
            if row.is_first_call != is_first and (may_become or not is_first):
                row.is_first_call, row.changed_ms = is_first, batch.now_ms
                changed.append(row)
    CallRow.objects.bulk_update(changed, ["is_first_call", "changed_ms"], batch_size=500)
    batch.times_ms += [row.started_ms for row in changed]
