"""Questions: lines, totals, time zones, tags, thin months, comparisons, order, and what cannot be known."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringtrace.core.clock import HOUR_MS
from ringtrace.core.errors import BadInput
from ringtrace.lake.schemas import FitFact
from ringtrace.qualification.definitions import STARTERS, Definition
from ringtrace.qualification.reading import read_condition
from ringtrace.reports.dimensions import DIMENSIONS, DimensionKind
from ringtrace.reports.explore import Answer, Question, Span, explore, span_values
from ringtrace.reports.filters import Filter, Operation, read_filter
from ringtrace.reports.metrics import METRICS
from ringtrace.reports.zones import local_ms_sql, offsets
from tests.rooms.metric_lakes import (
    COMPANY,
    DAY,
    MODEL,
    NOON_MS,
    day_facts,
    google,
    month_of,
    nobody,
    published,
    response,
    scope_of,
    spend,
)

LATER_MS = NOON_MS + 24 * 7 * HOUR_MS
LATER = date(2026, 10, 12)


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("lake"), {"2026-10": day_facts()})


def lines_of(answer: Answer, metric: str) -> dict[Any, Any]:
    return {
        line.values if len(line.values) > 1 else line.values[0]: line.figures[metric].value for line in answer.lines
    }


def ask(lake: Path, *metrics: str, by: tuple[str, ...] = (), filters: tuple[str, ...] = (), **more: Any) -> Answer:
    asked = tuple(read_filter(text) for text in filters)
    return explore(scope_of(lake), Question(metrics=metrics, by=by, filters=asked, **({"model": MODEL} | more)))


def test_it_counts_responses_by_credit_where_touches_are_asked_and_whole_elsewhere(lake: Path) -> None:
    by_channel = lines_of(ask(lake, "calls", by=("channel",)), "calls")
    assert by_channel == pytest.approx({"Paid Search": 1.95, "Offline": 1, "Email": 0.45, None: 1.6})
    assert lines_of(ask(lake, "calls", by=("status",)), "calls") == {
        "answered": 2,
        "abandoned": 1,
        "missed": 1,
        "voicemail": 1,
    }
    one = ask(lake, "calls", filters=("channel:Paid Search",)).totals["calls"].value
    assert one == pytest.approx(1.95)
    assert ask(lake, "calls", filters=("channel:Paid Search",), model="last_touch").totals["calls"].value == 1.5


@pytest.mark.parametrize("name", [one.name for one in DIMENSIONS.values() if one.kind is DimensionKind.TOUCH])
@pytest.mark.parametrize("model", ["linear", "last_touch", "markov"])
def test_lines_by_touches_sum_to_the_total_for_every_additive_metric(lake: Path, name: str, model: str) -> None:
    additive = [metric.name for metric in METRICS.values() if metric.is_additive]
    answer = ask(lake, *additive, by=(name,), model=model)
    whole = ask(lake, *additive, model=model)
    for metric in additive:
        values = [line.figures[metric].value for line in answer.lines]
        if any(value is not None for value in values):
            assert sum(value or 0 for value in values) == pytest.approx(whole.totals[metric].value), metric
        assert answer.totals[metric].value == pytest.approx(whole.totals[metric].value), metric


def test_a_call_with_two_tags_stands_in_both_lines_and_once_in_the_total(lake: Path) -> None:
    answer = ask(lake, "calls", "responses", by=("tag",))
    assert lines_of(answer, "calls") == {"vip": 2, "hot": 1, None: 3}
    assert answer.totals["calls"].value == 5
    assert ask(lake, "calls", filters=("tag:hot,vip",)).totals["calls"].value == 2
    assert ask(lake, "calls", filters=("-tag:hot",)).totals["calls"].value == 4
    assert ask(lake, "calls", filters=("tag:(unknown)",)).totals["calls"].value == 3
    assert ask(lake, "calls", filters=("tag~VI",)).totals["calls"].value == 2
    assert lines_of(ask(lake, "calls", by=("tag", "channel"), filters=("tag:hot",)), "calls") == {
        ("vip", "Paid Search"): 1,
        ("hot", "Paid Search"): 1,
    }


def test_three_dimensions_stand_side_by_side(lake: Path) -> None:
    answer = ask(lake, "calls", by=("kind", "new_repeat", "agent"))
    assert lines_of(answer, "calls") == {
        ("call", "new", "Ann"): 1,
        ("call", "new", None): 1,
        ("call", "repeat", "Bob"): 1,
        ("call", "repeat", None): 1,
        ("call", None, None): 1,
    }


def test_spend_and_visits_are_unknown_by_what_they_do_not_know_and_say_so(lake: Path) -> None:
    answer = ask(lake, "cost_per_call", "visits", "calls", by=("agent",))
    figure = answer.lines[0].figures["cost_per_call"]
    assert (figure.value, figure.why) == (None, "Spend is not known by agent.")
    assert answer.lines[0].figures["visits"].why == "Visits are not known by agent."
    assert answer.totals["cost_per_call"].value == 600
    assert ask(lake, "spend", filters=("device:mobile",)).totals["spend"].why == "Spend is not known by device."
    by_device = lines_of(ask(lake, "visits", by=("device",)), "visits")
    assert by_device == {"mobile": 3, "desktop": 1}


def test_what_has_no_spend_has_no_cost_and_what_has_no_calls_no_rate(lake: Path) -> None:
    answer = ask(lake, "spend", "cost_per_call", "answer_rate", by=("source",))
    figures = {line.values[0]: line.figures for line in answer.lines}
    assert figures["flyer"]["cost_per_call"].value is None
    assert "No spend" in figures["flyer"]["cost_per_call"].why
    assert (figures["bing"]["spend"].value, figures["bing"]["cost_per_call"].value) == (400, None)
    assert "nothing to divide by" in figures["bing"]["answer_rate"].why


def test_an_empty_lake_knows_nothing_and_counts_nothing(tmp_path: Path) -> None:
    published(tmp_path, {})
    for by in ((), ("channel",)):
        totals = ask(tmp_path, *METRICS, by=by).totals
        assert (totals["calls"].value, totals["visits"].value) == (0, 0)
        assert (totals["revenue"].value, totals["spend"].value, totals["answer_rate"].value) == (None, None, None)
        assert all(figure.why for figure in totals.values() if figure.value is None)
    assert totals["transfer_rate"].why == "It is known of no answered call here whether it was transferred."


def test_time_is_the_companys_in_los_angeles_and_in_kathmandu(lake: Path) -> None:
    names = ("hour", "weekday", "day", "week", "month")
    assert [line.values for line in ask(lake, "calls", by=names[:3]).lines] == [(12, 1, DAY)]
    kathmandu = scope_of(lake, date(2026, 10, 6), zone="Asia/Kathmandu")  # 19:00 UTC is 00:45 of the next day
    answer = explore(kathmandu, Question(metrics=("calls", "visits"), by=("hour", "day", "month")))
    assert [line.values for line in answer.lines] == [(0, date(2026, 10, 6), date(2026, 10, 1))]
    assert answer.totals["visits"].value == 4
    week = explore(scope_of(lake, date(2026, 10, 1), date(2026, 10, 31)), Question(metrics=("spend",), by=("week",)))
    assert lines_of(week, "spend") == {date(2026, 10, 5): 3_000}


@pytest.mark.parametrize("on", [date(2026, 3, 8), date(2026, 11, 1)])
def test_hours_are_right_on_days_when_clocks_change(tmp_path: Path, on: date) -> None:
    scope = scope_of(tmp_path, on)
    moments = range(scope.since_ms + 1, scope.until_ms, HOUR_MS)
    rows = [row for at in moments for row in response(f"r{at}", [google()], at_ms=at, status="answered")]
    published(tmp_path, {month_of(scope.since_ms): {"credits": rows}})
    answer = explore(scope, Question(metrics=("calls",), by=("hour", "day")))
    zone = ZoneInfo(scope.time_zone)
    hours = [datetime.fromtimestamp(at / 1000, tz=UTC).astimezone(zone).hour for at in moments]
    assert len(hours) in (23, 25)
    assert lines_of(answer, "calls") == {(hour, on): hours.count(hour) for hour in set(hours)}


@given(
    st.sampled_from(["America/Los_Angeles", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "UTC"]),
    st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - made aware below
)
def test_offsets_are_those_of_the_zone(zone: str, naive: datetime) -> None:
    at_ms = round(naive.replace(tzinfo=UTC).timestamp()) * 1000
    since_ms, until_ms = at_ms - 400 * 24 * HOUR_MS, at_ms + 400 * 24 * HOUR_MS
    offset = [offset for since, offset in offsets(zone, since_ms, until_ms) if since <= at_ms][-1]
    local = datetime.fromtimestamp(at_ms / 1000, tz=UTC).astimezone(ZoneInfo(zone)).utcoffset()
    assert local is not None
    assert offset == local.total_seconds() * 1000
    assert "CASE" in local_ms_sql("at_ms", "America/Los_Angeles", since_ms, until_ms)


def test_a_month_too_thin_for_a_model_stands_in_the_unknown_line_whole(tmp_path: Path) -> None:
    """Two touches of one candidate: their credit together is its probability, not twice that."""
    two = [google(p=0.8, linear=0.4, length=2), google(p=0.8, linear=0.4, position=2, length=2), nobody(0.2)]
    thin = FitFact(company_id=COMPANY, model="markov", params="{}", player=None, effect=None, reason="12 are too few.")
    fitted = response("G", [google(learned=1.0)], at_ms=NOON_MS + 30 * 24 * HOUR_MS)
    published(tmp_path, {"2026-10": {"credits": response("T", two), "fits": [thin]}, "2026-11": {"credits": fitted}})
    scope = scope_of(tmp_path, date(2026, 10, 1), date(2026, 11, 30))
    question = Question(metrics=("calls", "unattributed_thin"), by=("channel",), model="markov")
    answer = explore(scope, question)
    assert lines_of(answer, "calls") == pytest.approx({"Paid Search": 1, None: 1})
    assert lines_of(answer, "unattributed_thin") == pytest.approx({"Paid Search": 0, None: 1})
    assert answer.totals["unattributed_thin"].value == pytest.approx(0.5)
    assert [(thin.month, thin.reason) for thin in answer.thin] == [("2026-10", "12 are too few.")]
    by_reason = explore(scope, Question(metrics=("calls",), by=("reason",), model="markov"))
    assert lines_of(by_reason, "calls") == pytest.approx({None: 1, "thin": 1})
    assert explore(scope, Question(metrics=("calls",), by=("channel",), model=MODEL)).thin == ()


def test_it_compares_with_the_span_before_the_year_before_and_any_other(tmp_path: Path) -> None:
    year_ms = NOON_MS - 365 * 24 * HOUR_MS
    last_year = date(2025, 10, 5)
    published(
        tmp_path,
        {
            "2026-10": {
                fact: [*rows, *day_facts(LATER_MS, LATER, "later-")[fact]] for fact, rows in day_facts().items()
            },
            "2025-10": {"credits": response("old", [google()], at_ms=year_ms, status="missed")},
        },
    )
    metrics = ("calls", "revenue", "answer_rate")
    week = scope_of(tmp_path, LATER, date(2026, 10, 18))
    answer = explore(week, Question(metrics=metrics, by=("day",), compare="before"))
    assert answer.compared == Span(since_on=DAY, until_on=date(2026, 10, 11))
    figures = answer.lines[0].figures
    assert [figures[name].before for name in metrics] == [5, 65_000, 0.4]
    assert answer.totals["calls"].before == 5
    year = explore(scope_of(tmp_path), Question(metrics=metrics, by=("status",), compare="year"))
    assert year.compared == Span(since_on=last_year, until_on=last_year)
    assert {line.values[0]: line.figures["calls"].before for line in year.lines} == {
        "answered": 0,
        "missed": 1,
        "abandoned": 0,
        "voicemail": 0,
        None: 0,
    }
    assert year.totals["revenue"].before is None
    own = Question(metrics=("calls",), compare=Span(since_on=DAY, until_on=LATER))
    assert explore(scope_of(tmp_path, LATER), own).totals["calls"].before == 10
    leap = explore(scope_of(tmp_path, date(2028, 2, 29)), Question(metrics=("calls",), compare="year"))
    assert leap.compared == Span(since_on=date(2027, 2, 28), until_on=date(2027, 2, 28))


def test_months_stand_beside_months_when_compared(tmp_path: Path) -> None:
    rows = [spend(100, on=date(2026, month, 20)) for month in (9, 10)]
    published(tmp_path, {"2026-09": {"spend": rows[:1]}, "2026-10": {"spend": rows[1:]}})
    october = scope_of(tmp_path, date(2026, 10, 1), date(2026, 10, 31))
    september = Span(since_on=date(2026, 9, 1), until_on=date(2026, 9, 30))
    for by in ("month", "week"):
        answer = explore(october, Question(metrics=("spend",), by=(by,), compare=september))
        assert [line.figures["spend"].before for line in answer.lines] == [100]


def test_it_orders_and_cuts_lines_but_totals_all(lake: Path) -> None:
    most = ask(lake, "calls", "responses", by=("channel",), order="-responses", limit=2)
    assert [line.values for line in most.lines] == [(None,), ("Paid Search",)]
    assert (most.line_count, most.totals["responses"].value) == (5, 8)
    least = ask(lake, "calls", by=("status",), order="status")
    assert [line.values[0] for line in least.lines] == ["abandoned", "answered", "missed", "voicemail"]
    usual = ask(lake, "responses", by=("channel",))
    assert usual.lines[-1].values == (None,)
    unknown = ask(lake, "cost_per_call", "unmatched_revenue", "roi", by=("agent",), order="-roi", limit=1)
    assert (len(unknown.lines), unknown.line_count) == (1, 3)
    rates = ask(lake, "cost_per_call", by=("source",), order="cost_per_call")
    assert [line.values[0] for line in rates.lines][:1] == ["google"]


def test_a_definition_decides_what_qualifies(lake: Path) -> None:
    braces = read_condition({"any": [{"field": "agent", "is": ["A{n}n"]}, {"field": "agent", "is": ["Ann"]}]})
    braced = Definition(name="anns", title="Ann's", condition=braces, version=3)
    answer = ask(lake, "qualified_calls", definition=braced)
    assert (answer.totals["qualified_calls"].value, answer.made.definition) == (1, "anns-3")
    for starter in STARTERS:
        assert (
            ask(lake, "qualified_rate", by=("channel",), definition=starter).totals["qualified_rate"].value is not None
        )


@pytest.mark.parametrize("text", ["$100", "$f0_0", "$since_ms", "it''s $model", "'$x"])
def test_a_text_of_a_definition_is_no_parameter(lake: Path, text: str) -> None:
    condition = read_condition({"any": [{"field": "tags", "has": [text]}, {"field": "agent", "is": ["Ann", text]}]})
    paid = Definition(name="paid", title="Paid", condition=condition)
    answer = ask(lake, "qualified_calls", definition=paid, filters=("channel:Paid Search",))
    assert answer.totals["qualified_calls"].value is not None


def test_it_says_how_it_was_made(lake: Path) -> None:
    made = ask(lake, "calls", by=("channel",), filters=("agent:A'nn; --",)).made
    assert (made.model, made.params, made.definition, made.definitions) == (MODEL, "{}", "qualified-1", "as it was")
    assert "A'nn" not in made.sql
    assert "FROM credits WHERE" in made.sql
    assert made.values["f0_0"] == "A'nn; --"


def test_every_dimension_can_split_and_filter_every_metric(lake: Path) -> None:
    for name in DIMENSIONS:
        answer = ask(lake, *METRICS, by=(name,), intervals=True, model="markov")
        value = answer.lines[0].values[0]
        one = Question(metrics=tuple(METRICS), filters=(Filter(name, Operation.IS_IN, (value,)),), model="markov")
        total = explore(scope_of(lake), one).totals["calls"].value
        assert total == pytest.approx(answer.lines[0].figures["calls"].value)


def test_a_span_knows_the_values_of_its_times(lake: Path) -> None:
    scope = scope_of(lake, DAY, date(2026, 11, 2))
    assert span_values(scope, "month") == [date(2026, 10, 1), date(2026, 11, 1)]
    assert span_values(scope, "week")[-1] == date(2026, 11, 2)
    assert (len(span_values(scope, "day")), len(span_values(scope, "hour")), len(span_values(scope, "weekday"))) == (
        29,
        24,
        7,
    )
    with pytest.raises(BadInput):
        span_values(scope, "channel")


@pytest.mark.parametrize(
    "bad",
    [
        {"metrics": ()},
        {"metrics": ("calls", "nothing")},
        {"by": ("channel", "channel")},
        {"by": ("channel", "source", "medium", "campaign")},
        {"by": ("nowhere",)},
        {"model": "markov_4"},
        {"order": "revenue"},
        {"limit": -1},
        {"compare": "ever"},
        {"filters": (Filter("hour", Operation.IS_IN, (24,)),)},
        {"filters": (Filter("channel", Operation.IS_IN, ()),)},
    ],
)
def test_it_refuses_what_cannot_be_asked_with_a_hint(lake: Path, bad: dict[str, Any]) -> None:
    with pytest.raises(BadInput) as refused:
        explore(scope_of(lake), Question(**({"metrics": ("calls",)} | bad)))
    assert refused.value.hint
