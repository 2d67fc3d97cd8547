"""What stands in a page's HTML: script tags, policies, phone numbers, and other trackers. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Final

import phonenumbers
from msgspec import Struct

from ringtrace.core.phones import try_phone

_HIDDEN: Final = frozenset({"script", "style", "template", "noscript", "textarea", "iframe", "object"})
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_BLOCKS: Final = frozenset(
    {"p", "div", "li", "td", "th", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "br", "section", "footer", "header", "nav"}
)
_LONGEST_SCRIPT = 200_000
_MOST_NUMBERS = 60
_DEEPEST = 30


class Tag(Struct, frozen=True, kw_only=True):
    """A script tag. `where`: the element that keeps it from running (`template`, `noscript`, `comment`), "" if none."""

    attributes: Mapping[str, str | None]
    where: str = ""

    def get(self, name: str) -> str:
        return (self.attributes.get(name) or "").strip()


class Printed(Struct, frozen=True, kw_only=True):
    """A phone number of the page. `places`: text, link, data (JSON-LD); `is_kept`: only where nothing is swapped."""

    e164: str
    written: str
    places: tuple[str, ...]
    is_kept: bool = False


class Page(Struct, frozen=True, kw_only=True):
    """`policies`: of meta tags alone. `scripts`: addresses and texts of all scripts that run."""

    tags: tuple[Tag, ...]
    policies: tuple[str, ...]
    scripts: str
    printed: tuple[Printed, ...]


def read_page(html: str, region: str) -> Page:
    """`region`: how national numbers are read."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    for comment in reader.comments:
        inner = _Reader()
        inner.feed(comment)
        reader.tags += [Tag(attributes=tag.attributes, where="comment") for tag in inner.tags]
    return Page(
        tags=tuple(reader.tags),
        policies=tuple(reader.policies),
        scripts="\n".join(reader.scripts),
        printed=tuple(_printed(reader, region)),
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[Tag] = []
        self.policies: list[str] = []
        self.scripts: list[str] = []
        self.comments: list[str] = []
        self.texts: list[tuple[str, bool]] = []  # what is read, and whether nothing in it is swapped
        self.links: list[tuple[str, bool]] = []
        self.data: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._is_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "script":
            self._script(told)
        elif tag == "meta" and (told.get("http-equiv") or "").lower() == "content-security-policy":
            self.policies.append(told.get("content") or "")
        elif tag == "a" and (told.get("href") or "").lower().startswith("tel:"):
            self.links.append(((told.get("href") or "")[4:], self._is_kept or _keeps(told)))
        if tag in _BLOCKS:
            self.texts.append(("\n", False))
        if tag not in _VOID:
            self._open.append((tag, self._is_kept or _keeps(told)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass
        if tag in _BLOCKS:
            self.texts.append(("\n", False))

    def handle_data(self, data: str) -> None:
        inside = self._open[-1][0] if self._open else ""
        if inside == "script":
            (self.data if self._is_data else self.scripts).append(data[:_LONGEST_SCRIPT])
        elif not self._hidden_in:
            self.texts.append((data, self._is_kept))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def _script(self, told: dict[str, str | None]) -> None:
        self._is_data = "ld+json" in (told.get("type") or "").lower()
        self.tags.append(Tag(attributes=told, where=self._hidden_in))
        if told.get("src") and not self._hidden_in:
            self.scripts.append(told["src"] or "")

    @property
    def _is_kept(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    @property
    def _hidden_in(self) -> str:
        return next((name for name, _ in self._open if name in _HIDDEN), "")


def _keeps(told: Mapping[str, str | None]) -> bool:
    """Whether the snippet leaves alone what is in it."""
    return "noswap" in (told.get("class") or "").split() or told.get("data-ringtrace") == "off"


def _printed(reader: _Reader, region: str) -> Iterator[Printed]:
    found: dict[str, dict[str, tuple[str, bool]]] = {}

    def note(e164: str, place: str, written: str, *, is_kept: bool) -> None:
        if e164 in found or len(found) < _MOST_NUMBERS:
            places = found.setdefault(e164, {})
            places[place] = (places.get(place, (written, True))[0], places.get(place, ("", True))[1] and is_kept)

    for kept in (False, True):
        text = "".join(part for part, is_kept in reader.texts if is_kept is kept or part == "\n")
        for match in phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.POSSIBLE):
            if e164 := _e164(match):
                note(e164, "text", match.raw_string, is_kept=kept)
    for link, is_kept in reader.links:
        if e164 := try_phone(link.split(";")[0].strip(), region):
            note(e164, "link", link, is_kept=is_kept)
    for block in reader.data:
        for said in _telephones(block):
            if e164 := try_phone(said[:40], region):
                note(e164, "data", said, is_kept=True)
    for e164, places in found.items():
        written = next(iter(places.values()))[0]
        yield Printed(
            e164=e164, written=written, places=tuple(places), is_kept=all(is_kept for _, is_kept in places.values())
        )


def _e164(match: phonenumbers.PhoneNumberMatch) -> str | None:
    """What is written like a phone number: ten digits in a row may be anything."""
    digits = sum(char.isdigit() for char in match.raw_string)
    if digits == len(match.raw_string) or not phonenumbers.is_possible_number(match.number):
        return None
    return phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)


def _telephones(block: str) -> Iterator[str]:
    try:
        told = json.loads(block)
    except (ValueError, RecursionError):
        return
    yield from _telephones_in(told, 0)


def _telephones_in(told: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(told, dict):
        for name, value in told.items():
            if name in ("telephone", "phone") and isinstance(value, str):
                yield value
            else:
                yield from _telephones_in(value, depth + 1)
    elif isinstance(told, list):
        for value in told:
            yield from _telephones_in(value, depth + 1)


TRACKERS: Final = (  # a sign of it in a script, its name, what kind it is
    ("callrail.com", "CallRail", "swaps"),
    ("tctm.co", "CallTrackingMetrics", "swaps"),
    ("whatconverts", "WhatConverts", "swaps"),
    ("invoca", "Invoca", "swaps"),
    ("infinity-tracking", "Infinity", "swaps"),
    ("responsetap", "ResponseTap", "swaps"),
    ("marchex", "Marchex", "swaps"),
    ("calltrk", "CallRail", "swaps"),
    ("ctm.js", "CallTrackingMetrics", "swaps"),
    ("googletagmanager.com/gtm.js", "Google Tag Manager", "manager"),
    ("gtm-", "Google Tag Manager", "manager"),
    ("assets.adobedtm.com", "Adobe Launch", "manager"),
    ("tags.tiqcdn.com", "Tealium", "manager"),
    ("googletagmanager.com/gtag", "Google tag (GA4, Ads)", "other"),
    ("connect.facebook.net", "Meta pixel", "other"),
    ("bat.bing.com", "Microsoft Ads", "other"),
    ("plausible", "Plausible", "other"),
    ("matomo", "Matomo", "other"),
    ("snap.licdn.com", "LinkedIn Insight", "other"),
    ("analytics.tiktok.com", "TikTok pixel", "other"),
    ("clarity.ms", "Microsoft Clarity", "other"),
    ("hotjar", "Hotjar", "other"),
    ("cookiebot", "Cookiebot", "consent"),
    ("onetrust", "OneTrust", "consent"),
    ("usercentrics", "Usercentrics", "consent"),
    ("iubenda", "iubenda", "consent"),
    ("consentmanager", "consentmanager", "consent"),
)


def trackers_in(scripts: str) -> dict[str, str]:
    """Names of what else runs on the page, with the kind: swaps, manager, consent, other."""
    text = scripts.lower()
    return {name: kind for sign, name, kind in TRACKERS if sign in text}
