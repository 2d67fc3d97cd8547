"""What came in by file, what of it matched nothing, and the names that systems have for the same campaign."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from msgspec import Struct

from ringtrace.intake.files.naming import NameField, NameRule
from ringtrace.web import access
from ringtrace.web.gate import CompanyRequest, for_company, for_row
from ringtrace.web.models import ImportRun, NameRuleRow
from ringtrace.web.naming import do_align, do_remove_name_rule, unmatched_names
from ringtrace.web.outcomes import MISSES, Miss

_MOST_RUNS = 100
_MOST_MISSES = 50
_MOST_NAMES = 200
_for_name_rule = for_row(access.access_name_rule, "name_rule_id")


class MissLine(Struct, frozen=True, kw_only=True):
    why: str
    count: int


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    """The runs, and outcomes that matched nothing by why."""
    missed = access.access_misses(request.user, request.company)
    by_why = missed.order_by().values_list("miss").annotate(count=Count("pk")).order_by("-count")
    runs = access.access_imports(request.user, request.company).exclude(file_name="")
    newest = [(row, _why(row.miss)) for row in missed[:_MOST_MISSES]]
    context = {
        "runs": list[ImportRun](runs.select_related("by")[:_MOST_RUNS]),
        "misses": [MissLine(why=_why(miss), count=count) for miss, count in by_why],
        "newest": newest,
    }
    return render(request, "web/imports.html", context)


def _why(miss: str) -> str:
    return MISSES[Miss(miss)] if miss in tuple(Miss) else miss


@for_company
@require_safe
def names(request: CompanyRequest) -> HttpResponse:
    spent, visited, near = unmatched_names(request.company)
    context = {
        "rules": access.access_name_rules(request.user, request.company),
        "spent": spent[:_MOST_NAMES],
        "visited": visited[:_MOST_NAMES],
        "near": near[:_MOST_NAMES],
        "visited_names": [name for name, _ in visited[:_MOST_NAMES]],
    }
    return render(request, "web/import_names.html", context)


@for_company
@require_POST
def align(request: CompanyRequest) -> HttpResponse:
    """What spend calls one thing means another from now on."""
    rule = NameRule(
        field=NameField.CAMPAIGN, said=request.POST.get("said", "")[:300], means=request.POST.get("means", "")[:300]
    )
    row = do_align(request.company, rule)
    messages.success(request, f"{row.said} is {row.means} from now on, and was before.")
    return redirect("names")


@_for_name_rule
@require_POST
def remove(request: CompanyRequest, row: NameRuleRow) -> HttpResponse:
    do_remove_name_rule(row)
    messages.success(request, f"{row.said} is {row.said} again.")
    return redirect("names")
