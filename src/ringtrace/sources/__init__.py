"""Reads a landing URL and a referrer, says who sent this visitor."""

from ringtrace.sources.agents import Device, device_of, is_bot
from ringtrace.sources.channels import CHANNEL_RULES, channel_of
from ringtrace.sources.classify import classify, offline_source
from ringtrace.sources.home import RULES, Home, check_rule, rules_version

__all__ = [
    "CHANNEL_RULES",
    "RULES",
    "Device",
    "Home",
    "channel_of",
    "check_rule",
    "classify",
    "device_of",
    "is_bot",
    "offline_source",
    "rules_version",
]
