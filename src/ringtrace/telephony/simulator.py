"""Calls that no carrier carried: each carrier's own signed requests, for tests, the demo and whoever tries a setup out.

A `CallScript` says what happens; a carrier's `Simulator` says it in that carrier's format. To play one: send
`inbound(script)`, then each of `reports(script, reply_body)` at its time, to the addresses the reply gave.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol
from urllib.parse import urlsplit

from msgspec import Struct

from ringtrace.telephony.port import Webhook


class Answered(Struct, frozen=True, kw_only=True):
    ring_secs: float
    talk_secs: float


class NoAnswer(Struct, frozen=True, kw_only=True):
    """It rings until the flow gives up, after `ring_secs`."""

    ring_secs: float


class CallerHangsUp(Struct, frozen=True, kw_only=True):
    after_secs: float


class Busy(Struct, frozen=True, kw_only=True):
    after_secs: float = 1.0


Scenario = Answered | NoAnswer | CallerHangsUp | Busy


class CallScript(Struct, frozen=True, kw_only=True):
    """One call. `key` tells it from every other call; `caller` is None where it is withheld."""

    key: str
    started_ms: int
    public_url: str  # the edge as the connection has it configured
    connection_id: str
    secret: str
    called: str
    caller: str | None
    scenario: Scenario

    @property
    def base(self) -> str:
        return f"{self.public_url.rstrip('/')}/carriers/{self.connection_id}"


class TimedRequest(Struct, frozen=True, kw_only=True):
    """A POST to send `offset_ms` after the script's start. `url` is whole, query and all."""

    offset_ms: int
    door: str
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def target(self) -> str:
        """Path and query: what to ask of an edge that is reached by another address than the public one."""
        parts = urlsplit(self.url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @property
    def webhook(self) -> Webhook:
        """The same request as the edge hands it to a carrier."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Webhook(door=self.door, url=self.url, headers=headers, body=self.body)


class Simulator(Protocol):
    """One file a carrier, `telephony/<carrier>/simulator.py`, has a `SIMULATOR` of this shape. Pure."""

    def inbound(self, script: CallScript) -> TimedRequest:
        """The call arrives."""

    def read_call_id(self, reply_body: bytes) -> str | None:
        """Our call id from the answer to `inbound`; None where the answer was not to ring anybody."""

    def reports(self, script: CallScript, reply_body: bytes) -> tuple[TimedRequest, ...]:
        """What the carrier says afterwards, in order of time; none where the answer was not to ring anybody."""


def call_end_secs(scenario: Scenario) -> float:
    """From the call's start to its end."""
    if isinstance(scenario, Answered):
        return scenario.ring_secs + scenario.talk_secs
    return scenario.ring_secs if isinstance(scenario, NoAnswer) else scenario.after_secs
