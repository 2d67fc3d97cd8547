"""What a visitor agreed to, as the page said it."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Said = Literal["granted", "denied", "unset"]


class Consent(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`said`: the site's own word to the snippet. The four of Google's Consent Mode v2 are None where the page gave no
    signal: then nothing may be sent in their name. `tcf`: whether the TCF string allows storage (purpose 1); None
    where there was none or the law it speaks of does not apply. `gpc`: Global Privacy Control was on.
    """

    said: Said = "unset"
    ad_storage: bool | None = None
    analytics_storage: bool | None = None
    ad_user_data: bool | None = None
    ad_personalization: bool | None = None
    tcf: bool | None = None
    gpc: bool = False
