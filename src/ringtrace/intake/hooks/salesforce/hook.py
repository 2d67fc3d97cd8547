"""Salesforce: Outbound Messages (SOAP), and JSON that Apex or a Flow sends signed.

Outbound Messages carry no signature (developer.salesforce.com, SOAP API Developer Guide, "Outbound Messaging"): they
name the organisation and may prove themselves by a client certificate, which ends at the proxy. So the address carries
our secret, `?key=...`, over HTTPS, and the message must name the company's organisation; the body itself is not proven.

Signed JSON is ours: `X-Ringtrace-Timestamp` (seconds) and `X-Ringtrace-Signature`, `v1=` and hex of HMAC-SHA256 over
`timestamp.body`. The body: `{"object": "Opportunity", "records": [{...}]}`, fields named as in Salesforce. The Apex
that sends it stands in docs/intake.md.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from ringtrace.core.errors import UnreadableBody
from ringtrace.core.refusals import Refusal
from ringtrace.intake.hooks.bodies import Fields, fields_of, id_in, read_json, text_in
from ringtrace.intake.hooks.port import GENUINE, HookMessage, HookReply, HookSettings, HookSource, Verdict
from ringtrace.intake.hooks.proof import check_random, first_look, hmac_sha256, in_window, is_same, said_digits
from ringtrace.intake.hooks.salesforce.records import full_id, read_record
from ringtrace.intake.hooks.salesforce.soap import acknowledgement, read_notifications
from ringtrace.intake.port import OutcomeIn, Told

TIMESTAMP_HEADER, SIGNATURE_HEADER, KEY = "x-ringtrace-timestamp", "x-ringtrace-signature", "key"
_MOST_RECORDS = 1_000


class SalesforceHook:
    name = "salesforce"
    title = "Salesforce"
    is_secret_ours = True
    needs_org_id = True

    def verify(self, message: HookMessage, settings: HookSettings, now_ms: int) -> Verdict:
        refused = first_look(message, settings.secret)
        if refused is not None:
            return refused
        secret = settings.secret.strip()
        if SIGNATURE_HEADER in message.headers:
            return _verify_signed(message, secret, now_ms)
        return _verify_outbound(message, secret, settings.org_id.strip())

    def read(self, message: HookMessage, settings: HookSettings) -> Told:
        outcomes: list[OutcomeIn] = []
        left_out: list[str] = []
        said = said_digits(message.headers.get(TIMESTAMP_HEADER, ""))
        sent_ms = message.received_ms if said is None else said * 1000
        for of, fields in _records(message, settings):
            made, why = read_record(of, fields, settings, sent_ms)
            outcomes += made
            left_out += why
        return Told(outcomes=tuple(outcomes), left_out=tuple(left_out))

    def reply(self, message: HookMessage, taken: bool) -> HookReply:
        if _is_xml(message.body):
            return HookReply("text/xml; charset=utf-8", acknowledgement(taken))
        return HookReply("application/json", b'{"taken":true}' if taken else b'{"taken":false}')

    def new_secret(self, random: bytes) -> str:
        return check_random(random).hex()


def sign(secret: str, timestamp_secs: int, body: bytes) -> str:
    """The `X-Ringtrace-Signature` of signed JSON: what the Apex does."""
    return "v1=" + hmac_sha256(secret, f"{timestamp_secs}.".encode() + body).hex()


def _verify_signed(message: HookMessage, secret: str, now_ms: int) -> Verdict:
    said = said_digits(message.headers.get(TIMESTAMP_HEADER, ""))
    if said is None:
        return Verdict(Refusal.FORGED, "X-Ringtrace-Timestamp is missing or no number.")
    if not is_same(message.headers[SIGNATURE_HEADER], sign(secret, said, message.body)):
        return Verdict(Refusal.FORGED, "The signature does not fit this hook's secret and the body.")
    return in_window(said * 1000, now_ms)


def _verify_outbound(message: HookMessage, secret: str, org_id: str) -> Verdict:
    """The key first: nothing of an unproven sender's XML is read."""
    given = parse_qs(urlsplit(message.url).query).get(KEY, [""])[0]
    if not given:
        return Verdict(Refusal.UNSIGNED, "The address has no key: copy the whole address into the Outbound Message.")
    if not is_same(given, secret):
        return Verdict(Refusal.FORGED, "The key in the address is not this hook's secret.")
    if not org_id:
        return Verdict(Refusal.FORGED, "Enter the organisation id first: Setup, Company Information.")
    try:
        said = read_notifications(message.body).organization_id
    except UnreadableBody as error:
        return Verdict(Refusal.UNREADABLE, str(error.args[0]))
    if not is_same(full_id(said), full_id(org_id)):
        return Verdict(Refusal.FORGED, "Another organisation sent it.")
    return GENUINE


def _is_xml(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def _records(message: HookMessage, settings: HookSettings) -> list[tuple[str, Fields]]:
    if _is_xml(message.body):
        return [(record.object, record.fields) for record in read_notifications(message.body).records]
    body = fields_of(read_json(message.body, "Salesforce"), "Salesforce's message")
    organization = id_in(body, "organizationId")
    if settings.org_id and organization and full_id(organization) != full_id(settings.org_id.strip()):
        raise UnreadableBody("Another organisation's records.", hint="Check the organisation id of this hook.")
    of, records = text_in(body, "object"), body.get("records")
    rows: list[Any] = records if isinstance(records, list) else [records]
    if not of or not rows or len(rows) > _MOST_RECORDS:
        raise UnreadableBody(
            "Salesforce's message needs an object and 1 to 1,000 records.", hint="Copy the Apex of the documentation."
        )
    return [(of, fields_of(row, f"records[{number}]")) for number, row in enumerate(rows)]


HOOK: HookSource = SalesforceHook()
