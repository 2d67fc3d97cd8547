"""How many numbers a pool needs, held against published tables and a simulation of nothing but arrivals."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringtrace.core.clock import DAY_MS, HOUR_MS, MINUTE_MS
from ringtrace.core.errors import BadInput
from ringtrace.pools.sizing import blocking, busy_hour_arrivals, load_of, numbers_needed, poisson_tail, replay

LOADS = st.floats(0.01, 500)
TARGETS = st.floats(0.0001, 0.5)


@pytest.mark.parametrize(
    ("numbers", "load", "share"),
    [  # Erlang B tables: the load that so many lines carry at this share lost
        (1, 0.0101, 0.01),
        (2, 0.1526, 0.01),
        (5, 1.3608, 0.01),
        (10, 4.4612, 0.01),
        (20, 12.031, 0.01),
        (50, 37.901, 0.01),
        (100, 84.064, 0.01),
        (10, 5.0840, 0.02),
        (30, 21.932, 0.02),
        (10, 3.0920, 0.001),
        (20, 15.249, 0.05),
    ],
)
def test_it_agrees_with_the_published_tables(numbers: int, load: float, share: float) -> None:
    assert blocking(load, numbers) == pytest.approx(share, rel=0.01)


@pytest.mark.parametrize(("hold_mins", "needed"), [(3, 18), (30, 117)])
def test_it_knows_what_the_rules_of_thumb_get_wrong(hold_mins: int, needed: int) -> None:
    assert numbers_needed(load_of(200, hold_mins * 60), 0.01) == needed


def test_it_agrees_with_the_sum_that_defines_it() -> None:
    for load in (0.3, 2.0, 9.5):
        for numbers in range(12):
            terms = [load**n / math.factorial(n) for n in range(numbers + 1)]
            assert blocking(load, numbers) == pytest.approx(terms[-1] / sum(terms))


@given(LOADS, st.integers(0, 300))
def test_one_more_number_never_blocks_more_and_one_more_visit_never_less(load: float, numbers: int) -> None:
    here = blocking(load, numbers)
    assert 0 <= blocking(load, numbers + 1) <= here <= 1
    assert blocking(load * 1.01, numbers) >= here


@given(LOADS, TARGETS)
def test_it_advises_the_fewest_numbers_that_do(load: float, target: float) -> None:
    needed = numbers_needed(load, target)
    assert blocking(load, needed) <= target
    assert needed == 0 or blocking(load, needed - 1) > target


def test_it_stays_exact_for_very_large_pools() -> None:
    assert blocking(10_000, 10_200) == pytest.approx(0.00059, rel=0.2)
    assert blocking(0, 1) == 0
    assert blocking(3, 0) == 1


@pytest.mark.parametrize(("load", "numbers"), [(-1, 3), (float("nan"), 3), (float("inf"), 3), (1, -1)])
def test_it_refuses_a_load_that_cannot_be(load: float, numbers: int) -> None:
    with pytest.raises(BadInput):
        blocking(load, numbers)


@pytest.mark.parametrize("target", [0, 1, -0.1, float("nan")])
def test_it_refuses_a_target_that_cannot_be(target: float) -> None:
    with pytest.raises(BadInput):
        numbers_needed(3, target)


@pytest.mark.parametrize("holds", ["all the same", "exponential"])
def test_the_replay_of_random_arrivals_comes_to_what_the_formula_says(holds: str) -> None:
    """The formula holds whatever the distribution of the holds."""
    chance, mean_ms = random.Random(7), 30 * MINUTE_MS
    arrivals: list[int] = []
    at_ms = 0.0
    for _ in range(30_000):
        at_ms += chance.expovariate(20 / HOUR_MS)
        arrivals.append(round(at_ms))
    spans = [mean_ms if holds == "all the same" else round(chance.expovariate(1 / mean_ms)) for _ in arrivals]
    load = load_of(20, (30 + 5) * 60)
    for numbers in (8, 12, 18):
        seen = replay(arrivals, spans, numbers, 5 * MINUTE_MS)
        assert seen == pytest.approx(blocking(load, numbers), abs=0.012)


@given(st.lists(st.tuples(st.integers(0, 10**8), st.integers(0, 10**7)), max_size=60), st.integers(0, 8))
def test_a_replay_loses_no_more_with_every_hold_shorter(visits: list[tuple[int, int]], numbers: int) -> None:
    arrivals, holds = [at for at, _ in visits], [hold for _, hold in visits]
    if not visits:
        assert replay(arrivals, holds, numbers) is None
        return
    lost = replay(arrivals, holds, numbers)
    assert lost is not None
    assert replay(arrivals, holds, len(visits)) == 0
    assert replay(arrivals, [0] * len(holds), 0) == 1
    assert 0 <= lost <= 1


def test_a_number_rests_before_it_is_shown_again() -> None:
    assert replay([0, 100], [100, 100], 1) == 0
    assert replay([0, 100], [100, 100], 1, cooldown_ms=1) == 0.5


def test_the_busy_hour_is_that_of_the_fourth_busiest_day() -> None:
    arrivals = [day * DAY_MS + 10 * HOUR_MS for day, count in enumerate((3, 90, 5, 60, 7, 50)) for _ in range(count)]
    assert busy_hour_arrivals(arrivals) == 7
    assert busy_hour_arrivals([0, 1, 2]) == 3
    assert busy_hour_arrivals([]) == 0


@given(st.integers(0, 60), st.floats(0.001, 40))
def test_the_tail_is_one_less_what_is_below_it(count: int, expected: float) -> None:
    below = math.fsum(math.exp(n * math.log(expected) - expected - math.lgamma(n + 1)) for n in range(count))
    assert poisson_tail(count, expected) == pytest.approx(1 - below, abs=1e-9)


def test_the_tail_keeps_its_digits_where_the_difference_loses_them() -> None:
    assert poisson_tail(40, 2.0) == pytest.approx(1.9e-37, rel=0.1)
    assert poisson_tail(1, 0.0) == 0
    assert poisson_tail(0, 0.0) == 1
