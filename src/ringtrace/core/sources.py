"""Who sent a visit."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field


class Channel(StrEnum):
    """Channel groups, named as Google Analytics 4 names them, so that reports can be laid side by side."""

    DIRECT = "Direct"
    PAID_SEARCH = "Paid Search"
    PAID_SOCIAL = "Paid Social"
    PAID_OTHER = "Paid Other"
    DISPLAY = "Display"
    ORGANIC_SEARCH = "Organic Search"
    ORGANIC_SOCIAL = "Organic Social"
    AI_ASSISTANT = "AI Assistant"
    EMAIL = "Email"
    AFFILIATES = "Affiliates"
    REFERRAL = "Referral"
    SMS = "SMS"
    OFFLINE = "Offline"  # our own: a static number printed somewhere, never a web visit
    UNASSIGNED = "Unassigned"


PAID_CHANNELS = frozenset({Channel.PAID_SEARCH, Channel.PAID_SOCIAL, Channel.PAID_OTHER, Channel.DISPLAY})


class Source(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The verdict on where a visit came from. Text fields are None where the visit did not say.

    `rules` names the version of the rule set that gave the verdict; the raw URL and referrer rest beside it in the
    visit, so that history can be classified again.
    """

    channel: Channel
    source: str | None = None
    medium: str | None = None
    campaign: str | None = None
    ad_group: str | None = None
    keyword: str | None = None
    content: str | None = None
    click_ids: dict[str, str] = field(default_factory=dict)
    landing_page: str | None = None  # path only
    referrer_host: str | None = None
    rules: str = "1"

    @property
    def label(self) -> str:
        """A short name for lists: `google / cpc · emergency`."""
        pair = f"{self.source or 'unknown'} / {self.medium or 'none'}"
        return f"{pair} · {self.campaign}" if self.campaign else pair
