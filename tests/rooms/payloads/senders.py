"""Each system as it sends: a message, signed as it would be. Payloads have the vendors' shape and made-up people."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from ringtrace.intake.hooks.hubspot.hook import sign_v2, sign_v3
from ringtrace.intake.hooks.pipedrive import authorization
from ringtrace.intake.hooks.port import HookMessage, HookSettings
from ringtrace.intake.hooks.salesforce.hook import sign as sign_salesforce
from ringtrace.intake.hooks.standard import sign as sign_standard

NOW_MS = 1_772_992_000_000  # 2026-03-08T17:46:40Z
WHSEC = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
ORG = "00D24000000AbCdEAK"
_HERE = Path(__file__).parent


def payload(name: str) -> bytes:
    return (_HERE / name).read_bytes().strip()


Sign = Callable[[HookMessage, str, int], HookMessage]


class Sender(Struct, frozen=True, kw_only=True):
    """`sign` takes (message, secret, when in ms) and gives the message as the system would send it."""

    hook: str
    body: bytes
    settings: HookSettings
    other_secret: str
    sign: Sign
    url: str = "https://calls.example.com/hooks/7"
    proves_body: bool = True
    proves_url: bool = True
    proves_time: bool = True

    def message(self, *, secret: str | None = None, body: bytes | None = None, at_ms: int = NOW_MS) -> HookMessage:
        plain = self.unsigned(body)
        return self.sign(plain, self.settings.secret if secret is None else secret, at_ms)

    def unsigned(self, body: bytes | None = None) -> HookMessage:
        return HookMessage(
            method="POST",
            url=self.url,
            headers={"content-type": "application/json"},
            body=self.body if body is None else body,
            received_ms=NOW_MS,
        )


def _with(message: HookMessage, **headers: str) -> HookMessage:
    said = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(message, headers={**message.headers, **said})


def _standard(message: HookMessage, secret: str, at_ms: int) -> HookMessage:
    signature = sign_standard(secret, "msg_1", at_ms // 1000, message.body)
    return _with(message, webhook_id="msg_1", webhook_timestamp=str(at_ms // 1000), webhook_signature=signature)


def _hubspot_v3(message: HookMessage, secret: str, at_ms: int) -> HookMessage:
    signature = sign_v3(secret, message.method, message.url, message.body, at_ms)
    return _with(message, x_hubspot_signature_v3=signature, x_hubspot_request_timestamp=str(at_ms))


def _hubspot_v2(message: HookMessage, secret: str, at_ms: int) -> HookMessage:
    signature = sign_v2(secret, message.method, message.url, message.body)
    return _with(message, x_hubspot_signature=signature, x_hubspot_signature_version="v2")


def _outbound(message: HookMessage, secret: str, at_ms: int) -> HookMessage:
    return replace(_with(message, content_type="text/xml; charset=utf-8"), url=f"{message.url}?key={secret}")


def _apex(message: HookMessage, secret: str, at_ms: int) -> HookMessage:
    signature = sign_salesforce(secret, at_ms // 1000, message.body)
    return _with(message, x_ringtrace_timestamp=str(at_ms // 1000), x_ringtrace_signature=signature)


def _pipedrive(message: HookMessage, secret: str, at_ms: int) -> HookMessage:
    return _with(message, authorization=authorization(secret))


_HUBSPOT = HookSettings(secret="yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy", region="US", currency="USD", org_id="33")
_SALESFORCE = HookSettings(secret="5a" * 24, region="US", currency="USD", org_id=ORG)
_PIPEDRIVE = HookSettings(secret="ringtrace:" + "5a" * 24, region="US", org_id="12882925")

SENDERS: dict[str, Sender] = {
    "standard": Sender(
        hook="standard",
        body=payload("standard_outcome.json"),
        settings=HookSettings(secret=WHSEC, region="US"),
        other_secret="whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        sign=_standard,
        proves_url=False,
    ),
    "hubspot-events": Sender(
        hook="hubspot",
        body=payload("hubspot_events.json"),
        settings=_HUBSPOT,
        other_secret="zzzzzzzz-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
        sign=_hubspot_v3,
        url="https://calls.example.com/hooks/7?from=hubspot%3Acrm",
    ),
    "hubspot-workflow": Sender(
        hook="hubspot",
        body=payload("hubspot_workflow.json"),
        settings=_HUBSPOT,
        other_secret="zzzzzzzz-yyyy-yyyy-yyyy-yyyyyyyyyyyy",
        sign=_hubspot_v2,
        proves_time=False,
    ),
    "salesforce-outbound": Sender(
        hook="salesforce",
        body=payload("salesforce_outbound.xml"),
        settings=_SALESFORCE,
        other_secret="6b" * 24,
        sign=_outbound,
        proves_body=False,
        proves_time=False,
    ),
    "salesforce-signed": Sender(
        hook="salesforce",
        body=payload("salesforce_signed.json"),
        settings=_SALESFORCE,
        other_secret="6b" * 24,
        sign=_apex,
        proves_url=False,
    ),
    "pipedrive-v2": Sender(
        hook="pipedrive",
        body=payload("pipedrive_v2_deal.json"),
        settings=_PIPEDRIVE,
        other_secret="ringtrace:" + "6b" * 24,
        sign=_pipedrive,
        proves_body=False,
        proves_url=False,
        proves_time=False,
    ),
    "pipedrive-v1": Sender(
        hook="pipedrive",
        body=payload("pipedrive_v1_deal.json"),
        settings=_PIPEDRIVE,
        other_secret="ringtrace:" + "6b" * 24,
        sign=_pipedrive,
        proves_body=False,
        proves_url=False,
        proves_time=False,
    ),
}
