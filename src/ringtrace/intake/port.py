"""What every source of outcomes, spend, contacts and calls hands over: frozen values, and problems that say what to do.

Times are ms since 1970 (UTC), money is in cents of `currency`, numbers are E.164. None: the source does not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct

from ringtrace.core.calls import CallStatus
from ringtrace.core.sources import Source


class What(StrEnum):
    """The kinds of things that are taken in."""

    OUTCOMES = "outcomes"
    CONTACTS = "contacts"
    SPEND = "spend"
    CALLS = "calls"


class PersonIn(Struct, frozen=True, kw_only=True):
    """Who somebody is, as far as a source says: any of these joins them. `crm_id` carries its system: `hubspot:51`.

    In clear here; the ledger seals the name and keeps keyed hashes of the rest.
    """

    phone_e164: str | None = None
    email: str | None = None
    crm_id: str | None = None
    name: str | None = None

    @property
    def is_nobody(self) -> bool:
        return not (self.phone_e164 or self.email or self.crm_id)


class OutcomeIn(Struct, frozen=True, kw_only=True):
    """What came of a call or a contact. `kind`: an OutcomeKind or the company's own slug.

    `external_id` is the same each time this outcome is told, "" where the source has none: then it cannot be told
    twice. `called_ms`: when the call was, where the source says so; else the outcome's own time bounds it.
    `contact_external_id` names a contact by its own external id. `removed`: the source took it back. `stage`: the
    source's own name of where it stands; `is_lost`: that stage is a lost one. `told_ms`: when the source said this, by
    which of two messages is the later.
    """

    kind: str
    at_ms: int
    external_id: str = ""
    value_cents: int | None = None
    currency: str | None = None
    call_id: str | None = None
    contact_external_id: str | None = None
    called_ms: int | None = None
    person: PersonIn = PersonIn()
    stage: str = ""
    is_lost: bool = False
    note: str = ""
    removed: bool = False
    told_ms: int | None = None


class ContactKind(StrEnum):
    FORM = "form"
    CHAT = "chat"
    STORE_VISIT = "store_visit"
    OTHER = "other"


class ContactIn(Struct, frozen=True, kw_only=True):
    """A response that is no call: a form, a chat, a visit to the store. `source`: what the sender says brought it."""

    kind: ContactKind
    at_ms: int
    external_id: str
    name: str = ""
    url: str = ""
    person: PersonIn = PersonIn()
    visit_id: str | None = None
    source: Source | None = None


class SpendIn(Struct, frozen=True, kw_only=True):
    """What was spent from `since_on` to `until_on` (both included; usually one day) on a keyword, ad group or campaign.

    `cost_micros`: millionths of the currency's unit. `source`/`medium` None: as the import was told.
    """

    since_on: date
    until_on: date
    cost_micros: int
    currency: str | None = None
    source: str | None = None
    medium: str | None = None
    campaign: str = ""
    ad_group: str = ""
    keyword: str = ""
    clicks: int | None = None
    impressions: int | None = None


class CallIn(Struct, frozen=True, kw_only=True):
    """A call that another system took. `system` and `external_id` name it for good; `source`: what that system says."""

    system: str
    external_id: str
    started_ms: int
    status: CallStatus
    called_e164: str
    caller_e164: str | None = None
    caller_name: str | None = None
    caller_region: str = ""
    line_type: str = ""
    ring_secs: float | None = None
    talk_secs: float | None = None
    is_first_call: bool | None = None
    source: Source | None = None
    number_name: str = ""
    device: str = ""
    agent: str = ""
    disposition: str = ""
    flow_branch: str = ""
    menu_keys: str = ""
    tags: tuple[str, ...] = ()
    is_spam: bool = False
    transferred: bool | None = None
    note: str = ""
    outcome: OutcomeIn | None = None


ValueIn: TypeAlias = OutcomeIn | ContactIn | SpendIn | CallIn


class Problem(Struct, frozen=True, kw_only=True):
    """A row that could not be taken. `line`: its first line in the file, from 1; `column`: as the file calls it, ""
    where it is the whole row; `raw`: the row as it was read."""

    line: int
    message: str
    hint: str = ""
    column: str = ""
    raw: Mapping[str, str] = {}


class Told(Struct, frozen=True, kw_only=True):
    """What one message of another system says: some outcomes and contacts, and what was left out with why."""

    outcomes: tuple[OutcomeIn, ...] = ()
    contacts: tuple[ContactIn, ...] = ()
    left_out: tuple[str, ...] = ()
