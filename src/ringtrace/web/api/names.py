"""Names: the rules that align sources, media and campaigns, and what they leave unmatched."""

from __future__ import annotations

from msgspec import Struct
from ninja import Router

from ringtrace.intake.files.naming import NameField, NameRule, Suggestion
from ringtrace.web.access import access_name_rule
from ringtrace.web.api.bearing import ApiRequest, company_of, own, user_of
from ringtrace.web.api.operations import READS, TELLS_SPEND, operation
from ringtrace.web.api.params import Id
from ringtrace.web.api.reading import Name, Word, one
from ringtrace.web.api.sites import Gone
from ringtrace.web.audit import say_about
from ringtrace.web.models import NameRuleRow
from ringtrace.web.naming import do_align, do_remove_name_rule, rules_of_company, unmatched_names

router = Router(tags=["names"])


class NameBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where `system` (any, without it) says `said`, it means `means`. The same `said` again replaces."""

    field: NameField
    said: Name
    means: Name
    system: Word | None = None


class NameOut(Struct, frozen=True, kw_only=True):
    name_rule_id: str
    field: str
    said: str
    means: str
    system: str | None


class SpendName(Struct, frozen=True, kw_only=True):
    """A campaign that cost something and that no visit names."""

    campaign: str
    cost_cents: int
    currency: str


class VisitName(Struct, frozen=True, kw_only=True):
    """A campaign that visits name and no spend does."""

    campaign: str
    visits: int


class NameList(Struct, frozen=True, kw_only=True):
    """`suggestions`: what a campaign with spend may be called in visits; nothing follows from them by itself."""

    rules: list[NameOut]
    spend_without_visits: list[SpendName]
    visits_without_spend: list[VisitName]
    suggestions: list[Suggestion]


@operation(router, "GET /names", "list_names", "Naming rules, and what is unmatched", READS, answers=NameList)
def listed(request: ApiRequest) -> NameList:
    company = company_of(request)
    spent, visited, near = unmatched_names(company)
    return NameList(
        rules=[_out(row) for row in rules_of_company(company)],
        spend_without_visits=[
            SpendName(campaign=name, cost_cents=cents, currency=company.currency) for name, cents in spent
        ],
        visits_without_spend=[VisitName(campaign=name, visits=count) for name, count in visited],
        suggestions=near,
    )


@operation(router, "POST /names", "align_names", "Say what a name means", TELLS_SPEND, body=NameBody, answers=NameOut)
def align(request: ApiRequest) -> NameOut:
    company, body = company_of(request), one(request, NameBody)
    rule = NameRule(field=body.field, said=body.said, means=body.means, system=body.system)
    row = do_align(company, rule)
    say_about(request, str(row.pk))
    return _out(row)


@operation(router, "DELETE /names/{name_rule_id}", "remove_name", "Take a naming rule back", TELLS_SPEND, answers=Gone)
def remove(request: ApiRequest, name_rule_id: Id) -> Gone:
    do_remove_name_rule(own(request, access_name_rule(user_of(request), name_rule_id), "rule"))
    return Gone(name_rule_id)


def _out(row: NameRuleRow) -> NameOut:
    return NameOut(name_rule_id=str(row.pk), field=row.field, said=row.said, means=row.means, system=row.system or None)
