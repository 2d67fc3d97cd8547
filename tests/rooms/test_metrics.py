"""Every metric against sums done by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringtrace.reports.explore import Question, explore
from ringtrace.reports.metrics import METRICS
from tests.rooms.metric_lakes import MODEL, day_facts, published, scope_of

BY_HAND = {
    "calls": 5,
    "answered_calls": 2,
    "missed_calls": 1,
    "abandoned_calls": 1,
    "answer_rate": 2 / 5,
    "missed_rate": 1 / 5,
    "abandon_rate": 1 / 5,
    "first_time_callers": 2,
    "repeat_caller_rate": 2 / 4,
    "responses": 8,
    "forms": 1,
    "chats": 1,
    "store_visits": 1,
    "other_contacts": 0,
    "leads": 3,
    "call_to_lead_rate": 2 / 5,
    "qualified_calls": 2,
    "qualified_rate": 2 / 5,
    "appointments": 2,
    "show_rate": 1 / 2,
    "opportunities": 1,
    "sales": 2,
    "close_rate": 1 / 2,
    "revenue": 65_000,
    "revenue_per_call": 45_000 / 5,
    "revenue_per_qualified_call": 45_000 / 2,
    "pipeline": 70_000,
    "roas": 65_000 / 3_000,
    "roi": 62_000 / 3_000,
    "unmatched_revenue": 9_000,
    "unmatched_sales": 1,
    "visits": 4,
    "spend": 3_000,
    "cost_per_call": 600,
    "cost_per_qualified_call": 1_500,
    "cost_per_appointment": 1_500,
    "cost_per_opportunity": 3_000,
    "cost_per_sale": 1_500,
    "impressions": 1_000,
    "clicks": 13,
    "cost_per_click": 200,
    "time_to_answer_p50": 4,
    "time_to_answer_p90": 10,
    "talk_time_mean": 75,
    "talk_time_total": 150,
    "transfer_rate": 1 / 2,
    "match_coverage": 4 / 5,
    "match_mean_p": 3.6 / 4,
    "unattributed_share": 1.6 / 5,
    "unattributed_unknown": 1.4 / 5,
    "unattributed_no_touches": 0.2 / 5,
    "unattributed_thin": 0,
}
PAID_SEARCH = {  # by linear: 0.45 of A, 0.5 of B, all of D; 2 visits
    "calls": 1.95,
    "answered_calls": 1.45,
    "missed_calls": 0.5,
    "abandoned_calls": 0,
    "answer_rate": 1.45 / 1.95,
    "missed_rate": 0.5 / 1.95,
    "abandon_rate": 0,
    "first_time_callers": 0.45,
    "repeat_caller_rate": 1.5 / 1.95,
    "responses": 1.95,
    "forms": 0,
    "chats": 0,
    "store_visits": 0,
    "other_contacts": 0,
    "leads": 1.45,
    "call_to_lead_rate": 1.45 / 1.95,
    "qualified_calls": 1.45,
    "qualified_rate": 1.45 / 1.95,
    "appointments": 1.45,
    "show_rate": 0.45 / 1.45,
    "opportunities": 1,
    "sales": 0.45,
    "close_rate": 0.45 / 1.45,
    "revenue": 0.45 * 45_000,
    "revenue_per_call": 0.45 * 45_000 / 1.95,
    "revenue_per_qualified_call": 0.45 * 45_000 / 1.45,
    "pipeline": 70_000,
    "roas": 0.45 * 45_000 / 3_000,
    "roi": (0.45 * 45_000 - 3_000) / 3_000,
    "unmatched_revenue": None,
    "unmatched_sales": None,
    "visits": 2,
    "spend": 3_000,
    "cost_per_call": 3_000 / 1.95,
    "cost_per_qualified_call": 3_000 / 1.45,
    "cost_per_appointment": 3_000 / 1.45,
    "cost_per_opportunity": 3_000,
    "cost_per_sale": 3_000 / 0.45,
    "impressions": 1_000,
    "clicks": 13,
    "cost_per_click": 200,
    "time_to_answer_p50": 10,  # 0.45 at 4 s, 1 at 10 s
    "time_to_answer_p90": 10,
    "talk_time_mean": (0.45 * 120 + 30) / 1.45,
    "talk_time_total": 0.45 * 120 + 30,
    "transfer_rate": 1 / 1.45,
    "match_coverage": 1,
    "match_mean_p": (0.45 * 0.9 + 0.5 * 0.7 + 1) / 1.95,
    "unattributed_share": 0,
    "unattributed_unknown": 0,
    "unattributed_no_touches": 0,
    "unattributed_thin": 0,
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("lake"), {"2026-10": day_facts()})


def test_the_tables_here_have_every_metric() -> None:
    assert list(BY_HAND) == list(PAID_SEARCH) == list(METRICS)


@pytest.mark.parametrize("name", METRICS)
def test_it_counts_as_by_hand(lake: Path, name: str) -> None:
    answer = explore(scope_of(lake), Question(metrics=(name,)))
    assert answer.totals[name].value == pytest.approx(BY_HAND[name])


def test_all_metrics_at_once_are_what_each_is_by_itself(lake: Path) -> None:
    totals = explore(scope_of(lake), Question(metrics=tuple(METRICS))).totals
    assert {name: figure.value for name, figure in totals.items()} == pytest.approx(BY_HAND)


@pytest.mark.parametrize("intervals", [False, True])
def test_it_shares_by_credit_as_by_hand(lake: Path, intervals: bool) -> None:
    question = Question(metrics=tuple(METRICS), by=("channel",), model=MODEL, intervals=intervals)
    answer = explore(scope_of(lake), question)
    line = next(one for one in answer.lines if one.values == ("Paid Search",))
    for name, expected in PAID_SEARCH.items():
        assert line.figures[name].value == (None if expected is None else pytest.approx(expected)), name
    for name, expected in BY_HAND.items():
        assert answer.totals[name].value == pytest.approx(expected), name
