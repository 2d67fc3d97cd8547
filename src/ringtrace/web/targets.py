"""For each printed number on a site: what stands in for it, in the order in which visits are asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from ringtrace.core.sources import Source
from ringtrace.web.models import Pool, TrackingNumber
from ringtrace.web.when import in_words
from ringtrace.wire.directory import When


class Offer(Struct, frozen=True, kw_only=True):
    """A pool or a static number (`e164`). `is_reached` False: one before it takes every visit."""

    place: int
    own_id: str
    name: str
    words: str
    e164: str | None
    numbers: int
    overflow_e164: str | None
    stands_for: Source | None
    takes_all: bool
    is_reached: bool = True


class Target(Struct, frozen=True, kw_only=True):
    """A printed number of a site."""

    site_name: str
    target_e164: str
    offers: list[Offer]


def targets_of(pools: Iterable[Pool], statics: Iterable[TrackingNumber]) -> list[Target]:
    """`statics`: those that a site shows. Offers by place, then by id, as the edge asks them."""
    offers: defaultdict[tuple[str, str], list[Offer]] = defaultdict(list)
    for pool in pools:
        offers[pool.site.name, pool.target_e164].append(_pool_offer(pool))
    for number in statics:
        if number.site is not None and number.target_e164:
            offers[number.site.name, number.target_e164].append(_static_offer(number))
    return [
        Target(site_name=site_name, target_e164=target, offers=_in_order(found))
        for (site_name, target), found in sorted(offers.items())
    ]


def _in_order(found: list[Offer]) -> list[Offer]:
    in_order, is_reached = [], True
    for offer in sorted(found, key=lambda one: (one.place, one.own_id)):
        in_order.append(msgspec.structs.replace(offer, is_reached=is_reached))
        is_reached = is_reached and not offer.takes_all
    return in_order


def _pool_offer(pool: Pool) -> Offer:
    when = msgspec.convert(pool.when, When)
    return Offer(
        place=pool.place,
        own_id=pool.pk,
        name=pool.name,
        words=in_words(when),
        e164=None,
        numbers=pool.numbers.count(),
        overflow_e164=pool.overflow.e164 if pool.overflow else None,
        stands_for=None,
        takes_all=when == When(),
    )


def _static_offer(number: TrackingNumber) -> Offer:
    when = msgspec.convert(number.when, When)
    return Offer(
        place=number.place,
        own_id=number.pk,
        name=number.name,
        words=in_words(when),
        e164=number.e164,
        numbers=1,
        overflow_e164=None,
        stands_for=msgspec.convert(number.static_source, Source),
        takes_all=when == When(),
    )
