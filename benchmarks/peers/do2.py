"""do-attribution 0.0.2: Shapley by going through all coalitions. The worth of a coalition is the conversions of
journeys whose set is exactly it, so that the values sum to those of the journeys that hold every channel: often to
nothing, and then it gives no shares. The raw values are printed.

It takes no counts: a converting path is repeated as often as it converted; paths that never did are there once, as
they are worth nothing in this game."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path

from do_attribution.shapley import ShapleyAttribution  # type: ignore[import-not-found]

from benchmarks.peers.paths import Frame, answer


def shapley(paths: Frame) -> dict[str, float]:
    warnings.simplefilter("ignore")
    rows = paths.index.repeat(paths["conversions"].clip(lower=1))
    each = paths.loc[rows]
    return dict(ShapleyAttribution().fit(each["path"], each["conversions"].clip(upper=1))["shapley_values"])


if __name__ == "__main__":
    answer(Path(sys.argv[1]), " > ", shapley)
