"""Names of one thing across systems."""

from __future__ import annotations

import random
import time

import hypothesis.strategies as st
import pytest
from hypothesis import given

from ringtrace.intake.files.naming import Aligner, NameField, NameRule, fold_name, suggest

CAMPAIGN = NameField.CAMPAIGN


def rule(said: str, means: str, system: str | None = None) -> NameRule:
    return NameRule(field=CAMPAIGN, said=said, means=means, system=system)


@pytest.mark.parametrize(
    "text",
    ["Emergency Plumbing", "emergency_plumbing", "EMERGENCY-PLUMBING", "emergency+plumbing", "Emergency%20Plumbing"],
)
def test_it_compares_names_whatever_their_case_and_marks(text: str) -> None:
    assert fold_name(text) == "emergency plumbing"
    assert Aligner([rule("emergency plumbing", "Emergency")]).align(CAMPAIGN, text) == "Emergency"


@given(st.text(max_size=30))
def test_folding_is_done_once(text: str) -> None:
    assert fold_name(fold_name(text)) == fold_name(text)


def test_it_leaves_a_name_as_it_is_where_no_rule_says() -> None:
    names = Aligner([rule("a", "b")])
    assert names.align(CAMPAIGN, "c") == "c"
    assert names.align(NameField.SOURCE, "a") == "a"


def test_a_rule_of_a_system_goes_before_one_of_all_and_the_later_before_the_earlier() -> None:
    names = Aligner([rule("x", "first"), rule("x", "all"), rule("x", "bing's", "microsoft_ads")])
    assert names.align(CAMPAIGN, "x") == "all"
    assert names.align(CAMPAIGN, "x", "microsoft_ads") == "bing's"
    assert names.align(CAMPAIGN, "x", "meta_ads") == "all"


def test_rules_follow_one_another_and_never_for_ever() -> None:
    assert Aligner([rule("a", "b"), rule("b", "c")]).align(CAMPAIGN, "a") == "c"
    circle = Aligner([rule("a", "b"), rule("b", "a")])
    assert {circle.align(CAMPAIGN, name) for name in "ab"} <= {"a", "b"}
    assert Aligner([rule("brand", "Brand")]).align(CAMPAIGN, "BRAND") == "Brand"


def test_it_suggests_near_matches_with_their_reason() -> None:
    known = ["towing_near_me", "Emergency Plumbing", "Brand 1", "Brand 3", "Heaters Winter"]
    found = {
        one.said: one for one in suggest(["Towing Near Me - Search", "emergancy plumbing", "Winter Heaters"], known, 1)
    }
    assert found["Towing Near Me - Search"].means == "towing_near_me"
    assert found["Towing Near Me - Search"].why == "both have towing, near, me"
    assert found["emergancy plumbing"].means == "Emergency Plumbing"
    assert found["Winter Heaters"].why == "the same words in another order"
    assert suggest(["Brand 2", "xyz"], known) == []
    (same,) = suggest(["heaters-winter"], known)
    assert (same.likeness, same.why) == (1.0, "the same but for case and marks")


@given(st.lists(st.text("ab c-1", max_size=8), max_size=8), st.lists(st.text("ab c-1", max_size=8), max_size=8))
def test_suggestions_are_few_likely_and_the_same_in_any_order(unmatched: list[str], known: list[str]) -> None:
    found = suggest(unmatched, known)
    assert all(0.5 <= one.likeness <= 1 and one.said != one.means for one in found)
    assert sorted(map(repr, suggest(unmatched[::-1], known[::-1]))) == sorted(map(repr, found))
    for said in unmatched:
        assert sum(one.said == said for one in found) <= 3


def test_it_goes_through_thousands_of_names_in_seconds() -> None:
    chance = random.Random(1)
    words = ["search", "brand", "emergency", "plumbing", *(f"town{number}" for number in range(900))]

    def name() -> str:
        return " - ".join(chance.choice(words) for _ in range(chance.randrange(2, 6)))

    unmatched, known = [name() for _ in range(5_000)], [name() for _ in range(5_000)]
    began = time.perf_counter()
    assert suggest(unmatched, known)
    assert time.perf_counter() - began < 30
