"""Who sent a visit."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from msgspec import Struct, field


class Channel(StrEnum):
    """Channel groups, named as Google Analytics 4 names them, so that reports can be laid side by side."""

    DIRECT = "Direct"
    CROSS_NETWORK = "Cross-network"
    PAID_SHOPPING = "Paid Shopping"
    PAID_SEARCH = "Paid Search"
    PAID_SOCIAL = "Paid Social"
    PAID_VIDEO = "Paid Video"
    DISPLAY = "Display"
    PAID_OTHER = "Paid Other"
    ORGANIC_SHOPPING = "Organic Shopping"
    ORGANIC_SOCIAL = "Organic Social"
    ORGANIC_VIDEO = "Organic Video"
    ORGANIC_SEARCH = "Organic Search"
    AI_ASSISTANT = "AI Assistant"
    REFERRAL = "Referral"
    EMAIL = "Email"
    AFFILIATES = "Affiliates"
    AUDIO = "Audio"
    SMS = "SMS"
    MOBILE_PUSH = "Mobile Push Notifications"
    OFFLINE = "Offline"  # our own: a static number printed somewhere, never a web visit
    UNASSIGNED = "Unassigned"


PAID_CHANNELS = frozenset(
    {
        Channel.CROSS_NETWORK,
        Channel.PAID_SHOPPING,
        Channel.PAID_SEARCH,
        Channel.PAID_SOCIAL,
        Channel.PAID_VIDEO,
        Channel.DISPLAY,
        Channel.PAID_OTHER,
    }
)


class Condition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One test of a company's source rule. `of`: `source`, `medium`, `campaign`, `keyword`, `content`, `referrer` (its
    host), `landing` (the path) or `param:NAME` (a query parameter of the landing URL). Case does not matter."""

    of: str
    how: Literal["is", "starts", "ends", "contains", "exists"] = "is"
    text: str = ""


class SourceRule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A company's own word on a source: where every condition holds, what is `set_` replaces the built-in verdict."""

    rule_id: str
    conditions: tuple[Condition, ...]
    set_source: str | None = None
    set_medium: str | None = None
    set_campaign: str | None = None
    set_channel: Channel | None = None


class Source(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The verdict on where a visit came from. Text fields are None where the visit did not say.

    `rules` names the version of the rule set that gave the verdict; the raw URL and referrer rest beside it in the
    visit, so that history can be classified again. Source and medium are lower case, all else as the link says it.
    `campaign` falls back on the campaign's id where no name is given; `platform`, `creative_format` and `tactic` are
    Google Analytics' `utm_source_platform`, `utm_creative_format` and `utm_marketing_tactic`. `click_ids` by lower-case
    parameter name, values untouched.
    """

    channel: Channel
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    campaign_id: str | None = None
    ad_group: str | None = None
    keyword: str | None = None
    content: str | None = None
    platform: str | None = None
    creative_format: str | None = None
    tactic: str | None = None
    click_ids: dict[str, str] = field(default_factory=dict)
    landing_page: str | None = None  # path only
    referrer_host: str | None = None  # in punycode beyond ASCII, as browsers send it
    rules: str = "1"

    @property
    def label(self) -> str:
        """A short name for lists: `google / cpc · emergency`."""
        pair = f"{self.source or 'unknown'} / {self.medium or 'none'}"
        return f"{pair} · {self.campaign}" if self.campaign else pair
