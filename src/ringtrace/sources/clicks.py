"""Click ids: what an advertising or mail system adds to a link, and what its presence proves.

Values are kept exactly as they came: they are case-sensitive keys of somebody else's table.
"""

from __future__ import annotations

from msgspec import Struct

from ringtrace.sources.hosts import Kind


class ClickId(Struct, frozen=True):
    """What a click id says by being there. `medium` None: it travels with another id and proves nothing alone."""

    source: str
    medium: str | None
    kind: Kind
    paid: bool


_PAID_SEARCH = {
    "gclid": "google",
    "gbraid": "google",
    "wbraid": "google",
    "gad_source": "google",
    "msclkid": "bing",
    "yclid": "yandex",
}
_PAID_SOCIAL = {
    "ttclid": "tiktok",
    "li_fat_id": "linkedin",
    "twclid": "twitter",
    "sccid": "snapchat",
    "rdt_cid": "reddit",
    "epik": "pinterest",
    "qclid": "quora",
}

# By lower-case parameter name, in the order in which one of several ids is believed.
CLICK_IDS: dict[str, ClickId] = {
    **{name: ClickId(source, "cpc", Kind.SEARCH, True) for name, source in _PAID_SEARCH.items()},
    **{name: ClickId(source, "paid_social", Kind.SOCIAL, True) for name, source in _PAID_SOCIAL.items()},
    "dclid": ClickId("google", "display", Kind.OTHER, True),
    "srsltid": ClickId("google", "organic", Kind.SEARCH, False),
    "ysclid": ClickId("yandex", "organic", Kind.SEARCH, False),
    "fbclid": ClickId("facebook", "social", Kind.SOCIAL, False),  # on every link that leaves Facebook, paid or not
    "igshid": ClickId("instagram", "social", Kind.SOCIAL, False),
    "mc_cid": ClickId("mailchimp", "email", Kind.MAIL, False),
    "gad_campaignid": ClickId("google", None, Kind.SEARCH, False),
}
