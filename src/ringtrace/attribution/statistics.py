"""What data-driven models learn from, counted: sums of integers, so that parts added up equal the whole, in any order.

States of order k are the last k players, written as digits in base (players + 1); the digit `players` stands for
"before the journey began". A gram of order k has k + 1 digits: a state and the player that came next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringtrace.attribution.journeys import PPM, Walks
from ringtrace.core.errors import BadInput

Ints = NDArray[np.int64]

MOST_PLAYERS = 63  # of a coalition: one bit each
_DENSE = 1 << 17  # bins counted in a flat array; beyond, codes are sorted
_EXACT = 1 << 53


@dataclass(frozen=True)
class Tally:
    """Counts by key: `keys` distinct and ascending; one column of `counts` for each thing counted (int64)."""

    keys: Ints
    counts: tuple[Ints, ...]

    @staticmethod
    def of(keys: Ints, weights: Sequence[Ints | None], bins: int) -> Tally:
        """`weights` None: each key counts one. `bins`: keys are below it."""
        if bins > _DENSE:
            return Tally.merged([Tally(keys, tuple(np.ones_like(keys) if w is None else w for w in weights))])
        columns = [_bincount(keys, w, bins) for w in weights]
        seen = np.flatnonzero(np.logical_or.reduce([column != 0 for column in columns]))
        return Tally(seen.astype(np.int64), tuple(column[seen] for column in columns))

    @staticmethod
    def merged(parts: Sequence[Tally]) -> Tally:
        """The sum of several."""
        if len(parts) == 1 and _ascends(parts[0].keys):
            return parts[0]
        keys = np.concatenate([part.keys for part in parts])
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        first = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])) if len(keys) else np.zeros(0, np.int64)
        width = len(parts[0].counts)
        columns = (np.concatenate([part.counts[n] for part in parts])[order] for n in range(width))
        return Tally(keys[first], tuple(_sums(column, first) for column in columns))


def _ascends(keys: Ints) -> bool:
    return bool(np.all(keys[1:] > keys[:-1]))


def _sums(column: Ints, first: Ints) -> Ints:
    return np.add.reduceat(column, first) if len(first) else np.zeros(0, np.int64)


def _bincount(keys: Ints, weights: Ints | None, bins: int) -> Ints:
    if weights is None:
        return np.bincount(keys, minlength=bins)
    if int(np.abs(weights).sum(dtype=np.float64)) < _EXACT:
        return np.bincount(keys, weights=weights, minlength=bins).astype(np.int64)
    summed = np.zeros(bins, dtype=np.int64)
    np.add.at(summed, keys, weights)
    return summed


@dataclass(frozen=True)
class Statistics:
    """`grams`: journeys that passed each gram of `order`. `ends`: journeys, conversions (ppm) and value (micros) by
    last state of `order`. `coalitions`: the same by the set of players, one bit each. None where not counted."""

    players: tuple[str, ...]
    journeys: int
    converted_ppm: int
    value_micros: int
    order: int = 0
    grams: Tally | None = None
    ends: Tally | None = None
    coalitions: Tally | None = None

    @property
    def conversions(self) -> float:
        return self.converted_ppm / PPM

    @property
    def value(self) -> float:
        return self.value_micros / PPM

    @property
    def has_interplay(self) -> bool:
        """Whether some journey has two players or more, as far as was counted."""
        if self.coalitions is not None:
            return bool(np.any(self.coalitions.keys & (self.coalitions.keys - 1)))
        if self.grams is not None:
            base = len(self.players) + 1
            now, before = self.grams.keys % base, self.grams.keys // base % base
            return bool(np.any((before != now) & (before < base - 1)))
        return True

    def lower(self, order: int) -> Statistics:
        """The same for a shorter history: the oldest digits fall away."""
        if order == self.order or self.grams is None or self.ends is None:
            return self
        base = len(self.players) + 1
        grams = Tally(self.grams.keys % base ** (order + 1), self.grams.counts)
        ends = Tally(self.ends.keys % base**order, self.ends.counts)
        return _replaced(self, order, Tally.merged([grams]), Tally.merged([ends]))


def _replaced(of: Statistics, order: int, grams: Tally, ends: Tally) -> Statistics:
    return Statistics(of.players, of.journeys, of.converted_ppm, of.value_micros, order, grams, ends, of.coalitions)


def gather(journeys: Walks, *, order: int = 0, coalitions: bool = False) -> Statistics:
    """Counts a batch. Raises BadInput where the players are too many for this order, or for coalitions."""
    base = len(journeys.players) + 1
    _check_size(len(journeys.players), order, coalitions=coalitions)
    ones = None if bool(np.all(journeys.count == 1)) else journeys.count
    weights = (ones, journeys.converted_ppm, journeys.value_micros)
    grams = ends = sets = None
    if order:
        states, by_gram = _states(journeys, base, order)
        each = None if ones is None else np.repeat(ones, journeys.lengths)
        grams = Tally.of(by_gram, (each,), base ** (order + 1))
        ends = Tally.of(states[journeys.starts[1:] - 1], weights, base**order)
    if coalitions:
        sets = Tally.of(_masks(journeys), weights, 1 << len(journeys.players))
    return Statistics(
        players=journeys.players,
        journeys=int(journeys.count.sum()),
        converted_ppm=int(journeys.converted_ppm.sum()),
        value_micros=int(journeys.value_micros.sum()),
        order=order,
        grams=grams,
        ends=ends,
        coalitions=sets,
    )


def add_up(parts: Iterable[Statistics]) -> Statistics:
    """The statistics of all parts together; they share players and order."""
    of = list(parts)
    first = of[0]
    return Statistics(
        players=first.players,
        journeys=sum(part.journeys for part in of),
        converted_ppm=sum(part.converted_ppm for part in of),
        value_micros=sum(part.value_micros for part in of),
        order=first.order,
        grams=_merged([part.grams for part in of]),
        ends=_merged([part.ends for part in of]),
        coalitions=_merged([part.coalitions for part in of]),
    )


def _merged(parts: Sequence[Tally | None]) -> Tally | None:
    found = [part for part in parts if part is not None]
    return Tally.merged(found) if found else None


def _check_size(players: int, order: int, *, coalitions: bool) -> None:
    if (players + 1) ** (order + 1) >= 1 << 62:
        raise BadInput(
            f"{players} players are too many for a Markov chain of order {order}.",
            hint="Take a lower order, or pool the rare players with top=.",
        )
    if coalitions and players > MOST_PLAYERS:
        raise BadInput(
            f"{players} players are too many for Shapley values: the most are {MOST_PLAYERS}.",
            hint="Pool the rare players with top=30, or take shapley_sum, which has no such limit.",
        )


def _states(journeys: Walks, base: int, order: int) -> tuple[Ints, Ints]:
    """For each touch the state of `order` that it ends, and the gram: one digit longer, the oldest most significant."""
    first = journeys.starts[:-1]
    states = journeys.codes.astype(np.int64, copy=False)
    grams = states
    before = base - 1  # all digits "before the journey began"
    for _ in range(order):
        states, grams = grams, np.empty_like(states)
        np.multiply(states[:-1], base, out=grams[1:])
        grams[first] = before * base
        grams += journeys.codes
        before = before * base + base - 1
    return states, grams


def _masks(journeys: Walks) -> Ints:
    """The set of players of each journey, one bit a player."""
    bits = np.left_shift(np.int64(1), journeys.codes.astype(np.int64, copy=False))
    masks: Ints = np.bitwise_or.reduceat(bits, journeys.starts[:-1]) if len(journeys) else np.zeros(0, np.int64)
    return masks
