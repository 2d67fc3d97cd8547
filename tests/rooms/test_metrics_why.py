"""Why this number: the rows behind a figure sum to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ringtrace.core.errors import BadInput
from ringtrace.reports.explore import Question, explore
from ringtrace.reports.filters import read_filter
from ringtrace.reports.metrics import METRICS
from ringtrace.reports.metrics.expressions import Quantile, Unknown, Value, evaluate
from ringtrace.reports.why import ROWS_A_PAGE, Evidence, Why, why
from tests.rooms.metric_lakes import MODEL, day_facts, google, published, response, scope_of

DIMENSIONS = ("channel", "campaign", "device", "status", "tag", "hour", "day", "reason", "agent")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("lake"), {"2026-10": day_facts()})


def all_rows(lake: Path, question: Question, line: tuple[Any, ...], metric: str, part: int) -> list[Evidence]:
    first = why(scope_of(lake), question, line, metric, part=part)
    rest = [
        why(scope_of(lake), question, line, metric, part=part, page=page).rows for page in range(2, first.pages + 1)
    ]
    return [row for rows in (first.rows, *rest) for row in rows]


def check_rows(lake: Path, question: Question, line: tuple[Any, ...], metric: str, figure: float | None) -> None:
    """Each part's rows sum to it, and the formula over those sums is the figure."""
    told = why(scope_of(lake), question, line, metric)
    sums: dict[Any, Value] = {}
    for place, (atom, part) in enumerate(zip(METRICS[metric].atoms, told.parts, strict=True)):
        rows = all_rows(lake, question, line, metric, place)
        assert len(rows) == part.rows
        if part.value is None:
            sums[atom] = Unknown(part.why)
        elif isinstance(atom, Quantile):
            sums[atom] = by_weight(rows, atom.q)
        else:
            sums[atom] = sum(row.value for row in rows)
            assert sums[atom] == pytest.approx(part.value)
    made = evaluate(METRICS[metric].formula, sums)
    assert (None if isinstance(made, Unknown) else made) == (None if figure is None else pytest.approx(figure))
    assert told.figure.value == (None if figure is None else pytest.approx(figure))


def by_weight(rows: list[Evidence], q: float) -> float:
    so_far, whole = 0.0, sum(row.weight for row in rows)
    for row in rows:
        so_far += row.weight
        if so_far >= q * whole - 1e-9:
            return row.value
    raise AssertionError("no row")


@pytest.mark.parametrize("name", METRICS)
def test_the_rows_behind_every_metric_sum_to_it(lake: Path, name: str) -> None:
    for by in DIMENSIONS:
        question = Question(metrics=(name,), by=(by,), model=MODEL)
        answer = explore(scope_of(lake), question)
        for line in answer.lines[:2]:
            check_rows(lake, question, line.values, name, line.figures[name].value)
    check_rows(lake, Question(metrics=(name,), model=MODEL), (), name, answer.totals[name].value)


def test_it_says_what_a_figure_means_and_how_it_was_made(lake: Path) -> None:
    question = Question(metrics=("calls",), by=("channel",), filters=(read_filter("-agent:Cy"),), model=MODEL)
    told: Why = why(scope_of(lake), question, ("Email",), "answer_rate")
    assert told.formula == "calls answered ÷ calls"
    assert told.plain == METRICS["answer_rate"].plain
    assert told.filters == ("Agent is not Cy", "Channel is Email")
    assert told.definition == "Qualified: answered"
    assert (told.made.model, told.made.definition, told.made.definitions) == (MODEL, "qualified-1", "as it was")
    assert [(part.words, part.rows) for part in told.parts] == [("calls answered", 1), ("calls", 1)]
    row = told.rows[0]
    assert (row.row_id, row.weight, row.p, row.value, row.reason) == ("A", 0.45, 0.9, 0.45, None)
    assert (row.of, row.kind, row.status, row.visit_id) == ("response", "call", "answered", "A-1")


def test_it_says_why_credit_has_no_touch(lake: Path) -> None:
    told = why(scope_of(lake), Question(metrics=("calls",)), (), "unattributed_share")
    assert [(row.row_id, row.reason, row.value) for row in told.rows] == [
        ("A", "unknown", 0.1),
        ("B", "no_touches", 0.2),
        ("B", "unknown", 0.3),
        ("E", "unknown", 1.0),
    ]


def test_it_turns_pages(tmp_path: Path) -> None:
    names = [f"r{nth:03}" for nth in range(120)]
    published(tmp_path, {"2026-10": {"credits": [row for name in names for row in response(name, [google()])]}})
    question = Question(metrics=("calls",))
    told = why(scope_of(tmp_path), question, (), "calls", page=3)
    assert (told.pages, len(told.rows), told.parts[0].rows) == (3, 120 - 2 * ROWS_A_PAGE, 120)
    assert [row.row_id for row in all_rows(tmp_path, question, (), "calls", 0)] == names
    for bad in ({"page": 4}, {"page": 0}, {"part": 1}):
        with pytest.raises(BadInput):
            why(scope_of(tmp_path), question, (), "calls", **bad)
    with pytest.raises(BadInput):
        why(scope_of(tmp_path), question, ("Email",), "calls")


def test_what_is_unknown_has_its_reason_and_no_rows(lake: Path) -> None:
    told = why(scope_of(lake), Question(metrics=("spend",), by=("agent",)), ("Ann",), "cost_per_call")
    assert (told.figure.value, told.figure.why) == (None, "Spend is not known by agent.")
    assert (told.rows, told.parts[0].why, told.parts[1].value) == ((), "Spend is not known by agent.", 1)
