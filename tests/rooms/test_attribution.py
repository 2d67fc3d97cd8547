"""What rules share: their worked examples, and what holds for any journey."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringtrace.attribution.journeys import Journeys, from_paths
from ringtrace.attribution.model import Rule
from ringtrace.attribution.position import position_based
from ringtrace.attribution.registry import DEFAULT_MODEL, RULES, find_model
from ringtrace.attribution.steps import NUMPY_OPS, NumpySteps
from ringtrace.attribution.time_decay import time_decay
from ringtrace.attribution.totals import rule_totals
from ringtrace.core.errors import BadInput

DIRECT, PAID = frozenset({"direct"}), frozenset({"paid search", "paid social"})
PLAYERS = ("direct", "paid search", "paid social", "email", "organic")


def laid_out(*paths: str, **more: Sequence[float]) -> Journeys:
    """`search>email` as a journey, a day between touches."""
    return from_paths([path.split(">") for path in paths], direct=DIRECT, paid=PAID, **more)  # type: ignore[arg-type]


def shares(journeys: Journeys, rule: Rule) -> list[float]:
    steps = NumpySteps(journeys)
    return [float(share) for share in steps.share(rule.weigh(steps, NUMPY_OPS))]


def credited(journeys: Journeys, model: str) -> Mapping[str, float]:
    totals = rule_totals(journeys, [RULES[model]]).conversions[model]
    return dict(zip(journeys.players, totals.tolist(), strict=True))


EXAMPLE = laid_out("direct", "search>email", "search>social>email", count=[2, 3, 5])


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first_touch", {"direct": 2, "search": 8, "social": 0, "email": 0}),
        ("last_touch", {"direct": 2, "search": 0, "social": 0, "email": 8}),
        ("last_non_direct", {"direct": 2, "search": 0, "social": 0, "email": 8}),
        ("linear", {"direct": 2, "search": 19 / 6, "email": 19 / 6, "social": 5 / 3}),
        ("shapley_sum", {"direct": 2, "search": 19 / 6, "email": 19 / 6, "social": 5 / 3}),
        ("position_based", {"direct": 2, "search": 3.5, "email": 3.5, "social": 1}),
    ],
)
def test_it_shares_the_worked_example_as_published(model: str, expected: Mapping[str, float]) -> None:
    assert credited(EXAMPLE, model) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("model", "path", "expected"),
    [
        ("last_non_direct", "paid search>direct", [1, 0]),
        ("last_non_direct", "paid search>email>direct>direct", [0, 1, 0, 0]),
        ("last_non_direct", "direct>paid search>email", [0, 0, 1]),
        ("last_non_direct", "direct>direct", [0, 1]),
        ("last_paid", "paid search>email>direct", [1, 0, 0]),
        ("last_paid", "paid search>paid social>email", [0, 1, 0]),
        ("last_paid", "email>organic>direct", [0, 1, 0]),
        ("last_paid", "direct>direct", [0, 1]),
        ("shapley_sum", "email>email>organic", [0.25, 0.25, 0.5]),
        ("linear", "email>email>organic", [1 / 3, 1 / 3, 1 / 3]),
        ("position_based", "email", [1]),
        ("position_based", "email>organic", [0.5, 0.5]),
        ("position_based", "email>organic>direct", [0.4, 0.2, 0.4]),
        ("position_based", "email>organic>email>direct", [0.4, 0.1, 0.1, 0.4]),
    ],
)
def test_a_rule_shares_a_journey(model: str, path: str, expected: list[float]) -> None:
    assert shares(laid_out(path), RULES[model]) == pytest.approx(expected)


def test_time_decay_shares_the_published_dollars() -> None:
    """$12,000, touches 38, 33, 26 and 8 days before and at the conversion; a half-life of a week."""
    journeys = laid_out("paid social>organic>paid social>paid search>direct")
    day_us = 86_400_000_000
    days = np.array([0, 5, 12, 30, 38]) * day_us
    journeys = Journeys(**{**vars(journeys), "at_us": days, "converted_us": days[-1:]})
    dollars = [12_000 * share for share in shares(journeys, time_decay(7.0))]
    assert dollars == pytest.approx([175.20, 287.44, 574.88, 3417.04, 7545.45], abs=0.005)


def milestones(path: str, lead: int | None, opportunity: int | None) -> Journeys:
    journeys = laid_out(path)
    at = np.arange(1, len(journeys.codes) + 1)
    return Journeys(**{**vars(journeys), "is_lead": at == lead, "is_opportunity": at == opportunity})


@pytest.mark.parametrize(
    ("model", "lead", "opportunity", "expected"),
    [
        ("w_shaped", 2, None, [0.3, 0.3, 0.1, 0.3]),
        ("w_shaped", None, None, [0.3 / 0.7, 0.05 / 0.7, 0.05 / 0.7, 0.3 / 0.7]),
        ("w_shaped", 1, None, [0.6, 0.05, 0.05, 0.3]),
        ("w_shaped", 4, None, [0.3, 0.05, 0.05, 0.6]),
        ("full_path", 2, 3, [0.225 / 0.9, 0.225 / 0.9, 0.225 / 0.9, 0.225 / 0.9]),
        ("full_path", 2, 2, [0.225, 0.45, 0.1, 0.225]),
        ("full_path", None, 3, [0.225 / 0.775, 0.1 / 0.775, 0.225 / 0.775, 0.225 / 0.775]),
    ],
)
def test_milestones_have_their_share(
    model: str, lead: int | None, opportunity: int | None, expected: list[float]
) -> None:
    journeys = milestones("email>organic>direct>paid search", lead, opportunity)
    assert shares(journeys, RULES[model]) == pytest.approx(expected)


def test_weights_may_be_ones_own() -> None:
    assert shares(laid_out("a>b>c"), position_based(first=0.5, last=0.3)) == pytest.approx([0.5, 0.2, 0.3])
    assert shares(laid_out("a>b>c"), position_based(last=1.0)) == pytest.approx([0, 0, 1])


@pytest.mark.parametrize("weights", [{"first": 0.7, "last": 0.7}, {"first": -0.1}, {}])
def test_weights_that_are_no_shares_are_refused(weights: dict[str, float]) -> None:
    with pytest.raises(BadInput, match="not shares of one"):
        position_based(**weights)  # type: ignore[arg-type]


def test_a_half_life_of_nothing_is_refused() -> None:
    with pytest.raises(BadInput, match="half-life"):
        time_decay(0)


def test_probability_and_value_weigh_the_credit() -> None:
    journeys = laid_out("email>organic", "email", count=[1, 1], converted=[0.8, 0], value=[50.0, 0])
    totals = rule_totals(journeys, [RULES["linear"]])
    assert dict(zip(journeys.players, totals.conversions["linear"], strict=True)) == pytest.approx(
        {"email": 0.4, "organic": 0.4}
    )
    assert totals.value["linear"].sum() == pytest.approx(50.0)


def test_the_default_is_a_model_and_an_unknown_name_is_refused_with_the_names() -> None:
    assert find_model(DEFAULT_MODEL).name == "last_non_direct"
    with pytest.raises(BadInput, match="first_touch, last_touch"):
        find_model("best_touch")


paths = st.lists(st.lists(st.sampled_from(PLAYERS), min_size=1, max_size=7), min_size=1, max_size=12)


@given(paths, st.sampled_from(sorted(RULES)))
def test_shares_are_parts_of_one_that_sum_to_one(found: list[list[str]], model: str) -> None:
    journeys = laid_out(*(">".join(path) for path in found))
    given_shares = np.array(shares(journeys, RULES[model]))
    assert given_shares.min() >= 0
    assert given_shares.max() <= 1 + 1e-12
    assert np.add.reduceat(given_shares, journeys.starts[:-1]) == pytest.approx(np.ones(len(found)))


@given(paths, st.sampled_from(sorted(RULES)), st.randoms(use_true_random=False))
def test_the_order_of_journeys_does_not_matter(found: list[list[str]], model: str, chance: object) -> None:
    texts = [">".join(path) for path in found]
    shuffled = sorted(texts, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert credited(laid_out(*texts), model) == pytest.approx(credited(laid_out(*shuffled), model))


@given(paths, st.sampled_from(sorted(RULES)))
def test_a_player_that_is_in_no_conversion_has_nothing(found: list[list[str]], model: str) -> None:
    texts = [">".join(path) for path in found]
    journeys = laid_out(*texts, "stranger>direct", converted=[1.0] * len(texts) + [0.0])
    assert credited(journeys, model)["stranger"] == 0
