"""A company's own source rules, in their order, and history read again by them."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType
from ninja import Router

from ringtrace.core.clock import wall_clock
from ringtrace.core.sources import Channel, SourceRule
from ringtrace.core.sources import Condition as SourceCondition
from ringtrace.web.access import (
    access_reclassifications,
    access_source_rule,
    access_source_rules,
    access_visits,
)
from ringtrace.web.api.answers import at
from ringtrace.web.api.bearing import ApiRequest, company_of, own, user_of
from ringtrace.web.api.operations import READS, SETS, operation
from ringtrace.web.api.paging import USUAL, page_of
from ringtrace.web.api.params import Cursor, Id, Limit
from ringtrace.web.api.reading import Name, Title, one, or_else
from ringtrace.web.api.sites import Gone
from ringtrace.web.audit import leave_out, say_about
from ringtrace.web.directory import rule_of
from ringtrace.web.edits import refresh
from ringtrace.web.forms.source_rules import in_words
from ringtrace.web.models import Company, Reclassification, SourceRuleRow
from ringtrace.web.source_rules import do_ask_reclassification, do_move_rule, do_remove_rule, do_save_rule, draft_of
from ringtrace.web.verdicts import TRIED_VISITS, Trial, fingerprint, try_rules

router = Router(tags=["source rules"])
_STEPS = {"up": -1, "down": 1}


class ConditionBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`of`: source, medium, campaign, keyword, content, referrer, landing, or `param:NAME`."""

    of: Annotated[str, Meta(min_length=1, max_length=120)]
    how: Literal["is", "starts", "ends", "contains", "exists"] = "is"
    text: Annotated[str, Meta(max_length=500)] = ""


Conditions = Annotated[tuple[ConditionBody, ...], Meta(min_length=1, max_length=5)]


class RuleBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where all conditions hold, what is set replaces the verdict. What is left out stays as it is; null: unset."""

    name: Title | UnsetType = UNSET
    conditions: Conditions | UnsetType = UNSET
    set_channel: Channel | UnsetType | None = UNSET
    set_source: Name | UnsetType | None = UNSET
    set_medium: Name | UnsetType | None = UNSET
    set_campaign: Name | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET


class NewRuleBody(RuleBody, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: Title
    conditions: Conditions


class MoveBody(Struct, frozen=True, forbid_unknown_fields=True):
    """One place `up` or `down`."""

    step: Literal["up", "down"]


class RuleOut(Struct, frozen=True, kw_only=True):
    """`words`: its conditions, for people. Rules are asked in the order of `place`."""

    rule_id: str
    place: int
    name: str
    conditions: tuple[ConditionBody, ...]
    words: str
    set_channel: str | None
    set_source: str | None
    set_medium: str | None
    set_campaign: str | None
    enabled: bool


class RuleList(Struct, frozen=True):
    rules: list[RuleOut]


class WalkOut(Struct, frozen=True, kw_only=True):
    """History being read again. `is_current` false: the rules have changed since."""

    asked_at: str | None
    done: int
    total: int
    changed: int
    finished_at: str | None
    is_current: bool


class WalkPage(Struct, frozen=True, kw_only=True):
    reclassifications: list[WalkOut]
    next: str | None


@operation(
    router,
    "GET /source-rules",
    "list_source_rules",
    "Source rules in their order",
    READS,
    answers=RuleList,
    rows="rules",
)
def listed(request: ApiRequest) -> RuleList:
    return RuleList([_out(row) for row in access_source_rules(user_of(request), company_of(request))])


@operation(
    router,
    "POST /source-rules",
    "make_source_rule",
    "Make a rule, after all others",
    SETS,
    body=NewRuleBody,
    answers=RuleOut,
)
def make(request: ApiRequest) -> RuleOut:
    body = one(request, NewRuleBody)
    row = do_save_rule(company_of(request), body.name.strip(), _rule(body), enabled=or_else(body.enabled, there=True))
    say_about(request, row.pk)
    return _out(row)


@operation(
    router,
    "POST /source-rules/try",
    "try_source_rule",
    "What a rule would change of recent visits; changes nothing",
    SETS,
    body=NewRuleBody,
    answers=Trial,
)
def tried(request: ApiRequest) -> Trial:
    leave_out(request)
    company, body = company_of(request), one(request, NewRuleBody)
    visits = access_visits(user_of(request), company)[:TRIED_VISITS]
    return try_rules(company, draft_of(company, _rule(body)), visits)


@operation(
    router,
    "PATCH /source-rules/{rule_id}",
    "change_source_rule",
    "Change a rule where it stands",
    SETS,
    body=RuleBody,
    answers=RuleOut,
)
def change(request: ApiRequest, rule_id: Id) -> RuleOut:
    row, body = _row(request, rule_id), one(request, RuleBody)
    refresh(row)
    name, enabled = or_else(body.name, row.name).strip(), or_else(body.enabled, row.enabled)
    return _out(do_save_rule(company_of(request), name, _rule(body, row), enabled=enabled, row=row))


@operation(
    router,
    "POST /source-rules/{rule_id}/move",
    "move_source_rule",
    "Move a rule one place",
    SETS,
    body=MoveBody,
    answers=RuleList,
)
def move(request: ApiRequest, rule_id: Id) -> RuleList:
    do_move_rule(_row(request, rule_id), _STEPS[one(request, MoveBody).step])
    return listed(request)


@operation(router, "DELETE /source-rules/{rule_id}", "remove_source_rule", "Remove a rule", SETS, answers=Gone)
def remove(request: ApiRequest, rule_id: Id) -> Gone:
    do_remove_rule(_row(request, rule_id))
    return Gone(rule_id)


@operation(
    router,
    "GET /reclassifications",
    "list_reclassifications",
    "How far history was read again by the rules, the newest first",
    READS,
    answers=WalkPage,
    rows="reclassifications",
)
def walks(request: ApiRequest, cursor: Cursor = "", limit: Limit = USUAL) -> WalkPage:
    company = company_of(request)
    found, following = page_of(access_reclassifications(user_of(request), company), "", cursor, limit)
    return WalkPage(reclassifications=_walks(company, found), next=following)


@operation(
    router,
    "POST /reclassifications",
    "reclassify",
    "Have history read again by the rules of now",
    SETS,
    answers=WalkOut,
)
def again(request: ApiRequest) -> WalkOut:
    company = company_of(request)
    return _walks(company, [do_ask_reclassification(company, wall_clock())])[0]


def _row(request: ApiRequest, rule_id: str) -> SourceRuleRow:
    return own(request, access_source_rule(user_of(request), rule_id), "rule")


def _rule(body: RuleBody, row: SourceRuleRow | None = None) -> SourceRule:
    there = rule_of(row) if row else SourceRule(rule_id="new", conditions=())
    said = () if body.conditions is UNSET else body.conditions
    conditions = tuple(SourceCondition(of=each.of, how=each.how, text=each.text) for each in said)
    return SourceRule(
        rule_id=there.rule_id,
        conditions=conditions or there.conditions,
        set_source=or_else(body.set_source, there.set_source) or None,
        set_medium=or_else(body.set_medium, there.set_medium) or None,
        set_campaign=or_else(body.set_campaign, there.set_campaign) or None,
        set_channel=or_else(body.set_channel, there.set_channel),
    )


def _out(row: SourceRuleRow) -> RuleOut:
    rule = rule_of(row)
    return RuleOut(
        rule_id=row.pk,
        place=row.place,
        name=row.name,
        conditions=tuple(ConditionBody(of=each.of, how=each.how, text=each.text) for each in rule.conditions),
        words=in_words(rule),
        set_channel=rule.set_channel,
        set_source=rule.set_source,
        set_medium=rule.set_medium,
        set_campaign=rule.set_campaign,
        enabled=row.enabled,
    )


def _walks(company: Company, rows: list[Reclassification]) -> list[WalkOut]:
    now = fingerprint(company)
    return [
        WalkOut(
            asked_at=at(row.asked_ms, company.zone),
            done=row.done,
            total=row.total,
            changed=row.changed,
            finished_at=at(row.finished_ms, company.zone),
            is_current=row.finished_ms is None or row.rules == now,
        )
        for row in rows
    ]
