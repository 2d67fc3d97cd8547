"""How a call stands: its tags and where each came from, and which definitions let it count, and if not, why not."""

from __future__ import annotations

from django.conf import settings
from msgspec import Struct

from ringtrace.core.errors import BadInput
from ringtrace.privacy.keys import caller_purpose
from ringtrace.qualification import (
    FIELDS,
    All,
    Condition,
    Traits,
    fields_of,
    in_words,
    meets,
    read_condition,
    tag_key,
)
from ringtrace.web.counting import definitions_of, main_definition, tag_rules_of
from ringtrace.web.models import CallRow, CallTag, TagRuleRow
from ringtrace.web.traits import known_calls

_BY_WORDS = {"hand": "by hand", "keypad": "by keypad", "import": "imported", "api": "by a program"}


class TagLine(Struct, frozen=True, kw_only=True):
    """`how` says where it comes from. One that is `by_rule` cannot be taken off by hand."""

    tag: str
    how: str
    by_rule: bool = False


class Standing(Struct, frozen=True, kw_only=True):
    """`lacking`: what the call would have to be, in words; `unknown`: which of its facts nobody knows."""

    title: str
    label: str
    words: str
    is_main: bool
    meets: bool
    lacking: str = ""
    unknown: tuple[str, ...] = ()


def traits_of(call: CallRow) -> Traits:
    """What is known of a call, tags by rule among it."""
    rules = tag_rules_of(call.company_id)
    return next(known_calls(CallRow.objects.filter(pk=call.pk), rules)).traits


def tags_of(call: CallRow, traits: Traits) -> list[TagLine]:
    """What somebody put there first, then what rules put."""
    put = list(CallTag.objects.filter(call=call).select_related("user").order_by("pk"))
    lines = [TagLine(tag=row.tag, how=_how(row)) for row in put]
    seen = {row.key for row in put}
    for rule in TagRuleRow.objects.filter(company=call.company_id).order_by("pk"):
        condition = read_condition(rule.condition)
        if tag_key(rule.tag) not in seen and meets(condition, traits):
            seen.add(tag_key(rule.tag))
            lines.append(TagLine(tag=rule.tag, how=f"by rule: {in_words(condition)}", by_rule=True))
    return lines


def _how(row: CallTag) -> str:
    words = _BY_WORDS[row.by]
    return f"{words}, {row.user}" if row.user else words


def standings(call: CallRow, traits: Traits) -> list[Standing]:
    """By each of the company's definitions, the main one first."""
    main = main_definition(call.company_id)
    return [
        _standing(one.title, one.label, one.condition, traits, is_main=one.name == main.name)
        for one in definitions_of(call.company_id)
    ]


def _standing(title: str, label: str, condition: Condition, traits: Traits, *, is_main: bool) -> Standing:
    does = meets(condition, traits)
    missed = () if does else unmet(condition, traits)
    asked = sorted({name for part in missed for name in fields_of(part) if getattr(traits, name) is None})
    return Standing(
        title=title,
        label=label,
        words=in_words(condition),
        is_main=is_main,
        meets=does,
        lacking=in_words(All(missed)) if missed else "",
        unknown=tuple(FIELDS[name].title.lower() for name in asked),
    )


def unmet(condition: Condition, traits: Traits) -> tuple[Condition, ...]:
    """The parts that keep it from being met, as small as they can be said."""
    if isinstance(condition, All):
        return tuple(part for one in condition.parts for part in unmet(one, traits))
    return () if meets(condition, traits) else (condition,)


def caller_name(call: CallRow, *, may_see: bool) -> str | None:
    """The caller's name for those who may see callers; None where it is unknown, or not theirs to see."""
    if call.name_sealed is None or not may_see:
        return None
    try:
        return str(settings.KEYS.unseal(call.name_sealed, caller_purpose(call.company_id)))
    except BadInput:  # the key this was sealed with is gone
        return None
