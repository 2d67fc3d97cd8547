"""What the edge is told: the directory as the ledger would publish it now."""

from __future__ import annotations

from ringtrace.web.directory import make_directory
from ringtrace.web.models import Company
from ringtrace.wire.directory import Directory, PoolEntry, SiteEntry, StaticEntry


def directory() -> Directory:
    return make_directory(1)


def pools_of(company: Company) -> dict[str, PoolEntry]:
    return {pool.pool_id: pool for pool in directory().pools if pool.company_id == company.pk}


def statics_of(company: Company) -> dict[str, StaticEntry]:
    """By number."""
    return {static.e164: static for static in directory().statics if static.company_id == company.pk}


def sites_of(company: Company) -> dict[str, SiteEntry]:
    return {site.site_id: site for site in directory().sites if site.company_id == company.pk}
