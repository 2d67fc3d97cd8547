"""Who sees which number: what people can do with pools and static numbers. `check_*` validates, `do_*` writes."""

from __future__ import annotations

import msgspec
from django.db import transaction
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.phones import read_phone
from ringtrace.core.sources import Source
from ringtrace.web.directory import publish_after_commit
from ringtrace.web.models import Pool, Site, TrackingNumber
from ringtrace.web.months import mark_stale
from ringtrace.web.when import when_of
from ringtrace.wire.directory import When


class Times(Struct, frozen=True, kw_only=True):
    """How long a number of a pool stays with a visit. In seconds."""

    hold_secs: int
    cooldown_secs: int
    called_hold_secs: int
    beat_secs: int


class Placed(Struct, frozen=True, kw_only=True):
    """Where a number is shown: in place of `target_e164`, to the visits of `when`, the lowest `place` first."""

    target_e164: str
    when: When
    place: int


def check_times(times: Times) -> Times:
    """Raises BadInput where a visit would lose its number between two signs of life."""
    if times.beat_secs * 2 > times.hold_secs:
        raise BadInput(
            "A visit would lose its number while the page is open.",
            hint="Hold a number for at least two beats.",
        )
    return times


def check_overflow(pool: Pool, number: TrackingNumber) -> TrackingNumber:
    """A number that only overflows: not in a pool, and standing for nothing. Raises BadInput."""
    if number.company_id != pool.site.company_id or number.pool_id is not None or number.static_source is not None:
        raise BadInput(f"{number.e164} cannot be an overflow number.", hint="Choose one that is out of use.")
    return number


@transaction.atomic
def do_set_overflow(pool: Pool, number: TrackingNumber | None) -> Pool:
    """What visits of this pool see when no number is free; None leaves the page alone."""
    pool.overflow = None if number is None else check_overflow(pool, number)
    pool.save(update_fields=["overflow"])
    publish_after_commit()
    return pool


@transaction.atomic
def do_change_pool(
    pool: Pool, *, name: str, times: Times, placed: Placed, overflow: TrackingNumber | None = None
) -> Pool:
    check_times(times)
    pool.name = name
    pool.target_e164 = read_phone(placed.target_e164, pool.site.company.region)
    pool.when = msgspec.to_builtins(placed.when)
    pool.place = placed.place
    pool.hold_secs = times.hold_secs
    pool.cooldown_secs = times.cooldown_secs
    pool.called_hold_secs = times.called_hold_secs
    pool.beat_secs = times.beat_secs
    pool.overflow = None if overflow is None else check_overflow(pool, overflow)
    pool.save()
    publish_after_commit()
    return pool


@transaction.atomic
def do_remove_pool(pool: Pool) -> None:
    """Raises BadInput while it has numbers: they would be shown to nobody, unasked."""
    if pool.numbers.exists():
        raise BadInput(f"“{pool.name}” still has numbers.", hint="Take them out of the pool first.")
    pool.delete()
    publish_after_commit()


@transaction.atomic
def do_change_static(
    number: TrackingNumber, *, name: str, stands_for: Source, site: Site | None = None, placed: Placed | None = None
) -> TrackingNumber:
    """What a static number's calls count for, and to whom `site` shows it; None: it is printed somewhere.

    Where `when` names no visits, it is those of the source it stands for. Raises BadInput.
    """
    if number.pool_id is not None or number.overflow_of.exists():
        raise BadInput(f"{number.e164} is shown to visitors in turn.", hint="Take it out of its pool first.")
    number.name = name
    number.static_source = msgspec.to_builtins(stands_for)
    number.site, number.target_e164, number.when = None, "", {}
    if site is not None and placed is not None:
        _place(number, site, placed, stands_for)
    number.save()
    mark_stale(number.company_id, number.calls.values_list("started_ms", flat=True).iterator())
    publish_after_commit()
    return number


@transaction.atomic
def do_make_static(number: TrackingNumber, stands_for: Source, name: str = "") -> TrackingNumber:
    """Out of its pool: from now on it stands for a source and is shown on no page. Raises BadInput."""
    number.pool = None
    return do_change_static(number, name=name or number.name, stands_for=stands_for)


def _place(number: TrackingNumber, site: Site, placed: Placed, stands_for: Source) -> None:
    if site.company_id != number.company_id:
        raise BadInput("That site is another company's.", hint="Choose one of your own.")
    when = placed.when if placed.when != When() else when_of(stands_for)
    if when == When():
        raise BadInput(
            "It is not said which visits see this number.", hint="Name a source, or choose the visits it is shown to."
        )
    number.site = site
    number.target_e164 = read_phone(placed.target_e164, site.company.region)
    number.when = msgspec.to_builtins(when)
    number.place = placed.place
