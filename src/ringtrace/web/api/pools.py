"""Pools: which numbers are shown in turn, to whom, in place of which printed number, and for how long."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec
from django.db.models import Count
from msgspec import UNSET, Meta, Struct, UnsetType
from ninja import Router
from pydantic import Field

from ringtrace.core.clock import wall_clock
from ringtrace.web.access import access_number, access_pool, access_pools, access_site
from ringtrace.web.actions import do_create_pool
from ringtrace.web.api.bearing import ApiRequest, company_of, own, user_of
from ringtrace.web.api.operations import READS, SETS, operation
from ringtrace.web.api.paging import USUAL, page_of, same
from ringtrace.web.api.params import Cursor, Exactly, Id, Limit
from ringtrace.web.api.placing import Place, WhenBody, when_in, when_out
from ringtrace.web.api.reading import Name, Title, one, or_else
from ringtrace.web.api.sites import Gone
from ringtrace.web.audit import say_about
from ringtrace.web.edits import refresh
from ringtrace.web.models import Pool, TrackingNumber
from ringtrace.web.pool_use import USUAL_TARGET, PoolUse, use_of
from ringtrace.web.pools import Placed, Times, do_change_pool, do_remove_pool
from ringtrace.web.when import in_words
from ringtrace.wire.directory import When

router = Router(tags=["pools"])
Blocked = Annotated[float, Field(gt=0, lt=1, description="How many visits may find no number: 0.01 is one of 100.")]
Hold = Annotated[int | None, Field(ge=60, le=86_400, description="Another hold, to see what it would take.")]
_Hold: TypeAlias = Annotated[int, Meta(ge=60, le=86_400)]
_Rest: TypeAlias = Annotated[int, Meta(ge=0, le=86_400)]
_LongHold: TypeAlias = Annotated[int, Meta(ge=0, le=2_592_000)]
_Beat: TypeAlias = Annotated[int, Meta(ge=15, le=600)]


class PoolBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is left out stays as it is. `target`: the printed number; of all that fit a visit the lowest `place` is
    shown. `overflow_id`: the number that is shown when none is free; null: the page is left alone."""

    name: Title | UnsetType = UNSET
    target: Name | UnsetType = UNSET
    when: WhenBody | UnsetType = UNSET
    place: Place | UnsetType = UNSET
    hold_secs: _Hold | UnsetType = UNSET
    cooldown_secs: _Rest | UnsetType = UNSET
    called_hold_secs: _LongHold | UnsetType = UNSET
    beat_secs: _Beat | UnsetType = UNSET
    overflow_id: Name | UnsetType | None = UNSET


class NewPoolBody(PoolBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A pool of a site; what is left out is as usual."""

    site_id: Name
    name: Title
    target: Name


class PoolOut(Struct, frozen=True, kw_only=True):
    """`words`: which visits see it, for people. `numbers`: how many it has."""

    pool_id: str
    site_id: str
    name: str
    target: str
    when: WhenBody
    words: str
    place: int
    hold_secs: int
    cooldown_secs: int
    called_hold_secs: int
    beat_secs: int
    overflow_id: str | None
    numbers: int


class PoolPage(Struct, frozen=True, kw_only=True):
    pools: list[PoolOut]
    next: str | None


@operation(router, "GET /pools", "list_pools", "Pools, the newest first", READS, answers=PoolPage, rows="pools")
def listed(request: ApiRequest, site_id: Exactly = "", cursor: Cursor = "", limit: Limit = USUAL) -> PoolPage:
    rows = same(access_pools(user_of(request), company_of(request)), site=site_id)
    found, following = page_of(rows.annotate(count=Count("numbers")), "", cursor, limit)
    return PoolPage(pools=[_out(row) for row in found], next=following)


@operation(router, "GET /pools/{pool_id}", "look_at_pool", "One pool", READS, answers=PoolOut)
def look(request: ApiRequest, pool_id: Id) -> PoolOut:
    return _out(pool_of(request, pool_id))


@operation(router, "POST /pools", "make_pool", "Make a pool", SETS, body=NewPoolBody, answers=PoolOut)
def make(request: ApiRequest) -> PoolOut:
    body = one(request, NewPoolBody)
    site = own(request, access_site(user_of(request), body.site_id), "site")
    pool = do_create_pool(site, body.name.strip(), body.target)
    say_about(request, pool.pk)
    return _changed(request, pool, body)


@operation(router, "PATCH /pools/{pool_id}", "change_pool", "Change a pool", SETS, body=PoolBody, answers=PoolOut)
def change(request: ApiRequest, pool_id: Id) -> PoolOut:
    pool, body = pool_of(request, pool_id), one(request, PoolBody)
    refresh(pool)
    return _changed(request, pool, body)


@operation(router, "DELETE /pools/{pool_id}", "remove_pool", "Remove a pool that has no numbers", SETS, answers=Gone)
def remove(request: ApiRequest, pool_id: Id) -> Gone:
    do_remove_pool(pool_of(request, pool_id))
    return Gone(pool_id)


@operation(
    router,
    "GET /pools/{pool_id}/use",
    "look_at_pool_use",
    "How full a pool was in 28 days, and how many numbers do",
    READS,
    answers=PoolUse,
)
def use(request: ApiRequest, pool_id: Id, target: Blocked = USUAL_TARGET, hold_secs: Hold = None) -> PoolUse:
    pool = pool_of(request, pool_id)
    return use_of(pool, company_of(request).zone, wall_clock(), target=target, hold_secs=hold_secs)


def pool_of(request: ApiRequest, pool_id: str) -> Pool:
    """A pool of the token's company. Raises NotFound."""
    return own(request, access_pool(user_of(request), pool_id), "pool")


def _changed(request: ApiRequest, pool: Pool, body: PoolBody) -> PoolOut:
    times = Times(
        hold_secs=or_else(body.hold_secs, pool.hold_secs),
        cooldown_secs=or_else(body.cooldown_secs, pool.cooldown_secs),
        called_hold_secs=or_else(body.called_hold_secs, pool.called_hold_secs),
        beat_secs=or_else(body.beat_secs, pool.beat_secs),
    )
    placed = Placed(
        target_e164=or_else(body.target, pool.target_e164),
        when=msgspec.convert(pool.when, When) if body.when is UNSET else when_in(body.when),
        place=or_else(body.place, pool.place),
    )
    overflow = pool.overflow if body.overflow_id is UNSET else _overflow(request, body.overflow_id)
    name = or_else(body.name, pool.name).strip()
    return _out(do_change_pool(pool, name=name, times=times, placed=placed, overflow=overflow))


def _overflow(request: ApiRequest, number_id: str | None) -> TrackingNumber | None:
    if number_id is None:
        return None
    return own(request, access_number(user_of(request), number_id), "number")


def _out(row: Pool) -> PoolOut:
    return PoolOut(
        pool_id=row.pk,
        site_id=row.site_id,
        name=row.name,
        target=row.target_e164,
        when=when_out(row.when),
        words=in_words(msgspec.convert(row.when, When)),
        place=row.place,
        hold_secs=row.hold_secs,
        cooldown_secs=row.cooldown_secs,
        called_hold_secs=row.called_hold_secs,
        beat_secs=row.beat_secs,
        overflow_id=row.overflow_id,
        numbers=row.__dict__["count"] if "count" in row.__dict__ else row.numbers.count(),
    )
