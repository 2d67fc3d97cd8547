"""Matching against the town's truth. The bounds are loose: they fail when matching breaks, not when a seed is unlucky.

The town was looked at when the default parameters were chosen, so these figures are no independent proof of them.
"""

from __future__ import annotations

import math

import msgspec
import pytest

from ringtrace.core.matches import Match
from ringtrace.demo.score import say_table
from tests.truth.conftest import BuiltTown


def test_it_is_better_than_simpler_rules(built: BuiltTown) -> None:
    ours, last_holder, within_an_hour = built.table.methods
    print(say_table(built.table))
    assert built.table.pooled > 250
    assert ours.brier < 0.75 * min(last_holder.brier, within_an_hour.brier)
    assert ours.accuracy > max(last_holder.accuracy, within_an_hour.accuracy) + 0.03
    assert ours.accuracy > 0.7


@pytest.mark.parametrize(("low", "high"), [(0.0, 0.05), (0.05, 0.6), (0.6, 0.9), (0.9, 1.0)])
def test_a_probability_means_what_it_says(built: BuiltTown, low: float, high: float) -> None:
    """Within a tenth, and more where there are few: three standard errors. The defaults are priors, fitted to nothing,
    and too sure of the surest: between towns the highest bin is up to six hundredths off."""
    bins = [one for one in built.table.bins if low <= one.low and one.high <= high]
    count = sum(one.count for one in bins)
    said = sum(one.count * one.said for one in bins) / count
    right = sum(one.count * one.right for one in bins) / count
    assert count > 20
    chance = 3 * math.sqrt(said * (1 - said) / count)
    assert abs(right - said) < max(0.06, 0.1 * (1 - abs(1 - 2 * said)) + chance)


def test_when_it_is_sure_it_is_right(built: BuiltTown) -> None:
    sure = built.table.bins[-1]
    assert sure.low == 0.97
    assert sure.count > 100
    assert sure.right > 0.95


def test_it_finds_the_visit_of_those_who_call_from_the_page(built: BuiltTown) -> None:
    calls, accuracy = built.table.by_kind["visit"]
    assert calls > 100
    assert accuracy > 0.85


def test_every_verdict_is_a_distribution(built: BuiltTown) -> None:
    for row in built.ask("SELECT verdict FROM web_matchrow"):
        match = msgspec.json.decode(row["verdict"], type=Match)
        total = math.fsum(one.p for one in match.weighed) + match.p_none
        assert 0.95 < total < 1 + 1e-9  # what is missing lies beyond the candidates that are kept
