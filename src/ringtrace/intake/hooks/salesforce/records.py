"""What a Salesforce record means: opportunities, leads and events (appointments) as outcomes.

Field names are those of the standard objects (developer.salesforce.com, Object Reference). An opportunity has no phone:
its ContactId joins it to the person, or a formula field such as `Contact_Phone__c` (any field whose name ends in phone
or email, `__c` aside) says it.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec.structs import replace

from ringtrace.core.clock import DAY_MS, HOUR_MS
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.core.phones import try_phone
from ringtrace.intake.hooks.bodies import Fields, cents_in, currency_in, id_in, ms_in, read_email, text_in, truth_in
from ringtrace.intake.hooks.port import HookSettings
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
from ringtrace.intake.port import OutcomeIn, PersonIn

_CHECK_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHORT_ID = 15


def full_id(text: str) -> str:
    """The 18 characters of an id: reports show 15, case-sensitive; the last three say which are capitals."""
    if len(text) != _SHORT_ID or not text.isalnum() or not text.isascii():
        return text
    parts = (text[start : start + 5] for start in range(0, _SHORT_ID, 5))
    return text + "".join(
        _CHECK_LETTERS[sum(1 << place for place, letter in enumerate(part) if letter.isupper())] for part in parts
    )


def read_record(of: str, fields: Fields, settings: HookSettings, sent_ms: int) -> tuple[list[OutcomeIn], list[str]]:
    """(outcomes, what was left out and why) of one record; `sent_ms` dates what does not date itself."""
    outcomes, left_out = _read_record(of, fields, settings, sent_ms)
    told_ms = ms_in(fields, "SystemModstamp", "LastModifiedDate") or sent_ms
    return [replace(one, told_ms=told_ms) for one in outcomes], left_out


def _read_record(of: str, fields: Fields, settings: HookSettings, sent_ms: int) -> tuple[list[OutcomeIn], list[str]]:
    id_ = full_id(id_in(fields, "Id"))
    if not id_:
        return [], [f"{of[:60]}: a record without its Id was left out."]
    at_ms = ms_in(fields, "LastModifiedDate", "SystemModstamp", "CreatedDate") or sent_ms
    name = f"{of} {id_}"
    if of == "Opportunity":
        return _opportunity(id_, fields, settings, at_ms, name)
    if of == "Lead":
        return _one(_lead(id_, fields, settings, at_ms), name)
    if of == "Event":
        return _one(_event(id_, fields, settings, at_ms), name)
    return [], [f"{name[:80]}: only Opportunity, Lead and Event are read."]


def _one(outcome: OutcomeIn | None, name: str) -> tuple[list[OutcomeIn], list[str]]:
    if outcome is None:
        return [], []
    return [outcome], [f"{name}: it names nobody."] if outcome.person.is_nobody and not outcome.removed else []


def _external_id(of: str, id_: str, kind: str) -> str:
    return f"salesforce:{of.lower()}:{id_}:{kind}"


def _opportunity(
    id_: str, fields: Fields, settings: HookSettings, at_ms: int, name: str
) -> tuple[list[OutcomeIn], list[str]]:
    if truth_in(fields, "IsDeleted"):
        return [
            OutcomeIn(kind=kind, at_ms=at_ms, external_id=_external_id("opportunity", id_, kind), removed=True)
            for kind in kinds_of_a_deal(settings)
        ], []
    stage = text_in(fields, "StageName")
    meaning = meaning_of(settings, _standing(fields, stage), stage)
    if meaning is None:
        return [], []
    cents = cents_in(fields, "Amount")
    outcome = OutcomeIn(
        kind=meaning.kind,
        at_ms=_closed_ms(fields, at_ms) if meaning.kind == OutcomeKind.SALE else at_ms,
        external_id=_external_id("opportunity", id_, meaning.kind),
        value_cents=cents,
        currency=None if cents is None else currency_in(fields, "CurrencyIsoCode", settings.currency),
        person=_person(fields, settings, id_in(fields, "ContactId")),
        stage=stage[:200],
        is_lost=meaning.is_lost,
        note=text_in(fields, "Name")[:200],
    )
    sale = _external_id("opportunity", id_, OutcomeKind.SALE)
    is_sold = not outcome.is_lost or outcome.external_id == sale
    gone = [] if is_sold else [OutcomeIn(kind=OutcomeKind.SALE, at_ms=at_ms, external_id=sale, removed=True)]
    nobody = f"{name}: add ContactId, or a formula field with the contact's phone, to the message."
    return [outcome, *gone], [nobody] if outcome.person.is_nobody else []


def _standing(fields: Fields, stage: str) -> Meaning:
    """IsWon and IsClosed, or where they were not sent, the two stages that Salesforce starts with."""
    won, closed = truth_in(fields, "IsWon"), truth_in(fields, "IsClosed")
    if won or (won is None and stage.lower() == "closed won"):
        return SALE
    return LOST_OPPORTUNITY if closed or (closed is None and stage.lower() == "closed lost") else OPPORTUNITY


def _closed_ms(fields: Fields, at_ms: int) -> int:
    """CloseDate is a day: noon of it (UTC), or the moment of the last change where that is within a day of it."""
    midnight_ms = ms_in(fields, "CloseDate")
    if midnight_ms is None:
        return at_ms
    noon_ms = midnight_ms + 12 * HOUR_MS
    return at_ms if noon_ms > at_ms - DAY_MS else noon_ms


def _lead(id_: str, fields: Fields, settings: HookSettings, at_ms: int) -> OutcomeIn | None:
    status = text_in(fields, "Status")
    meaning = meaning_of(settings, LEAD, f"lead/{status}", status, "lead")
    if meaning is None:
        return None
    contact_id = id_in(fields, "ConvertedContactId") if truth_in(fields, "IsConverted") is not False else ""
    return OutcomeIn(
        kind=meaning.kind,
        at_ms=ms_in(fields, "CreatedDate") or at_ms,
        external_id=_external_id("lead", id_, meaning.kind),
        person=_person(fields, settings, contact_id or id_),
        stage=status[:200],
        is_lost=meaning.is_lost,
        removed=truth_in(fields, "IsDeleted") is True,
    )


def _event(id_: str, fields: Fields, settings: HookSettings, at_ms: int) -> OutcomeIn | None:
    """An appointment counts when it was made, not when it is to be."""
    type_ = text_in(fields, "Type")
    meaning = meaning_of(settings, APPOINTMENT, f"event/{type_}", "event")
    if meaning is None:
        return None
    return OutcomeIn(
        kind=meaning.kind,
        at_ms=ms_in(fields, "CreatedDate") or at_ms,
        external_id=_external_id("event", id_, meaning.kind),
        person=_person(fields, settings, id_in(fields, "WhoId")),
        stage=type_[:200],
        is_lost=meaning.is_lost,
        note=text_in(fields, "Subject")[:200],
        removed=truth_in(fields, "IsDeleted") is True,
    )


def _person(fields: Fields, settings: HookSettings, crm_id: str) -> PersonIn:
    phones = (try_phone(text, settings.region) for text in _ending(fields, "mobilephone", "phone"))
    emails = (read_email(text) for text in _ending(fields, "email"))
    parts = (text_in(fields, "FirstName"), text_in(fields, "LastName"))
    return PersonIn(
        phone_e164=next((phone for phone in phones if phone), None),
        email=next((email for email in emails if email), None),
        crm_id=f"salesforce:{full_id(crm_id)}" if crm_id else None,
        name=" ".join(part for part in parts if part)[:200] or None,
    )


def _ending(fields: Mapping[str, object], *ends: str) -> list[str]:
    """What fields say whose names end so; the standard field before the company's own ones."""
    names = sorted(fields, key=lambda name: (name.endswith("__c"), name))
    return [text_in(fields, name) for end in ends for name in names if name.lower().removesuffix("__c").endswith(end)]
