"""What led to a call and what came of it, on one axis of time. Pure: gives places, the template draws.

Distances are real. Where long gaps would squeeze everything into specks, they are folded: each is drawn as wide as any
other, and says how long it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, Literal

from msgspec import Struct

from ringtrace.core.clock import DAY_MS, HOUR_MS, MINUTE_MS

WIDTH: Final = 900
_LEFT, _RIGHT = 120.0, 20.0
_FIRST_LANE, _LANE_HIGH = 24.0, 30.0
_FOLD_WIDE, _LEAST_WIDE = 64.0, 26.0
_LABEL_WIDE = 84.0
_FOLDED_FROM_MS = 2 * HOUR_MS
_FOLDED_SHARE = 0.08
_MOST_MARKS = 200
_FEW_FOLDS = 7

Kind = Literal["visit", "best", "tap", "form", "call", "other", "outcome"]
_LANES: tuple[tuple[str, tuple[Kind, ...]], ...] = (
    ("Visits", ("visit", "best")),
    ("Taps and forms", ("tap", "form")),
    ("This call", ("call",)),
    ("Other calls", ("other",)),
    ("Outcomes", ("outcome",)),
)


class Event(Struct, frozen=True, kw_only=True):
    """`words`: what it was, for the mark's tooltip."""

    at_ms: int
    kind: Kind
    words: str


class Mark(Struct, frozen=True, kw_only=True):
    x: float
    y: float
    at_ms: int
    kind: Kind
    words: str


class Lane(Struct, frozen=True, kw_only=True):
    name: str
    y: float


class Label(Struct, frozen=True, kw_only=True):
    """A moment under the axis."""

    x: float
    at_ms: int


class Fold(Struct, frozen=True, kw_only=True):
    x: float
    words: str


class Timeline(Struct, frozen=True, kw_only=True):
    height: float
    axis_y: float
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    labels: tuple[Label, ...]
    folds: tuple[Fold, ...]
    summary: str
    left: float = _LEFT
    width: float = WIDTH
    right: float = WIDTH - _RIGHT


def draw_timeline(events: Sequence[Event], *, folded: bool = True) -> Timeline | None:
    """None where there is nothing but one moment to draw."""
    known = sorted(events, key=lambda event: event.at_ms)[-_MOST_MARKS:]
    if len({event.at_ms for event in known}) < 2:
        return None
    clusters = _clusters(known) if folded else [known]
    places, folds = _places(clusters)
    names = [name for name, kinds in _LANES if any(event.kind in kinds for event in known)]
    heights = {name: _FIRST_LANE + _LANE_HIGH * nth for nth, name in enumerate(names)}
    lane_of = {kind: heights[name] for name, kinds in _LANES if name in heights for kind in kinds}
    axis_y = _FIRST_LANE + _LANE_HIGH * len(names)
    marks = [
        Mark(x=places[one.at_ms], y=lane_of[one.kind], at_ms=one.at_ms, kind=one.kind, words=one.words) for one in known
    ]
    return Timeline(
        height=axis_y + 30,
        axis_y=axis_y,
        lanes=tuple(Lane(name=name, y=y) for name, y in heights.items()),
        marks=tuple(marks),
        labels=_labels(clusters, places),
        folds=folds,
        summary=_summary(known),
    )


def _clusters(events: Sequence[Event]) -> list[list[Event]]:
    """Events that lie so near that the gaps between them are drawn as they are; only the longest gaps are folded."""
    gaps = sorted((later.at_ms - earlier.at_ms for earlier, later in pairwise(events)), reverse=True)
    least = max(_FOLDED_FROM_MS, _FOLDED_SHARE * (events[-1].at_ms - events[0].at_ms))
    least = max(least, gaps[_FEW_FOLDS] + 1) if len(gaps) > _FEW_FOLDS else least
    clusters = [[events[0]]]
    for earlier, later in pairwise(events):
        if later.at_ms - earlier.at_ms >= least:
            clusters.append([])
        clusters[-1].append(later)
    return clusters


def _places(clusters: Sequence[Sequence[Event]]) -> tuple[dict[int, float], tuple[Fold, ...]]:
    """Where each moment lies. What the folds leave of the width is shared out by how long each cluster lasts."""
    lasts = [cluster[-1].at_ms - cluster[0].at_ms for cluster in clusters]
    free = WIDTH - _LEFT - _RIGHT - _FOLD_WIDE * (len(clusters) - 1) - _LEAST_WIDE * len(clusters)
    total = sum(lasts)
    places: dict[int, float] = {}
    folds: list[Fold] = []
    x = _LEFT
    for nth, (cluster, long_ms) in enumerate(zip(clusters, lasts, strict=True)):
        share = free * long_ms / total if total else free / len(clusters)
        start, wide = x + _LEAST_WIDE / 2, share
        for event in cluster:
            part = (event.at_ms - cluster[0].at_ms) / long_ms if long_ms else 0.5
            places[event.at_ms] = round(start + wide * part, 1)
        x += _LEAST_WIDE + share
        if nth + 1 < len(clusters):
            gap_ms = clusters[nth + 1][0].at_ms - cluster[-1].at_ms
            folds.append(Fold(x=round(x + _FOLD_WIDE / 2, 1), words=long_words(gap_ms)))
            x += _FOLD_WIDE
    return places, tuple(folds)


def _labels(clusters: Sequence[Sequence[Event]], places: dict[int, float]) -> tuple[Label, ...]:
    """The beginning and the end of each cluster, where there is room."""
    labels: list[Label] = []
    for cluster in clusters:
        for event in (cluster[0], cluster[-1]):
            x = min(max(places[event.at_ms], _LEFT + _LABEL_WIDE / 2 - 20), WIDTH - _LABEL_WIDE / 2)
            if not labels or x - labels[-1].x >= _LABEL_WIDE:
                labels.append(Label(x=x, at_ms=event.at_ms))
    return tuple(labels)


def _summary(events: Sequence[Event]) -> str:
    """In words what is drawn."""
    count = Counter(event.kind for event in events)
    parts = (
        (count["visit"] + count["best"], "visit"),
        (count["tap"], "tap"),
        (count["form"], "form"),
        (count["other"], "other call"),
        (count["outcome"], "outcome"),
    )
    said = [f"{number} {what}{'' if number == 1 else 's'}" for number, what in parts if number]
    return f"{', '.join([*said, 'this call'])} over {long_words(events[-1].at_ms - events[0].at_ms)}"


def long_words(ms: int) -> str:
    """`6 days`, `3 hours`, `12 minutes`, `40 seconds`."""
    for unit_ms, word in ((DAY_MS, "day"), (HOUR_MS, "hour"), (MINUTE_MS, "minute")):
        if ms >= unit_ms:
            number = round(ms / unit_ms)
            return f"{number:,} {word}{'' if number == 1 else 's'}"
    number = round(ms / 1000)
    return f"{number} second{'' if number == 1 else 's'}"
