"""Position-based models: fixed shares to the first and last touch and to milestones between, the rest to the others.

Where two of these fall on one touch, it has both shares. What has no touch to go to (nothing between first and last, a
milestone nobody recorded) goes to the others in proportion. Defaults: 40/20/40 (U), 30/30/30/10 (W), 22.5 each and 10
(full path), as the field's products publish them.
"""

from __future__ import annotations

from typing import Any

from ringtrace.attribution.model import Rule, params_text
from ringtrace.attribution.steps import Ops, Steps
from ringtrace.core.errors import BadInput


def position_based(
    name: str = "position_based",
    title: str = "Position-based",
    meaning: str = "",
    *,
    first: float = 0.0,
    last: float = 0.0,
    lead: float = 0.0,
    opportunity: float = 0.0,
) -> Rule:
    """The shares of these touches, each 0 to 1; what they leave of 1 goes to all other touches. Raises BadInput."""
    anchors = {"first": first, "lead": lead, "opportunity": opportunity, "last": last}
    rest = 1.0 - sum(anchors.values())
    if min(anchors.values()) < 0 or rest < -1e-9 or max(anchors.values()) == 0:
        raise BadInput(f"{anchors} are not shares of one.", hint="Give shares of 0 to 1 that sum to at most 1.")
    weights = {anchor: share for anchor, share in anchors.items() if share}  # the first stands first
    rest = max(rest, 0.0)

    def weigh(steps: Steps, ops: Ops) -> Any:
        return _weigh(steps, ops, weights, rest)

    said = meaning or ", ".join(f"{share:.0%} to the {anchor}" for anchor, share in weights.items())
    return Rule(name, title, said, weigh, params_text(weights | {"others": round(rest, 12)}))


def _weigh(steps: Steps, ops: Ops, weights: dict[str, float], rest: float) -> Any:
    places = {"first": 1, "last": steps.length, "lead": steps.lead, "opportunity": steps.opportunity}
    fixed: Any = ops.number(0.0)
    others: Any = steps.length
    earlier: list[Any] = []
    for anchor, share in weights.items():
        place = places[anchor]
        fixed = fixed + ops.when(steps.position == place, share, 0.0)
        others = others - (1 if anchor == "first" else _is_new(ops, place, earlier))
        earlier.append(place)
    each = ops.number(rest) / ops.when(others > 0, others, 1)
    return ops.when(fixed > ops.number(0.0), fixed, each)


def _is_new(ops: Ops, place: Any, earlier: list[Any]) -> Any:
    """1 where this anchor is known and stands on a touch that no earlier anchor holds, else 0."""
    new: Any = ops.when(place > 0, 1, 0)
    for other in earlier:
        new = ops.when(place == other, 0, new)
    return new


POSITION_BASED = position_based(
    meaning="40 % to the first visit, 40 % to the last, the rest to those between.",
    first=0.4,
    last=0.4,
)
W_SHAPED = position_based(
    "w_shaped",
    "W-shaped",
    "30 % each to the first visit, to the one that made the lead and to the last; the rest to the others.",
    first=0.3,
    lead=0.3,
    last=0.3,
)
FULL_PATH = position_based(
    "full_path",
    "Full path",
    "22.5 % each to the first visit, the lead's, the opportunity's and the last; the rest to the others.",
    first=0.225,
    lead=0.225,
    opportunity=0.225,
    last=0.225,
)
