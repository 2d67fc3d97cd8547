"""Which visit made a call: candidates, and the verdict with its probabilities."""

from __future__ import annotations

from msgspec import Struct


class Candidate(Struct, frozen=True, kw_only=True):
    """A visit that saw the number before the call.

    `shown_ms`: when it first saw it. `last_seen_ms`: its last sign of life. `clicked_ms`: its last tap on the number.
    `channel`: its source's channel, for the call rate. `same_caller`: this visitor made an earlier call from this
    caller's number. `other_caller`: this visitor was matched before, but to another caller.
    """

    visit_id: str
    visitor_id: str
    shown_ms: int
    last_seen_ms: int
    clicked_ms: int | None = None
    channel: str | None = None
    same_caller: bool = False
    other_caller: bool = False
    held_at_call: bool = False  # it held the number when the call came


class Weighed(Struct, frozen=True, kw_only=True):
    """A candidate after weighing: `p` is its posterior, `reasons` are for people."""

    visit_id: str
    visitor_id: str
    p: float
    reasons: tuple[str, ...]


class Match(Struct, frozen=True, kw_only=True):
    """The verdict. `weighed` is sorted, likeliest first; `p_none` and the `p` of all weighed sum to one.

    `params` names the version of the parameters used, so that a match can be made again.
    """

    weighed: tuple[Weighed, ...]
    p_none: float
    none_reasons: tuple[str, ...]
    params: str

    @property
    def best(self) -> Weighed | None:
        """The likeliest visit, or None when no visit is likelier than none of them."""
        if self.weighed and self.weighed[0].p > self.p_none:
            return self.weighed[0]
        return None
