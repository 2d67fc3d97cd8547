"""The port every incoming webhook stands behind: verify, read, reply. Pure: bytes in, values out, no clock, no network.

The order at the door: `verify` first, and nothing of the message is believed before it has said it is genuine; then
`read`, which raises UnreadableBody for what it cannot read; then `reply`. Messages come twice and out of order: the
same thing told again has the same `external_id`, and `told_ms` says which of two is the later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from msgspec import Struct

from ringtrace.core.clock import MINUTE_MS
from ringtrace.core.refusals import Refusal
from ringtrace.intake.port import Told

LONGEST_BODY = 1_000_000  # bytes; HubSpot sends up to 100 events in one message, Salesforce up to 100 notifications
REPLAY_WINDOW_MS = 5 * MINUTE_MS
LOST = "lost"  # of `HookSettings.kinds`: an opportunity that is lost
NOTHING = ""  # of `HookSettings.kinds`: a stage that means nothing to us


class HookMessage(Struct, frozen=True, kw_only=True):
    """A request as it came. `url`: the configured public address with path and query, never what a Host header said;
    `headers` have lower-case names; `body` is raw."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    received_ms: int


class HookSettings(Struct, frozen=True, kw_only=True):
    """What the company chose for one hook.

    `secret`: as the system's page gave it, or as we made it (`HookSource.is_secret_ours`). `kinds`: from a stage, or
    `pipeline/stage` which wins, to a kind of outcome, `lost` or "" for nothing; case does not matter; a stage that is
    not named has the system's own meaning. `region` (ISO 3166) reads national phone numbers. `currency`: of amounts
    that name none. `org_id`: the sender's own id (HubSpot's portal, Salesforce's organisation, Pipedrive's company):
    where it is given, what another sent is refused or left out.
    """

    secret: str
    kinds: Mapping[str, str] = {}
    region: str | None = None
    currency: str | None = None
    org_id: str = ""


class Verdict(Struct, frozen=True):
    """Whether a message is proven. `refusal` None: it is. `why` is for the company's own page, never for the sender."""

    refusal: Refusal | None = None
    why: str = ""

    @property
    def is_genuine(self) -> bool:
        return self.refusal is None


GENUINE = Verdict()


class HookReply(NamedTuple):
    content_type: str
    body: bytes


class HookSource(Protocol):
    """One file a system, with a `HOOK` of this shape. `title`: as people call it; `is_secret_ours`: we make the secret
    (`new_secret`) and the person enters it there; else the system's own page shows it."""

    name: str
    title: str
    is_secret_ours: bool
    needs_org_id: bool

    def verify(self, message: HookMessage, settings: HookSettings, now_ms: int) -> Verdict:
        """Genuine only where it is proven; compared in constant time. Never raises."""

    def read(self, message: HookMessage, settings: HookSettings) -> Told:
        """What the message says. Raises UnreadableBody, and BadInput for `kinds` that `stages.check_kinds` refuses."""

    def reply(self, message: HookMessage, taken: bool) -> HookReply:
        """The body of the answer the system waits for; the status is the door's: 2xx where `taken`, else 5xx."""

    def new_secret(self, random: bytes) -> str:
        """A secret made of at least 24 random bytes, spelled as this system takes it."""
