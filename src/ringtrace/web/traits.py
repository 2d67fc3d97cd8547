"""What is known of calls beside their reports: tags, outcomes, who called, what came before. Many calls at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
from django.db.models import BigIntegerField, OuterRef, QuerySet, Subquery
from msgspec import Struct

from ringtrace.core.clock import SECOND_MS
from ringtrace.qualification import TagRule, Traits, tag_key, tags_by_rule
from ringtrace.web.models import CallRow, CallTag, CustomerKey, OutcomeRow

_CHUNK = 2_000


class KnownCall(Struct, frozen=True, kw_only=True):
    """A call's traits with what names it. `person`: its customer, else the caller's hash; None: nobody known."""

    call_id: str
    started_ms: int
    number_id: str | None
    caller_hash: str | None
    attributed_by: str
    visit_id: str | None
    p_none: float | None
    person: str | None
    traits: Traits


class _Row(NamedTuple):
    call_id: str
    started_ms: int
    status: str
    ring_secs: float | None
    talk_secs: float | None
    number_id: str | None
    number: str | None
    pool: str | None
    called_e164: str
    caller_hash: str | None
    is_first_call: bool | None
    caller_region: str
    line_type: str
    agent: str
    flow_branch: str
    menu_keys: str
    disposition: str
    is_spam: bool
    transferred: bool | None
    attributed_by: str
    visit_id: str | None
    p_none: float | None
    before_ms: int | None


_FIELDS = tuple({"number": "number__e164", "pool": "number__pool__name"}.get(name, name) for name in _Row._fields)


def known_calls(calls: QuerySet[CallRow], rules: Sequence[TagRule]) -> Iterator[KnownCall]:
    """In the order of the query, some thousand at a time. `rules` tag what meets them."""
    rows = calls.annotate(before_ms=_call_before()).values_list(*_FIELDS)
    batch: list[_Row] = []
    for row in rows.iterator(chunk_size=_CHUNK):
        batch.append(_Row._make(row))
        if len(batch) == _CHUNK:
            yield from _known(batch, rules)
            batch = []
    yield from _known(batch, rules)


def _call_before() -> Subquery:
    """When the same caller called last before."""
    earlier = CallRow.objects.filter(
        company=OuterRef("company"), caller_hash=OuterRef("caller_hash"), started_ms__lt=OuterRef("started_ms")
    )
    return Subquery(earlier.order_by("-started_ms").values("started_ms")[:1], output_field=BigIntegerField())


def _known(batch: Sequence[_Row], rules: Sequence[TagRule]) -> Iterator[KnownCall]:
    if not batch:
        return
    call_ids = [row.call_id for row in batch]
    tags, outcomes = _tags(call_ids), _outcomes(call_ids)
    customers = _customers(call_ids, {row.caller_hash for row in batch if row.caller_hash})
    for row in batch:
        traits = _traits(row, tags.get(row.call_id, ()), outcomes.get(row.call_id, ()), rules)
        yield KnownCall(
            call_id=row.call_id,
            started_ms=row.started_ms,
            number_id=row.number_id,
            caller_hash=row.caller_hash,
            attributed_by=row.attributed_by,
            visit_id=row.visit_id,
            p_none=row.p_none,
            person=customers.get(row.caller_hash or "", row.caller_hash),
            traits=traits,
        )


def _traits(row: _Row, put: Sequence[str], outcomes: Sequence[str], rules: Sequence[TagRule]) -> Traits:
    before = None if row.before_ms is None else (row.started_ms - row.before_ms) // SECOND_MS
    traits = Traits(
        kind="call",
        status=row.status,
        talk_secs=row.talk_secs,
        ring_secs=row.ring_secs,
        is_first_call=row.is_first_call,
        since_last_secs=before,
        is_spam=row.is_spam,
        transferred=row.transferred,
        number=row.number or row.called_e164 or None,
        pool=row.pool,
        flow_branch=row.flow_branch or None,
        menu_keys=row.menu_keys or None,
        agent=row.agent or None,
        caller_region=row.caller_region or None,
        line_type=row.line_type or None,
        disposition=row.disposition or None,
        outcomes=tuple(sorted(set(outcomes))),
    )
    by_rule = tags_by_rule(rules, traits) if rules else ()
    tags = {tag_key(tag): tag for tag in (*by_rule, *put)}  # what somebody put there keeps its spelling
    return msgspec.structs.replace(traits, tags=tuple(sorted(tags.values())))


def _tags(call_ids: Sequence[str]) -> dict[str, list[str]]:
    return _gathered(CallTag.objects.filter(call__in=call_ids).order_by("pk").values_list("call_id", "tag"))


def _outcomes(call_ids: Sequence[str]) -> dict[str, list[str]]:
    return _gathered(OutcomeRow.objects.filter(call__in=call_ids).values_list("call_id", "kind"))


def _gathered(pairs: Iterable[tuple[Any, Any]]) -> dict[str, list[str]]:
    gathered: defaultdict[str, list[str]] = defaultdict(list)
    for call_id, text in pairs:
        gathered[call_id].append(text)
    return gathered


def _customers(call_ids: Sequence[str], caller_hashes: set[str]) -> dict[str, str]:
    """The customers of these callers, by the caller's hash."""
    company_id = CallRow.objects.filter(pk=call_ids[0]).values("company")
    keys = CustomerKey.objects.filter(company__in=company_id, kind="phone", key__in=caller_hashes)
    return dict(keys.values_list("key", "customer_id"))
