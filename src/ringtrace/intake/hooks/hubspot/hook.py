"""HubSpot: app webhooks (subscriptions) and the workflow action "Send a webhook", as outcomes.

Signatures: v3, base64 of HMAC-SHA256 over method + URI + body + `X-HubSpot-Request-Timestamp` (ms), keyed with the
app's client secret, at most five minutes old; v2, hex SHA-256 of client secret + method + URI + body, which signs
no time. v1 does not sign the address and is refused. Source: developers.hubspot.com, "Request validation", with its
published examples and those of HubSpot's Python and Ruby libraries in our tests. In the URI HubSpot decodes twelve
characters; its libraries decode none, so both spellings are tried.

Subscriptions send arrays of single changes (`deal.propertyChange` of one property), never the whole deal: only what is
in one message can be put together, and what would have to be fetched is said in `left_out`. A workflow sends the deal's
properties, and can send the contact's phone with them: that is the way to connect. Sources: developers.hubspot.com,
"Webhooks API"; knowledge.hubspot.com, "Use webhooks with HubSpot workflows". The body that a workflow sends with "all
properties" (`properties.NAME.value`) and the object type ids beyond contacts (0-1) are from memory.
"""

from __future__ import annotations

import base64
import hashlib
import re

from ringtrace.core.errors import UnreadableBody
from ringtrace.core.refusals import Refusal
from ringtrace.intake.hooks.bodies import read_json
from ringtrace.intake.hooks.hubspot.events import read_events
from ringtrace.intake.hooks.hubspot.workflows import read_workflow
from ringtrace.intake.hooks.port import GENUINE, HookMessage, HookReply, HookSettings, HookSource, Verdict
from ringtrace.intake.hooks.proof import check_random, first_look, hmac_sha256, in_window, is_same, raw, said_digits
from ringtrace.intake.port import Told

_DECODED = {
    "%3A": ":",
    "%2F": "/",
    "%3F": "?",
    "%40": "@",
    "%21": "!",
    "%24": "$",
    "%27": "'",
    "%28": "(",
    "%29": ")",
    "%2A": "*",
    "%2C": ",",
    "%3B": ";",
}
_ENCODED = re.compile("|".join(_DECODED), re.IGNORECASE)


class HubSpotHook:
    name = "hubspot"
    title = "HubSpot"
    is_secret_ours = False
    needs_org_id = False

    def verify(self, message: HookMessage, settings: HookSettings, now_ms: int) -> Verdict:
        refused = first_look(message, settings.secret)
        if refused is not None:
            return refused
        secret = settings.secret.strip()
        if "x-hubspot-signature-v3" in message.headers:
            return _verify_v3(message, secret, now_ms)
        if "x-hubspot-signature" in message.headers:
            return _verify_v2(message, secret)
        return Verdict(Refusal.UNSIGNED, "X-HubSpot-Signature-v3 is missing: turn on the request signature.")

    def read(self, message: HookMessage, settings: HookSettings) -> Told:
        body = read_json(message.body, "HubSpot")
        if isinstance(body, dict) and "subscriptionType" in body:
            body = [body]
        if isinstance(body, list):
            return read_events(body, settings)
        if isinstance(body, dict):
            sent_ms = said_digits(message.headers.get("x-hubspot-request-timestamp", ""))
            return read_workflow(body, settings, sent_ms or message.received_ms)
        raise UnreadableBody("HubSpot's message is no list and no object.", hint="Send the workflow's body as JSON.")

    def reply(self, message: HookMessage, taken: bool) -> HookReply:  # noqa: ARG002
        """HubSpot looks at the status alone, and waits five seconds for it."""
        return HookReply("application/json", b"{}")

    def new_secret(self, random: bytes) -> str:
        """HubSpot makes its own (the app's client secret); this one is for tests and stand-ins."""
        return check_random(random).hex()


def sign_v3(secret: str, method: str, url: str, body: bytes, timestamp_ms: int) -> str:
    return _v3(secret, method, url, body, str(timestamp_ms))


def sign_v2(secret: str, method: str, url: str, body: bytes) -> str:
    return hashlib.sha256(raw(f"{secret}{method}{url}") + body).hexdigest()


def _v3(secret: str, method: str, url: str, body: bytes, timestamp: str) -> str:
    text = raw(f"{method}{url}") + body + raw(timestamp)
    return base64.b64encode(hmac_sha256(secret, text)).decode()


def _verify_v3(message: HookMessage, secret: str, now_ms: int) -> Verdict:
    timestamp = message.headers.get("x-hubspot-request-timestamp", "")
    said_ms = said_digits(timestamp)
    if said_ms is None:
        return Verdict(Refusal.FORGED, "X-HubSpot-Request-Timestamp is missing or no number.")
    given = message.headers["x-hubspot-signature-v3"]
    found = [
        is_same(given, _v3(secret, message.method, url, message.body, timestamp)) for url in _spellings(message.url)
    ]
    return in_window(said_ms, now_ms) if any(found) else _forged()


def _verify_v2(message: HookMessage, secret: str) -> Verdict:
    """Signs no time: an old message proves as much as a new one, and its ids make it one."""
    if message.headers.get("x-hubspot-signature-version") != "v2":
        return Verdict(Refusal.FORGED, "Only signatures v3 and v2 prove the address; v1 does not.")
    given = message.headers["x-hubspot-signature"]
    found = [is_same(given, sign_v2(secret, message.method, url, message.body)) for url in _spellings(message.url)]
    return GENUINE if any(found) else _forged()


def _spellings(url: str) -> tuple[str, str]:
    """The address as it is, and with the twelve characters decoded that HubSpot's page lists."""
    return url, _ENCODED.sub(lambda found: _DECODED[found[0].upper()], url)


def _forged() -> Verdict:
    return Verdict(Refusal.FORGED, "The signature fits neither this client secret nor this public address.")


HOOK: HookSource = HubSpotHook()
