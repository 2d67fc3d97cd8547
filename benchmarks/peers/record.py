"""Records what the peers answer to small journeys: `tests/rooms/credit_oracles.json`, which tests hold our models to.

    .cache/peers/bin/python -m benchmarks.peers.record tests/rooms/credit_oracles.json

A random walk's answer is recorded as the mean of many seeds and its standard error. Seeds lie far apart: the
repetitions within one run of ChannelAttribution use the seeds that follow, so neighbours are not independent.
"""

from __future__ import annotations

import json
import random
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import ChannelAttribution  # type: ignore[import-not-found]
import polars as pl
from do_attribution.markov import MarkovAttribution  # type: ignore[import-not-found]
from do_attribution.shapley import ShapleyAttribution  # type: ignore[import-not-found]
from mam.core import MAM  # type: ignore[import-not-found]

from benchmarks.peers.mam2 import prepare
from benchmarks.peers.mta9 import shapley as mta_shapley
from benchmarks.peers.paths import Frame

SEEDS = 40
_APART = 7_919
_WALKS = 1_000_000
ORDERS = (1, 2, 3)
PEERS = ("ChannelAttribution", "marketing-attribution-models", "mta", "do-attribution")

Counted = tuple[str, int, int]

CASES: dict[str, list[Counted]] = {
    "Bryl 2016": [("C1 > C2 > C3", 1, 0), ("C1", 0, 1), ("C2 > C3", 0, 1)],
    "google and mailing": [("google", 2, 1), ("mailing", 1, 0), ("google > mailing", 1, 0)],
    "a leads to b or c": [("a > b", 3, 1), ("a > c", 1, 1)],
    "visits that come back": [
        ("a > a > b > a", 5, 20),
        ("b > a > b", 4, 11),
        ("c > c", 1, 30),
        ("a > b > c > a > c", 7, 9),
        ("b", 2, 40),
        ("a", 0, 25),
    ],
    # Journeys of Kaggle's "Attribution modelling" data (CC0), some of the commonest paths.
    "Kaggle, some paths": [
        ("Paid Search", 2883, 47599 - 2883),
        ("Facebook", 2475, 37766 - 2475),
        ("Online Video", 1319, 26453 - 1319),
        ("Online Display", 1208, 25678 - 1208),
        ("Instagram", 1089, 18084 - 1089),
        ("Instagram > Facebook", 307, 6175 - 307),
        ("Facebook > Instagram", 286, 4177 - 286),
        ("Facebook > Instagram > Facebook", 138, 2446 - 138),
        ("Paid Search > Facebook", 103, 2298 - 103),
        ("Paid Search > Online Display", 95, 1952 - 95),
        ("Online Display > Paid Search", 92, 1796 - 92),
        ("Paid Search > Online Video", 44, 1172 - 44),
        ("Instagram > Facebook > Instagram", 103, 1108 - 103),
        ("Instagram > Facebook > Instagram > Facebook", 75, 941 - 75),
        ("Online Display > Paid Search > Online Display", 29, 676 - 29),
        ("Paid Search > Facebook > Instagram", 13, 285 - 13),
    ],
}


def drawn_paths(seed: int, channels: int, paths: int) -> list[Counted]:
    """Random paths of up to six touches, none twice."""
    rng = random.Random(seed)
    names = [f"channel {number}" for number in range(channels)]
    found = {" > ".join(rng.choices(names, k=rng.randint(1, 6))) for _ in range(paths)}
    return [(path, rng.randint(0, 9), rng.randint(0, 60)) for path in sorted(found)]


def main(path: Path) -> None:
    warnings.simplefilter("ignore")
    cases = CASES | {"drawn, 5 channels": drawn_paths(5, 5, 60)}
    recorded = {
        "made_by": "benchmarks/peers/record.py",
        "versions": {peer: version(peer) for peer in PEERS},
        "cases": [{"name": name, "paths": paths, **answers(paths)} for name, paths in cases.items()],
    }
    path.write_text(json.dumps(recorded, indent=1) + "\n")


def answers(counted: list[Counted]) -> dict[str, Any]:
    paths = pl.DataFrame(counted, schema=["path", "conversions", "nulls"], orient="row").to_pandas()
    tight = paths.assign(path=paths["path"].str.replace(" > ", ">"))  # its separator is one character
    return {
        "ChannelAttribution": {"rules": _walker_rules(tight), "removal_effects": _walked_effects(tight)},
        "marketing-attribution-models": _mam(paths, counted),
        "mta": {"shapley": mta_shapley(paths)},
        "do-attribution": _do(paths),
    }


def _walker_rules(paths: Frame) -> dict[str, dict[str, float]]:
    found = ChannelAttribution.heuristic_models(paths, "path", "conversions", flg_pro=False)
    return {
        name: dict(zip(found["channel_name"], found[column], strict=True))
        for name, column in (("first_touch", "first_touch"), ("last_touch", "last_touch"), ("linear", "linear_touch"))
    }


def _walked_effects(paths: Frame) -> dict[str, dict[str, tuple[float, float]]]:
    """By order and channel: (mean of the seeds, standard error of that mean)."""
    return {str(order): _spread([_walk(paths, order, n * _APART) for n in range(1, SEEDS + 1)]) for order in ORDERS}


def _walk(paths: Frame, order: int, seed: int) -> dict[str, float]:
    found = ChannelAttribution.markov_model(
        paths,
        "path",
        "conversions",
        var_null="nulls",
        order=order,
        nsim_start=_WALKS,
        max_step=1_000,
        seed=seed,
        out_more=True,
        verbose=False,
        flg_pro=False,
    )["removal_effects"]
    return dict(zip(found["channel_name"], found.iloc[:, 1], strict=True))


def _spread(runs: list[dict[str, float]]) -> dict[str, tuple[float, float]]:
    return {
        channel: (mean(run[channel] for run in runs), stdev(run[channel] for run in runs) / len(runs) ** 0.5)
        for channel in runs[0]
    }


def _mam(paths: Frame, counted: list[Counted]) -> dict[str, Any]:
    mam = prepare(paths)
    markov = mam.run_markov()
    return {
        "rules": {
            "first_touch": _by_channel(mam.run_first_click()),
            "last_touch": _by_channel(mam.run_last_click()),
            "linear": _by_channel(mam.run_linear()),
            "position_based": _by_channel(mam.run_position_based()),
            "time_decay": _by_channel(_dated(counted).run_time_decay(half_life_hours=168.0)),
        },
        "removal_effects": markov.metadata["removal_effect"]["removal_effect"].to_dict(),
        "markov": _by_channel(markov),
        "shapley": _by_channel(mam.run_shapley(max_size=None)),
        "shapley_of_four": _by_channel(mam.run_shapley()),
    }


def _dated(counted: list[Counted]) -> MAM:
    """Converting paths with a day between touches, the last at the conversion."""
    rows = [
        (str(number), path, " > ".join(str(24.0 * days) for days in reversed(range(len(path.split(" > "))))), True, won)
        for number, (path, won, _) in enumerate(counted)
        if won
    ]
    frame = pl.DataFrame(rows, schema=["journey_id", "path", "hours", "converted", "conversions"], orient="row")
    return MAM(
        frame,
        "journey",
        "path",
        "converted",
        time_till_conv_colname="hours",
        conversion_value_colname="conversions",
    )


def _by_channel(found: Any) -> dict[str, float]:
    return dict(found.to_polars().iter_rows())


def _do(paths: Frame) -> dict[str, Any]:
    """Removal that sends every way into a channel to nothing; its default strips the channel and fits anew."""
    each = paths.loc[paths.index.repeat(paths["conversions"] + paths["nulls"])].copy()
    each["converted"] = (each.groupby("path").cumcount() < each["conversions"]).astype(int)
    return {
        "removal_effects": {
            str(order): MarkovAttribution(order=order, removal_strategy="redirect_to_null").fit(
                each["path"], each["converted"]
            )["removal_effects"]
            for order in ORDERS
        },
        "removal_effects_by_default": MarkovAttribution().fit(each["path"], each["converted"])["removal_effects"],
        "shapley": ShapleyAttribution().fit(each["path"], each["converted"])["shapley_values"],
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
