"""docs/metrics.md has what the registries have; every metric and dimension can be said."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringtrace.core.errors import BadInput
from ringtrace.reports.dimensions import DIMENSIONS, find_dimension
from ringtrace.reports.metrics import METRICS, Direction, find_metric
from ringtrace.reports.write_docs import main, written

PAGE = Path(__file__).parents[2] / "docs/metrics.md"
ISSUE = (
    *("calls", "answer_rate", "missed_rate", "abandon_rate", "call_to_lead_rate", "qualified_calls", "qualified_rate"),
    *("appointments", "show_rate", "cost_per_call", "cost_per_qualified_call", "cost_per_appointment"),
    *("cost_per_opportunity", "cost_per_sale", "revenue_per_call", "revenue_per_qualified_call", "close_rate"),
    *("pipeline", "roi", "roas", "time_to_answer_p50", "time_to_answer_p90", "talk_time_mean", "transfer_rate"),
    *("repeat_caller_rate", "match_coverage", "match_mean_p", "unattributed_share"),
)


def test_the_page_is_as_the_registries_say() -> None:
    assert written(PAGE.read_text()) == PAGE.read_text(), "run python -m ringtrace.reports.write_docs"


def test_it_writes_the_page_and_refuses_one_without_marks(tmp_path: Path) -> None:
    page = tmp_path / "metrics.md"
    page.write_text(
        "<!-- metrics from the registry -->\nold\n<!-- end -->\n<!-- dimensions from the registry -->\n<!-- end -->"
    )
    assert main([str(page)]) == 0
    assert "`answer_rate`" in page.read_text()
    assert "| `channel` |" in page.read_text()
    with pytest.raises(BadInput):
        written("nothing")


def test_every_metric_that_was_asked_for_is_there() -> None:
    assert set(ISSUE) <= set(METRICS)


def test_every_metric_and_dimension_says_plainly_what_it_is() -> None:
    for metric in METRICS.values():
        assert metric.plain.endswith("."), metric.name
        assert metric.formula_in_words
        assert metric.direction in Direction
        assert all(need.sentence.endswith(".") for need in metric.needs)
    assert len({metric.title for metric in METRICS.values()}) == len(METRICS)
    assert all(dimension.plain.endswith(".") for dimension in DIMENSIONS.values())


def test_it_names_what_there_is_when_asked_for_what_is_not() -> None:
    for find in (find_metric, find_dimension):
        with pytest.raises(BadInput) as refused:
            find("nothing")
        assert "channel" in refused.value.hint or "calls" in refused.value.hint
