"""Rows that a program sent: taken as files are, the good ones whatever becomes of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TypeVar

from django.db import transaction
from msgspec import Struct

from ringtrace.core.clock import wall_clock
from ringtrace.intake.port import What
from ringtrace.web.api.bearing import ApiRequest, company_of, user_of
from ringtrace.web.api.reading import Refused, refused, rows
from ringtrace.web.imports import Choices
from ringtrace.web.models import Company, ImportRun, RunState
from ringtrace.web.taking import take

SYSTEM = "api"
_Body = TypeVar("_Body")


class TakenRows(Struct, frozen=True, kw_only=True):
    """How many rows were written, were as they were, and matched no call or contact (by why); and which were not taken.

    `import_id`: the import under which spend was booked.
    """

    taken: int
    unchanged: int
    missed: int = 0
    misses: Mapping[str, int] = {}
    rejected: list[Refused] = []
    import_id: str | None = None


def take_rows(
    request: ApiRequest,
    what: What,
    kind: type[_Body],
    read: Callable[[_Body, Company], Any],
    *,
    kept: bool = False,
    choices: Mapping[str, str] = MappingProxyType({}),
) -> TakenRows:
    """Reads and takes the body's rows. `kept`: as an import that is listed, and that a later one can replace;
    `choices`: those of this import."""
    company = company_of(request)
    good, bad = rows(request, kind, lambda body: read(body, company))
    now_ms = wall_clock()
    run = ImportRun(company=company, what=what, system=SYSTEM, by=user_of(request), began_ms=now_ms, changed_ms=now_ms)
    run.choices = dict(choices)
    with transaction.atomic():
        if kept:
            run.save(force_insert=True)
        taken, problems = take(company, good, run, Choices(), now_ms, {})
        bad = sorted([*bad, *refused(problems)], key=lambda one: one.index)
        if kept:
            run.taken, run.unchanged, run.rejected = taken.taken, taken.unchanged, len(bad)
            run.place, run.state = len(good), RunState.DONE
            run.save()
    return TakenRows(
        taken=taken.taken,
        unchanged=taken.unchanged,
        missed=taken.missed,
        misses=taken.misses,
        rejected=bad,
        import_id=run.pk if kept else None,
    )
