"""Channel rules, version 1: from source, medium and kind of place to a channel.

The order is Google Analytics 4's ("Default channel group", support.google.com/analytics/answer/9756891, with the AI
Assistant channel of May 2026). Channels that Ringtrace does not have (Cross-network, Shopping, Video, Audio, Push) are
passed over: such visits fall to the next rule that fits.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ringtrace.core.sources import Channel
from ringtrace.sources.hosts import Kind, kind_of_name

_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*", re.DOTALL)
_DISPLAY = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_NOT_SET = frozenset({None, "none", "(none)", "(not set)"})
_DIRECT = frozenset({"direct", "(direct)"})
_SOCIAL = frozenset(
    {
        "social",
        "social-network",
        "social-media",
        "sm",
        "social network",
        "social media",
        "social_network",
        "social_media",
    }
)
_EMAIL = frozenset({"email", "e-mail", "e_mail", "e mail"})
_REFERRAL = frozenset({"referral", "app", "link"})
_PAID_BY_KIND = {Kind.SEARCH: Channel.PAID_SEARCH, Kind.SOCIAL: Channel.PAID_SOCIAL}


def is_paid_medium(medium: str | None) -> bool:
    return medium is not None and (_PAID.fullmatch(medium) is not None or medium in _DISPLAY)


@lru_cache(maxsize=8_192)
def channel_of(source: str | None, medium: str | None, clicked: Kind | None = None) -> Channel:
    """The channel of a lower-case source and medium. `clicked`: what a paid click id proves, beating the name."""
    if (source in _DIRECT and medium in _NOT_SET) or (source is None and medium is None):
        return Channel.DIRECT
    kind = kind_of_name(source) if source else None
    if medium is not None and (paid := _paid_channel(medium, clicked or kind)) is not None:
        return paid
    return _free_channel(source, medium, kind)


def _paid_channel(medium: str, kind: Kind | None) -> Channel | None:
    pays = _PAID.fullmatch(medium) is not None
    if pays and kind in _PAID_BY_KIND:
        return _PAID_BY_KIND[kind]
    if medium in _DISPLAY:
        return Channel.DISPLAY
    return Channel.PAID_OTHER if pays else None


def _free_channel(source: str | None, medium: str | None, kind: Kind | None) -> Channel:
    rules = (
        (kind is Kind.AI or medium == "ai-assistant", Channel.AI_ASSISTANT),
        (kind is Kind.SOCIAL or medium in _SOCIAL, Channel.ORGANIC_SOCIAL),
        (kind is Kind.SEARCH or medium == "organic", Channel.ORGANIC_SEARCH),
        (medium in _REFERRAL, Channel.REFERRAL),
        (source in _EMAIL or medium in _EMAIL or kind is Kind.MAIL, Channel.EMAIL),
        (medium in ("affiliate", "affiliates"), Channel.AFFILIATES),
        (source == "sms" or medium == "sms", Channel.SMS),
        (medium == "offline", Channel.OFFLINE),
    )
    return next((channel for fits, channel in rules if fits), Channel.UNASSIGNED)
