"""Filters as they stand in links."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringtrace.core.errors import BadInput
from ringtrace.reports.dimensions import DIMENSIONS, ValueKind
from ringtrace.reports.filters import Filter, Operation, filters_from_query, label_of, read_filter, to_query

_CHARACTERS = st.characters(exclude_characters="\0", codec="utf-8")
TEXTS = st.text(_CHARACTERS, min_size=1, max_size=30) | (
    st.sampled_from(["(unknown)", "\\(unknown)", "a,b", "a\\", ",", "\\,", "-x:y~z"])
)
VALUES: dict[ValueKind, st.SearchStrategy[Any]] = {
    ValueKind.TEXT: TEXTS,
    ValueKind.HOUR: st.integers(0, 23),
    ValueKind.WEEKDAY: st.integers(1, 7),
    ValueKind.DAY: st.dates(),
    ValueKind.WEEK: st.dates(date(2, 1, 1)).map(lambda on: date.fromordinal(on.toordinal() - on.weekday())),
    ValueKind.MONTH: st.dates().map(lambda on: on.replace(day=1)),
}


@st.composite
def filters(draw: st.DrawFn) -> Filter:
    dimension = draw(st.sampled_from(list(DIMENSIONS.values())))
    if dimension.value is ValueKind.TEXT and draw(st.booleans()):
        return Filter(dimension.name, Operation.CONTAINS, (draw(TEXTS),))
    values = draw(st.lists(VALUES[dimension.value] | st.none(), min_size=1, max_size=4, unique=True))
    return Filter(dimension.name, draw(st.sampled_from([Operation.IS_IN, Operation.IS_NOT_IN])), tuple(values))


@given(st.lists(filters(), max_size=5))
def test_a_link_says_just_what_was_asked(asked: list[Filter]) -> None:
    assert filters_from_query([("since", "x"), *to_query(asked)]) == tuple(asked)


def test_it_reads_as_people_write() -> None:
    assert read_filter("channel:Paid Search,Email").values == ("Paid Search", "Email")
    assert read_filter("-device:mobile") == Filter("device", Operation.IS_NOT_IN, ("mobile",))
    assert read_filter("keyword~24:00, now").values == ("24:00, now",)
    assert read_filter("weekday:monday,7").values == (1, 7)
    assert read_filter("month:2026-11").values == (date(2026, 11, 1),)
    assert read_filter("weekday:Monday,7").text == "weekday:1,7"
    assert read_filter("-campaign:(unknown),x").words == "Campaign is not unknown or x"
    assert label_of(DIMENSIONS["hour"], 7) == "07:00"


@pytest.mark.parametrize(
    "bad",
    [
        "",
        "channel",
        "channel=Email",
        "nowhere:x",
        "channel:",
        "channel:a,,b",
        "-keyword~x",
        "keyword~",
        "hour~7",
        "hour:24",
        "hour:-1",
        "hour:seven",
        "weekday:Someday",
        "weekday:0",
        "day:yesterday",
        "day:2026-02-30",
        "week:2026-11-24",
        "month:2026-13",
        "channel:" + "x" * 501,
        "channel:a\0b",
        "channel:" + ",".join(map(str, range(101))),
    ],
)
def test_it_refuses_what_is_no_filter_with_a_hint(bad: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_filter(bad)
    assert refused.value.hint


def test_there_is_an_end_to_filters() -> None:
    with pytest.raises(BadInput):
        filters_from_query([("filter", "channel:x")] * 21)
