"""Paths, how they flow together, how long they take and how many visits: counted by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ringtrace.core.errors import BadInput
from ringtrace.reports.call_credit import call_credit
from ringtrace.reports.explore import Question, explore
from ringtrace.reports.journeys.conversions import MEASURES, Conversions
from ringtrace.reports.journeys.flows import STEPS, Flow
from ringtrace.reports.journeys.lags import lags, lengths
from ringtrace.reports.journeys.laid_out import Packing
from ringtrace.reports.journeys.paths import Paths, Step, paths
from tests.rooms.journey_lakes import DIRECT, MAIL, PAID, SEARCH, Seen, call, journey, journey_facts
from tests.rooms.metric_lakes import published, scope_of


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return published(tmp_path_factory.mktemp("lake"), {"2026-10": journey_facts()})


def told(found: Paths) -> dict[tuple[Step, ...], float]:
    return {path.steps: path.conversions for path in found.paths}


def test_the_commonest_paths_come_first_each_with_its_probability(lake: Path) -> None:
    found = paths(scope_of(lake))
    assert told(found) == pytest.approx(
        {
            (Step(PAID, 1),): 1.8,
            (Step(MAIL, 2), Step(PAID, 1)): 1,
            (Step(DIRECT, 20),): 1,
            (Step(MAIL, 1), Step(DIRECT, 1)): 0.4,
            (Step(SEARCH, 1), Step(DIRECT, 1)): 0.4,
        }
    )
    first, second = found.paths[0], found.paths[1]
    assert first.share == pytest.approx(1.8 / 6)
    assert first.revenue_cents == 30_000
    assert first.touches == 1
    assert second.revenue_cents == 6_000
    assert second.touches == 3
    assert second.days == pytest.approx(3)
    assert first.days == pytest.approx((0.01 + 0.8 * 2) / 24 / 1.8, abs=1e-6)
    assert found.known == pytest.approx(4.6)
    assert found.unknown == pytest.approx(1.4)
    assert found.total == pytest.approx(6)
    assert found.path_count == 5
    assert found.touches == pytest.approx((1.8 + 3 + 40 + 0.8 * 2) / 4.6)


def test_a_very_long_path_is_told_from_its_end(lake: Path) -> None:
    long = next(path for path in paths(scope_of(lake)).paths if path.touches == 40)
    assert (long.steps, long.left_out) == ((Step(DIRECT, 20),), 20)


@pytest.mark.parametrize("measure", MEASURES)
def test_known_and_unknown_sum_to_the_total_of_explore(lake: Path, measure: str) -> None:
    of = Conversions(measure=measure)
    found = paths(scope_of(lake), of)
    totals = explore(scope_of(lake), Question(metrics=(of.of.metric_name, "sales"))).totals
    if of.of.is_money:
        assert (found.revenue_cents or 0) + (found.unknown_cents or 0) == pytest.approx(totals["revenue"].value)
    counted = "sales" if of.of.is_money else of.of.metric_name
    assert found.total == pytest.approx(totals[counted].value)
    assert lags(scope_of(lake), of).known == pytest.approx(found.known)
    assert lengths(scope_of(lake), of).known == pytest.approx(found.known)


def test_by_revenue_the_path_with_most_money_is_first(lake: Path) -> None:
    found = paths(scope_of(lake), Conversions(measure="revenue"))
    assert [(path.steps[0].channel, path.revenue_cents) for path in found.paths] == [(PAID, 30_000), (MAIL, 6_000)]
    assert sum(link.value for link in found.flow.links if link.target == "0 Sale") == pytest.approx(36_000)


def links_of(flow: Flow) -> dict[tuple[str, str], float]:
    return {(link.source, link.target): link.value for link in flow.links}


def test_paths_flow_together_by_steps_counted_back_from_the_call(lake: Path) -> None:
    flow = paths(scope_of(lake)).flow
    assert links_of(flow) == pytest.approx(
        {
            ("1 Paid Search", "0 Call"): 2.8,
            ("1 Direct", "0 Call"): 1.8,
            ("1 No known visit", "0 Call"): 1.4,
            ("2 Email", "1 Paid Search"): 1,
            ("2 Email", "1 Direct"): 0.4,
            ("2 Organic Search", "1 Direct"): 0.4,
            ("2 Direct", "1 Direct"): 1,
            ("3 Email", "2 Email"): 1,
            ("3 Direct", "2 Direct"): 1,
            ("4 Direct", "3 Direct"): 1,
            ("5 Earlier visits", "4 Direct"): 1,
        }
    )
    assert {node.name: node.channel for node in flow.nodes}["5 Earlier visits"] is None
    assert {node.name: node.value for node in flow.nodes}["0 Call"] == pytest.approx(6)


def test_two_journeys_alike_in_weight_and_length_stay_two(tmp_path: Path) -> None:
    alike = [
        journey(0.25, Seen(channel, 9 - nth), Seen(channel, 2 - nth / 10)) for nth, channel in enumerate((MAIL, PAID))
    ]
    published(tmp_path, {"2026-10": {"credits": call("A", *alike, journey(0.5, Seen(PAID, 1)))}})
    assert told(paths(scope_of(tmp_path))) == {
        (Step(PAID, 1),): 0.5,
        (Step(MAIL, 2),): 0.25,
        (Step(PAID, 2),): 0.25,
    }


_CHANNELS = (DIRECT, MAIL, PAID, SEARCH, "Display", "Referral", "SMS", "Audio", "Affiliates", "Offline")
_journeys = st.lists(st.lists(st.sampled_from(_CHANNELS), min_size=1, max_size=9), min_size=1, max_size=4)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_journeys, min_size=1, max_size=6))
def test_what_flows_into_a_step_flows_out_of_it_or_begins_there(
    tmp_path_factory: pytest.TempPathFactory, responses: list[list[list[str]]]
) -> None:
    rows = [
        row
        for nth, some in enumerate(responses)
        for row in call(
            f"r{nth}",
            *(
                journey((rank + 1) / 16, *(Seen(channel, 20 - hour) for hour, channel in enumerate(one)))
                for rank, one in enumerate(some)
            ),
        )
    ]
    lake = published(tmp_path_factory.mktemp("lake"), {"2026-10": {"credits": rows}})
    found = paths(scope_of(lake), most=500)
    expected: dict[tuple[str, ...], float] = {}
    for some in responses:
        for rank, one in enumerate(some):
            expected[tuple(one)] = expected.get(tuple(one), 0) + (rank + 1) / 16
    unfolded = {tuple(step.channel for step in path.steps for _ in range(step.times)): path for path in found.paths}
    assert {steps: path.conversions for steps, path in unfolded.items()} == pytest.approx(expected)
    steps = {node.name: node.step for node in found.flow.nodes}
    for link in found.flow.links:
        assert steps[link.source] == steps[link.target] + 1
        assert steps[link.source] <= STEPS + 1
    into_call = sum(link.value for link in found.flow.links if steps[link.target] == 0)
    assert into_call == pytest.approx(len(responses))


@given(st.lists(st.sampled_from(_CHANNELS), min_size=1, max_size=15))
def test_packed_channels_come_out_as_they_went_in(channels: list[str]) -> None:
    packing = Packing(_CHANNELS)
    packed = 0
    for channel in channels:
        packed = packed << packing.bits | _CHANNELS.index(channel) + 1
    assert packing.unpacked(packed) == tuple(channels)


def test_lags_are_counted_from_the_first_and_from_the_last_visit(lake: Path) -> None:
    found = lags(scope_of(lake))
    first = {bucket.label: bucket.first for bucket in found.buckets if bucket.first}
    last = {bucket.label: bucket.last for bucket in found.buckets if bucket.last}
    assert first == pytest.approx({"under 1 minute": 1, "1 – 6 hours": 0.8, "6 – 24 hours": 0.8, "3 – 7 days": 2})
    assert last == pytest.approx({"under 1 minute": 1, "1 – 6 hours": 1.2, "30 – 60 minutes": 1.4, "1 – 3 days": 1})
    assert (found.last.median, found.last.p90) == (1_800, 61 * 3_600)
    assert (found.first.median, found.first.p90) == (10 * 3_600, 100 * 3_600)


def test_lengths_are_the_visits_before_a_conversion(lake: Path) -> None:
    found = lengths(scope_of(lake))
    counted = {bucket.label: bucket.conversions for bucket in found.buckets if bucket.conversions}
    assert counted == pytest.approx({"1": 1.8, "2": 0.8, "3": 1, "10 or more": 1})
    assert found.single == pytest.approx(1.8 / 4.6)
    assert found.mean == pytest.approx((1.8 + 1.6 + 3 + 40) / 4.6)


def test_an_empty_lake_has_no_paths(tmp_path: Path) -> None:
    scope = scope_of(published(tmp_path, {}))
    found = paths(scope)
    assert (found.paths, found.total, found.touches, found.flow.links) == ((), 0, None, ())
    assert lags(scope).first.median is None
    assert lengths(scope).mean is None


def test_it_refuses_an_odd_number_of_paths(lake: Path) -> None:
    for most in (0, 501):
        with pytest.raises(BadInput):
            paths(scope_of(lake), most=most)


def test_a_calls_credit_is_told_touch_by_touch_and_sums_to_one(lake: Path) -> None:
    lines = call_credit(scope_of(lake), "D")
    assert [(line.channel, line.position, line.p, line.reason) for line in lines[:-1]] == [
        (MAIL, 1, 0.4, None),
        (SEARCH, 1, 0.4, None),
        (DIRECT, 2, 0.4, None),
        (DIRECT, 2, 0.4, None),
    ]
    assert lines[-1].reason == "unknown"
    assert lines[-1].p == pytest.approx(0.2)
    for model in lines[0].shares:
        assert sum(line.shares[model] or 0 for line in lines) == pytest.approx(1)
    assert call_credit(scope_of(lake), "nothing") == ()
