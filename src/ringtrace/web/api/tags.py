"""Tags by rule, how a call can end, and what keys pressed after a call mean."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct
from ninja import Router

from ringtrace.core.clock import wall_clock
from ringtrace.qualification import TagRule, in_words, read_condition
from ringtrace.web.access import access_tag_rule, access_tag_rules, access_tags
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, company_of, own, user_of
from ringtrace.web.api.operations import READS, READS_CALLS, SETS, operation
from ringtrace.web.api.paging import USUAL, page_of
from ringtrace.web.api.params import Cursor, Id, Limit
from ringtrace.web.api.reading import Title, Word, one
from ringtrace.web.api.sites import Gone
from ringtrace.web.audit import say_about
from ringtrace.web.counting import do_add_tag_rule, do_remove_tag_rule
from ringtrace.web.edits import refresh
from ringtrace.web.models import Company, TagRuleRow
from ringtrace.web.review import MOST_DISPOSITIONS, MOST_KEYS, do_set_dispositions, do_set_keypad, spelling_of

router = Router(tags=["tags"])


class TagRuleBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Puts `tag` on every call that meets `condition` (docs/qualification.md), past ones too."""

    tag: Title
    condition: Any


class KeyMeaning(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """What a key pressed after a call does: a tag, a disposition, or both."""

    tag: Word = ""
    disposition: Word = ""


class DispositionsBody(Struct, frozen=True, forbid_unknown_fields=True):
    """All of them, in the order of the keys 1 to 9. Calls keep what was said of them."""

    dispositions: Annotated[tuple[Word, ...], Meta(max_length=MOST_DISPOSITIONS)]


class KeypadBody(Struct, frozen=True, forbid_unknown_fields=True):
    """All keys with a meaning: `{"keypad": {"1": {"tag": "vip"}}}`."""

    keypad: Annotated[dict[str, KeyMeaning], Meta(max_length=MOST_KEYS)]


class TagRuleOut(Struct, frozen=True, kw_only=True):
    """`words`: the condition, for people."""

    tag_rule_id: str
    tag: str
    condition: Any
    words: str
    made_at: str | None
    by: str | None


class TagRulePage(Struct, frozen=True, kw_only=True):
    tag_rules: list[TagRuleOut]
    next: str | None


class TagList(Struct, frozen=True):
    """Every tag in use, on calls or in rules."""

    tags: list[str]


class DispositionList(Struct, frozen=True):
    dispositions: list[str]


class Keypad(Struct, frozen=True):
    keypad: dict[str, KeyMeaning]


@operation(router, "GET /tags", "list_tags", "The tags in use", READS_CALLS, answers=TagList)
def tags(request: ApiRequest) -> TagList:
    return TagList(access_tags(user_of(request), company_of(request)))


@operation(
    router,
    "GET /tag-rules",
    "list_tag_rules",
    "Rules that tag calls, the newest first",
    READS,
    answers=TagRulePage,
    rows="tag_rules",
)
def rules(request: ApiRequest, cursor: Cursor = "", limit: Limit = USUAL) -> TagRulePage:
    company = company_of(request)
    found, following = page_of(access_tag_rules(user_of(request), company), "", cursor, limit)
    return TagRulePage(tag_rules=[_out(row, company) for row in found], next=following)


@operation(router, "POST /tag-rules", "make_tag_rule", "Tag calls by rule", SETS, body=TagRuleBody, answers=TagRuleOut)
def make(request: ApiRequest) -> TagRuleOut:
    company, body = company_of(request), one(request, TagRuleBody)
    rule = TagRule(tag=spelling_of(company, body.tag), condition=read_condition(body.condition))
    row = do_add_tag_rule(company, rule, wall_clock(), by=user_of(request))
    say_about(request, str(row.pk))
    return _out(row, company)


@operation(
    router, "DELETE /tag-rules/{tag_rule_id}", "remove_tag_rule", "Remove a rule that tags calls", SETS, answers=Gone
)
def remove(request: ApiRequest, tag_rule_id: Id) -> Gone:
    do_remove_tag_rule(own(request, access_tag_rule(user_of(request), tag_rule_id), "rule"))
    return Gone(tag_rule_id)


@operation(
    router,
    "GET /dispositions",
    "list_dispositions",
    "What a call can end as",
    READS_CALLS,
    answers=DispositionList,
)
def dispositions(request: ApiRequest) -> DispositionList:
    return DispositionList(company_of(request).dispositions)


@operation(
    router,
    "PUT /dispositions",
    "set_dispositions",
    "Say what a call can end as",
    SETS,
    body=DispositionsBody,
    answers=DispositionList,
)
def set_dispositions(request: ApiRequest) -> DispositionList:
    company, body = company_of(request), one(request, DispositionsBody)
    refresh(company)
    return DispositionList(do_set_dispositions(company, body.dispositions))


@operation(router, "GET /keypad", "look_at_keypad", "What keys pressed after a call mean", READS_CALLS, answers=Keypad)
def keypad(request: ApiRequest) -> Keypad:
    return _keypad(company_of(request).keypad)


@operation(
    router,
    "PUT /keypad",
    "set_keypad",
    "Say what keys pressed after a call mean",
    SETS,
    body=KeypadBody,
    answers=Keypad,
)
def set_keypad(request: ApiRequest) -> Keypad:
    company, body = company_of(request), one(request, KeypadBody)
    refresh(company)
    said = {keys: {"tag": each.tag, "disposition": each.disposition} for keys, each in body.keypad.items()}
    return _keypad(do_set_keypad(company, said))


def _keypad(stored: dict[str, dict[str, str]]) -> Keypad:
    return Keypad({keys: KeyMeaning(**meant) for keys, meant in stored.items()})


def _out(row: TagRuleRow, company: Company) -> TagRuleOut:
    return TagRuleOut(
        tag_rule_id=str(row.pk),
        tag=row.tag,
        condition=row.condition,
        words=in_words(read_condition(row.condition)),
        made_at=at(row.made_ms, company.zone),
        by=row.made_by.email if row.made_by else None,
    )
