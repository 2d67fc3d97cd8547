"""What counts: the company's definitions, their versions, and an editor that counts what a change would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from msgspec import Struct

from ringtrace.core.clock import wall_clock
from ringtrace.core.errors import BadInput
from ringtrace.core.outcomes import OutcomeKind
from ringtrace.qualification import (
    DEFAULT,
    FIELDS,
    STARTERS,
    Condition,
    Definition,
    FieldKind,
    differences,
    in_words,
    read_condition,
)
from ringtrace.reports.questions import Scope
from ringtrace.reports.what_would_change import Change, how_many_meet, what_would_change
from ringtrace.web import access, edits
from ringtrace.web.counting import definitions_of, do_make_main, do_save_definition, main_definition
from ringtrace.web.forms.conditions import HOW, MODES, Editor, as_text
from ringtrace.web.forms.definitions import DefinitionForm
from ringtrace.web.forms.reading import refuse
from ringtrace.web.gate import CompanyRequest, for_company, for_row, looks_only, looks_unless
from ringtrace.web.lines import CallLine, call_line
from ringtrace.web.models import Company, DefinitionRow
from ringtrace.web.pages.overview import scope_of, today_on
from ringtrace.web.spans import last_days

COUNTED_DAYS = 90
_RECENT_CALLS = 2_000
_MOST_KNOWN = 100
_SWITCHES = {"as_rows": "rows", "as_json": "json"}
_for_definition = for_row(access.access_definition, "definition_id")


class DefinitionLine(Struct, frozen=True, kw_only=True):
    """A definition as the list shows it. `row` None: the default, which nobody has written down yet."""

    row: Any
    definition: Definition
    words: str
    version: Any
    is_main: bool
    met: int


class VersionLine(Struct, frozen=True, kw_only=True):
    """A version and what it changed of the one before."""

    label: str
    words: str
    changes: tuple[str, ...]
    version: Any


class Count(Struct, frozen=True, kw_only=True):
    """What a draft would change, with calls to look at. `against`: whose condition is the old one; "" is nobody's."""

    change: Change
    against: str
    gone: tuple[CallLine, ...]
    come: tuple[CallLine, ...]


@for_company
@require_safe
def page(request: CompanyRequest) -> HttpResponse:
    lines, calls = _lines(request)
    return render(request, "web/definitions.html", {"lines": lines, "calls": calls, "days": COUNTED_DAYS})


@for_company
@looks_unless("save")
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: CompanyRequest) -> HttpResponse:
    return _edit(request, None)


@_for_definition
@looks_unless("save")
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: CompanyRequest, row: DefinitionRow) -> HttpResponse:
    return _edit(request, row)


@_for_definition
@require_POST
def make_main(request: CompanyRequest, row: DefinitionRow) -> HttpResponse:
    definition = do_make_main(request.company, row.name, wall_clock())
    words = (
        f"“{definition.title}” is the main definition. All months are being counted anew; older versions stay askable."
    )
    messages.success(request, words)
    return redirect("definitions")


@for_company
@looks_only
@require_POST
def count(request: CompanyRequest) -> HttpResponse:
    """What stands under the editor while somebody edits."""
    editor = Editor.posted(request.POST)
    rows = access.access_definitions(request.user, request.company)
    row = rows.filter(name=request.POST.get("of", "")).first()
    context = {"editor": editor, "counted": count_of(request, editor, *_compared(request.company, row))}
    return render(request, "web/parts/change_count.html", context | {"days": COUNTED_DAYS})


def _lines(request: CompanyRequest) -> tuple[list[DefinitionLine], int]:
    definitions = definitions_of(request.company.pk)
    rows = {row.name: row for row in access.access_definitions(request.user, request.company)}
    met = how_many_meet(counted_scope(request.company), [one.condition for one in definitions])
    lines = []
    for definition, times in zip(definitions, met.met, strict=True):
        row = rows.get(definition.name)
        lines.append(
            DefinitionLine(
                row=row,
                definition=definition,
                words=in_words(definition.condition),
                version=row and row.versions.select_related("made_by").order_by("-version").first(),
                is_main=row is None or row.is_main,
                met=times,
            )
        )
    return lines, met.calls


def _edit(request: CompanyRequest, row: DefinitionRow | None) -> HttpResponse:
    """Saves only what was asked to be saved; anything else posted is shown again, and changes nothing."""
    newest = None if row is None else _newest(row)
    start = _start(request, newest)
    what = request.POST.get("what", "")
    posted = request.method == "POST"
    editor = Editor.posted(request.POST) if posted else Editor.of(start.condition if start else None)
    form = DefinitionForm(request.POST if posted else None, initial=_initial(row, start), is_new=row is None)
    editor = switched(editor, what)
    if what == "save" and row is not None and (clash := _clash(request, row, form, editor.condition)):
        return edits.show_clash(request, clash, title=f"“{row.title}”", back=reverse("definition", args=[row.pk]))
    if what == "save" and _save(request, form, editor.condition, row):
        return redirect("definitions")
    counted = count_of(request, editor, *_compared(request.company, row))
    wrong = what == "save" or (what == "try" and editor.condition is None)
    context = {
        "form": form,
        "editor": editor,
        "row": row,
        "of": row.name if row else "",
        "seen": request.POST.get(edits.SEEN) or (newest and edits.seen_of(_facts(newest.title, newest.condition))),
        "newest": newest,
        "versions": [] if row is None else _history(row),
        "counted": counted,
        "starters": _starters(request.company, row),
        "days": COUNTED_DAYS,
        **editor_context(request),
    }
    return render(request, "web/definition.html", context, status=422 if wrong else 200)


def switched(editor: Editor, what: str) -> Editor:
    """As rows or as JSON where the button that was pressed says so."""
    return editor.switched(_SWITCHES[what]) if what in _SWITCHES else editor


def _save(
    request: CompanyRequest, form: DefinitionForm, condition: Condition | None, row: DefinitionRow | None
) -> bool:
    if not form.is_valid() or condition is None:
        return False
    name = row.name if row else form.slug
    try:
        if row is None and _is_taken(request.company, name):
            raise BadInput(f"There is a definition {name!r} already.", hint="Change that one, or give another name.")
        before = 0 if row is None else _newest(row).version
        said = (request.company, name, form.cleaned_data["title"], condition, wall_clock())
        saved = do_save_definition(*said, by=request.user, note=form.cleaned_data["note"])
    except BadInput as error:
        refuse(form, error)
        return False
    made = f"Saved as {saved.label}." if saved.version != before else "Saved. It counts what it counted before."
    is_main = main_definition(request.company.pk).name == name and saved.version != before
    messages.success(request, made + (" All months are being counted anew." if is_main else ""))
    return True


def _clash(
    request: CompanyRequest, row: DefinitionRow, form: DefinitionForm, condition: Condition | None
) -> edits.Clash | None:
    if not form.is_valid() or condition is None:
        return None
    edits.refresh(row)
    newest, said = _newest(row), request.POST.get(edits.SEEN, "")
    mine, theirs = _facts(form.cleaned_data["title"], condition), _facts(newest.title, newest.condition)
    return edits.clash_of(request, row, said, mine, theirs, may_merge=False)


def _facts(title: str, condition: Condition) -> dict[str, edits.Value]:
    """What two people may both have changed."""
    counts = edits.plain("Counts what was", in_words(condition), as_text(condition))
    return {"title": edits.plain("Title", title), "condition": counts}


def _is_taken(company: Company, name: str) -> bool:
    """The default of a company that made none may be written down under its own name."""
    return DefinitionRow.objects.filter(company=company, name=name).exists()


def _newest(row: DefinitionRow) -> Definition:
    version = row.versions.order_by("-version").first()
    assert version is not None  # noqa: S101  # a definition is made with its first version
    condition = read_condition(version.condition)
    return Definition(name=row.name, title=row.title, version=version.version, condition=condition)


def _start(request: CompanyRequest, newest: Definition | None) -> Definition | None:
    """What the editor begins with: what was chosen to start from, else the newest version."""
    wanted = request.GET.get("start", "")
    known = {one.name: one for one in (*STARTERS, *definitions_of(request.company.pk))}
    return known.get(wanted, newest)


def _initial(row: DefinitionRow | None, start: Definition | None) -> dict[str, str]:
    if row is not None:
        return {"title": row.title}
    return {"title": start.title, "name": start.name} if start else {}


def _compared(company: Company, row: DefinitionRow | None) -> tuple[Condition, str]:
    """The condition that a draft is held against, and its title: a new definition is held against the main one."""
    definition = main_definition(company.pk) if row is None else _newest(row)
    return definition.condition, definition.title if row is None else ""


def _history(row: DefinitionRow) -> list[VersionLine]:
    """The newest first."""
    lines: list[VersionLine] = []
    before: Condition | None = None
    for version in row.versions.select_related("made_by").order_by("version"):
        condition = read_condition(version.condition)
        changes = () if before is None else tuple(differences(before, condition))
        label = f"{row.name}-{version.version}"
        lines.insert(0, VersionLine(label=label, words=in_words(condition), changes=changes, version=version))
        before = condition
    return lines


def _starters(company: Company, row: DefinitionRow | None) -> list[tuple[str, str, str]]:
    """Name, title and words of what one can begin from."""
    taken = set() if row else set(DefinitionRow.objects.filter(company=company).values_list("name", flat=True))
    offered = [one for one in STARTERS if one.name not in taken]
    return [(one.name, one.title, in_words(one.condition)) for one in offered if row or one.name != DEFAULT.name]


def counted_scope(company: Company) -> Scope:
    """The last 90 days in the company's own."""
    return scope_of(company, last_days(COUNTED_DAYS, today_on(company)))


def count_of(request: CompanyRequest, editor: Editor, old: Condition, against: str) -> Count | None:
    """What the draft would change; None while it cannot be read."""
    if editor.condition is None:
        return None
    change = what_would_change(counted_scope(request.company), old, editor.condition)
    return examples_of(request, change, against)


def examples_of(request: CompanyRequest, change: Change, against: str = "") -> Count:
    """The change with calls to look at."""
    return Count(
        change=change,
        against=against,
        gone=_examples(request, change.gone_examples),
        come=_examples(request, change.come_examples),
    )


def _examples(request: CompanyRequest, call_ids: Sequence[str]) -> tuple[CallLine, ...]:
    """In their order, without calls forgotten since the lake was published."""
    may_see = access.may(request.user, request.company, access.Right.SEE_CALLERS)
    rows = access.access_calls(request.user, request.company).prefetch_related("outcomes").in_bulk(call_ids)
    found = (rows[call_id] for call_id in call_ids if call_id in rows)
    return tuple(call_line(row, row.outcomes.all(), may_see=may_see) for row in found)


def editor_context(request: CompanyRequest, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What the builder offers: fields, ways to compare, and texts that are known of recent calls."""
    fields = [field for field in FIELDS.values() if field.name not in without]
    return {"fields": fields, "hows": HOW.items(), "modes": MODES, "known": _known(request)}


def _known(request: CompanyRequest) -> Mapping[str, list[str]]:
    """Texts to choose from, by field."""
    names = {"flow_branch": "flow_branch", "menu_keys": "menu_keys", "agent": "agent", "line_type": "line_type"}
    names |= {"caller_region": "caller_region", "number": "number__e164", "pool": "number__pool__name"}
    recent = access.access_calls(request.user, request.company).values_list(*names.values())[:_RECENT_CALLS]
    columns = zip(*recent, strict=True)
    known = {
        name: sorted({text for text in column if text})[:_MOST_KNOWN]
        for name, column in zip(names, columns, strict=False)
    }
    known |= {field.name: list(field.choices) for field in FIELDS.values() if field.choices}
    known |= {field.name: ["yes", "no"] for field in FIELDS.values() if field.kind is FieldKind.TRUTH}
    tags = access.access_tags(request.user, request.company)
    return known | {"disposition": request.company.dispositions, "outcomes": list(OutcomeKind), "tags": tags}
