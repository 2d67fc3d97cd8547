"""Every metric of the town against its ledger, and the matching metrics against what is true of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from ringtrace.core.clock import at_from_ms
from ringtrace.reports.explore import Question, explore
from ringtrace.reports.metrics import METRICS
from ringtrace.reports.questions import Scope
from tests.truth.conftest import BuiltTown

ZONE = "America/Los_Angeles"


@pytest.fixture(scope="module")
def whole(built: BuiltTown) -> Scope:
    return Scope(
        lake=built.data_dir / "lake",
        company_id=built.facts.company_id,
        time_zone=ZONE,
        since_on=at_from_ms(built.truth.start_ms).date() - timedelta(days=1),
        until_on=at_from_ms(built.truth.end_ms).date() + timedelta(days=1),
    )


def ledger(built: BuiltTown) -> dict[str, Any]:
    """What the metrics are by the ledger's rows alone."""
    calls = list(built.calls.values())
    outcomes = built.ask("SELECT * FROM web_outcomerow")
    spent = built.ask("SELECT sum(cost_cents) AS cents FROM web_spendrow")[0]["cents"]

    def how_many(**facts: object) -> int:
        return sum(all(row[name] == fact for name, fact in facts.items()) for row in calls)

    def worth(kind: str) -> int:
        return sum(row["value_cents"] or 0 for row in outcomes if row["kind"] == kind)

    answered = how_many(status="answered")
    talk = [row["talk_secs"] for row in calls if row["status"] == "answered" and row["talk_secs"] is not None]
    rings = sorted(row["ring_secs"] for row in calls if row["status"] == "answered" and row["ring_secs"] is not None)
    shown, missed = (len({row["call_id"] for row in outcomes if row["kind"] == kind}) for kind in ("show", "no_show"))
    revenue = worth("sale") - worth("refund")
    known = [row for row in calls if row["is_first_call"] is not None]
    return {
        "calls": len(calls),
        "answered_calls": answered,
        "missed_calls": how_many(status="missed"),
        "abandoned_calls": how_many(status="abandoned"),
        "answer_rate": answered / len(calls),
        "qualified_rate": answered / len(calls),
        "first_time_callers": sum(bool(row["is_first_call"]) for row in calls),
        "repeat_caller_rate": sum(not row["is_first_call"] for row in known) / len(known),
        "sales": sum(row["kind"] == "sale" for row in outcomes),
        "revenue": revenue,
        "appointments": sum(row["kind"] == "appointment" for row in outcomes),
        "opportunities": sum(row["kind"] == "opportunity" for row in outcomes),
        "pipeline": worth("opportunity"),
        "show_rate": shown / (shown + missed),
        "spend": spent,
        "cost_per_call": spent / len(calls),
        "roas": revenue / spent,
        "roi": (revenue - spent) / spent,
        "talk_time_total": sum(talk),
        "talk_time_mean": sum(talk) / len(talk),
        "time_to_answer_p50": rings[(len(rings) + 1) // 2 - 1],
        "visits": built.ask("SELECT count(*) AS n FROM web_visitrow")[0]["n"],
        "match_coverage": sum(row["attributed_by"] in ("visit", "static_number") for row in calls) / len(calls),
    }


def test_the_metrics_are_the_ledgers(built: BuiltTown, whole: Scope) -> None:
    expected = ledger(built)
    totals = explore(whole, Question(metrics=tuple(METRICS))).totals
    assert {name: totals[name].value for name in expected} == pytest.approx(expected)
    assert all(figure.value is not None or figure.why for figure in totals.values())


@pytest.mark.parametrize("model", ["last_non_direct", "linear", "markov"])
@pytest.mark.parametrize("by", ["channel", "campaign", "device", "day", "hour"])
def test_no_line_loses_a_call_or_a_cent(whole: Scope, model: str, by: str) -> None:
    additive = tuple(name for name, metric in METRICS.items() if metric.is_additive)
    answer = explore(whole, Question(metrics=additive, by=(by,), model=model))
    totals = explore(whole, Question(metrics=additive)).totals
    for name in additive:
        values = [line.figures[name].value for line in answer.lines]
        if any(value is not None for value in values):
            assert sum(value or 0 for value in values) == pytest.approx(totals[name].value), name


def test_what_no_touch_has_is_near_what_no_visit_made(built: BuiltTown, whole: Scope) -> None:
    """Of the calls, those that neither a visit nor a printed number made: the town knows how many."""
    totals = explore(whole, Question(metrics=("unattributed_share", "match_mean_p"))).totals
    truth = built.truth.calls_by_key()
    made_by_none = sum(truth[key].visit is None and not built.dials[key].static for key in built.calls)
    share = made_by_none / len(built.calls)
    assert totals["unattributed_share"].value == pytest.approx(share, abs=0.05)
    assert totals["match_mean_p"].value == pytest.approx(1 - share, abs=0.05)
