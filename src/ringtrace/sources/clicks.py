"""Click ids: what an advertising, partner or mailing system adds to a link, and what its presence proves.

Values are kept exactly as they came: they are case-sensitive keys of somebody else's table. Each vendor's help pages
name its own; that fbclid, srsltid and ysclid stand on free links too is seen in the wild.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from ringtrace.sources.places import Kind


class Proof(StrEnum):
    """What a click id proves by being there."""

    PAID = "paid"  # the click was bought
    SENT = "sent"  # a partner sent it, whatever page it stood on
    HINT = "hint"  # where it began; a referrer knows better
    NONE = "none"  # it travels with another id


class ClickId(Struct, frozen=True, cache_hash=True):
    """`is_kept`: False where the value names a person rather than a click, and the verdict must not carry it on."""

    source: str
    medium: str | None
    kind: Kind
    proof: Proof
    is_kept: bool = True

    @property
    def is_paid(self) -> bool:
        return self.proof is Proof.PAID


def _paid(medium: str, kind: Kind, sources: dict[str, str]) -> dict[str, ClickId]:
    return {name: ClickId(source, medium, kind, Proof.PAID) for name, source in sources.items()}


def _sent(sources: dict[str, str]) -> dict[str, ClickId]:
    return {name: ClickId(source, "affiliate", Kind.OTHER, Proof.SENT) for name, source in sources.items()}


def _hint(medium: str, kind: Kind, sources: dict[str, str], *, is_kept: bool = True) -> dict[str, ClickId]:
    return {name: ClickId(source, medium, kind, Proof.HINT, is_kept) for name, source in sources.items()}


def _with_another(kind: Kind, sources: dict[str, str]) -> dict[str, ClickId]:
    return {name: ClickId(source, None, kind, Proof.NONE) for name, source in sources.items()}


# By lower-case parameter name, in the order in which one of several ids is believed.
CLICK_IDS: dict[str, ClickId] = {
    **_paid(
        "cpc",
        Kind.SEARCH,
        {
            "gclid": "google",
            "gbraid": "google",
            "wbraid": "google",
            "gad_source": "google",
            "msclkid": "bing",
            "yclid": "yandex",
            "ymclid": "yandex",
            "vmcid": "yahoo",
        },
    ),
    **_paid(
        "paid_social",
        Kind.SOCIAL,
        {
            "ttclid": "tiktok",
            "li_fat_id": "linkedin",
            "twclid": "twitter",
            "sccid": "snapchat",
            "rdt_cid": "reddit",
            "epik": "pinterest",
            "qclid": "quora",
            "ndclid": "nextdoor",
        },
    ),
    **_paid("display", Kind.OTHER, {"dclid": "google"}),
    **_paid("cpc", Kind.OTHER, {"tblci": "taboola", "dicbo": "outbrain", "oborigurl": "outbrain", "cto_pld": "criteo"}),
    **_paid("cpc", Kind.SEARCH, {"s_kwcid": "adobe", "ef_id": "adobe"}),
    **_sent(
        {
            "irclickid": "impact",
            "cjevent": "cj",
            "awc": "awin",
            "zanpid": "awin",
            "sscid": "shareasale",
            "ransiteid": "rakuten-advertising",
            "clickref": "partnerize",
            "admitad_uid": "admitad",
            "pjid": "pepperjam",
        }
    ),
    **_hint("organic", Kind.SEARCH, {"srsltid": "google", "ysclid": "yandex"}),
    **_hint("social", Kind.SOCIAL, {"fbclid": "facebook", "igshid": "instagram", "igsh": "instagram"}),
    **_hint("email", Kind.MAIL, {"mc_cid": "mailchimp", "oly_enc_id": "omeda", "dm_i": "dotdigital"}),
    **_hint(
        "email",
        Kind.MAIL,
        {
            "mc_eid": "mailchimp",
            "_hsenc": "hubspot",
            "_hsmi": "hubspot",
            "_kx": "klaviyo",
            "_ke": "klaviyo",
            "mkt_tok": "marketo",
            "vero_id": "vero",
            "vero_conv": "vero",
            "ck_subscriber_id": "convertkit",
            "ml_subscriber": "mailerlite",
            "omnisendcontactid": "omnisend",
            "trk_contact": "listrak",
            "bsft_clkid": "blueshift",
        },
        is_kept=False,
    ),
    **_with_another(
        Kind.SEARCH, {"gad_campaignid": "google", "gclsrc": "google", "gclaw": "google", "gcldc": "google"}
    ),
    **_with_another(Kind.OTHER, {"wickedid": "wicked-reports", "irgwc": "impact", "pp": "pinterest"}),
}
PERSONAL = frozenset(name for name, click in CLICK_IDS.items() if not click.is_kept)
_RANK = {name: rank for rank, name in enumerate(CLICK_IDS)}
_YAHOO_JAPAN = ClickId("yahoo-japan", "cpc", Kind.SEARCH, Proof.PAID)
_META_AD_NAMES = frozenset({"adset_id", "ad_id"})
_META_AD = ClickId("facebook", "paid_social", Kind.SOCIAL, Proof.PAID)


def believed(ids: dict[str, str], of_ad: dict[str, str]) -> ClickId | None:
    """Of several ids the one that proves most; None if none proves anything.

    `of_ad`: what an ad platform filled in by parameter name. An ad or an ad set beside fbclid makes the click an ad's:
    Meta fills them into the links of ads alone. Yahoo! JAPAN calls its click id yclid too; its values begin with YSS or
    YJAD.
    """
    name = min(ids, key=_RANK.__getitem__) if len(ids) > 1 else next(iter(ids))
    click = CLICK_IDS[name]
    if name == "yclid" and ids[name].startswith(("YSS.", "YJAD.")):
        return _YAHOO_JAPAN
    if of_ad and "fbclid" in ids and not click.is_paid and not _META_AD_NAMES.isdisjoint(of_ad):
        return _META_AD
    return None if click.proof is Proof.NONE else click
