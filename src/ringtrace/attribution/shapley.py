"""Shapley values of games over sets of players, from counted coalitions.

**Rate game** (`shapley`): the worth of a set is the conversion rate of the journeys whose players all lie within it.
**Exact-set rate game** (`shapley_exact`): the rate of the journeys whose players are exactly the set; sets that nobody
walked are worth nothing. (The sum game has a closed form and is a rule: shapley_sum.) Three answers go by one name in
the field; docs/models.md says when to trust which. Definition: Shapley 1953, "A value for n-person games".

The rate game is exact up to 22 players: worths of all sets by subset sums of the distinct sets (a zeta transform),
then every marginal contribution. Beyond, it is the mean over orders of the players drawn from a fixed seed, each
with its reverse, and the standard error is stated. A value below zero cannot be a share: it counts as zero, and the
result says so.

A value says how much a player raises rates, not how often it is there. So every conversion is shared among its own
players in proportion to their values, and totals are these shares added up: nobody has credit for journeys it was not
in. Players that are known by their conversions alone (a printed number is seen when it is dialled, never when it is
not) have no rate to compare: they stand outside the game and weigh as much as the mean of the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

from ringtrace.attribution.journeys import PPM
from ringtrace.attribution.model import Fitted, params_text
from ringtrace.attribution.statistics import Ints, Statistics, Tally
from ringtrace.attribution.thin import check_enough, one_touch_note
from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel

Floats = NDArray[np.float64]

MOST_EXACT = 22
OUTSIDE = frozenset({Channel.OFFLINE.value})
PAIRS = 64  # orders drawn, each with its reverse
SEED = 20_261
_CHUNK_BITS = 11


@dataclass(frozen=True)
class Shapley:
    """`game`: "rate" or "exact". `outside`: players that are known by their conversions alone."""

    game: str = "rate"
    pairs: int = PAIRS
    least_conversions: int | None = None
    outside: frozenset[str] = OUTSIDE
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
        return params_text({"game": self.game, "outside": sorted(self.outside), "pairs": self.pairs, "seed": SEED})

    def fit(self, statistics: Statistics) -> Fitted:
        check_enough(statistics, self.least_conversions)
        if statistics.coalitions is None:
            raise BadInput("These statistics hold no coalitions.", hint="Gather them with coalitions=True.")
        outsiders = np.array([player in self.outside for player in statistics.players])
        sets = sets_of(statistics)
        values, errors = self._values(_without(sets, outsiders), int(np.count_nonzero(~outsiders)))
        effects, by_value = (_with_outsiders(np.clip(found, 0.0, None), outsiders) for found in values)
        totals = _shared(effects, sets, sets.conversions)
        return Fitted(
            model=self.name,
            params=self.params,
            players=statistics.players,
            effects=effects,
            totals=totals,
            value_totals=_shared(by_value, sets, sets.value),
            p_conversion=statistics.conversions / statistics.journeys,
            errors=None if errors is None else _relative(errors, effects, outsiders) * totals,
            notes=(
                *one_touch_note(statistics),
                *_negative_note([one for one in statistics.players if one not in self.outside], values[0]),
                *_outside_note(statistics.players, outsiders),
                *_sampled(errors, self),
            ),
        )

    def _values(self, sets: Sets, players: int) -> tuple[Floats, Floats | None]:
        if self.game == "exact":
            return exact_set_values(sets, players), None
        if players <= MOST_EXACT:
            return rate_values(sets, players), None
        return sampled_rate_values(sets, players, self.pairs)


@dataclass(frozen=True)
class Sets:
    """Distinct sets of players, one bit each, and of each: journeys, conversions, value."""

    keys: Ints
    journeys: Floats
    conversions: Floats
    value: Floats


def sets_of(statistics: Statistics) -> Sets:
    """The counted coalitions. Raises BadInput without them."""
    if statistics.coalitions is None:
        raise BadInput("These statistics hold no coalitions.", hint="Gather them with coalitions=True.")
    journeys, ppm, micros = (column.astype(np.float64) for column in statistics.coalitions.counts)
    return Sets(statistics.coalitions.keys, journeys, ppm / PPM, micros / PPM)


def _without(sets: Sets, outsiders: NDArray[np.bool_]) -> Sets:
    """The sets as the game sees them, with a bit for each player who is in it; without sets of outsiders alone."""
    if not outsiders.any():
        return sets
    inside = np.zeros_like(sets.keys)
    for bit, player in enumerate(np.flatnonzero(~outsiders)):
        inside |= (sets.keys >> player & 1) << bit
    left = inside != 0
    keys = Tally.merged([Tally(inside[left], ())]).keys
    groups = np.searchsorted(keys, inside[left])

    def summed(column: Floats) -> Floats:
        return np.bincount(groups, weights=column[left], minlength=len(keys)).astype(np.float64)

    return Sets(keys, summed(sets.journeys), summed(sets.conversions), summed(sets.value))


def _with_outsiders(effects: Floats, outsiders: NDArray[np.bool_]) -> Floats:
    """The effects of all players: an outsider's is the mean of the others that have any."""
    some = effects[effects > 0]
    whole = np.full(len(outsiders), some.mean() if len(some) else 1.0)
    whole[~outsiders] = effects
    return whole


def _shared(effects: Floats, sets: Sets, whole: Floats) -> Floats:
    """The whole of each set in proportion to the effects of its players, alike where all are zero, added up."""
    brought = np.flatnonzero(whole)
    keys, whole = sets.keys[brought], whole[brought]
    bits = [(keys >> player & 1).astype(np.float64) for player in range(len(effects))]
    sums = np.sum([bit * effect for bit, effect in zip(bits, effects, strict=True)], axis=0)
    sizes = np.sum(bits, axis=0)
    nothing = sums <= 0
    each = np.divide(whole, np.where(nothing, sizes, sums))
    shares = [np.sum(bit * np.where(nothing, 1.0, effect) * each) for bit, effect in zip(bits, effects, strict=True)]
    return np.array(shares, dtype=np.float64)


def _relative(errors: Floats, effects: Floats, outsiders: NDArray[np.bool_]) -> Floats:
    """Errors as parts of the effects; 0 for outsiders and for effects of zero."""
    whole = np.zeros_like(effects)
    whole[~outsiders] = errors
    return np.divide(whole, effects, out=np.zeros_like(effects), where=effects > 0)


def _outside_note(players: tuple[str, ...], outsiders: NDArray[np.bool_]) -> tuple[str, ...]:
    known = [player for player, outside in zip(players, outsiders, strict=True) if outside]
    if not known:
        return ()
    return (f"Known by their conversions alone, and outside the game: {', '.join(known)}.",)


def _negative_note(players: Sequence[str], values: Floats) -> tuple[str, ...]:
    below = [player for player, value in zip(players, values, strict=True) if value < -1e-12]
    if not below:
        return ()
    said = "These lower the rates of the sets they join, and have credit only where they stand alone"
    return (f"{said}: {', '.join(below)}.",)


def _sampled(errors: Floats | None, model: Shapley) -> tuple[str, ...]:
    if errors is None:
        return ()
    return (
        f"Sampled over {2 * model.pairs} orders of the players; `error` is the standard error of each figure, about.",
    )


def rate_values(sets: Sets, players: int) -> Floats:
    """[2, players]: Shapley values of the rate game by conversions and by value, exact; at most 22 players."""
    columns = (sets.journeys, sets.conversions, sets.value)
    journeys, conversions, value = (_within(sets.keys, column, players) for column in columns)
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


def exact_set_values(sets: Sets, players: int) -> Floats:
    """[2, players]: Shapley values of the exact-set rate game; any number of players, linear in distinct sets."""
    keys, by_conversions, by_value = sets.keys, sets.conversions / sets.journeys, sets.value / sets.journeys
    sizes = np.array([int(key).bit_count() for key in keys], dtype=np.int64)
    joins = np.array([0.0] + [1.0 / (size * comb(players, size)) for size in range(1, players + 1)])[sizes]
    stays = np.array([1.0 / ((players - size) * comb(players, size)) for size in range(players)] + [0.0])[sizes]
    values = np.zeros((2, players))
    for player in range(players):
        inside = (keys >> player & 1).astype(bool)
        signed = np.where(inside, joins, -stays)
        values[:, player] = [np.sum(signed * by_conversions), np.sum(signed * by_value)]
    return values


def sampled_rate_values(sets: Sets, players: int, pairs: int) -> tuple[Floats, Floats]:
    """Values ([2, players]) of the rate game as means over drawn orders and their reverses, and the standard errors
    of those by conversions."""
    keys, columns = sets.keys, (sets.journeys, sets.conversions, sets.value)
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
