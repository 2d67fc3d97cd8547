"""Shapley values of games over sets of players, from counted coalitions.

**Rate game** (`shapley`): the worth of a set is the conversion rate of the journeys whose players all lie within it.
**Exact-set rate game** (`shapley_exact`): the rate of the journeys whose players are exactly the set; sets that nobody
walked are worth nothing. (The sum game has a closed form and is a rule: shapley_sum.) Three answers go by one name in
the field; docs/models.md says when to trust which. Definition: Shapley 1953, "A value for n-person games".

The rate game is exact up to 22 players: worths of all sets by subset sums of the distinct sets (a zeta transform),
then every marginal contribution. Beyond, it is the mean over orders of the players drawn from a fixed seed, each
with its reverse, and the standard error is stated. A value below zero cannot be a share: it counts as zero, and the
result says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from ringtrace.attribution.model import Fitted, params_text
from ringtrace.attribution.statistics import Ints, Statistics
from ringtrace.attribution.thin import check_enough, one_touch_note
from ringtrace.core.errors import BadInput

Floats = NDArray[np.float64]

MOST_EXACT = 22
PAIRS = 64  # orders drawn, each with its reverse
SEED = 20_261
_CHUNK_BITS = 11


@dataclass(frozen=True)
class Shapley:
    """`game`: "rate" or "exact"."""

    game: str = "rate"
    pairs: int = PAIRS
    least_conversions: int | None = None
    order: int = 0
    coalitions: bool = True

    @property
    def name(self) -> str:
        return "shapley" if self.game == "rate" else "shapley_exact"

    @property
    def title(self) -> str:
        return "Shapley" if self.game == "rate" else "Shapley, exact sets"

    @property
    def meaning(self) -> str:
        if self.game == "rate":
            return "By how much each channel raises the conversion rate of the sets of channels it joins."
        return "The same by journeys of exactly these channels; sets nobody walked count as nothing."

    @property
    def params(self) -> str:
        return params_text({"game": self.game, "pairs": self.pairs, "seed": SEED})

    def fit(self, statistics: Statistics) -> Fitted:
        check_enough(statistics, self.least_conversions)
        if statistics.coalitions is None:
            raise BadInput("These statistics hold no coalitions.", hint="Gather them with coalitions=True.")
        values, errors = (self._rate if self.game == "rate" else self._exact)(statistics)
        effects, by_value = np.clip(values[0], 0.0, None), np.clip(values[1], 0.0, None)
        whole = effects.sum()
        scale = statistics.conversions / whole if whole else 0.0
        return Fitted(
            model=self.name,
            params=self.params,
            players=statistics.players,
            effects=effects,
            totals=effects * scale,
            value_totals=by_value / by_value.sum() * statistics.value if by_value.sum() else np.zeros_like(by_value),
            p_conversion=statistics.conversions / statistics.journeys,
            errors=None if errors is None else errors * scale,
            notes=(
                *one_touch_note(statistics),
                *_negative_note(statistics.players, values[0]),
                *_sampled(errors, self),
            ),
        )

    def _rate(self, statistics: Statistics) -> tuple[Floats, Floats | None]:
        if len(statistics.players) <= MOST_EXACT:
            return rate_values(statistics), None
        return sampled_rate_values(statistics, self.pairs)

    def _exact(self, statistics: Statistics) -> tuple[Floats, Floats | None]:
        return exact_set_values(statistics), None


def _negative_note(players: tuple[str, ...], values: Floats) -> tuple[str, ...]:
    below = [player for player, value in zip(players, values, strict=True) if value < -1e-12]
    if not below:
        return ()
    return (f"These lower the rate of the sets they join, and have no credit: {', '.join(below)}.",)


def _sampled(errors: Floats | None, model: Shapley) -> tuple[str, ...]:
    if errors is None:
        return ()
    return (f"Sampled over {2 * model.pairs} orders of the players; `error` is the standard error of each figure.",)


def _columns(statistics: Statistics) -> tuple[Ints, Floats, Floats, Floats]:
    """Distinct sets, and of each: journeys, conversions, value."""
    coalitions = statistics.coalitions
    assert coalitions is not None  # noqa: S101 - fit() looked
    journeys, ppm, micros = (column.astype(np.float64) for column in coalitions.counts)
    return coalitions.keys, journeys, ppm / 1e6, micros / 1e6


def rate_values(statistics: Statistics) -> Floats:
    """[2, players]: Shapley values of the rate game by conversions and by value, exact; at most 22 players."""
    players = len(statistics.players)
    keys, *columns = _columns(statistics)
    journeys, conversions, value = (_within(keys, column, players) for column in columns)
    known = journeys > 0
    return np.stack(
        [
            _shapley(np.divide(gain, journeys, out=np.zeros_like(journeys), where=known), players)
            for gain in (conversions, value)
        ]
    )


def _within(keys: Ints, column: Floats, players: int) -> Floats:
    """For every set, the sum of the column over the sets within it (Yates' zeta transform)."""
    sums = np.zeros(1 << players)
    sums[keys] = column
    for player in range(players):
        halves = sums.reshape(-1, 2, 1 << player)
        halves[:, 1] += halves[:, 0]
    return sums


def _shapley(worth: Floats, players: int) -> Floats:
    sizes = np.zeros(1, dtype=np.int8)
    for _ in range(players):
        sizes = np.concatenate([sizes, sizes + 1])
    weight = np.array([1.0 / (players * comb(players - 1, size)) for size in range(players)] + [0.0])[sizes]
    values = np.zeros(players)
    for player in range(players):
        with_it, without = worth.reshape(-1, 2, 1 << player)[:, 1], worth.reshape(-1, 2, 1 << player)[:, 0]
        values[player] = np.sum((with_it - without) * weight.reshape(-1, 2, 1 << player)[:, 0])
    return values


def exact_set_values(statistics: Statistics) -> Floats:
    """[2, players]: Shapley values of the exact-set rate game; any number of players, linear in distinct sets."""
    players = len(statistics.players)
    keys, journeys, conversions, value = _columns(statistics)
    sizes = np.array([int(key).bit_count() for key in keys])
    joins = np.array([0.0] + [1.0 / (size * comb(players, size)) for size in range(1, players + 1)])[sizes]
    stays = np.array([1.0 / ((players - size) * comb(players, size)) for size in range(players)] + [0.0])[sizes]
    values = np.zeros((2, players))
    for player in range(players):
        inside = (keys >> player & 1).astype(bool)
        signed = np.where(inside, joins, -stays)
        values[:, player] = [np.sum(signed * conversions / journeys), np.sum(signed * value / journeys)]
    return values


def sampled_rate_values(statistics: Statistics, pairs: int) -> tuple[Floats, Floats]:
    """Values ([2, players]) of the rate game as means over drawn orders and their reverses, and the standard errors
    of those by conversions."""
    players = len(statistics.players)
    keys, *columns = _columns(statistics)
    chunks = [(keys >> low & ((1 << _CHUNK_BITS) - 1)).astype(np.uint16) for low in range(0, players, _CHUNK_BITS)]
    won = np.flatnonzero((columns[1] != 0) | (columns[2] != 0))
    draws = np.zeros((pairs, 2, players))
    for pair, order in enumerate(_orders(players, pairs)):
        for drawn in (order, order[::-1]):
            last = _last_rank(chunks, drawn, players)
            journeys = np.cumsum(np.bincount(last, weights=columns[0], minlength=players))
            for which in (0, 1):
                gain = np.cumsum(np.bincount(last[won], weights=columns[1 + which][won], minlength=players))
                worth = np.divide(gain, journeys, out=np.zeros(players), where=journeys > 0)
                draws[pair, which, drawn] += np.diff(worth, prepend=0.0) / 2
    errors = draws[:, 0].std(axis=0, ddof=1) / np.sqrt(pairs) if pairs > 1 else np.full(players, np.nan)
    return draws.mean(axis=0), errors


def _orders(players: int, pairs: int) -> Iterator[Ints]:
    """Orders of the players from the raw stream of a seeded generator, which NumPy promises to keep."""
    stream = np.random.PCG64(SEED)
    for _ in range(pairs):
        yield np.argsort(stream.random_raw(players), kind="stable")


def _last_rank(chunks: list[NDArray[np.uint16]], order: Ints, players: int) -> NDArray[np.uint8]:
    """For each set the place in the order of its last member: from there on it lies within."""
    ranks = np.empty(players, dtype=np.uint8)
    ranks[order] = np.arange(players, dtype=np.uint8)
    last: NDArray[np.uint8] | None = None
    for chunk, codes in enumerate(chunks):
        table = np.zeros(1, dtype=np.uint8)
        for rank in ranks[chunk * _CHUNK_BITS : (chunk + 1) * _CHUNK_BITS]:
            table = np.concatenate([table, np.maximum(table, rank)])
        found = table[codes]
        last = found if last is None else np.maximum(last, found)
    return np.zeros(0, dtype=np.uint8) if last is None else last
