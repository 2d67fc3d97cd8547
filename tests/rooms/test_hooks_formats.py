"""What each system's messages mean to us, field by field, and its published examples of signatures."""

from __future__ import annotations

import base64
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from ringtrace.core.errors import BadInput, UnreadableBody
from ringtrace.core.refusals import Refusal
from ringtrace.core.sources import Channel
from ringtrace.intake.hooks.hubspot.hook import HOOK as HUBSPOT
from ringtrace.intake.hooks.hubspot.hook import sign_v2, sign_v3
from ringtrace.intake.hooks.port import HookSettings
from ringtrace.intake.hooks.registry import HOOKS
from ringtrace.intake.hooks.salesforce.records import full_id
from ringtrace.intake.hooks.salesforce.soap import read_notifications
from ringtrace.intake.hooks.stages import check_kinds
from ringtrace.intake.hooks.standard import sign
from ringtrace.intake.port import ContactKind, OutcomeIn, PersonIn, Told
from tests.rooms.payloads.senders import NOW_MS, ORG, SENDERS, WHSEC, payload

WON_MS = 1_772_991_900_000  # 2026-03-08T17:45:00Z
ADA = "+13105550123"


def told(name: str, body: Any = None, **settings: Any) -> Told:
    """What the named sender's message, or another body from it, says; kinds and the like as settings."""
    sender = SENDERS[name]
    raw = sender.body if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
    return HOOKS[sender.hook].read(sender.message(body=raw), replace(sender.settings, **settings))


def only(told_: Told) -> OutcomeIn:
    (outcome,) = told_.outcomes
    return outcome


# Signatures, as published


def test_it_signs_as_standard_webhooks_does() -> None:
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_it_signs_as_hubspots_own_libraries_do() -> None:
    secret, url = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy", "https://www.example.com/webhook_uri"
    body = b"{'example_field':'example_value'}"
    assert sign_v3(secret, "POST", url, body, 1693657560000) == "K36dawei4A+QBNolUOqo7s91KQDWQ5MXZ/QufNYuk/Y="
    assert sign_v3(secret, "POST", url, body, 1700000300000) == "RnbPH7+UMKVkbV32P8bz450N4M56aPmcru1+D3kSDtw="
    v2 = sign_v2(secret, "POST", url, b'{"example_field":"example_value"}')
    assert v2 == "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900"
    assert sign_v2(secret, "GET", url, b"") == "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087200e"


def test_it_takes_hubspots_address_with_its_twelve_characters_decoded() -> None:
    sender = SENDERS["hubspot-events"]
    plain = sender.unsigned()
    encoded, decoded = plain.url + "&x=%28a%29%20b", plain.url.replace("%3A", ":") + "&x=(a)%20b"
    signature = sign_v3(sender.settings.secret, "POST", decoded, plain.body, NOW_MS)
    headers = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": str(NOW_MS)}
    message = replace(plain, url=encoded, headers=headers)
    assert HUBSPOT.verify(message, sender.settings, NOW_MS).is_genuine


def test_it_refuses_hubspots_first_signature_which_proves_no_address() -> None:
    sender = SENDERS["hubspot-workflow"]
    message = sender.message()
    first = {**message.headers, "x-hubspot-signature-version": "v1"}
    assert HUBSPOT.verify(replace(message, headers=first), sender.settings, NOW_MS).refusal is Refusal.FORGED


def test_it_does_not_fall_back_where_the_newer_signature_is_wrong() -> None:
    sender = SENDERS["hubspot-workflow"]
    message = sender.message()
    both = {**message.headers, "x-hubspot-signature-v3": "AAAA", "x-hubspot-request-timestamp": str(NOW_MS)}
    assert HUBSPOT.verify(replace(message, headers=both), sender.settings, NOW_MS).refusal is Refusal.FORGED


def test_it_takes_any_of_several_signatures_while_a_secret_is_changed() -> None:
    sender = SENDERS["standard"]
    message = sender.message()
    good = message.headers["webhook-signature"]
    for given, refusal in (
        (f"v1,AAAA {good}", None),
        (f"v1a,x {good} v2,y", None),
        ("v1,AAAA v1,BBBB", Refusal.FORGED),
    ):
        headers = {**message.headers, "webhook-signature": given}
        verdict = HOOKS["standard"].verify(replace(message, headers=headers), sender.settings, NOW_MS)
        assert verdict.refusal is refusal
    other_id = replace(message, headers={**message.headers, "webhook-id": "msg_2"})
    assert HOOKS["standard"].verify(other_id, sender.settings, NOW_MS).refusal is Refusal.FORGED


# Standard Webhooks


def test_it_reads_our_own_outcome_field_by_field() -> None:
    assert only(told("standard")) == OutcomeIn(
        kind="sale",
        at_ms=WON_MS,
        external_id="invoice:2201",
        value_cents=420050,
        currency="USD",
        called_ms=1_772_989_800_000,
        person=PersonIn(phone_e164=ADA, email="ada@example.com", crm_id="mycrm:51", name="Ada Example"),
        note="Water heater",
        told_ms=only(told("standard")).told_ms,
    )


def test_it_reads_a_list_a_removal_and_a_contact() -> None:
    at = "2026-03-08T17:45:00Z"
    rows = [{"kind": "lead", "at": at}, {"kind": "site survey", "at": at, "value": "12.5"}]
    two = told("standard", {"type": "outcome.created", "data": rows}, currency="EUR").outcomes
    assert [(one.kind, one.value_cents, one.currency) for one in two] == [
        ("lead", None, None),
        ("site_survey", 1250, "EUR"),
    ]
    removed = {"type": "outcome.removed", "data": {"kind": "sale", "at": at, "external_id": "invoice:2201"}}
    assert only(told("standard", removed)).removed
    contact = {
        "type": "contact.created",
        "data": {
            "kind": "form",
            "at": at,
            "external_id": "form:9",
            "name": "Quote",
            "url": "https://example.com/quote",
            "source": {"source": "Google", "medium": "cpc", "campaign": "heaters"},
        },
    }
    (one,) = told("standard", contact).contacts
    assert (one.kind, one.at_ms, one.external_id) == (ContactKind.FORM, WON_MS, "form:9")
    assert one.source is not None
    assert (one.source.channel, one.source.source) == (Channel.PAID_SEARCH, "google")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"kind": "call"}, "data[0].kind"),
        ({"at": "2026-03-08T17:45:00"}, "data.at"),
        ({"at": None}, "data.at"),
        ({"value": -1}, "data[0].value"),
        ({"value": "12.345"}, "data[0].value"),
        ({"value": "NaN"}, "data[0].value"),
        ({"currency": "dollars"}, "data.currency"),
        ({"person": {"phone": "55"}}, "data[0].person.phone"),
        ({"person": {"email": "ada"}}, "data[0].person.email"),
        ({"person": {"crm_id": "51"}}, "data[0].person.crm_id"),
        ({"person": {"fone": "55"}}, "fone"),
        ({"extra": 1}, "extra"),
    ],
)
def test_it_names_the_field_that_is_wrong(change: dict[str, Any], named: str) -> None:
    body = msgspec.json.decode(SENDERS["standard"].body)
    body["data"] |= change
    with pytest.raises(UnreadableBody) as caught:
        told("standard", body)
    assert named in str(caught.value)


# HubSpot


def test_it_puts_together_what_one_message_of_hubspot_says() -> None:
    lead, sale = told("hubspot-events").outcomes
    person = PersonIn(phone_e164=ADA, email="ada@example.com", crm_id="hubspot:51")
    assert lead == OutcomeIn(
        kind="lead",
        at_ms=1_772_970_600_000,
        external_id="hubspot:contact:51:lead",
        person=person,
        told_ms=1_772_970_600_000,
    )
    assert sale == OutcomeIn(
        kind="sale",
        at_ms=1_772_970_900_000,
        external_id="hubspot:deal:907:sale",
        value_cents=420050,
        currency="USD",
        person=person,
        stage="closedwon",
        told_ms=sale.told_ms,
    )


def test_it_says_what_a_lone_change_in_hubspot_leaves_to_be_fetched() -> None:
    events = msgspec.json.decode(SENDERS["hubspot-events"].body)
    stage, amount = events[4], events[6]
    alone = told("hubspot-events", [stage])
    assert (only(alone).kind, only(alone).value_cents) == ("sale", None)
    assert any("amount" in why and "fetched" in why for why in alone.left_out)
    assert any("contact" in why and "fetched" in why for why in alone.left_out)
    without = told("hubspot-events", [amount])
    assert without.outcomes == ()
    assert "stage" in without.left_out[0]


@pytest.mark.parametrize(
    ("stage", "kinds", "expected"),
    [
        ("closedwon", {}, ("sale", False)),
        ("closedlost", {}, ("opportunity", True)),
        ("appointmentscheduled", {}, ("appointment", False)),
        ("contractsent", {}, ("opportunity", False)),
        ("104422", {"104422": "site survey"}, ("site_survey", False)),
        ("104422", {"104422": "sale", "default/104422": "lost"}, ("opportunity", True)),
        ("ClosedWon", {"default/closedwon": "appointment"}, ("appointment", False)),
        ("contractsent", {"contractsent": ""}, None),
    ],
)
def test_it_knows_hubspots_stages_and_the_companys_own(
    stage: str, kinds: dict[str, str], expected: tuple[str, bool] | None
) -> None:
    body = msgspec.json.decode(SENDERS["hubspot-workflow"].body) | {"dealstage": stage}
    outcomes = [one for one in told("hubspot-workflow", body, kinds=kinds).outcomes if not one.removed]
    assert [(one.kind, one.is_lost) for one in outcomes] == ([] if expected is None else [expected])
    assert all(one.external_id == f"hubspot:deal:907:{one.kind}" for one in outcomes)


def test_it_reads_a_deal_of_a_hubspot_workflow_in_all_its_shapes() -> None:
    flat = only(told("hubspot-workflow"))
    assert flat.at_ms == 1_772_970_000_000
    assert (flat.value_cents, flat.person.phone_e164, flat.person.crm_id) == (420000, ADA, "hubspot:51")
    said = msgspec.json.decode(SENDERS["hubspot-workflow"].body)
    assert only(told("hubspot-workflow", {"portalId": 33, "properties": said})) == flat
    versions = {name: {"value": value, "timestamp": 1} for name, value in said.items()}
    assert only(told("hubspot-workflow", {"portalId": 33, "properties": versions})) == flat


def test_it_reads_a_contact_of_a_hubspot_workflow_as_a_lead() -> None:
    contact = {"vid": 51, "phone": ADA, "lifecyclestage": "lead", "createdate": "2026-03-08T17:45:00Z"}
    lead = only(told("hubspot-workflow", contact))
    assert (lead.kind, lead.at_ms, lead.external_id) == ("lead", WON_MS, "hubspot:contact:51:lead")
    assert told("hubspot-workflow", contact | {"lifecyclestage": "customer"}).outcomes == ()
    assert told("hubspot-workflow", contact, kinds={"contact": ""}).outcomes == ()


def test_it_leaves_out_another_portal() -> None:
    other = told("hubspot-events", org_id="34")
    assert other.outcomes == ()
    assert len(other.left_out) == 7


def test_it_takes_back_every_kind_of_a_deal_that_hubspot_deleted() -> None:
    event = msgspec.json.decode(SENDERS["hubspot-events"].body)[4] | {"subscriptionType": "deal.deletion"}
    gone = told("hubspot-events", [event], kinds={"104422": "site_survey"}).outcomes
    assert {one.external_id.rpartition(":")[2] for one in gone} == {"appointment", "opportunity", "sale", "site_survey"}
    assert all(one.removed for one in gone)


# Salesforce


def test_it_reads_an_outbound_message_of_salesforce() -> None:
    all_ = told("salesforce-outbound")
    won, lost, gone = all_.outcomes
    assert won == OutcomeIn(
        kind="sale",
        at_ms=WON_MS,
        external_id="salesforce:opportunity:0062400000AbCdEAAV:sale",
        value_cents=420050,
        currency="USD",
        person=PersonIn(phone_e164=ADA, crm_id="salesforce:0032400000AbCdEAAV"),
        stage="Closed Won",
        note="Water heater & flue",
        told_ms=won.told_ms,
    )
    assert (lost.kind, lost.is_lost, lost.value_cents) == ("opportunity", True, None)
    assert (gone.kind, gone.removed) == ("sale", True)
    assert len(all_.left_out) == 1
    assert "ContactId" in all_.left_out[0]


def test_it_dates_an_old_sale_by_its_day() -> None:
    body = SENDERS["salesforce-outbound"].body.replace(b"2026-03-08</sf:CloseDate>", b"2026-02-01</sf:CloseDate>")
    assert told("salesforce-outbound", body).outcomes[0].at_ms == 1_769_947_200_000  # noon


def test_it_acknowledges_to_salesforce_in_its_own_words() -> None:
    hook, message = HOOKS["salesforce"], SENDERS["salesforce-outbound"].message()
    assert b"<Ack>true</Ack>" in hook.reply(message, True).body
    refused = hook.reply(message, False)
    assert b"<Ack>false</Ack>" in refused.body
    assert refused.content_type.startswith("text/xml")


@pytest.mark.parametrize("org_id", ["", "00D24000000ZbCdEAK", "00D24000000AbCe"])
def test_it_refuses_another_organisation_or_none(org_id: str) -> None:
    sender = SENDERS["salesforce-outbound"]
    verdict = HOOKS["salesforce"].verify(sender.message(), replace(sender.settings, org_id=org_id), NOW_MS)
    assert verdict.refusal is Refusal.FORGED


def test_it_knows_an_organisation_by_its_shorter_id_too() -> None:
    sender = SENDERS["salesforce-outbound"]
    settings = replace(sender.settings, org_id=ORG[:15])
    assert full_id(ORG[:15]) == ORG
    assert HOOKS["salesforce"].verify(sender.message(), settings, NOW_MS).is_genuine


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/">%p;]>',
    ],
)
def test_it_reads_no_xml_with_entities(declared: str, encoding: str) -> None:
    text = SENDERS["salesforce-outbound"].body.decode().partition("?>")[2]
    body = f'<?xml version="1.0" encoding="{encoding}"?>{declared}{text}'.encode(encoding)
    with pytest.raises(UnreadableBody, match="document type"):
        read_notifications(body)
    plain = f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode(encoding)
    assert len(read_notifications(plain).records) == 2


def test_it_reads_no_more_than_a_hundred_records_and_no_depths() -> None:
    text = SENDERS["salesforce-outbound"].body
    start, end = text.index(b"<Notification>"), text.index(b"</notifications>")
    many = text[:start] + text[start:end] * 51 + text[end:]
    deep = text[:start] + b"<a>" * 20 + b"</a>" * 20 + text[start:]
    for body in (many, deep):
        with pytest.raises(UnreadableBody):
            read_notifications(body)


def test_it_reads_leads_and_events_of_salesforce() -> None:
    lead = only(told("salesforce-signed"))
    assert (lead.kind, lead.stage) == ("lead", "Open - Not Contacted")
    assert lead.person == PersonIn(
        phone_e164=ADA, email="ada@example.com", crm_id="salesforce:00Q2400000AbCdEAAV", name="Ada Example"
    )
    converted = msgspec.json.decode(SENDERS["salesforce-signed"].body)
    converted["records"][0] |= {"IsConverted": True, "ConvertedContactId": "0032400000AbCdE"}
    again = only(told("salesforce-signed", converted))
    assert again.person.crm_id == "salesforce:0032400000AbCdEAAV"
    assert again.external_id == lead.external_id
    event = {"Id": "00U2400000AbCdEAAV", "WhoId": "0032400000AbCdEAAV", "CreatedDate": "2026-03-08T17:45:00.000+0000"}
    made = only(told("salesforce-signed", {"object": "Event", "records": [event]}))
    assert (made.kind, made.at_ms, made.person.crm_id) == ("appointment", WON_MS, "salesforce:0032400000AbCdEAAV")
    gone = told("salesforce-signed", {"object": "Event", "records": event | {"IsDeleted": True}})
    assert only(gone).removed


# Pipedrive


def test_it_reads_a_won_deal_of_pipedrive() -> None:
    assert only(told("pipedrive-v2")) == OutcomeIn(
        kind="sale",
        at_ms=WON_MS,
        external_id="pipedrive:deal:907:sale",
        value_cents=420050,
        currency="USD",
        person=PersonIn(crm_id="pipedrive:51"),
        stage="1/4/won",
        note="Water heater",
        told_ms=only(told("pipedrive-v2")).told_ms,
    )


def test_it_reads_a_person_of_pipedrive_whose_phone_joins_the_deal() -> None:
    lead = only(told("pipedrive-v2", payload("pipedrive_v2_person.json")))
    assert lead.kind == "lead"
    assert lead.person == PersonIn(phone_e164=ADA, email="ada@example.com", crm_id="pipedrive:51", name="Ada Example")
    assert told("pipedrive-v2", payload("pipedrive_v2_person.json"), kinds={"person": ""}).outcomes == ()


def test_it_takes_back_the_sale_of_a_deal_that_is_no_longer_won() -> None:
    opportunity, sale = told("pipedrive-v1").outcomes
    assert (opportunity.kind, opportunity.value_cents, opportunity.is_lost) == ("opportunity", 278608, False)
    assert (sale.external_id, sale.removed) == ("pipedrive:deal:907:sale", True)


def test_it_takes_back_a_deal_that_pipedrive_deleted() -> None:
    body = msgspec.json.decode(SENDERS["pipedrive-v2"].body)
    gone = {"meta": body["meta"] | {"action": "delete"}, "data": None, "previous": body["data"]}
    outcomes = told("pipedrive-v2", gone).outcomes
    assert {one.kind for one in outcomes} == {"appointment", "opportunity", "sale"}
    assert all(one.removed for one in outcomes)


def test_it_reads_pipedrives_stages_as_the_company_says() -> None:
    body = msgspec.json.decode(SENDERS["pipedrive-v2"].body)
    body["data"] |= {"status": "open", "won_time": None}
    body["previous"] = {"stage_id": 3}
    assert only(told("pipedrive-v2", body)).kind == "opportunity"
    assert only(told("pipedrive-v2", body, kinds={"1/4": "appointment"})).kind == "appointment"
    assert told("pipedrive-v2", body, kinds={"4": ""}).outcomes == ()


def test_it_reads_a_meeting_of_pipedrive_as_an_appointment() -> None:
    meta = {"action": "create", "entity": "activity", "company_id": "12882925", "timestamp": "2026-03-08T17:45:00Z"}
    activity = {"id": 7, "type": "meeting", "subject": "Visit", "person_id": 51, "add_time": "2026-03-08T17:45:00Z"}
    made = only(told("pipedrive-v2", {"meta": meta, "data": activity}))
    assert (made.kind, made.at_ms, made.person.crm_id) == ("appointment", WON_MS, "pipedrive:51")
    other = {"meta": meta, "data": activity | {"type": "task"}}
    assert told("pipedrive-v2", other).outcomes == ()
    assert only(told("pipedrive-v2", other, kinds={"activity/task": "lead"})).kind == "lead"


def test_it_takes_a_password_with_colons_and_in_any_case_of_basic() -> None:
    settings = HookSettings(secret="user:pass:word")
    header = "bAsIc " + base64.b64encode(b"user:pass:word").decode()
    message = replace(SENDERS["pipedrive-v2"].unsigned(), headers={"authorization": header})
    assert HOOKS["pipedrive"].verify(message, settings, NOW_MS).is_genuine


# The company's map


def test_a_lost_deal_is_no_sale() -> None:
    """Whatever it was before: what it was won with is taken back."""
    lost = msgspec.json.decode(SENDERS["hubspot-workflow"].body) | {"dealstage": "closedlost"}
    event = msgspec.json.decode(SENDERS["hubspot-events"].body)[4] | {"propertyValue": "closedlost"}
    deal = msgspec.json.decode(SENDERS["pipedrive-v2"].body)
    deal["data"] |= {"status": "lost"}
    deal["previous"] = {}
    record = {"Id": "0062400000AbCdEAAV", "StageName": "Closed Lost", "ContactId": "0032400000AbCdE"}
    for name, body, id_ in (
        ("hubspot-workflow", lost, "hubspot:deal:907:sale"),
        ("hubspot-events", [event], "hubspot:deal:907:sale"),
        ("pipedrive-v2", deal, "pipedrive:deal:907:sale"),
        (
            "salesforce-signed",
            {"object": "Opportunity", "records": record},
            "salesforce:opportunity:0062400000AbCdEAAV:sale",
        ),
    ):
        opportunity, sale = told(name, body).outcomes
        assert (opportunity.kind, opportunity.is_lost, opportunity.removed) == ("opportunity", True, False)
        assert (sale.external_id, sale.removed, sale.told_ms) == (id_, True, opportunity.told_ms)


def test_it_refuses_a_map_that_names_no_kind() -> None:
    check_kinds({"closedwon": "sale", "x": "lost", "y": ""})
    for kinds in ({"closedwon": "call"}, {"closedwon": "!"}, {" ": "sale"}):
        with pytest.raises(BadInput):
            check_kinds(kinds)
        if kinds.get("closedwon"):
            with pytest.raises(BadInput):
                told("hubspot-workflow", kinds=kinds)


def test_it_says_nothing_of_a_persons_phone_in_what_it_leaves_out() -> None:
    for name in SENDERS:
        assert not any("555" in why or "ada" in why.lower() for why in told(name).left_out)
    assert WHSEC not in repr(told("standard"))
