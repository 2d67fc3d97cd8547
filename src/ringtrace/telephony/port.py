"""The port every carrier stands behind: verify, parse, render. Pure: bytes in, values out, no clock, no network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlencode

from msgspec import Struct

from ringtrace.core.calls import EndCause, ReportKind
from ringtrace.core.refusals import Refusal
from ringtrace.flows.plan import Plan


class Webhook(Struct, frozen=True, kw_only=True):
    """A carrier's request as it came.

    `url` is the connection's configured public URL plus path and query, never what a Host header said. `headers` have
    lower-case names. `body` is raw. `door` is the last part of the path.
    """

    door: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class Doors(Struct, frozen=True, kw_only=True):
    """The addresses a reply may send the carrier to: `door(name)` is `{base}/{name}?call={call_id}`.

    `called`, the tracking number, goes along where it is given: a carrier's later reports may name the dialled phone
    alone.
    """

    base: str
    call_id: str
    called: str | None = None

    def door(self, name: str) -> str:
        query = {"call": self.call_id} if self.called is None else {"call": self.call_id, "called": self.called}
        return f"{self.base}/{name}?{urlencode(query)}"


class Inbound(Struct, frozen=True, kw_only=True):
    """A call that arrived. `carrier_call_id` is unique within the connection (for SIP it is more than the Call-ID).

    `caller_name`: whom the carrier's own look-up says the number belongs to, where it was paid for; `caller_region`:
    where it says the caller is, such as `US-CA`.
    """

    carrier_call_id: str
    called: str
    caller: str | None
    caller_name: str | None = None
    caller_region: str | None = None
    said_ms: int | None = None


class Report(Struct, frozen=True, kw_only=True):
    """What a later webhook said of a call. `call_id` is ours, where the carrier was given it to send back.

    `sequence` tells apart two reports of one kind; with call and kind it is what makes a repeat a repeat.
    """

    kind: ReportKind
    carrier_call_id: str
    called: str | None
    caller: str | None
    call_id: str | None = None
    said_ms: int | None = None
    cause: EndCause | None = None
    ring_secs: float | None = None
    talk_secs: float | None = None
    sequence: str = ""


class Reply(Struct, frozen=True, kw_only=True):
    status: int
    content_type: str
    body: bytes


class Carrier(Protocol):
    """One file a carrier, `telephony/<carrier>/inbound.py`, has a `CARRIER` of this shape."""

    name: str
    inbound_doors: frozenset[str]  # the doors a new call comes in by; every other door brings reports

    def verify(self, webhook: Webhook, secret: str, now_ms: int) -> Refusal | None:
        """None only where the signature proves the request; compared in constant time."""

    def parse_inbound(self, webhook: Webhook) -> Inbound:
        """Raises UnreadableBody."""

    def parse_report(self, webhook: Webhook) -> Report | None:
        """None for a report that says nothing we keep. Raises UnreadableBody."""

    def render(self, plan: Plan, doors: Doors) -> Reply:
        """The plan in the carrier's own language."""

    def acknowledge(self, webhook: Webhook) -> Reply:
        """The answer to a report."""

    def error_document(self) -> Reply:
        """What to answer when we cannot say where the call goes: never silence."""
