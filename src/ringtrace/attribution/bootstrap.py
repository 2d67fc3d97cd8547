"""Intervals by resampling journeys: how far figures would move if other visitors had come.

Each replicate counts every journey a Poisson(1)-drawn number of times (the Poisson bootstrap: Chamandy, Muralidharan,
Najmi and Naidu 2012, "Estimating uncertainty for massive data streams"). Journeys with the same players in the same
order are counted together: the sum of n such draws is a Poisson(n) draw, so that a replicate costs distinct paths, not
journeys. Draws come from a seed, so that the same data have the same intervals. 95 %, by percentiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ringtrace.attribution.journeys import PPM, Ints, Journeys, joined
from ringtrace.attribution.model import Floats, Model, Rule
from ringtrace.attribution.onepass import OnePass
from ringtrace.attribution.statistics import gather
from ringtrace.attribution.totals import rule_totals
from ringtrace.core.errors import BadInput, TooThin

LEAST_REPLICATES = 20
SEED = 20_261
_PERCENTS = (2.5, 97.5)
_PRIME = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Interval:
    """95 % of the resampled conversions of each player lie from `low` to `high`; `replicates` could be fitted."""

    low: Floats
    high: Floats
    replicates: int


def intervals_of(
    read: OnePass,
    models: Sequence[Model],
    replicates: int,
    progress: Callable[[str, float], None] | None = None,
) -> Mapping[str, Interval]:
    """An interval for each model by name. Raises BadInput for fewer than 20 replicates."""
    if replicates < LEAST_REPLICATES:
        raise BadInput(
            f"{replicates} replicates are too few for an interval.",
            hint=f"Ask for {LEAST_REPLICATES} or more, such as 200.",
        )
    journeys = distinct(joined(read.each(read.batch)), times=any(one.name == "time_decay" for one in models))
    return resample(journeys, models, replicates, progress)


def resample(
    journeys: Journeys,
    models: Sequence[Model],
    replicates: int,
    progress: Callable[[str, float], None] | None = None,
) -> Mapping[str, Interval]:
    """The intervals of these journeys."""
    draws: dict[str, list[Floats]] = {model.name: [] for model in models}
    for number in range(replicates):
        drawn = redrawn(journeys, number)
        for name, found in _fit_all(drawn, models).items():
            draws[name].append(found)
        if progress:
            progress("resampling", (number + 1) / replicates)
    return {name: _interval(found, len(journeys.players)) for name, found in draws.items()}


def _interval(found: list[Floats], players: int) -> Interval:
    if not found:
        return Interval(np.full(players, np.nan), np.full(players, np.nan), 0)
    low, high = np.percentile(np.stack(found), _PERCENTS, axis=0)
    return Interval(low, high, len(found))


def _fit_all(journeys: Journeys, models: Sequence[Model]) -> dict[str, Floats]:
    rules = [model for model in models if isinstance(model, Rule)]
    learners = [model for model in models if not isinstance(model, Rule)]
    found: dict[str, Floats] = dict(rule_totals(journeys, rules).conversions) if rules else {}
    if learners:
        order = max(model.order for model in learners)
        statistics = gather(journeys, order=order, coalitions=any(model.coalitions for model in learners))
        for model in learners:
            try:
                found[model.name] = model.fit(statistics).totals
            except TooThin:  # a replicate may by chance have fewer conversions than the whole
                continue
    return found


def redrawn(journeys: Journeys, number: int) -> Journeys:
    """The journeys, each counted as often as chance says. Conversions and those that did not convert are drawn
    apart, so that a path's conversion rate varies too."""
    chance = np.random.Generator(np.random.PCG64([SEED, number]))
    won = journeys.converted_ppm / PPM
    won_times = chance.poisson(won)
    lost_times = chance.poisson(np.maximum(journeys.count - won, 0.0))
    each = np.divide(journeys.value_micros, won, out=np.zeros(len(won)), where=won > 0)
    count = won_times + lost_times
    drawn = replace(
        journeys,
        count=count.astype(np.int64),
        converted_ppm=(won_times * PPM).astype(np.int64),
        value_micros=np.rint(each * won_times).astype(np.int64),
    )
    return drawn.only(count > 0)


def distinct(journeys: Journeys, *, times: bool) -> Journeys:
    """Journeys with the same players in the same order and the same flags as one with their counts. `times`: where
    moments matter, converting journeys stay as they are."""
    if not len(journeys):
        return journeys
    signs = _signatures(journeys)
    if times:
        own = journeys.converted_ppm > 0
        signs = np.where(own, journeys.key, signs)
    kept, group = _first_of_each(signs)
    chosen = np.zeros(len(journeys), dtype=bool)
    chosen[kept] = True
    ordered = np.argsort(np.argsort(kept))  # groups are by signature, the chosen by place

    def summed(column: Ints) -> Ints:
        sums = np.zeros(len(kept), dtype=np.int64)
        np.add.at(sums, ordered[group], column)
        return sums

    return replace(
        journeys.only(chosen),
        count=summed(journeys.count),
        converted_ppm=summed(journeys.converted_ppm),
        value_micros=summed(journeys.value_micros),
    )


def _first_of_each(signs: NDArray[np.uint64]) -> tuple[Ints, Ints]:
    _, kept, group = np.unique(signs, return_index=True, return_inverse=True)
    return kept, group


def _signatures(journeys: Journeys) -> NDArray[np.uint64]:
    """A hash of each journey's steps, in order."""
    flags = journeys.is_direct.astype(np.uint64) | journeys.is_paid.astype(np.uint64) << np.uint64(1)
    for place, column in enumerate((journeys.is_lead, journeys.is_opportunity), start=2):
        if column is not None:
            flags |= column.astype(np.uint64) << np.uint64(place)
    position = (np.arange(len(journeys.codes)) - np.repeat(journeys.starts[:-1], journeys.lengths)).astype(np.uint64)
    mixed = (journeys.codes.astype(np.uint64) << np.uint64(4) | flags) + (position + np.uint64(1)) * _PRIME
    mixed ^= mixed >> np.uint64(31)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    signs: NDArray[np.uint64] = np.add.reduceat(mixed, journeys.starts[:-1])
    return signs
