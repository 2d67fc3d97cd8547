"""Markov removal effects: what share of conversions would be lost if a player's touches led nowhere.

Journeys are walks through states, the last k players, from a start to a conversion or to nothing; transition
probabilities are the counted shares. Removing a player sends every way into its states to nothing. With Q the
transitions among states, N = (I - Q)^-1, f = start N and B = N r (r: what ending in a state brings), a set of states C
that holds the player costs f_C (N_CC)^-1 B_C. That is linear algebra, for very many states by its series: nothing is
walked at random. Source: Anderl, Becker, von Wangenheim and Schumann 2016, "Mapping the customer journey"; the block
form follows from the inverse of a partitioned matrix.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringtrace.attribution.model import Fitted, params_text
from ringtrace.attribution.statistics import Ints, Statistics, Tally
from ringtrace.attribution.thin import check_enough, one_touch_note
from ringtrace.core.errors import BadInput

Floats = NDArray[np.float64]

MOST_ORDER = 4
DENSE_STATES = 1_000  # up to here a chain is solved at once, beyond it step by step
MOST_INVERTED = 6_000  # states: 290 MB a matrix
_USUAL_STEPS, _OPERATIONS_A_WAY = 150, 60  # of a series; in the time that an inverse needs for one of its own
_UNDER_WAY = 1e-15


@dataclass(frozen=True)
class Markov:
    """The model of one order, 1 to 4. `least_conversions`: see thin.check_enough."""

    order: int = 1
    least_conversions: int | None = None
    coalitions: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.order <= MOST_ORDER:
            raise BadInput(f"There is no Markov model of order {self.order}.", hint=f"Choose 1 to {MOST_ORDER}.")

    @property
    def name(self) -> str:
        return "markov" if self.order == 1 else f"markov_{self.order}"

    @property
    def title(self) -> str:
        return "Markov" if self.order == 1 else f"Markov, order {self.order}"

    @property
    def meaning(self) -> str:
        return "By how many conversions would be lost without the channel, learned from all journeys."

    @property
    def params(self) -> str:
        return params_text({"order": self.order})

    def fit(self, statistics: Statistics) -> Fitted:
        check_enough(statistics, self.least_conversions)
        chain = chain_of(statistics.lower(self.order))
        lost, lost_value = removal_losses(chain, len(statistics.players))
        base, base_value = chain.base
        effects: Floats = np.clip(lost / base, 0.0, 1.0)
        by_value: Floats = np.clip(lost_value / base_value, 0.0, 1.0) if base_value > 0 else effects
        return Fitted(
            model=self.name,
            params=self.params,
            players=statistics.players,
            effects=effects,
            totals=_spread(effects, statistics.conversions),
            value_totals=_spread(by_value, statistics.value),
            p_conversion=base,
            notes=one_touch_note(statistics),
        )


def _spread(effects: Floats, whole: float) -> Floats:
    total = effects.sum()
    return effects / total * whole if total else np.zeros_like(effects)


@dataclass(frozen=True)
class Chain:
    """An absorbing chain. `states` are their keys; `start` the probability to begin in each; `rows`, `columns`, `ways`
    the transitions among them; `ends` and `value` what one visit of a state brings: the probability to convert
    there, and the value."""

    states: Ints
    digits: Ints  # [states, order]: the players of each state; the number of players stands for none
    start: Floats
    rows: Ints
    columns: Ints
    ways: Floats
    ends: Floats
    value: Floats

    @property
    def base(self) -> tuple[float, float]:
        """The chain's probability to convert and its expected value, for one journey."""
        if not len(self.states):
            return 0.0, 0.0
        reached = (_solve_dense if len(self.states) <= DENSE_STATES else _solve_stepping)(self)
        return float(reached @ self.ends), float(reached @ self.value)


def chain_of(statistics: Statistics) -> Chain:
    """The fitted chain. Raises BadInput without grams."""
    if statistics.grams is None or statistics.ends is None:
        raise BadInput("These statistics hold no transitions.", hint="Gather them with the order that is needed.")
    base, order = len(statistics.players) + 1, statistics.order
    before, after = statistics.grams.keys // base, statistics.grams.keys % base**order
    counts = statistics.grams.counts[0].astype(np.float64)
    states = Tally.merged([Tally(after, ()), Tally(statistics.ends.keys, ())]).keys
    ended = np.searchsorted(states, statistics.ends.keys)
    into = np.searchsorted(states, after)
    left = np.zeros(len(states))
    left[ended] += statistics.ends.counts[0]
    begins = before == base**order - 1
    inner = ~begins
    out_of = np.searchsorted(states, before[inner])
    np.add.at(left, out_of, counts[inner])
    start = np.zeros(len(states))
    np.add.at(start, into[begins], counts[begins] / statistics.journeys)
    won, value = np.zeros(len(states)), np.zeros(len(states))
    won[ended] = statistics.ends.counts[1] / 1e6 / left[ended]
    value[ended] = statistics.ends.counts[2] / 1e6 / left[ended]
    digits = np.stack([states // base**place % base for place in range(order)], axis=1)
    return Chain(states, digits, start, out_of, into[inner], counts[inner] / left[out_of], won, value)


def removal_losses(chain: Chain, players: int) -> tuple[Floats, Floats]:
    """What removing each player costs: the loss of the probability to convert, and of the expected value."""
    if _inverse_is_cheaper(len(chain.states), len(chain.ways), players):
        return _dense_losses(chain, players)
    base, base_value = chain.base
    lost, lost_value = np.zeros(players), np.zeros(players)
    for player in range(players):
        left, left_value = without(chain, player).base
        lost[player], lost_value[player] = base - left, base_value - left_value
    return lost, lost_value


def _inverse_is_cheaper(states: int, ways: int, players: int) -> bool:
    """Beside one series a player, by the operations of both; an inverse also has to fit the memory."""
    by_series = players * _USUAL_STEPS * ways * _OPERATIONS_A_WAY
    return states <= MOST_INVERTED and (states <= DENSE_STATES or 2 * states**3 < by_series)


def without(chain: Chain, player: int) -> Chain:
    """The chain whose ways into the player's states lead to nothing."""
    kept = ~np.any(chain.digits == player, axis=1)
    place = np.cumsum(kept) - 1
    ways = kept[chain.rows] & kept[chain.columns]
    return Chain(
        states=chain.states[kept],
        digits=chain.digits[kept],
        start=chain.start[kept],
        rows=place[chain.rows[ways]],
        columns=place[chain.columns[ways]],
        ways=chain.ways[ways],
        ends=chain.ends[kept],
        value=chain.value[kept],
    )


def _dense_losses(chain: Chain, players: int) -> tuple[Floats, Floats]:
    size = len(chain.states)
    ways = np.eye(size)
    ways[chain.rows, chain.columns] -= chain.ways
    inverse = np.linalg.inv(ways)
    reached = chain.start @ inverse
    wins = inverse @ np.stack([chain.ends, chain.value], axis=1)
    lost = np.zeros((players, 2))
    for player, held in _held(chain, players):
        if len(held) == 1:
            one = held[0]
            lost[player] = reached[one] / inverse[one, one] * wins[one]
        elif len(held):
            lost[player] = reached[held] @ np.linalg.solve(inverse[np.ix_(held, held)], wins[held])
    return lost[:, 0], lost[:, 1]


def _held(chain: Chain, players: int) -> Iterator[tuple[int, Ints]]:
    for player in range(players):
        yield player, np.flatnonzero(np.any(chain.digits == player, axis=1))


def _solve_dense(chain: Chain) -> Floats:
    """How often a journey passes each state: start (I - Q)^-1."""
    size = len(chain.states)
    ways = np.eye(size)
    ways[chain.rows, chain.columns] -= chain.ways
    passed: Floats = np.asarray(np.linalg.solve(ways.T, chain.start), dtype=np.float64)
    return passed


def _solve_stepping(chain: Chain) -> Floats:
    """The same for many states: start + start Q + start Q Q + ..., until what is still under way could change no
    probability any more. No share of journeys converts more than once, so what is left out is less than that share."""
    passed, under_way = chain.start.copy(), chain.start
    while under_way.sum() > _UNDER_WAY:
        under_way = np.bincount(
            chain.columns, weights=chain.ways * under_way[chain.rows], minlength=len(chain.states)
        ).astype(np.float64)
        passed += under_way
    return passed
