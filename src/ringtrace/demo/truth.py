"""What really happened in the town, kept apart from everything that tries to find it out.

**Which visit made a call** is the visit whose number was dialled, however long ago it was shown; None for printed
numbers, numbers copied to another page, and spam.

**What caused a call**: a person with a need calls with probability `base + the sum of the effects of the visits before
the call` (`town_ways.effect_of`, by way in and landing page). Each visit's causal share is its effect over that sum;
the base's share is the part that would have come anyway. So the calls a channel caused are the sum of its shares, and
without the channel's visits just so many calls fewer would be expected. The visits themselves are taken as given: an
advertisement is not credited with the later search it prompted beyond its own effect. A repeated call has the causes
of the first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from enum import StrEnum
from pathlib import Path

import msgspec
from msgspec import Struct

from ringtrace.core.sources import Channel

ANYWAY = "would have called anyway"


class CallerKind(StrEnum):
    """How the call came about."""

    VISIT = "visit"  # soon after a visit
    REMEMBERED = "remembered"  # hours or days after one
    REDIAL = "redial"  # the same caller, because nobody answered
    FOLLOW_UP = "follow_up"  # the same caller, about the same job
    SAVED = "saved"  # an old customer, from a saved contact
    STATIC = "static"  # from the van or the flyer
    PASTED = "pasted"  # from a page a pooled number was copied to
    SPAM = "spam"


class TrueVisit(Struct, frozen=True, kw_only=True, tag="visit"):
    """A visit as it was. Source, medium and campaign are the true ones, whatever the link still shows of them."""

    visit: str
    browser: str
    person: str
    at_ms: int
    channel: Channel
    source: str
    medium: str
    campaign: str | None
    keyword: str | None
    landing: str
    device: str
    effect: float


class Cause(Struct, frozen=True, kw_only=True):
    """A part of what caused a call. `visit` None: no visit; `label` says what, as `Source.label` would."""

    label: str
    share: float
    visit: str | None = None


class TrueCall(Struct, frozen=True, kw_only=True, tag="call"):
    """A call as it was. The shares of `causes` sum to one. `repeat_of`: the first call of the same matter.

    `tracked` False: the caller was shown no number and dialled the printed one, so we never saw the call.
    """

    call_key: str
    at_ms: int
    kind: CallerKind
    person: str | None
    visit: str | None
    causes: tuple[Cause, ...]
    repeat_of: str | None = None
    service: str | None = None
    tracked: bool = True


class _Head(Struct, frozen=True, kw_only=True, tag="town"):
    seed: int
    start_ms: int
    end_ms: int


class Truth(Struct, frozen=True, kw_only=True):
    """All true visits and calls, each in order of time."""

    seed: int
    start_ms: int
    end_ms: int
    visits: tuple[TrueVisit, ...]
    calls: tuple[TrueCall, ...]

    def call(self, call_key: str) -> TrueCall:
        """Raises KeyError."""
        return self.calls_by_key()[call_key]

    def calls_by_key(self) -> dict[str, TrueCall]:
        return {call.call_key: call for call in self.calls}

    def visits_by_token(self) -> dict[str, TrueVisit]:
        return {visit.visit: visit for visit in self.visits}

    def without(self, untracked: Collection[str]) -> Truth:
        """The same truth with those calls, by key, marked as never seen by us."""
        gone = frozenset(untracked)
        calls = (msgspec.structs.replace(call, tracked=False) if call.call_key in gone else call for call in self.calls)
        return msgspec.structs.replace(self, calls=tuple(calls))

    def caused(self, call_keys: Collection[str] | None = None) -> dict[str, float]:
        """First calls caused, by label, spam left out; of all calls, or of those with the keys given."""
        sums: dict[str, float] = defaultdict(float)
        for call in self.calls:
            if call.repeat_of is not None or call.kind is CallerKind.SPAM:
                continue
            if call_keys is None or call.call_key in call_keys:
                for cause in call.causes:
                    sums[cause.label] += cause.share
        return dict(sums)


def save_truth(truth: Truth, path: Path) -> None:
    """JSON lines: a head, then visits, then calls."""
    head = _Head(seed=truth.seed, start_ms=truth.start_ms, end_ms=truth.end_ms)
    rows: Iterable[_Head | TrueVisit | TrueCall] = (head, *truth.visits, *truth.calls)
    path.write_bytes(msgspec.json.Encoder().encode_lines(rows))


def load_truth(path: Path) -> Truth:
    """Raises OSError, or msgspec.DecodeError for a file `save_truth` did not write."""
    rows = msgspec.json.Decoder(_Head | TrueVisit | TrueCall).decode_lines(path.read_bytes())
    heads = [row for row in rows if isinstance(row, _Head)]
    if len(heads) != 1:
        raise msgspec.DecodeError(f"{path.name} is not the truth of one town")
    return Truth(
        seed=heads[0].seed,
        start_ms=heads[0].start_ms,
        end_ms=heads[0].end_ms,
        visits=tuple(row for row in rows if isinstance(row, TrueVisit)),
        calls=tuple(row for row in rows if isinstance(row, TrueCall)),
    )
