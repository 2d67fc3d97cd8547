"""What counts, by name and version, and the rules that tag calls. A version never changes; a change is a new one."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.qualification.conditions import All, Condition, Leaf, Not, Traits, as_data, fields_of, meets
from ringtrace.qualification.fields import Operator
from ringtrace.qualification.reading import read_condition
from ringtrace.qualification.tags import check_tag, is_printed, tag_key

LONGEST_TITLE = 80
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_LABEL = re.compile(r"([a-z][a-z0-9_]{0,39})-([1-9][0-9]{0,8})\Z")
_CIRCULAR = frozenset({"tags", "outcomes"})


class Definition(Struct, frozen=True, kw_only=True):
    """One version of what counts. `name` is a slug, `version` counts from 1, `title` is for people."""

    name: str
    title: str
    condition: Condition
    version: int = 1

    @property
    def label(self) -> str:
        """`qualified-1`: what the lake writes beside each conversion it lets count."""
        return f"{self.name}-{self.version}"


class TagRule(Struct, frozen=True, kw_only=True):
    """Calls that meet `condition` get `tag`."""

    tag: str
    condition: Condition


def read_label(label: str) -> tuple[str, int]:
    """Name and version of `qualified-1`. Raises BadInput."""
    found = _LABEL.match(label)
    if found is None:
        raise BadInput(f"{label[:60]!r} is not a version of a definition.", hint="Such as qualified-1.")
    return found[1], int(found[2])


def check_definition(definition: Definition) -> Definition:
    """The definition with title trimmed and condition canonical. Raises BadInput."""
    if not _NAME.match(definition.name):
        hint = "1 to 40 small letters, digits and underscores, a letter first."
        raise BadInput(f"{definition.name[:60]!r} cannot name a definition.", hint=hint)
    read_label(definition.label)
    title = definition.title.strip()
    if not 1 <= len(title) <= LONGEST_TITLE or not is_printed(title):
        raise BadInput("A definition has a title.", hint=f"1 to {LONGEST_TITLE} characters on one line.")
    condition = read_condition(as_data(definition.condition))
    return Definition(name=definition.name, version=definition.version, title=title, condition=condition)


def check_tag_rule(rule: TagRule) -> TagRule:
    """The rule with its tag's name and condition canonical. Raises BadInput; a rule asks neither tags nor outcomes."""
    condition = read_condition(as_data(rule.condition))
    circular = sorted(fields_of(condition) & _CIRCULAR)
    if circular:
        hint = "Tags and outcomes come after the rules; ask the call's own facts."
        raise BadInput(f"A rule that tags calls cannot ask for {' or '.join(circular)}.", hint=hint)
    return TagRule(tag=check_tag(rule.tag), condition=condition)


def tags_by_rule(rules: Iterable[TagRule], traits: Traits) -> tuple[str, ...]:
    """The tags that the rules give, sorted; of those that differ in case alone the first rule's."""
    given: dict[str, str] = {}
    for rule in rules:
        if meets(rule.condition, traits):
            given.setdefault(tag_key(rule.tag), rule.tag)
    return tuple(sorted(given.values()))


_ANSWERED = Leaf("status", Operator.IS, ("answered",))
_CALL = Leaf("kind", Operator.IS, ("call",))
_NOT_SPAM = Not(Leaf("is_spam", Operator.IS, True))
_BETTER = tuple(sorted(set(OutcomeKind) - {OutcomeKind.NO_SHOW, OutcomeKind.REFUND}))


def _talked(secs: int) -> Leaf:
    return Leaf("talk_secs", Operator.AT_LEAST, secs)


def _starter(name: str, title: str, condition: Condition) -> Definition:
    return Definition(name=name, title=title, condition=condition)


def _has(*kinds: str) -> Leaf:
    return Leaf("outcomes", Operator.HAS, kinds)


DEFAULT = _starter("qualified", "Qualified", _ANSWERED)
STARTERS: tuple[Definition, ...] = (
    DEFAULT,
    _starter("talked_a_minute", "Answered, a minute or more", All((_ANSWERED, _talked(60), _NOT_SPAM))),
    _starter("first_time", "First-time callers", All((_ANSWERED, Leaf("is_first_call", Operator.IS, True), _NOT_SPAM))),
    _starter(
        "new_in_90_days",
        "First call in 90 days, 30 seconds or more",
        All((_ANSWERED, _talked(30), Leaf("since_last_secs", Operator.FIRST_IN_DAYS, 90), _NOT_SPAM)),
    ),
    _starter("not_spam", "Every call but spam", All((_CALL, _NOT_SPAM))),
    _starter("lead_or_better", "Lead or better", _has(*(kind.value for kind in _BETTER))),
    _starter("sold", "Sale", _has(OutcomeKind.SALE.value)),
)
