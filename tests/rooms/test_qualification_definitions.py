"""Definitions and their labels, rules that tag, tags' names, and the page that tells of them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringtrace.core.errors import BadInput
from ringtrace.qualification import (
    DEFAULT,
    FIELDS,
    STARTERS,
    All,
    Condition,
    Definition,
    Leaf,
    Not,
    Operator,
    TagRule,
    Traits,
    as_data,
    check_definition,
    check_tag,
    check_tag_rule,
    in_words,
    read_condition,
    read_label,
    tag_key,
    tags_by_rule,
)

PAGE = (Path(__file__).parents[2] / "docs" / "qualification.md").read_text(encoding="utf-8")
ANSWERED = Leaf("status", Operator.IS, ("answered",))


def test_the_default_is_every_answered_call() -> None:
    assert DEFAULT.label == "qualified-1"
    assert as_data(DEFAULT.condition) == {"field": "status", "is": ["answered"]}
    assert STARTERS[0] is DEFAULT


@pytest.mark.parametrize("starter", STARTERS, ids=lambda starter: str(starter.name))
def test_every_starter_is_sound(starter: Definition) -> None:
    assert check_definition(starter) == starter
    assert read_label(starter.label) == (starter.name, 1)
    assert f"| {starter.title} | {in_words(starter.condition)} |" in PAGE


def test_starters_have_names_of_their_own() -> None:
    assert len({starter.name for starter in STARTERS}) == len({starter.title for starter in STARTERS}) == len(STARTERS)


@given(name=st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True), version=st.integers(1, 999_999_999))
def test_a_label_is_read_back(name: str, version: int) -> None:
    definition = Definition(name=name, version=version, title=" T ", condition=ANSWERED)
    assert read_label(check_definition(definition).label) == (name, version)
    assert check_definition(definition).title == "T"


@pytest.mark.parametrize(
    "label", ["", "qualified", "qualified-", "qualified-0", "qualified-01", "Q-1", "a-1\n", "a-b-1"]
)
def test_it_refuses_what_is_no_label(label: str) -> None:
    with pytest.raises(BadInput, match="is not a version"):
        read_label(label)


@pytest.mark.parametrize(
    ("name", "title", "version", "message"),
    [
        ("Qualified", "T", 1, "cannot name a definition"),
        ("a-b", "T", 1, "cannot name a definition"),
        ("", "T", 1, "cannot name a definition"),
        ("a" * 41, "T", 1, "cannot name a definition"),
        ("a", " ", 1, "has a title"),
        ("a", "x" * 81, 1, "has a title"),
        ("a", "x\ny", 1, "has a title"),
        ("a", "T", 0, "is not a version"),
        ("a", "T", -1, "is not a version"),
    ],
)
def test_it_refuses_a_definition(name: str, title: str, version: int, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        check_definition(Definition(name=name, title=title, version=version, condition=ANSWERED))


def test_it_checks_the_condition_of_a_definition() -> None:
    with pytest.raises(BadInput, match=r"all\[0\]\.is\[0\]"):
        check_definition(Definition(name="a", title="T", condition=All((Leaf("status", Operator.IS, ("x",)),))))


@pytest.mark.parametrize("name", ["tags", "outcomes"])
def test_a_tag_rule_cannot_go_in_circles(name: str) -> None:
    rule = TagRule(tag="hot", condition=All((ANSWERED, Not(Leaf(name, Operator.HAS, ("lead",))))))
    with pytest.raises(BadInput, match=f"cannot ask for {name}"):
        check_tag_rule(rule)


def test_rules_tag_what_meets_them() -> None:
    rules = [
        TagRule(tag="Short", condition=read_condition({"field": "talk_secs", "less_than": 10})),
        TagRule(tag="picked up", condition=ANSWERED),
        TagRule(tag="short", condition=ANSWERED),
        TagRule(tag="spam", condition=read_condition({"field": "is_spam", "is": True})),
    ]
    assert tags_by_rule(rules, Traits(status="answered", talk_secs=5.0)) == ("Short", "picked up")
    assert tags_by_rule(rules, Traits(status="missed")) == ()
    assert [check_tag_rule(rule) for rule in rules] == rules


@pytest.mark.parametrize(
    ("typed", "tag"), [(" Hot  lead\u00a0", "Hot lead"), ("Cafe\u0301", "Café"), ("x" * 60, "x" * 60), ("a,b", "a,b")]
)
def test_it_keeps_a_tag_as_it_was_typed(typed: str, tag: str) -> None:
    assert check_tag(typed) == tag


@pytest.mark.parametrize("typed", ["", "  ", "x" * 61, "a|b", "a\tb", "a\nb", "\x00", "\u2028", "\ud800"])
def test_it_refuses_what_is_no_tag(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_tag(typed)
    assert refused.value.hint


@given(text=st.text(max_size=70))
def test_a_checked_tag_stays_as_it_is(text: str) -> None:
    try:
        tag = check_tag(text)
    except BadInput:
        return
    assert check_tag(tag) == tag
    assert tag_key(check_tag(tag)) == tag_key(tag)


@pytest.mark.parametrize(("one", "other"), [("VIP", "vip"), ("Straße", "STRASSE"), ("ÉTÉ", "été")])
def test_tags_that_differ_in_case_have_one_key(one: str, other: str) -> None:
    assert tag_key(check_tag(one)) == tag_key(check_tag(other))


def test_the_page_lists_every_field_with_what_it_takes() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \|$", PAGE, re.MULTILINE)
    told = [(field.name, ", ".join(f"`{each}`" for each in field.operators), field.plain) for field in FIELDS.values()]
    assert rows == told


def test_the_examples_of_the_page_are_read() -> None:
    examples = re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)
    assert examples
    conditions: list[Condition] = [read_condition(example) for example in examples]
    assert "*answered, talked at least 30 seconds, and not spam*" in PAGE
    assert in_words(conditions[0]) == "answered, talked at least 30 seconds, and not spam"
