"""Writes the directory for the edge from the ledger, whole. What is of a removed company is not in it."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from contextlib import closing

import msgspec
from django.conf import settings
from django.db import transaction
from django.db.models import F

from ringtrace.core.errors import StoreUnavailable
from ringtrace.core.sources import Channel, Condition, SourceRule
from ringtrace.web.models import Company, Connection, DirectoryMark, Pool, Site, SourceRuleRow, TrackingNumber
from ringtrace.wire.directory import ConnectionEntry, Directory, NumberEntry, PoolEntry, SiteEntry, StaticEntry, When
from ringtrace.wire.opening import open_wire

log = logging.getLogger("ringtrace.web")


def publish_after_commit() -> None:
    """Publishes when the running transaction has committed: the edge never learns of what was rolled back.

    That it must be published is written in the transaction itself: if the edge's store does not take it just then,
    the worker tries again until it does.
    """
    DirectoryMark.objects.update_or_create(pk=1)
    DirectoryMark.objects.update(wanted=F("wanted") + 1)
    transaction.on_commit(_try_to_publish)


def _try_to_publish() -> None:
    try:
        publish_now()
    except StoreUnavailable:
        log.warning("the edge's store did not take the directory; the worker will try again")


def publish_if_behind() -> bool:
    """Publishes if a change has not reached the edge yet; True if it did. Raises StoreUnavailable."""
    is_behind = DirectoryMark.objects.filter(wanted__gt=F("published")).exists()
    if is_behind:
        publish_now()
    return is_behind


def publish_now() -> int:
    """Publishes the directory as the ledger has it; returns its version. Raises StoreUnavailable."""
    mark = DirectoryMark.objects.filter(pk=1).values_list("wanted", flat=True).first()
    with closing(open_wire(settings.EDGE_STORE)) as store:
        version = store.publish_directory(make_directory)
    if mark is not None:
        DirectoryMark.objects.filter(pk=1, published__lt=mark).update(published=mark)
    return version


def make_directory(version: int) -> Directory:
    rules: defaultdict[str, list[SourceRule]] = defaultdict(list)
    for row in SourceRuleRow.objects.filter(enabled=True).order_by("place", "rule_id"):
        rules[row.company_id].append(rule_of(row))
    sites = Site.objects.filter(company__removed_ms=None).select_related("company")
    pools = Pool.objects.filter(site__company__removed_ms=None).select_related("site", "overflow")
    numbers = TrackingNumber.objects.filter(company__removed_ms=None)
    statics = numbers.filter(site__isnull=False, static_source__isnull=False, pool__isnull=True)
    return Directory(
        version=version,
        sites=tuple(_site(site, rules[site.company_id]) for site in sites),
        pools=tuple(map(_pool, pools.prefetch_related("numbers"))),
        statics=tuple(map(_static, statics)),
        numbers=tuple(map(_number, numbers)),
        connections=tuple(map(_connection, Connection.objects.filter(company__removed_ms=None))),
    )


def entries_of(site: Site) -> tuple[SiteEntry, tuple[PoolEntry, ...], tuple[StaticEntry, ...]]:
    """One site as the edge is told of it, with what stands in for the numbers on its pages."""
    pools = Pool.objects.filter(site=site).select_related("site", "overflow").prefetch_related("numbers")
    statics = TrackingNumber.objects.filter(site=site, static_source__isnull=False, pool__isnull=True)
    return _site(site, rules_of(site.company)), tuple(map(_pool, pools)), tuple(map(_static, statics))


def rules_of(company: Company) -> tuple[SourceRule, ...]:
    """The company's rules that are in force, in their order."""
    rows = SourceRuleRow.objects.filter(company=company, enabled=True)
    return tuple(map(rule_of, rows.order_by("place", "rule_id")))


def rule_of(row: SourceRuleRow) -> SourceRule:
    return SourceRule(
        rule_id=row.rule_id,
        conditions=msgspec.convert(row.conditions, tuple[Condition, ...]),
        set_source=row.set_source or None,
        set_medium=row.set_medium or None,
        set_campaign=row.set_campaign or None,
        set_channel=Channel(row.set_channel) if row.set_channel else None,
    )


def _site(site: Site, rules: Sequence[SourceRule]) -> SiteEntry:
    return SiteEntry(
        site_id=site.site_id,
        company_id=site.company_id,
        key=site.key,
        origins=tuple(site.origins),
        region=site.company.region,
        consent=site.consent,
        source_rules=tuple(rules),
        ignored_referrers=tuple(site.ignored_referrers),
        server_key_hash=site.server_key_hash,
    )


def _pool(pool: Pool) -> PoolEntry:
    return PoolEntry(
        pool_id=pool.pool_id,
        site_id=pool.site_id,
        company_id=pool.site.company_id,
        target_e164=pool.target_e164,
        numbers=tuple(sorted(number.e164 for number in pool.numbers.all())),
        hold_secs=pool.hold_secs,
        cooldown_secs=pool.cooldown_secs,
        beat_secs=pool.beat_secs,
        called_hold_secs=pool.called_hold_secs,
        when=msgspec.convert(pool.when, When),
        place=pool.place,
        overflow_e164=pool.overflow.e164 if pool.overflow else None,
    )


def _static(number: TrackingNumber) -> StaticEntry:
    return StaticEntry(
        static_id=number.number_id,
        site_id=number.site_id or "",
        company_id=number.company_id,
        target_e164=number.target_e164,
        e164=number.e164,
        when=msgspec.convert(number.when, When),
        place=number.place,
    )


def _number(number: TrackingNumber) -> NumberEntry:
    return NumberEntry(
        number_id=number.number_id,
        company_id=number.company_id,
        e164=number.e164,
        connection_id=number.connection_id,
        flow=number.flow,
        pool_id=number.pool_id,
    )


def _connection(connection: Connection) -> ConnectionEntry:
    return ConnectionEntry(
        connection_id=connection.connection_id,
        company_id=connection.company_id,
        carrier=connection.carrier,
        public_url=connection.public_url,
        sealed_secret=connection.sealed_secret,
    )
