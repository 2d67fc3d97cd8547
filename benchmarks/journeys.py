"""Journeys to credit: raw touch tables as Parquet, made from a seed.

    python -m benchmarks.journeys OUT.parquet --journeys 1000000 --channels 12 --ids string --order log

Columns: `journey` (a visitor's cookie id, or a BIGINT), `at` (TIMESTAMP of microseconds, UTC), `channel`, `converted`
(of the journey, on each of its touches), `value` (of the conversion, null where there is none). The world behind it:
channels of Zipf-like weights that follow each other (a mild Markov chain), lengths geometric with a mean of four,
a conversion likelier by some channels than by others, starts over one year.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
import numpy.typing as npt

FOLDER = Path(".cache/bench")
CONVERTING = 0.06
LONGEST = 40
_VERSION = 1  # of what is made: older files are not taken for newer ones
_CONTINUES = 0.75  # a journey of mean 4
_STAYS, _MOVES_ON = 0.3, 0.2
_AT_ONCE = 1_000_000  # journeys
_YEAR_US = 365 * 86_400 * 10**6
_START_US = 1_735_689_600 * 10**6  # 2025-01-01
_GAP_US = 2 * 86_400 * 10**6

KAGGLE = Path("../shared/data/kaggle_attribution_paths_537.csv")  # real paths, CC0; not part of the project

Ids = Literal["string", "bigint"]
Order = Literal["log", "clustered"]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_IDS = {
    "string": "'visitor_' || md5(journey::VARCHAR)",
    "bigint": "(md5_number_lower(journey::VARCHAR) >> 1)::BIGINT",
}
_COPY = """
COPY (
    SELECT {id} AS journey, make_timestamp("at") AS "at", names[channel + 1] AS channel, converted,
           CASE WHEN converted THEN value END AS value
    FROM touches, (SELECT $names AS names)
) TO '{path}' (FORMAT parquet)
"""


_KAGGLE = """
COPY (
    SELECT 'visitor_' || md5(path || n) AS journey,
           make_timestamp((begun + place * 86_400_000_000)::BIGINT) AS "at", channel, n <= conversion AS converted,
           CASE WHEN n <= conversion THEN 1.0 END AS value
    FROM (
        SELECT *, unnest(string_split(path, '>')) AS channel, generate_subscripts(string_split(path, '>'), 1) AS place
        FROM (
            SELECT path, conversion, unnest(range(1, path_count + 1)) AS n,
                   $start_us + md5_number_lower(path || n) % $year_us AS begun
            FROM read_csv($csv)
        )
    ) ORDER BY "at", journey
) TO '{path}' (FORMAT parquet)
"""


@dataclass(frozen=True, kw_only=True)
class World:
    """What a table is made of; equal worlds give equal tables."""

    journeys: int
    channels: int
    ids: Ids = "string"
    order: Order = "log"
    seed: int = 4

    @property
    def name(self) -> str:
        return f"touches-v{_VERSION}-{self.channels}x{self.journeys}-{self.ids}-{self.order}-{self.seed}.parquet"


@dataclass(frozen=True)
class Touches:
    """A row for each touch: journeys (n), times in microseconds (n), channels (n); of each journey: whether it
    converted (m), for how much (m)."""

    journey: npt.NDArray[np.int32]
    at: Ints
    channel: npt.NDArray[np.uint8]
    converted: npt.NDArray[np.bool_]
    value: Floats


def table(world: World, folder: Path = FOLDER) -> Path:
    """The table of this world, made once, in a process of its own (a caller's memory stays its own)."""
    path = folder / world.name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        options = [f"--{name}={getattr(world, name)}" for name in ("journeys", "channels", "ids", "order", "seed")]
        subprocess.run([sys.executable, "-m", "benchmarks.journeys", str(path), *options], check=True)
    return path


def kaggle_table(folder: Path = FOLDER) -> Path | None:
    """Kaggle's "Attribution modelling" paths as touches a day apart, 199,550 journeys of 5 channels; None where the
    file is not there."""
    path = folder / "kaggle.parquet"
    if not path.exists():
        if not KAGGLE.exists():
            return None
        folder.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(config={"threads": 2}) as database:
            values = {"csv": str(KAGGLE), "start_us": _START_US, "year_us": _YEAR_US}
            database.execute(_KAGGLE.format(path=path), values)
    return path


def channel_names(channels: int) -> list[str]:
    """`channel_00`, `channel_01` ...: the likeliest first."""
    return [f"channel_{number:02d}" for number in range(channels)]


def make(world: World) -> Touches:
    rng = np.random.default_rng(world.seed)
    parts = list(_parts(world, rng))
    made = Touches(*(np.concatenate([getattr(part, name) for part in parts]) for name in Touches.__match_args__))
    del parts
    return _by_time(made) if world.order == "log" else made


def _parts(world: World, rng: np.random.Generator) -> Iterator[Touches]:
    for first in range(0, world.journeys, _AT_ONCE):
        yield _part(first, min(_AT_ONCE, world.journeys - first), world.channels, rng)


def _part(first: int, journeys: int, channels: int, rng: np.random.Generator) -> Touches:
    lengths = np.minimum(rng.geometric(1 - _CONTINUES, journeys), LONGEST)
    starts = np.cumsum(lengths) - lengths
    of, persuaded = _walk(lengths, starts, channels, rng)
    chance = 1 - np.exp(-persuaded)
    converted = rng.random(journeys) < chance * (CONVERTING / chance.mean())
    value = np.round(rng.lognormal(4.5, 0.8, journeys), 2)
    journey = np.repeat(np.arange(first, first + journeys, dtype=np.int32), lengths)
    return Touches(journey, _times(lengths, starts, rng), of, converted, value)


def _walk(lengths: Ints, starts: Ints, channels: int, rng: np.random.Generator) -> tuple[npt.NDArray[np.uint8], Floats]:
    """The channel of every touch, and what the distinct channels of each journey add to its chance."""
    cumulated = np.cumsum(weights := 1 / np.arange(1, channels + 1)) / weights.sum()
    effects = _effects(channels)
    of = np.empty(int(lengths.sum()), dtype=np.uint8)
    seen, persuaded = np.zeros(len(lengths), dtype=np.int64), np.zeros(len(lengths))
    active = np.arange(len(lengths))
    for step in range(int(lengths.max())):
        active = active[lengths[active] > step]
        here = np.minimum(np.searchsorted(cumulated, rng.random(len(active))), channels - 1)
        if step:
            before = of[starts[active] + step - 1].astype(np.int64)
            turn = rng.random(len(active))
            here = np.where(turn < _STAYS, before, here)
            here = np.where((turn >= _STAYS) & (turn < _STAYS + _MOVES_ON), (before + 1) % channels, here)
        of[starts[active] + step] = here
        bits = np.left_shift(np.int64(1), here)
        persuaded[active] += np.where(seen[active] & bits, 0.0, effects[here])
        seen[active] |= bits
    return of, persuaded


def _effects(channels: int) -> Floats:
    """What a channel adds: from nothing to four times as much as the mean, in no order of its weight."""
    numbers = np.arange(channels)
    return 0.01 + 0.04 * ((numbers * 7 + 3) % channels) / channels


def _times(lengths: Ints, starts: Ints, rng: np.random.Generator) -> Ints:
    """Microseconds: a start within the year, then gaps of two days on average."""
    gaps = rng.exponential(_GAP_US, int(lengths.sum())).astype(np.int64)
    gaps[starts] = 0
    since = np.cumsum(gaps)
    begun = _START_US + rng.integers(0, _YEAR_US, len(lengths)) - since[starts]
    return np.asarray(since + np.repeat(begun, lengths), dtype=np.int64)


def _by_time(made: Touches) -> Touches:
    rows = np.argsort(made.at, kind="stable")
    return Touches(made.journey[rows], made.at[rows], made.channel[rows], made.converted, made.value)


def write(made: Touches, world: World, path: Path) -> None:
    """Writes beside the path first: a table is there whole or not at all."""
    rows = {
        "journey": made.journey,
        "at": made.at,
        "channel": made.channel,
        "converted": made.converted[made.journey],
        "value": made.value[made.journey],
    }
    partial = path.with_suffix(f".{os.getpid()}")
    with duckdb.connect(config={"threads": 2}) as database:
        database.register("touches", rows)
        database.execute(_COPY.format(id=_IDS[world.ids], path=partial), {"names": channel_names(world.channels)})
    partial.rename(path)


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(description="Makes a table of touches.")
    parser.add_argument("path", type=Path)
    parser.add_argument("--journeys", type=int, default=100_000)
    parser.add_argument("--channels", type=int, default=12)
    parser.add_argument("--ids", choices=tuple(_IDS), default="string")
    parser.add_argument("--order", choices=("log", "clustered"), default="log")
    parser.add_argument("--seed", type=int, default=4)
    chosen = vars(parser.parse_args(arguments))
    path = chosen.pop("path")
    world = World(**chosen)
    write(make(world), world, path)


if __name__ == "__main__":
    main(sys.argv[1:])
