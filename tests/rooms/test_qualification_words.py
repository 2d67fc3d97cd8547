"""A condition in plain English, and what a new version changes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from ringtrace.qualification import All, Any, Condition, Not, Traits, differences, in_words, meets, read_condition
from tests.rooms import qualification_worlds as worlds

ANSWERED = {"field": "status", "is": ["answered"]}
SPAM = {"field": "is_spam", "is": True}


def talked(secs: float) -> dict[str, object]:
    return {"field": "talk_secs", "at_least": secs}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"all": [ANSWERED, talked(30), {"not": SPAM}]}, "answered, talked at least 30 seconds, and not spam"),
        ({"all": [ANSWERED, {"not": SPAM}]}, "answered and not spam"),
        ({"any": [ANSWERED, SPAM]}, "answered or spam"),
        ({"all": [SPAM, {"any": [ANSWERED, talked(5)]}]}, "spam and (answered or talked at least 5 seconds)"),
        ({"all": [{"field": "status", "is": ["missed", "voicemail"]}, SPAM]}, "(missed or went to voicemail) and spam"),
        ({"not": {"all": [ANSWERED, SPAM]}}, "not (answered and spam)"),
        ({"all": []}, "everything"),
        ({"any": []}, "nothing"),
        ({"not": {"all": []}}, "not (everything)"),
        ({"field": "kind", "is": ["call", "store_visit"]}, "a call or a store visit"),
        ({"field": "talk_secs", "less_than": 1}, "talked less than 1 second"),
        (talked(120), "talked at least 2 minutes"),
        (talked(90), "talked at least 90 seconds"),
        (talked(0), "talked at least 0 seconds"),
        (talked(0.5), "talked at least 0.5 seconds"),
        ({"not": talked(30)}, "did not talk at least 30 seconds"),
        ({"field": "ring_secs", "at_least": 20}, "rang at least 20 seconds"),
        ({"field": "ring_secs", "less_than": 20}, "rang less than 20 seconds"),
        ({"field": "since_last_secs", "at_least": 86400}, "the caller's last call was at least 1 day earlier"),
        ({"field": "since_last_secs", "less_than": 7200}, "the caller's last call was less than 2 hours earlier"),
        ({"field": "since_last_secs", "first_in_days": 90}, "the caller's first call in 90 days"),
        ({"not": {"field": "since_last_secs", "first_in_days": 1}}, "not the caller's first call in 1 day"),
        ({"field": "is_first_call", "is": True}, "by a first-time caller"),
        ({"field": "is_first_call", "is": False}, "by a repeat caller"),
        ({"field": "is_spam", "is": False}, "not spam"),
        ({"field": "transferred", "is": True}, "transferred"),
        ({"field": "transferred", "is": False}, "kept by whoever answered"),
        ({"field": "number", "is": ["+13105550100"]}, "to the number +13105550100"),
        ({"field": "pool", "is": ["Ads"]}, "to a number of the pool “Ads”"),
        ({"field": "flow_branch", "is": ["Sales"]}, "sent to “Sales” by the flow"),
        ({"field": "menu_keys", "is": ["2"]}, "pressed 2"),
        ({"field": "agent", "is": ["Ann", "Bo", "Cy"]}, "taken by “Ann”, “Bo”, or “Cy”"),
        ({"field": "caller_region", "is": ["US-CA"]}, "from a number of “US-CA”"),
        ({"field": "line_type", "is": ["mobile"]}, "from a line of the type “mobile”"),
        ({"field": "disposition", "is": ["{}"]}, "marked “{}”"),
        ({"not": {"field": "tags", "has": ["a", "b"]}}, "not tagged “a” or “b”"),
        ({"field": "outcomes", "has": ["appointment", "no_show"]}, "became an appointment or a no show"),
    ],
)
def test_it_says_a_condition(said: object, words: str) -> None:
    assert in_words(read_condition(said)) == words


@settings(max_examples=200)
@given(leaf=worlds.leaves)
def test_every_leaf_and_its_opposite_are_said_differently(leaf: Condition) -> None:
    assert in_words(leaf) != in_words(Not(leaf))
    assert in_words(leaf).strip()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (talked(30), talked(60), ["Asks for: talked at least 1 minute, instead of talked at least 30 seconds."]),
        ({"all": [ANSWERED]}, {"all": [ANSWERED, {"not": SPAM}]}, ["Also asks for: not spam."]),
        ({"all": [ANSWERED, {"not": SPAM}]}, ANSWERED, ["No longer asks for: not spam."]),
        (
            {"all": [ANSWERED, talked(30)]},
            {"all": [talked(10), SPAM]},
            [
                "Asks for: talked at least 10 seconds, instead of talked at least 30 seconds.",
                "Also asks for: spam.",
                "No longer asks for: answered.",
            ],
        ),
        ({"any": [ANSWERED]}, {"any": [SPAM, ANSWERED]}, ["Also lets count: spam."]),
        ({"any": [ANSWERED, SPAM]}, {"any": [SPAM]}, ["No longer lets count: answered."]),
        ({"any": [ANSWERED, SPAM]}, {"all": [ANSWERED]}, ["Asks for: answered, instead of answered or spam."]),
        ({"all": [ANSWERED, SPAM]}, {"all": [SPAM, ANSWERED, SPAM]}, []),
        (ANSWERED, {"all": []}, ["No longer asks for: answered."]),
    ],
)
def test_it_says_what_changes(old: object, new: object, told: list[str]) -> None:
    assert differences(read_condition(old), read_condition(new)) == told


@settings(max_examples=300, deadline=None)
@given(old=worlds.conditions, new=worlds.conditions, row=worlds.traits)
def test_no_change_is_left_untold(old: Condition, new: Condition, row: Traits) -> None:
    assert differences(old, old) == []
    if not differences(old, new):
        assert meets(old, row) == meets(new, row)


@given(one=worlds.leaves, other=worlds.leaves)
def test_the_order_and_repetition_of_parts_is_no_change(one: Condition, other: Condition) -> None:
    assert differences(Not(Any((one, other))), Not(Any((other, one, other)))) == []
    assert differences(All((one, other)), All((other, one))) == []
