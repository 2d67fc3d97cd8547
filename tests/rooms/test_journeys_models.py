"""Every model side by side: columns that sum to one total, what differs, thin months, and agreement with explore."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec
import pytest

from ringtrace.attribution.registry import LAKE_LEARNERS, LAKE_MODELS
from ringtrace.core.clock import HOUR_MS
from ringtrace.core.errors import BadInput
from ringtrace.lake.schemas import FitFact
from ringtrace.reports.explore import Question, explore
from ringtrace.reports.journeys.conversions import MEASURES, Conversions
from ringtrace.reports.journeys.models import BY, By, LineKind, ModelComparison, model_comparison
from tests.rooms.journey_lakes import MAIL, PAID, Seen, call, journey, journey_facts
from tests.rooms.metric_lakes import COMPANY, NOON_MS, published, scope_of


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("lake"), {"2026-10": journey_facts()})


def column_of(found: ModelComparison, model: str) -> dict[str | LineKind, float | None]:
    return {line.value or line.kind: line.figures[model] for line in found.lines}


def test_each_model_gives_its_own(lake: Path) -> None:
    found = model_comparison(scope_of(lake))
    first, last = column_of(found, "first_touch"), column_of(found, "last_touch")
    assert first == pytest.approx({PAID: 1.8, "Direct": 1, MAIL: 1.4, "Organic Search": 0.4, LineKind.UNKNOWN: 1.4})
    assert last == pytest.approx({PAID: 2.8, "Direct": 1.8, MAIL: 0, "Organic Search": 0, LineKind.UNKNOWN: 1.4})
    paid = next(line for line in found.lines if line.value == PAID)
    assert paid.low == pytest.approx(1.8)
    assert paid.high == pytest.approx(2.8)
    assert paid.furthest == "last_touch"
    assert paid.spread == pytest.approx(1)
    assert found.furthest == "last_touch"
    assert found.total == pytest.approx(6)
    moved = {one.model: one.moved for one in found.columns}
    assert moved["last_non_direct"] == 0
    assert moved["last_touch"] == pytest.approx((2.8 - 2 - 2 / 15 + 1.8 - 1.4) / 6, abs=0.05)


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("measure", MEASURES)
def test_every_column_sums_to_the_same_and_lines_are_those_of_explore(lake: Path, by: By, measure: str) -> None:
    of = Conversions(measure=measure)
    scope = scope_of(lake)
    found = model_comparison(scope, by, of)
    metric = of.of.metric_name
    whole = explore(scope, Question(metrics=(metric,))).totals[metric].value
    assert whole
    for column in found.columns:
        assert column.total == pytest.approx(whole)
        assert sum(line.figures[column.model] or 0 for line in found.lines) == pytest.approx(whole)
        answer = explore(scope, Question(metrics=(metric,), by=(by,), model=column.model))
        for line in answer.lines:
            if line.values[0] is not None:
                mine = next((one for one in found.lines if one.value == line.values[0]), None)
                figure = line.figures[metric].value or 0
                assert (mine.figures[column.model] if mine else 0) == pytest.approx(figure)


def test_what_has_no_landing_page_is_not_what_nobody_knows(lake: Path) -> None:
    found = column_of(model_comparison(scope_of(lake), "landing_page"), "first_touch")
    assert found == pytest.approx(
        {"/leaks": 1.8, "/spring": 0, "/leaks/now": 0, LineKind.NONE: 2.8, LineKind.UNKNOWN: 1.4}
    )


def test_lines_beyond_the_most_stand_together(lake: Path) -> None:
    found = model_comparison(scope_of(lake), most=1)
    assert [(line.kind, line.count) for line in found.lines] == [
        (LineKind.VALUE, 1),
        (LineKind.REST, 3),
        (LineKind.UNKNOWN, 1),
    ]
    assert sum(line.figures["linear"] or 0 for line in found.lines) == pytest.approx(6)


def test_a_month_too_thin_for_a_model_stands_on_its_own_and_is_in_no_spread(tmp_path: Path) -> None:
    without = [
        msgspec.structs.replace(row, **dict.fromkeys(LAKE_LEARNERS))
        for row in call("T", journey(0.8, Seen(MAIL, 3), Seen(PAID, 1)))
    ]
    thin = FitFact(company_id=COMPANY, model="markov", params="{}", player=None, effect=None, reason="12 are too few.")
    fitted = call("G", journey(1.0, Seen(PAID, 1)), at_ms=NOON_MS + 30 * 24 * HOUR_MS)
    published(tmp_path, {"2026-10": {"credits": without, "fits": [thin]}, "2026-11": {"credits": fitted}})
    both = model_comparison(scope_of(tmp_path, date(2026, 10, 1), date(2026, 11, 30)))
    assert column_of(both, "markov") == pytest.approx({PAID: 1, MAIL: 0, LineKind.UNKNOWN: 0, LineKind.THIN: 1})
    assert column_of(both, "linear") == pytest.approx({PAID: 1.4, MAIL: 0.4, LineKind.UNKNOWN: 0.2, LineKind.THIN: 0})
    markov = next(one for one in both.columns if one.model == "markov")
    assert markov.moved is None
    assert markov.total == pytest.approx(2)
    assert markov.is_thin_everywhere is False
    assert [(one.month, one.reason) for one in markov.thin] == [("2026-10", "12 are too few.")]
    october = model_comparison(scope_of(tmp_path))
    assert column_of(october, "markov") == {PAID: None, MAIL: None, LineKind.UNKNOWN: None, LineKind.THIN: 1}
    assert next(one for one in october.columns if one.model == "markov").is_thin_everywhere
    assert all(line.furthest not in LAKE_LEARNERS for line in both.lines)


def test_only_conversions_that_a_channel_or_page_may_have_led_to_are_looked_at_whole(lake: Path) -> None:
    by_mail = model_comparison(scope_of(lake), of=Conversions(channel=MAIL))
    assert by_mail.total == pytest.approx(2)
    assert column_of(by_mail, "last_touch") == pytest.approx(
        {PAID: 1, MAIL: 0, "Direct": 0.8, "Organic Search": 0, LineKind.UNKNOWN: 0.2}
    )
    by_page = model_comparison(scope_of(lake), of=Conversions(landing_page="LEAKS/n"))
    assert by_page.total == pytest.approx(1)


def test_an_empty_lake_has_no_lines(tmp_path: Path) -> None:
    found = model_comparison(scope_of(published(tmp_path, {})))
    assert (found.lines, found.total, found.furthest) == ((), 0, None)
    assert {one.model for one in found.columns} == set(LAKE_MODELS)


def test_it_refuses_what_it_does_not_know(lake: Path) -> None:
    with pytest.raises(BadInput):
        model_comparison(scope_of(lake), "colour")  # type: ignore[arg-type]
    with pytest.raises(BadInput):
        Conversions(measure="luck")
    with pytest.raises(BadInput):
        Conversions(landing_page="x" * 301)
