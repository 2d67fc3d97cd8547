"""Conditions that somebody sent: lenient where it is clear, refused with the place where it is not."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringtrace.core.errors import BadInput
from ringtrace.qualification import Leaf, Operator, as_data, in_words, predicate, read_condition
from ringtrace.qualification.reading import (
    DEEPEST,
    LONGEST_JSON,
    LONGEST_TEXT,
    MOST_LEAVES,
    MOST_LETTERS,
    MOST_PARTS,
    MOST_TEXTS,
)

ANSWERED = {"field": "status", "is": ["answered"]}


def nested(levels: int) -> object:
    said: object = ANSWERED
    for _ in range(levels - 1):
        said = {"not": said}
    return said


@pytest.mark.parametrize(
    ("said", "leaf"),
    [
        ({"field": "status", "is": "answered"}, Leaf("status", Operator.IS, ("answered",))),
        ({"field": "agent", "is": ["b", "a", "b"]}, Leaf("agent", Operator.IS, ("a", "b"))),
        ({"field": "talk_secs", "at_least": 30.0}, Leaf("talk_secs", Operator.AT_LEAST, 30)),
        ({"field": "talk_secs", "less_than": 0.5}, Leaf("talk_secs", Operator.LESS_THAN, 0.5)),
        (
            {"field": "since_last_secs", "first_in_days": 90.0},
            Leaf("since_last_secs", Operator.FIRST_IN_DAYS, 90),
        ),
        ({"field": "tags", "has": ["  hot   lead "]}, Leaf("tags", Operator.HAS, ("hot lead",))),
        ({"field": "outcomes", "has": ["Site Survey"]}, Leaf("outcomes", Operator.HAS, ("site_survey",))),
        ({"field": "transferred", "is": False}, Leaf("transferred", Operator.IS, False)),
    ],
)
def test_it_reads_into_one_form(said: object, leaf: Leaf) -> None:
    read = read_condition(said)
    assert read == leaf
    assert isinstance(read, Leaf)
    assert type(read.value) is type(leaf.value)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"all": [ANSWERED, {"not": {"field": "x", "is": 1}}]}, "all[1].not.field: 'x' is not a field."),
        ({"all": [ANSWERED, {"any": [7]}]}, "all[1].any[0]: a condition is an object."),
        ({"all": ANSWERED}, "all: must be a list of conditions."),
        ({"all": [], "any": []}, "The condition: 'all' stands alone."),
        ({"not": ANSWERED, "field": "status"}, "The condition: 'not' stands alone."),
        ([ANSWERED], "The condition: a condition is an object."),
        ({}, "The condition: it names no field."),
        ({"not": {"is": True}}, "not: it names no field."),
        ({"field": ["status"], "is": "a"}, "field: a list is not a field."),
        ({"field": "status"}, "The condition: a condition asks one thing of its field."),
        ({"field": "talk_secs", "at_least": 1, "less_than": 9}, "a condition asks one thing of its field."),
        ({"field": "status", "at_least": 3}, "status does not take 'at_least'."),
        ({"field": "status", 3: 3}, "status does not take 3."),
        ({"field": "status", "is": ["anwsered"]}, "is[0]: 'anwsered' is no status."),
        ({"field": "status", "is": []}, "is: it lists 0 texts."),
        ({"field": "agent", "is": True}, "is: True is not a text."),
        ({"field": "agent", "is": ["a", None]}, "is[1]: None is not a text."),
        ({"field": "agent", "is": "  "}, "is: '  ' cannot be asked for."),
        ({"field": "agent", "is": "a\x00b"}, "cannot be asked for."),
        ({"field": "agent", "is": "a\nb"}, "cannot be asked for."),
        ({"field": "agent", "is": "\ud800"}, "cannot be asked for."),
        ({"field": "agent", "is": "x" * (LONGEST_TEXT + 1)}, "cannot be asked for."),
        ({"field": "agent", "is": ["x"] * (MOST_TEXTS + 1)}, f"it lists {MOST_TEXTS + 1} texts."),
        ({"field": "number", "is": "310 555 0100"}, "is: '310 555 0100' is not a phone number in full."),
        ({"field": "tags", "has": ["ok", "a|b"]}, "has[1]: 'a|b' is not a tag."),
        ({"field": "outcomes", "has": ["call"]}, "has[0]: 'call' is not a kind of outcome."),
        ({"field": "is_spam", "is": "true"}, "is: 'true' is not true or false."),
        ({"field": "is_spam", "is": 1}, "is: 1 is not true or false."),
        ({"field": "talk_secs", "at_least": "30"}, "at_least: '30' is not a number of seconds."),
        ({"field": "talk_secs", "at_least": True}, "at_least: True is not a number of seconds."),
        ({"field": "talk_secs", "at_least": -1}, "at_least: -1 is not a number of seconds."),
        ({"field": "talk_secs", "at_least": float("nan")}, "at_least: nan is not a number of seconds."),
        ({"field": "talk_secs", "at_least": float("inf")}, "at_least: inf is not a number of seconds."),
        ({"field": "talk_secs", "at_least": 10**5000}, "at_least: a huge number is not a number of seconds."),
        ({"field": "talk_secs", "at_least": {}}, "at_least: an object is not a number of seconds."),
        ({"field": "since_last_secs", "first_in_days": 0}, "first_in_days: 0 is not a number of days."),
        ({"field": "since_last_secs", "first_in_days": 1.5}, "first_in_days: 1.5 is not a number of days."),
        ({"field": "since_last_secs", "first_in_days": True}, "first_in_days: True is not a number of days."),
        (b"{", "This condition is not JSON."),
        (b"\xff", "This condition is not JSON."),
        ("\ud800", "This condition is not JSON."),
        (b"[" * 100_000, "This condition is not JSON."),
        (b" " * (LONGEST_JSON + 1), "This condition is too long."),
        (None, "The condition: a condition is an object."),
    ],
)
def test_it_says_where_it_is_wrong_and_what_to_do(said: object, message: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_condition(said)
    assert message in refused.value.args[0]
    assert refused.value.hint
    assert len(refused.value.args[0]) < 200


def test_it_stops_at_its_depth() -> None:
    assert as_data(read_condition(nested(DEEPEST))) == nested(DEEPEST)
    for levels in (DEEPEST + 1, 300):
        with pytest.raises(BadInput, match="nested too deeply"):
            read_condition(nested(levels))


def test_it_stops_at_its_number_of_leaves_and_parts() -> None:
    assert as_data(read_condition({"any": [ANSWERED] * MOST_LEAVES})) == {"any": [ANSWERED] * MOST_LEAVES}
    with pytest.raises(BadInput, match=rf"any\[{MOST_LEAVES}\]: there are too many conditions"):
        read_condition({"any": [ANSWERED] * (MOST_LEAVES + 1)})
    empty: list[object] = [{"all": []}] * (MOST_PARTS - 1)
    assert as_data(read_condition({"any": empty})) == {"any": empty}
    with pytest.raises(BadInput, match="there are too many parts"):
        read_condition({"any": [*empty, {"all": []}]})


def test_the_largest_condition_can_be_sent_back() -> None:
    letters = [f"{at:03}" + "😀" * (LONGEST_TEXT - 3) for at in range(MOST_TEXTS)]
    fitting = MOST_LETTERS // (LONGEST_TEXT * MOST_TEXTS)
    large = {"any": [{"field": "agent", "is": letters}] * fitting}
    escaped = json.dumps(as_data(read_condition(large))).encode()
    assert read_condition(escaped) == read_condition(large)
    with pytest.raises(BadInput, match=rf"any\[{fitting}\]: its texts are too long together"):
        read_condition({"any": [{"field": "agent", "is": letters}] * (fitting + 1)})


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["status", "tags"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["all", "any", "not", "field", "is", "has", "at_least", "z"]), inner, max_size=3
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(said=_json | st.binary(max_size=40))
def test_whatever_is_sent_is_read_or_refused(said: object) -> None:
    try:
        condition = read_condition(said)
    except BadInput:
        return
    assert in_words(condition)
    assert predicate(condition)
