"""The journal: what happened at the edge, in order, append-only. The edge writes it, the worker reads it.

Every event has an id: reading one twice has the effect of reading it once. Format 1: a field may be added with a
default; anything else is a new format, read beside the old one.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from ringtrace.core.calls import EndCause, ReportKind
from ringtrace.core.consent import Consent
from ringtrace.core.numbers import Lease
from ringtrace.core.sources import Source

FORMAT = 1


class Event(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="event"):
    """What every event has. `at_ms`: when it happened, by the edge's clock."""

    event_id: str
    at_ms: int
    company_id: str


class VisitSeen(Event, frozen=True, kw_only=True, tag="visit"):
    """The first page view of a visit, with the numbers it was given.

    `ids` are what other systems call this visitor: `ga_client`, `ga_session`, `fbp`, `fbc`. `region` is ISO 3166, as a
    trusted proxy or the browser's time zone says. `shown` are its static numbers.
    """

    visit_id: str
    visitor_id: str
    site_id: str
    url: str
    referrer: str
    source: Source
    device: str = "desktop"
    gpc: bool = False
    leases: tuple[Lease, ...] = ()  # none: there was no free number to show
    shown: tuple[str, ...] = ()
    region: str | None = None
    consent: Consent = Consent()
    ids: dict[str, str] = msgspec.field(default_factory=dict)


class VisitAlive(Event, frozen=True, kw_only=True, tag="alive"):
    """A later sign of life: a page view (`url` set) or a heartbeat. Leases are whole, with their new end."""

    visit_id: str
    visitor_id: str
    site_id: str
    leases: tuple[Lease, ...] = ()
    url: str | None = None


class NumberClicked(Event, frozen=True, kw_only=True, tag="click"):
    """The visitor tapped a swapped number."""

    visit_id: str
    visitor_id: str
    site_id: str
    e164: str


class FormSent(Event, frozen=True, kw_only=True, tag="form"):
    """The visitor submitted a form; its name or id, never what was typed."""

    visit_id: str
    visitor_id: str
    site_id: str
    form: str
    url: str


class PersonNamed(Event, frozen=True, kw_only=True, tag="person"):
    """The page said who its visitor is. Each is a keyed hash of the SHA-256 that the browser made; a phone's is the
    same as a caller's (`CallReported.caller_hash`), so that the two can be joined."""

    visit_id: str
    visitor_id: str
    site_id: str
    phone_hash: str | None = None
    email_hash: str | None = None


class CallReported(Event, frozen=True, kw_only=True, tag="call"):
    """One thing a carrier said of one call. The caller is sealed and hashed before it is written.

    `holder`: the lease on the number when the report was taken (with `kind` ARRIVED), its end moved on because it was
    called. `at_ms` is the edge's clock;
    `said_ms` the carrier's own, where it says.
    """

    call_id: str
    connection_id: str
    carrier: str
    carrier_call_id: str
    kind: ReportKind
    number_id: str
    called_e164: str
    caller_sealed: str | None = None  # None: withheld or not a number
    caller_hash: str | None = None
    caller_region: str | None = None
    caller_name_sealed: str | None = None
    said_ms: int | None = None
    holder: Lease | None = None
    destination: str | None = None
    ring_timeout_secs: int | None = None
    cause: EndCause | None = None
    ring_secs: float | None = None
    talk_secs: float | None = None


class RefusalsCounted(Event, frozen=True, kw_only=True, tag="refusals"):
    """How often a door did less than asked since the last such event: `counts[reason]`. `site_id` is "" where none."""

    site_id: str
    counts: dict[str, int]


AnyEvent = VisitSeen | VisitAlive | NumberClicked | FormSent | PersonNamed | CallReported | RefusalsCounted

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[AnyEvent] = msgspec.msgpack.Decoder(AnyEvent)


def encode_event(event: AnyEvent) -> bytes:
    return _encoder.encode(event)


def decode_event(raw: bytes) -> AnyEvent:
    """Raises msgspec.DecodeError for what no edge of this format wrote."""
    return _decoder.decode(raw)
