"""What a company says of its own sources: its hosts, hosts that send nobody, and rules that have the last word."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import msgspec
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.sources import Channel, Condition, Source, SourceRule
from ringtrace.sources.channels import channel_of
from ringtrace.sources.hosts import host_in
from ringtrace.sources.links import parameter
from ringtrace.sources.places import Kind, bare_host
from ringtrace.sources.texts import LONGEST_TEXT, clean

RULES = "2"  # grows whenever a built-in verdict changes

_MOST_CONDITIONS = 20
_PARAM = "param:"


class Home(Struct, frozen=True, cache_hash=True):
    """What is a site's own. Made once for each site and kept: its compiled form is cached by it.

    `hosts`: the site's hosts, with or without ports; their subdomains and `www.` are the site too. `ignored`: hosts,
    with their subdomains, that send nobody, beyond the payment, bank and sign-in pages we know. `rules` in order: the
    first whose conditions all hold has the last word.
    """

    hosts: frozenset[str] = frozenset()
    rules: tuple[SourceRule, ...] = ()
    ignored: frozenset[str] = frozenset()


class Seen(NamedTuple):
    """What conditions look at: the verdict so far, and the landing URL."""

    source: Source
    url: str


class _Test(NamedTuple):
    of: str
    look: Callable[[Seen], str | None]
    compare: Callable[[str, str], bool]
    text: str


class _Rule(NamedTuple):
    tests: tuple[_Test, ...]
    rule: SourceRule


_LOOK: dict[str, Callable[[Seen], str | None]] = {
    "source": lambda seen: seen.source.source,
    "medium": lambda seen: seen.source.medium,
    "campaign": lambda seen: seen.source.campaign,
    "keyword": lambda seen: seen.source.keyword,
    "content": lambda seen: seen.source.content,
    "referrer": lambda seen: bare_host(seen.source.referrer_host or ""),
    "landing": lambda seen: seen.source.landing_page,
}
_HOW: dict[str, Callable[[str, str], bool]] = {
    "is": lambda value, text: value == text,
    "starts": lambda value, text: value.startswith(text),
    "ends": lambda value, text: value.endswith(text),
    "contains": lambda value, text: text in value,
    "exists": lambda _value, _text: True,
}


def check_rule(rule: SourceRule) -> None:
    """Raises BadInput, with a hint for the person who wrote the rule, if it could never work as written."""
    if not rule.conditions:
        raise BadInput("The rule has no condition.", hint="Say which visits it is for; without one it would take all.")
    if len(rule.conditions) > _MOST_CONDITIONS:
        raise BadInput("The rule has too many conditions.", hint=f"At most {_MOST_CONDITIONS}: make two rules of it.")
    for condition in rule.conditions:
        _check_condition(condition)
    said = {"source": rule.set_source, "medium": rule.set_medium, "campaign": rule.set_campaign}
    for name, text in said.items():
        if text is not None and (not text.strip() or clean(text) != text.strip()):
            raise BadInput(
                f"The rule's {name} cannot be kept.",
                hint=f"1 to {LONGEST_TEXT} visible characters; leave it out to keep the {name} as it is.",
            )
    if rule.set_channel is None and not any(said.values()):
        raise BadInput("The rule changes nothing.", hint="Say a source, a medium, a campaign or a channel.")
    if rule.set_channel is Channel.OFFLINE:
        raise BadInput("No visit to a page is offline.", hint="That channel is for printed numbers; choose another.")


def _check_condition(condition: Condition) -> None:
    if _look_of(condition.of) is None:
        known = ", ".join(_LOOK)
        raise BadInput(f"No condition can be on {condition.of!r}.", hint=f"Choose one of {known} or {_PARAM}NAME.")
    if condition.how not in _HOW:
        raise BadInput(f"No condition can ask {condition.how!r}.", hint=f"Choose one of {', '.join(_HOW)}.")
    if condition.how != "exists" and not condition.text.strip():
        raise BadInput("A condition has no text to compare with.", hint="Write the text, or ask whether it exists.")
    if len(condition.text) > LONGEST_TEXT:
        raise BadInput("A condition's text is too long.", hint=f"At most {LONGEST_TEXT} characters.")


def _look_of(of: str) -> Callable[[Seen], str | None] | None:
    name = of.removeprefix(_PARAM)
    if name != of and name.strip():
        return lambda seen: parameter(seen.url, name.strip())
    return _LOOK.get(of)


def _test_of(condition: Condition) -> _Test | None:
    look = _look_of(condition.of)
    if look is None or condition.how not in _HOW:
        return None
    text = condition.text.strip().lower()
    if condition.of == "referrer" and condition.how in ("is", "starts"):
        text = bare_host(host_in(text) or text)
    return _Test(condition.of, look, _HOW[condition.how], text)


@lru_cache(maxsize=1_024)
def _compiled(home: Home) -> tuple[_Rule, ...]:
    """Rules with a condition that is none of ours, or with none at all, are left out: they never hold."""
    made: list[_Rule] = []
    for rule in home.rules:
        tests = tuple(test for condition in rule.conditions if (test := _test_of(condition)))
        if tests and len(tests) == len(rule.conditions):
            made.append(_Rule(tests, rule))
    return tuple(made)


def apply_rules(home: Home, found: Source, url: str, seller: Kind | None, network: str | None) -> Source:
    """The verdict as the company's first fitting rule leaves it.

    A channel that the rule does not name follows from the new source, medium and campaign. `seller` and `network` as
    `channel_of` has them.
    """
    rule = _first_that_holds(_compiled(home), Seen(found, url))
    if rule is None:
        return found
    source = _set(rule.set_source, found.source, lower=True)
    medium = _set(rule.set_medium, found.medium, lower=True)
    campaign = _set(rule.set_campaign, found.campaign, lower=False)
    channel = rule.set_channel or channel_of(source, medium, campaign, seller=seller, network=network)
    return msgspec.structs.replace(found, channel=channel, source=source, medium=medium, campaign=campaign)


def _first_that_holds(rules: tuple[_Rule, ...], seen: Seen) -> SourceRule | None:
    """Each value is looked at once, however many rules ask for it. What is not there fits no condition."""
    values: dict[str, str] = {}
    for tests, rule in rules:
        for of, look, compare, text in tests:
            value = values.get(of)
            if value is None:
                value = values[of] = (look(seen) or "").lower()
            if not value or not compare(value, text):
                break
        else:
            return rule
    return None


def _set(said: str | None, was: str | None, *, lower: bool) -> str | None:
    text = clean(said) if said else ""
    if not text:
        return was
    return text.lower()[:LONGEST_TEXT] if lower else text


@lru_cache(maxsize=1_024)
def rules_version(home: Home) -> str:
    """The version of the rules a verdict was given by: `2`, or `2+1c9fd0aa` where the company has a say of its own.

    The second part is drawn from the company's rules and ignored hosts: the same ones always give the same.
    """
    if not home.rules and not home.ignored:
        return RULES
    own = ascii((msgspec.to_builtins(home.rules), sorted(home.ignored)))
    return f"{RULES}+{blake2b(own.encode(), digest_size=4).hexdigest()}"
