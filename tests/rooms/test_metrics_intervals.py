"""Intervals: against closed forms, against sums done the long way, and how often they hold what is true."""

from __future__ import annotations

import random
from collections import defaultdict
from math import log, sqrt
from pathlib import Path
from statistics import mean as mean_of
from statistics import stdev
from typing import Any

import pytest

from ringtrace.reports.explore import Answer, Figure, Question, explore
from ringtrace.reports.intervals import Z, student, wilson
from ringtrace.reports.metrics import METRICS, Interval
from tests.rooms.metric_lakes import MODEL, Touch, day_facts, google, nobody, published, response, scope_of

LINES, CALLS = 400, 150
P_ANSWER, MEAN_RING, MEAN_SALE, P_SALE = 0.7, 12.0, 40_000, 0.5


def test_wilsons_interval_is_the_published_one() -> None:
    """Newcombe (1998), table I, method 3, as far as it is printed."""
    assert wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)
    assert wilson(15 / 148, 148) == pytest.approx((0.0624, 0.1605), abs=1e-4)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=1e-4)
    assert wilson(1 / 29, 29) == pytest.approx((0.0061, 0.1718), abs=1e-4)
    assert wilson(0.5, 0) == (None, None)


def test_students_t_is_the_tables() -> None:
    for freedom, table in ((2, 4.303), (5, 2.571), (10, 2.228), (30, 2.042), (1e9, Z)):
        assert student(freedom) == pytest.approx(table, rel=0.02 if freedom < 5 else 0.001)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """LINES agents, each with CALLS calls drawn alike: each line of an answer is one trial."""
    draw = random.Random(20261124)
    rows = [
        row
        for agent in range(LINES)
        for nth in range(CALLS)
        for row in response(
            f"{agent}-{nth}",
            [google()],
            status="answered" if draw.random() < P_ANSWER else "missed",
            ring_secs=draw.expovariate(1 / MEAN_RING),
            talk_secs=draw.gammavariate(2, 60),
            agent=f"agent {agent}",
            sales=1,
            sale_cents=round(draw.expovariate(1 / MEAN_SALE)) if draw.random() < P_SALE else 0,
        )
    ]
    return published(tmp_path_factory.mktemp("many"), {"2026-10": {"credits": rows}})


def by_agent(lake: Path, metric: str) -> list[Figure]:
    answer = explore(scope_of(lake), Question(metrics=(metric,), by=("agent",), intervals=True))
    assert len(answer.lines) == LINES
    return [line.figures[metric] for line in answer.lines]


def held(figures: list[Figure], truth: float) -> float:
    """The part of the intervals that hold it."""
    return mean_of((one.low is None or one.low <= truth) and (one.high is None or truth <= one.high) for one in figures)


@pytest.mark.parametrize(
    ("metric", "truth", "least", "most"),
    [
        ("answer_rate", P_ANSWER, 0.93, 0.97),
        ("revenue_per_call", P_SALE * MEAN_SALE, 0.92, 0.97),
        ("talk_time_mean", 120.0, 0.92, 0.97),
        ("time_to_answer_p50", MEAN_RING * log(2), 0.93, 0.98),
        ("time_to_answer_p90", MEAN_RING * log(10), 0.93, 0.98),
    ],
)
def test_95_of_100_intervals_hold_what_is_true(
    many: Path, metric: str, truth: float, least: float, most: float
) -> None:
    assert least <= held(by_agent(many, metric), truth) <= most


def test_a_mean_has_the_interval_of_the_textbook(tmp_path: Path) -> None:
    """Mean ± t · s / √n."""
    cents = [0, 0, 12_000, 50_000, 7_000, 0, 900, 33_000]
    rows = [
        row
        for nth, one in enumerate(cents)
        for row in response(f"r{nth}", [google()], status="answered", sales=1, sale_cents=one)
    ]
    published(tmp_path, {"2026-10": {"credits": rows}})
    figure = asked(tmp_path, "revenue_per_call").totals["revenue_per_call"]
    reach = student(len(cents) - 1) * stdev(cents) / sqrt(len(cents))
    assert (figure.value, figure.low, figure.high) == pytest.approx(
        (mean_of(cents), mean_of(cents) - reach, mean_of(cents) + reach)
    )


def worlds(draw: random.Random, campaigns: int, calls: int) -> tuple[list[Any], dict[str, float]]:
    """Calls with up to three candidates, each with touches of several campaigns; and the credit that each campaign
    has when one candidate of each call is drawn by its probability."""
    rows: list[Any] = []
    truth: dict[str, float] = defaultdict(float)
    for nth in range(campaigns * calls):
        cuts = sorted(draw.random() for _ in range(3))
        odds = [after - before for before, after in zip([0.0, *cuts], [*cuts, 1.0], strict=True)]
        touches: list[Touch] = []
        journeys = []
        for p in odds[:3]:
            length = draw.randint(1, 4)
            names = [f"c{draw.randrange(campaigns)}" for _ in range(length)]
            journeys.append(names)
            touches += [
                Touch(channel="Email", campaign=name, p=p, linear=p / length, position=place, length=length)
                for place, name in enumerate(names, 1)
            ]
        rows += response(f"r{nth}", [*touches, nobody(odds[3])], status="answered")
        came = draw.choices([*journeys, []], odds)[0]
        for name in came:
            truth[name] += 1 / len(came)
    return rows, truth


def test_what_is_known_by_credit_holds_what_the_true_callers_would_give(tmp_path: Path) -> None:
    rows, truth = worlds(random.Random(7), 300, 20)
    published(tmp_path, {"2026-10": {"credits": rows}})
    answer = explore(scope_of(tmp_path), Question(metrics=("calls",), by=("campaign",), model=MODEL, intervals=True))
    lines = [(str(line.values[0]), line.figures["calls"]) for line in answer.lines if line.values[0] is not None]
    assert len(lines) == 300
    assert 0.92 <= mean_of((one.low or 0) <= truth[name] <= (one.high or 0) for name, one in lines) <= 0.98
    assert (answer.totals["calls"].low, answer.totals["calls"].high) == (None, None)


def test_the_variance_of_the_matches_is_the_one_summed_the_long_way(tmp_path: Path) -> None:
    """Σ over candidates p s² − (Σ p s)², with each candidate's share of the line summed first."""
    rows, _ = worlds(random.Random(8), 5, 8)
    shares: dict[tuple[str, str], dict[tuple[float, int], float]] = defaultdict(lambda: defaultdict(float))
    for row in rows:
        if row.campaign is not None:
            shares[row.campaign, row.response_id][row.p, row.length] += row.linear
    published(tmp_path, {"2026-10": {"credits": rows}})
    answer = explore(scope_of(tmp_path), Question(metrics=("calls",), by=("campaign",), model=MODEL, intervals=True))
    for line in answer.lines:
        if line.values[0] is None:
            continue
        of_line = [candidates for (campaign, _), candidates in shares.items() if campaign == line.values[0]]
        variance = sum(sum(credit**2 / p for (p, _), credit in one.items()) - sum(one.values()) ** 2 for one in of_line)
        figure = line.figures["calls"]
        assert figure.high == pytest.approx((figure.value or 0) + Z * sqrt(variance))


def test_two_candidates_tied_to_the_last_digit_are_never_taken_for_surer_than_they_are(tmp_path: Path) -> None:
    """Each of two has half the probability and one touch in the line: it may be certain."""
    tied = [Touch(channel="Email", campaign=name, p=0.5, linear=0.5) for name in ("x", "x")]
    apart = [Touch(channel="Email", campaign=name, p=0.5, linear=0.5) for name in ("x", "y")]
    published(tmp_path, {"2026-10": {"credits": [*response("tied", tied), *response("apart", apart)]}})
    answer = explore(scope_of(tmp_path), Question(metrics=("calls",), by=("campaign",), model=MODEL, intervals=True))
    high = {line.values[0]: line.figures["calls"].high for line in answer.lines}
    assert high["x"] == pytest.approx(1.5 + Z * 0.5)
    assert high["y"] == pytest.approx(0.5 + Z * 0.5)


def asked(lake: Path, *metrics: str, by: tuple[str, ...] = ()) -> Answer:
    return explore(scope_of(lake), Question(metrics=metrics, by=by, model=MODEL, intervals=True))


def test_what_is_simply_counted_has_no_interval_and_what_is_estimated_has(tmp_path: Path) -> None:
    published(tmp_path, {"2026-10": day_facts()})
    totals = asked(tmp_path, *METRICS).totals
    for name, metric in METRICS.items():
        figure = totals[name]
        counted = metric.interval in (Interval.MATCHES, Interval.NONE)
        if counted:
            assert (figure.low, figure.high) == (None, None), name
        elif metric.interval is not Interval.ORDER:  # two answered calls bound no percentile
            assert figure.low is not None, name
            assert figure.low <= (figure.value or 0) <= (figure.high or 0), name
    line = next(one for one in asked(tmp_path, *METRICS, by=("channel",)).lines if one.values == ("Paid Search",))
    for name in ("calls", "revenue", "cost_per_call", "roas", "roi", "answer_rate", "revenue_per_call"):
        figure = line.figures[name]
        assert (figure.low or 0) < (figure.value or 0) < (figure.high or 0), name
    assert (line.figures["visits"].low, line.figures["spend"].low) == (None, None)


def test_a_rate_by_credit_has_the_interval_of_as_many_calls_as_may_be_its_own(tmp_path: Path) -> None:
    """Hundred calls, each half surely of the campaign, are as telling as fifty."""
    half = [Touch(channel="Email", campaign="x", p=0.5, linear=0.5), nobody(0.5)]
    rows = [row for nth in range(100) for row in response(f"r{nth}", half, status="answered" if nth % 4 else "missed")]
    published(tmp_path, {"2026-10": {"credits": rows}})
    line = asked(tmp_path, "answer_rate", by=("campaign",)).lines[0]
    assert (line.figures["answer_rate"].low, line.figures["answer_rate"].high) == pytest.approx(wilson(0.75, 50))
