"""Names of sources, media and campaigns, aligned across the systems that use them."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Count, QuerySet, Sum

from ringtrace.core.errors import BadInput
from ringtrace.intake.files.naming import Aligner, NameField, NameRule, Suggestion, fold_name, suggest
from ringtrace.web.models import Company, NameRuleRow, SpendRow, VisitRow
from ringtrace.web.months import mark_all_stale

MOST_RULES = 5_000
_LONGEST = 200


def aligner_of(company_id: str) -> Aligner:
    """The company's rules, ready to be asked."""
    return Aligner([as_rule(row) for row in NameRuleRow.objects.filter(company=company_id).order_by("pk")])


def as_rule(row: NameRuleRow) -> NameRule:
    return NameRule(field=NameField(row.field), said=row.said, means=row.means, system=row.system or None)


@transaction.atomic
def do_align(company: Company, rule: NameRule) -> NameRuleRow:
    """Where the rule's system says `said`, it means `means` from now on, and meant it before. Raises BadInput."""
    said, means = rule.said.strip(), rule.means.strip()
    if not said or not means or max(len(said), len(means)) > _LONGEST:
        raise BadInput("A naming rule needs two names.", hint=f"Each of 1 to {_LONGEST} characters.")
    if NameRuleRow.objects.filter(company=company).count() >= MOST_RULES:
        raise BadInput(f"There are {MOST_RULES} rules already.", hint="Remove those that are of no more use.")
    row, _ = NameRuleRow.objects.update_or_create(
        company=company,
        field=rule.field.value,
        key=fold_name(said),
        system=rule.system or "",
        defaults={"said": said, "means": means},
    )
    mark_all_stale(company)
    return row


@transaction.atomic
def do_remove_name_rule(row: NameRuleRow) -> None:
    row.delete()
    mark_all_stale(row.company)


def rules_of_company(company: Company) -> QuerySet[NameRuleRow]:
    return NameRuleRow.objects.filter(company=company).order_by("field", "said")


def campaign_names(company: Company) -> tuple[dict[str, int], dict[str, int]]:
    """Campaigns as spend names them with what they cost in cents, and as visits name them with how many: aligned."""
    names = aligner_of(company.pk)
    spent: dict[str, int] = {}
    rows = SpendRow.objects.filter(company=company).exclude(campaign="")
    for campaign, cents in rows.values_list("campaign").annotate(cents=Sum("cost_cents")):
        means = names.align(NameField.CAMPAIGN, campaign, "spend")
        spent[means] = spent.get(means, 0) + cents
    visited: dict[str, int] = {}
    visits = VisitRow.objects.filter(company=company).exclude(source__campaign=None)
    for campaign, count in visits.values_list("source__campaign").annotate(count=Count("pk")):
        means = names.align(NameField.CAMPAIGN, campaign, "web")
        visited[means] = visited.get(means, 0) + count
    return spent, visited


def unmatched_names(company: Company) -> tuple[list[tuple[str, int]], list[tuple[str, int]], list[Suggestion]]:
    """Campaigns with spend and no visit (with cents), with visits and no spend (with how many), the dearest and most
    frequent first; and what the first may be called in the second."""
    spent, visited = campaign_names(company)
    without_visits = sorted(((n, c) for n, c in spent.items() if n not in visited), key=lambda one: (-one[1], one[0]))
    without_spend = sorted(((n, c) for n, c in visited.items() if n not in spent), key=lambda one: (-one[1], one[0]))
    near = suggest([name for name, _ in without_visits], [name for name, _ in without_spend])
    return without_visits, without_spend, near
