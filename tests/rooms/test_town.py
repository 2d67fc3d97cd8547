"""The town: the same life for the same seed, plausible rates, and a truth for every call."""

from __future__ import annotations

import math
from collections import Counter
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from ringtrace.core.clock import DAY_MS, HOUR_MS
from ringtrace.core.ids import is_token
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.core.phones import read_phone
from ringtrace.core.sources import Channel
from ringtrace.demo.town import Town, simulate
from ringtrace.demo.town_actions import (
    Beat,
    Dial,
    Dials,
    OutcomeMarked,
    PageView,
    Scenario,
    SpendBooked,
    Tap,
)
from ringtrace.demo.town_hours import days_between, local
from ringtrace.demo.town_people import KEPT_AREA_CODES
from ringtrace.demo.truth import ANYWAY, CallerKind, Truth, load_truth, save_truth
from ringtrace.sources import Home, classify, is_bot

END_MS = 1_790_000_000_000
DAYS = 90


@pytest.fixture(scope="module")
def town() -> Town:
    return simulate(7, END_MS)


@pytest.fixture(scope="module")
def dials(town: Town) -> list[Dial]:
    return [action for action in town.actions if isinstance(action, Dial)]


def test_the_same_seed_lives_the_same_life(town: Town) -> None:
    assert simulate(7, END_MS) == town


def test_another_seed_lives_another(town: Town) -> None:
    assert simulate(8, END_MS).actions != town.actions


def test_everything_happens_in_order_and_within_the_period(town: Town) -> None:
    times = [action.at_ms for action in town.actions]
    assert times == sorted(times)
    assert times[0] >= END_MS - DAYS * DAY_MS
    assert times[-1] < END_MS


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_rates_are_those_of_a_local_business(seed: int) -> None:
    town = simulate(seed, END_MS)
    dials = [action for action in town.actions if isinstance(action, Dial)]
    assert 60 <= len(town.truth.visits) / DAYS <= 80
    assert 9 <= len(dials) / DAYS <= 12.5
    answered = sum(dial.scenario is Scenario.ANSWERED for dial in dials) / len(dials)
    assert 0.55 <= answered <= 0.8
    spent = sum(action.cost_cents for action in town.actions if isinstance(action, SpendBooked))
    earned = sum(action.value_cents or 0 for action in town.actions if isinstance(action, OutcomeMarked))
    assert 15_000_00 < spent < 35_000_00
    assert 2 * spent < earned < 10 * spent


def test_it_is_busier_by_day_than_by_night_and_on_mondays_than_on_sundays(town: Town) -> None:
    at = [local(visit.at_ms) for visit in town.truth.visits]
    hours, weekdays = Counter(when.hour for when in at), Counter(when.weekday() for when in at)
    assert sum(hours[hour] for hour in range(9, 17)) > 5 * sum(hours[hour] for hour in range(5))
    assert weekdays[0] > 1.2 * weekdays[6]


def test_calls_are_missed_at_night(dials: list[Dial]) -> None:
    def missed(lot: list[Dial]) -> float:
        return sum(dial.scenario is Scenario.NO_ANSWER for dial in lot) / len(lot)

    day = [d for d in dials if 8 <= local(d.at_ms).hour < 18 and local(d.at_ms).weekday() < 5]
    night = [d for d in dials if local(d.at_ms).hour < 6]
    assert missed(night) > 3 * missed(day)


def test_every_call_has_its_truth_and_every_truth_its_call(town: Town, dials: list[Dial]) -> None:
    truths = town.truth.calls_by_key()
    assert truths.keys() == {dial.call_key for dial in dials}
    assert len(truths) == len(dials)
    visits = town.truth.visits_by_token()
    for dial in dials:
        truth = truths[dial.call_key]
        assert truth.visit == dial.visit
        assert truth.at_ms == dial.at_ms
        assert math.fsum(cause.share for cause in truth.causes) == pytest.approx(1)
        assert (truth.visit is not None) == (dial.dials in (Dials.SHOWN, Dials.REMEMBERED))
        if truth.visit is not None:
            assert visits[truth.visit].at_ms < dial.at_ms
            assert visits[truth.visit].person == truth.person
            assert visits[truth.visit].browser == dial.browser


def test_the_causes_of_a_call_are_visits_of_its_caller_before_it(town: Town) -> None:
    visits = town.truth.visits_by_token()
    for call in town.truth.calls:
        for cause in call.causes:
            if cause.visit is not None:
                assert visits[cause.visit].person == call.person
                assert visits[cause.visit].at_ms < call.at_ms


def test_a_visit_causes_in_proportion_to_its_effect(town: Town) -> None:
    visits = town.truth.visits_by_token()
    for call in town.truth.calls:
        ratios = {round(c.share / visits[c.visit].effect, 9) for c in call.causes if c.visit is not None}
        assert len(ratios) <= 1


def test_calls_caused_agree_with_the_effects_of_all_visits() -> None:
    towns = [simulate(seed, END_MS) for seed in range(4)]
    for label, channel in (("google / cpc · emergency", Channel.PAID_SEARCH), ("yelp / referral", Channel.REFERRAL)):
        caused = sum(town.truth.caused()[label] for town in towns)
        expected = math.fsum(
            visit.effect
            for town in towns
            for visit in town.truth.visits
            if visit.channel is channel
            and label.startswith(visit.source)
            and (visit.campaign is None or label.endswith(visit.campaign))
        )
        assert caused == pytest.approx(expected, rel=0.12)


def test_every_kind_of_caller_occurs(town: Town, dials: list[Dial]) -> None:
    assert {call.kind for call in town.truth.calls} == set(CallerKind)
    assert {dial.dials for dial in dials} == set(Dials)
    assert {dial.scenario for dial in dials} == set(Scenario)
    assert {dial.static for dial in dials} == {None, *town.business.statics}
    assert any(dial.caller_e164 is None for dial in dials)
    assert {mark.kind for mark in town.actions if isinstance(mark, OutcomeMarked)} >= {
        OutcomeKind.LEAD,
        OutcomeKind.APPOINTMENT,
        OutcomeKind.SALE,
    }


def test_some_callers_return_over_several_channels_and_devices(town: Town) -> None:
    visits = town.truth.visits_by_token()
    paths = [
        tuple(visits[cause.visit].source for cause in call.causes if cause.visit)
        for call in town.truth.calls
        if call.kind is CallerKind.VISIT
    ]
    assert sum(len(set(path)) > 1 for path in paths) > 20
    devices: dict[str, set[str]] = {}
    for visit in town.truth.visits:
        devices.setdefault(visit.person, set()).add(visit.device)
    assert sum(len(kinds) > 1 for kinds in devices.values()) > 50


def test_the_truth_adds_up_what_was_caused_by_first_calls_only(town: Town) -> None:
    firsts = [c for c in town.truth.calls if c.repeat_of is None and c.kind is not CallerKind.SPAM]
    caused = town.truth.caused()
    assert math.fsum(caused.values()) == pytest.approx(len(firsts))
    assert caused[ANYWAY] > 10
    one = firsts[0]
    assert math.fsum(town.truth.caused({one.call_key}).values()) == pytest.approx(1)


def test_callers_have_numbers_kept_for_fiction_and_never_those_of_the_business(dials: list[Dial]) -> None:
    callers = {dial.caller_e164 for dial in dials if dial.caller_e164}
    for caller in callers:
        assert read_phone(caller) == caller
        assert caller[5:10] == "55501"
        assert caller[2:5] not in KEPT_AREA_CODES
    assert len(callers) > 300


def test_a_number_is_tapped_and_dialled_only_after_it_was_seen(town: Town) -> None:
    seen: set[str] = set()
    for action in town.actions:
        if isinstance(action, PageView):
            assert is_token(action.browser)
            assert is_token(action.visit)
            assert action.is_first is (action.visit not in seen)
            seen.add(action.visit)
        elif isinstance(action, (Beat, Tap, Dial)) and action.visit:
            assert action.visit in seen


def test_some_call_long_after_the_page_went_quiet(town: Town, dials: list[Dial]) -> None:
    last = {a.visit: a.at_ms for a in town.actions if isinstance(a, (PageView, Beat))}
    quiet = [d for d in dials if d.dials is Dials.SHOWN and d.at_ms - last[d.visit or ""] > 35 * 60_000]
    assert len(quiet) >= 5


def test_most_links_say_truly_where_their_visitor_came_from_and_some_do_not(town: Town) -> None:
    truths = town.truth.visits_by_token()
    views = [a for a in town.actions if isinstance(a, PageView) and a.is_first and a.visit in truths]
    verdicts = [classify(view.url, view.referrer, Home()).channel is truths[view.visit].channel for view in views]
    assert 0.9 < sum(verdicts) / len(verdicts) < 1


def test_robots_come_too_and_are_no_visitors(town: Town) -> None:
    robots = [a for a in town.actions if isinstance(a, PageView) and is_bot(a.user_agent)]
    assert len(robots) > 100
    assert not {robot.visit for robot in robots} & town.truth.visits_by_token().keys()


def test_outcomes_follow_answered_calls_and_money_has_a_value(town: Town, dials: list[Dial]) -> None:
    answered = {dial.call_key: dial.at_ms for dial in dials if dial.scenario is Scenario.ANSWERED}
    for mark in town.actions:
        if isinstance(mark, OutcomeMarked):
            assert mark.at_ms > answered[mark.call_key]
            assert (mark.value_cents is not None) == (
                mark.kind in (OutcomeKind.SALE, OutcomeKind.REFUND, OutcomeKind.OPPORTUNITY)
            )
    assert {mark.kind for mark in town.actions if isinstance(mark, OutcomeMarked)} == set(OutcomeKind)
    assert all((dial.talk_secs > 0) == (dial.scenario is Scenario.ANSWERED) for dial in dials)


def test_a_campaign_costs_once_a_day(town: Town) -> None:
    booked = [(a.on_date, a.source, a.campaign) for a in town.actions if isinstance(a, SpendBooked)]
    assert len(booked) == len(set(booked))
    assert all(a.cost_cents > 0 for a in town.actions if isinstance(a, SpendBooked))


def test_a_truth_reads_back_as_it_was_written(town: Town, tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    save_truth(town.truth, path)
    assert load_truth(path) == town.truth


def test_it_does_not_read_half_a_truth(tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    path.write_bytes(b"")
    with pytest.raises(msgspec.DecodeError):
        load_truth(path)


def test_calls_that_never_reached_us_can_be_marked(town: Town) -> None:
    key = town.truth.calls[0].call_key
    marked: Truth = town.truth.without({key})
    assert not marked.call(key).tracked
    assert sum(not call.tracked for call in marked.calls) == 1


def test_days_follow_each_other_through_the_change_of_clocks() -> None:
    days = list(days_between(1_772_000_000_000, 1_774_000_000_000))  # over 8 March 2026
    assert all(a.until_ms == b.from_ms for a, b in pairwise(days))
    assert {(day.until_ms - day.from_ms) // HOUR_MS for day in days} == {23, 24}
