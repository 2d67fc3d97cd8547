"""Shapley values: by enumeration of every order, by the axioms, and sampled beside exact."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringtrace.attribution.journeys import from_paths
from ringtrace.attribution.model import Fitted
from ringtrace.attribution.shapley import Sets, Shapley, exact_set_values, rate_values, sampled_rate_values, sets_of
from ringtrace.attribution.statistics import Statistics, gather
from ringtrace.attribution.totals import fitted_shares
from ringtrace.core.errors import BadInput, TooThin

Rows = Sequence[tuple[str, int, int]]  # players as letters, conversions, journeys that came to nothing


def statistics_of(rows: Rows) -> Statistics:
    journeys = from_paths(
        [list(players) for players, _, _ in rows],
        count=[won + lost for _, won, lost in rows],
        converted=[won for _, won, _ in rows],
    )
    return gather(journeys, coalitions=True)


def sets(statistics: Statistics) -> tuple[Sets, int]:
    return sets_of(statistics), len(statistics.players)


def worth(rows: Rows, coalition: frozenset[str], game: str) -> Fraction:
    inside = [row for row in rows if (set(row[0]) <= coalition if game == "rate" else set(row[0]) == coalition)]
    journeys = sum(won + lost for _, won, lost in inside)
    return Fraction(sum(won for _, won, _ in inside), journeys) if journeys else Fraction(0)


def by_enumeration(rows: Rows, game: str) -> list[float]:
    players = sorted({player for players, _, _ in rows for player in players})
    values = dict.fromkeys(players, Fraction(0))
    orders = list(permutations(players))
    for order in orders:
        for n, player in enumerate(order):
            before = frozenset(order[:n])
            values[player] += worth(rows, before | {player}, game) - worth(rows, before, game)
    return [float(values[player] / len(orders)) for player in players]


rows = st.lists(
    st.tuples(st.text("abcd", min_size=1, max_size=5), st.integers(0, 4), st.integers(0, 4)).filter(
        lambda row: row[1] + row[2] > 0
    ),
    min_size=1,
    max_size=9,
)


@settings(max_examples=60)
@given(rows)
def test_the_rate_game_is_what_every_order_enumerated_gives(found: Rows) -> None:
    assert rate_values(*sets(statistics_of(found)))[0] == pytest.approx(by_enumeration(found, "rate"), abs=1e-12)


@settings(max_examples=60)
@given(rows)
def test_the_exact_set_game_is_what_every_order_enumerated_gives(found: Rows) -> None:
    assert exact_set_values(*sets(statistics_of(found)))[0] == pytest.approx(by_enumeration(found, "exact"), abs=1e-12)


@given(rows)
def test_efficiency_the_values_sum_to_the_worth_of_all(found: Rows) -> None:
    statistics = statistics_of(found)
    whole = statistics.conversions / statistics.journeys
    assert rate_values(*sets(statistics))[0].sum() == pytest.approx(whole, abs=1e-12)


@given(rows)
def test_symmetry_players_that_do_the_same_have_the_same(found: Rows) -> None:
    """b beside every a: in each set they stand together, so that no one can tell them apart."""
    twins = [(players.replace("a", "az"), won, lost) for players, won, lost in found]
    statistics = statistics_of(twins)
    values = dict(zip(statistics.players, rate_values(*sets(statistics))[0], strict=True))
    assert values.get("a", 0.0) == pytest.approx(values.get("z", 0.0), abs=1e-12)


@given(rows)
def test_null_player_who_changes_no_set_has_nothing(found: Rows) -> None:
    """For each journey its like with z: then z never changes a rate, but for sets that are worth nothing without it."""
    doubled = [*found, *((players + "z", won, lost) for players, won, lost in found)]
    statistics = statistics_of(doubled)
    values = dict(zip(statistics.players, rate_values(*sets(statistics))[0], strict=True))
    assert values["z"] == pytest.approx(0, abs=1e-12)


@given(rows, rows)
def test_additivity_the_worth_of_two_kinds_of_gain_is_the_sum_of_both(found: Rows, other: Rows) -> None:
    """Value is a second gain over the same journeys: conversions as value give the conversions' values again."""
    both = [*found, *other]
    journeys = from_paths(
        [list(players) for players, _, _ in both],
        count=[won + lost for _, won, lost in both],
        converted=[won for _, won, _ in both],
        value=[3.0 * won for _, won, _ in both],
    )
    conversions, value = rate_values(*sets(gather(journeys, coalitions=True)))
    assert value == pytest.approx(3 * conversions, abs=1e-12)


def big(players: int, sets: int = 3_000) -> Statistics:
    chance = np.random.default_rng(5)
    names = [f"p{n:02d}" for n in range(players)]
    paths = [list(chance.choice(names, chance.integers(1, 6), replace=False)) for _ in range(sets)]
    count = chance.integers(1, 200, sets)
    return gather(
        from_paths(paths, count=count.tolist(), converted=chance.binomial(count, 0.1).tolist()), coalitions=True
    )


def test_sampled_values_lie_within_their_stated_error_of_the_exact_ones() -> None:
    statistics = big(12)
    exact = rate_values(*sets(statistics))[0]
    sampled, errors = sampled_rate_values(*sets(statistics), 200)
    apart = np.abs(sampled[0] - exact) / errors
    assert apart.max() < 4
    assert (apart < 2).mean() > 0.7
    assert sampled[0].sum() == pytest.approx(exact.sum())


def test_beyond_the_exact_size_it_samples_states_the_error_and_repeats_itself() -> None:
    statistics = big(30)
    first, again = Shapley().fit(statistics), Shapley().fit(statistics)
    assert first.errors is not None
    assert (first.errors > 0).all()
    assert "standard error" in " ".join(first.notes)
    assert first.totals.tobytes() == again.totals.tobytes()
    assert first.totals.sum() == pytest.approx(statistics.conversions)


def test_twenty_two_players_are_solved_exactly() -> None:
    fitted = Shapley().fit(big(22))
    assert fitted.errors is None


def fit(found: Rows, game: str = "rate") -> Fitted:
    return Shapley(game, least_conversions=0).fit(statistics_of(found))


def test_a_value_below_zero_is_no_share_and_is_said() -> None:
    fitted = fit([("a", 50, 50), ("ab", 4, 96), ("b", 2, 400)])
    assert dict(zip(fitted.players, fitted.totals.tolist(), strict=True)) == pytest.approx({"a": 54, "b": 2})
    assert "only where they stand alone: b" in fitted.notes[-1]


@given(rows.filter(lambda found: any(won for _, won, _ in found)))
def test_nobody_has_credit_for_conversions_it_was_not_in(found: Rows) -> None:
    fitted = fit(found)
    assert fitted.totals.sum() == pytest.approx(sum(won for _, won, _ in found))
    for player, total in zip(fitted.players, fitted.totals.tolist(), strict=True):
        assert -1e-12 <= total <= sum(won for players, won, _ in found if player in players) + 1e-9


@given(rows.filter(lambda found: any(won for _, won, _ in found)), st.sampled_from(["rate", "exact"]))
def test_totals_are_the_conversions_shared_one_by_one(found: Rows, game: str) -> None:
    fitted = fit(found, game)
    journeys = from_paths([list(players) for players, won, _ in found for _ in range(won)])
    known = dict(zip(fitted.players, fitted.effects.tolist(), strict=True))
    here = replace(fitted, players=journeys.players, effects=np.array([known[one] for one in journeys.players]))
    shares = np.bincount(journeys.codes, weights=fitted_shares(journeys, here))
    by_player = dict(zip(journeys.players, shares.tolist(), strict=True))
    totals = {one: total for one, total in zip(fitted.players, fitted.totals.tolist(), strict=True) if one in by_player}
    assert totals == pytest.approx(by_player, abs=1e-9)


def test_more_players_than_bits_are_refused_with_the_cure() -> None:
    journeys = from_paths([[f"keyword {n}"] for n in range(64)])
    with pytest.raises(BadInput, match="top=30"):
        gather(journeys, coalitions=True)


def test_thin_data_are_said_to_be_thin() -> None:
    with pytest.raises(TooThin):
        Shapley().fit(statistics_of([("ab", 2, 3)]))


def test_players_known_by_their_conversions_alone_stand_outside_the_game() -> None:
    """A printed number is seen when it is dialled: its journeys all convert, and would drown every rate."""
    paths = [["Offline"], ["Email"], ["Paid Search"], ["Email", "Paid Search"], ["Offline", "Email"]]
    journeys = from_paths(paths, count=[50, 400, 400, 100, 10], converted=[50, 8, 20, 20, 10])
    statistics = gather(journeys, coalitions=True)
    fitted = Shapley().fit(statistics)
    drowned = Shapley(outside=frozenset()).fit(statistics)
    totals = dict(zip(fitted.players, fitted.totals.tolist(), strict=True))
    assert 50 < totals["Offline"] < 60
    assert totals["Paid Search"] > 20
    assert sum(totals.values()) == pytest.approx(108)
    assert dict(zip(drowned.players, drowned.totals.tolist(), strict=True))["Paid Search"] != totals["Paid Search"]
    assert "outside the game: Offline" in " ".join(fitted.notes)


def test_outsiders_alone_keep_their_own() -> None:
    fitted = Shapley().fit(gather(from_paths([["Offline"]], count=[40]), coalitions=True))
    assert fitted.totals.tolist() == [40]
