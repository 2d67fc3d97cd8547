"""Reads a company's history again when its rules have changed: every visit gets the verdict of the rules of now.

What was said before is kept, so that last month's report can be explained. A walk goes on where it stopped: its place
is written in the transaction of what it changed.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from django.db import transaction
from django.db.models import Q, QuerySet

from ringtrace.core.clock import DAY_MS
from ringtrace.core.sources import Source
from ringtrace.web.models import CallRow, Reclassification, VisitRow, VisitVerdict
from ringtrace.web.months import mark_stale, month_of
from ringtrace.web.verdicts import fingerprint, homes_of, is_same, verdict_on
from ringtrace.worker.calls import LOOKBACK_MS
from ringtrace.worker.poison import POISON

_BATCH = 1_000


@transaction.atomic
def reclassify_step(now_ms: int, *, company_id: str | None = None, most: int = _BATCH) -> int:
    """Reads up to `most` visits of the walk that was asked for first; returns how many. 0: nothing is left to do."""
    walks = Reclassification.objects.select_for_update(of=("self",)).select_related("company").filter(finished_ms=None)
    walk = walks.filter(**({"company": company_id} if company_id else {})).order_by("pk").first()
    if walk is None:
        return 0
    _begin_if_changed(walk)
    visits = list(_ahead(walk).order_by("started_ms", "visit_id")[:most])
    if visits:
        walk.changed += _rewrite(walk, visits, now_ms)
        walk.done += len(visits)
        walk.at_ms, walk.at_visit = visits[-1].started_ms, visits[-1].pk
    if len(visits) < most:
        walk.finished_ms = now_ms
    walk.save()
    return len(visits)


def _begin_if_changed(walk: Reclassification) -> None:
    """At the first step, and again when the rules have changed under it: from the first visit."""
    rules = fingerprint(walk.company)
    if walk.rules == rules:
        return
    walk.rules = rules
    walk.at_ms, walk.at_visit, walk.done, walk.changed = None, "", 0, 0
    walk.total = _ahead(walk).count()


def _ahead(walk: Reclassification) -> QuerySet[VisitRow]:
    visits = VisitRow.objects.filter(company=walk.company)
    if walk.since_ms is not None:
        visits = visits.filter(started_ms__gte=walk.since_ms)
    if walk.at_ms is None:
        return visits
    later = Q(started_ms__gt=walk.at_ms) | Q(started_ms=walk.at_ms, visit_id__gt=walk.at_visit)
    return visits.filter(later, started_ms__gte=walk.at_ms)  # the second says the same, for the index


def _rewrite(walk: Reclassification, visits: Sequence[VisitRow], now_ms: int) -> int:
    """Gives these visits their new verdicts; returns how many of them say something else than before."""
    homes = homes_of(walk.company)
    rewritten, before = [], []
    for visit in visits:
        verdict = verdict_on(visit, homes)
        was = _verdict_before(visit)
        if verdict is None or verdict == was:
            continue
        if was is None or not is_same(was, verdict):
            before.append(VisitVerdict(visit=visit, channel=visit.channel, source=visit.source, until_ms=now_ms))
        visit.channel, visit.source = verdict.channel.value, msgspec.to_builtins(verdict)
        rewritten.append(visit)
    VisitRow.objects.bulk_create(
        rewritten, update_conflicts=True, unique_fields=["visit_id"], update_fields=["channel", "source"]
    )
    VisitVerdict.objects.bulk_create(before, ignore_conflicts=True)
    changed = [verdict.visit for verdict in before]
    CallRow.objects.filter(visit__in=changed).update(changed_ms=now_ms)
    mark_stale(walk.company_id, months=_months(changed, now_ms))
    return len(changed)


def _verdict_before(visit: VisitRow) -> Source | None:
    """None for one that cannot be read: then anything is better."""
    try:
        return msgspec.convert(visit.source, Source)
    except POISON:
        return None


def _months(changed: Sequence[VisitRow], now_ms: int) -> set[str]:
    """The months of the visits, and those of the calls whose journeys they may be in."""
    ends_ms = (
        min(visit.started_ms + days * DAY_MS, max(now_ms, visit.started_ms))
        for visit in changed
        for days in range(0, LOOKBACK_MS // DAY_MS + 1, 10)
    )
    return set(map(month_of, ends_ms))
