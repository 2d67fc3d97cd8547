"""Calls: listed, looked at with the evidence, brought in from elsewhere, and marked."""

from __future__ import annotations

from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction
from msgspec import Struct
from ninja import Router

from ringtrace.core.calls import CallStatus
from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.phones import mask_phone, read_phone
from ringtrace.core.sources import Source
from ringtrace.intake.port import CallIn, What
from ringtrace.privacy.keys import caller_purpose
from ringtrace.qualification import meets
from ringtrace.web.access import access_outcomes, access_visits
from ringtrace.web.api.answers import at
from ringtrace.web.api.auditing import note_callers, note_seen
from ringtrace.web.api.bearing import ApiRequest, call_of, company_of, may_see_callers, user_of
from ringtrace.web.api.call_filters import FILTERS, calls_asked
from ringtrace.web.api.operations import MARKS, READS_CALLS, TELLS_CALLS, WORKS, operation
from ringtrace.web.api.outcomes import OutcomeBody, OutcomeOut, outcome_in, outcome_out
from ringtrace.web.api.paging import USUAL, between, page_of
from ringtrace.web.api.params import Cursor, Id, Limit, Time
from ringtrace.web.api.picking import asks_for
from ringtrace.web.api.reading import (
    ExternalId,
    Moment,
    Name,
    Secs,
    SourceBody,
    Word,
    bounds,
    ms_of,
    one,
    source_of,
)
from ringtrace.web.api.taking import SYSTEM, TakenRows, take_rows
from ringtrace.web.counting import definitions_of, tag_rules_of
from ringtrace.web.lines import source_of as source_of_call
from ringtrace.web.lines import verdict_of
from ringtrace.web.models import CallRow, Company, OutcomeRow
from ringtrace.web.outcomes import do_take_outcomes
from ringtrace.web.review import do_mark_spam, do_set_disposition, do_tag, do_take_keys, do_untag
from ringtrace.web.traits import known_calls

router = Router(tags=["calls"])


class CallBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A call that another system took, and that is over. `system` and `external_id` name it for good: told again, it
    replaces. Outcomes name it `system:external_id` as their `call_id`."""

    external_id: ExternalId
    started_at: Moment
    status: CallStatus
    called: Name
    system: str = SYSTEM
    caller: Name | None = None
    caller_name: Name | None = None
    caller_region: Word = ""
    line_type: Word = ""
    ring_secs: Secs | None = None
    talk_secs: Secs | None = None
    is_first_call: bool | None = None
    source: SourceBody | None = None
    agent: Word = ""
    disposition: Word = ""
    flow_branch: Word = ""
    menu_keys: Word = ""
    tags: tuple[Word, ...] = ()
    is_spam: bool = False
    transferred: bool | None = None


class TagsBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    add: tuple[Word, ...] = ()
    remove: tuple[Word, ...] = ()


class DispositionBody(Struct, frozen=True, forbid_unknown_fields=True):
    """One of the company's; "" takes it back."""

    disposition: Word


class KeysBody(Struct, frozen=True, forbid_unknown_fields=True):
    """What was pressed after the call."""

    keys: Word


class SpamBody(Struct, frozen=True, forbid_unknown_fields=True):
    is_spam: bool


class CallOut(Struct, frozen=True, kw_only=True):
    """`caller`: E.164 for those who may see callers, else its last two digits; null: withheld. Unknown is null.

    `source`: what brought the call; null where nothing explains it. `tags`: those put on it, without those by rule.
    """

    call_id: str
    system: str
    started_at: str | None
    started_ms: int
    answered_at: str | None
    ended_at: str | None
    status: str
    caller: str | None
    caller_is_masked: bool
    caller_name: str | None
    caller_region: str
    line_type: str
    is_first_call: bool | None
    called: str
    number_name: str
    ring_secs: float | None
    talk_secs: float | None
    agent: str
    flow_branch: str
    menu_keys: str
    disposition: str
    is_spam: bool
    transferred: bool | None
    attributed_by: str
    p_visit: float | None
    p_none: float | None
    source: Source | None
    tags: list[str]
    outcomes: list[OutcomeOut]


class CallPage(Struct, frozen=True, kw_only=True):
    calls: list[CallOut]
    next: str | None


class CandidateOut(Struct, frozen=True, kw_only=True):
    """A visit that may have made the call. `started_at` and `source` null: it was forgotten meanwhile."""

    visit_id: str
    p: float
    reasons: tuple[str, ...]
    is_best: bool
    started_at: str | None
    source: Source | None


class VerdictOut(Struct, frozen=True, kw_only=True):
    """The probabilities of all candidates and `p_none` sum to one."""

    candidates: list[CandidateOut]
    p_none: float
    none_reasons: tuple[str, ...]
    params: str


class TagOut(Struct, frozen=True, kw_only=True):
    """`by`: hand, keypad, import, api, or rule."""

    tag: str
    by: str
    at: str | None


class MeetsOut(Struct, frozen=True, kw_only=True):
    """Whether the call counts by a definition in force."""

    definition: str
    title: str
    meets: bool


class CallDetail(Struct, frozen=True, kw_only=True):
    """`match` null: the call was not matched (yet)."""

    call: CallOut
    match: VerdictOut | None
    tags: list[TagOut]
    definitions: list[MeetsOut]


@operation(
    router,
    "POST /calls",
    "tell_calls",
    "Tell calls of another system, one or up to 1,000",
    TELLS_CALLS,
    body=CallBody | list[CallBody],
    answers=TakenRows,
)
def tell(request: ApiRequest) -> TakenRows:
    return take_rows(request, What.CALLS, CallBody, _call_in)


@operation(
    router,
    "GET /calls",
    "list_calls",
    "Calls, the newest first",
    READS_CALLS,
    answers=CallPage,
    rows="calls",
    takes=FILTERS,
)
def listed(
    request: ApiRequest, since: Time = "", until: Time = "", cursor: Cursor = "", limit: Limit = USUAL
) -> CallPage:
    company = company_of(request)
    rows = between(
        calls_asked(request).prefetch_related("outcomes", "tags"), "started_ms", bounds(company, since, until)
    )
    found, following = page_of(rows, "started_ms", cursor, limit)
    may_see = may_see_callers(request)
    if may_see and asks_for(request, "caller", "caller_name"):
        note_callers(request, "list_calls", sum(_has_caller(row) for row in found), wall_clock())
    calls = [_call_out(row, company, list(row.outcomes.all()), may_see=may_see) for row in found]
    return CallPage(calls=calls, next=following)


@operation(
    router, "GET /calls/{call_id}", "look_at_call", "One call with its evidence", READS_CALLS, answers=CallDetail
)
def look(request: ApiRequest, call_id: Id) -> CallDetail:
    return _detail(request, call_of(request, call_id))


@operation(
    router,
    "POST /calls/{call_id}/tags",
    "tag_call",
    "Put tags on a call, take some off",
    WORKS,
    body=TagsBody,
    answers=CallDetail,
)
def tags(request: ApiRequest, call_id: Id) -> CallDetail:
    row = call_of(request, call_id)
    body = one(request, TagsBody)
    with transaction.atomic():  # all of it, or nothing
        for tag in body.add:
            do_tag(row, tag, "api", user_of(request), wall_clock())
        for tag in body.remove:
            do_untag(row, tag, wall_clock())
    return _changed(request, call_id)


@operation(
    router,
    "POST /calls/{call_id}/disposition",
    "set_disposition",
    "Say how a call ended",
    WORKS,
    body=DispositionBody,
    answers=CallDetail,
)
def disposition(request: ApiRequest, call_id: Id) -> CallDetail:
    row = call_of(request, call_id)
    do_set_disposition(row, one(request, DispositionBody).disposition, user_of(request), wall_clock())
    return _changed(request, call_id)


@operation(
    router,
    "POST /calls/{call_id}/keys",
    "take_keys",
    "Do what keys pressed after a call mean",
    WORKS,
    body=KeysBody,
    answers=CallDetail,
)
def keys(request: ApiRequest, call_id: Id) -> CallDetail:
    row = call_of(request, call_id)
    do_take_keys(row, one(request, KeysBody).keys, wall_clock())
    return _changed(request, call_id)


@operation(
    router,
    "POST /calls/{call_id}/spam",
    "mark_spam",
    "Say whether a call was spam",
    WORKS,
    body=SpamBody,
    answers=CallDetail,
)
def spam(request: ApiRequest, call_id: Id) -> CallDetail:
    row = call_of(request, call_id)
    do_mark_spam(row, one(request, SpamBody).is_spam, user_of(request), wall_clock())
    return _changed(request, call_id)


@operation(
    router,
    "POST /calls/{call_id}/outcomes",
    "mark_outcome",
    "Say what came of a call",
    MARKS,
    body=OutcomeBody,
    answers=CallDetail,
)
def outcomes(request: ApiRequest, call_id: Id) -> CallDetail:
    row = call_of(request, call_id)
    company = company_of(request)
    told = outcome_in(one(request, OutcomeBody), company)
    if told.call_id not in (None, row.pk) or told.contact_external_id:
        raise BadInput("The address names the call already.", hint="Leave call_id and contact_external_id out.")
    told = msgspec.structs.replace(told, call_id=row.pk)
    do_take_outcomes(company, [told], wall_clock(), system=SYSTEM, by=user_of(request))
    return _changed(request, call_id)


def _call_in(body: CallBody, company: Company) -> CallIn:
    if not body.status.is_over:
        raise BadInput("status: only calls that are over can be told.", hint="Tell it once it has ended.")
    system = body.system.strip().lower()
    if not system.isascii() or not system.replace("_", "").replace("-", "").isalnum() or len(system) > 40:
        raise BadInput("system is no name.", hint="Small letters and digits, such as mypbx.")
    return CallIn(
        system=system,
        external_id=body.external_id,
        started_ms=ms_of(body.started_at),
        status=body.status,
        called_e164=read_phone(body.called, company.region),
        caller_e164=read_phone(body.caller, company.region) if body.caller else None,
        caller_name=body.caller_name,
        caller_region=body.caller_region,
        line_type=body.line_type,
        ring_secs=body.ring_secs,
        talk_secs=body.talk_secs,
        is_first_call=body.is_first_call,
        source=source_of(body.source),
        agent=body.agent,
        disposition=body.disposition,
        flow_branch=body.flow_branch,
        menu_keys=body.menu_keys,
        tags=body.tags,
        is_spam=body.is_spam,
        transferred=body.transferred,
    )


def _call_out(row: CallRow, company: Company, marked: list[OutcomeRow], *, may_see: bool) -> CallOut:
    zone = company.zone
    return CallOut(
        call_id=row.pk,
        system=row.system,
        started_at=at(row.started_ms, zone),
        started_ms=row.started_ms,
        answered_at=at(row.answered_ms, zone),
        ended_at=at(row.ended_ms, zone),
        status=row.status,
        caller=_caller(row, may_see=may_see),
        caller_is_masked=not may_see,
        caller_name=_unsealed(row, row.name_sealed) if may_see else None,
        caller_region=row.caller_region,
        line_type=row.line_type,
        is_first_call=row.is_first_call,
        called=row.number.e164 if row.number else row.called_e164,
        number_name=row.number.name if row.number else "",
        ring_secs=row.ring_secs,
        talk_secs=row.talk_secs,
        agent=row.agent,
        flow_branch=row.flow_branch,
        menu_keys=row.menu_keys,
        disposition=row.disposition,
        is_spam=row.is_spam,
        transferred=row.transferred,
        attributed_by=row.attributed_by,
        p_visit=row.p_visit,
        p_none=row.p_none,
        source=_without_ids(source_of_call(row)),
        tags=sorted(tag.tag for tag in row.tags.all()),
        outcomes=[outcome_out(each, company) for each in sorted(marked, key=lambda each: (each.at_ms, each.pk))],
    )


def _caller(row: CallRow, *, may_see: bool) -> str | None:
    e164 = _unsealed(row, row.caller_sealed)
    return e164 if e164 is None or may_see else mask_phone(e164)


def _unsealed(row: CallRow, sealed: str | None) -> str | None:
    """None where it was withheld, or where the key it was sealed with is gone."""
    if sealed is None:
        return None
    try:
        clear: str = settings.KEYS.unseal(sealed, caller_purpose(row.company_id))
    except BadInput:
        return None
    return clear


def _without_ids(source: Source | None) -> Source | None:
    """Click ids name a person elsewhere: they stay where conversions are sent from."""
    return None if source is None else msgspec.structs.replace(source, click_ids={})


def _changed(request: ApiRequest, call_id: Id) -> CallDetail:
    return _detail(request, call_of(request, call_id))


def _has_caller(row: CallRow) -> bool:
    return row.caller_sealed is not None or row.name_sealed is not None


def _detail(request: ApiRequest, row: CallRow) -> CallDetail:
    """Whoever sees the caller in it is noted, whichever operation answers so."""
    company, may_see = company_of(request), may_see_callers(request)
    if may_see and _has_caller(row):
        note_seen(request, row.pk, wall_clock())
    marked = list(access_outcomes(user_of(request), row))
    rules = tag_rules_of(company.pk)
    (known,) = known_calls(CallRow.objects.filter(pk=row.pk), rules)
    put = {tag.tag: TagOut(tag=tag.tag, by=tag.by, at=at(tag.at_ms, company.zone)) for tag in row.tags.all()}
    return CallDetail(
        call=_call_out(row, company, marked, may_see=may_see),
        match=_verdict(request, row),
        tags=[put.get(tag) or TagOut(tag=tag, by="rule", at=None) for tag in known.traits.tags or ()],
        definitions=[
            MeetsOut(definition=each.label, title=each.title, meets=meets(each.condition, known.traits))
            for each in definitions_of(company.pk)
        ],
    )


def _verdict(request: ApiRequest, row: CallRow) -> VerdictOut | None:
    verdict = verdict_of(row)
    if verdict is None:
        return None
    company, best = company_of(request), verdict.best
    visits: dict[str, Any] = access_visits(user_of(request), company).in_bulk([one.visit_id for one in verdict.weighed])
    candidates = [
        CandidateOut(
            visit_id=each.visit_id,
            p=each.p,
            reasons=each.reasons,
            is_best=best is not None and best.visit_id == each.visit_id,
            started_at=at(visits[each.visit_id].started_ms, company.zone) if each.visit_id in visits else None,
            source=_without_ids(msgspec.convert(visits[each.visit_id].source, Source))
            if each.visit_id in visits
            else None,
        )
        for each in verdict.weighed
    ]
    return VerdictOut(
        candidates=candidates, p_none=verdict.p_none, none_reasons=verdict.none_reasons, params=verdict.params
    )
