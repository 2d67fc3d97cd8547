"""The directory: all that the edge must know to serve pages and route calls with every other process stopped.

The web writes it whole whenever it changes; the edge swaps it in whole. Format 1.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct, field

from ringtrace.core.errors import StoreBehind
from ringtrace.core.sources import SourceRule

FORMAT = 1


class When(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which visits something is for: every field that is set must fit, by any one of its alternatives; none set fits
    all. Texts are lower case, but channels (`Paid Search`) and regions. `*` stands for anything in sources, mediums,
    campaigns, keywords and landing paths."""

    channels: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    mediums: tuple[str, ...] = ()
    campaigns: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    landings: tuple[str, ...] = ()  # paths: /emergency/*
    referrers: tuple[str, ...] = ()  # hosts, with their subdomains
    regions: tuple[str, ...] = ()  # ISO 3166: US, or US-CA where the edge is told of states
    devices: tuple[str, ...] = ()  # desktop, mobile, tablet


class SiteEntry(Struct, frozen=True, kw_only=True):
    """A site whose pages carry the snippet. `key` is public: it stands in the script tag."""

    site_id: str
    company_id: str
    key: str
    origins: tuple[str, ...]  # scheme://host[:port]
    region: str = "US"  # how national numbers on its pages are read
    consent: str = "not_needed"  # or "needed": no identifier and no pooled number before consent
    source_rules: tuple[SourceRule, ...] = ()  # the company's own, in order
    ignored_referrers: tuple[str, ...] = ()  # hosts that send nobody, beyond the payment pages we know
    server_key_hash: str = ""  # SHA-256 (hex) of the key of servers that ask for their visitors; "" where none may


class PoolEntry(Struct, frozen=True, kw_only=True):
    """Numbers that take turns in place of the printed `target_e164`, for the visits that `when` names.

    Of one target's pools and static numbers the first that fits is shown, by `place`, then by id. `overflow_e164`: what
    all share when no number is free (never attributed); None leaves the page alone. A called number stays with its
    caller's visit for `called_hold_secs`.
    """

    pool_id: str
    site_id: str
    company_id: str
    target_e164: str
    numbers: tuple[str, ...]  # E.164
    hold_secs: int = 1800
    cooldown_secs: int = 300
    beat_secs: int = 60
    called_hold_secs: int = 14_400
    when: When = When()
    place: int = 100
    overflow_e164: str | None = None


class StaticEntry(Struct, frozen=True, kw_only=True):
    """One number shown to every visit that `when` names, in place of `target_e164`: the campaign level."""

    static_id: str  # the number's id
    site_id: str
    company_id: str
    target_e164: str
    e164: str
    when: When = When()
    place: int = 50


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
    statics: tuple[StaticEntry, ...] = ()
    numbers: tuple[NumberEntry, ...] = ()
    connections: tuple[ConnectionEntry, ...] = field(default=())


_decode = msgspec.msgpack.Decoder(Directory).decode


def decode_directory(body: bytes) -> Directory:
    """Raises StoreBehind for what this Ringtrace cannot read."""
    try:
        found = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise StoreBehind(
            "The newest directory cannot be read.", hint="Restart edge and web with the same Ringtrace."
        ) from error
    if found.format > FORMAT:
        raise StoreBehind(
            f"The directory has format {found.format}, this edge reads up to {FORMAT}.",
            hint="Restart the edge with the same Ringtrace as the web.",
        )
    return found
