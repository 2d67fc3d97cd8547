"""A company's own word on its sources."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest

from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel, Condition, SourceRule
from ringtrace.sources import RULES, Home, check_rule, classify, rules_version

SITE = "https://harbor.example"
TAGS = "utm_source=Google&utm_medium=cpc&utm_campaign=Drains-East&utm_term=pipe"
AD = f"{SITE}/emergency/now.html?{TAGS}&gclid=g1&Ref=Van7"


def rule(*conditions: Condition, rule_id: str = "r1", **said: Any) -> SourceRule:
    return SourceRule(rule_id=rule_id, conditions=conditions, **said)


def on(of: str, how: Any = "is", text: str = "") -> Condition:
    return Condition(of=of, how=how, text=text)


def home(*rules: SourceRule) -> Home:
    return Home(hosts=frozenset({"harbor.example"}), rules=rules)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (on("source", "is", "GOOGLE"), True),
        (on("source", "is", "goog"), False),
        (on("source", "starts", "goog"), True),
        (on("medium", "contains", "p"), True),
        (on("campaign", "ends", "east"), True),
        (on("campaign", "ends", "west"), False),
        (on("keyword", "exists"), True),
        (on("content", "exists"), False),
        (on("content", "contains", "a"), False),
        (on("landing", "starts", "/emergency/"), True),
        (on("landing", "is", "/emergency"), False),
        (on("referrer", "is", "google.com"), True),
        (on("referrer", "is", "www.google.com"), True),
        (on("referrer", "ends", ".com"), True),
        (on("param:ref", "is", "van7"), True),
        (on("param:GCLID", "exists"), True),
        (on("param:none", "exists"), False),
        (on("nothing", "exists"), False),
    ],
)
def test_a_condition_looks_at_what_it_names(condition: Condition, holds: bool) -> None:
    found = classify(AD, "https://www.google.com/", home(rule(condition, set_campaign="ours")))
    assert (found.campaign == "ours") is holds


def test_all_conditions_must_hold() -> None:
    both = rule(on("source", "is", "google"), on("medium", "is", "email"), set_source="ours")
    assert classify(AD, "", home(both)).source == "google"


def test_a_rule_with_a_condition_that_is_none_of_ours_never_holds() -> None:
    broken = rule(on("source", "is", "google"), on("colour", "is", "red"), set_source="ours")
    assert classify(AD, "", home(broken)).source == "google"


def test_the_first_rule_that_holds_has_the_last_word() -> None:
    rules = (
        rule(on("medium", "is", "email"), set_source="first"),
        rule(on("medium", "is", "cpc"), set_source="second"),
        rule(on("source", "exists"), set_source="third"),
    )
    assert classify(AD, "", home(*rules)).source == "second"


def test_the_channel_follows_from_what_the_rule_says() -> None:
    found = classify(
        f"{SITE}/?ref=van", "", home(rule(on("param:ref", "is", "van"), set_source="Van", set_medium="SMS"))
    )
    assert (found.channel, found.source, found.medium) == (Channel.SMS, "van", "sms")


def test_a_proven_click_stays_proven_under_another_name() -> None:
    found = classify(AD, "", home(rule(on("source", "is", "google"), set_source="agency-seven")))
    assert (found.channel, found.source, found.medium) == (Channel.PAID_SEARCH, "agency-seven", "cpc")
    assert found.click_ids == {"gclid": "g1"}


def test_a_rule_can_say_the_channel_itself() -> None:
    found = classify(AD, "", home(rule(on("source", "is", "google"), set_channel=Channel.AUDIO)))
    assert (found.channel, found.source) == (Channel.AUDIO, "google")


def test_a_rule_can_name_who_came_without_a_word() -> None:
    direct = rule(on("landing", "starts", "/qr"), on("source", "is", "direct"), set_source="flyer", set_medium="print")
    found = classify(f"{SITE}/qr/7", "", home(direct))
    assert (found.channel, found.source, found.medium) == (Channel.UNASSIGNED, "flyer", "print")


def test_a_referrers_host_can_be_written_in_letters() -> None:
    found = classify(
        f"{SITE}/",
        "https://xn--mnchen-3ya.example/",
        home(rule(on("referrer", "is", "München.example"), set_source="m")),
    )
    assert found.source == "m"


def test_the_verdict_names_the_rules_that_gave_it() -> None:
    ours = home(rule(on("source", "exists"), set_source="x"))
    assert re.fullmatch(r"2\+[0-9a-f]{8}", rules_version(ours))
    assert classify(AD, "", ours).rules == rules_version(ours)
    assert classify(AD, "", Home()).rules == rules_version(Home()) == RULES


def test_the_version_changes_with_the_rules_and_with_nothing_else() -> None:
    one, two = rule(on("source", "exists"), set_source="x"), rule(on("medium", "exists"), set_source="x")
    ignoring = Home(ignored=frozenset({"a.example", "b.example"}))
    fewer = Home(ignored=frozenset({"a.example"}))
    homes = (Home(), home(one), home(two), home(one, two), home(two, one), ignoring, fewer)
    assert len({rules_version(each) for each in homes}) == len(homes)
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(home(one)), type=Home)
    assert rules_version(again) == rules_version(home(one)) == rules_version(Home(rules=(one,)))


GOOD = on("source", "is", "google")


@pytest.mark.parametrize(
    "good",
    [
        rule(GOOD, set_source="x"),
        rule(on("param:ref", "exists"), set_channel=Channel.EMAIL),
        rule(on("landing", "contains", "50%"), set_campaign="50 % off"),
        rule(GOOD, on("medium", "ends", "x"), set_medium="email", set_channel=Channel.UNASSIGNED),
    ],
)
def test_it_takes_a_rule_that_can_work(good: SourceRule) -> None:
    check_rule(good)


@pytest.mark.parametrize(
    ("bad", "word"),
    [
        (rule(set_source="x"), "no condition"),
        (rule(*[GOOD] * 21, set_source="x"), "too many"),
        (rule(on("colour", "is", "red"), set_source="x"), "colour"),
        (rule(on("param:", "exists"), set_source="x"), "param:"),
        (rule(on("source", "like", "red"), set_source="x"), "like"),
        (rule(on("source", "is", "  "), set_source="x"), "no text"),
        (rule(on("source", "is", "x" * 257), set_source="x"), "too long"),
        (rule(GOOD), "changes nothing"),
        (rule(GOOD, set_source=" "), "source"),
        (rule(GOOD, set_medium="a\x00b"), "medium"),
        (rule(GOOD, set_campaign="x" * 257), "campaign"),
        (rule(GOOD, set_channel=Channel.OFFLINE), "offline"),
    ],
)
def test_it_says_why_a_rule_cannot_work_and_what_to_do(bad: SourceRule, word: str) -> None:
    with pytest.raises(BadInput, match=word) as refusal:
        check_rule(bad)
    assert refusal.value.hint
