"""Salesforce. Being written: the names stand."""

from __future__ import annotations

from ringtrace.intake.hooks.port import HookMessage, HookReply, HookSettings, HookSource, Verdict
from ringtrace.intake.port import Told


class SalesforceHook:
    name = "salesforce"
    title = "Salesforce"
    is_secret_ours = True
    needs_org_id = True

    def verify(self, message: HookMessage, settings: HookSettings, now_ms: int) -> Verdict:
        raise NotImplementedError

    def read(self, message: HookMessage, settings: HookSettings) -> Told:
        raise NotImplementedError

    def reply(self, message: HookMessage, taken: bool) -> HookReply:
        raise NotImplementedError

    def new_secret(self, random: bytes) -> str:
        raise NotImplementedError


HOOK: HookSource = SalesforceHook()
