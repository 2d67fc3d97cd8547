"""The directory: all that the edge must know to serve pages and route calls with every other process stopped.

The web writes it whole whenever it changes; the edge swaps it in whole. Format 1.
"""

from __future__ import annotations

from msgspec import Struct, field

FORMAT = 1


class SiteEntry(Struct, frozen=True, kw_only=True):
    """A site whose pages carry the snippet. `key` is public: it stands in the script tag."""

    site_id: str
    company_id: str
    key: str
    origins: tuple[str, ...]  # scheme://host[:port]
    region: str = "US"  # how national numbers on its pages are read
    consent: str = "not_needed"  # or "needed": no identifier and no pooled number before consent


class PoolEntry(Struct, frozen=True, kw_only=True):
    """Numbers that take turns in place of the printed `target_e164`."""

    pool_id: str
    site_id: str
    company_id: str
    target_e164: str
    numbers: tuple[str, ...]  # E.164
    hold_secs: int = 1800
    cooldown_secs: int = 300
    beat_secs: int = 60


class NumberEntry(Struct, frozen=True, kw_only=True):
    """A tracking number and where its calls go. `flow` is a document of `ringtrace.flows`."""

    number_id: str
    company_id: str
    e164: str
    connection_id: str
    flow: dict[str, object]
    pool_id: str | None = None  # None: a static number


class ConnectionEntry(Struct, frozen=True, kw_only=True):
    """A carrier account. `public_url` is the edge as the carrier sees it; the secret is sealed for the connection."""

    connection_id: str
    company_id: str
    carrier: str
    public_url: str
    sealed_secret: str


class Directory(Struct, frozen=True, kw_only=True):
    """Everything, whole. `version` only grows."""

    version: int
    format: int = FORMAT
    sites: tuple[SiteEntry, ...] = ()
    pools: tuple[PoolEntry, ...] = ()
    numbers: tuple[NumberEntry, ...] = ()
    connections: tuple[ConnectionEntry, ...] = field(default=())
