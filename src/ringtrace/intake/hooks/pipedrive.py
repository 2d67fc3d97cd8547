"""Pipedrive: webhooks v2 (`meta`, `data`, `previous`) and v1 (`meta`, `current`, `previous`) as outcomes.

Pipedrive signs nothing: it offers HTTP basic authentication, so our user and password prove the sender, over HTTPS, and
the body itself is not proven. The secret is `user:password`. Sources: pipedrive.readme.io, "Guide for Webhooks v2" and
"Webhooks v2 migration guide" for the frame; public examples of v1 and v2 deliveries for deals and persons. v2's deal
names its person by id alone: subscribe to persons too, whose phones then join it. Activities and v2's leads: the shape
of the API, from memory.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from ringtrace.core.errors import UnreadableBody
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.core.phones import try_phone
from ringtrace.core.refusals import Refusal
from ringtrace.intake.hooks.bodies import (
    Fields,
    cents_in,
    currency_in,
    fields_of,
    id_in,
    ms_in,
    read_email,
    read_json,
    text_in,
)
from ringtrace.intake.hooks.port import GENUINE, HookMessage, HookReply, HookSettings, HookSource, Verdict
from ringtrace.intake.hooks.proof import check_random, first_look, is_same
from ringtrace.intake.hooks.stages import (
    APPOINTMENT,
    LEAD,
    LOST_OPPORTUNITY,
    OPPORTUNITY,
    SALE,
    Meaning,
    kinds_of_a_deal,
    meaning_of,
)
from ringtrace.intake.port import OutcomeIn, PersonIn, Told

_USER = "ringtrace"
_STATUSES = {"won": SALE, "lost": LOST_OPPORTUNITY, "open": OPPORTUNITY}
_MOST_VALUES = 20


class _Change(Struct, frozen=True):
    """One message: what it is about, what it says now and what it said before."""

    entity: str
    is_deleted: bool
    now: Fields
    before: Fields
    at_ms: int

    @property
    def whole(self) -> Fields:
        """What is known of the thing: a deleted one is told by what it was."""
        return self.now or self.before


class PipedriveHook:
    name = "pipedrive"
    title = "Pipedrive"
    is_secret_ours = True
    needs_org_id = False

    def verify(self, message: HookMessage, settings: HookSettings, now_ms: int) -> Verdict:  # noqa: ARG002
        refused = first_look(message, settings.secret)
        if refused is not None:
            return refused
        if ":" not in settings.secret.strip(":"):
            return Verdict(Refusal.FORGED, "This hook's secret is not user:password.")
        scheme, _, given = message.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic" or not given:
            return Verdict(Refusal.UNSIGNED, "Enter the user name and password of this hook in Pipedrive's webhook.")
        if not is_same(_decoded(given), settings.secret.strip()):
            return Verdict(Refusal.FORGED, "The user name or the password is not this hook's.")
        return GENUINE

    def read(self, message: HookMessage, settings: HookSettings) -> Told:
        body = fields_of(read_json(message.body, "Pipedrive"), "Pipedrive's message")
        meta = fields_of(body.get("meta"), "Pipedrive's meta")
        if settings.org_id and id_in(meta, "company_id") != settings.org_id.strip():
            return Told(left_out=("A message of another Pipedrive company was left out.",))
        change = _change(body, meta, message.received_ms)
        read = _READERS.get(change.entity)
        if read is None:
            return Told(left_out=(f"{change.entity[:60]}: only deals, persons, leads and activities are read.",))
        return read(change, settings)

    def reply(self, message: HookMessage, taken: bool) -> HookReply:  # noqa: ARG002
        """Pipedrive looks at the status alone."""
        return HookReply("application/json", b"{}")

    def new_secret(self, random: bytes) -> str:
        return f"{_USER}:{check_random(random).hex()}"


def authorization(secret: str) -> str:
    """The header that Pipedrive sends for `user:password`."""
    return "Basic " + base64.b64encode(secret.encode()).decode()


def _decoded(given: str) -> bytes:
    try:
        return base64.b64decode(given.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _change(body: Fields, meta: Fields, received_ms: int) -> _Change:
    now, before = body.get("data", body.get("current")), body.get("previous")
    change = _Change(
        entity=text_in(meta, "entity", "object").lower(),
        is_deleted=text_in(meta, "action").lower() in ("delete", "deleted"),
        now=now if isinstance(now, dict) else {},
        before=before if isinstance(before, dict) else {},
        at_ms=ms_in(meta, "timestamp") or received_ms,
    )
    if not change.entity or not change.whole:
        raise UnreadableBody(
            "Pipedrive's message names no entity, or says nothing of it.", hint="Make the webhook with version 2.0."
        )
    return change


def _id(change: _Change) -> str:
    id_ = id_in(change.whole, "id")
    if not id_:
        raise UnreadableBody(f"Pipedrive's {change.entity[:60]} has no id.", hint="Make the webhook with version 2.0.")
    return id_


def _deal(change: _Change, settings: HookSettings) -> Told:
    id_, deal = _id(change), change.whole
    status = text_in(deal, "status").lower()
    if change.is_deleted or status == "deleted":
        return Told(outcomes=tuple(_gone(id_, kind, change.at_ms) for kind in kinds_of_a_deal(settings)))
    meaning = _meaning_of_deal(deal, status, settings)
    if meaning is None:
        return Told(outcomes=tuple(_taken_back(id_, "", status, change)))
    cents = cents_in(deal, "value")
    outcome = OutcomeIn(
        kind=meaning.kind,
        at_ms=_when(meaning, deal, change.at_ms),
        external_id=_external_id(id_, meaning.kind),
        value_cents=cents,
        currency=None if cents is None else currency_in(deal, "currency", settings.currency),
        person=_person_of_deal(deal, settings),
        stage=f"{text_in(deal, 'pipeline_id')}/{text_in(deal, 'stage_id')}/{status}"[:200],
        is_lost=meaning.is_lost,
        note=text_in(deal, "title")[:200],
        told_ms=change.at_ms,
    )
    nobody = (f"Deal {id_}: it has no person.",) if outcome.person.is_nobody else ()
    return Told(
        outcomes=(outcome, *_taken_back(id_, meaning.kind, status, change, is_lost=meaning.is_lost)), left_out=nobody
    )


def _meaning_of_deal(deal: Fields, status: str, settings: HookSettings) -> Meaning | None:
    """Won and lost are statuses beside the stage: an open deal means what its stage does."""
    if status in ("won", "lost"):
        return meaning_of(settings, _STATUSES[status], status)
    pipeline, stage = text_in(deal, "pipeline_id"), text_in(deal, "stage_id")
    return meaning_of(settings, _STATUSES.get(status, OPPORTUNITY), f"{pipeline}/{stage}", stage)


def _taken_back(id_: str, kind: str, status: str, change: _Change, *, is_lost: bool = False) -> list[OutcomeIn]:
    """A deal that was won and no longer is, or that is lost, is no sale."""
    was_won = text_in(change.before, "status").lower() == "won" and status != "won"
    is_gone = (was_won or status == "lost" or is_lost) and kind != OutcomeKind.SALE
    return [_gone(id_, OutcomeKind.SALE, change.at_ms)] if is_gone else []


def _gone(id_: str, kind: str, at_ms: int) -> OutcomeIn:
    return OutcomeIn(kind=kind, at_ms=at_ms, external_id=_external_id(id_, kind), removed=True, told_ms=at_ms)


def _external_id(id_: str, kind: str, of: str = "deal") -> str:
    return f"pipedrive:{of}:{id_}:{kind}"


def _when(meaning: Meaning, deal: Fields, at_ms: int) -> int:
    if meaning.kind == OutcomeKind.SALE:
        return ms_in(deal, "won_time") or at_ms
    return (ms_in(deal, "lost_time") if meaning.is_lost else None) or ms_in(deal, "update_time") or at_ms


def _person_of_deal(deal: Fields, settings: HookSettings) -> PersonIn:
    """v2 and most of v1: an id. Where the API's own shape comes instead, it has the phones with it."""
    person = deal.get("person_id")
    if isinstance(person, dict):
        return _person(person, id_in(person, "value", "id"), settings)
    id_ = id_in(deal, "person_id")
    return PersonIn(crm_id=f"pipedrive:{id_}" if id_ else None, name=text_in(deal, "person_name")[:200] or None)


def _person(person: Fields, id_: str, settings: HookSettings) -> PersonIn:
    phones = (try_phone(text, settings.region) for text in _values(person, "phones", "phone"))
    emails = (read_email(text) for text in _values(person, "emails", "email"))
    return PersonIn(
        phone_e164=next((phone for phone in phones if phone), None),
        email=next((email for email in emails if email), None),
        crm_id=f"pipedrive:{id_}" if id_ else None,
        name=text_in(person, "name")[:200] or None,
    )


def _values(person: Fields, *names: str) -> list[str]:
    """`[{"value": ..., "primary": true}]`, the primary one first, or texts."""
    said: list[tuple[bool, str]] = []
    for name in names:
        value: Any = person.get(name)
        for one in value[:_MOST_VALUES] if isinstance(value, list) else [value]:
            fields = one if isinstance(one, dict) else {"value": one}
            said.append((fields.get("primary") is not True, text_in(fields, "value")))
    return [text for _, text in sorted(said, key=lambda pair: pair[0]) if text]


def _contact(change: _Change, settings: HookSettings) -> Told:
    """A new person in Pipedrive is a lead: `person` in the company's map says otherwise, "" for nothing."""
    id_ = _id(change)
    if change.is_deleted:
        return Told(left_out=(f"Person {id_} was deleted in Pipedrive; what came of them stays.",))
    meaning = meaning_of(settings, LEAD, "person")
    if meaning is None:
        return Told()
    return Told(
        outcomes=(
            OutcomeIn(
                kind=meaning.kind,
                at_ms=ms_in(change.now, "add_time") or change.at_ms,
                external_id=_external_id(id_, meaning.kind, "person"),
                person=_person(change.now, id_, settings),
                is_lost=meaning.is_lost,
                told_ms=change.at_ms,
            ),
        )
    )


def _lead(change: _Change, settings: HookSettings) -> Told:
    return _simple(change, settings, meaning_of(settings, LEAD, "lead"))


def _activity(change: _Change, settings: HookSettings) -> Told:
    """A meeting is an appointment, made when it was entered; other types are what the company says they are."""
    type_ = text_in(change.whole, "type")
    default = APPOINTMENT if type_.lower() == "meeting" else None
    meaning = meaning_of(settings, default, f"activity/{type_}")
    if meaning is None:
        return Told(left_out=(f"An activity of type {type_[:60]!r} says nothing that is kept.",))
    return _simple(change, settings, meaning)


def _simple(change: _Change, settings: HookSettings, meaning: Meaning | None) -> Told:
    """A lead or an activity: who, when it was added, and whether it still is."""
    if meaning is None:
        return Told()
    id_, fields = _id(change), change.whole
    outcome = OutcomeIn(
        kind=meaning.kind,
        at_ms=ms_in(fields, "add_time") or change.at_ms,
        external_id=_external_id(id_, meaning.kind, change.entity),
        person=PersonIn() if change.is_deleted else _person_of_deal(fields, settings),
        is_lost=meaning.is_lost,
        note=text_in(fields, "title", "subject")[:200],
        removed=change.is_deleted,
        told_ms=change.at_ms,
    )
    nobody = outcome.person.is_nobody and not change.is_deleted
    return Told(
        outcomes=(outcome,), left_out=(f"{change.entity.capitalize()} {id_}: it has no person.",) if nobody else ()
    )


_READERS: dict[str, Callable[[_Change, HookSettings], Told]] = {
    "deal": _deal,
    "person": _contact,
    "lead": _lead,
    "activity": _activity,
}

HOOK: HookSource = PipedriveHook()
