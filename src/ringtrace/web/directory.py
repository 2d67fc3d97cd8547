"""Writes the directory for the edge from the ledger, whole."""

from __future__ import annotations

from contextlib import closing

from django.conf import settings
from django.db import transaction

from ringtrace.web.models import Connection, Pool, Site, TrackingNumber
from ringtrace.wire.directory import ConnectionEntry, Directory, NumberEntry, PoolEntry, SiteEntry
from ringtrace.wire.sqlite import open_store, publish_directory


def publish_after_commit() -> None:
    """Publishes when the running transaction has committed: the edge never learns of what was rolled back."""
    transaction.on_commit(publish_now)


def publish_now() -> int:
    """Publishes the directory as the ledger has it; returns its version. Raises StoreUnavailable."""
    with closing(open_store(settings.EDGE_STORE)) as store:
        return publish_directory(store, make_directory)


def make_directory(version: int) -> Directory:
    return Directory(
        version=version,
        sites=tuple(map(_site, Site.objects.select_related("company"))),
        pools=tuple(map(_pool, Pool.objects.select_related("site").prefetch_related("numbers"))),
        numbers=tuple(map(_number, TrackingNumber.objects.all())),
        connections=tuple(map(_connection, Connection.objects.all())),
    )


def _site(site: Site) -> SiteEntry:
    return SiteEntry(
        site_id=site.site_id,
        company_id=site.company_id,
        key=site.key,
        origins=tuple(site.origins),
        region=site.company.region,
        consent=site.consent,
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
