"""Every incoming webhook by its name."""

from __future__ import annotations

from collections.abc import Mapping

from ringtrace.intake.hooks.hubspot.hook import HOOK as HUBSPOT
from ringtrace.intake.hooks.pipedrive import HOOK as PIPEDRIVE
from ringtrace.intake.hooks.port import HookSource
from ringtrace.intake.hooks.salesforce.hook import HOOK as SALESFORCE
from ringtrace.intake.hooks.standard import HOOK as STANDARD

HOOKS: Mapping[str, HookSource] = {hook.name: hook for hook in (STANDARD, HUBSPOT, SALESFORCE, PIPEDRIVE)}
