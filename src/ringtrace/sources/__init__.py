"""Reads a landing URL and a referrer, says who sent this visitor."""

from ringtrace.sources.agents import Device, device_of, is_bot
from ringtrace.sources.classify import RULES, classify, offline_source

__all__ = ["RULES", "Device", "classify", "device_of", "is_bot", "offline_source"]
