"""marketing-attribution-models 2.1.1 on grouped paths, its fastest way in (its own session format takes five times as
long at a million journeys).

Its Markov is re-split inside each journey. Its Shapley plays one game for each observed set of channels: the worth of
a coalition is the conversion rate of the journeys whose set is exactly that coalition. By default it keeps only the
last four channels, in the order of the alphabet, of a larger set; `--most 0` keeps all.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import polars as pl
from mam.core import MAM  # type: ignore[import-not-found]

from benchmarks.peers.paths import Frame, answer

_SEPARATOR = " > "


def main() -> None:
    parser = argparse.ArgumentParser(description="Markov and Shapley of marketing-attribution-models.")
    parser.add_argument("touches", type=Path)
    parser.add_argument("--model", choices=("markov", "shapley"), default="markov")
    parser.add_argument("--most", type=int, default=4)
    chosen = parser.parse_args()

    def model(paths: Frame) -> dict[str, float]:
        mam = prepare(paths)
        found = mam.run_markov() if chosen.model == "markov" else mam.run_shapley(max_size=chosen.most or None)
        return dict(found.to_polars().iter_rows())

    answer(chosen.touches, _SEPARATOR, model)


def prepare(paths: Frame) -> MAM:
    """A row for each path that converted and one for each that did not, as its grouped format wants."""
    frame = pl.from_pandas(paths)
    halves = [
        frame.select("path", pl.lit(converted).alias("converted"), pl.col(count).alias("count")).filter(
            pl.col("count") > 0
        )
        for converted, count in ((True, "conversions"), (False, "nulls"))
    ]
    return MAM(pl.concat(halves), "grouped_journey", "path", "converted", occurrences_colname="count")


if __name__ == "__main__":
    main()
