"""Settings: what people who answer are told to do."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from msgspec import Struct

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.qualification import Condition, in_words, read_condition
from ringtrace.web import access, audit
from ringtrace.web.forms.conditions import Editor
from ringtrace.web.forms.pop import HintForm
from ringtrace.web.forms.reading import refuse
from ringtrace.web.gate import CompanyRequest, for_company, for_row, looks_unless
from ringtrace.web.models import PopHint
from ringtrace.web.pages.definitions import editor_context, switched
from ringtrace.web.pop_hints import do_move_hint, do_remove_hint, do_save_hint

_for_hint = for_row(access.access_pop_hint, "hint_id")


class HintLine(Struct, frozen=True, kw_only=True):
    row: PopHint
    words: str


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    rows = access.access_pop_hints(request.user, request.company)
    lines = [HintLine(row=row, words=in_words(read_condition(row.condition))) for row in rows]
    return render(request, "web/pop_hints.html", {"lines": lines})


@for_company
@looks_unless("save")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: CompanyRequest) -> HttpResponse:
    return _edit(request, None)


@_for_hint
@looks_unless("save")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: CompanyRequest, row: PopHint) -> HttpResponse:
    return _edit(request, row)


@_for_hint
@require_POST
def move(request: CompanyRequest, row: PopHint) -> HttpResponse:
    do_move_hint(row, up=request.POST.get("what") == "up")
    return redirect("pop_hints")


@_for_hint
@require_POST
def remove(request: CompanyRequest, row: PopHint) -> HttpResponse:
    do_remove_hint(row)
    messages.success(request, gettext("It is removed."))
    return redirect("pop_hints")


def _edit(request: CompanyRequest, row: PopHint | None) -> HttpResponse:
    """Saves only what was asked to be saved; anything else posted is shown again, and changes nothing."""
    posted, what = request.method == "POST", request.POST.get("what", "")
    form = HintForm(request.POST) if posted else HintForm(initial={"text": row.text} if row else None)
    before = read_condition(row.condition) if row else None
    editor = switched(Editor.posted(request.POST) if posted else Editor.of(before), what)
    if what == "save" and _save(request, form, editor.condition, row):
        return redirect("pop_hints")
    context = {"form": form, "editor": editor, "row": row, "for_hints": True, **editor_context(request)}
    return render(request, "web/pop_hint.html", context, status=422 if what == "save" else 200)


def _save(request: CompanyRequest, form: HintForm, condition: Condition | None, row: PopHint | None) -> bool:
    if not form.is_valid() or condition is None:
        return False
    try:
        saved = do_save_hint(request.company, form.cleaned_data["text"], condition, request.user, wall_clock(), row=row)
    except BadInput as error:
        refuse(form, error)
        return False
    audit.say_about(request, saved.pk)
    messages.success(request, gettext("It is shown from the next call on."))
    return True
