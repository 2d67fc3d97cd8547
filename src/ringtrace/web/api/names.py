"""Names: the rules that align sources, media and campaigns, and what they leave unmatched."""

from __future__ import annotations

from django.http import HttpResponse
from msgspec import Struct
from ninja import Router

from ringtrace.intake.files.naming import NameField, NameRule, Suggestion
from ringtrace.web.api.answers import answer
from ringtrace.web.api.bearing import ApiRequest, check_may_write, company_of
from ringtrace.web.api.describing import described
from ringtrace.web.api.reading import Name, Word, one
from ringtrace.web.models import NameRuleRow
from ringtrace.web.naming import do_align, rules_of_company, unmatched_names

router = Router(tags=["names"])


class NameBody(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where `system` (any, without it) says `said`, it means `means`. The same `said` again replaces."""

    field: NameField
    said: Name
    means: Name
    system: Word | None = None


class NameOut(Struct, frozen=True, kw_only=True):
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


@router.get("/names", **described("list_names", "Naming rules, and what is unmatched", answers=NameList))
def listed(request: ApiRequest) -> HttpResponse:
    company = company_of(request)
    spent, visited, near = unmatched_names(company)
    return answer(
        NameList(
            rules=[_out(row) for row in rules_of_company(company)],
            spend_without_visits=[
                SpendName(campaign=name, cost_cents=cents, currency=company.currency) for name, cents in spent
            ],
            visits_without_spend=[VisitName(campaign=name, visits=count) for name, count in visited],
            suggestions=near,
        )
    )


@router.post("/names", **described("align_names", "Say what a name means", body=NameBody, answers=NameOut))
def align(request: ApiRequest) -> HttpResponse:
    company = check_may_write(request)
    body = one(request, NameBody)
    rule = NameRule(field=body.field, said=body.said, means=body.means, system=body.system)
    return answer(_out(do_align(company, rule)))


def _out(row: NameRuleRow) -> NameOut:
    return NameOut(field=row.field, said=row.said, means=row.means, system=row.system or None)
