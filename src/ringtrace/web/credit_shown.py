"""What each model gives each visit before one call, as the call's page shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.conf import settings
from msgspec import Struct

from ringtrace.attribution.registry import DEFAULT_MODEL, LAKE_MODELS, MODELS
from ringtrace.core.clock import at_from_ms
from ringtrace.core.errors import StoreUnavailable
from ringtrace.lake.opening import open_lake
from ringtrace.reports.call_credit import CreditLine, call_credit
from ringtrace.reports.questions import Scope
from ringtrace.web.access import AnyUser, Right, access_visits, may
from ringtrace.web.models import Company

_LEAST_P = 0.02
"""Journeys that are less likely are told together, where there are several."""
_REASONS: Mapping[str, str] = {
    "unknown": "Nobody we know",
    "no_touches": "Somebody known, of whom no visit is held",
}


class ModelHead(Struct, frozen=True, kw_only=True):
    """The head of a model's column. `thin`: its month is too thin for it."""

    name: str
    title: str
    meaning: str
    is_default: bool
    thin: bool


class CreditRow(Struct, frozen=True, kw_only=True):
    """One touch, or several together, as `reason` says; else it says why nothing is known. `hidden`: of somebody whose
    visits this person may not see. `shares`: one a model, None where its month is too thin."""

    touch_ms: int | None
    channel: str | None
    source: str | None
    campaign: str | None
    landing_page: str | None
    position: int | None
    length: int | None
    p: float
    reason: str
    hidden: bool
    shares: tuple[float | None, ...]


class CallCredit(Struct, frozen=True, kw_only=True):
    """`rows` are empty while the call is not in the lake yet, or where it cannot be read now (`problem`). `sees_all`:
    whether this person may see the reports too."""

    heads: tuple[ModelHead, ...]
    rows: tuple[CreditRow, ...]
    sees_all: bool = False
    problem: str = ""


def credit_by_model(company: Company, call_id: str, started_ms: int, user: AnyUser) -> CallCredit:
    """For `parts/credit_by_model.html`, as `credit`. The caller has made sure that this person may see the call; of
    visits that they may not see the source is left out."""
    try:
        lines = call_credit(_scope(company, started_ms), call_id)
    except StoreUnavailable as error:
        return CallCredit(heads=(), rows=(), problem=f"{error.args[0]} {error.hint}".strip())
    visible = _visible(user, company, lines)
    heads = tuple(
        ModelHead(
            name=name,
            title=MODELS[name].title,
            meaning=MODELS[name].meaning,
            is_default=name == DEFAULT_MODEL,
            thin=bool(lines) and all(line.shares[name] is None for line in lines),
        )
        for name in LAKE_MODELS
    )
    return CallCredit(heads=heads, rows=_rows(lines, visible), sees_all=visible is None)


def _scope(company: Company, started_ms: int) -> Scope:
    on = at_from_ms(started_ms).astimezone(company.zone).date()
    day = timedelta(days=1)
    return Scope(
        lake=open_lake(settings.LAKE_URL, settings.LAKE_DIR),
        company_id=company.pk,
        time_zone=company.time_zone,
        since_on=on - day,
        until_on=on + day,
    )


def _visible(user: AnyUser, company: Company, lines: Sequence[CreditLine]) -> set[str] | None:
    """The visits this person may see; None for all."""
    if may(user, company, Right.SEE):
        return None
    ids = [line.visit_id for line in lines if line.visit_id]
    return set(access_visits(user, company).filter(pk__in=ids).values_list("pk", flat=True))


def _rows(lines: Sequence[CreditLine], visible: set[str] | None) -> tuple[CreditRow, ...]:
    """In their order; journeys that are hardly likely in one row, before what is unknown."""
    unlikely = [line for line in lines if line.reason is None and line.p < _LEAST_P]
    if len(unlikely) < 2 or len(unlikely) == sum(line.reason is None for line in lines):
        unlikely = []
    known = [line for line in lines if line.reason is None and line not in unlikely]
    rest = [line for line in lines if line.reason is not None]
    together = [_together(unlikely)] if unlikely else []
    return (*(_row(line, visible) for line in known), *together, *(_row(line, visible) for line in rest))


def _together(lines: Sequence[CreditLine]) -> CreditRow:
    def added(name: str) -> float | None:
        shares = [share for line in lines if (share := line.shares[name]) is not None]
        return sum(shares) if shares else None

    return CreditRow(
        touch_ms=None,
        channel=None,
        source=None,
        campaign=None,
        landing_page=None,
        position=None,
        length=None,
        p=sum(line.p / (line.length or 1) for line in lines),
        reason=f"{len(lines)} visits that are hardly likely, together",
        hidden=False,
        shares=tuple(map(added, LAKE_MODELS)),
    )


def _row(line: CreditLine, visible: set[str] | None) -> CreditRow:
    hidden = visible is not None and line.visit_id is not None and line.visit_id not in visible
    return CreditRow(
        touch_ms=None if hidden else line.touch_ms,
        channel=None if hidden else line.channel,
        source=None if hidden else line.source,
        campaign=None if hidden else line.campaign,
        landing_page=None if hidden else line.landing_page,
        position=line.position,
        length=line.length,
        p=line.p,
        reason=_REASONS.get(line.reason, line.reason) if line.reason else "",
        hidden=hidden,
        shares=tuple(line.shares[name] for name in LAKE_MODELS),
    )
