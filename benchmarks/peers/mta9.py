"""mta 0.0.9: Shapley by going through all coalitions. The worth of a coalition is the conversions of journeys whose
set lies inside it (the sum game). Its Markov is left out: it multiplies along observed paths only."""

from __future__ import annotations

import sys
from pathlib import Path

from mta import MTA  # type: ignore[import-not-found]

from benchmarks.peers.paths import Frame, answer


def shapley(paths: Frame) -> dict[str, float]:
    named = paths.rename(columns={"conversions": "total_conversions", "nulls": "total_null"})
    played = MTA(named, allow_loops=True, add_timepoints=False).shapley(normalize=False)
    return dict(played.attribution["shapley"])


if __name__ == "__main__":
    answer(Path(sys.argv[1]), " > ", shapley)
