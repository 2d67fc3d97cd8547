"""Tags by rule, how a call can end, and what keys pressed after a call mean."""

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
from ringtrace.qualification import Any as AnyOf
from ringtrace.qualification import (
    Condition,
    Leaf,
    Operator,
    TagRule,
    check_tag,
    check_tag_rule,
    in_words,
    read_condition,
)
from ringtrace.reports.what_would_change import how_many_meet, what_would_change
from ringtrace.web import access, edits
from ringtrace.web.counting import do_add_tag_rule, do_remove_tag_rule
from ringtrace.web.forms.conditions import Editor
from ringtrace.web.forms.definitions import DispositionsForm, KeypadForm, TagRuleForm
from ringtrace.web.forms.reading import refuse, words_of
from ringtrace.web.gate import CompanyRequest, for_company, for_row, looks_only, looks_unless
from ringtrace.web.models import TagRuleRow
from ringtrace.web.pages.definitions import (
    COUNTED_DAYS,
    Count,
    counted_scope,
    editor_context,
    examples_of,
    switched,
)
from ringtrace.web.review import do_set_dispositions, do_set_keypad, spelling_of

_NOBODY = AnyOf()
_for_tag_rule = for_row(access.access_tag_rule, "tag_rule_id")


class TagRuleLine(Struct, frozen=True, kw_only=True):
    row: Any
    words: str
    met: int


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    return _render(request)


@for_company
@require_POST
def dispositions(request: CompanyRequest) -> HttpResponse:
    form = DispositionsForm(request.POST)
    if form.is_valid():
        clash = edits.find_clash(request, request.company, form, lambda: _dispositions_form(request))
        if clash is not None:
            return edits.show_clash(request, clash, title="The list of dispositions", back=reverse("tags"))
        try:
            do_set_dispositions(request.company, form.texts)
        except BadInput as error:
            refuse(form, error, "dispositions")
        else:
            messages.success(request, gettext("Dispositions saved."))
            return redirect("tags")
    return _render(request, dispositions_form=form, status=422)


@for_company
@require_POST
def keypad(request: CompanyRequest) -> HttpResponse:
    form = _keypad_form(request, request.POST)
    if form.is_valid():
        clash = edits.find_clash(request, request.company, form, lambda: _keypad_form(request))
        if clash is not None:
            return edits.show_clash(request, clash, title="What keys mean", back=reverse("tags"))
        try:
            do_set_keypad(request.company, form.mapping)
        except BadInput as error:
            refuse(form, error)
        else:
            messages.success(request, gettext("Keys saved."))
            return redirect("tags")
    return _render(request, keypad_form=form, status=422)


@for_company
@looks_unless("save")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: CompanyRequest) -> HttpResponse:
    """Saves only what was asked to be saved; anything else posted is shown again, and changes nothing."""
    posted, what = request.method == "POST", request.POST.get("what", "")
    form = TagRuleForm(request.POST if posted else None)
    editor = Editor.posted(request.POST, needs_one=True) if posted else Editor.of(None)
    editor = switched(editor, what)
    if what == "save" and _save(request, form, editor.condition):
        return redirect("tags")
    context = {
        "form": form,
        "editor": editor,
        "counted": _count(request, editor) if posted else None,
        "days": COUNTED_DAYS,
        "for_tags": True,
        **editor_context(request, without=frozenset({"tags", "outcomes"})),
    }
    return render(request, "web/tag_rule.html", context, status=422 if what == "save" else 200)


@for_company
@looks_only
@require_POST
def count(request: CompanyRequest) -> HttpResponse:
    """What stands under the editor while somebody edits."""
    editor = Editor.posted(request.POST, needs_one=True)
    context = {"editor": editor, "counted": _count(request, editor), "days": COUNTED_DAYS, "for_tags": True}
    return render(request, "web/parts/change_count.html", context)


@_for_tag_rule
@require_POST
def remove(request: CompanyRequest, row: TagRuleRow) -> HttpResponse:
    do_remove_tag_rule(row)
    messages.success(
        request, f"The rule is removed. Calls it tagged “{row.tag}” lose the tag, unless it was put by hand."
    )
    return redirect("tags")


def _save(request: CompanyRequest, form: TagRuleForm, condition: Condition | None) -> bool:
    if not form.is_valid() or condition is None:
        return False
    try:
        tag = spelling_of(request.company, form.cleaned_data["tag"])
        do_add_tag_rule(request.company, TagRule(tag=tag, condition=condition), wall_clock(), by=request.user)
    except BadInput as error:
        refuse(form, error)
        return False
    messages.success(request, f"Calls that meet it are tagged “{tag}” within seconds, past ones too.")
    return True


def _count(request: CompanyRequest, editor: Editor) -> Count | None:
    """How many calls the rule would tag; those that have the tag already are no change."""
    if editor.condition is None:
        return None
    try:
        tag = check_tag(request.POST.get("tag", ""))
        check_tag_rule(TagRule(tag=tag, condition=editor.condition))
        spelled = spelling_of(request.company, tag)
    except BadInput as error:
        if request.POST.get("tag", "").strip():
            editor.error = words_of(error)
            return None
        has: Condition = _NOBODY
    else:
        has = Leaf("tags", Operator.HAS, (spelled,))
    return examples_of(request, what_would_change(counted_scope(request.company), has, AnyOf((has, editor.condition))))


def _render(
    request: CompanyRequest,
    *,
    dispositions_form: DispositionsForm | None = None,
    keypad_form: KeypadForm | None = None,
    status: int = 200,
) -> HttpResponse:
    company = request.company
    rows = list(access.access_tag_rules(request.user, company))
    conditions = [read_condition(row.condition) for row in rows]
    met = how_many_meet(counted_scope(company), conditions)
    context = {
        "lines": [
            TagRuleLine(row=row, words=in_words(condition), met=times)
            for row, condition, times in zip(rows, conditions, met.met, strict=True)
        ],
        "calls": met.calls,
        "days": COUNTED_DAYS,
        "dispositions_form": dispositions_form or _dispositions_form(request),
        "keypad_form": keypad_form or _keypad_form(request),
        "known_tags": access.access_tags(request.user, company),
    }
    return render(request, "web/tags.html", context, status=status)


def _dispositions_form(request: CompanyRequest) -> DispositionsForm:
    return DispositionsForm(initial={"dispositions": "\n".join(request.company.dispositions)})


def _keypad_form(request: CompanyRequest, data: Any = None) -> KeypadForm:
    return KeypadForm(data, keypad=request.company.keypad, dispositions=request.company.dispositions)
