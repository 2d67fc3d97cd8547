"""HubSpot's workflow action "Send a webhook": one object's properties, chosen by the person or all of them.

With chosen properties the body is flat and its keys are the person's: we read HubSpot's internal names (`hs_object_id`,
`dealstage`, `pipeline`, `amount`, `closedate`, `deal_currency_code`, and the contact's `contact_id`, `phone`, `email`,
`firstname`, `lastname`). With all properties they stand under `properties`, as values or as `{"value": ...}` (from
memory).
"""

from __future__ import annotations

from typing import Any

from ringtrace.core.errors import UnreadableBody
from ringtrace.intake.hooks.bodies import Fields, id_in, ms_in
from ringtrace.intake.hooks.hubspot.deals import contact_lead, deal_outcome, person_of, taken_back
from ringtrace.intake.hooks.port import HookSettings
from ringtrace.intake.port import Told

_OF_DEALS = frozenset({"dealstage", "dealname", "deal_id", "dealid"})
_OF_CONTACTS = frozenset({"vid", "lifecyclestage", "phone", "email", "contact_id"})
_DEAL_ID = ("deal_id", "dealid", "hs_object_id", "objectid", "object_id")
_CONTACT_ID = ("contact_id", "vid", "associated_contact_id")
_ITSELF = ("hs_object_id", "objectid", "object_id")


def read_workflow(body: Fields, settings: HookSettings, sent_ms: int) -> Told:
    """`sent_ms` dates what the object does not date itself. Raises UnreadableBody."""
    properties = _flat(body)
    portal = id_in(properties, "portalid", "portal-id", "portal_id")
    if settings.org_id and portal and portal != settings.org_id.strip():
        return Told(left_out=("A message of another portal was left out.",))
    if not _OF_DEALS.isdisjoint(properties):
        return _deal(properties, settings, sent_ms)
    if not _OF_CONTACTS.isdisjoint(properties):
        return _contact(properties, settings, sent_ms)
    raise UnreadableBody(
        "HubSpot's message is neither a deal nor a contact.",
        hint="In the workflow's webhook, include hs_object_id with dealstage, or with the contact's phone or email.",
    )


def _flat(body: Fields) -> dict[str, Any]:
    inner = body.get("properties")
    said = {**body, **inner} if isinstance(inner, dict) else dict(body)
    return {
        name.lower(): value.get("value") if isinstance(value, dict) else value
        for name, value in said.items()
        if name != "properties"
    }


def _deal(properties: Fields, settings: HookSettings, sent_ms: int) -> Told:
    id_ = id_in(properties, *_DEAL_ID)
    if not id_:
        raise UnreadableBody("HubSpot's deal has no id.", hint="Include the property hs_object_id in the webhook.")
    if not properties.get("dealstage"):
        return Told(left_out=(f"Deal {id_}: include dealstage in the webhook; without it nothing is known.",))
    at_ms = ms_in(properties, "hs_lastmodifieddate", "hs_v2_date_entered_current_stage") or sent_ms
    person = person_of(id_in(properties, *_CONTACT_ID), properties, settings)
    outcome = deal_outcome(id_, properties, person, at_ms, settings, _told_ms(properties, sent_ms))
    if outcome is None:
        return Told()
    nobody = (f"Deal {id_}: include the contact's phone, email or contact_id, so that its call is found.",)
    return Told(outcomes=(outcome, *taken_back(id_, outcome)), left_out=nobody if person.is_nobody else ())


def _told_ms(properties: Fields, sent_ms: int) -> int:
    return ms_in(properties, "hs_lastmodifieddate", "lastmodifieddate") or sent_ms


def _contact(properties: Fields, settings: HookSettings, sent_ms: int) -> Told:
    id_ = id_in(properties, *_CONTACT_ID, *_ITSELF)
    if not id_:
        raise UnreadableBody("HubSpot's contact has no id.", hint="Include the property hs_object_id in the webhook.")
    lead = contact_lead(id_, properties, sent_ms, settings, _told_ms(properties, sent_ms))
    return Told(outcomes=() if lead is None else (lead,))
