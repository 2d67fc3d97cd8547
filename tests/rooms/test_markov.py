"""Removal effects: closed forms, published examples, and a solver that does nothing clever."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringtrace.attribution import markov as room
from ringtrace.attribution.journeys import Journeys, from_paths
from ringtrace.attribution.markov import Markov
from ringtrace.attribution.model import Fitted, Floats
from ringtrace.attribution.statistics import add_up, gather
from ringtrace.core.errors import BadInput, TooThin

Counted = Sequence[tuple[str, int, int]]  # path, conversions, journeys that came to nothing


def counted(rows: Counted, value: Mapping[str, float] | None = None) -> Journeys:
    return from_paths(
        [path.split(">") for path, _, _ in rows],
        count=[won + lost for _, won, lost in rows],
        converted=[won for _, won, _ in rows],
        value=[(value or {}).get(path, 0.0) for path, _, _ in rows],
    )


def fit(rows: Counted, order: int = 1, value: Mapping[str, float] | None = None) -> Fitted:
    return Markov(order, least_conversions=0).fit(gather(counted(rows, value), order=order))


def by_player(fitted: Fitted, column: Floats) -> dict[str, float]:
    return dict(zip(fitted.players, column.tolist(), strict=True))


BRYL = [("C1>C2>C3", 1, 0), ("C1", 0, 1), ("C2>C3", 0, 1)]


@pytest.mark.parametrize("order", [1, 2])
def test_it_solves_bryls_example(order: int) -> None:
    """Bryl 2016, "Attribution model with Markov chain"."""
    fitted = fit(BRYL, order, {"C1>C2>C3": 1000.0})
    assert fitted.p_conversion == pytest.approx(1 / 3)
    assert by_player(fitted, fitted.effects) == pytest.approx({"C1": 0.5, "C2": 1, "C3": 1})
    assert by_player(fitted, fitted.totals) == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4})
    assert by_player(fitted, fitted.value_totals) == pytest.approx({"C1": 200, "C2": 400, "C3": 400})


def test_it_solves_the_mailing_example() -> None:
    fitted = fit([("google", 2, 1), ("mailing", 1, 0), ("google>mailing", 1, 0)])
    assert fitted.p_conversion == pytest.approx(4 / 5)
    assert by_player(fitted, fitted.effects) == pytest.approx({"google": 0.75, "mailing": 0.5})
    assert by_player(fitted, fitted.totals) == pytest.approx({"google": 2.4, "mailing": 1.6})


def test_it_solves_the_branching_example() -> None:
    fitted = fit([("a>b", 3, 1), ("a>c", 1, 1)])
    assert fitted.p_conversion == pytest.approx(2 / 3)
    assert by_player(fitted, fitted.effects) == pytest.approx({"a": 1, "b": 0.75, "c": 0.25})
    assert by_player(fitted, fitted.totals) == pytest.approx({"a": 2, "b": 1.5, "c": 0.5})


def test_a_loop_is_summed_to_its_end() -> None:
    """a repeats with probability 1/2: the closed form of the geometric series, not a cut-off walk."""
    fitted = fit([("a>a>b", 1, 0), ("a>b", 0, 1)])
    # states a, b: a -> a 1/3, a -> b 2/3; b converts 1/2
    assert fitted.p_conversion == pytest.approx(0.5)
    assert by_player(fitted, fitted.effects) == pytest.approx({"a": 1, "b": 1})


def plainly(rows: Counted, order: int, removed: str | None) -> float:
    """The probability to convert by exact fractions: the states' equations by elimination, states made of text."""
    ways: dict[tuple[str, ...], dict[tuple[str, ...], Fraction]] = defaultdict(lambda: defaultdict(Fraction))
    begin, won_state, lost_state = ("(start)",), ("(won)",), ("(lost)",)
    for path, won, lost in rows:
        steps = path.split(">")
        states = [tuple(steps[n : n + order]) for n in range(max(len(steps) - order + 1, 1))]
        for before, after in zip([begin, *states[:-1]], states, strict=True):
            ways[before][after] += won + lost
        ways[states[-1]][won_state] += won
        ways[states[-1]][lost_state] += lost
    names = [state for state in ways if removed not in state]
    place = {state: n for n, state in enumerate(names)}
    matrix = [[Fraction(int(i == j)) for j in range(len(names))] + [Fraction(0)] for i in range(len(names))]
    for state, n in place.items():
        total = sum(ways[state].values())
        for after, count in ways[state].items():
            if after in place:
                matrix[n][place[after]] -= count / total
        matrix[n][-1] = ways[state][won_state] / total
    return float(_eliminate(matrix)[place[begin]])


def _eliminate(matrix: list[list[Fraction]]) -> list[Fraction]:
    size = len(matrix)
    for pivot in range(size):
        swap = next(row for row in range(pivot, size) if matrix[row][pivot])
        matrix[pivot], matrix[swap] = matrix[swap], matrix[pivot]
        matrix[pivot] = [cell / matrix[pivot][pivot] for cell in matrix[pivot]]
        for row in range(size):
            factor = matrix[row][pivot]
            if row != pivot and factor:
                matrix[row] = [cell - factor * top for cell, top in zip(matrix[row], matrix[pivot], strict=True)]
    return [row[-1] for row in matrix]


counts = st.lists(
    st.tuples(
        st.lists(st.sampled_from("abcd"), min_size=1, max_size=6).map(">".join),
        st.integers(0, 3),
        st.integers(0, 3),
    ).filter(lambda row: row[1] + row[2] > 0),
    min_size=1,
    max_size=8,
).filter(lambda rows: any(won for _, won, _ in rows))


@settings(max_examples=60)
@given(counts, st.integers(1, 4))
def test_it_agrees_with_exact_fractions(rows: Counted, order: int) -> None:
    fitted = fit(rows, order)
    base = plainly(rows, order, None)
    assert fitted.p_conversion == pytest.approx(base)
    for player, effect in by_player(fitted, fitted.effects).items():
        assert effect == pytest.approx(1 - plainly(rows, order, player) / base, abs=1e-9)


@settings(max_examples=60)
@given(counts, st.integers(1, 4))
def test_the_fitted_chain_converts_as_often_as_the_journeys_did(rows: Counted, order: int) -> None:
    fitted = fit(rows, order)
    conversions, journeys = sum(won for _, won, _ in rows), sum(won + lost for _, won, lost in rows)
    assert fitted.p_conversion == pytest.approx(conversions / journeys)
    assert fitted.totals.sum() == pytest.approx(conversions)
    assert fitted.totals.min() >= 0


@given(counts)
def test_repeats_do_not_change_the_effects_of_order_one(rows: Counted) -> None:
    collapsed = [(">".join(one for one, _ in groupby(path.split(">"))), won, lost) for path, won, lost in rows]
    assert fit(rows).effects == pytest.approx(fit(collapsed).effects)


@given(counts, st.integers(1, 3))
def test_a_lower_order_follows_from_a_higher(rows: Counted, order: int) -> None:
    higher = gather(counted(rows), order=4)
    direct = Markov(order, least_conversions=0).fit(gather(counted(rows), order=order))
    lowered = Markov(order, least_conversions=0).fit(higher)
    assert lowered.totals.tobytes() == direct.totals.tobytes()


@given(counts, st.integers(1, 3))
def test_days_added_up_are_the_whole(rows: Counted, order: int) -> None:
    """The same players must be known to both parts, as they are to the partitions of a pass."""
    whole = gather(counted(rows), order=order, coalitions=True)
    journeys = counted(rows)
    early = np.arange(len(journeys)) % 2 == 0
    parts = [gather(journeys.only(chosen), order=order, coalitions=True) for chosen in (early, ~early)]
    summed = add_up(parts)
    for found, expected in (
        (summed.grams, whole.grams),
        (summed.ends, whole.ends),
        (summed.coalitions, whole.coalitions),
    ):
        assert found is not None
        assert expected is not None
        assert found.keys.tolist() == expected.keys.tolist()
        assert [column.tolist() for column in found.counts] == [column.tolist() for column in expected.counts]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_series_and_the_inverse_agree(order: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = np.random.default_rng(3)
    rows = [
        (">".join(chance.choice(list("abcdefg"), chance.integers(1, 8))), n % 3 == 0, n % 3 != 0) for n in range(200)
    ]
    dense = fit(rows, order)
    monkeypatch.setattr(room, "DENSE_STATES", 0)
    monkeypatch.setattr(room, "MOST_INVERTED", 0)
    assert fit(rows, order).effects == pytest.approx(dense.effects, abs=1e-12)


def test_hundreds_of_keywords_are_solved_by_one_inverse() -> None:
    """Pairs of keywords that each convert at a rate of their own: the closed form of a chain of two steps."""
    pairs = [(f"a{n}>b{n}", n % 5 + 1, 3) for n in range(700)]
    fitted = fit(pairs)
    conversions = sum(won for _, won, _ in pairs)
    by_effect = by_player(fitted, fitted.effects)
    for n, (_, won, _) in enumerate(pairs):
        assert by_effect[f"a{n}"] == pytest.approx(won / conversions)
        assert by_effect[f"b{n}"] == pytest.approx(won / conversions)


def test_thin_data_are_said_to_be_thin_with_what_would_be_enough() -> None:
    statistics = gather(counted(BRYL), order=1)
    with pytest.raises(TooThin, match="20 would be enough"):
        Markov().fit(statistics)
    with pytest.raises(TooThin, match="No journey converted"):
        Markov(least_conversions=0).fit(gather(counted([("a>b", 0, 5)]), order=1))


def test_one_touch_journeys_are_said_to_teach_nothing() -> None:
    fitted = fit([("a", 30, 10), ("b", 10, 50)])
    assert by_player(fitted, fitted.totals) == pytest.approx({"a": 30, "b": 10})
    assert "no interplay" in fitted.notes[0]


def test_an_order_there_is_not_is_refused() -> None:
    with pytest.raises(BadInput, match="1 to 4"):
        Markov(5)


def test_too_many_players_for_an_order_are_refused_with_the_cure() -> None:
    journeys = from_paths([[f"keyword {n}"] for n in range(40_000)])
    with pytest.raises(BadInput, match="top="):
        gather(journeys, order=4)
