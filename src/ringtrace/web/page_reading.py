"""What stands in a page's HTML: script tags, policies, phone numbers, and other trackers. Pure.

A page may be made to be hard to read. The work grows with its length alone, the length is bounded, and a clock is
looked at all the way.
"""

from __future__ import annotations

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Final

import phonenumbers
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.phones import try_phone

MOST_READ: Final = 500_000
"""Characters of a page; what comes after them is not read."""

LONGEST_WORK_SECS: Final = 2.0
"""Of the processor, for one page."""

_HIDDEN: Final = frozenset({"script", "style", "template", "noscript", "textarea", "iframe", "object"})
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_BLOCKS: Final = frozenset(
    {"p", "div", "li", "td", "th", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "br", "section", "footer", "header", "nav"}
)
_LONGEST_SCRIPT = 200_000
_MOST_NUMBERS = 60
_LONGEST_NUMBER = 40
_DEEPEST = 30
_PIECE = 16_384
_LONGEST_TAG = 32_768
_TEXT_PIECE = 4_096
_EMBEDDED = re.compile(r"""=(["'])data:[^"'<>]{4000,}+\1""")
_BEFORE_WORD = re.compile(r"\s(?=[^\W\d_])")
Clock = Callable[[], float]


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
    """`policies`: of meta tags alone. `scripts`: addresses and texts of all scripts that run. `is_cut`: there was more
    than `MOST_READ`."""

    tags: tuple[Tag, ...]
    policies: tuple[str, ...]
    scripts: str
    printed: tuple[Printed, ...]
    is_cut: bool = False


def read_page(html: str, region: str, *, clock: Clock = time.thread_time) -> Page:
    """`region`: how national numbers are read. Raises BadInput for a page that takes too much work."""
    watch = _Watch(clock)
    reader = _Reader()
    _feed(reader, html[:MOST_READ], watch)
    for comment in reader.comments:
        reader.tags += [Tag(attributes=tag.attributes, where="comment") for tag in _tags_in(comment, watch)]
    return Page(
        tags=tuple(reader.tags),
        policies=tuple(reader.policies),
        scripts="\n".join(reader.scripts),
        printed=tuple(_printed(reader, region, watch)),
        is_cut=len(html) > MOST_READ,
    )


class _Watch:
    """Says when it has been long enough."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until = clock() + LONGEST_WORK_SECS

    def check(self) -> None:
        """Raises BadInput."""
        if self._clock() >= self._until:
            raise BadInput(
                f"The page is too tangled to read: {LONGEST_WORK_SECS:.0f} seconds of work were not enough.",
                hint="Look for tags that are never closed and for endless lists of numbers, or give another page.",
            )


def _feed(reader: _Reader, html: str, watch: _Watch) -> None:
    """In pieces: the parser looks at what is unfinished again with each. A tag that has no end gets none made for it,
    because the parser would look for it behind every `<`. Pictures in attributes are left out."""
    plain = _EMBEDDED.sub('=""', html).replace("<![", "<!")  # a browser takes <![…> for a comment, too
    for at in range(0, len(plain), _PIECE):
        watch.check()
        reader.feed(plain[at : at + _PIECE])
        if len(reader.rawdata) > _LONGEST_TAG and not reader.may_be_long:
            reader.rawdata = ""
    if "<" not in reader.rawdata:
        reader.close()


def _tags_in(comment: str, watch: _Watch) -> list[Tag]:
    if "<script" not in comment.lower():
        return []
    inner = _Reader()
    _feed(inner, comment, watch)
    return inner.tags


class _Open(Struct, frozen=True):
    """An element that is open. `hidden_in`: the outermost that hides it, itself perhaps; "" if none."""

    name: str
    is_kept: bool = False
    hidden_in: str = ""


_NOTHING_OPEN: Final = _Open("")


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
        self._open: list[_Open] = []
        self._open_by_name: Counter[str] = Counter()
        self._is_data = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        if tag == "script":
            self._script(told)
        elif tag == "meta" and (told.get("http-equiv") or "").lower() == "content-security-policy":
            self.policies.append(told.get("content") or "")
        elif tag == "a" and (told.get("href") or "").lower().startswith("tel:"):
            self.links.append(((told.get("href") or "")[4:], self._inner.is_kept or _keeps(told)))
        if tag in _BLOCKS:
            self.texts.append(("\n", False))
        if tag not in _VOID:
            self._enter(tag, is_kept=_keeps(told))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open_by_name[tag]:
            self._leave(tag)
        if tag in _BLOCKS:
            self.texts.append(("\n", False))

    def handle_data(self, data: str) -> None:
        if self._inner.name == "script":
            (self.data if self._is_data else self.scripts).append(data[:_LONGEST_SCRIPT])
        elif not self._inner.hidden_in:
            self.texts.append((data, self._inner.is_kept))

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def _script(self, told: dict[str, str | None]) -> None:
        self._is_data = "ld+json" in (told.get("type") or "").lower()
        self.tags.append(Tag(attributes=told, where=self._inner.hidden_in))
        if told.get("src") and not self._inner.hidden_in:
            self.scripts.append(told["src"] or "")

    def _enter(self, name: str, *, is_kept: bool) -> None:
        outer = self._inner
        hidden_in = outer.hidden_in or (name if name in _HIDDEN else "")
        self._open.append(_Open(name, outer.is_kept or is_kept, hidden_in))
        self._open_by_name[name] += 1

    def _leave(self, name: str) -> None:
        """With all that is open in it."""
        while True:
            closed = self._open.pop().name
            self._open_by_name[closed] -= 1
            if closed == name:
                return

    @property
    def _inner(self) -> _Open:
        return self._open[-1] if self._open else _NOTHING_OPEN

    @property
    def may_be_long(self) -> bool:
        """Whether what waits for its end is a script or a comment, which have no usual length."""
        return self.cdata_elem is not None or self.rawdata.startswith("<!--")


def _keeps(told: Mapping[str, str | None]) -> bool:
    """Whether the snippet leaves alone what is in it."""
    return "noswap" in (told.get("class") or "").split() or told.get("data-ringtrace") == "off"


def _printed(reader: _Reader, region: str, watch: _Watch) -> Iterator[Printed]:
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for e164, place, written, is_kept in _written(reader, region, watch):
        if e164 in found or len(found) < _MOST_NUMBERS:
            places = found.setdefault(e164, {})
            places[place] = (places.get(place, (written, True))[0], places.get(place, ("", True))[1] and is_kept)
    for e164, places in found.items():
        written = next(iter(places.values()))[0]
        yield Printed(
            e164=e164, written=written, places=tuple(places), is_kept=all(is_kept for _, is_kept in places.values())
        )


def _written(reader: _Reader, region: str, watch: _Watch) -> Iterator[tuple[str, str, str, bool]]:
    """Every number of the page: E.164, its place, as it is written, and whether it is left alone there."""
    for kept in (False, True):
        text = "".join(part for part, is_kept in reader.texts if is_kept is kept or part == "\n")
        for piece in _text_pieces(text):
            watch.check()
            for match in phonenumbers.PhoneNumberMatcher(piece, region, leniency=phonenumbers.Leniency.POSSIBLE):
                if e164 := _e164(match):
                    yield e164, "text", match.raw_string, kept
    for link, is_kept in reader.links:
        watch.check()
        if e164 := try_phone(link.split(";")[0].strip()[:_LONGEST_NUMBER], region):
            yield e164, "link", link, is_kept
    for block in reader.data:
        for said in _telephones(block):
            watch.check()
            if e164 := try_phone(said[:_LONGEST_NUMBER], region):
                yield e164, "data", said, True


def _text_pieces(text: str) -> Iterator[str]:
    """Not too much at once, cut where no number goes on: at the end of a line or else before a word."""
    at = 0
    while at < len(text):
        until = at + _TEXT_PIECE
        if until < len(text):
            line = text.rfind("\n", at + 1, until)
            word = next((match.start() for match in _BEFORE_WORD.finditer(text, until - _TEXT_PIECE // 2, until)), -1)
            until = line if line > 0 else word if word > 0 else until
        yield text[at:until]
        at = until


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
