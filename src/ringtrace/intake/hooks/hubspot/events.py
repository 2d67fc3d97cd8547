"""HubSpot's subscriptions: arrays of single changes, put together as far as one message allows.

An event has `subscriptionType`, `objectId`, `occurredAt` (ms), `portalId`, for changes `propertyName` and
`propertyValue`, for associations `associationType`, `fromObjectId`, `toObjectId`, `associationRemoved`; the newer form
`object.*` names the object by `objectTypeId`. Source: developers.hubspot.com, "Webhooks API" and "Create generic
webhook subscriptions". Events come twice and out of order, and `eventId` is not unique.
"""

from __future__ import annotations

from typing import Any

from ringtrace.core.errors import UnreadableBody
from ringtrace.intake.hooks.bodies import Fields, fields_of, id_in, ms_in, text_in
from ringtrace.intake.hooks.hubspot.deals import contact_lead, deal_outcome, external_id, person_of, taken_back
from ringtrace.intake.hooks.port import HookSettings
from ringtrace.intake.hooks.stages import kinds_of_a_deal
from ringtrace.intake.port import OutcomeIn, PersonIn, Told

_MOST_EVENTS = 1_000
_OBJECT_TYPES = {"0-1": "contact", "0-3": "deal"}
_KNOWN = frozenset({"deal", "contact"})


class _Thing:
    """One deal or contact as the events of one message tell it: each property's latest value."""

    def __init__(self, of: str, id_: str) -> None:
        self.of, self.id = of, id_
        self.properties: dict[str, Any] = {}
        self.changed_ms: dict[str, int] = {}
        self.created_ms: int | None = None
        self.deleted_ms: int | None = None
        self.contact_id = ""

    def change(self, name: str, value: Any, at_ms: int) -> None:
        if at_ms >= self.changed_ms.get(name, 0):
            self.properties[name], self.changed_ms[name] = value, at_ms

    def last_ms(self, *names: str) -> int | None:
        said = [self.changed_ms[name] for name in names if name in self.changed_ms]
        return max(said) if said else self.created_ms


def read_events(events: list[Any], settings: HookSettings) -> Told:
    """Raises UnreadableBody for events that are none."""
    if not 0 < len(events) <= _MOST_EVENTS:
        raise UnreadableBody("HubSpot's message has no events, or too many.", hint="It sends 1 to 100 at once.")
    things: dict[tuple[str, str], _Thing] = {}
    left_out: list[str] = []
    for number, event in enumerate(events):
        why = _gather(fields_of(event, f"HubSpot's event {number + 1}"), things, settings)
        if why:
            left_out.append(why)
    outcomes: list[OutcomeIn] = []
    for thing in things.values():
        made, missing = _deal(thing, things, settings) if thing.of == "deal" else _contact(thing, settings)
        outcomes += made
        left_out += missing
    return Told(outcomes=tuple(outcomes), left_out=tuple(left_out))


def _gather(event: Fields, things: dict[tuple[str, str], _Thing], settings: HookSettings) -> str:
    """Adds what an event says; why it was left out, or ""."""
    type_, at_ms = text_in(event, "subscriptionType", "eventType"), ms_in(event, "occurredAt")
    of, _, what = type_.partition(".")
    of = _OBJECT_TYPES.get(text_in(event, "objectTypeId"), of) if of == "object" else of
    if not what or at_ms is None:
        raise UnreadableBody(
            "HubSpot's event has no subscriptionType or no occurredAt.", hint="Send the events of a subscription."
        )
    if settings.org_id and id_in(event, "portalId") != settings.org_id.strip():
        return "An event of another portal was left out."
    if what == "associationChange":
        return _associate(event, things)
    id_ = id_in(event, "objectId")
    if of not in _KNOWN or not id_:
        return f"{type_[:60]}: only deals and contacts are read."
    thing = things.setdefault((of, id_), _Thing(of, id_))
    return _take(thing, what, event, at_ms)


def _take(thing: _Thing, what: str, event: Fields, at_ms: int) -> str:
    if what == "creation":
        thing.created_ms = at_ms
    elif what == "propertyChange":
        thing.change(text_in(event, "propertyName").lower(), event.get("propertyValue"), at_ms)
    elif what == "deletion":
        thing.deleted_ms = at_ms
    elif what == "privacyDeletion":
        return f"Contact {thing.id} asked HubSpot to be forgotten: erase that person here too, under Privacy."
    else:
        return f"{thing.of}.{what[:40]}: it says nothing that is kept."
    return ""


def _associate(event: Fields, things: dict[tuple[str, str], _Thing]) -> str:
    ends = {"DEAL_TO_CONTACT": ("fromObjectId", "toObjectId"), "CONTACT_TO_DEAL": ("toObjectId", "fromObjectId")}
    names = ends.get(text_in(event, "associationType"))
    if names is None or event.get("associationRemoved") is True:
        return "An association other than a deal with its contact says nothing that is kept."
    deal_id, contact_id = id_in(event, names[0]), id_in(event, names[1])
    if not deal_id or not contact_id:
        return "An association without ids was left out."
    things.setdefault(("deal", deal_id), _Thing("deal", deal_id)).contact_id = contact_id
    return ""


def _deal(
    deal: _Thing, things: dict[tuple[str, str], _Thing], settings: HookSettings
) -> tuple[list[OutcomeIn], list[str]]:
    if deal.deleted_ms is not None:
        return [
            OutcomeIn(
                kind=kind,
                at_ms=deal.deleted_ms,
                external_id=external_id("deal", deal.id, kind),
                removed=True,
                told_ms=deal.deleted_ms,
            )
            for kind in kinds_of_a_deal(settings)
        ], []
    at_ms = deal.last_ms("dealstage")
    if at_ms is None:
        return [], [f"Deal {deal.id}: its stage is not in the message and would have to be fetched."]
    contact = things.get(("contact", deal.contact_id))
    person = person_of(deal.contact_id, {} if contact is None else contact.properties, settings)
    outcome = deal_outcome(deal.id, deal.properties, person, at_ms, settings, at_ms)
    if outcome is None:
        return [], []
    return [outcome, *taken_back(deal.id, outcome)], _missing(outcome, person)


def _missing(outcome: OutcomeIn, person: PersonIn) -> list[str]:
    deal = outcome.external_id.rpartition(":")[0].removeprefix("hubspot:").replace(":", " ").capitalize()
    missing = []
    if outcome.value_cents is None and outcome.kind in ("sale", "opportunity"):
        missing.append(f"{deal}: its amount is not in the message and would have to be fetched.")
    if person.is_nobody:
        missing.append(f"{deal}: its contact is not in the message and would have to be fetched.")
    return missing


def _contact(contact: _Thing, settings: HookSettings) -> tuple[list[OutcomeIn], list[str]]:
    if contact.deleted_ms is not None:
        return [], [f"Contact {contact.id} was deleted in HubSpot; what came of it stays."]
    at_ms = contact.created_ms if contact.created_ms is not None else contact.last_ms("lifecyclestage")
    if at_ms is None:
        return [], [f"Contact {contact.id}: a change of a property alone is no outcome."]
    lead = contact_lead(contact.id, contact.properties, at_ms, settings, max(at_ms, *contact.changed_ms.values(), 0))
    return ([] if lead is None else [lead]), []
