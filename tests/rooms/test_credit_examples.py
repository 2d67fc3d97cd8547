"""The worked examples of the field, from raw touches to credit, by the door that everybody uses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from ringtrace.attribution import attribute

Told = tuple[str, int, int]
"""A path, how many of it converted, how many did not."""

START = datetime(2026, 3, 1, 9, tzinfo=UTC)

BRYL: list[Told] = [("C1>C2>C3", 1, 0), ("C1", 0, 1), ("C2>C3", 0, 1)]
MAILING: list[Told] = [("google", 2, 1), ("mailing", 1, 0), ("google>mailing", 1, 0)]
FORKED: list[Told] = [("a>b", 3, 1), ("a>c", 1, 1)]
RULES: list[Told] = [("direct", 2, 0), ("search>email", 3, 0), ("search>social>email", 5, 0)]


def touches(paths: Sequence[Told], worth: float = 1_000.0) -> dict[str, Any]:
    """A row for each touch, a day apart; each conversion is worth the same."""
    rows = [
        (f"{path} {number}", START + timedelta(days=day), channel, number < converted, worth)
        for path, converted, null in paths
        for number in range(converted + null)
        for day, channel in enumerate(path.split(">"))
    ]
    return table(rows)


def table(rows: Sequence[tuple[str, datetime, str, bool, float]]) -> dict[str, Any]:
    journey, at, channel, converted, value = zip(*rows, strict=True)
    return {
        "journey": np.array(journey, dtype=object),
        "at": np.array([one.replace(tzinfo=None) for one in at], dtype="datetime64[us]"),
        "channel": np.array(channel, dtype=object),
        "converted": np.array(converted),
        "value": np.where(converted, value, np.nan),
    }


def credited(rows: dict[str, Any], model: str, of: str = "conversions") -> dict[str, float]:
    found = attribute(rows, model, least_conversions=0)
    return dict(zip(map(str, found["channel"]), map(float, found[of]), strict=True))


@pytest.mark.parametrize("model", ["markov", "markov_2"])
def test_it_credits_bryls_three_journeys_as_published(model: str) -> None:
    """Bryl 2016, "Marketing Multi-Channel Attribution model with R"."""
    assert credited(touches(BRYL), model) == pytest.approx({"C1": 0.2, "C2": 0.4, "C3": 0.4}, rel=1e-12)
    assert credited(touches(BRYL), model, "value") == pytest.approx({"C1": 200, "C2": 400, "C3": 400}, rel=1e-12)


@pytest.mark.parametrize(
    ("paths", "expected"),
    [(MAILING, {"google": 2.4, "mailing": 1.6}), (FORKED, {"a": 2, "b": 1.5, "c": 0.5})],
)
def test_it_credits_small_chains_by_their_closed_forms(paths: list[Told], expected: dict[str, float]) -> None:
    assert credited(touches(paths), "markov") == pytest.approx(expected, rel=1e-12)


def test_the_sum_game_shares_a_conversion_among_its_distinct_channels() -> None:
    """Zhao, Mahboobi and Bagheri 2018, "Shapley value methods for attribution modeling"."""
    assert credited(touches([("a", 4, 0), ("a>b", 6, 0)]), "shapley_sum") == pytest.approx({"a": 7, "b": 3})


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first_touch", {"direct": 2, "search": 8, "email": 0, "social": 0}),
        ("last_touch", {"direct": 2, "email": 8, "search": 0, "social": 0}),
        ("linear", {"direct": 2, "search": 19 / 6, "email": 19 / 6, "social": 5 / 3}),
        ("position_based", {"direct": 2, "search": 3.5, "email": 3.5, "social": 1}),
    ],
)
def test_rules_credit_the_worked_example_as_published(model: str, expected: dict[str, float]) -> None:
    assert credited(touches(RULES), model) == pytest.approx(expected, rel=1e-12)


def test_time_decay_shares_twelve_thousand_dollars_as_published() -> None:
    """Half-life 7 days; the conversion is the last touch."""
    path = [(0, "paid social"), (5, "organic"), (12, "paid social, again"), (30, "paid search"), (38, "direct")]
    rows = [("one", START + timedelta(days=day), channel, True, 12_000.0) for day, channel in path]
    found = credited(table(rows), "time_decay", "value")
    assert {channel: round(value, 2) for channel, value in found.items()} == {
        "paid social": 175.20,
        "organic": 287.44,
        "paid social, again": 574.88,
        "paid search": 3_417.04,
        "direct": 7_545.45,
    }
