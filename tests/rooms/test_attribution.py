"""Who gets the credit: the worked example of every rule, and properties that hold for any journey."""

from __future__ import annotations

import math
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringtrace.attribution import DEFAULT_MODEL, MODELS, Credit, Journey, Touch, credit, lay_out
from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel, Source
from ringtrace.sources import offline_source

CHANNELS = {
    "direct": Channel.DIRECT,
    "search": Channel.PAID_SEARCH,
    "email": Channel.EMAIL,
    "social": Channel.PAID_SOCIAL,
}


def journey(path: str, conversion: str = "c1", **more: object) -> Journey:
    """`search>email` as a journey, a day between touches."""
    touches = tuple(
        Touch(
            touch_id=f"{conversion}.{index}",
            at_ms=index * 86_400_000,
            visit_id=f"visit {index}",
            source=Source(channel=CHANNELS[name], source=name),
        )
        for index, name in enumerate(filter(None, path.split(">")))
    )
    return Journey(conversion_id=conversion, touches=touches, **more)  # type: ignore[arg-type]


def by_source(found: tuple[Credit, ...]) -> dict[str | None, float]:
    sums: dict[str | None, float] = defaultdict(float)
    for one in found:
        sums[one.source.source if one.source else None] += one.share
    return dict(sums)


def many(path: str, times: int) -> list[Journey]:
    return [journey(path, f"{path} {index}") for index in range(times)]


PATHS = many("direct", 2) + many("search>email", 3) + many("search>social>email", 5)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("first_touch", {"direct": 2, "search": 8}),
        ("last_touch", {"direct": 2, "email": 8}),
        ("last_non_direct", {"direct": 2, "email": 8}),
        ("linear", {"direct": 2, "search": 19 / 6, "email": 19 / 6, "social": 5 / 3}),
    ],
)
def test_it_shares_the_worked_example_as_published(model: str, expected: dict[str | None, float]) -> None:
    assert by_source(credit(PATHS, MODELS[model])) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("path", "credited"),
    [
        ("search>direct", "search"),
        ("search>email>direct>direct", "email"),
        ("direct>search>email", "email"),
        ("direct>direct", "direct"),
    ],
)
def test_last_non_direct_looks_past_direct_visits_and_falls_back_to_them(path: str, credited: str) -> None:
    assert by_source(credit([journey(path)], MODELS["last_non_direct"])) == {credited: 1}


def test_when_all_visits_were_direct_the_last_of_them_is_credited() -> None:
    assert [one.touch_id for one in credit([journey("direct>direct")], MODELS["last_non_direct"])] == ["c1.1"]


def test_what_the_match_leaves_open_is_credited_to_nobody() -> None:
    found = credit([journey("search>email", p=0.8, value_cents=10_000)], MODELS["last_touch"])
    assert [(one.touch_id, one.reason) for one in found] == [("c1.1", None), (None, "unknown")]
    assert [one.share for one in found] == pytest.approx([0.8, 0.2])
    assert [one.value_cents for one in found] == pytest.approx([8_000, 2_000])


def test_several_visitors_may_have_made_one_call() -> None:
    rivals = [journey("search", p=0.6), journey("email", p=0.3)]
    assert by_source(credit(rivals, MODELS["linear"])) == pytest.approx({"search": 0.6, "email": 0.3, None: 0.1})


def test_a_printed_number_is_a_journey_of_one_certain_touch() -> None:
    van = Touch(touch_id="call 1", at_ms=5, visit_id=None, source=offline_source("van"))
    for model in MODELS.values():
        assert by_source(credit([Journey(conversion_id="call 1", touches=(van,))], model)) == {"van": 1}


def test_a_value_that_is_not_known_stays_unknown() -> None:
    assert credit([journey("search")], MODELS["linear"])[0].value_cents is None


def test_a_journey_without_touches_says_so() -> None:
    assert [(one.share, one.reason) for one in credit([journey("", p=0.75)], MODELS["linear"])] == [
        (0.75, "no_touches"),
        (0.25, "unknown"),
    ]


def test_journeys_that_came_to_nothing_get_no_credit() -> None:
    assert credit([journey("search", converted=False)], MODELS["linear"]) == ()


def test_every_credit_says_which_model_made_it() -> None:
    assert {(one.model, one.params) for one in credit(PATHS, MODELS["linear"])} == {("linear", "{}")}
    assert DEFAULT_MODEL in MODELS
    assert all(name == model.name for name, model in MODELS.items())


def test_it_refuses_journeys_that_are_together_more_than_certain() -> None:
    with pytest.raises(BadInput, match="sum to"):
        credit([journey("search", p=0.6), journey("email", p=0.5)], MODELS["linear"])


def test_it_refuses_two_values_for_one_conversion() -> None:
    with pytest.raises(BadInput, match="disagree"):
        credit([journey("search", p=0.5, value_cents=1), journey("email", p=0.5)], MODELS["linear"])


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_it_refuses_what_is_no_probability(p: float) -> None:
    with pytest.raises(BadInput):
        journey("search", p=p)


def test_it_refuses_touches_out_of_order() -> None:
    touches = journey("search>email").touches
    with pytest.raises(BadInput, match="out of order"):
        Journey(conversion_id="c", touches=touches[::-1])


def test_it_lays_out_what_lies_within_the_lookback_and_before_the_conversion() -> None:
    touches = [
        Touch(touch_id=str(at), at_ms=at, visit_id=None, source=offline_source("x")) for at in (30, 10, 20, 31, 9)
    ]
    assert [touch.at_ms for touch in lay_out(touches, converted_ms=30, lookback_ms=20)] == [10, 20, 30]


_paths = st.lists(st.sampled_from(sorted(CHANNELS)), max_size=9).map(">".join)


@st.composite
def _conversions(draw: st.DrawFn) -> list[Journey]:
    found = []
    for index in range(draw(st.integers(0, 5))):
        value = draw(st.none() | st.integers(0, 10**9))
        left = 1.0
        for _ in range(draw(st.integers(1, 3))):
            p = draw(st.floats(0, left))
            left = max(0.0, left - p)
            found.append(journey(draw(_paths), f"c{index}", p=p, value_cents=value))
    return found


@given(_conversions(), st.sampled_from(sorted(MODELS)))
def test_the_shares_of_every_conversion_sum_to_one_and_its_values_to_its_value(
    found: list[Journey], model: str
) -> None:
    shares, values = defaultdict(list), defaultdict(list)
    for one in credit(found, MODELS[model]):
        assert one.share >= 0
        assert (one.touch_id is None) == (one.reason is not None)
        shares[one.conversion_id].append(one.share)
        values[one.conversion_id].append(one.value_cents)
    assert shares.keys() == {each.conversion_id for each in found}
    for each in found:
        assert math.fsum(shares[each.conversion_id]) == pytest.approx(1, abs=1e-9)
        parts = [value for value in values[each.conversion_id] if value is not None]
        if each.value_cents is None:
            assert parts == []
        else:
            assert math.fsum(parts) == pytest.approx(each.value_cents, rel=1e-9)


@given(_paths, st.sampled_from(sorted(MODELS)))
def test_a_model_shares_one_over_the_touches_of_a_journey(path: str, model: str) -> None:
    one = journey(path)
    shares = MODELS[model].fit([one]).share(one)
    assert len(shares) == len(one.touches)
    assert math.fsum(shares) == pytest.approx(1 if path else 0)
