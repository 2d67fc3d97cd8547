"""What a HubSpot deal's or contact's properties mean, however they came. Property names are HubSpot's internal ones."""

from __future__ import annotations

from ringtrace.core.outcomes import OutcomeKind
from ringtrace.intake.hooks.bodies import Fields, cents_in, currency_in, email_in, ms_in, phone_in, text_in
from ringtrace.intake.hooks.port import HookSettings
from ringtrace.intake.hooks.stages import APPOINTMENT, LEAD, LOST_OPPORTUNITY, OPPORTUNITY, SALE, Meaning, meaning_of
from ringtrace.intake.port import OutcomeIn, PersonIn

# The default pipeline's own stages; every other stage is an opportunity unless the company says otherwise.
_STAGES = {
    "closedwon": SALE,
    "closedlost": LOST_OPPORTUNITY,
    "appointmentscheduled": APPOINTMENT,
}
# Of a contact: the life-cycle stages that make it a lead. Later ones are told by deals.
_LEAD_STAGES = frozenset({"", "lead", "marketingqualifiedlead", "salesqualifiedlead"})


def external_id(of: str, id_: str, kind: str) -> str:
    """The same for the same deal and kind, so that what is told later replaces and never doubles."""
    return f"hubspot:{of}:{id_}:{kind}"


def meaning_of_deal(properties: Fields, settings: HookSettings) -> Meaning | None:
    stage, pipeline = text_in(properties, "dealstage"), text_in(properties, "pipeline")
    default = _STAGES.get(stage.lower(), OPPORTUNITY)
    return meaning_of(settings, default, f"{pipeline}/{stage}", stage)


def deal_outcome(
    id_: str, properties: Fields, person: PersonIn, at_ms: int, settings: HookSettings, told_ms: int
) -> OutcomeIn | None:
    meaning = meaning_of_deal(properties, settings)
    if meaning is None:
        return None
    cents = cents_in(properties, "amount")
    return OutcomeIn(
        kind=meaning.kind,
        at_ms=_when(meaning, properties, at_ms),
        external_id=external_id("deal", id_, meaning.kind),
        value_cents=cents,
        currency=None if cents is None else currency_in(properties, "deal_currency_code", settings.currency),
        person=person,
        stage=text_in(properties, "dealstage")[:200],
        is_lost=meaning.is_lost,
        note=text_in(properties, "dealname")[:200],
        told_ms=told_ms,
    )


def taken_back(id_: str, outcome: OutcomeIn) -> list[OutcomeIn]:
    """A deal that is lost is no sale, whatever it was before."""
    sale = external_id("deal", id_, OutcomeKind.SALE)
    if not outcome.is_lost or outcome.external_id == sale:
        return []
    at_ms, told_ms = outcome.at_ms, outcome.told_ms
    return [OutcomeIn(kind=OutcomeKind.SALE, at_ms=at_ms, external_id=sale, removed=True, told_ms=told_ms)]


def _when(meaning: Meaning, properties: Fields, at_ms: int) -> int:
    """A sale was when the deal closed, unless that is still to come: closing dates of open deals are hopes."""
    closed_ms = ms_in(properties, "closedate") if meaning.kind == OutcomeKind.SALE else None
    return closed_ms if closed_ms is not None and closed_ms <= at_ms else at_ms


def contact_lead(id_: str, properties: Fields, at_ms: int, settings: HookSettings, told_ms: int) -> OutcomeIn | None:
    """A contact is a lead unless its life-cycle stage is past that; `contact` in the company's map says otherwise."""
    stage = text_in(properties, "lifecyclestage")
    default = LEAD if stage.lower() in _LEAD_STAGES else None
    meaning = meaning_of(settings, default, f"contact/{stage}", "contact")
    if meaning is None:
        return None
    return OutcomeIn(
        kind=meaning.kind,
        at_ms=ms_in(properties, "createdate") or at_ms,
        external_id=external_id("contact", id_, meaning.kind),
        person=person_of(id_, properties, settings),
        stage=stage[:200],
        is_lost=meaning.is_lost,
        told_ms=told_ms,
    )


def person_of(contact_id: str, properties: Fields, settings: HookSettings) -> PersonIn:
    name = " ".join(part for part in (text_in(properties, "firstname"), text_in(properties, "lastname")) if part)
    return PersonIn(
        phone_e164=phone_in(properties, settings.region, "phone", "mobilephone", "contact_phone"),
        email=email_in(properties, "email", "contact_email"),
        crm_id=f"hubspot:{contact_id}" if contact_id else None,
        name=name[:200] or None,
    )
