"""The company's source rules: listed, tried on recent visits, saved, and history read again by them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from msgspec import Struct

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.sources import SourceRule
from ringtrace.web import access, edits
from ringtrace.web.directory import rule_of
from ringtrace.web.forms.reading import refuse
from ringtrace.web.forms.source_rules import RuleForm, in_words
from ringtrace.web.gate import CompanyRequest, for_company, for_row, looks_unless
from ringtrace.web.models import Reclassification, SourceRuleRow
from ringtrace.web.source_rules import (
    do_ask_reclassification,
    do_move_rule,
    do_remove_rule,
    do_save_rule,
    draft_of,
)
from ringtrace.web.verdicts import TRIED_VISITS, Trial, fingerprint, try_rules

_STEPS = {"up": -1, "down": 1}
_for_rule = for_row(access.access_source_rule, "rule_id")


class RuleLine(Struct, frozen=True, kw_only=True):
    row: Any
    rule: SourceRule
    words: str


class Walk(Struct, frozen=True, kw_only=True):
    """How the last reading of history stands. `is_current` False: the rules have changed since."""

    done: int
    total: int
    changed: int
    finished_ms: int | None
    is_current: bool

    @property
    def share(self) -> float:
        return min(1.0, self.done / self.total) if self.total else 0.0


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    rows = access.access_source_rules(request.user, request.company)
    lines = [RuleLine(row=row, rule=(rule := rule_of(row)), words=in_words(rule)) for row in rows]
    context = {"lines": lines, "walk": _walk(request)}
    return render(request, "web/source_rules.html", context)


@for_company
@looks_unless("save")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: CompanyRequest) -> HttpResponse:
    return _edit(request, None)


@_for_rule
@looks_unless("save")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: CompanyRequest, row: SourceRuleRow) -> HttpResponse:
    return _edit(request, row)


@_for_rule
@require_POST
def remove(request: CompanyRequest, row: SourceRuleRow) -> HttpResponse:
    do_remove_rule(row)
    messages.success(request, gettext("Rule removed. What it said of visits stays until history is classified again."))
    return redirect("settings_sources")


@_for_rule
@require_POST
def move(request: CompanyRequest, row: SourceRuleRow) -> HttpResponse:
    step = _STEPS.get(request.POST.get("what", ""))
    if step is None:
        raise BadInput("It was not said where to move the rule.", hint="Choose by the arrows.")
    do_move_rule(row, step)
    return redirect("settings_sources")


@for_company
@require_POST
def again(request: CompanyRequest) -> HttpResponse:
    do_ask_reclassification(request.company, wall_clock())
    return redirect("settings_sources")


@for_company
@require_safe
def progress(request: CompanyRequest) -> HttpResponse:
    return render(request, "web/parts/walk.html", {"walk": _walk(request)})


def _edit(request: CompanyRequest, row: SourceRuleRow | None) -> HttpResponse:
    """Saves only what was asked to be saved; anything else posted is tried, and changes nothing."""
    form = RuleForm(request.POST or None, row=row)
    trial = None
    if form.is_valid():
        if request.POST.get("what") != "save":
            trial = _try(request, form)
        elif row and (clash := edits.find_clash(request, row, form, lambda: RuleForm(row=row))):
            return edits.show_clash(request, clash, title=f"“{row.name}”", back=reverse("source_rule", args=[row.pk]))
        elif _save(request, form, row):
            messages.success(request, gettext("Rule saved. New visits are read by it within seconds."))
            return redirect("settings_sources")
    context = {"form": form, "row": row, "trial": trial, "tried": TRIED_VISITS}
    status = 422 if form.is_bound and trial is None else 200
    return render(request, "web/source_rule.html", context, status=status)


def _save(request: CompanyRequest, form: RuleForm, row: SourceRuleRow | None) -> bool:
    cleaned = form.cleaned_data
    try:
        do_save_rule(request.company, cleaned["name"], form.rule, enabled=cleaned["enabled"], row=row)
    except BadInput as error:
        refuse(form, error)
        return False
    return True


def _try(request: CompanyRequest, form: RuleForm) -> Trial:
    visits = access.access_visits(request.user, request.company)[:TRIED_VISITS]
    return try_rules(request.company, draft_of(request.company, form.rule), visits)


def _walk(request: CompanyRequest) -> Walk | None:
    found: Reclassification | None = access.access_reclassifications(request.user, request.company).first()
    if found is None:
        return None
    return Walk(
        done=found.done,
        total=found.total,
        changed=found.changed,
        finished_ms=found.finished_ms,
        is_current=found.finished_ms is None or found.rules == fingerprint(request.company),
    )
