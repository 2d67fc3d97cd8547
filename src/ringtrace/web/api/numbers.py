"""Tracking numbers: in a pool, static, overflowing or out of use; where their calls go, and who holds them now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from django.db.models import Exists, OuterRef, QuerySet
from msgspec import UNSET, Meta, Struct, UnsetType
from ninja import Router
from pydantic import Field

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Source
from ringtrace.flows.interpreter import ring_flow
from ringtrace.web.access import access_connection, access_live_leases, access_number, access_numbers, access_site
from ringtrace.web.actions import (
    check_destination,
    check_numbers,
    do_add_numbers,
    do_change_flow,
    do_remove_number,
    do_take_out_number,
)
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, company_of, own, user_of
from ringtrace.web.api.operations import READS, SETS, operation
from ringtrace.web.api.paging import USUAL, page_of, same
from ringtrace.web.api.params import Cursor, Exactly, Id, Limit
from ringtrace.web.api.placing import Place, StandsFor, WhenBody, stands_for_in, when_in, when_out
from ringtrace.web.api.pools import pool_of
from ringtrace.web.api.reading import Name, Text, Title, one, or_else
from ringtrace.web.api.sites import Gone
from ringtrace.web.audit import say, say_about
from ringtrace.web.edits import refresh
from ringtrace.web.models import LeaseRow, Pool, TrackingNumber
from ringtrace.web.pools import Placed, do_change_static, do_set_overflow

router = Router(tags=["numbers"])
RingSecs = Annotated[int, Meta(ge=5, le=120)]
Use = Annotated[str, Field(pattern="^(pool|static|overflow|out_of_use)?$", description="What it is for.")]
_USUAL_RING_SECS = 25


class StaticBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A static number: what it `stands_for`; on a site, in place of `target`, to the visits of `when` (else to those of
    the source). Without `site_id` it is printed somewhere."""

    stands_for: StandsFor
    name: Name = ""
    site_id: Name | None = None
    target: Name | None = None
    when: WhenBody = WhenBody()
    place: Place | None = None


class NewNumbersBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Numbers that lead to the carrier. One of `pool_id`, `static` and `overflow_of` (a pool) says their use."""

    numbers: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=1_000)]
    connection_id: Name
    destination: Title
    ring_secs: RingSecs = _USUAL_RING_SECS
    pool_id: Name | None = None
    static: StaticBody | None = None
    overflow_of: Name | None = None


class NumberBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where its calls go: a `destination` (E.164 or sip:) to ring, or a whole `flow` (docs/flows.md)."""

    destination: Text | UnsetType = UNSET
    ring_secs: RingSecs | UnsetType = UNSET
    flow: dict[str, Any] | UnsetType = UNSET


class NumberOut(Struct, frozen=True, kw_only=True):
    """`use`: pool, static, overflow or out_of_use. `held_until_at`: a visit holds it now, which came from `holder`."""

    number_id: str
    e164: str
    name: str
    use: Literal["pool", "static", "overflow", "out_of_use"]
    connection_id: str
    pool_id: str | None
    stands_for: Source | None
    site_id: str | None
    target: str | None
    when: WhenBody | None
    place: int | None
    destination: str | None
    flow: dict[str, Any]
    held_until_at: str | None
    holder: Source | None


class NumberPage(Struct, frozen=True, kw_only=True):
    numbers: list[NumberOut]
    next: str | None


class NumbersMade(Struct, frozen=True):
    numbers: list[NumberOut]


@operation(
    router,
    "GET /numbers",
    "list_numbers",
    "Tracking numbers, the newest first",
    READS,
    answers=NumberPage,
    rows="numbers",
)
def listed(
    request: ApiRequest,
    use: Use = "",
    pool_id: Exactly = "",
    site_id: Exactly = "",
    connection_id: Exactly = "",
    e164: Exactly = "",
    cursor: Cursor = "",
    limit: Limit = USUAL,
) -> NumberPage:
    rows = _with_use(access_numbers(user_of(request), company_of(request)))
    if use:
        rows = rows.filter(**_USES[use])
    rows = same(rows, pool=pool_id, site=site_id, connection=connection_id, e164=e164)
    found, following = page_of(rows, "", cursor, limit)
    return NumberPage(numbers=_out(request, found), next=following)


@operation(router, "GET /numbers/{number_id}", "look_at_number", "One tracking number", READS, answers=NumberOut)
def look(request: ApiRequest, number_id: Id) -> NumberOut:
    return _again(request, number_id)


@operation(router, "POST /numbers", "add_numbers", "Add numbers", SETS, body=NewNumbersBody, answers=NumbersMade)
def add(request: ApiRequest) -> NumbersMade:
    company, body = company_of(request), one(request, NewNumbersBody)
    if sum(use is not None for use in (body.pool_id, body.static, body.overflow_of)) != 1:
        raise BadInput("It is not said what the numbers are for.", hint="Give one of pool_id, static, overflow_of.")
    numbers = check_numbers("\n".join(body.numbers), company.region)
    if len(numbers) > 1 and (body.overflow_of or (body.static and body.static.site_id)):
        raise BadInput("Only one number can be shown to all of these visits.", hint="Give one number.")
    made = do_add_numbers(
        own(request, access_connection(user_of(request), body.connection_id), "connection"),
        numbers,
        ring_flow(check_destination(body.destination, company.region), body.ring_secs),
        pool=pool_of(request, body.pool_id) if body.pool_id else None,
        static_source=stands_for_in(body.static.stands_for) if body.static else None,
        name=body.static.name if body.static else "",
    )
    if body.static is not None and body.static.site_id:
        _change_static(request, made[0], body.static)
    if body.overflow_of:
        do_set_overflow(pool_of(request, body.overflow_of), made[0])
    say_about(request, " ".join(row.pk for row in made[:3]))
    say(request, rows=len(made))
    rows = access_numbers(user_of(request), company).filter(pk__in=[row.pk for row in made])
    return NumbersMade(_out(request, list(_with_use(rows))))


@operation(
    router,
    "PATCH /numbers/{number_id}",
    "change_number",
    "Change where a number's calls go",
    SETS,
    body=NumberBody,
    answers=NumberOut,
)
def change(request: ApiRequest, number_id: Id) -> NumberOut:
    row, body = _number(request, number_id), one(request, NumberBody)
    refresh(row)
    do_change_flow(row, _flow(row, body, company_of(request).region))
    return _again(request, number_id)


@operation(
    router,
    "PUT /numbers/{number_id}/static",
    "change_static",
    "Say what a number that is in no pool stands for, and where it is shown",
    SETS,
    body=StaticBody,
    answers=NumberOut,
)
def static(request: ApiRequest, number_id: Id) -> NumberOut:
    row = _number(request, number_id)
    refresh(row)
    _change_static(request, row, one(request, StaticBody))
    return _again(request, number_id)


@operation(
    router,
    "POST /numbers/{number_id}/take-out",
    "take_out_number",
    "Take a number out of its pool; calls to it still ring",
    SETS,
    answers=NumberOut,
)
def take_out(request: ApiRequest, number_id: Id) -> NumberOut:
    do_take_out_number(_number(request, number_id))
    return _again(request, number_id)


@operation(
    router,
    "DELETE /numbers/{number_id}",
    "remove_number",
    "Remove a number that is in no pool and had no calls",
    SETS,
    answers=Gone,
)
def remove(request: ApiRequest, number_id: Id) -> Gone:
    do_remove_number(_number(request, number_id))
    return Gone(number_id)


_USES: Mapping[str, Mapping[str, Any]] = {
    "pool": {"pool__isnull": False},
    "static": {"static_source__isnull": False},
    "overflow": {"overflows": True},
    "out_of_use": {"pool__isnull": True, "static_source__isnull": True, "overflows": False},
}


def _with_use(rows: QuerySet[TrackingNumber]) -> QuerySet[TrackingNumber]:
    return rows.annotate(overflows=Exists(Pool.objects.filter(overflow=OuterRef("pk"))))


def _number(request: ApiRequest, number_id: str) -> TrackingNumber:
    return own(request, access_number(user_of(request), number_id), "number")


def _flow(row: TrackingNumber, body: NumberBody, region: str) -> dict[str, Any]:
    """What the body says, over what is there."""
    if body.flow is not UNSET:
        if body.destination is not UNSET or body.ring_secs is not UNSET:
            raise BadInput("A flow says where calls go itself.", hint="Leave destination and ring_secs out.")
        return body.flow
    there = _ring(row.flow)
    destination = body.destination if body.destination is not UNSET else there.get("destination")
    if not destination:
        raise BadInput("It is not said where calls go.", hint="Give a destination.")
    secs = or_else(body.ring_secs, int(there.get("timeout_secs", _USUAL_RING_SECS)))
    return ring_flow(check_destination(destination, region), secs)


def _ring(flow: Mapping[str, Any]) -> Mapping[str, Any]:
    """Its first step that rings."""
    return next((step["ring"] for step in flow.get("steps", ()) if step.get("ring")), {})


def _change_static(request: ApiRequest, row: TrackingNumber, body: StaticBody) -> None:
    if body.site_id is not None and not body.target:
        raise BadInput("It is not said which printed number it stands in for.", hint="Give target.")
    site = own(request, access_site(user_of(request), body.site_id), "site") if body.site_id else None
    placed = Placed(target_e164=body.target or "", when=when_in(body.when), place=body.place or row.place)
    do_change_static(
        row, name=body.name, stands_for=stands_for_in(body.stands_for), site=site, placed=placed if site else None
    )


def _again(request: ApiRequest, number_id: str) -> NumberOut:
    row = _number(request, number_id)
    found = _with_use(access_numbers(user_of(request), company_of(request)).filter(pk=row.pk))
    return _out(request, list(found))[0]


def _out(request: ApiRequest, rows: list[TrackingNumber]) -> list[NumberOut]:
    company = company_of(request)
    leases = access_live_leases(user_of(request), company, wall_clock()).filter(e164__in=[row.e164 for row in rows])
    holders = {lease.e164: lease for lease in leases}
    return [_line(row, holders.get(row.e164), company.zone) for row in rows]


def _line(row: TrackingNumber, lease: LeaseRow | None, zone: Any) -> NumberOut:
    return NumberOut(
        number_id=row.pk,
        e164=row.e164,
        name=row.name,
        use=_use(row),
        connection_id=row.connection_id,
        pool_id=row.pool_id,
        stands_for=msgspec.convert(row.static_source, Source) if row.static_source else None,
        site_id=row.site_id,
        target=row.target_e164 or None,
        when=when_out(row.when) if row.site_id else None,
        place=row.place if row.site_id else None,
        destination=_ring(row.flow).get("destination"),
        flow=row.flow,
        held_until_at=at(lease.until_ms, zone) if lease else None,
        holder=_holder(lease) if lease else None,
    )


def _use(row: TrackingNumber) -> Literal["pool", "static", "overflow", "out_of_use"]:
    if row.pool_id is not None:
        return "pool"
    if row.static_source:
        return "static"
    return "overflow" if row.__dict__.get("overflows") else "out_of_use"


def _holder(lease: LeaseRow) -> Source:
    """Without click ids: they name a person elsewhere."""
    return msgspec.structs.replace(msgspec.convert(lease.visit.source, Source), click_ids={})
