"""Which visits a number or a pool is for: checked, and said in plain words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel, Source
from ringtrace.web.addresses import check_host
from ringtrace.wire.directory import When

DEVICES = (("desktop", "desktops"), ("mobile", "phones"), ("tablet", "tablets"))
WEB_CHANNELS = tuple(channel for channel in Channel if channel is not Channel.OFFLINE)

_MOST_ALTERNATIVES = 50
_LONGEST = 200
_REGION = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_MOST_SHOWN = 3


def read_list(text: str) -> tuple[str, ...]:
    """Alternatives as people write them: one a line, or with commas between."""
    pieces = text.replace(",", "\n").splitlines()
    return tuple(dict.fromkeys(piece.strip() for piece in pieces if piece.strip()))


def check_texts(texts: Iterable[str]) -> tuple[str, ...]:
    """Lower case, each once. Raises BadInput for too many or too long."""
    checked = tuple(dict.fromkeys(text.strip().lower() for text in texts if text.strip()))
    if len(checked) > _MOST_ALTERNATIVES:
        raise BadInput(f"That is more than {_MOST_ALTERNATIVES}.", hint="Use * for what they have in common.")
    if any(len(text) > _LONGEST for text in checked):
        raise BadInput(f"One is longer than {_LONGEST} characters.", hint="Use * for the rest of it.")
    return checked


def check_landings(texts: Iterable[str]) -> tuple[str, ...]:
    landings = check_texts(texts)
    for landing in landings:
        if not landing.startswith(("/", "*")):
            raise BadInput(f"{landing!r} is not the path of a page.", hint="Write it like /emergency or /emergency/*.")
        if "?" in landing or "#" in landing:
            raise BadInput(f"{landing!r} has more than a path.", hint="Leave out what follows ? or #.")
    return landings


def check_hosts(texts: Iterable[str]) -> tuple[str, ...]:
    return check_texts(check_host(text) for text in texts if text.strip())


def check_regions(texts: Iterable[str]) -> tuple[str, ...]:
    regions = tuple(text.upper() for text in check_texts(texts))
    for region in regions:
        if not _REGION.fullmatch(region):
            raise BadInput(f"{region!r} is not a region.", hint="Write a country like US, or a state like US-CA.")
    return regions


def when_of(source: Source) -> When:
    """The web visits of a source: what a number that stands for it is shown to."""
    named = {
        "sources": (source.source.lower(),) if source.source else (),
        "mediums": (source.medium.lower(),) if source.medium else (),
        "campaigns": (source.campaign.lower(),) if source.campaign else (),
    }
    channels = () if any(named.values()) or source.channel is Channel.OFFLINE else (source.channel.value,)
    return When(channels=channels, **named)


def in_words(when: When) -> str:
    """`visits from google / cpc on phones`; `every visit` where nothing is asked."""
    said = [words(getattr(when, name)) for name, words in _SAYINGS if getattr(when, name)]
    pair = _pair(when)
    if pair:
        said.insert(0, pair)
    kind = f"{_any_of(when.channels)} visits" if when.channels else "visits"
    return f"{kind} {', '.join(said)}".replace(", on ", " on ") if said else kind if when.channels else "every visit"


def _pair(when: When) -> str:
    if when.sources and when.mediums:
        return f"from {_any_of(when.sources)} / {_any_of(when.mediums)}"
    if when.sources:
        return f"from {_any_of(when.sources)}"
    return f"by {_any_of(when.mediums)}" if when.mediums else ""


def _any_of(alternatives: Sequence[str]) -> str:
    """`a, b or c`; what is more than three is only counted."""
    shown = list(alternatives[:_MOST_SHOWN])
    if len(alternatives) > _MOST_SHOWN:
        shown.append(f"{len(alternatives) - _MOST_SHOWN} more")
    return " or ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))


def _devices(devices: Sequence[str]) -> str:
    return f"on {_any_of([dict(DEVICES).get(device, device) for device in devices])}"


_SAYINGS: tuple[tuple[str, Callable[[Sequence[str]], str]], ...] = (
    ("campaigns", lambda found: f"of the campaign {_any_of(found)}"),
    ("keywords", lambda found: f"for the keyword {_any_of(found)}"),
    ("landings", lambda found: f"that land on {_any_of(found)}"),
    ("referrers", lambda found: f"referred by {_any_of(found)}"),
    ("regions", lambda found: f"in {_any_of(found)}"),
    ("devices", _devices),
)
