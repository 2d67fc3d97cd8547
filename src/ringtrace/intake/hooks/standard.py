"""Standard Webhooks: any program that can sign sends outcomes and contacts of its own.

Headers `webhook-id`, `webhook-timestamp` (seconds) and `webhook-signature` (`v1,` and base64 of HMAC-SHA256 over
`id.timestamp.body`; several, separated by spaces, while a secret is changed). The secret is `whsec_` and base64.
Source: standardwebhooks.com, specification; its reference vector is one of our tests.

The body is ours, and strict: `{"type": "outcome.created", "data": {...} or [{...}, ...]}`. Types: `outcome.created`,
`outcome.updated` (the same thing: it replaces what has its external_id), `outcome.removed`, `contact.created`,
`contact.updated`. Fields: docs/intake.md.
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from decimal import Decimal
from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Raw, Struct

from ringtrace.core.clock import ms_from_at
from ringtrace.core.errors import BadInput, UnreadableBody
from ringtrace.core.money import MOST_CENTS
from ringtrace.core.outcomes import check_kind
from ringtrace.core.phones import read_phone
from ringtrace.core.refusals import Refusal
from ringtrace.core.sources import Source
from ringtrace.intake.hooks.bodies import read_email
from ringtrace.intake.hooks.port import LONGEST_BODY, HookMessage, HookReply, HookSettings, HookSource, Verdict
from ringtrace.intake.hooks.proof import check_random, first_look, hmac_sha256, in_window, is_same, raw, said_digits
from ringtrace.intake.port import ContactIn, ContactKind, OutcomeIn, PersonIn, Told
from ringtrace.sources import channel_of

PREFIX = "whsec_"
_MOST_SIGNATURES = 20
_HINT = "The fields are described in the documentation, under What comes in."

Moment = Annotated[datetime, Meta(tz=True)]
Name = Annotated[str, Meta(max_length=200)]
Text = Annotated[str, Meta(max_length=2_000)]
ExternalId = Annotated[str, Meta(min_length=1, max_length=200)]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]


class _Person(Struct, forbid_unknown_fields=True):
    phone: Name | None = None
    email: Name | None = None
    crm_id: Name | None = None
    name: Name | None = None


class _Outcome(Struct, forbid_unknown_fields=True, kw_only=True):
    kind: Name
    at: Moment
    external_id: ExternalId | None = None
    value: Decimal | None = None
    currency: Currency | None = None
    call_id: Name | None = None
    contact_external_id: Name | None = None
    called_at: Moment | None = None
    person: _Person = msgspec.field(default_factory=_Person)
    stage: Name = ""
    is_lost: bool = False
    note: Text = ""


class _Removed(Struct, forbid_unknown_fields=True, kw_only=True):
    kind: Name
    at: Moment
    external_id: ExternalId


class _Source(Struct, forbid_unknown_fields=True):
    source: Name | None = None
    medium: Name | None = None
    campaign: Name | None = None
    ad_group: Name | None = None
    keyword: Name | None = None
    content: Name | None = None


class _Contact(Struct, forbid_unknown_fields=True, kw_only=True):
    kind: ContactKind
    at: Moment
    external_id: ExternalId
    name: Name = ""
    url: Text = ""
    person: _Person = msgspec.field(default_factory=_Person)
    visit_id: Name | None = None
    source: _Source | None = None


class _Envelope(Struct, forbid_unknown_fields=True):
    type: str
    data: Raw


_Row = TypeVar("_Row", _Outcome, _Removed, _Contact)


class StandardHook:
    name = "standard"
    title = "Any program (Standard Webhooks)"
    is_secret_ours = True
    needs_org_id = False

    def verify(self, message: HookMessage, settings: HookSettings, now_ms: int) -> Verdict:
        refused = first_look(message, settings.secret)
        if refused is not None:
            return refused
        get = message.headers.get
        id_, timestamp, given = get("webhook-id", ""), get("webhook-timestamp", ""), get("webhook-signature", "")
        if not id_ or not timestamp or not given:
            return Verdict(Refusal.UNSIGNED, "webhook-id, webhook-timestamp and webhook-signature are needed.")
        key, said = _key(settings.secret), said_digits(timestamp)
        if key is None:
            return Verdict(Refusal.FORGED, "This hook's secret is not whsec_ and base64.")
        if said is None or not _is_signed(key, raw(f"{id_}.{timestamp}.") + message.body, given):
            return Verdict(Refusal.FORGED, "No signature fits the secret, the headers and the body.")
        return in_window(said * 1000, now_ms)

    def read(self, message: HookMessage, settings: HookSettings) -> Told:
        envelope, said = _envelope(message.body), said_digits(message.headers.get("webhook-timestamp", ""))
        told_ms = None if said is None else said * 1000
        if envelope.type in ("outcome.created", "outcome.updated"):
            rows = _rows(envelope.data, _Outcome)
            return Told(outcomes=tuple(_outcome(row, f"data[{n}]", settings, told_ms) for n, row in enumerate(rows)))
        if envelope.type == "outcome.removed":
            return Told(
                outcomes=tuple(_removed(row, n, told_ms) for n, row in enumerate(_rows(envelope.data, _Removed)))
            )
        if envelope.type in ("contact.created", "contact.updated"):
            rows_ = _rows(envelope.data, _Contact)
            return Told(contacts=tuple(_contact(row, f"data[{n}]", settings) for n, row in enumerate(rows_)))
        raise UnreadableBody(
            f"type: {envelope.type[:60]!r} is no type of message.",
            hint="Use outcome.created, outcome.updated, outcome.removed, contact.created or contact.updated.",
        )

    def reply(self, message: HookMessage, taken: bool) -> HookReply:  # noqa: ARG002
        return HookReply("application/json", b'{"taken":true}' if taken else b'{"taken":false}')

    def new_secret(self, random: bytes) -> str:
        return PREFIX + base64.b64encode(check_random(random)).decode()


def sign(secret: str, id_: str, timestamp_secs: int, body: bytes) -> str:
    """The `webhook-signature` of a message: what a sender does. Raises BadInput for a secret that is none."""
    key = _key(secret)
    if key is None:
        raise BadInput("The secret is not whsec_ and base64.", hint="Copy it again from the hook's page.")
    digest = hmac_sha256(key, raw(f"{id_}.{timestamp_secs}.") + body)
    return "v1," + base64.b64encode(digest).decode()


def _key(secret: str) -> bytes | None:
    try:
        return base64.b64decode(secret.strip().removeprefix(PREFIX), validate=True) or None
    except (binascii.Error, ValueError):
        return None


def _is_signed(key: bytes, text: bytes, given: str) -> bool:
    expected = base64.b64encode(hmac_sha256(key, text)).decode()
    tried = given.split(" ")[:_MOST_SIGNATURES]
    found = [is_same(one.partition(",")[2], expected) for one in tried if one.startswith("v1,")]
    return any(found)


def _envelope(body: bytes) -> _Envelope:
    if len(body) > LONGEST_BODY:
        raise UnreadableBody(f"The message is over {LONGEST_BODY:,} bytes.", hint="Send fewer rows at once.")
    try:
        return msgspec.json.decode(body, type=_Envelope)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise UnreadableBody(f"The message is not read: {_said(error, '')}", hint=_HINT) from error


def _rows(data: Raw, kind: type[_Row]) -> list[_Row]:
    is_list = bytes(data).lstrip().startswith(b"[")
    try:
        return msgspec.json.decode(data, type=list[kind]) if is_list else [msgspec.json.decode(data, type=kind)]  # type: ignore[valid-type]
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise UnreadableBody(f"The message is not read: {_said(error, 'data')}", hint=_HINT) from error


def _said(error: Exception, root: str) -> str:
    """msgspec names the field as `$.person.phone`: we say where in the message it is."""
    text = str(error) if isinstance(error, msgspec.DecodeError) else "it is nested too deeply, or not UTF-8"
    return text.replace("`$.", f"`{root}." if root else "`").replace("`$", f"`{root}")[:300]


def _outcome(row: _Outcome, where: str, settings: HookSettings, told_ms: int | None) -> OutcomeIn:
    return OutcomeIn(
        kind=_kind(row.kind, where),
        at_ms=_ms(row.at, f"{where}.at"),
        external_id=row.external_id or "",
        value_cents=_cents(row.value, where),
        currency=None if row.value is None else row.currency or settings.currency,
        call_id=row.call_id,
        contact_external_id=row.contact_external_id,
        called_ms=None if row.called_at is None else _ms(row.called_at, f"{where}.called_at"),
        person=_person(row.person, where, settings),
        stage=row.stage,
        is_lost=row.is_lost,
        note=row.note,
        told_ms=told_ms,
    )


def _removed(row: _Removed, number: int, told_ms: int | None) -> OutcomeIn:
    where = f"data[{number}]"
    return OutcomeIn(
        kind=_kind(row.kind, where),
        at_ms=_ms(row.at, f"{where}.at"),
        external_id=row.external_id,
        removed=True,
        told_ms=told_ms,
    )


def _contact(row: _Contact, where: str, settings: HookSettings) -> ContactIn:
    return ContactIn(
        kind=row.kind,
        at_ms=_ms(row.at, f"{where}.at"),
        external_id=row.external_id,
        name=row.name,
        url=row.url,
        person=_person(row.person, where, settings),
        visit_id=row.visit_id,
        source=None if row.source is None else _source(row.source),
    )


def _source(said: _Source) -> Source:
    source, medium = (said.source or "").lower() or None, (said.medium or "").lower() or None
    return Source(
        channel=channel_of(source, medium, said.campaign),
        source=source,
        medium=medium,
        campaign=said.campaign or None,
        ad_group=said.ad_group or None,
        keyword=said.keyword or None,
        content=said.content or None,
    )


def _person(said: _Person, where: str, settings: HookSettings) -> PersonIn:
    email = read_email(said.email) if said.email else None
    if said.email and email is None:
        raise UnreadableBody(f"{where}.person.email: it is no address.", hint=_HINT)
    if said.crm_id and ":" not in said.crm_id:
        raise UnreadableBody(f"{where}.person.crm_id: it names no system.", hint="Write it like mycrm:51.")
    return PersonIn(
        phone_e164=_phone(said.phone, where, settings.region) if said.phone else None,
        email=email,
        crm_id=said.crm_id or None,
        name=said.name or None,
    )


def _phone(text: str, where: str, region: str | None) -> str:
    try:
        return read_phone(text, region)
    except BadInput as error:
        raise UnreadableBody(f"{where}.person.phone: {error.args[0]}", hint=error.hint) from error


def _kind(text: str, where: str) -> str:
    try:
        return check_kind(text)
    except BadInput as error:
        raise UnreadableBody(f"{where}.kind: {error.args[0]}", hint=error.hint) from error


def _ms(at: datetime, where: str) -> int:
    try:
        return ms_from_at(at)
    except (ValueError, OverflowError) as error:
        raise UnreadableBody(f"{where}: it is no moment.", hint="Write it like 2026-03-08T12:30:00Z.") from error


def _cents(value: Decimal | None, where: str) -> int | None:
    if value is None:
        return None
    cents = value * 100 if value.is_finite() else Decimal(-1)
    if not 0 <= cents <= MOST_CENTS or cents != int(cents):
        raise UnreadableBody(f"{where}.value: it is no amount.", hint="Write it like 4200 or 4200.50.")
    return int(cents)


HOOK: HookSource = StandardHook()
