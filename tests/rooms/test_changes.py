"""What changed: contributions add up, a planted change is found and told, and noise is no news."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringtrace.core.clock import HOUR_MS
from ringtrace.core.errors import BadInput
from ringtrace.lake.writer import LakeWriter
from ringtrace.reports.chance import bunching, p_of_difference
from ringtrace.reports.changes import SPLITS, Changes, what_changed
from ringtrace.reports.news import headline, sentence
from ringtrace.reports.questions import Scope
from tests.rooms.metric_lakes import COMPANY, MODEL, Touch, nobody, response, scope_of, visit

SINCE = date(2026, 10, 5)  # the first day of the later span of 28 days
DAYS = 28
SEARCH = Touch(channel="Paid Search", source="google", medium="cpc", campaign="emergency", device="mobile")
BRAND = Touch(channel="Paid Search", source="google", medium="cpc", campaign="brand", device="mobile")
MAIL = Touch(channel="Email", source="news", medium="email", device="desktop")

Rate = Callable[[Touch, bool], float]  # visits, or calls, a day: by touch, and whether it is the later span


class Town:
    """Visits and calls of two spans, by rates; `seed` None: as many as the rate says, each day."""

    def __init__(self, folder: Path, visits: Rate, calls: Rate, seed: int | None = None) -> None:
        self._chance = None if seed is None else random.Random(seed)
        self.scope = scope_of(folder, SINCE, SINCE + timedelta(days=DAYS - 1))
        self._rows: list[Any] = []
        self._visits: list[Any] = []
        for day in range(-DAYS, DAYS):
            for touch in (SEARCH, BRAND, MAIL):
                self._play(day, touch, visits(touch, day >= 0), calls(touch, day >= 0))
        self._publish(folder)

    def _play(self, day: int, touch: Touch, visits: float, calls: float) -> None:
        noon_ms = self.scope.day_starts_ms(SINCE + timedelta(days=day)) + 12 * HOUR_MS
        name = f"{touch.campaign}-{touch.channel}-{day}"
        for nth in range(self._drawn(visits)):
            self._visits.append(visit(f"v-{name}-{nth}", touch, noon_ms))
        for nth in range(self._drawn(calls)):
            at_ms = noon_ms + ((7 * nth + day) % 9 - 3) * HOUR_MS
            traits: dict[str, Any] = {"status": "answered", "is_first_call": (nth + day) % 2 == 0}
            self._rows += response(f"c-{name}-{nth}", [touch], at_ms=at_ms, **traits)

    def _drawn(self, rate: float) -> int:
        """A Poisson number, by counting arrivals of a day."""
        if self._chance is None:
            return round(rate)
        drawn, at = 0, self._chance.expovariate(rate) if rate else 2.0
        while at < 1:
            drawn, at = drawn + 1, at + self._chance.expovariate(rate)
        return drawn

    def _publish(self, folder: Path) -> None:
        months: dict[tuple[str, str], dict[str, list[Any]]] = {}
        for fact, rows in (("credits", self._rows), ("touchpoints", self._visits)):
            for row in rows:
                on = date(1970, 1, 1) + timedelta(milliseconds=row.at_ms)
                months.setdefault((COMPANY, f"{on:%Y-%m}"), {}).setdefault(fact, []).append(row)
        LakeWriter(folder).publish(months, 1, definitions="as it was")

    def changed(self, metric: str = "calls", **asked: Any) -> Changes:
        return what_changed(self.scope, "before", metric, MODEL, **asked)


def _steady(each: float) -> Rate:
    return lambda _touch, _later: each


def _fallen(touch: Touch, later: bool) -> float:
    return 1.0 if later and touch is SEARCH else 4.0


@pytest.fixture(scope="module")
def fallen(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """The campaign emergency lost three quarters of its visits, and so of its calls."""
    return Town(tmp_path_factory.mktemp("fallen"), lambda touch, later: 20 * _fallen(touch, later), _fallen)


@pytest.mark.parametrize("metric", ["calls", "qualified_calls", "first_time_callers", "visits"])
def test_contributions_add_up_to_the_change(fallen: Town, metric: str) -> None:
    changes = fallen.changed(metric)
    assert changes.now is not None
    assert changes.before is not None
    known = [name for name in SPLITS if metric != "visits" or name not in ("number", "new_repeat")]
    assert [split.dimension for split in changes.splits] == known
    for split in changes.splits:
        assert sum(part.change for part in split.parts) == pytest.approx(changes.now - changes.before, abs=1e-9)
        for part in split.parts:
            if part.volume is not None and part.rate is not None:
                assert part.volume + part.rate == pytest.approx(part.change, abs=1e-9)


def test_shares_of_credit_add_up_too(tmp_path: Path) -> None:
    scope = scope_of(tmp_path, SINCE, SINCE)
    before_ms = scope.before().since_ms + HOUR_MS
    rows = response("now", [Touch(channel="Email", p=0.7, linear=0.7), nobody(0.3)], at_ms=scope.since_ms)
    half: dict[str, Any] = {"p": 0.9, "linear": 0.45, "length": 2}
    touches = [Touch(channel="Email", **half), Touch(channel="Direct", **half), nobody(0.1)]
    rows += response("then", touches, at_ms=before_ms)
    LakeWriter(tmp_path).publish({(COMPANY, "2026-10"): {"credits": rows}}, 1, definitions="as it was")
    changes = what_changed(scope, "before", "calls", MODEL)
    channels = {part.value: part.change for part in changes.splits[0].parts}
    assert channels == pytest.approx({"Email": 0.25, "Direct": -0.45, None: 0.2})


def test_it_finds_a_planted_change_and_says_why(fallen: Town) -> None:
    changes = fallen.changed()
    assert not changes.is_chance
    first = changes.told[0]
    assert (first.dimension, first.part.value) == ("channel", "Paid Search")
    assert first.part.change == -84
    assert first.mostly is not None
    assert (first.mostly[0], first.mostly[1].value, first.mostly[1].change) == ("campaign", "emergency", -84)
    assert (first.visits_moved, first.rate_moved) == (True, False)
    told = sentence(first, "calls")
    assert told.startswith(
        "Paid Search brought 84 fewer calls (224, now 140), mostly campaign emergency (−84): its visits fell by 38 %"
    )
    assert "its calls per visit stayed about the same" in told
    assert headline(changes) == "Calls: 252, 84 fewer than before, −25 %."


def test_it_tells_no_change_twice(fallen: Town) -> None:
    """Source, campaign and device lost the same calls; without Paid Search nothing stands out."""
    assert len(fallen.changed().told) == 1


def test_it_says_where_the_rate_fell_and_not_the_visits(tmp_path: Path) -> None:
    town = Town(tmp_path, _steady(60), lambda touch, later: 1.0 if later and touch is MAIL else 5.0)
    told = town.changed().told
    assert (told[0].visits_moved, told[0].rate_moved) == (False, True)
    assert told[0].part.volume == 0
    assert told[0].part.rate == told[0].part.change == -112
    said = sentence(told[0], "calls")
    assert "its visits stayed about the same" in said
    assert "its calls per visit fell from 8.3 % to 1.7 %" in said


def test_pure_noise_is_told_as_nothing(tmp_path: Path) -> None:
    """Of 25 draws of the same town hardly any tells of something: 5 % are one."""
    told = [Town(tmp_path / f"{seed}", _steady(12), _steady(2.5), seed).changed().told for seed in range(25)]
    assert sum(map(bool, told)) <= 3
    quiet = Town(tmp_path / "quiet", _steady(12), _steady(2)).changed()
    assert quiet.is_chance
    assert "as before" in headline(quiet)


def test_noise_is_called_noise(tmp_path: Path) -> None:
    changes = Town(tmp_path, _steady(12), _steady(2.5), 5).changed()
    assert not changes.told
    assert "Nothing stands out" in headline(changes)


def test_what_changed_everywhere_alike_is_told_of_the_total_alone(tmp_path: Path) -> None:
    changes = Town(tmp_path, _steady(40), lambda _touch, later: 2.0 if later else 4.0).changed()
    assert not changes.is_chance
    assert not [one for one in changes.told if one.dimension in ("channel", "source", "campaign", "device")]
    if not changes.told:
        assert "much the same everywhere" in headline(changes)


def test_it_compares_with_nothing_before_the_data_begin(fallen: Town) -> None:
    early = Scope(
        lake=fallen.scope.lake,
        company_id=COMPANY,
        time_zone=fallen.scope.time_zone,
        since_on=SINCE - timedelta(days=14),
        until_on=SINCE + timedelta(days=DAYS - 1),
    )
    changes = what_changed(early, "before", "calls", MODEL)
    assert changes.before is None
    assert headline(changes) == "The data begin on 7 September 2026: there is nothing to compare these days with."


def test_it_tests_a_span_that_has_not_ended_by_what_has_passed(tmp_path: Path) -> None:
    """Half of the later span is still to come: half the calls are no news."""
    half = SINCE + timedelta(days=DAYS // 2)

    def calls(_touch: Touch, later: bool) -> float:
        return 4.0 if not later else 2.0

    town = Town(tmp_path, _steady(30), calls)
    halfway = town.scope.day_starts_ms(half)
    assert town.changed(now_ms=halfway).is_chance
    assert not town.changed().is_chance


def test_a_lake_without_anything_has_nothing_to_tell(tmp_path: Path) -> None:
    changes = what_changed(scope_of(tmp_path, SINCE, SINCE), "before", "calls", MODEL)
    assert (changes.now, changes.before, changes.told) == (0, 0, ())
    assert what_changed(scope_of(tmp_path, SINCE, SINCE), "before", "revenue", MODEL).why


@pytest.mark.parametrize("metric", ["answer_rate", "cost_per_call", "spend", "talk_time_mean"])
def test_it_refuses_what_does_not_add_up(tmp_path: Path, metric: str) -> None:
    with pytest.raises(BadInput, match="does not add up"):
        what_changed(scope_of(tmp_path, SINCE, SINCE), "before", metric, MODEL)


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_test_is_the_closed_form(now: int, before: int) -> None:
    """Twice the smaller tail of a binomial of one half, added up by hand."""
    n = now + before
    ways = [1]
    for k in range(n):
        ways.append(ways[-1] * (n - k) // (k + 1))
    tail = min(sum(ways[: now + 1]), sum(ways[now:])) / 2**n
    assert p_of_difference(now, before) == pytest.approx(min(1.0, 2 * tail))


def test_many_are_tested_as_few_are() -> None:
    """The normal curve goes on where the exact test ends."""
    assert p_of_difference(520, 480) == pytest.approx(p_of_difference(521, 480), abs=0.02)


def test_days_that_come_in_bunches_are_known() -> None:
    days = [date(2026, 9, 7) + timedelta(days=step) for step in range(28)]
    assert bunching(dict.fromkeys(days, 4.0)) == 1
    assert bunching({on: 40.0 if nth % 9 == 0 else 1.0 for nth, on in enumerate(days)}) > 10
    assert bunching(dict.fromkeys(days[:9], 3.0)) == 1
