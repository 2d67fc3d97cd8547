"""Journeys in columns: the touches that led up to conversions, or to nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

PPM = 1_000_000  # conversions and probabilities are counted in millionths: sums of integers have no order
_HELPING = 100_000  # touches


@dataclass(frozen=True, kw_only=True)
class Walks:
    """A batch of journeys as the players they passed, which is all that counting needs.

    By touch: `codes` index `players`; each journey's touches lie one after another. By journey: `starts` has one entry
    more than there are journeys, each a first touch's index; `count` says how many journeys are like this one;
    `converted_ppm` how many of them converted, in millionths (a probability is a part of one); `value_micros` the
    value they brought, in millionths of the currency's unit, already times the probability; `key` names the journey
    (the hash of its id).
    """

    players: tuple[str, ...]
    codes: Ints
    starts: Ints
    count: Ints
    converted_ppm: Ints
    value_micros: Ints
    key: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> Ints:
        return np.diff(self.starts)


@dataclass(frozen=True, kw_only=True)
class Journeys(Walks):
    """Walks with all that rules look at; touches by time, ties by the player's name.

    `at_us` is microseconds since 1970 (UTC); the flags of milestones may be None where nothing is known of them;
    `converted_us` the moment of conversion by journey, the last touch's where none is known.
    """

    at_us: Ints
    converted_us: Ints
    is_direct: Flags
    is_paid: Flags
    is_lead: Flags | None = None
    is_opportunity: Flags | None = None

    def only(self, chosen: Flags) -> Journeys:
        """The chosen journeys, in order."""
        touches = np.repeat(chosen, self.lengths)
        lengths = self.lengths[chosen]

        def of(flags: Flags | None) -> Flags | None:
            return None if flags is None else flags[touches]

        return replace(
            self,
            codes=self.codes[touches],
            at_us=self.at_us[touches],
            starts=starts_of(lengths),
            count=self.count[chosen],
            converted_ppm=self.converted_ppm[chosen],
            value_micros=self.value_micros[chosen],
            converted_us=self.converted_us[chosen],
            key=self.key[chosen],
            is_direct=self.is_direct[touches],
            is_paid=self.is_paid[touches],
            is_lead=of(self.is_lead),
            is_opportunity=of(self.is_opportunity),
        )

    @property
    def converting(self) -> Journeys:
        return self.only(self.converted_ppm > 0)


def starts_of(lengths: NDArray[np.int64]) -> Ints:
    """Where each of these runs begins, and where the last ends."""
    starts = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=starts[1:])
    return starts


def joined(parts: Sequence[Journeys]) -> Journeys:
    """Batches as one."""
    first = parts[0]
    columns = {
        name: None if column is None else np.concatenate([getattr(part, name) for part in parts])
        for name, column in vars(first).items()
        if name not in ("players", "starts")
    }
    lengths = np.concatenate([part.lengths for part in parts])
    return Journeys(players=first.players, starts=starts_of(lengths), **columns)  # type: ignore[arg-type]


def helpings(parts: Sequence[Journeys]) -> Iterator[Journeys]:
    """Batches joined into larger ones, in order: small ones cost more to look at than to join."""
    taken: list[Journeys] = []
    for part in parts:
        taken.append(part)
        if sum(len(one.codes) for one in taken) >= _HELPING:
            yield joined(taken)
            taken = []
    if taken:
        yield joined(taken)


def from_paths(
    paths: Sequence[Sequence[str]],
    *,
    count: Sequence[int] | None = None,
    converted: Sequence[float] | None = None,
    value: Sequence[float] | None = None,
    direct: frozenset[str] = frozenset(),
    paid: frozenset[str] = frozenset(),
) -> Journeys:
    """Journeys of paths such as `["search", "email"]`: how many there are of each (1), how many of these converted
    (all), what value they brought (none). Touches lie a day apart. For data that is already counted by path."""
    players = tuple(sorted({player for path in paths for player in path}))
    code_of = {player: code for code, player in enumerate(players)}
    lengths = np.array([len(path) for path in paths], dtype=np.int64)
    codes = np.array([code_of[player] for path in paths for player in path], dtype=np.int64)
    starts = starts_of(lengths)
    counts = np.ones(len(paths), dtype=np.int64) if count is None else np.asarray(count, dtype=np.int64)
    won = counts if converted is None else np.asarray(converted, dtype=np.float64)
    at_us = (np.arange(len(codes)) - np.repeat(starts[:-1], lengths)) * 86_400_000_000
    return Journeys(
        players=players,
        codes=codes,
        at_us=at_us,
        starts=starts,
        count=counts,
        converted_ppm=np.rint(np.asarray(won) * PPM).astype(np.int64),
        value_micros=np.rint(np.asarray(value or np.zeros(len(paths))) * PPM).astype(np.int64),
        converted_us=np.maximum(lengths - 1, 0) * 86_400_000_000,
        key=np.arange(len(paths), dtype=np.uint64),
        is_direct=np.isin(codes, [code_of[player] for player in players if player in direct]),
        is_paid=np.isin(codes, [code_of[player] for player in players if player in paid]),
    )
