"""From a landing URL and a referrer to a source. In the edge's hot path: it takes anything and never raises.

Who is believed, in order: the link's own UTM parameters; a click id that proves who sold or sent the click; the
referrer; a click id that only hints; and if none says anything, the visitor came directly. A paid click id completes
what UTM parameters leave out, and corrects a medium that says the click was free when both name the same seller (Google
tags the links of business profiles so). Last, the company's own rules.

What is short and comes again (a source and a medium, a referrer's origin) is judged once and remembered; what is unique
to a visit (click ids, long texts) never enters a cache.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from ringtrace.core.sources import Channel, Source
from ringtrace.sources.channels import campaign_sign, channel_of, is_paid_medium
from ringtrace.sources.clicks import PERSONAL, ClickId, Proof, believed
from ringtrace.sources.home import RULES, Home, apply_rules, rules_version
from ringtrace.sources.hosts import LONGEST_ORIGIN, origin_of
from ringtrace.sources.links import LONGEST_URL, Link, complete, keyword_in, read_link
from ringtrace.sources.places import Kind
from ringtrace.sources.senders import Sender, sender_of
from ringtrace.sources.texts import LONGEST_TEXT, clean, text_of

_LONGEST_REMEMBERED = 64


class Verdict(NamedTuple):
    channel: Channel
    source: str | None
    medium: str | None


def classify(url: str, referrer: str, home: Home) -> Source:
    """Who sent this visit. `home`: what is the site's own; keep one object for a site.

    Source and medium are lower-cased, all else is as the link says. Garbage is Direct or Unassigned.
    """
    url = url[:LONGEST_URL]
    rest, _, fragment = url.partition("#")
    address, _, query = rest.partition("?")
    netloc, path = _split(address)
    link = read_link(query, fragment)
    sender = sender_of(origin_of(referrer), netloc, home) if referrer else None
    click = believed(link.ids, link.of_ad) if link.ids else None
    network = None
    if link.of_ad and click is not None and click.is_paid:
        complete(link)
        network = link.said.get("network") if click.source == "google" else None
    verdict = _judged(link.said, click, sender, network)
    version = rules_version(home) if home.rules or home.ignored else RULES
    found = _source(verdict, link, sender, referrer, path, version)
    if not home.rules:
        return found
    return apply_rules(home, found, url, click.kind if click is not None and click.is_paid else None, network)


def _split(address: str) -> tuple[str, str]:
    """(host with port, path) of an address; both short enough to keep."""
    start = address.find("//")
    if start < 0 or (start > 0 and address[start - 1] != ":"):
        return "", address
    end = address.find("/", start + 2)
    if end < 0:
        return address[start + 2 : start + LONGEST_ORIGIN], ""
    return address[start + 2 : min(end, start + LONGEST_ORIGIN)], address[end:]


def _source(verdict: Verdict, link: Link, sender: Sender | None, referrer: str, path: str, version: str) -> Source:
    get, ids = link.said.get, link.ids
    keyword = get("keyword")
    if keyword is None and sender is not None and sender.asks is not None:
        keyword = keyword_in(referrer, sender.asks)
    if ids and not PERSONAL.isdisjoint(ids):
        ids = {name: value for name, value in ids.items() if name not in PERSONAL}
    campaign_id = get("campaign_id")
    if campaign_id is None and "gad_campaignid" in ids:
        campaign_id = clean(ids["gad_campaignid"]) or None
    return Source(
        channel=verdict.channel,
        source=verdict.source,
        medium=verdict.medium,
        campaign=get("campaign") or campaign_id,
        campaign_id=campaign_id,
        ad_group=get("ad_group"),
        keyword=keyword,
        content=get("content"),
        platform=get("platform"),
        creative_format=get("creative_format"),
        tactic=get("tactic"),
        click_ids=ids,
        landing_page=_page(path) if len(path) <= _LONGEST_REMEMBERED else text_of(path, plus=False) or "/",
        referrer_host=None if sender is None else sender.host,
        rules=version,
    )


@lru_cache(maxsize=1_024)
def _page(path: str) -> str:
    return text_of(path, plus=False) or "/"


def _judged(said: dict[str, str], click: ClickId | None, sender: Sender | None, network: str | None) -> Verdict:
    source, medium, campaign = said.get("source", ""), said.get("medium", ""), said.get("campaign")
    judge = _judge if len(source) + len(medium) <= _LONGEST_REMEMBERED else _judge.__wrapped__
    sign = campaign_sign(campaign) if campaign is not None else ""
    return judge(source, medium, sign, click, sender, network)


@lru_cache(maxsize=4_096)
def _judge(
    source: str, medium: str, sign: str, click: ClickId | None, sender: Sender | None, network: str | None
) -> Verdict:
    """The verdict on what a link says of its source and medium (empty: nothing) and on what came with it."""
    paid = click if click is not None and click.is_paid else None
    named = source.lower()[:LONGEST_TEXT] or None
    meant = medium.lower()[:LONGEST_TEXT] or None
    if named is None and meant is None:
        named, meant = _untagged(click, sender)
    elif paid is not None:
        named, meant = _with_paid_click(named, meant, paid)
    elif named is None and (click is not None or sender is not None):
        named = _untagged(click, sender)[0]
    channel = channel_of(named, meant, sign, seller=paid.kind if paid else None, network=network)
    return Verdict(channel, named, meant)


def _with_paid_click(source: str | None, medium: str | None, click: ClickId) -> tuple[str, str | None]:
    is_same_seller = source is None or click.source in source
    if medium is None or (is_same_seller and not is_paid_medium(medium)):
        medium = click.medium
    return source or click.source, medium


def _untagged(click: ClickId | None, sender: Sender | None) -> tuple[str, str | None]:
    if click is not None and _is_surer(click, sender):
        return click.source, click.medium
    if sender is not None:
        return sender.name, sender.medium
    return "direct", "none"


def _is_surer(click: ClickId, sender: Sender | None) -> bool:
    """Whether the click id says more than the referrer: a mailing seen in a mailbox was sent by its mailing system."""
    if click.proof is not Proof.HINT or sender is None:
        return True
    return click.kind is Kind.MAIL and sender.kind is Kind.MAIL


def offline_source(name: str, campaign: str | None = None) -> Source:
    """The source of a static number printed somewhere: a van, a flyer."""
    return Source(channel=Channel.OFFLINE, source=name, medium="offline", campaign=campaign, rules=RULES)
