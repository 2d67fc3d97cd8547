"""What to show to whom: of one target's pools and static numbers, the first whose condition the visit fits.

Precedence: by `place`, then by id. What is chosen at a visit's first page stays for its later pages, whose addresses
and referrers no longer tell where it came from: the choice travels in the browser, as a note behind the visit's token.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from msgspec import Struct

from ringtrace.core.sources import Source
from ringtrace.wire.directory import PoolEntry, StaticEntry, When

_NOTE_MARK = "--"
_NOTED = re.compile(r"(.{16,}?)--(?!-)(.*)", re.DOTALL)  # a token has 16 characters; some end in a dash
_SHORT_BYTES = 2
_TRIES = 16
_MOST_NOTED = 9  # a token has 64 characters
_SAME_DIGITS = 7  # fewer digits are no phone number


class Visited(NamedTuple):
    """What conditions look at."""

    source: Source
    region: str | None
    device: str


class Option(Struct, frozen=True, kw_only=True):
    """A pool or a static number; `short` is its name in a note. `when` None: for every visit."""

    short: str
    when: When | None
    pool_id: str | None = None
    e164: str | None = None


class Target(Struct, frozen=True, kw_only=True):
    """A number printed on a site's pages, with what may stand in for it, in order. `short`: nothing, in a note."""

    e164: str
    short: str
    options: tuple[Option, ...]

    @property
    def has_conditions(self) -> bool:
        return any(option.when is not None for option in self.options)


def targets_of(pools: Iterable[PoolEntry], statics: Iterable[StaticEntry]) -> tuple[Target, ...]:
    """A site's targets in the order of their numbers."""
    pools, statics = list(pools), list(statics)
    shorts = _shorts(
        [pool.pool_id for pool in pools],
        [static.static_id for static in statics],
        [pool.target_e164 for pool in pools],
        [static.target_e164 for static in statics],
    )
    found: dict[str, list[tuple[int, str, Option]]] = {}
    for pool in pools:
        option = Option(short=shorts[pool.pool_id], when=_asked(pool.when), pool_id=pool.pool_id)
        found.setdefault(pool.target_e164, []).append((pool.place, pool.pool_id, option))
    for static in statics:
        option = Option(short=shorts[static.static_id], when=_asked(static.when), e164=static.e164)
        found.setdefault(static.target_e164, []).append((static.place, static.static_id, option))
    return tuple(
        Target(
            e164=e164,
            short=shorts[e164],
            options=tuple(option for _, _, option in sorted(options, key=lambda one: one[:2])),
        )
        for e164, options in sorted(found.items())
    )


def choose(targets: Sequence[Target], visited: Visited, note: str = "") -> tuple[Option | None, ...]:
    """One option for each target, None where none fits. A `note` is an earlier choice of this visit, and holds."""
    shorts = frozenset(note[at : at + 2 * _SHORT_BYTES] for at in range(0, len(note), 2 * _SHORT_BYTES))
    return tuple(_choose(target, visited, shorts) for target in targets)


def _choose(target: Target, visited: Visited, shorts: frozenset[str]) -> Option | None:
    if shorts:
        earlier = next((option for option in target.options if option.short in shorts), None)
        if earlier is not None or target.short in shorts:
            return earlier
    return next((option for option in target.options if option.when is None or fits(option.when, visited)), None)


def note_of(targets: Sequence[Target], chosen: Sequence[Option | None]) -> str:
    """The note of a choice; "" where later pages would choose the same anyhow."""
    if not any(target.has_conditions for target in targets):
        return ""
    pairs = list(zip(targets, chosen, strict=True))[:_MOST_NOTED]
    return "".join(option.short if option is not None else target.short for target, option in pairs)


def split_token(token: str) -> tuple[str, str]:
    """A visit's own token, and the note behind it. What looks like a note and is none belongs to no token."""
    noted = _NOTED.fullmatch(token) if _NOTE_MARK in token else None
    return (noted[1], noted[2]) if noted is not None else (token, "")


def with_note(token: str, note: str) -> str:
    """A token that would be too long goes without."""
    noted = f"{token}{_NOTE_MARK}{note}"
    return noted if note and len(noted) <= 64 else token


def fits(when: When, visited: Visited) -> bool:
    """Whether every field that is set has an alternative that fits the visit."""
    source = visited.source
    return (
        _is_one(when.channels, source.channel)
        and _is_like(when.sources, source.source)
        and _is_like(when.mediums, source.medium)
        and _is_like(when.campaigns, source.campaign)
        and _is_like(when.keywords, source.keyword)
        and _is_like(when.landings, source.landing_page)
        and (not when.referrers or _is_under(when.referrers, source.referrer_host))
        and (not when.regions or _is_within(when.regions, visited.region))
        and _is_one(when.devices, visited.device)
    )


def _is_one(alternatives: tuple[str, ...], text: str) -> bool:
    return not alternatives or text in alternatives


def _is_like(patterns: tuple[str, ...], text: str | None) -> bool:
    return not patterns or (text is not None and _pattern(patterns).fullmatch(text) is not None)


@lru_cache(maxsize=4_096)
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(_expression, patterns)), re.IGNORECASE | re.DOTALL)


def _expression(pattern: str) -> str:
    """`*` is anything, all else is itself. Each piece is taken where it first fits and not tried elsewhere: looking
    back, a pattern of a few `*` would hold up every visitor of every site."""
    first, *rest = map(re.escape, pattern.split("*"))
    if not rest:
        return first
    return first + "".join(f"(?>.*?{piece})" for piece in rest[:-1] if piece) + f".*{rest[-1]}"


def _is_under(hosts: tuple[str, ...], host: str | None) -> bool:
    return host is not None and any(host == one or host.endswith(f".{one}") for one in hosts)


def _is_within(regions: tuple[str, ...], region: str | None) -> bool:
    """US-CA lies within US."""
    return region is not None and any(region == one or region.startswith(f"{one}-") for one in regions)


def is_printed(target_e164: str, numbers: Iterable[str]) -> bool:
    """Whether one of the numbers a page prints (digits, with or without the country code) can be the target."""
    target = target_e164[1:]
    return any(
        len(digits) >= _SAME_DIGITS and (target.endswith(digits) or digits.endswith(target))
        for number in numbers
        if (digits := number.lstrip("+0"))
    )


def _asked(when: When) -> When | None:
    return None if when == When() else when


def _shorts(*names: Iterable[str]) -> dict[str, str]:
    """A site's short names: two that would be the same are told apart, the same way at every edge."""
    shorts: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(set(chain(*names))):
        tries = (_short(f"{name}{'~' * again}") for again in range(_TRIES))
        shorts[name] = next((short for short in tries if short not in taken), _short(name))
        taken.add(shorts[name])
    return shorts


def _short(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=_SHORT_BYTES).hexdigest()
