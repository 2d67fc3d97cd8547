"""Google Analytics 4's default channel groups: from source, medium and campaign to a channel.

The rules, their order and their patterns are Google's, for traffic that its own ad accounts do not explain ("Default
channel group", support.google.com/analytics/answer/9756891, as of June 2026, with the AI Assistant channel of 13 May
2026). Where Google says nothing, for a source without a medium, ours are marked. Google has not said where AI Assistant
stands; its medium is nobody else's, so it stands before the organic rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from ringtrace.core.sources import Channel
from ringtrace.sources.places import Kind, kind_of_name

_PAID = re.compile(r".*cp.*|ppc|retargeting|paid.*", re.DOTALL)
_CROSS_NETWORK = "cross-network"
_SHOPPING = "shopping"
_SHOP = re.compile(r"([^a-df-z]|^)shop|shopping")  # within ^(.*(...).*)$, as Google has it
_DISPLAY = frozenset({"display", "banner", "expandable", "interstitial", "cpm"})
_NOT_SET = frozenset({"", "none", "(none)", "(not set)"})
_DIRECT = frozenset({"direct", "(direct)"})
_SOCIAL = frozenset(
    {
        "social",
        "social-network",
        "social-media",
        "sm",
        "social network",
        "social media",
    }
)
_EMAIL = frozenset({"email", "e-mail", "e_mail", "e mail"})
_REFERRAL = frozenset({"referral", "app", "link"})
# ValueTrack's {network}, and the channel that Google gives that network's clicks (same page, "Google Ads traffic").
NETWORKS = {
    "g": Channel.PAID_SEARCH,
    "s": Channel.PAID_SEARCH,
    "d": Channel.DISPLAY,
    "ytv": Channel.PAID_VIDEO,
    "yt": Channel.PAID_VIDEO,
    "vp": Channel.PAID_VIDEO,
    "gtv": Channel.PAID_VIDEO,
    "x": Channel.CROSS_NETWORK,
}


class Case(NamedTuple):
    """What the rules look at. `kind`: what the source's name or host is known as. `seller`: the same, or what a paid
    click id proves, which beats a name. `campaign`: only what the rules see in it. Empty where nothing is said."""

    source: str
    medium: str
    campaign: str
    kind: Kind | None
    seller: Kind | None

    @property
    def is_paid(self) -> bool:
        return _PAID.fullmatch(self.medium) is not None


class ChannelRule(NamedTuple):
    channel: Channel
    holds: Callable[[Case], bool]


CHANNEL_RULES: tuple[ChannelRule, ...] = (
    ChannelRule(Channel.DIRECT, lambda case: case.source in _DIRECT and case.medium in _NOT_SET),
    ChannelRule(Channel.CROSS_NETWORK, lambda case: case.campaign == _CROSS_NETWORK),
    ChannelRule(
        Channel.PAID_SHOPPING,
        lambda case: (case.kind is Kind.SHOPPING or case.campaign == _SHOPPING) and case.is_paid,
    ),
    ChannelRule(Channel.PAID_SEARCH, lambda case: case.seller is Kind.SEARCH and case.is_paid),
    ChannelRule(Channel.PAID_SOCIAL, lambda case: case.seller is Kind.SOCIAL and case.is_paid),
    ChannelRule(Channel.PAID_VIDEO, lambda case: case.seller is Kind.VIDEO and case.is_paid),
    ChannelRule(Channel.DISPLAY, lambda case: case.medium in _DISPLAY),
    ChannelRule(Channel.PAID_OTHER, lambda case: case.is_paid),
    ChannelRule(
        Channel.AI_ASSISTANT,
        lambda case: case.medium == "ai-assistant" or (case.kind is Kind.AI and case.medium in _NOT_SET),  # or: ours
    ),
    ChannelRule(Channel.ORGANIC_SHOPPING, lambda case: case.kind is Kind.SHOPPING or case.campaign == _SHOPPING),
    ChannelRule(Channel.ORGANIC_SOCIAL, lambda case: case.kind is Kind.SOCIAL or case.medium in _SOCIAL),
    ChannelRule(Channel.ORGANIC_VIDEO, lambda case: case.kind is Kind.VIDEO or "video" in case.medium),
    ChannelRule(Channel.ORGANIC_SEARCH, lambda case: case.kind is Kind.SEARCH or case.medium == "organic"),
    ChannelRule(Channel.REFERRAL, lambda case: case.medium in _REFERRAL),
    ChannelRule(
        Channel.EMAIL,
        lambda case: (
            case.source in _EMAIL
            or case.medium in _EMAIL
            or (case.kind is Kind.MAIL and case.medium in _NOT_SET)  # ours
        ),
    ),
    ChannelRule(Channel.AFFILIATES, lambda case: case.medium == "affiliate"),
    ChannelRule(Channel.AUDIO, lambda case: case.medium == "audio"),
    ChannelRule(Channel.SMS, lambda case: "sms" in (case.source, case.medium)),
    ChannelRule(
        Channel.MOBILE_PUSH,
        lambda case: (
            case.medium.endswith("push")
            or "mobile" in case.medium
            or "notification" in case.medium
            or case.source == "firebase"
        ),
    ),
    ChannelRule(Channel.UNASSIGNED, lambda _: True),
)


def is_paid_medium(medium: str | None) -> bool:
    return medium is not None and (_PAID.fullmatch(medium) is not None or medium in _DISPLAY)


def channel_of(
    source: str | None,
    medium: str | None,
    campaign: str | None = None,
    *,
    seller: Kind | None = None,
    network: str | None = None,
) -> Channel:
    """The channel of a source, medium and campaign; case does not matter. No source and no medium is Direct.

    `seller`: the kind of place that a paid click id proves, beating the source's name. `network`: ValueTrack's, of a
    click that Google Ads sold.
    """
    source, medium = (source or "").lower(), (medium or "").lower()
    if not source and not medium:
        source, medium = "direct", "none"
    if network in NETWORKS and is_paid_medium(medium):
        return NETWORKS[network]
    kind = kind_of_name(source)
    case = Case(source, medium, campaign_sign(campaign), kind, seller or kind)
    return next(rule.channel for rule in CHANNEL_RULES if rule.holds(case))


@lru_cache(maxsize=2_048)
def _sign(campaign: str) -> str:
    if _CROSS_NETWORK in campaign:
        return _CROSS_NETWORK
    return _SHOPPING if _SHOP.search(campaign) else ""


def campaign_sign(campaign: str | None) -> str:
    """All that the rules see in a campaign's name: `cross-network`, `shopping` or nothing."""
    if not campaign:
        return ""
    campaign = campaign.lower()
    return _sign(campaign) if "shop" in campaign or _CROSS_NETWORK in campaign else ""
