"""Which visit made this call: closed forms, and properties that hold for any candidates."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringtrace.core.matches import Candidate, Match
from ringtrace.core.sources import Channel
from ringtrace.matching import DEFAULTS, DelayDensity, match_call
from ringtrace.matching.reasons import say_secs

CALLED_MS = 1_790_000_000_000
DAY_SECS = 86_400


def seen(visit: str = "v1", secs_ago: float = 120, *, open_secs: float = 0, **more: object) -> Candidate:
    """A visit that saw the number `secs_ago` before the call."""
    shown_ms = CALLED_MS - round(secs_ago * 1000)
    fields: dict[str, object] = {
        "visit_id": visit,
        "visitor_id": f"visitor of {visit}",
        "shown_ms": shown_ms,
        "last_seen_ms": shown_ms + round(open_secs * 1000),
        **more,
    }
    return Candidate(**fields)  # type: ignore[arg-type]


def p_of(match: Match, visit: str = "v1") -> float:
    return next((one.p for one in match.weighed if one.visit_id == visit), 0.0)


@st.composite
def candidates(draw: st.DrawFn) -> list[Candidate]:
    ages = draw(st.lists(st.floats(-20, 40 * DAY_SECS), max_size=12))
    return [
        seen(
            f"v{index}",
            age,
            open_secs=draw(st.floats(0, 7_200)),
            channel=draw(st.sampled_from([None, "Nonsense", *Channel])),
            clicked_ms=draw(st.none() | st.integers(CALLED_MS - 3_600_000, CALLED_MS + 60_000)),
            same_caller=draw(st.booleans()),
            other_caller=draw(st.booleans()),
            held_at_call=draw(st.booleans()),
        )
        for index, age in enumerate(ages)
    ]


def test_it_agrees_with_the_closed_form_for_two_visits() -> None:
    density = DEFAULTS.delay
    a, b = seen("a", 25, channel=Channel.PAID_SEARCH), seen("b", 600, open_secs=400, channel=Channel.DISPLAY)

    def soon(delay: float, median: float) -> float:
        spread = density.soon_sigma
        z = math.log(delay / median) / spread
        return math.exp(-z * z / 2) / (delay * spread * math.sqrt(2 * math.pi))

    def late(delay: float) -> float:
        return math.exp(-delay / density.late_mean_secs) / density.late_mean_secs

    def f(delay: float, median: float) -> float:
        at_once = 0.04 / 30 if delay <= 30 else 0.0
        return at_once + 0.76 * soon(delay, median) + 0.20 * late(delay)

    of_a = 0.12 * f(25, 150)
    of_b = 0.01 * f(600, 200)
    total = of_a + of_b + DEFAULTS.background_per_sec
    match = match_call(CALLED_MS, [a, b])
    assert p_of(match, "a") == pytest.approx(of_a / total, rel=1e-12)
    assert p_of(match, "b") == pytest.approx(of_b / total, rel=1e-12)
    assert match.p_none == pytest.approx(DEFAULTS.background_per_sec / total, rel=1e-12)
    assert match.params == "default-1"


@given(candidates())
def test_the_shares_of_visits_and_of_none_sum_to_one(found: list[Candidate]) -> None:
    match = match_call(CALLED_MS, found)
    assert math.fsum([one.p for one in match.weighed] + [match.p_none]) == pytest.approx(1, abs=1e-12)
    assert all(0 <= one.p <= 1 for one in match.weighed)
    assert 0 < match.p_none <= 1
    assert list(match.weighed) == sorted(match.weighed, key=lambda one: -one.p)


@given(candidates(), st.randoms())
def test_the_order_of_the_candidates_does_not_matter(found: list[Candidate], chance: random.Random) -> None:
    shuffled = list(found)
    chance.shuffle(shuffled)
    assert match_call(CALLED_MS, shuffled) == match_call(CALLED_MS, found)


@given(st.floats(60, 29 * DAY_SECS), st.floats(1.01, 2), candidates())
def test_beyond_the_mode_a_longer_delay_is_less_likely(age: float, longer: float, others: list[Candidate]) -> None:
    near = match_call(CALLED_MS, [seen("x", age), *others])
    far = match_call(CALLED_MS, [seen("x", age * longer), *others])
    assert p_of(far, "x") <= p_of(near, "x")


@given(st.floats(1, 3_000), st.floats(0, 5_000), candidates())
def test_a_tap_before_the_call_raises_the_share(age: float, before: float, others: list[Candidate]) -> None:
    plain = match_call(CALLED_MS, [seen("x", age), *others])
    tapped = match_call(CALLED_MS, [seen("x", age, clicked_ms=CALLED_MS - round(before * 1000)), *others])
    assert p_of(tapped, "x") >= p_of(plain, "x")


def test_a_tap_just_before_the_call_says_far_more_than_a_later_one() -> None:
    ages = {gap: seen("x", 900, clicked_ms=CALLED_MS - gap * 1000) for gap in (5, 60, 600)}
    rival = seen("rival", 120)
    shares = [p_of(match_call(CALLED_MS, [one, rival]), "x") for one in ages.values()]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.8
    assert shares[2] < 0.2


def test_a_tap_after_the_call_says_nothing() -> None:
    late = seen("x", 60, clicked_ms=CALLED_MS + 20_000)
    assert p_of(match_call(CALLED_MS, [late]), "x") == p_of(match_call(CALLED_MS, [seen("x", 60)]), "x")


@pytest.mark.parametrize(
    ("evidence", "raises"), [("held_at_call", True), ("same_caller", True), ("other_caller", False)]
)
def test_evidence_moves_the_share_the_right_way(evidence: str, raises: bool) -> None:
    params = msgspec.structs.replace(DEFAULTS, held_ratio=2.0)
    plain = p_of(match_call(CALLED_MS, [seen("x", 3_000), seen("y", 900)], params), "x")
    moved = p_of(match_call(CALLED_MS, [seen("x", 3_000, **{evidence: True}), seen("y", 900)], params), "x")
    assert (moved > plain) is raises


def test_without_candidates_no_visit_made_the_call() -> None:
    match = match_call(CALLED_MS, [])
    assert match.p_none == 1
    assert match.best is None
    assert match.none_reasons == (
        "No visit saw this number in the last 30 days",
        "Calls without a visit come to this number about once in 10 days",
    )


def test_a_visit_cannot_make_a_call_before_it_saw_the_number() -> None:
    assert match_call(CALLED_MS, [seen("late", -5.1)]).p_none == 1
    assert p_of(match_call(CALLED_MS, [seen("skewed", -4.9)]), "skewed") > 0


def test_a_visit_older_than_the_lookback_is_no_candidate() -> None:
    assert match_call(CALLED_MS, [seen("old", 30 * DAY_SECS + 1)]).p_none == 1


def test_the_visit_on_the_page_beats_all_who_saw_the_number_in_the_last_month() -> None:
    earlier = [seen(f"old{hours}", hours * 3_600, channel=Channel.PAID_SEARCH) for hours in range(3, 700, 3)]
    match = match_call(CALLED_MS, [seen("now", 150, open_secs=120, held_at_call=True), *earlier])
    assert match.best is not None
    assert match.best.visit_id == "now"
    assert match.best.p > 0.95


@pytest.mark.parametrize("secs_ago", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("channel", [Channel.DIRECT, Channel.PAID_SEARCH, Channel.EMAIL, Channel.PAID_SOCIAL])
def test_who_dials_at_once_is_believed(secs_ago: int, channel: Channel) -> None:
    """Against the 175 visits of the last month that saw this number before, all by the channel that calls most."""
    earlier = [
        seen(f"old{index}", index * 30 * DAY_SECS / 175, open_secs=90, channel=Channel.PAID_SEARCH)
        for index in range(1, 176)
    ]
    now = seen("now", secs_ago, channel=channel, held_at_call=True)
    assert p_of(match_call(CALLED_MS, [now, *earlier]), "now") > 0.85


def test_a_page_still_open_explains_a_late_call_better_than_one_long_closed() -> None:
    match = match_call(CALLED_MS, [seen("closed", 2_400, open_secs=30), seen("open", 2_400, open_secs=2_390)])
    assert p_of(match, "open") > 2 * p_of(match, "closed")


def test_a_number_that_is_often_called_without_a_visit_explains_more_by_none() -> None:
    old = [seen("old", 3 * DAY_SECS)]
    assert (
        match_call(CALLED_MS, old, background_per_sec=1 / 3_600).p_none
        > match_call(CALLED_MS, old, background_per_sec=1e-7).p_none
    )
    assert match_call(CALLED_MS, old, background_per_sec=0.0).p_none > 0


def test_ten_thousand_candidates_are_weighed_without_underflow() -> None:
    many = [seen(f"v{index}", 1 + index * 250) for index in range(10_000)]
    match = match_call(CALLED_MS, many)
    assert len(match.weighed) == 10_000
    assert math.fsum(one.p for one in match.weighed) + match.p_none == pytest.approx(1, abs=1e-12)


def test_it_says_why() -> None:
    match = match_call(
        CALLED_MS,
        [seen(secs_ago=130, open_secs=130, clicked_ms=CALLED_MS - 5_000, held_at_call=True, same_caller=True)],
    )
    assert match.weighed[0].reasons == (
        "Tapped the number 5 s before the call",
        "This caller rang before, after an earlier visit by the same visitor",
        "Called 2 min 10 s after seeing the number",
        "Held the number when the call came",
        "The page was still open",
    )


@pytest.mark.parametrize(
    ("secs", "said"),
    [
        (0, "0 s"),
        (59.6, "1 min"),
        (130, "2 min 10 s"),
        (3_600, "1 h"),
        (11_100, "3 h 5 min"),
        (90_000, "1 day"),
        (4e5, "5 days"),
    ],
)
def test_it_says_durations_as_people_do(secs: float, said: str) -> None:
    assert say_secs(secs) == said


@given(st.floats(0, 7_200), st.floats(0.05, 0.95))
def test_the_delay_density_integrates_to_its_own_share(open_secs: float, soon_share: float) -> None:
    density = DelayDensity(
        at_once_share=0.02,
        at_once_secs=30,
        soon_share=soon_share,
        soon_median_secs=150,
        soon_sigma=1.1,
        stretch=0.5,
        late_mean_secs=5e4,
    )
    edges = [math.exp(-2 + index * 18 / 3_000) for index in range(3_001)]  # 0.14 s to 103 days, even in the logarithm
    total = math.fsum((b - a) * math.exp(density.log_density((a + b) / 2, open_secs)) for a, b in pairwise(edges))
    assert total == pytest.approx(density.share_within(edges[-1], open_secs), abs=2e-4)
    assert density.share_within(1e9, open_secs) == pytest.approx(1, abs=1e-6)
