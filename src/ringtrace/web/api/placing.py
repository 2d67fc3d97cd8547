"""Which visits see a number, as programs say it: of pools and of static numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated, TypeAlias

import msgspec
from msgspec import Meta, Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel, Source
from ringtrace.sources import channel_of
from ringtrace.web.api.reading import Name, Title
from ringtrace.web.when import DEVICES, WEB_CHANNELS, check_hosts, check_landings, check_regions, check_texts
from ringtrace.wire.directory import When

Place: TypeAlias = Annotated[int, Meta(ge=1, le=9_999)]
_Words: TypeAlias = Annotated[tuple[Name, ...], Meta(max_length=50)]


class WhenBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of each field one alternative must fit; an empty one asks nothing. `*` stands for anything."""

    channels: _Words = ()
    sources: _Words = ()
    mediums: _Words = ()
    campaigns: _Words = ()
    keywords: _Words = ()
    landings: _Words = ()
    referrers: _Words = ()
    regions: _Words = ()
    devices: _Words = ()


class StandsFor(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The source that a static number's calls count for. `channel`: else that of source and medium."""

    source: Title
    medium: Name | None = None
    campaign: Name | None = None
    channel: Channel | None = None


def when_in(body: WhenBody) -> When:
    """Raises BadInput."""
    return When(
        channels=_among(body.channels, [channel.value for channel in WEB_CHANNELS], "channel"),
        devices=_among(body.devices, [device for device, _ in DEVICES], "device"),
        **{name: check(getattr(body, name)) for name, check in _CHECKS.items()},
    )


def when_out(stored: dict[str, object]) -> WhenBody:
    return msgspec.convert(stored, WhenBody)


def stands_for_in(body: StandsFor) -> Source:
    source, medium, campaign = body.source.strip(), body.medium or None, body.campaign or None
    channel = body.channel or channel_of(source.lower(), (medium or "").lower() or None, campaign)
    return Source(channel=channel, source=source, medium=medium, campaign=campaign)


_CHECKS: dict[str, Callable[[Sequence[str]], tuple[str, ...]]] = {
    "sources": check_texts,
    "mediums": check_texts,
    "campaigns": check_texts,
    "keywords": check_texts,
    "landings": check_landings,
    "referrers": check_hosts,
    "regions": check_regions,
}


def _among(said: Sequence[str], known: Sequence[str], what: str) -> tuple[str, ...]:
    for each in said:
        if each not in known:
            raise BadInput(f"{each[:40]!r} is no {what}.", hint=f"One of {', '.join(known)}.")
    return tuple(dict.fromkeys(said))
