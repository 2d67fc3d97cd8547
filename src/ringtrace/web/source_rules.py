"""A company's own source rules: what people can do with them. `check_*` validates, `do_*` writes."""

from __future__ import annotations

import msgspec
from django.db import transaction
from django.db.models import Max

from ringtrace.core.errors import BadInput
from ringtrace.core.sources import SourceRule
from ringtrace.sources import check_rule
from ringtrace.web.directory import publish_after_commit, rule_of
from ringtrace.web.models import Company, Reclassification, SourceRuleRow

_MOST_RULES = 100  # the edge asks every one of them at each visit


def draft_of(company: Company, rule: SourceRule) -> tuple[SourceRule, ...]:
    """The rules as they would be with this one saved and in force: in its place, or after all others."""
    rows = list(SourceRuleRow.objects.filter(company=company).order_by("place", "rule_id"))
    in_order = [
        rule if row.pk == rule.rule_id else rule_of(row) for row in rows if row.enabled or row.pk == rule.rule_id
    ]
    is_new = all(row.pk != rule.rule_id for row in rows)
    return (*in_order, rule) if is_new else tuple(in_order)


@transaction.atomic
def do_save_rule(
    company: Company, name: str, rule: SourceRule, *, enabled: bool = True, row: SourceRuleRow | None = None
) -> SourceRuleRow:
    """A new rule after all others, or `row` changed where it stands. Raises BadInput."""
    check_rule(rule)
    rows = SourceRuleRow.objects.filter(company=company)
    if row is None:
        if rows.count() >= _MOST_RULES:
            raise BadInput(f"There are {_MOST_RULES} rules already.", hint="Remove one, or join two into one.")
        last = rows.aggregate(last=Max("place"))["last"]
        row = SourceRuleRow(company=company, place=0 if last is None else last + 1)
    row.name = name
    row.conditions = msgspec.to_builtins(rule.conditions)
    row.set_source = rule.set_source or ""
    row.set_medium = rule.set_medium or ""
    row.set_campaign = rule.set_campaign or ""
    row.set_channel = rule.set_channel or ""
    row.enabled = enabled
    row.save()
    publish_after_commit()
    return row


@transaction.atomic
def do_remove_rule(row: SourceRuleRow) -> None:
    row.delete()
    publish_after_commit()


@transaction.atomic
def do_move_rule(row: SourceRuleRow, step: int) -> None:
    """One place up (-1) or down (1); at the end of the list nothing happens."""
    rows = list(SourceRuleRow.objects.filter(company=row.company).order_by("place", "rule_id"))
    at = [each.pk for each in rows].index(row.pk)
    to = min(max(at + step, 0), len(rows) - 1)
    rows.insert(to, rows.pop(at))
    for place, each in enumerate(rows):
        each.place = place
    SourceRuleRow.objects.bulk_update(rows, ["place"])
    publish_after_commit()


@transaction.atomic
def do_ask_reclassification(company: Company, now_ms: int, since_ms: int | None = None) -> Reclassification:
    """Asks the worker to read the company's history again. A walk under way goes on; asked for more, it begins anew."""
    walk = Reclassification.objects.select_for_update().filter(company=company, finished_ms=None).first()
    if walk is None:
        return Reclassification.objects.create(company=company, since_ms=since_ms, asked_ms=now_ms)
    if walk.since_ms is not None and (since_ms is None or since_ms < walk.since_ms):
        walk.since_ms = since_ms
        walk.rules = ""
        walk.save(update_fields=["since_ms", "rules"])
    return walk
