"""Publishes what changed to the lake: the base facts of stale months from the ledger, then what is made of them, then
one manifest."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import duckdb

from ringtrace.core.clock import Clock
from ringtrace.lake.derive import definitions_version, derive
from ringtrace.lake.draft import Draft
from ringtrace.lake.manifest import FileEntry, Manifest
from ringtrace.lake.writer import LakeWriter
from ringtrace.web.models import Company, StaleMonth
from ringtrace.web.months import ledger_months, mark_stale
from ringtrace.worker.facts import MAKERS
from ringtrace.worker.poison import POISON
from ringtrace.worker.spans import span_of

log = logging.getLogger("ringtrace.worker")

_LEAST_PAUSE_MS = 400
_PAUSES = 2  # times what the last publishing took

Told = Callable[[int, int], None]  # months done, months in all


class _Stale(NamedTuple):
    pk: int
    company_id: str
    month: str
    mark: int
    forget: bool


class Publisher:
    """Publishes to one lake, as often as the time that publishing takes allows."""

    def __init__(self, writer: LakeWriter) -> None:
        self._writer = writer
        self._next_ms = 0

    def publish_if_due(self, clock: Clock) -> Manifest | None:
        """Publishes what changed, unless it did just now: at most a third of the worker's time goes into this."""
        began_ms = clock()
        if began_ms < self._next_ms:
            return None
        manifest = publish_stale(self._writer, began_ms)
        self._next_ms = clock() + max(_LEAST_PAUSE_MS, _PAUSES * (clock() - began_ms))
        return manifest


def mark_behind(writer: LakeWriter) -> int:
    """Marks every month of lakes that an older Ringtrace made: of an older schema or by other definitions. How many.

    Nothing is lost: the ledger is the truth, and the lake is published anew from it.
    """
    manifest = writer.published()
    of_older = writer.months_of_older_schema()
    if not of_older and (not manifest.version or manifest.definitions == definitions_version()):
        return 0
    months = {(place.company_id, place.month) for place in manifest.places()} | of_older
    return mark_everything(months)


def mark_everything(also: Collection[tuple[str, str]] = ()) -> int:
    """Marks every month that the ledger has, and those given as (company_id, month); how many."""
    months: defaultdict[str, set[str]] = defaultdict(set)
    for company_id in Company.objects.values_list("pk", flat=True):
        months[company_id] = ledger_months(company_id)
    for company_id, month in also:
        if company_id in months:
            months[company_id].add(month)
    for company_id, of_company in months.items():
        mark_stale(company_id, months=of_company)
    return sum(map(len, months.values()))


def count_stale() -> int:
    return StaleMonth.objects.count()


def publish_stale(
    writer: LakeWriter, now_ms: int, *, repair: bool = False, told: Told = lambda _done, _all: None
) -> Manifest | None:
    """Publishes every month that changed since it was last published; None where none could be.

    A change that comes while a month is being published grows its mark, and the month is published again. A month
    whose facts cannot be made is said in the log, keeps its mark, and holds up no other. `repair` writes every file
    anew, and lets go of companies that the ledger does not have. Where somebody was erased, the files that held them
    are gone when this returns.
    """
    stale = [_Stale(*row) for row in StaleMonth.objects.values_list("pk", "company_id", "month", "mark", "forget")]
    of_company: defaultdict[str, list[_Stale]] = defaultdict(list)
    for one in stale:
        of_company[one.company_id].append(one)
    if not of_company:
        return None
    draft = writer.draft(definitions=definitions_version(), repair=repair)
    lookbacks = dict(Company.objects.values_list("pk", "lookback_days"))
    published: list[_Stale] = []
    for company_id, months in of_company.items():
        published += _publish_company(draft, company_id, months, lookbacks[company_id])
        told(len(published), len(stale))
    if not published:
        return None
    if repair:
        draft.keep_companies(lookbacks.keys())
    manifest = writer.commit(draft, now_ms)
    forgetting = {one.company_id for one in published if one.forget}
    if forgetting:
        writer.sweep(now_ms, at_once=forgetting)
    for one in published:
        if not StaleMonth.objects.filter(pk=one.pk, mark=one.mark).delete()[0]:
            StaleMonth.objects.filter(pk=one.pk).update(since_ms=now_ms)  # what came meanwhile is all that it lacks
    return manifest


def _publish_company(draft: Draft, company_id: str, stale: Sequence[_Stale], lookback_days: int) -> list[_Stale]:
    """Takes a company's stale months into the draft; returns those that could be taken. Others are as they were."""
    before = draft.entries_of(company_id)
    taken = [one for one in stale if _put_base(draft, one, before)]
    try:
        derive(draft, company_id, {one.month for one in taken}, lookback_days)
    except (*POISON, duckdb.Error):
        log.exception("the journeys of %s cannot be published together; each month is tried by itself", company_id)
        draft.put_back(company_id, before)
        return [one for one in taken if _put_alone(draft, one, lookback_days)]
    return taken


def _put_alone(draft: Draft, stale: _Stale, lookback_days: int) -> bool:
    """One month by itself, so that one that cannot be made holds up no other, and nobody's erasure."""
    before = draft.entries_of(stale.company_id)
    if not _put_base(draft, stale, before):
        return False
    try:
        derive(draft, stale.company_id, {stale.month}, lookback_days)
    except (*POISON, duckdb.Error):
        log.exception("the journeys of month %s of %s cannot be published", stale.month, stale.company_id)
        draft.put_back(stale.company_id, before)
        return False
    return True


def _put_base(draft: Draft, stale: _Stale, before: Mapping[str, Mapping[str, FileEntry]]) -> bool:
    try:
        span = span_of(stale.company_id, stale.month)
        for fact, make in MAKERS.items():
            draft.put_rows(fact, stale.company_id, stale.month, make(span))
    except (*POISON, duckdb.Error):
        log.exception("month %s of %s cannot be published", stale.month, stale.company_id)
        draft.put_back(stale.company_id, before, stale.month)
        return False
    return True
